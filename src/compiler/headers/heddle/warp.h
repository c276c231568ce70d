// Barriers, fences and the exchanges between the lanes of a warp: __syncthreads*, __shfl*, votes, matches,
// reductions.
#pragma once

#include <heddle/keywords.h>

__HEDDLE_CONVERGENT void __heddle_barrier() __asm__("heddle.barrier");
// A macro, because Clang has a builtin function of this name that is lowered to a vendor instruction.
#define __syncthreads() __heddle_barrier()
__HEDDLE_CONVERGENT int __syncthreads_count(int predicate) __asm__("heddle.barrier.count.i32");
__HEDDLE_CONVERGENT int __syncthreads_and(int predicate) __asm__("heddle.barrier.and.i32");
__HEDDLE_CONVERGENT int __syncthreads_or(int predicate) __asm__("heddle.barrier.or.i32");
__HEDDLE_CONVERGENT void __heddle_warp_sync(unsigned mask) __asm__("heddle.warp.sync");
__HEDDLE_INLINE void __syncwarp(unsigned mask = 0xffffffffu) {
    __heddle_warp_sync(mask);
}

__HEDDLE_EFFECT void __threadfence_block() __asm__("heddle.fence.block");
__HEDDLE_EFFECT void __threadfence() __asm__("heddle.fence.device");
__HEDDLE_EFFECT void __threadfence_system() __asm__("heddle.fence.system");

__HEDDLE_CONVERGENT unsigned __activemask() __asm__("heddle.activemask");
__HEDDLE_CONVERGENT unsigned __heddle_ballot(unsigned mask, int predicate) __asm__("heddle.ballot");

__HEDDLE_INLINE unsigned __ballot_sync(unsigned mask, int predicate) {
    return __heddle_ballot(mask, predicate != 0);
}
__HEDDLE_INLINE int __any_sync(unsigned mask, int predicate) {
    return __heddle_ballot(mask, predicate != 0) != 0;
}
__HEDDLE_INLINE int __all_sync(unsigned mask, int predicate) {
    return __heddle_ballot(mask, predicate == 0) == 0;
}
__HEDDLE_INLINE int __uni_sync(unsigned mask, int predicate) {
    return (__heddle_ballot(mask, predicate != 0) == 0) | (__heddle_ballot(mask, predicate == 0) == 0);
}
__HEDDLE_INLINE unsigned __ballot(int predicate) {
    return __ballot_sync(__activemask(), predicate);
}
__HEDDLE_INLINE int __any(int predicate) {
    return __any_sync(__activemask(), predicate);
}
__HEDDLE_INLINE int __all(int predicate) {
    return __all_sync(__activemask(), predicate);
}

// Shuffles: 32 and 64 bits are intrinsics, every other type is one of these two in disguise.
#define __HEDDLE_SHUFFLE(name, operation, operand)                                                           \
    __HEDDLE_CONVERGENT int __heddle_##operation##_i32(unsigned mask, int value, int operand,                \
                                                       int width) __asm__("heddle.shfl." #operation ".i32"); \
    __HEDDLE_CONVERGENT long __heddle_##operation##_i64(                                                     \
        unsigned mask, long value, int operand, int width) __asm__("heddle.shfl." #operation ".i64");        \
    __HEDDLE_INLINE int name##_sync(unsigned mask, int value, int operand, int width = 32) {                 \
        return __heddle_##operation##_i32(mask, value, operand, width);                                      \
    }                                                                                                        \
    __HEDDLE_INLINE unsigned name##_sync(unsigned mask, unsigned value, int operand, int width = 32) {       \
        return __heddle_##operation##_i32(mask, value, operand, width);                                      \
    }                                                                                                        \
    __HEDDLE_INLINE long name##_sync(unsigned mask, long value, int operand, int width = 32) {               \
        return __heddle_##operation##_i64(mask, value, operand, width);                                      \
    }                                                                                                        \
    __HEDDLE_INLINE unsigned long name##_sync(unsigned mask, unsigned long value, int operand,               \
                                              int width = 32) {                                              \
        return __heddle_##operation##_i64(mask, value, operand, width);                                      \
    }                                                                                                        \
    __HEDDLE_INLINE long long name##_sync(unsigned mask, long long value, int operand, int width = 32) {     \
        return __heddle_##operation##_i64(mask, value, operand, width);                                      \
    }                                                                                                        \
    __HEDDLE_INLINE unsigned long long name##_sync(unsigned mask, unsigned long long value, int operand,     \
                                                   int width = 32) {                                         \
        return __heddle_##operation##_i64(mask, value, operand, width);                                      \
    }                                                                                                        \
    __HEDDLE_INLINE float name##_sync(unsigned mask, float value, int operand, int width = 32) {             \
        return __builtin_bit_cast(                                                                           \
            float, __heddle_##operation##_i32(mask, __builtin_bit_cast(int, value), operand, width));        \
    }                                                                                                        \
    __HEDDLE_INLINE double name##_sync(unsigned mask, double value, int operand, int width = 32) {           \
        return __builtin_bit_cast(                                                                           \
            double, __heddle_##operation##_i64(mask, __builtin_bit_cast(long, value), operand, width));      \
    }                                                                                                        \
    template <class T>                                                                                       \
    __HEDDLE_INLINE T name(T value, int operand, int width = 32) {                                           \
        return name##_sync(__activemask(), value, operand, width);                                           \
    }

