// Histogram of bytes: every block counts in shared memory with atomics and adds its counts to the whole.
// Blocks have 256 threads, one a bin.
__global__ void clear(unsigned* bins) {
    bins[threadIdx.x] = 0;
}

__global__ void histogram(unsigned n, const unsigned char* data, unsigned* bins) {
    __shared__ unsigned counts[256];
    counts[threadIdx.x] = 0;
    __syncthreads();
    for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        atomicAdd(&counts[data[i]], 1u);
    __syncthreads();
    atomicAdd(&bins[threadIdx.x], counts[threadIdx.x]);
}
