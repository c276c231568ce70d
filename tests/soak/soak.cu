// Kernels of the soak test: integers, so that every device computes the same.
__global__ void scale(const unsigned* in, unsigned* out, unsigned factor, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[i] * factor + i;
}

__global__ void accumulate(unsigned* y, const unsigned* x, unsigned factor, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] += factor * x[i];
}

__global__ void smooth(const unsigned* in, unsigned* out, unsigned n) {
    __shared__ unsigned tile[256 + 2];
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    tile[threadIdx.x + 1] = i < n ? in[i] : 0;
    if (threadIdx.x == 0) tile[0] = i > 0 ? in[i - 1] : 0;
    if (threadIdx.x == blockDim.x - 1) tile[blockDim.x + 1] = i + 1 < n ? in[i + 1] : 0;
    __syncthreads();
    if (i < n) out[i] = tile[threadIdx.x] + 2 * tile[threadIdx.x + 1] + tile[threadIdx.x + 2];
}

__global__ void count(const unsigned* in, unsigned* bins, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) atomicAdd(&bins[in[i] % 64], 1u);
}

__global__ void churn(unsigned* data, unsigned rounds, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    unsigned x = data[i];
    for (unsigned k = 0; k < rounds; ++k) x = x * 1664525u + 1013904223u;
    data[i] = x;
}
