// Cooperative groups made from other groups: tiled_partition, labeled_partition, binary_partition,
// this_thread.
#pragma once

#include <heddle/cooperative_groups/groups.h>

namespace cooperative_groups {

template <unsigned Size>
__HEDDLE_MEMBER thread_block_tile<Size, thread_block> tiled_partition(const thread_block&) {
    return thread_block_tile<Size, thread_block>::heddle_make(
        heddle_detail::block_rank() / Size, (heddle_detail::block_size() + Size - 1) / Size);
}
template <unsigned Size, unsigned ParentSize, class Parent>
__HEDDLE_MEMBER thread_block_tile<Size, thread_block_tile<ParentSize, Parent>> tiled_partition(
    const thread_block_tile<ParentSize, Parent>& parent) {
    static_assert(Size <= ParentSize, "a tile must not be larger than the tile it is cut from");
    return thread_block_tile<Size, thread_block_tile<ParentSize, Parent>>::heddle_make(
        parent.thread_rank() / Size, ParentSize / Size);
}

// Sizes known at run time only. Pieces of a coalesced group are counted by rank, not by lane.
__HEDDLE_MEMBER coalesced_group tiled_partition(const coalesced_group& parent, unsigned size) {
    unsigned rank = parent.thread_rank(), first = rank / size * size, mask = parent.heddle_mask();
    unsigned low = __heddle_nth_bit(mask, first), end = first + size;
    unsigned from = mask & (0xffffffffu << low);
    unsigned high = end >= parent.size() ? 32 : __heddle_nth_bit(mask, end);
    return coalesced_group::heddle_make(high >= 32 ? from : from & ((1u << high) - 1), rank / size,
                                        (parent.size() + size - 1) / size);
}
__HEDDLE_MEMBER thread_group tiled_partition(const thread_group& parent, unsigned size) {
    if (parent.heddle_kind() == heddle_detail::kind::coalesced)
        return tiled_partition(coalesced_group::heddle_make(parent.heddle_mask()), size);
    return thread_group::heddle_make(heddle_detail::kind::tile, heddle_detail::tile_mask(size));
}

/// The threads of the group that gave the same label.
template <class Group, class Label>
__HEDDLE_MEMBER coalesced_group labeled_partition(const Group& parent, Label label) {
    static_assert(__is_integral(Label), "a label must be an integer");
    unsigned mask = __match_any_sync(parent.heddle_mask(), label);
    // A partition's rank is the number of partitions whose lowest lane stands below its own.
    unsigned lowest = __ffs(mask) - 1;
    unsigned leaders = __ballot_sync(parent.heddle_mask(), __heddle_lane() == lowest);
    return coalesced_group::heddle_make(mask, __popc(leaders & ((1u << lowest) - 1)), __popc(leaders));
}
/// The threads of the group whose predicate is as true as this one's.
template <class Group>
__HEDDLE_MEMBER coalesced_group binary_partition(const Group& parent, bool predicate) {
    unsigned chosen = __ballot_sync(parent.heddle_mask(), predicate);
    return coalesced_group::heddle_make(predicate ? chosen : parent.heddle_mask() & ~chosen,
                                        predicate ? 0 : 1, 2);
}

__HEDDLE_MEMBER thread_block_tile<1> this_thread() {
    return thread_block_tile<1>::heddle_make(0, 1);
}

}  // namespace cooperative_groups
