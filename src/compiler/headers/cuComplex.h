// CUDA's complex numbers as float2 and double2, with their arithmetic for host and device.
#pragma once

#include <heddle/device.h>

typedef float2 cuFloatComplex;
typedef double2 cuDoubleComplex;
typedef cuFloatComplex cuComplex;

#define __HEDDLE_COMPLEX(T, C, f, greatest)                                                       \
    __HEDDLE_HOST_DEVICE constexpr T cuCreal##f(C z) {                                            \
        return z.x;                                                                               \
    }                                                                                             \
    __HEDDLE_HOST_DEVICE constexpr T cuCimag##f(C z) {                                            \
        return z.y;                                                                               \
    }                                                                                             \
    __HEDDLE_HOST_DEVICE constexpr C make_##C(T r, T i) {                                         \
        return {r, i};                                                                            \
    }                                                                                             \
    __HEDDLE_HOST_DEVICE constexpr C cuConj##f(C z) {                                             \
        return {z.x, -z.y};                                                                       \
    }                                                                                             \
    __HEDDLE_HOST_DEVICE constexpr C cuCadd##f(C a, C b) {                                        \
        return {a.x + b.x, a.y + b.y};                                                            \
    }                                                                                             \
    __HEDDLE_HOST_DEVICE constexpr C cuCsub##f(C a, C b) {                                        \
        return {a.x - b.x, a.y - b.y};                                                            \
    }                                                                                             \
    __HEDDLE_HOST_DEVICE constexpr C cuCmul##f(C a, C b) {                                        \
        return {a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x};                                    \
    }                                                                                             \
    __HEDDLE_HOST_DEVICE constexpr C cuCfma##f(C a, C b, C c) {                                   \
        return {(a.x * b.x + c.x) - a.y * b.y, (a.y * b.x + c.y) + a.x * b.y};                    \
    }                                                                                             \
    /* The divisor is scaled by the larger of its parts, so that neither over- nor underflows. */ \
    __HEDDLE_HOST_DEVICE C cuCdiv##f(C a, C b) {                                                  \
        T scale = (T)1 / (__builtin_fabs##f(b.x) + __builtin_fabs##f(b.y));                       \
        C p = {a.x * scale, a.y * scale}, q = {b.x * scale, b.y * scale};                         \
        T inverse = (T)1 / (q.x * q.x + q.y * q.y);                                               \
        return {(p.x * q.x + p.y * q.y) * inverse, (p.y * q.x - p.x * q.y) * inverse};            \
    }                                                                                             \
    __HEDDLE_HOST_DEVICE T cuCabs##f(C z) {                                                       \
        T x = __builtin_fabs##f(z.x), y = __builtin_fabs##f(z.y), large = x > y ? x : y;          \
        T ratio = (x > y ? y : x) / large;                                                        \
        if (large == 0 || large > greatest || ratio != ratio) return x + y;                       \
        return large * __builtin_sqrt##f((T)1 + ratio * ratio);                                   \
    }
__HEDDLE_COMPLEX(float, cuFloatComplex, f, 3.402823466e38f)
__HEDDLE_COMPLEX(double, cuDoubleComplex, , 1.79769313486231570e308)
#undef __HEDDLE_COMPLEX

__HEDDLE_HOST_DEVICE constexpr cuComplex make_cuComplex(float r, float i) {
    return {r, i};
}
__HEDDLE_HOST_DEVICE constexpr cuFloatComplex cuComplexDoubleToFloat(cuDoubleComplex z) {
    return {(float)z.x, (float)z.y};
}
__HEDDLE_HOST_DEVICE constexpr cuDoubleComplex cuComplexFloatToDouble(cuFloatComplex z) {
    return {z.x, z.y};
}
