// Rounds a double to the two 16-bit float formats, to nearest, ties to even; beyond the range gives infinity.
#pragma once

#include <cstdint>

namespace heddle::runtime {

/// IEEE 754 binary16 bits (11 significant bits, exponents from -14, largest 65504).
std::uint16_t f16_from_double(double value) noexcept;
/// bfloat16 bits (8 significant bits, exponents from -126).
std::uint16_t bf16_from_double(double value) noexcept;

}  // namespace heddle::runtime
