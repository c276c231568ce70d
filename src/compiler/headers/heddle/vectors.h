// CUDA's vector types char1 ... double4 with CUDA's sizes and alignments, dim3, and the make_* functions.
#pragma once

#include <heddle/keywords.h>

#define __HEDDLE_VECTOR(T, name, a2, a4)                                        \
    struct name##1 {                                                            \
        T x;                                                                    \
    };                                                                          \
    struct __attribute__((aligned(a2))) name##2 {                               \
        T x, y;                                                                 \
    };                                                                          \
    struct name##3 {                                                            \
        T x, y, z;                                                              \
    };                                                                          \
    struct __attribute__((aligned(a4))) name##4 {                               \
        T x, y, z, w;                                                           \
    };                                                                          \
    __HEDDLE_HOST_DEVICE constexpr name##1 make_##name##1(T x) {                \
        return {x};                                                             \
    }                                                                           \
    __HEDDLE_HOST_DEVICE constexpr name##2 make_##name##2(T x, T y) {           \
        return {x, y};                                                          \
    }                                                                           \
    __HEDDLE_HOST_DEVICE constexpr name##3 make_##name##3(T x, T y, T z) {      \
        return {x, y, z};                                                       \
    }                                                                           \
    __HEDDLE_HOST_DEVICE constexpr name##4 make_##name##4(T x, T y, T z, T w) { \
        return {x, y, z, w};                                                    \
    }

__HEDDLE_VECTOR(signed char, char, 2, 4)
__HEDDLE_VECTOR(unsigned char, uchar, 2, 4)
__HEDDLE_VECTOR(short, short, 4, 8)
__HEDDLE_VECTOR(unsigned short, ushort, 4, 8)
__HEDDLE_VECTOR(int, int, 8, 16)
__HEDDLE_VECTOR(unsigned int, uint, 8, 16)
__HEDDLE_VECTOR(long, long, 16, 16)
__HEDDLE_VECTOR(unsigned long, ulong, 16, 16)
__HEDDLE_VECTOR(long long, longlong, 16, 16)
__HEDDLE_VECTOR(unsigned long long, ulonglong, 16, 16)
__HEDDLE_VECTOR(float, float, 8, 16)
__HEDDLE_VECTOR(double, double, 16, 16)
#undef __HEDDLE_VECTOR

struct dim3 {
    unsigned int x, y, z;
    __attribute__((host, device, always_inline,
                   nodebug)) constexpr dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1)
        : x(vx), y(vy), z(vz) {}
    __attribute__((host, device, always_inline, nodebug)) constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
    __attribute__((host, device, always_inline, nodebug)) constexpr operator uint3() const {
        return {x, y, z};
    }
};
