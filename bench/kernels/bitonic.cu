// Bitonic sort (Batcher 1968) of unsigned integers, a power of two of them. Blocks of 512 threads hold 1024
// keys in shared memory; steps that reach farther go through global memory, and those within the 64 keys of a
// warp through registers and shuffles.
__device__ void exchange(unsigned* low, unsigned* high, bool ascending) {
    unsigned a = *low, b = *high;
    if ((a > b) == ascending) {
        *low = b;
        *high = a;
    }
}

// This thread's key after a step: the smaller of the pair if it is the lower one of an ascending pair.
__device__ unsigned chosen(unsigned mine, unsigned other, bool is_lower, bool ascending) {
    return is_lower == ascending ? min(mine, other) : max(mine, other);
}

// The steps over distances below 64 and below `size`, of the keys that stand in `run` from the warp's 64th
// on: thread `lane` keeps the lane-th and the one 32 behind it.
__device__ void within_warp(unsigned* run, unsigned base, unsigned size) {
    unsigned lane = threadIdx.x % 32, first = threadIdx.x / 32 * 64 + lane;
    unsigned a = run[first], b = run[first + 32];
    bool up_a = ((base + first) & size) == 0, up_b = ((base + first + 32) & size) == 0;
    if (size > 32) {
        unsigned low = min(a, b), high = max(a, b);
        a = up_a ? low : high;
        b = up_a ? high : low;
    }
    for (unsigned distance = 16; distance > 0; distance /= 2) {
        if (distance >= size) continue;
        bool is_lower = (lane & distance) == 0;
        a = chosen(a, __shfl_xor_sync(0xffffffffu, a, distance), is_lower, up_a);
        b = chosen(b, __shfl_xor_sync(0xffffffffu, b, distance), is_lower, up_b);
    }
    run[first] = a;
    run[first + 32] = b;
}

// The steps of the phase that makes sorted runs of `size`, over distances from `distance` on.
__device__ void merge(unsigned* run, unsigned base, unsigned size, unsigned distance) {
    for (; distance >= 64; distance /= 2) {
        __syncthreads();
        unsigned t = threadIdx.x, i = 2 * t - (t & (distance - 1));
        exchange(&run[i], &run[i + distance], ((base + i) & size) == 0);
    }
    __syncthreads();
    within_warp(run, base, size);
}

// The first ten phases: sorts every run of 1024 keys, alternately up and down, from `input` into `keys`.
__global__ void sort_runs(const unsigned* input, unsigned* keys) {
    __shared__ unsigned run[1024];
    unsigned t = threadIdx.x, base = blockIdx.x * 1024;
    run[t] = input[base + t];
    run[t + 512] = input[base + t + 512];
    for (unsigned size = 2; size <= 1024; size *= 2) merge(run, base, size, size / 2);
    __syncthreads();
    keys[base + t] = run[t];
    keys[base + t + 512] = run[t + 512];
}

// One step of the phase that makes sorted runs of `size`, over a distance of 1024 or more.
__global__ void merge_far(unsigned* keys, unsigned size, unsigned distance) {
    unsigned t = blockIdx.x * blockDim.x + threadIdx.x;
    unsigned i = 2 * t - (t & (distance - 1));
    exchange(&keys[i], &keys[i + distance], (i & size) == 0);
}

// The rest of that phase, distances 512 to 1.
__global__ void merge_near(unsigned* keys, unsigned size) {
    __shared__ unsigned run[1024];
    unsigned t = threadIdx.x, base = blockIdx.x * 1024;
    run[t] = keys[base + t];
    run[t + 512] = keys[base + t + 512];
    merge(run, base, size, 512);
    __syncthreads();
    keys[base + t] = run[t];
    keys[base + t + 512] = run[t + 512];
}
