// What every function of the device maths library is made of: bit casts, IEEE operations as overloads, sums
// of two numbers, polynomials, powers of two. Plain C++ without headers, for a GPU as for the host; the code
// counts on every operation being rounded by itself (no contraction, no reassociation).
#pragma once

namespace heddle::device_maths {

using i32 = int;
using u32 = unsigned;
using i64 = long long;
using u64 = unsigned long long;

template <class T>
struct Format;
template <>
struct Format<float> {
    using Bits = u32;
    using Signed = i32;
    static constexpr int fraction_bits = 23, bias = 127;
    /// Added and taken off again, it rounds numbers below 2^22 to integers.
    static constexpr float rounder = 0x1.8p23f;
    static constexpr float infinity = __builtin_inff(), nan = __builtin_nanf("");
    static constexpr float least_normal = 0x1p-126f;
    static constexpr float half_root = 0x1.6a09e6p-1f;  ///< sqrt(1/2)
};
template <>
struct Format<double> {
    using Bits = u64;
    using Signed = i64;
    static constexpr int fraction_bits = 52, bias = 1023;
    static constexpr double rounder = 0x1.8p52;
    static constexpr double infinity = __builtin_inf(), nan = __builtin_nan("");
    static constexpr double least_normal = 0x1p-1022;
    static constexpr double half_root = 0x1.6a09e667f3bcdp-1;
};

template <class T>
inline constexpr bool is_double = sizeof(T) == 8;

inline u32 to_bits(float x) {
    return __builtin_bit_cast(u32, x);
}
inline u64 to_bits(double x) {
    return __builtin_bit_cast(u64, x);
}
template <class T>
inline T from_bits(typename Format<T>::Bits bits) {
    return __builtin_bit_cast(T, bits);
}

inline float fma(float a, float b, float c) {
    return __builtin_fmaf(a, b, c);
}
inline double fma(double a, double b, double c) {
    return __builtin_fma(a, b, c);
}
inline float absolute(float x) {
    return __builtin_fabsf(x);
}
inline double absolute(double x) {
    return __builtin_fabs(x);
}
inline float square_root(float x) {
    return __builtin_sqrtf(x);
}
inline double square_root(double x) {
    return __builtin_sqrt(x);
}
inline float truncated(float x) {
    return __builtin_truncf(x);
}
inline double truncated(double x) {
    return __builtin_trunc(x);
}
inline float rounded(float x) {
    return __builtin_rintf(x);
}
inline double rounded(double x) {
    return __builtin_rint(x);
}
inline float with_sign(float x, float sign) {
    return __builtin_copysignf(x, sign);
}
inline double with_sign(double x, double sign) {
    return __builtin_copysign(x, sign);
}
template <class T>
inline bool is_negative(T x) {
    return static_cast<typename Format<T>::Signed>(to_bits(x)) < 0;
}
template <class T>
inline bool is_nan(T x) {
    return x != x;
}

/// `x` held between two numbers; NaN stays NaN.
template <class T>
inline T clamped(T x, T low, T high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

/// An unevaluated sum: `lo` is at most half a unit in the last place of `hi`, or nearly.
template <class T>
struct Pair {
    T hi, lo;
};
template <class T>
struct Triple {
    T hi, lo, least;
};

/// a + b exactly, for |a| >= |b| or a = 0.
template <class T>
inline Pair<T> ordered_sum(T a, T b) {
    const T sum = a + b;
    return {sum, (a - sum) + b};
}
/// a * b exactly.
template <class T>
inline Pair<T> product(T a, T b) {
    const T high = a * b;
    return {high, fma(a, b, -high)};
}

/// 1 / x, on a GPU by its instruction for that: off by up to a unit in the last place. For results that are
/// no subnormals.
inline float reciprocal(float x) {
#ifdef __clang__  // which compiles the library; for the host another compiler may test it
#pragma clang fp reciprocal(on)
#endif
    return 1 / x;
}

/// Coefficients from the constant one up, evaluated by Horner's rule.
template <class T, int count>
struct Polynomial {
    T coefficient[count];

    template <int at = 0>
    constexpr T operator()(T x) const {
        if constexpr (at + 1 == count)
            return coefficient[at];
        else
            return fma(this->template operator()<at + 1>(x), x, coefficient[at]);
    }
};

/// body(0), body(1), ... body(count - 1), whatever an optimiser thinks of loops.
template <int count, class Body>
[[gnu::always_inline]] inline void repeated(const Body& body) {
    if constexpr (count > 0) {
        repeated<count - 1>(body);
        body(count - 1);
    }
}

/// 2^n, for n within the exponents of normal numbers; some number for others.
template <class T>
inline T power_of_two(i32 n) {
    using F = Format<T>;
    using Bits = typename F::Bits;
    return from_bits<T>((static_cast<Bits>(static_cast<typename F::Signed>(n)) + F::bias)
                        << F::fraction_bits);
}
/// x * 2^n, rounded once, for x of everyday size and n up to twice the range of normal exponents.
template <class T>
inline T scaled(T x, i32 n) {
    const i32 half = n >> 1;
    return x * power_of_two<T>(half) * power_of_two<T>(n - half);
}

/// x * factor * 2^n, rounded once, for x and factor of everyday size, and n in [-180, 0]. NaN if `factor` is.
inline float scaled_down(float x, float factor, i32 n) {
    constexpr u32 distance = 64;
    return from_bits<float>(to_bits(x) + (static_cast<u32>(n) << 23) + (distance << 23)) *
           (factor * 0x1p-64f);
}

template <class T>
struct Rounded {
    T value;
    i32 integer;
};
/// The integer next to x * factor, for products below 2^22 (float) or 2^31 (double). Without a conversion:
/// NaN gives NaN and some integer.
template <class T>
inline Rounded<T> nearest(T x, T factor = 1) {
    using F = Format<T>;
    const T shifted = fma(x, factor, F::rounder);
    return {shifted - F::rounder, static_cast<i32>(static_cast<u32>(to_bits(shifted) - to_bits(F::rounder)))};
}

}  // namespace heddle::device_maths
