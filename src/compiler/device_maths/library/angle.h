// Angles reduced to a quarter turn, and sine and cosine of what is left.
#pragma once

#include "coefficients.h"

namespace heddle::device_maths {

/// x = quarters * pi / 2 + hi + lo, |hi| at most a little over pi / 4; float leaves lo 0.
template <class T>
struct Angle {
    T hi, lo;
    i32 quarters;
};

/// Window of `count` numbers from two_over_pi[index]: a binary choice for each bit of the index, so that no
/// table stands in memory.
template <int count>
struct Window {
    u64 word[20];

    [[gnu::always_inline]] explicit Window(u32 index) {
        repeated<20>([this](int k) { word[k] = two_over_pi[k]; });
        take<16>(index);
        take<8>(index);
        take<4>(index);
        take<2>(index);
        take<1>(index);
    }

  private:
    template <int step>
    [[gnu::always_inline]] void take(u32 index) {
        constexpr int last = count + step - 1;  // what later steps may still reach
        repeated<(last < 20 - step ? last : 20 - step)>([this, index](int k) {
            const u64 here = word[k], there = word[k + step];
            word[k] = index & step ? there : here;
        });
    }
};

/// 64 bits of `word`, from bit `shift` on (from the top), shift in [0, 63].
inline u64 joined(u64 word, u64 next, u32 shift) {
    return shift == 0 ? word : word << shift | next >> (64 - shift);
}

/// The method of Payne and Hanek: of the product of x's integer mantissa with 2 / pi only the bits are
/// computed that are worth less than a full turn and not too small to matter. `x` finite, positive, above
/// 2^16.
[[gnu::always_inline]] inline Angle<float> reduced_exactly(float x) {
    const u32 bits = to_bits(x);
    const u32 mantissa = (bits & 0x7fffff) | 0x800000;
    // x = mantissa * 2^e. Bits of 2 / pi before the (e - 2)nd make multiples of 4 quarters; 64 zeros stand
    // first.
    const u32 skip = (bits >> 23) - 150 - 2 + 64;
    const Window<3> w(skip >> 6);
    const u64 high = joined(w.word[0], w.word[1], skip & 63);
    const u64 next = joined(w.word[1], w.word[2], skip & 63) >> 32;
    // mantissa * (96 bits) modulo 2^96, its upper 64 bits
    const u64 low = mantissa * next >> 32;
    const u64 turns = high * mantissa + low;
    const i64 fraction = static_cast<i64>(turns << 2);
    const i32 quarters = static_cast<i32>(turns >> 62) + (fraction < 0);
    const float f = static_cast<float>(fraction) * 0x1p-64f;
    return {fma(f, half_pi<float>.hi, f * half_pi<float>.lo), 0, quarters};
}

/// The same for `x` above 2^16 in double: 128 bits of the product with 192 bits of 2 / pi.
[[gnu::always_inline]] inline Angle<double> reduced_exactly(double x) {
    const u64 bits = to_bits(x);
    const u64 mantissa = (bits & 0xfffffffffffffull) | 0x10000000000000ull;
    const u32 skip = static_cast<u32>(bits >> 52) - 1075 - 2 + 64;
    const u32 shift = skip & 63;
    const Window<4> w(skip >> 6);
    const u64 a = joined(w.word[0], w.word[1], shift), b = joined(w.word[1], w.word[2], shift),
              c = joined(w.word[2], w.word[3], shift);
    // Products of 64 bits from those of 32: the upper half of b and c times the mantissa.
    const u64 m1 = mantissa >> 32, m0 = mantissa & 0xffffffff;
    const auto upper = [m1, m0](u64 v) {
        const u64 v1 = v >> 32, v0 = v & 0xffffffff;
        const u64 cross = v1 * m0 + (v0 * m0 >> 32);
        return v1 * m1 + (cross >> 32) + ((v0 * m1 + (cross & 0xffffffff)) >> 32);
    };
    const u64 middle = b * mantissa, carried = middle + upper(c);
    const u64 top = a * mantissa + upper(b) + (carried < middle);
    u64 f1 = top << 2 | carried >> 62, f0 = carried << 2;
    i32 quarters = static_cast<i32>(top >> 62);
    const bool is_negative_part = static_cast<i64>(f1) < 0;
    if (is_negative_part) {
        ++quarters;
        f1 = ~f1 + (f0 == 0);
        f0 = ~f0 + 1;
    }
    // The first 64 significant bits of the fraction, as a pair.
    const u32 zeros = f1 == 0 ? 63u : static_cast<u32>(__builtin_clzll(f1));
    const u64 leading = joined(f1, f0, zeros);
    const double unit = power_of_two<double>(-64 - static_cast<i32>(zeros));
    const double h = static_cast<double>(leading & ~0x7ffull) * unit;
    const double l = static_cast<double>(leading & 0x7ff) * unit;
    const double hi = h * half_pi<double>.hi;
    const double lo = fma(h, half_pi<double>.hi, -hi) + fma(h, half_pi<double>.lo, l * half_pi<double>.hi);
    return {is_negative_part ? -hi : hi, is_negative_part ? -lo : lo, quarters};
}

/// By Cody and Waite's method with fused multiplications; pi / 2 in three parts.
template <class T>
inline Angle<T> reduced_quickly(T x) {
    constexpr Triple<T> p = half_pi<T>;
    const auto n = nearest(x, T(0x1.45f306dc9c883p-1));  // 2 / pi
    const T first = fma(-n.value, p.hi, x);
    const T second = fma(-n.value, p.lo, first);
    if constexpr (is_double<T>) {
        const T lost = fma(-n.value, p.lo, first - second);
        const T rest = fma(-n.value, p.least, lost);
        return {second, rest, n.integer};
    } else {
        return {fma(-n.value, p.least, second), 0, n.integer};
    }
}

template <class T>
inline Angle<T> reduced(T x) {
    using F = Format<T>;
    // Above, the quick way's quotient is no longer sure to be the nearest integer (float), or an int
    // (double).
    constexpr T limit = is_double<T> ? T(0x1p30) : T(0x1p17);
    const T a = absolute(x);
    if (__builtin_expect(!(a < limit), 0)) {
        if (!(a < F::infinity)) return {F::nan, F::nan, 0};
        const Angle<T> r = reduced_exactly(a);
        return is_negative(x) ? Angle<T>{-r.hi, -r.lo, -r.quarters} : r;
    }
    return reduced_quickly(x);
}

/// Sine and cosine of hi + lo; the pairs' lower parts are those of the last rounding (double), or 0.
template <class T>
inline Pair<T> sine_near_zero(const Angle<T>& a) {
    const T z = a.hi * a.hi;
    if constexpr (is_double<T>)
        return ordered_sum(a.hi, fma(a.hi * z, sin_tail<T>(z), a.lo));
    else
        return {fma(a.hi * z, sin_tail<T>(z), a.hi), 0};
}
template <class T>
inline Pair<T> cosine_near_zero(const Angle<T>& a) {
    const T z = a.hi * a.hi;
    if constexpr (is_double<T>) {
        const T half = T(0.5) * z, most = 1 - half;
        return ordered_sum(most, ((1 - most) - half) + fma(z * z, cos_tail<T>(z), -a.hi * a.lo));
    } else {
        return {fma(z, fma(z, cos_tail<T>(z), T(-0.5)), T(1)), 0};
    }
}

/// Sine of the whole angle; with one quarter more, its cosine.
template <class T>
inline T sine_of(const Angle<T>& a, i32 more = 0) {
    const i32 q = a.quarters + more;
    const T s = sine_near_zero(a).hi, c = cosine_near_zero(a).hi;
    const T value = q & 1 ? c : s;
    return q & 2 ? -value : value;
}

/// x = quarters / 2 + rest, |rest| <= 1/4, exactly; quarters modulo 4.
template <class T>
struct Turns {
    T rest;
    i32 quarters;
};
template <class T>
inline Turns<T> turns(T x) {
    const T within = x - 2 * rounded(T(0.5) * x);  // in [-1, 1]; of infinities NaN
    const auto n = nearest(within, T(2));
    return {fma(T(-0.5), n.value, within), n.integer};
}
template <class T>
inline T sine_of_pi(T r) {
    const T z = r * r;
    return fma(r, pi<T>.hi, fma(r, pi<T>.lo, r * z * sinpi_tail<T>(z)));
}
template <class T>
inline T cosine_of_pi(T r) {
    const T z = r * r;
    return fma(z, cospi_tail<T>(z), T(1));
}
/// sin(pi x), without the sign of zeros.
template <class T>
inline T sinpi_value(T x, i32 more = 0) {
    const Turns<T> t = turns(x);
    const i32 q = t.quarters + more;
    const T s = sine_of_pi(t.rest), c = cosine_of_pi(t.rest);
    const T value = q & 1 ? c : s;
    return q & 2 ? -value : value;
}

}  // namespace heddle::device_maths
