// Arithmetic with a stated rounding: __fadd_rz(x, y), __dmul_ru(x, y), ... A result rounded to nearest is
// moved to its neighbour when the sign of its exact error, found by error-free transformations, asks for it.
// The _rn forms are never contracted into a fused multiply-add.
#pragma once

#if defined(__clang__)
#pragma clang fp contract(off)
#endif

// Moves r, rounded to nearest, by `error` = exact - r (only the sign counts; NaN means exact). Bit patterns
// of neighbours of one sign differ by one; infinities are the neighbours of the greatest finite values.
enum __heddle_toward { __heddle_zero, __heddle_up, __heddle_down };
#define __HEDDLE_STEP(T, Bits)                                                                          \
    __HEDDLE_MATH T __heddle_step(T r, T error, __heddle_toward toward) {                               \
        const bool up = error > 0 && (toward == __heddle_up || (toward == __heddle_zero && r < 0));     \
        const bool down = error < 0 && (toward == __heddle_down || (toward == __heddle_zero && r > 0)); \
        if (!up && !down) return r;                                                                     \
        if (r == 0) return up ? __builtin_bit_cast(T, (Bits)1) : -__builtin_bit_cast(T, (Bits)1);       \
        return __builtin_bit_cast(T, (Bits)(__builtin_bit_cast(Bits, r) + ((r > 0) == up ? 1 : -1)));   \
    }
__HEDDLE_STEP(float, unsigned)
__HEDDLE_STEP(double, unsigned long)
#undef __HEDDLE_STEP

// An exact value as the unevaluated sum high + low, |low| <= ulp(high) / 2.
struct __heddle_pair {
    double high, low;
};
__HEDDLE_MATH __heddle_pair __heddle_two_sum(double a, double b) {
    const bool swap = __builtin_fabs(a) < __builtin_fabs(b);
    const double x = swap ? b : a, y = swap ? a : b, s = a + b;
    return {s, y - (s - x)};
}

// ---- single precision, through double: products are exact there, sums exact as pairs, quotients checked by
// fma
__HEDDLE_MATH float __heddle_narrow(__heddle_pair v, __heddle_toward toward) {
    const float r = (float)v.high;
    const double rest = v.high - (double)r, error = rest == 0 ? v.low : rest;  // NaN between infinities
    return __heddle_step(r, error > 0 ? 1.0f : error < 0 ? -1.0f : 0.0f, toward);
}
// A sum that is exactly zero is -0 when rounding down, unless both terms are +0.
__HEDDLE_MATH float __heddle_fma_directed(float a, float b, float c, __heddle_toward toward) {
    const double p = (double)a * (double)b;
    const float r = __heddle_narrow(__heddle_two_sum(p, c), toward);
    return toward == __heddle_down && p + (double)c == 0 && (signbit(p) || signbit(c)) ? -0.0f : r;
}
__HEDDLE_MATH float __heddle_add_directed(float a, float b, __heddle_toward toward) {
    return __heddle_fma_directed(a, 1.0f, b, toward);
}
__HEDDLE_MATH float __heddle_mul_directed(float a, float b, __heddle_toward toward) {
    return __heddle_narrow({(double)a * (double)b, 0}, toward);
}
__HEDDLE_MATH float __heddle_div_directed(float a, float b, __heddle_toward toward) {
    const float r = (float)((double)a / (double)b);
    const double error = __builtin_fma(-(double)r, (double)b, (double)a);
    const bool opposite = signbit(b);
    return __heddle_step(r,
                         error > 0   ? (opposite ? -1.0f : 1.0f)
                         : error < 0 ? (opposite ? 1.0f : -1.0f)
                                     : 0.0f,
                         toward);
}
__HEDDLE_MATH float __heddle_sqrt_directed(float a, __heddle_toward toward) {
    const float r = __builtin_sqrtf(a);
    const double error = __builtin_fma(-(double)r, (double)r, (double)a);
    return __heddle_step(r, error > 0 ? 1.0f : error < 0 ? -1.0f : 0.0f, toward);
}

