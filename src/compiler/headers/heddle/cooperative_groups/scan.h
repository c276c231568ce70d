// cooperative_groups::inclusive_scan and exclusive_scan over the ranks of a tile or a coalesced group.
#pragma once

#include <heddle/cooperative_groups/operations.h>

namespace cooperative_groups {

/// Thread r gets value(0) op ... op value(r).
template <class Group, class T, class Operation>
__HEDDLE_MEMBER auto inclusive_scan(const Group& group, T&& value, Operation&& operation) {
    typedef __remove_cvref(T) type;
    type result = value;
    unsigned rank = group.thread_rank();
#pragma unroll
    for (unsigned distance = 1; distance < 32; distance *= 2) {
        type other = group.shfl_up(result, distance);
        if (rank >= distance) result = operation(other, result);
    }
    return result;
}
template <class Group, class T>
__HEDDLE_MEMBER auto inclusive_scan(const Group& group, T&& value) {
    return inclusive_scan(group, static_cast<T&&>(value), plus<__remove_cvref(T)>());
}

/// Thread r > 0 gets value(0) op ... op value(r - 1); thread 0 gets zero.
template <class Group, class T, class Operation>
__HEDDLE_MEMBER auto exclusive_scan(const Group& group, T&& value, Operation&& operation) {
    typedef __remove_cvref(T) type;
    type before = group.shfl_up(inclusive_scan(group, value, operation), 1);
    return group.thread_rank() == 0 ? type{} : before;
}
template <class Group, class T>
__HEDDLE_MEMBER auto exclusive_scan(const Group& group, T&& value) {
    return exclusive_scan(group, static_cast<T&&>(value), plus<__remove_cvref(T)>());
}

}  // namespace cooperative_groups
