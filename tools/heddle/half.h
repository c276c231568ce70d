// Conversions between float and the two 16-bit formats (IEEE binary16 and bfloat16), as bits; the host needs
// no hardware or compiler support for them.
#pragma once

#include <cstdint>

namespace heddle::tool {

/// Round to nearest, ties to even; overflow gives infinity, NaN stays a quiet NaN.
std::uint16_t half_from_float(float value) noexcept;
std::uint16_t bfloat16_from_float(float value) noexcept;
/// Exact.
float float_from_half(std::uint16_t bits) noexcept;
float float_from_bfloat16(std::uint16_t bits) noexcept;

}  // namespace heddle::tool
