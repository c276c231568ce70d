// The exponential's core: e^x as a sum of two numbers times a power of two.
#pragma once

#include "coefficients.h"

namespace heddle::device_maths {

/// (hi + lo) * 2^exponent, hi in [0.7, 1.42].
template <class T>
struct Exponential {
    T hi, lo;
    i32 exponent;

    T value() const { return scaled(hi, exponent); }
};

/// x less the next multiple of log(2), by the reduction of Cody and Waite with fused multiplications: what is
/// taken off first is exact.
template <class T>
struct Reduced {
    T r, lost;
    i32 exponent;
};
template <class T>
inline Reduced<T> without_powers_of_two(T x) {
    const auto n = nearest(x, log2_of_e<T>.hi);
    const T first = fma(-n.value, ln2<T>.hi, x);
    const T r = fma(-n.value, ln2<T>.lo, first);
    return {r, fma(-n.value, ln2<T>.lo, first - r), n.integer};
}

template <class T>
inline Exponential<T> exponential_of_reduced(T r, T lost, i32 exponent) {
    const T tail = fma(r * r, exp_tail<T>(r), lost);
    const T sum = r + tail;
    const T hi = 1 + sum;
    return {hi, ((1 - hi) + sum) + ((r - sum) + tail), exponent};
}

/// e^x for |x| up to about 1100 (double) or 160 (float).
template <class T>
inline Exponential<T> exponential(T x) {
    const Reduced<T> a = without_powers_of_two(x);
    return exponential_of_reduced(a.r, a.lost, a.exponent);
}
/// e^(x + rest), the rest being what was lost when x was rounded.
template <class T>
inline Exponential<T> exponential(T x, T rest) {
    const Reduced<T> a = without_powers_of_two(x);
    const Pair<T> r = ordered_sum(a.r, a.lost + rest);
    return exponential_of_reduced(r.hi, r.lo, a.exponent);
}

/// 2^(x + rest), for the same magnitudes; |rest| far below 1.
template <class T>
inline Exponential<T> exponential_of_two(T x, T rest) {
    const auto n = nearest(x);
    const Pair<T> r = ordered_sum(x - n.value, rest);
    const T sum = fma(r.hi, exp2_tail<T>(r.hi), r.lo * ln2<T>.hi);
    const T hi = 1 + sum;
    return {hi, (1 - hi) + sum, n.integer};
}

/// Beyond these e^x is 0 or infinite in type T.
template <class T>
inline constexpr T least_exponent = is_double<T> ? T(-746) : T(-105);
template <class T>
inline constexpr T greatest_exponent = is_double<T> ? T(710.5) : T(89.5);

template <class T>
inline T exponential_minus_one(T x) {
    // h = 2^(n - 1) rather than 2^n, which may overflow where the result does not.
    const T a = is_double<T> ? clamped(x, T(-60), T(709.9)) : clamped(x, T(-30), T(88.9));
    const Reduced<T> reduced = without_powers_of_two(a);
    const T r = reduced.r, tail = fma(r * r, exp_tail<T>(r), reduced.lost);
    const T h = power_of_two<T>(reduced.exponent - 1);
    const T half = fma(h, tail, fma(h, r, h - T(0.5)));
    return absolute(x) < (is_double<T> ? T(0x1p-54) : T(0x1p-25)) ? x : half + half;
}

}  // namespace heddle::device_maths
