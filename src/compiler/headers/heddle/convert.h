// Conversions between the arithmetic types in CUDA's four rounding modes, and the casts that keep the bits.
// Float to integer relies on Kernel IR's rule: out of range saturates, NaN gives 0.
#pragma once

#include <heddle/keywords.h>

// --- same bits, other type ---
__HEDDLE_INLINE int __float_as_int(float x) {
    return __builtin_bit_cast(int, x);
}
__HEDDLE_INLINE unsigned __float_as_uint(float x) {
    return __builtin_bit_cast(unsigned, x);
}
__HEDDLE_INLINE float __int_as_float(int x) {
    return __builtin_bit_cast(float, x);
}
__HEDDLE_INLINE float __uint_as_float(unsigned x) {
    return __builtin_bit_cast(float, x);
}
__HEDDLE_INLINE long long __double_as_longlong(double x) {
    return __builtin_bit_cast(long long, x);
}
__HEDDLE_INLINE double __longlong_as_double(long long x) {
    return __builtin_bit_cast(double, x);
}
__HEDDLE_INLINE int __double2hiint(double x) {
    return (int)(__builtin_bit_cast(long long, x) >> 32);
}
__HEDDLE_INLINE int __double2loint(double x) {
    return (int)__builtin_bit_cast(long long, x);
}
__HEDDLE_INLINE double __hiloint2double(int high, int low) {
    return __builtin_bit_cast(double, (unsigned long long)(unsigned)high << 32 | (unsigned)low);
}

// --- to integer ---
#define __HEDDLE_TO_INTEGER(from, F, suffix, to, T) \
    __HEDDLE_INLINE T __##from##2##to##_rn(F x) {   \
        return (T)__builtin_rint##suffix(x);        \
    }                                               \
    __HEDDLE_INLINE T __##from##2##to##_rz(F x) {   \
        return (T)x;                                \
    }                                               \
    __HEDDLE_INLINE T __##from##2##to##_ru(F x) {   \
        return (T)__builtin_ceil##suffix(x);        \
    }                                               \
    __HEDDLE_INLINE T __##from##2##to##_rd(F x) {   \
        return (T)__builtin_floor##suffix(x);       \
    }
__HEDDLE_TO_INTEGER(float, float, f, int, int)
__HEDDLE_TO_INTEGER(float, float, f, uint, unsigned)
__HEDDLE_TO_INTEGER(float, float, f, ll, long long)
__HEDDLE_TO_INTEGER(float, float, f, ull, unsigned long long)
__HEDDLE_TO_INTEGER(double, double, , int, int)
__HEDDLE_TO_INTEGER(double, double, , uint, unsigned)
__HEDDLE_TO_INTEGER(double, double, , ll, long long)
__HEDDLE_TO_INTEGER(double, double, , ull, unsigned long long)
#undef __HEDDLE_TO_INTEGER

// --- double to float: round to nearest, then step by one place where that went the wrong way ---
__HEDDLE_INLINE float __double2float_rn(double x) {
    return (float)x;
}
__HEDDLE_INLINE float __double2float_rz(double x) {
    float f = (float)x;
    return __builtin_fabs((double)f) > __builtin_fabs(x) ? __uint_as_float(__float_as_uint(f) - 1) : f;
}
__HEDDLE_INLINE float __double2float_ru(double x) {
    float f = (float)x;
    int step = __float_as_int(f) < 0 ? -1 : 1;
    return f < x ? __int_as_float(__float_as_int(f) + step) : f;
}
__HEDDLE_INLINE float __double2float_rd(double x) {
    float f = (float)x;
    int step = __float_as_int(f) < 0 ? 1 : -1;
    // +0 can be above x only when x is a tiny negative number, which rounds to -0
    return f > x ? __int_as_float(__float_as_int(f) + step) : f;
}

// --- from integer: keep as many leading bits as the mantissa holds, then add one place when rounding away
// ---
__HEDDLE_INLINE float __heddle_magnitude_to_float(unsigned long long m, bool away) {
    int drop = m >> 24 == 0 ? 0 : 40 - __builtin_clzll(m | 1);
    unsigned long long kept = m >> drop << drop;
    return __uint_as_float(__float_as_uint((float)kept) + (away & (kept != m)));
}
__HEDDLE_INLINE double __heddle_magnitude_to_double(unsigned long long m, bool away) {
    int drop = m >> 53 == 0 ? 0 : 11 - __builtin_clzll(m | 1);
    unsigned long long kept = m >> drop << drop;
    return __longlong_as_double(__double_as_longlong((double)kept) + (away & (kept != m)));
}
#define __HEDDLE_FROM_UNSIGNED(from, T, to, F)       \
    __HEDDLE_INLINE F __##from##2##to##_rn(T x) {    \
        return (F)x;                                 \
    }                                                \
    __HEDDLE_INLINE F __##from##2##to##_rz(T x) {    \
        return __heddle_magnitude_to_##to(x, false); \
    }                                                \
    __HEDDLE_INLINE F __##from##2##to##_ru(T x) {    \
        return __heddle_magnitude_to_##to(x, true);  \
    }                                                \
    __HEDDLE_INLINE F __##from##2##to##_rd(T x) {    \
        return __heddle_magnitude_to_##to(x, false); \
    }
#define __HEDDLE_FROM_SIGNED(from, T, to, F)                                           \
    __HEDDLE_INLINE F __heddle_##from##2##to(long long x, bool up, bool down) {        \
        return x < 0 ? -__heddle_magnitude_to_##to(0ull - (unsigned long long)x, down) \
                     : __heddle_magnitude_to_##to(x, up);                              \
    }                                                                                  \
    __HEDDLE_INLINE F __##from##2##to##_rn(T x) {                                      \
        return (F)x;                                                                   \
    }                                                                                  \
    __HEDDLE_INLINE F __##from##2##to##_rz(T x) {                                      \
        return __heddle_##from##2##to(x, false, false);                                \
    }                                                                                  \
    __HEDDLE_INLINE F __##from##2##to##_ru(T x) {                                      \
        return __heddle_##from##2##to(x, true, false);                                 \
    }                                                                                  \
    __HEDDLE_INLINE F __##from##2##to##_rd(T x) {                                      \
        return __heddle_##from##2##to(x, false, true);                                 \
    }
__HEDDLE_FROM_SIGNED(int, int, float, float)
__HEDDLE_FROM_SIGNED(ll, long long, float, float)
__HEDDLE_FROM_SIGNED(ll, long long, double, double)
__HEDDLE_FROM_UNSIGNED(uint, unsigned, float, float)
__HEDDLE_FROM_UNSIGNED(ull, unsigned long long, float, float)
__HEDDLE_FROM_UNSIGNED(ull, unsigned long long, double, double)
#undef __HEDDLE_FROM_SIGNED
#undef __HEDDLE_FROM_UNSIGNED
__HEDDLE_INLINE double __int2double_rn(int x) {
    return x;
}
__HEDDLE_INLINE double __uint2double_rn(unsigned x) {
    return x;
}

// --- the older names without underscores ---
__HEDDLE_INLINE int float_as_int(float x) {
    return __float_as_int(x);
}
__HEDDLE_INLINE unsigned float_as_uint(float x) {
    return __float_as_uint(x);
}
__HEDDLE_INLINE float int_as_float(int x) {
    return __int_as_float(x);
}
__HEDDLE_INLINE float uint_as_float(unsigned x) {
    return __uint_as_float(x);
}
