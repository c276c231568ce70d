// threadIdx, blockIdx, blockDim, gridDim and warpSize: objects without storage whose members are calls of
// Kernel IR's index intrinsics.
#pragma once

#include <heddle/vectors.h>

#define __HEDDLE_INDEX(variable, name, type)                                                 \
    __HEDDLE_PURE unsigned __heddle_##name##_x() __asm__("heddle." #name ".x");              \
    __HEDDLE_PURE unsigned __heddle_##name##_y() __asm__("heddle." #name ".y");              \
    __HEDDLE_PURE unsigned __heddle_##name##_z() __asm__("heddle." #name ".z");              \
    struct __heddle_##name {                                                                 \
        __declspec(property(get = get_x)) unsigned x;                                        \
        __declspec(property(get = get_y)) unsigned y;                                        \
        __declspec(property(get = get_z)) unsigned z;                                        \
        static __inline__ __attribute__((always_inline, nodebug, device)) unsigned get_x() { \
            return __heddle_##name##_x();                                                    \
        }                                                                                    \
        static __inline__ __attribute__((always_inline, nodebug, device)) unsigned get_y() { \
            return __heddle_##name##_y();                                                    \
        }                                                                                    \
        static __inline__ __attribute__((always_inline, nodebug, device)) unsigned get_z() { \
            return __heddle_##name##_z();                                                    \
        }                                                                                    \
        __attribute__((always_inline, nodebug, device)) operator uint3() const {             \
            return {get_x(), get_y(), get_z()};                                              \
        }                                                                                    \
        __attribute__((always_inline, nodebug, device)) operator dim3() const {              \
            return {get_x(), get_y(), get_z()};                                              \
        }                                                                                    \
    };                                                                                       \
    extern const __attribute__((device)) __heddle_##name variable;

__HEDDLE_INDEX(threadIdx, tid, uint3)
__HEDDLE_INDEX(blockIdx, ctaid, uint3)
__HEDDLE_INDEX(blockDim, ntid, dim3)
__HEDDLE_INDEX(gridDim, nctaid, dim3)
#undef __HEDDLE_INDEX

__HEDDLE_PURE unsigned __heddle_lane() __asm__("heddle.lane");

static constexpr int warpSize = 32;
