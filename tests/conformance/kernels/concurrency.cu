// Kernels for many queues and threads at once: steps whose order shows in the result, and kernels that take a
// while.

extern "C" {

__global__ void add(int* data, int value, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) data[i] += value;
}
__global__ void times_plus(unsigned* data, unsigned factor, unsigned term, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) data[i] = data[i] * factor + term;
}
__global__ void copy_plus(const int* in, int* out, int value, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[i] + value;
}
__global__ void count(int* counter) {
    atomicAdd(counter, 1);
}
__global__ void work(unsigned* out, unsigned rounds, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    unsigned x = i + 1;
    for (unsigned r = 0; r < rounds; ++r) x = x * 1664525u + 1013904223u;
    if (i < n) out[i] = x;
}
__global__ void work_shared(const unsigned* in, unsigned* out, unsigned rounds) {
    __shared__ unsigned tile[128];
    const int i = blockIdx.x * 128 + threadIdx.x;
    tile[threadIdx.x] = in[i];
    __syncthreads();
    for (unsigned r = 0; r < rounds; ++r) {
        const unsigned next = tile[(threadIdx.x + 1) % 128] * 3 + r;
        __syncthreads();
        tile[threadIdx.x] = next;
        __syncthreads();
    }
    out[i] = tile[threadIdx.x];
}
// Ends when the host has set the flag, or after very many looks.
__global__ void wait_for_host(volatile int* flag, int* out) {
    long long looks = 0;
    while (flag[0] == 0 && ++looks < 20000000000ll) __nanosleep(1000);
    out[0] = flag[0] ? 1 : -1;
}
__global__ void fail_now() {
    __trap();
}
__device__ int total;
__global__ void add_to_total(int value) {
    atomicAdd(&total, value);
}
}
#define MANY(n)                                     \
    extern "C" __global__ void many_##n(int* out) { \
        out[threadIdx.x] = n * 1000 + threadIdx.x;  \
    }
MANY(0)
MANY(1)
MANY(2)
MANY(3)
MANY(4)
MANY(5)
MANY(6)
MANY(7)