// ---- double precision
__HEDDLE_MATH double __heddle_add_directed(double a, double b, __heddle_toward toward) {
    const __heddle_pair s = __heddle_two_sum(a, b);
    const double r = __heddle_step(s.high, s.low, toward);
    return toward == __heddle_down && s.high == 0 && (signbit(a) || signbit(b)) ? -0.0 : r;
}
// Scales a product that may be below the normal range by 2^1080, so that its error can be represented.
struct __heddle_factors {
    double a, b;
};
__HEDDLE_MATH __heddle_factors __heddle_scale_up(double a, double b) {
    if (__builtin_fabs(a) >= 1) return {a, b * 0x1p540 * 0x1p540};
    if (__builtin_fabs(b) >= 1) return {a * 0x1p540 * 0x1p540, b};
    return {a * 0x1p540, b * 0x1p540};
}
__HEDDLE_MATH double __heddle_mul_directed(double a, double b, __heddle_toward toward) {
    const double r = a * b;
    double error;
    if (__builtin_fabs(r) < 0x1p-900) {
        const __heddle_factors f = __heddle_scale_up(a, b);
        error = __builtin_fma(f.a, f.b, -(r * 0x1p540 * 0x1p540));
    } else {
        error = __builtin_fma(a, b, -r);
    }
    return __heddle_step(r, error, toward);
}
__HEDDLE_MATH double __heddle_div_directed(double a, double b, __heddle_toward toward) {
    const double r = a / b;
    if (isinf(r)) return isinf(a) || b == 0 ? r : __heddle_step(r, -r, toward);
    if (r == 0) return isinf(b) || a == 0 ? r : __heddle_step(r, __builtin_copysign(1.0, r), toward);
    int exponent_b = 0, exponent_r = 0;
    const double mantissa_b = frexp(b, &exponent_b), mantissa_r = frexp(r, &exponent_r);
    const double error = __builtin_fma(-mantissa_r, mantissa_b, ldexp(a, -exponent_b - exponent_r));
    return __heddle_step(r, signbit(b) ? -error : error, toward);
}
__HEDDLE_MATH double __heddle_sqrt_directed(double a, __heddle_toward toward) {
    const double r = __builtin_sqrt(a);
    const double scale = a < 0x1p-500 ? 0x1p300 : 1.0;
    return __heddle_step(r, __builtin_fma(-(r * scale), r * scale, a * scale * scale), toward);
}
// Error of a fused multiply-add (Boldo and Muller, "Exact and approximated error of the FMA", 2011): its sign
// is that of gamma + alpha.low.
__HEDDLE_MATH double __heddle_fma_error(double a, double b, double c, double r) {
    const double p = a * b;
    const __heddle_pair alpha = __heddle_two_sum(c, __builtin_fma(a, b, -p));
    const __heddle_pair beta = __heddle_two_sum(p, alpha.high);
    return (beta.high - r) + beta.low + alpha.low;
}
__HEDDLE_MATH double __heddle_fma_directed(double a, double b, double c, __heddle_toward toward) {
    const double r = __builtin_fma(a, b, c), p = a * b;
    double error;
    if (isinf(r)) return isinf(a) || isinf(b) || isinf(c) ? r : __heddle_step(r, -r, toward);
    if (a == 0 || b == 0 || c == 0) {
        // No sum, so no second rounding; the sign of a zero sum is settled below.
        if (c != 0) return r;
        const double exact = __heddle_mul_directed(a, b, toward);
        return p == 0 && (a == 0 || b == 0)
                   ? (toward == __heddle_down && r == 0 && (signbit(p) || signbit(c)) ? -0.0 : r)
                   : exact;
    }
    if (__builtin_fabs(p) >= 0x1p1000) {
        // Scaled down, so that the product does not overflow; a far smaller addend counts by its sign alone.
        const bool a_is_greater = __builtin_fabs(a) >= __builtin_fabs(b);
        const double addend = __builtin_fabs(c) < 0x1p500 ? __builtin_copysign(0x1p500, c) : c;
        error = __heddle_fma_error(a_is_greater ? a * 0x1p-100 : a, a_is_greater ? b : b * 0x1p-100,
                                   addend * 0x1p-100, r * 0x1p-100);
    } else if (__builtin_fabs(p) >= 0x1p-900) {
        error = __heddle_fma_error(a, b, c, r);
    } else if (__builtin_fabs(c) >= 0x1p-700) {
        // The product counts by its sign alone.
        error = (c - r) + (signbit(a) != signbit(b) ? -0x1p-900 : 0x1p-900);
    } else {
        const __heddle_factors f = __heddle_scale_up(a, b);
        error = __heddle_fma_error(f.a, f.b, c * 0x1p540 * 0x1p540, r * 0x1p540 * 0x1p540);
    }
    const double result = __heddle_step(r, error, toward);
    return toward == __heddle_down && r == 0 && error == 0 ? -0.0 : result;
}