__HEDDLE_SHUFFLE(__shfl, idx, lane)
__HEDDLE_SHUFFLE(__shfl_up, up, delta)
__HEDDLE_SHUFFLE(__shfl_down, down, delta)
__HEDDLE_SHUFFLE(__shfl_xor, xor, lane_mask)
#undef __HEDDLE_SHUFFLE

// Matches compare bits: -0.0f and 0.0f differ, equal NaNs match.
__HEDDLE_CONVERGENT unsigned __heddle_match_any_i32(unsigned mask, int value) __asm__("heddle.match.any.i32");
__HEDDLE_CONVERGENT unsigned __heddle_match_any_i64(unsigned mask,
                                                    long value) __asm__("heddle.match.any.i64");
__HEDDLE_CONVERGENT unsigned __heddle_match_all_i32(unsigned mask, int value) __asm__("heddle.match.all.i32");
__HEDDLE_CONVERGENT unsigned __heddle_match_all_i64(unsigned mask,
                                                    long value) __asm__("heddle.match.all.i64");

#define __HEDDLE_MATCH(T, bits, suffix)                                                      \
    __HEDDLE_INLINE unsigned __match_any_sync(unsigned mask, T value) {                      \
        return __heddle_match_any_##suffix(mask, __builtin_bit_cast(bits, value));           \
    }                                                                                        \
    __HEDDLE_INLINE unsigned __match_all_sync(unsigned mask, T value, int* predicate) {      \
        unsigned lanes = __heddle_match_all_##suffix(mask, __builtin_bit_cast(bits, value)); \
        *predicate = lanes != 0;                                                             \
        return lanes;                                                                        \
    }

__HEDDLE_MATCH(int, int, i32)
__HEDDLE_MATCH(unsigned, int, i32)
__HEDDLE_MATCH(long, long, i64)
__HEDDLE_MATCH(unsigned long, long, i64)
__HEDDLE_MATCH(long long, long, i64)
__HEDDLE_MATCH(unsigned long long, long, i64)
__HEDDLE_MATCH(float, int, i32)
__HEDDLE_MATCH(double, long, i64)
#undef __HEDDLE_MATCH

#define __HEDDLE_REDUCE(operation, function, T)                                                             \
    __HEDDLE_CONVERGENT T __heddle_reduce_##operation(unsigned mask,                                        \
                                                      T value) __asm__("heddle.reduce." #operation ".i32"); \
    __HEDDLE_INLINE T function(unsigned mask, T value) {                                                    \
        return __heddle_reduce_##operation(mask, value);                                                    \
    }

__HEDDLE_REDUCE(add, __reduce_add_sync, unsigned)
__HEDDLE_REDUCE(umin, __reduce_min_sync, unsigned)
__HEDDLE_REDUCE(umax, __reduce_max_sync, unsigned)
__HEDDLE_REDUCE(min, __reduce_min_sync, int)
__HEDDLE_REDUCE(max, __reduce_max_sync, int)
__HEDDLE_REDUCE(and, __reduce_and_sync, unsigned)
__HEDDLE_REDUCE(or, __reduce_or_sync, unsigned)
__HEDDLE_REDUCE(xor, __reduce_xor_sync, unsigned)
#undef __HEDDLE_REDUCE
__HEDDLE_INLINE int __reduce_add_sync(unsigned mask, int value) {
    return __heddle_reduce_add(mask, value);
}
