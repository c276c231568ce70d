// Sum of n floats: every block goes over a stretch of the input, then adds its threads' sums in a tree in
// shared memory. Launched twice: for partial sums, one a block, and for their sum.
__global__ void block_sums(unsigned n, const float* input, float* sums) {
    __shared__ float values[256];
    unsigned t = threadIdx.x, stretch = (n + gridDim.x - 1) / gridDim.x;
    unsigned first = blockIdx.x * stretch, last = min(first + stretch, n);
    float sum = 0.0f;
    for (unsigned i = first + t; i < last; i += blockDim.x) sum += input[i];
    values[t] = sum;
    __syncthreads();
    for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
        if (t < half) values[t] += values[t + half];
        __syncthreads();
    }
    if (t == 0) sums[blockIdx.x] = values[0];
}
