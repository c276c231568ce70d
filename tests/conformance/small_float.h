// Binary floating formats of 16 bits as the host sees them: conversion with one rounding, in any direction.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace heddle::conformance {

enum class Rounding { nearest, zero, up, down };

/// A format of 16 bits: Half has 5 exponent and 10 fraction bits, Bfloat16 8 and 7.
template <int ExponentBits, int FractionBits>
struct SmallFloat {
    static constexpr int bias = (1 << (ExponentBits - 1)) - 1;
    std::uint16_t bits = 0;

    double value() const {
        const int exponent = bits >> FractionBits & ((1 << ExponentBits) - 1),
                  fraction = bits & ((1 << FractionBits) - 1);
        const double sign = bits & 0x8000 ? -1 : 1;
        if (exponent == (1 << ExponentBits) - 1) return fraction ? NAN : sign * INFINITY;
        if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - FractionBits);
        return sign * std::ldexp(fraction + (1 << FractionBits), exponent - bias - FractionBits);
    }

    /// Rounds once; `inexact` says that the true value lies a little above (+1) or below (-1) `x`.
    static SmallFloat of(double x, Rounding rounding = Rounding::nearest, int inexact = 0) {
        const std::uint16_t sign = std::signbit(x) ? 0x8000 : 0;
        constexpr std::uint16_t infinity = ((1 << ExponentBits) - 1) << FractionBits;
        if (std::isnan(x)) return {static_cast<std::uint16_t>(infinity | (1 << (FractionBits - 1)))};
        if (std::isinf(x)) return {static_cast<std::uint16_t>(sign | infinity)};
        const double magnitude = std::fabs(x);
        const int beyond = sign ? -inexact : inexact;  // true magnitude above (+1) or below (-1) `magnitude`
        if (magnitude == 0 && inexact == 0) return {sign};
        const int exponent = std::max(magnitude == 0 ? -2000 : std::ilogb(magnitude), 1 - bias);
        const double scaled =
            std::ldexp(magnitude, FractionBits - exponent);  // exact: at most 2^(FractionBits + 1)
        double whole = std::floor(scaled);
        double rest = scaled - whole;
        if (rest == 0 && beyond < 0) whole -= 1, rest = 1;  // just below a representable value: as if 0.99...
        const bool any = rest > 0 || beyond != 0;
        bool away = false;
        switch (rounding) {
            case Rounding::nearest:
                away =
                    rest > 0.5 || (rest == 0.5 && (beyond > 0 || (beyond == 0 && std::fmod(whole, 2) == 1)));
                break;
            case Rounding::zero:
                break;
            case Rounding::up:
                away = any && !sign;
                break;
            case Rounding::down:
                away = any && sign;
                break;
        }
        const double rounded = std::ldexp(whole + away, exponent - FractionBits);
        if (rounded >= std::ldexp(1.0, bias + 1)) {
            const bool to_infinity = rounding == Rounding::nearest || (rounding == Rounding::up && !sign) ||
                                     (rounding == Rounding::down && sign);
            return {static_cast<std::uint16_t>(sign | (to_infinity ? infinity : infinity - 1))};
        }
        // the encoding is monotonic in the magnitude: count units of the least place
        const double units = std::ldexp(rounded, bias + FractionBits - 1);
        if (rounded < std::ldexp(1.0, 1 - bias))
            return {static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(units))};
        const int e = std::ilogb(rounded);
        const auto fraction = static_cast<int>(std::ldexp(rounded, FractionBits - e)) - (1 << FractionBits);
        return {static_cast<std::uint16_t>(sign | (e + bias) << FractionBits | fraction)};
    }

    /// a * b + c rounded once. The product of two such numbers is exact in double.
    static SmallFloat fused(double a, double b, double c) {
        const double product = a * b, sum = product + c;
        if (!std::isfinite(sum)) return of(sum);
        const double part = sum - product;
        const double error = (product - (sum - part)) + (c - part);
        return of(sum, Rounding::nearest, error > 0 ? 1 : error < 0 ? -1 : 0);
    }

    friend bool operator==(const SmallFloat& a, const SmallFloat& b) {
        return a.bits == b.bits || (std::isnan(a.value()) && std::isnan(b.value()));
    }
};

using Half = SmallFloat<5, 10>;
using Bfloat16 = SmallFloat<8, 7>;

}  // namespace heddle::conformance
