// The generator behind `rand:`: the same numbers for the same seed on every machine and in every version.
//
// Defined bit for bit in docs/reference/random.md:
//   mix(z):     z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
//               z = (z ^ (z >> 27)) * 0x94d049bb133111eb
//               z ^ (z >> 31)
//   word(s, i) = mix(mix(s) + (i + 1) * 0x9e3779b97f4a7c15), all modulo 2^64
// which is output i of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA
// 2014) started in state mix(s). Element i of a buffer is made of word(s, i) alone: an integer of b bits is
// its top b bits; f64, f32, bf16 and f16 are its top 53, 24, 8 and 11 bits times 2^-53, 2^-24, 2^-8, 2^-11:
// uniform in [0,1) and exact.
#pragma once

#include <cstdint>

#include "array.h"

namespace heddle::tool {

/// Word i of the sequence of `seed`.
std::uint64_t random_word(std::uint64_t seed, std::uint64_t index) noexcept;

/// Fills every element of `array`.
void fill_random(Array& array, std::uint64_t seed) noexcept;

/// Element i becomes i, converted to the array's type (integers wrap, floats round to nearest).
void fill_iota(Array& array) noexcept;

}  // namespace heddle::tool
