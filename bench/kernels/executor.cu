// Ten operations of the suite `executor`, from those that only move memory to those that calculate for long.
__global__ void saxpy(float* y, const float* x, float a, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}

__global__ void scale(float* y, const float* x, float a, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i];
}

__global__ void triad(float* z, const float* x, const float* y, float a, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) z[i] = x[i] + a * y[i];
}

// The sum of x, in 64 bits, added to *sum; a stretch of 16 elements a thread.
__global__ void total(unsigned long long* sum, const unsigned* x, unsigned n) {
    __shared__ unsigned long long parts[8];
    unsigned long long mine = 0;
    const unsigned first = blockIdx.x * blockDim.x * 16 + threadIdx.x;
    for (unsigned k = 0; k < 16; ++k) {
        const unsigned i = first + k * blockDim.x;
        if (i < n) mine += x[i];
    }
    for (unsigned offset = 16; offset != 0; offset /= 2) mine += __shfl_down_sync(~0u, mine, offset);
    if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = mine;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (unsigned w = 1; w < blockDim.x / 32; ++w) mine += parts[w];
        atomicAdd(sum, mine);
    }
}

__global__ void polynomial(float* y, const float* x, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const float t = x[i];
    float p = 1.0f;
    for (int k = 0; k < 16; ++k) p = p * t + 0.5f;
    y[i] = p;
}

__global__ void softplus(float* y, const float* x, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = logf(1.0f + expf(x[i]));
}

__global__ void stencil(float* y, const float* x, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const float left = i > 0 ? x[i - 1] : 0.0f, right = i + 1 < n ? x[i + 1] : 0.0f;
    y[i] = 0.25f * left + 0.5f * x[i] + 0.25f * right;
}

__global__ void histogram(unsigned* bins, const unsigned* x, unsigned n) {
    __shared__ unsigned mine[256];
    mine[threadIdx.x] = 0;
    __syncthreads();
    const unsigned first = blockIdx.x * blockDim.x * 16 + threadIdx.x;
    for (unsigned k = 0; k < 16; ++k) {
        const unsigned i = first + k * blockDim.x;
        if (i < n) atomicAdd(&mine[x[i] % 256], 1u);
    }
    __syncthreads();
    if (mine[threadIdx.x] != 0) atomicAdd(&bins[threadIdx.x], mine[threadIdx.x]);
}

__global__ void gather(unsigned* y, const unsigned* x, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = x[(i * 2654435761u) % n];
}

__global__ void orbit(float* y, const float* x, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float a = x[i], b = 0.5f;
    for (int k = 0; k < 256; ++k) {
        a = a * 0.75f + b * 0.25f;
        b = b * 0.75f - a * 0.25f;
    }
    y[i] = a + b;
}
