// Control flow: one kernel for each function of control_functions.h, and loops and branches around barriers,
// memory and atomics.
#include "control_functions.h"

extern "C" {

#define KERNEL(name)                                                           \
    __global__ void control_##name(const unsigned* in, unsigned* out, int n) { \
        const int i = blockIdx.x * blockDim.x + threadIdx.x;                   \
        if (i < n) out[i] = control::name(in[i]);                              \
    }
CONTROL_FUNCTIONS(KERNEL)

// Barriers in a loop whose trip count is the same for the block.
__global__ void barrier_in_loop(const int* in, int* out, int rounds) {
    __shared__ int tile[256];
    const int i = threadIdx.x, n = blockDim.x;
    tile[i] = in[blockIdx.x * n + i];
    __syncthreads();
    for (int r = 0; r < rounds; ++r) {
        const int next = tile[(i + 1) % n];
        __syncthreads();
        tile[i] = tile[i] * 3 + next;
        __syncthreads();
    }
    out[blockIdx.x * n + i] = tile[i];
}
__global__ void barrier_in_uniform_branch(const int* in, int* out, int mode) {
    __shared__ int tile[256];
    const int i = threadIdx.x, n = blockDim.x;
    tile[i] = in[i];
    if (mode & 1) {
        __syncthreads();
        out[i] = tile[n - 1 - i];
    } else if (blockIdx.x == 0) {
        __syncthreads();
        out[i] = tile[(i + 7) % n] + 1;
        __syncthreads();
    }
}
__global__ void barrier_between_divergence(const int* in, int* out) {
    __shared__ int tile[256];
    const int i = threadIdx.x, n = blockDim.x;
    int v = in[i];
    if (v % 3 == 0) {
        for (int k = 0; k < v % 10; ++k) v += k;
        tile[i] = v;
    } else {
        tile[i] = -v;
    }
    __syncthreads();
    int sum = 0;
    for (int k = 0; k < (i & 7); ++k) sum += tile[(i + k) % n];  // divergent, after the barrier
    __syncthreads();
    if (i & 1) tile[i] = sum;
    __syncthreads();
    out[i] = tile[i ^ 1] + sum;
}
__global__ void tree_reduction(const int* in, int* out, int n) {
    __shared__ int partial[512];
    const int i = threadIdx.x;
    int sum = 0;
    for (int k = blockIdx.x * blockDim.x + i; k < n; k += blockDim.x * gridDim.x) sum += in[k];
    partial[i] = sum;
    __syncthreads();
    for (int s = blockDim.x / 2; s > 0; s >>= 1) {
        if (i < s) partial[i] += partial[i + s];
        __syncthreads();
    }
    if (i == 0) out[blockIdx.x] = partial[0];
}
__global__ void barrier_count(const int* in, int* out) {
    const int i = threadIdx.x;
    out[i] = __syncthreads_count(in[i] > 0);
    out[blockDim.x + i] = __syncthreads_and(in[i] > -900);
    out[2 * blockDim.x + i] = __syncthreads_or(in[i] > 900);
}
// Threads that have returned do not hold up the others' barrier.
__global__ void early_exit_before_barrier(int* out) {
    __shared__ int tile[256];
    const int i = threadIdx.x;
    if (i >= 160) return;
    tile[i] = i * 5;
    __syncthreads();
    out[i] = tile[159 - i];
}
__global__ void stores_in_divergent_loop(const int* trips, int* out, int stride, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    for (int k = 0; k < trips[i]; ++k) {
        if (k == 5) continue;
        out[i * stride + k] = i + k;
    }
}
__global__ void atomics_in_divergence(const int* in, int* counts, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    int v = in[i] & 1023;
    while (v) {
        if (v & 1) atomicAdd(counts + 31 - __clz(v), 1);
        v >>= 1;
    }
}
// A uniform branch on a value loaded from memory, different in each block.
__global__ void branch_by_block(const int* mode, const int* in, int* out) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    switch (mode[blockIdx.x]) {
        case 0:
            out[i] = in[i];
            break;
        case 1:
            out[i] = -in[i];
            break;
        case 2:
            if (threadIdx.x < 10) return;
            out[i] = in[i] * 2;
            break;
        default:
            out[i] = 9;
    }
}
// Every lane takes another path through a long ladder.
__global__ void lane_ladder(int* out) {
    const int lane = threadIdx.x & 31;
    int v = 1000 * (threadIdx.x >> 5);
    for (int step = 0; step < 32; ++step)
        if (step == lane)
            v += step * step;
        else if (step == 31 - lane)
            v -= step;
    out[blockIdx.x * blockDim.x + threadIdx.x] = v;
}
// A warp whose lanes all agree at run time, though the compiler cannot know it, and one that disagrees.
__global__ void dynamically_uniform(const int* in, int* out, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    int v = in[i];
    int r = 0;
    while (v > 0) {
        if (v & 1)
            r += v;
        else
            r ^= v;
        v = v / 2 - 1;
    }
    out[i] = r;
}
__global__ void fences(volatile int* flag, int* out) {
    if (threadIdx.x != 0) return;
    if (blockIdx.x == 0) flag[0] = 1;
    __threadfence_block();
    __threadfence();
    __threadfence_system();
    out[blockIdx.x] = 1;
}
// Two values that change places, and an array, live across both barriers of a loop.
__global__ void barrier_keeps_arrays(const unsigned* in, unsigned* out, int rounds) {
    __shared__ unsigned tile[256];
    const unsigned i = threadIdx.x, n = blockDim.x;
    unsigned history[8] = {}, a = in[i], b = 1;
    for (int r = 0; r < rounds; ++r) {
        tile[i] = a;
        __syncthreads();
        const unsigned c = tile[(i + r + 1) % n], old = a;
        history[c & 7] += r + 1;
        a = b + c;
        b = old;
        __syncthreads();
        if ((a & 3) == 0) history[r & 7] ^= a;
    }
    unsigned sum = a * 31 + b;
    for (int k = 0; k < 8; ++k) sum = sum * 5 + history[(k + i) & 7];
    out[i] = sum;
}
// Some threads have ended, and the warps wait at different barriers in the source.
__global__ void barriers_by_warp(int* out) {
    __shared__ int tile[160];
    const int i = threadIdx.x, warp = i / 32, next = (i + 32) % 160;
    tile[i] = 0;
    __syncthreads();
    if (warp == 2 && i % 5 == 4) return;
    if (warp & 1) {
        tile[i] = i * 3;
        __syncthreads();
        out[i] = tile[next];
    } else {
        tile[i] = i * 7;
        __syncthreads();
        out[i] = tile[next] + 1;
        if (warp == 4) return;
    }
    __syncthreads();
    tile[i] = out[i];
    __syncthreads();
    out[i] += tile[i ^ 64];
}
// Barriers, votes and shuffles in turn, after some lanes have ended.
__global__ void barriers_and_shuffles(const int* in, int* out) {
    __shared__ int tile[192];
    const int i = threadIdx.x, lane = i % 32;
    int v = in[i];
    tile[i] = 0;
    if (i >= 170) return;
    for (int r = 0; r < 3; ++r) {
        v += __shfl_xor_sync(0xffffffffu, v, 1);
        if (lane < 8) v ^= __shfl_down_sync(0xffu, v, 1, 8);
        tile[i] = v;
        v += __syncthreads_count(v & 1);
        v += tile[169 - i];
        __syncthreads();
    }
    out[i] = v;
}
}
