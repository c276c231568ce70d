// Bitonic sort (Batcher 1968) of unsigned integers, a power of two of them. Blocks of 512 threads hold 1024
// keys in shared memory; steps that reach farther go through global memory.
__device__ void exchange(unsigned* low, unsigned* high, bool ascending) {
    unsigned a = *low, b = *high;
    if ((a > b) == ascending) {
        *low = b;
        *high = a;
    }
}

// The first ten phases: sorts every run of 1024 keys, alternately up and down, from `input` into `keys`.
__global__ void sort_runs(const unsigned* input, unsigned* keys) {
    __shared__ unsigned run[1024];
    unsigned t = threadIdx.x, base = blockIdx.x * 1024;
    run[t] = input[base + t];
    run[t + 512] = input[base + t + 512];
    for (unsigned size = 2; size <= 1024; size *= 2) {
        for (unsigned distance = size / 2; distance > 0; distance /= 2) {
            __syncthreads();
            unsigned i = 2 * t - (t & (distance - 1));
            exchange(&run[i], &run[i + distance], ((base + i) & size) == 0);
        }
    }
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
    bool ascending = (base & size) == 0;
    run[t] = keys[base + t];
    run[t + 512] = keys[base + t + 512];
    for (unsigned distance = 512; distance > 0; distance /= 2) {
        __syncthreads();
        unsigned i = 2 * t - (t & (distance - 1));
        exchange(&run[i], &run[i + distance], ascending);
    }
    __syncthreads();
    keys[base + t] = run[t];
    keys[base + t + 512] = run[t + 512];
}
