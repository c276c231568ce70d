// CUDA's atomic functions on every type CUDA gives them, for the device, block and system scopes, as LLVM
// atomic operations with relaxed order on generic pointers.
#pragma once

#include <heddle/keywords.h>

typedef int __attribute__((may_alias)) __heddle_alias_i32;
typedef long long __attribute__((may_alias)) __heddle_alias_i64;

__HEDDLE_EFFECT unsigned __heddle_atomic_inc(unsigned* address,
                                             unsigned limit) __asm__("heddle.atomic.inc.i32");
__HEDDLE_EFFECT unsigned __heddle_atomic_dec(unsigned* address,
                                             unsigned limit) __asm__("heddle.atomic.dec.i32");

#define __HEDDLE_ATOMIC(name, T, operation, scope)                                   \
    __HEDDLE_INLINE T name(T* address, T value) {                                    \
        return __scoped_atomic_##operation(address, value, __ATOMIC_RELAXED, scope); \
    }
#define __HEDDLE_ATOMIC_CAS(suffix, T, scope)                                                 \
    __HEDDLE_INLINE T atomicCAS##suffix(T* address, T compare, T value) {                     \
        __scoped_atomic_compare_exchange_n(address, &compare, value, false, __ATOMIC_RELAXED, \
                                           __ATOMIC_RELAXED, scope);                          \
        return compare;                                                                       \
    }
#define __HEDDLE_ATOMICS(suffix, scope)                                                                  \
    __HEDDLE_ATOMIC(atomicAdd##suffix, int, fetch_add, scope)                                            \
    __HEDDLE_ATOMIC(atomicAdd##suffix, unsigned, fetch_add, scope)                                       \
    __HEDDLE_ATOMIC(atomicAdd##suffix, unsigned long long, fetch_add, scope)                             \
    __HEDDLE_ATOMIC(atomicAdd##suffix, float, fetch_add, scope)                                          \
    __HEDDLE_ATOMIC(atomicAdd##suffix, double, fetch_add, scope)                                         \
    __HEDDLE_ATOMIC(atomicSub##suffix, int, fetch_sub, scope)                                            \
    __HEDDLE_ATOMIC(atomicSub##suffix, unsigned, fetch_sub, scope)                                       \
    __HEDDLE_ATOMIC(atomicMin##suffix, int, fetch_min, scope)                                            \
    __HEDDLE_ATOMIC(atomicMin##suffix, unsigned, fetch_min, scope)                                       \
    __HEDDLE_ATOMIC(atomicMin##suffix, long long, fetch_min, scope)                                      \
    __HEDDLE_ATOMIC(atomicMin##suffix, unsigned long long, fetch_min, scope)                             \
    __HEDDLE_ATOMIC(atomicMax##suffix, int, fetch_max, scope)                                            \
    __HEDDLE_ATOMIC(atomicMax##suffix, unsigned, fetch_max, scope)                                       \
    __HEDDLE_ATOMIC(atomicMax##suffix, long long, fetch_max, scope)                                      \
    __HEDDLE_ATOMIC(atomicMax##suffix, unsigned long long, fetch_max, scope)                             \
    __HEDDLE_ATOMIC(atomicAnd##suffix, int, fetch_and, scope)                                            \
    __HEDDLE_ATOMIC(atomicAnd##suffix, unsigned, fetch_and, scope)                                       \
    __HEDDLE_ATOMIC(atomicAnd##suffix, unsigned long long, fetch_and, scope)                             \
    __HEDDLE_ATOMIC(atomicOr##suffix, int, fetch_or, scope)                                              \
    __HEDDLE_ATOMIC(atomicOr##suffix, unsigned, fetch_or, scope)                                         \
    __HEDDLE_ATOMIC(atomicOr##suffix, unsigned long long, fetch_or, scope)                               \
    __HEDDLE_ATOMIC(atomicXor##suffix, int, fetch_xor, scope)                                            \
    __HEDDLE_ATOMIC(atomicXor##suffix, unsigned, fetch_xor, scope)                                       \
    __HEDDLE_ATOMIC(atomicXor##suffix, unsigned long long, fetch_xor, scope)                             \
    __HEDDLE_ATOMIC(atomicExch##suffix, int, exchange_n, scope)                                          \
    __HEDDLE_ATOMIC(atomicExch##suffix, unsigned, exchange_n, scope)                                     \
    __HEDDLE_ATOMIC(atomicExch##suffix, unsigned long long, exchange_n, scope)                           \
    __HEDDLE_INLINE float atomicExch##suffix(float* address, float value) {                              \
        return __builtin_bit_cast(float, (int)__scoped_atomic_exchange_n((__heddle_alias_i32*)address,   \
                                                                         __builtin_bit_cast(int, value), \
                                                                         __ATOMIC_RELAXED, scope));      \
    }                                                                                                    \
    __HEDDLE_ATOMIC_CAS(suffix, int, scope)                                                              \
    __HEDDLE_ATOMIC_CAS(suffix, unsigned, scope)                                                         \
    __HEDDLE_ATOMIC_CAS(suffix, unsigned long long, scope)                                               \
    __HEDDLE_ATOMIC_CAS(suffix, unsigned short, scope)                                                   \
    __HEDDLE_INLINE unsigned atomicInc##suffix(unsigned* address, unsigned limit) {                      \
        return __heddle_atomic_inc(address, limit);                                                      \
    }                                                                                                    \
    __HEDDLE_INLINE unsigned atomicDec##suffix(unsigned* address, unsigned limit) {                      \
        return __heddle_atomic_dec(address, limit);                                                      \
    }

__HEDDLE_ATOMICS(, __MEMORY_SCOPE_DEVICE)
__HEDDLE_ATOMICS(_block, __MEMORY_SCOPE_WRKGRP)
__HEDDLE_ATOMICS(_system, __MEMORY_SCOPE_SYSTEM)
#undef __HEDDLE_ATOMICS
#undef __HEDDLE_ATOMIC_CAS
#undef __HEDDLE_ATOMIC
