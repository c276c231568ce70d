// Values of a 16-bit type H and its pairs H2 between lanes and in shared memory: shuffles and atomic
// addition. Base class templates, whose friends are compiled only when they are called.
#pragma once

#define __HEDDLE_SHUFFLE(name)                                                           \
    __HEDDLE_DEVICE_FRIEND T name(unsigned mask, T value, int operand, int width = 32) { \
        return T::__of_word((unsigned)name(mask, (int)value.__word(), operand, width));  \
    }
// Compares and swaps until nobody came between; gives the value before.
#define __HEDDLE_ATOMIC_ADD(name, scope)                                                               \
    __HEDDLE_DEVICE_FRIEND T name(T* address, T value) {                                               \
        typedef Word __attribute__((may_alias)) word;                                                  \
        word old = __scoped_atomic_load_n((word*)address, __ATOMIC_RELAXED, scope);                    \
        for (;;) {                                                                                     \
            const T before = T::__of_word(old);                                                        \
            const word sum = (word)(before + value).__word();                                          \
            if (__scoped_atomic_compare_exchange_n((word*)address, &old, sum, false, __ATOMIC_RELAXED, \
                                                   __ATOMIC_RELAXED, scope))                           \
                return before;                                                                         \
        }                                                                                              \
    }
template <class T, class Word>
struct __heddle_sharing {
    __HEDDLE_SHUFFLE(__shfl_sync)
    __HEDDLE_SHUFFLE(__shfl_up_sync)
    __HEDDLE_SHUFFLE(__shfl_down_sync)
    __HEDDLE_SHUFFLE(__shfl_xor_sync)
    __HEDDLE_ATOMIC_ADD(atomicAdd, __MEMORY_SCOPE_DEVICE)
    __HEDDLE_ATOMIC_ADD(atomicAdd_block, __MEMORY_SCOPE_WRKGRP)
    __HEDDLE_ATOMIC_ADD(atomicAdd_system, __MEMORY_SCOPE_SYSTEM)
};
#undef __HEDDLE_SHUFFLE
#undef __HEDDLE_ATOMIC_ADD
