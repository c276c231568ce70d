// Kernels for the AArch64 proof: straight code, barriers, divergence, warp operations, atomics, maths. What
// they must compute stands beside their launch in aarch64_harness.c.

extern "C" __global__ void axpy(float a, const float* x, float* y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}

extern "C" __global__ void block_sum(const float* values, float* sums, int n) {
    __shared__ float partial[128];
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    partial[threadIdx.x] = i < n ? values[i] : 0.0f;
    __syncthreads();
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) partial[threadIdx.x] += partial[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) sums[blockIdx.x] = partial[0];
}

// Dynamic shared memory and a barrier that counts.
extern "C" __global__ void reverse_block(const int* in, int* out, int* evens) {
    extern __shared__ int staged[];
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    staged[threadIdx.x] = in[i];
    int even = __syncthreads_count(in[i] % 2 == 0);
    out[i] = staged[blockDim.x - 1 - threadIdx.x];
    if (threadIdx.x == 0) evens[blockIdx.x] = even;
}

// Every lane loops a different number of times.
extern "C" __global__ void collatz_steps(const unsigned* start, int* steps, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    unsigned long long value = start[i];
    int count = 0;
    while (value != 1) {
        if (value % 2 == 0)
            value /= 2;
        else
            value = 3 * value + 1;
        if (++count == 300) break;
    }
    steps[i] = count;
}

// Inclusive sum over each warp, and the lanes with a negative value.
extern "C" __global__ void warp_scan(const int* in, int* scan, unsigned* negative) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    int lane = threadIdx.x % 32;
    int value = in[i];
    unsigned vote = __ballot_sync(0xffffffffu, value < 0);
    for (int delta = 1; delta < 32; delta *= 2) {
        int other = __shfl_up_sync(0xffffffffu, value, delta);
        if (lane >= delta) value += other;
    }
    scan[i] = value;
    if (lane == 0) negative[i / 32] = vote;
}

extern "C" __global__ void histogram(const unsigned char* data, int* bins, int n) {
    __shared__ int local[256];
    for (int b = threadIdx.x; b < 256; b += blockDim.x) local[b] = 0;
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        atomicAdd(&local[data[i]], 1);
    __syncthreads();
    for (int b = threadIdx.x; b < 256; b += blockDim.x) atomicAdd(&bins[b], local[b]);
}

extern "C" __global__ void maths(const float* x, float* out, double* wide, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float v = x[i];
    out[i] = sinf(v) + expf(-v) * logf(v + 1.0f) + powf(v, 1.5f) + sqrtf(v);
    wide[i] = sin(static_cast<double>(v)) + cos(static_cast<double>(v)) / (1.0 + exp(static_cast<double>(v)));
}
