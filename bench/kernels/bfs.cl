// Breadth-first search from vertex 0, level by level: the frontier of a level is a list; whoever reaches a vertex first
// puts it on the next one. `counts` holds the length of each level's frontier.
kernel void begin(uint vertices, uint levels, global uint* distance, global uint* frontier, global uint* counts) {
    uint first = get_global_id(0), stride = get_global_size(0);
    for (uint i = first; i < vertices; i += stride) distance[i] = i == 0 ? 0u : 0xffffffffu;
    for (uint i = first; i <= levels; i += stride) counts[i] = i == 0 ? 1u : 0u;
    if (first == 0) frontier[0] = 0;
}

kernel void expand(uint level, global const uint* edge_start, global const uint* edge, global uint* distance,
                   global const uint* frontier, global uint* next, global uint* counts) {
    uint count = counts[level];
    for (uint i = get_global_id(0); i < count; i += get_global_size(0)) {
        uint from = frontier[i];
        for (uint k = edge_start[from]; k < edge_start[from + 1]; ++k) {
            uint to = edge[k];
            if (distance[to] == 0xffffffffu && atomic_cmpxchg(&distance[to], 0xffffffffu, level + 1) == 0xffffffffu)
                next[atomic_add(&counts[level + 1], 1u)] = to;
        }
    }
}
