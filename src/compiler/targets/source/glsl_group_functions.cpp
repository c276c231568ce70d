// Functions of a block and of a warp in GLSL.
#include "glsl_function_tables.h"

namespace heddle::compiler {

// What threads do together. block_*: all threads of the block call it, `active` says who takes part; the
// cells are one word of shared memory a thread. warp_*: the threads of a warp that are there.
const std::vector<GlslFunction>& group_functions() {
    static const std::vector<GlslFunction> functions = {
        {"any_of_block", {"cells"}, R"(bool any_of_block(bool holds) {
    if (gl_LocalInvocationID.x == 0u) cells[0] = 0u;
    BLOCK_BARRIER;
    if (holds) cells[0] = 1u;
    BLOCK_BARRIER;
    bool any = cells[0] != 0u;
    BLOCK_BARRIER;
    return any;
}
)"},
        {"count_of_block", {"cells"}, R"(uint count_of_block(bool holds) {
    if (gl_LocalInvocationID.x == 0u) cells[0] = 0u;
    BLOCK_BARRIER;
    if (holds) atomicAdd(cells[0], 1u);
    BLOCK_BARRIER;
    uint count = cells[0];
    BLOCK_BARRIER;
    return count;
}
)"},
        {"lane_at", {}, R"(uint lane_at(uint lane, uint width) {
    return (LANE & ~(width - 1u)) | (lane & (width - 1u));
}
)"},
        {"lane_above", {}, R"(uint lane_above(uint distance, uint width) {
    uint from = LANE + (distance & 31u);
    return from <= (LANE | (width - 1u)) ? from : LANE;
}
)"},
        {"lane_below", {}, R"(uint lane_below(uint distance, uint width) {
    int from = int(LANE) - int(distance & 31u);
    return from >= int(LANE & ~(width - 1u)) ? uint(from) : LANE;
}
)"},
        {"lane_across", {}, R"(uint lane_across(uint mask, uint width) {
    uint from = LANE ^ (mask & 31u);
    return from <= (LANE | (width - 1u)) ? from : LANE;
}
)"},
        {"all_or_none", {}, R"(uint all_or_none(uint found, uint mask) { return found == mask ? mask : 0u; }
)"},
        {"block_shuffle", {"cells"}, R"(uint block_shuffle(uint value, uint lane) {
    uint thread = gl_LocalInvocationID.x;
    uint from = (thread & ~31u) + lane;
    cells[thread] = value;
    BLOCK_BARRIER;
    uint theirs = from < block_threads ? cells[from] : value;
    BLOCK_BARRIER;
    return theirs;
}
)"},
        {"block_shuffle_wide", {"block_shuffle"}, R"(uint64_t block_shuffle_wide(uint64_t value, uint lane) {
    uint low = block_shuffle(LOW(value), lane);
    return packUint2x32(uvec2(low, block_shuffle(HIGH(value), lane)));
}
)"},
        {"block_shuffle_pair", {"block_shuffle"}, R"(uvec2 block_shuffle_pair(uvec2 value, uint lane) {
    uint low = block_shuffle(value.x, lane);
    return uvec2(low, block_shuffle(value.y, lane));
}
)"},
        {"block_ballot", {"cells"}, R"(uint block_ballot(bool vote) {
    uint thread = gl_LocalInvocationID.x;
    uint first = thread & ~31u;
    cells[thread] = uint(vote);
    BLOCK_BARRIER;
    uint bits = 0u;
    for (uint lane = 0u; lane < 32u; lane++)
        if (first + lane < block_threads) bits |= cells[first + lane] << lane;
    BLOCK_BARRIER;
    return bits;
}
)"},
        {"block_match", {"block_ballot"}, R"(uint block_match(bool takes_part, uint mask, uint value) {
    uint present = block_ballot(takes_part) & mask;
    uint thread = gl_LocalInvocationID.x;
    cells[thread] = value;
    BLOCK_BARRIER;
    uint equal = 0u;
    for (uint lane = 0u; lane < 32u; lane++)
        if (((present >> lane) & 1u) != 0u && cells[(thread & ~31u) + lane] == value) equal |= 1u << lane;
    BLOCK_BARRIER;
    return equal;
}
)"},
        {"block_match_wide",
         {"block_match"},
         R"(uint block_match_wide(bool takes_part, uint mask, uint64_t value) {
    uint equal = block_match(takes_part, mask, LOW(value));
    return block_match(takes_part, mask, HIGH(value)) & equal;
}
)"},
        {"block_match_pair",
         {"block_match"},
         R"(uint block_match_pair(bool takes_part, uint mask, uvec2 value) {
    uint equal = block_match(takes_part, mask, value.x);
    return block_match(takes_part, mask, value.y) & equal;
}
)"},
        {"block_reduce_{K}",
         {"block_ballot"},
         R"(uint block_reduce_{K}(bool takes_part, uint mask, uint value) {
    uint present = block_ballot(takes_part) & mask;
    uint thread = gl_LocalInvocationID.x;
    cells[thread] = value;
    BLOCK_BARRIER;
    uint total = value;
    bool is_first = true;
    for (uint lane = 0u; lane < 32u; lane++) {
        if (((present >> lane) & 1u) == 0u) continue;
        uint other = cells[(thread & ~31u) + lane];
        total = is_first ? other : {O};
        is_first = false;
    }
    BLOCK_BARRIER;
    return total;
}
)"},
        {"warp_sync", {}, R"(void warp_sync() {
    controlBarrier(gl_ScopeSubgroup, gl_ScopeSubgroup, MEMORY_KINDS, MEMORY_SEMANTICS);
}
)"},
        {"warp_shuffle", {}, R"(uint warp_shuffle(uint value, uint lane) {
    return subgroupShuffle(value, (gl_SubgroupInvocationID & ~31u) | lane);
}
)"},
        {"warp_shuffle_wide", {"warp_shuffle"}, R"(uint64_t warp_shuffle_wide(uint64_t value, uint lane) {
    return packUint2x32(uvec2(warp_shuffle(LOW(value), lane), warp_shuffle(HIGH(value), lane)));
}
)"},
        {"warp_ballot", {}, R"(uint warp_ballot(bool vote) {
    uvec4 bits = subgroupBallot(vote);
    return gl_SubgroupSize == 32u ? bits.x : bits[gl_SubgroupInvocationID >> 5];
}
)"},
        {"warp_match",
         {"warp_ballot", "warp_shuffle"},
         R"(uint warp_match(bool takes_part, uint mask, uint value) {
    uint present = warp_ballot(takes_part) & mask, equal = 0u;
    for (uint lane = 0u; lane < 32u; lane++)
        if (warp_shuffle(value, lane) == value && ((present >> lane) & 1u) != 0u) equal |= 1u << lane;
    return equal;
}
)"},
        {"warp_match_wide",
         {"warp_match"},
         R"(uint warp_match_wide(bool takes_part, uint mask, uint64_t value) {
    return warp_match(takes_part, mask, LOW(value)) & warp_match(takes_part, mask, HIGH(value));
}
)"},
        {"warp_reduce_{K}",
         {"warp_ballot", "warp_shuffle"},
         R"(uint warp_reduce_{K}(bool takes_part, uint mask, uint value) {
    uint present = warp_ballot(takes_part) & mask, total = value;
    if (gl_SubgroupSize == 32u && subgroupAll(mask == present) && subgroupBallot(true).x == present)
        return {S};
    bool is_first = true;
    for (uint lane = 0u; lane < 32u; lane++) {
        uint other = warp_shuffle(value, lane);
        if (((present >> lane) & 1u) == 0u) continue;
        total = is_first ? other : {O};
        is_first = false;
    }
    return total;
}
)"},
    };
    return functions;
}

}  // namespace heddle::compiler
