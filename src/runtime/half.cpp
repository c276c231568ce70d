// f16 and bf16 from double, rounded once (going through float would round twice).
#include "half.h"

#include <cmath>

namespace heddle::runtime {

namespace {

// A binary format of 16 bits: sign, exponent, `fraction` bits; the smallest normal number is 2^minimum.
std::uint16_t round_to(double value, int fraction, int minimum, int maximum) noexcept {
    const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const std::uint16_t infinity = static_cast<std::uint16_t>((maximum - minimum + 2) << fraction);
    if (std::isnan(value)) return static_cast<std::uint16_t>(sign | infinity | (1U << (fraction - 1)));
    const double magnitude = std::fabs(value);
    if (magnitude == 0) return sign;
    if (std::isinf(magnitude)) return static_cast<std::uint16_t>(sign | infinity);
    int exponent = std::ilogb(magnitude);
    if (exponent > maximum) return static_cast<std::uint16_t>(sign | infinity);
    if (exponent < minimum) exponent = minimum;
    // In units of the last place: exact, because it only moves the exponent. nearbyint rounds ties to even.
    const auto units = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(magnitude, fraction - exponent)));
    // A carry out of the fraction moves into the exponent, and from the largest number to infinity, by
    // itself.
    const std::uint32_t bits = (static_cast<std::uint32_t>(exponent - minimum) << fraction) + units;
    return static_cast<std::uint16_t>(sign | bits);
}

}  // namespace

std::uint16_t f16_from_double(double value) noexcept {
    return round_to(value, 10, -14, 15);
}

std::uint16_t bf16_from_double(double value) noexcept {
    return round_to(value, 7, -126, 127);
}

}  // namespace heddle::runtime
