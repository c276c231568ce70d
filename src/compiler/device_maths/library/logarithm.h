// The logarithm's core: the split of a number into a power of two and a factor next to 1, log(1 + f), and the
// logarithm to base 2 as a sum of two numbers for powers and the gamma function.
#pragma once

#include "coefficients.h"

namespace heddle::device_maths {

/// mantissa * 2^exponent with the mantissa in [sqrt(1/2), sqrt(2)).
template <class T>
struct Split {
    T mantissa, exponent;
};

/// For x > 0 and finite; of other arguments something without meaning.
template <class T>
inline Split<T> split(T x) {
    using F = Format<T>;
    using Bits = typename F::Bits;
    const bool is_tiny = x < F::least_normal;
    const int shift = F::fraction_bits + 2;
    const Bits bits = to_bits(is_tiny ? x * static_cast<T>(Bits{1} << shift) : x) - to_bits(F::half_root);
    const i32 exponent = static_cast<i32>(static_cast<typename F::Signed>(bits) >> F::fraction_bits);
    const Bits fraction = bits & ((Bits{1} << F::fraction_bits) - 1);
    return {from_bits<T>(fraction + to_bits(F::half_root)),
            static_cast<T>(is_tiny ? exponent - shift : exponent)};
}

/// log(1 + f) - f, for 1 + f in [sqrt(1/2), sqrt(2)]. Double by s = f / (2 + f), with which
/// log(1 + f) = 2 atanh(s) = f - f^2 / 2 + s (f^2 / 2 + 2 atanh(s) / s - 2): one division saves twelve terms.
template <class T>
inline T log1p_tail(T f) {
    if constexpr (is_double<T>) {
        const T half_square = T(0.5) * f * f;
        const T s = f / (2 + f), z = s * s;
        return fma(s, fma(z, log1p_atanh<T>(z), half_square), -half_square);
    } else {
        return f * f * log1p_square<T>(f);
    }
}

/// log(x) for x > 0 and finite.
template <class T>
inline T log_of_positive(T x) {
    const Split<T> parts = split(x);
    const T f = parts.mantissa - 1;
    return fma(parts.exponent, ln2<T>.hi, f + fma(parts.exponent, ln2<T>.lo, log1p_tail(f)));
}

/// `value` for x > 0 and finite, otherwise what a logarithm of x is.
template <class T>
inline T as_logarithm(T x, T value) {
    using F = Format<T>;
    const T otherwise = x == 0 ? -F::infinity : x < 0 ? F::nan : x;
    return x > 0 && x < F::infinity ? value : otherwise;
}

template <class T>
inline T logarithm(T x) {
    return as_logarithm(x, log_of_positive(x));
}

/// log(1 + x): the factor 2^-e is applied before 1 + x is rounded, and what that loses is added back.
template <class T>
inline T logarithm_of_one_plus(T x) {
    using F = Format<T>;
    using Bits = typename F::Bits;
    const T u = 1 + x;
    const Bits bits = to_bits(u) - to_bits(F::half_root);
    const i32 e = static_cast<i32>(static_cast<typename F::Signed>(bits) >> F::fraction_bits);
    const T mantissa = from_bits<T>((bits & ((Bits{1} << F::fraction_bits) - 1)) + to_bits(F::half_root));
    const bool is_large = e > 64;  // then 1 is far below a unit of x
    const T scale = power_of_two<T>(is_large ? 0 : -e);
    const T f = is_large ? mantissa - 1 : fma(x, scale, scale - 1);
    const T lost = is_large ? 0 : fma(x, scale, (scale - 1) - f);
    const T exponent = static_cast<T>(e);
    const T tail = log1p_tail(f) + fma(exponent, ln2<T>.lo, fma(-f, lost, lost));
    const T value = fma(exponent, ln2<T>.hi, f + tail);
    const T result = absolute(x) < (is_double<T> ? T(0x1p-54) : T(0x1p-25)) ? x : value;
    const T otherwise = x == -1 ? -F::infinity : x < -1 ? F::nan : x;
    return x > -1 && x < F::infinity ? result : otherwise;
}

/// log2(x) to 2^-31 (float) or 2^-64 (double) of itself, for x > 0 and finite. With s = (m - 1) / (m + 1) as
/// a pair, log2(m) = 2 / log(2) * (s + s^3 / 3 + ...).
template <class T>
inline Pair<T> log2_pair(T x) {
    const Split<T> parts = split(x);
    const T f = parts.mantissa - 1;
    const Pair<T> d = ordered_sum(T(1), parts.mantissa);
    const T reciprocal = 1 / d.hi;
    const T s = f * reciprocal;
    const T s_rest = fma(-s, d.lo, fma(-s, d.hi, f)) * reciprocal;
    constexpr Pair<T> c = two_log2_of_e<T>;
    Pair<T> linear = product(s, c.hi);
    linear.lo += fma(s, c.lo, s_rest * c.hi);
    if constexpr (is_double<T>) {
        Pair<T> z = product(s, s);
        z.lo = fma(2 * s, s_rest, z.lo);
        constexpr Pair<T> c3 = log2_cubic<T>;
        Pair<T> w = ordered_sum(c3.hi, z.hi * log2_quintic<T>(z.hi));
        w.lo += c3.lo;
        Pair<T> zw = product(z.hi, w.hi);
        zw.lo += fma(z.hi, w.lo, z.lo * w.hi);
        Pair<T> cubic = product(s, zw.hi);
        cubic.lo += fma(s, zw.lo, s_rest * zw.hi);
        const Pair<T> sum = ordered_sum(linear.hi, cubic.hi);
        linear = {sum.hi, sum.lo + (linear.lo + cubic.lo)};
    } else {
        const T z = s * s;
        linear.lo = fma(s * z, log2_tail<T>(z), linear.lo);
    }
    const Pair<T> sum = ordered_sum(parts.exponent, linear.hi);
    return ordered_sum(sum.hi, sum.lo + linear.lo);
}

}  // namespace heddle::device_maths
