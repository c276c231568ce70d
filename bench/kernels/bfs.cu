// Breadth-first search from vertex 0, level by level: the frontier of a level is a list; whoever reaches a
// vertex first puts it on the next one. `counts` holds the length of each level's frontier.
__global__ void begin(unsigned vertices, unsigned levels, unsigned* distance, unsigned* frontier,
                      unsigned* counts) {
    unsigned first = blockIdx.x * blockDim.x + threadIdx.x, stride = gridDim.x * blockDim.x;
    for (unsigned i = first; i < vertices; i += stride) distance[i] = i == 0 ? 0u : 0xffffffffu;
    for (unsigned i = first; i <= levels; i += stride) counts[i] = i == 0 ? 1u : 0u;
    if (first == 0) frontier[0] = 0;
}

__global__ void expand(unsigned level, const unsigned* edge_start, const unsigned* edge, unsigned* distance,
                       const unsigned* frontier, unsigned* next, unsigned* counts) {
    unsigned count = counts[level];
    for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
        unsigned from = frontier[i];
        for (unsigned k = edge_start[from]; k < edge_start[from + 1]; ++k) {
            unsigned to = edge[k];
            if (distance[to] == 0xffffffffu &&
                atomicCAS(&distance[to], 0xffffffffu, level + 1) == 0xffffffffu)
                next[atomicAdd(&counts[level + 1], 1u)] = to;
        }
    }
}
