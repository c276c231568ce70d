// Histogram of bytes: every block counts a stretch of them in shared memory with atomics and adds its counts
// to the whole. Blocks have 256 threads, one a bin; `fours` is the number of bytes over four.
__global__ void clear(unsigned* bins) {
    bins[threadIdx.x] = 0;
}

__global__ void histogram(unsigned fours, const uchar4* data, unsigned* bins) {
    __shared__ unsigned counts[256];
    unsigned t = threadIdx.x, warps = gridDim.x * blockDim.x / 32, warp = (blockIdx.x * blockDim.x + t) / 32;
    unsigned stretch = (fours + warps - 1) / warps, first = warp * stretch,
             last = min(first + stretch, fours);
    counts[t] = 0;
    __syncthreads();
    for (unsigned i = first + t % 32; i < last; i += 32) {
        uchar4 four = data[i];
        atomicAdd(&counts[four.x], 1u);
        atomicAdd(&counts[four.y], 1u);
        atomicAdd(&counts[four.z], 1u);
        atomicAdd(&counts[four.w], 1u);
    }
    __syncthreads();
    atomicAdd(&bins[t], counts[t]);
}
