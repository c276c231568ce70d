// Sum of n floats: every block goes over a stretch of the input, then adds its threads' sums in a tree in
// shared memory. Launched twice: for partial sums, one a block, and for their sum.
__global__ void block_sums(unsigned n, const float* input, float* sums) {
    __shared__ float values[256];
    unsigned t = threadIdx.x, warps = gridDim.x * blockDim.x / 32, warp = (blockIdx.x * blockDim.x + t) / 32;
    unsigned stretch = (n + warps - 1) / warps, first = warp * stretch, last = min(first + stretch, n);
    float sum = 0.0f;
    for (unsigned i = first + t % 32; i < last; i += 32) sum += input[i];
    values[t] = sum;
    __syncthreads();
    for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
        if (t < half) values[t] += values[t + half];
        __syncthreads();
    }
    if (t == 0) sums[blockIdx.x] = values[0];
}
