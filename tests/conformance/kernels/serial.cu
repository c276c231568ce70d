// Loops of scattered accesses, which a vector device may run lane by lane: one kernel for each function of
// serial_functions.h, and loops that read shared memory, write, count with atomics, or compute in halves.
#include <cuda_fp16.h>

#include "serial_functions.h"

extern "C" {

#define KERNEL(name)                                                                                 \
    __global__ void serial_##name(const unsigned* table, const unsigned* in, unsigned* out, int n) { \
        const int i = blockIdx.x * blockDim.x + threadIdx.x;                                         \
        if (i < n) out[i] = serial::name(table, in[i]);                                              \
    }                                                                                                \
    __global__ void shared_##name(const unsigned* table, const unsigned* in, unsigned* out, int n) { \
        __shared__ unsigned copy[serial::table_size];                                                \
        for (int k = threadIdx.x; k < serial::table_size; k += blockDim.x) copy[k] = table[k];       \
        __syncthreads();                                                                             \
        const int i = blockIdx.x * blockDim.x + threadIdx.x;                                         \
        const unsigned x = i < n ? in[i] : 0;                                                        \
        unsigned result = 0;                                                                         \
        if (i % 5 != 2) result = serial::name(copy, x);                                              \
        __syncthreads();                                                                             \
        if (i < n) out[i] = result;                                                                  \
    }
SERIAL_FUNCTIONS(KERNEL)

// Rows of a sparse matrix.
__global__ void sparse_rows(const int* start, const int* column, const float* value, const float* x, float* y,
                            int rows) {
    const int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    float sum = 0;
    for (int k = start[row]; k < start[row + 1]; ++k) sum += value[k] * x[column[k]];
    y[row] = sum;
}
// Every lane writes a list of its own and counts into bins.
__global__ void writes(const int* start, const int* column, const int* map, int* list, int* bins, int rows) {
    const int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    for (int k = start[row]; k < start[row + 1]; ++k) {
        const int to = map[column[k]];
        if (to % 3 == 0) continue;
        list[k] = to;
        atomicAdd(bins + map[to], 1);
    }
}
// Whoever comes first to a cell owns it.
__global__ void claims(const int* start, const int* column, const int* map, int* owner, int* won, int rows) {
    const int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    int mine = 0;
    for (int k = start[row]; k < start[row + 1]; ++k) {
        const int to = map[map[column[k]]];
        if (owner[to] == 0 && atomicCAS(owner + to, 0, row + 1) == 0) ++mine;
    }
    won[row] = mine;
}
__global__ void maths(const int* start, const int* column, const float* value, float* y, int rows) {
    const int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    float sum = 0;
    for (int k = start[row]; k < start[row + 1]; ++k) sum += sinf(value[column[k]]) * value[column[k] / 2];
    y[row] = sum;
}
__global__ void halves(const int* start, const int* column, const __half* value, __half* y, int rows) {
    const int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    __half sum = __float2half(0.0f), most = sum;
    for (int k = start[row]; k < start[row + 1]; ++k) {
        const __half v = value[column[k]], w = value[column[column[k]]];
        sum = __hadd(sum, __hmul(v, w));
        most = __hmax(most, v);
    }
    y[row] = __hadd(sum, most);
}
}
