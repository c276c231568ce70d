// cooperative_groups::memcpy_async and wait: the group's threads copy at once, waiting is the group's
// barrier.
#pragma once

#include <heddle/cooperative_groups/groups.h>

namespace cooperative_groups {

/// Copies `bytes` bytes, one element of T a thread and step.
template <class Group, class T, class U, class Size>
__HEDDLE_MEMBER void memcpy_async(const Group& group, T* to, const U* from, const Size& bytes) {
    size_t total = (size_t)bytes, rank = group.thread_rank(), step = group.size();
    if (total % sizeof(T) == 0 && sizeof(T) == sizeof(U)) {
        for (size_t i = rank; i < total / sizeof(T); i += step) __builtin_memcpy(to + i, from + i, sizeof(T));
    } else {
        for (size_t i = rank; i < total; i += step) ((char*)to)[i] = ((const char*)from)[i];
    }
}
/// Copies as many elements as both layouts (numbers of elements) hold.
template <class Group, class T, class U, class ToLayout, class FromLayout>
__HEDDLE_MEMBER void memcpy_async(const Group& group, T* to, const ToLayout& to_layout, const U* from,
                                  const FromLayout& from_layout) {
    size_t to_bytes = (size_t)to_layout * sizeof(T), from_bytes = (size_t)from_layout * sizeof(U);
    memcpy_async(group, to, from, to_bytes < from_bytes ? to_bytes : from_bytes);
}

template <class Group>
__HEDDLE_MEMBER void wait(const Group& group) {
    group.sync();
}
template <unsigned Stages, class Group>
__HEDDLE_MEMBER void wait_prior(const Group& group) {
    group.sync();
}

}  // namespace cooperative_groups
