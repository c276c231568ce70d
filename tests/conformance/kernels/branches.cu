// Branches that some warps take with all their lanes: the functions of branches_functions.h; and loads of
// neighbouring elements that a thread shares with the next one.
#include "branches_functions.h"

template <class T, int step>
__global__ void comparisons(T first, T bound, bool flag, const int* in, int* out, int n) {
    branches::comparisons<T, step>(first, bound, flag, in, out, blockIdx.x * blockDim.x + threadIdx.x, n);
}
template <class T>
__global__ void strides(T first, T bound, const int* in, int* out, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) branches::strides<T>(first, bound, in, out, i, n);
}
#define COMPARED(T)                                                                 \
    template __global__ void comparisons<T, 1>(T, T, bool, const int*, int*, int);  \
    template __global__ void comparisons<T, 3>(T, T, bool, const int*, int*, int);  \
    template __global__ void comparisons<T, -1>(T, T, bool, const int*, int*, int); \
    template __global__ void strides<T>(T, T, const int*, int*, int);
COMPARED(int)
COMPARED(unsigned)
COMPARED(long long)
COMPARED(unsigned long long)

extern "C" __global__ void borders(const int* in, int* out, unsigned width, unsigned height) {
    branches::borders(in, out, blockIdx.x * blockDim.x + threadIdx.x, blockIdx.y * blockDim.y + threadIdx.y,
                      width, height);
}
extern "C" __global__ void ways_out(const int* in, int* out, int middle, bool flag, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) branches::ways_out(in, out, i, n, middle, flag);
}

// Sums of `count` elements from each one on, upwards and downwards; every `step`-th thread's start.
template <class T, int count, int step>
__global__ void windows(const T* in, T* up, T* down, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    T rising = 0, falling = 0;
    for (int k = 0; k < count; ++k) {
        rising += in[step * i + k] * T(k + 1);
        falling += in[step * (n - 1 - i) + k] * T(k + 2);
    }
    up[i] = rising;
    down[i] = falling;
}
#define WINDOWS(T)                                                    \
    template __global__ void windows<T, 2, 1>(const T*, T*, T*, int); \
    template __global__ void windows<T, 3, 1>(const T*, T*, T*, int); \
    template __global__ void windows<T, 4, 1>(const T*, T*, T*, int); \
    template __global__ void windows<T, 4, 2>(const T*, T*, T*, int); \
    template __global__ void windows<T, 8, 3>(const T*, T*, T*, int);
WINDOWS(unsigned char)
WINDOWS(unsigned short)
WINDOWS(unsigned)
WINDOWS(unsigned long long)
WINDOWS(float)
