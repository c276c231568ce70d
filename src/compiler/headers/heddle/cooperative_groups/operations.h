// The function objects of cooperative groups' collectives (plus, less, greater, bit_and, bit_or, bit_xor) and
// which of them the warp has a reduction for.
#pragma once

#include <heddle/cooperative_groups/groups.h>

namespace cooperative_groups {

#define __HEDDLE_OPERATION(name, expression)           \
    template <class T = void>                          \
    struct name {                                      \
        __HEDDLE_MEMBER T operator()(T a, T b) const { \
            return expression;                         \
        }                                              \
    };                                                 \
    template <>                                        \
    struct name<void> {                                \
        template <class T>                             \
        __HEDDLE_MEMBER T operator()(T a, T b) const { \
            return expression;                         \
        }                                              \
    };
__HEDDLE_OPERATION(plus, a + b)
__HEDDLE_OPERATION(less, b < a ? b : a)
__HEDDLE_OPERATION(greater, a < b ? b : a)
__HEDDLE_OPERATION(bit_and, a& b)
__HEDDLE_OPERATION(bit_or, a | b)
__HEDDLE_OPERATION(bit_xor, a ^ b)
#undef __HEDDLE_OPERATION

namespace heddle_detail {

// The whole warp's reduction of 32-bit integers by a known operation is one intrinsic.
template <class T, class Operation>
struct warp_reduction {
    static constexpr bool exists = false;
};
#define __HEDDLE_WARP_REDUCTION(T, operation, function)        \
    template <>                                                \
    struct warp_reduction<T, operation<T>> {                   \
        static constexpr bool exists = true;                   \
        __HEDDLE_MEMBER static T all(unsigned mask, T value) { \
            return function(mask, value);                      \
        }                                                      \
    };
__HEDDLE_WARP_REDUCTION(int, plus, __reduce_add_sync)
__HEDDLE_WARP_REDUCTION(int, less, __reduce_min_sync)
__HEDDLE_WARP_REDUCTION(int, greater, __reduce_max_sync)
__HEDDLE_WARP_REDUCTION(int, bit_and, (int)__reduce_and_sync)
__HEDDLE_WARP_REDUCTION(int, bit_or, (int)__reduce_or_sync)
__HEDDLE_WARP_REDUCTION(int, bit_xor, (int)__reduce_xor_sync)
__HEDDLE_WARP_REDUCTION(unsigned, plus, __reduce_add_sync)
__HEDDLE_WARP_REDUCTION(unsigned, less, __reduce_min_sync)
__HEDDLE_WARP_REDUCTION(unsigned, greater, __reduce_max_sync)
__HEDDLE_WARP_REDUCTION(unsigned, bit_and, __reduce_and_sync)
__HEDDLE_WARP_REDUCTION(unsigned, bit_or, __reduce_or_sync)
__HEDDLE_WARP_REDUCTION(unsigned, bit_xor, __reduce_xor_sync)
#undef __HEDDLE_WARP_REDUCTION

}  // namespace heddle_detail
}  // namespace cooperative_groups