#define __HEDDLE_ROUNDINGS(T, prefix, mode, toward)    \
    __HEDDLE_MATH T prefix##add_##mode(T x, T y) {     \
        return __heddle_add_directed(x, y, toward);    \
    }                                                  \
    __HEDDLE_MATH T prefix##sub_##mode(T x, T y) {     \
        return __heddle_add_directed(x, -y, toward);   \
    }                                                  \
    __HEDDLE_MATH T prefix##mul_##mode(T x, T y) {     \
        return __heddle_mul_directed(x, y, toward);    \
    }                                                  \
    __HEDDLE_MATH T prefix##div_##mode(T x, T y) {     \
        return __heddle_div_directed(x, y, toward);    \
    }                                                  \
    __HEDDLE_MATH T prefix##rcp_##mode(T x) {          \
        return __heddle_div_directed((T)1, x, toward); \
    }                                                  \
    __HEDDLE_MATH T prefix##sqrt_##mode(T x) {         \
        return __heddle_sqrt_directed(x, toward);      \
    }
#define __HEDDLE_NEAREST(T, prefix, suffix)    \
    __HEDDLE_MATH T prefix##add_rn(T x, T y) { \
        return x + y;                          \
    }                                          \
    __HEDDLE_MATH T prefix##sub_rn(T x, T y) { \
        return x - y;                          \
    }                                          \
    __HEDDLE_MATH T prefix##mul_rn(T x, T y) { \
        return x * y;                          \
    }                                          \
    __HEDDLE_MATH T prefix##div_rn(T x, T y) { \
        return x / y;                          \
    }                                          \
    __HEDDLE_MATH T prefix##rcp_rn(T x) {      \
        return 1 / x;                          \
    }                                          \
    __HEDDLE_MATH T prefix##sqrt_rn(T x) {     \
        return __builtin_sqrt##suffix(x);      \
    }
__HEDDLE_NEAREST(float, __f, f)
__HEDDLE_NEAREST(double, __d, )
__HEDDLE_ROUNDINGS(float, __f, rz, __heddle_zero)
__HEDDLE_ROUNDINGS(float, __f, ru, __heddle_up)
__HEDDLE_ROUNDINGS(float, __f, rd, __heddle_down)
__HEDDLE_ROUNDINGS(double, __d, rz, __heddle_zero)
__HEDDLE_ROUNDINGS(double, __d, ru, __heddle_up)
__HEDDLE_ROUNDINGS(double, __d, rd, __heddle_down)
#undef __HEDDLE_ROUNDINGS
#undef __HEDDLE_NEAREST
__HEDDLE_MATH float __fmaf_rn(float x, float y, float z) {
    return __builtin_fmaf(x, y, z);
}
__HEDDLE_MATH float __fmaf_rz(float x, float y, float z) {
    return __heddle_fma_directed(x, y, z, __heddle_zero);
}
__HEDDLE_MATH float __fmaf_ru(float x, float y, float z) {
    return __heddle_fma_directed(x, y, z, __heddle_up);
}
__HEDDLE_MATH float __fmaf_rd(float x, float y, float z) {
    return __heddle_fma_directed(x, y, z, __heddle_down);
}
__HEDDLE_MATH double __fma_rn(double x, double y, double z) {
    return __builtin_fma(x, y, z);
}
__HEDDLE_MATH double __fma_rz(double x, double y, double z) {
    return __heddle_fma_directed(x, y, z, __heddle_zero);
}
__HEDDLE_MATH double __fma_ru(double x, double y, double z) {
    return __heddle_fma_directed(x, y, z, __heddle_up);
}
__HEDDLE_MATH double __fma_rd(double x, double y, double z) {
    return __heddle_fma_directed(x, y, z, __heddle_down);
}
// The double quotient is wrong by less than 2^-52; rounded to single that is the nearest value for every
// input.
__HEDDLE_MATH float __frsqrt_rn(float x) {
    return (float)(1.0 / __builtin_sqrt((double)x));
}

#if defined(__clang__)
// NVPTX has no float_control(push) to come back by: this is CUDA's default.
#pragma clang fp contract(fast)
#endif
