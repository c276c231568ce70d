// cooperative_groups::reduce: every thread of a tile or a coalesced group gets the reduction of all their
// values.
#pragma once

#include <heddle/cooperative_groups/operations.h>

namespace cooperative_groups {

/// A tile: butterfly over its lanes, or the warp's own reduction where there is one.
template <unsigned Size, class Parent, class T, class Operation>
__HEDDLE_MEMBER auto reduce(const thread_block_tile<Size, Parent>& group, T&& value, Operation&& operation) {
    typedef __remove_cvref(T) type;
    typedef heddle_detail::warp_reduction<type, __remove_cvref(Operation)> whole_warp;
    type result = value;
    if constexpr (Size == 32 && whole_warp::exists) {
        result = whole_warp::all(0xffffffffu, result);
    } else {
#pragma unroll
        for (unsigned distance = Size / 2; distance > 0; distance /= 2)
            result = operation(result, group.shfl_xor(result, distance));
    }
    return result;
}

/// A coalesced group of any size: a tree over the ranks, then rank 0's result for all.
template <class T, class Operation>
__HEDDLE_MEMBER auto reduce(const coalesced_group& group, T&& value, Operation&& operation) {
    typedef __remove_cvref(T) type;
    typedef heddle_detail::warp_reduction<type, __remove_cvref(Operation)> whole_warp;
    type result = value;
    if constexpr (whole_warp::exists) {
        result = whole_warp::all(group.heddle_mask(), result);
    } else {
        unsigned rank = group.thread_rank(), size = group.size();
#pragma unroll
        for (unsigned distance = 1; distance < 32; distance *= 2) {
            type other = group.shfl_down(result, distance);
            if (rank + distance < size) result = operation(result, other);
        }
        result = group.shfl(result, 0);
    }
    return result;
}

template <class Group, class T>
__HEDDLE_MEMBER auto reduce(const Group& group, T&& value) {
    return reduce(group, static_cast<T&&>(value), plus<__remove_cvref(T)>());
}

}  // namespace cooperative_groups
