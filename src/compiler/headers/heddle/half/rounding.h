// What both 16-bit formats need to be converted: directed rounding, exact narrowing of doubles and integers,
// saturating conversion to integers.
#pragma once

#define __HEDDLE_ANY static __inline__ __attribute__((always_inline, nodebug, host, device))
#define __HEDDLE_ONLY static __inline__ __attribute__((always_inline, nodebug, device))

#define __HEDDLE_FRIEND friend __inline__ __attribute__((always_inline, nodebug, host, device))
#define __HEDDLE_DEVICE_FRIEND friend __inline__ __attribute__((always_inline, nodebug, device))

enum __heddle_rounding { __heddle_rn, __heddle_rz, __heddle_ru, __heddle_rd };

// Moves the bits of a 16-bit value that was rounded to nearest (value `rounded`) to the neighbour that the
// mode asks for.
template <class T>
__HEDDLE_ANY unsigned short __heddle_round16(unsigned short bits, T rounded, T exact,
                                             __heddle_rounding mode) {
    const bool up = rounded < exact && (mode == __heddle_ru || (mode == __heddle_rz && exact < 0));
    const bool down = rounded > exact && (mode == __heddle_rd || (mode == __heddle_rz && exact > 0));
    if (!up && !down) return bits;
    if ((bits & 0x7fff) == 0) return up ? 0x0001 : 0x8001;
    return (unsigned short)(bits + (up == !(bits & 0x8000) ? 1 : -1));
}

// To float by rounding to odd: a second rounding, to 16 bits, then gives what rounding once would have.
__HEDDLE_ANY float __heddle_odd_float(double x) {
    const float f = (float)x;
    const double back = f;
    unsigned bits = __builtin_bit_cast(unsigned, f);
    if (back == x || x != x || (bits & 1)) return f;
    const bool outwards = __builtin_fabs(back) < __builtin_fabs(x);
    bits = (bits & 0x7fffffff) == 0 ? (x < 0 ? 0x80000001u : 1u) : bits + (outwards ? 1u : -1u);
    return __builtin_bit_cast(float, bits);
}

// Exact up to 53 bits; a wider integer keeps its upper 53 bits and a sticky one.
__HEDDLE_ANY double __heddle_odd_double(long long x) {
    const bool wide = x > (1ll << 53) || x < -(1ll << 53);
    return wide ? (double)((x >> 11) | ((x & 2047) != 0)) * 2048.0 : (double)x;
}
__HEDDLE_ANY double __heddle_odd_double(unsigned long long x) {
    const bool wide = x > (1ull << 53);
    return wide ? (double)((x >> 11) | ((x & 2047) != 0)) * 2048.0 : (double)x;
}
__HEDDLE_ANY double __heddle_odd_double(int x) {
    return x;
}
__HEDDLE_ANY double __heddle_odd_double(unsigned x) {
    return x;
}
__HEDDLE_ANY double __heddle_odd_double(long x) {
    return __heddle_odd_double((long long)x);
}
__HEDDLE_ANY double __heddle_odd_double(unsigned long x) {
    return __heddle_odd_double((unsigned long long)x);
}
__HEDDLE_ANY double __heddle_odd_double(short x) {
    return x;
}
__HEDDLE_ANY double __heddle_odd_double(unsigned short x) {
    return x;
}

__HEDDLE_ANY float __heddle_integral(float x, __heddle_rounding mode) {
    return mode == __heddle_rn   ? __builtin_rintf(x)
           : mode == __heddle_rz ? __builtin_truncf(x)
           : mode == __heddle_ru ? __builtin_ceilf(x)
                                 : __builtin_floorf(x);
}
// Out of range saturates, NaN gives 0.
template <class I>
__HEDDLE_ANY I __heddle_to_integer(float x, __heddle_rounding mode) {
    constexpr bool is_signed = (I)-1 < (I)0;
    constexpr I greatest = is_signed ? (I)((1ull << (sizeof(I) * 8 - 1)) - 1) : (I)-1,
                least = (I)(-greatest - is_signed);
    const float whole = __heddle_integral(x, mode);
    if (!(whole == whole)) return 0;
    if (whole >= (float)greatest) return greatest;
    if (whole <= (is_signed ? (float)least : 0.0f)) return is_signed ? least : (I)0;
    return (I)whole;
}

// What values are computed in: half itself, or float for bfloat16.
__HEDDLE_ANY _Float16 __heddle_fma(_Float16 a, _Float16 b, _Float16 c) {
    return __builtin_fmaf16(a, b, c);
}
// Of three bfloat16 values, rounded to odd. The product is exact in double (so that fusing it with the sum
// changes nothing); the sum's error moves an even sum to its odd neighbour on the error's side.
__HEDDLE_ANY float __heddle_fma(float a, float b, float c) {
    const double p = (double)a * (double)b, q = c, sum = p + q;
    const bool swap = __builtin_fabs(p) < __builtin_fabs(q);
    const double greater = swap ? q : p, lesser = swap ? p : q, error = lesser - (sum - greater);
    unsigned long long bits = __builtin_bit_cast(unsigned long long, sum);
    // NaN, the error of an infinite sum, asks for nothing.
    if ((error > 0 || error < 0) && !(bits & 1)) bits += (error > 0) == (sum > 0) ? 1ull : -1ull;
    return __heddle_odd_float(__builtin_bit_cast(double, bits));
}
__HEDDLE_ANY _Float16 __heddle_sqrt(_Float16 a) {
    return __builtin_sqrtf16(a);
}
__HEDDLE_ANY float __heddle_sqrt(float a) {
    return __builtin_sqrtf(a);
}
