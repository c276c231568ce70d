// One kernel for each function of language_functions.h, and kernels that are themselves templates, in
// namespaces, or use device-only language.
#include "language_functions.h"

#define KERNEL(name)                                                                       \
    extern "C" __global__ void language_##name(const unsigned* in, unsigned* out, int n) { \
        const int i = blockIdx.x * blockDim.x + threadIdx.x;                               \
        if (i < n) out[i] = language::name(in[i]);                                         \
    }
LANGUAGE_FUNCTIONS(KERNEL)

namespace image {
namespace filters {
__global__ void brighten(const unsigned* in, unsigned* out, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[i] + 16;
}
}  // namespace filters
}  // namespace image

template <class T, int N>
__global__ void scale(const T* in, T* out, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[i] * N;
}
template __global__ void scale<unsigned, 3>(const unsigned*, unsigned*, int);
template __global__ void scale<float, -2>(const float*, float*, int);
template __global__ void scale<double, 7>(const double*, double*, int);

struct AddK {
    unsigned k;
    __device__ unsigned operator()(unsigned v) const { return v + k; }
};
template <class F>
__global__ void transform(const unsigned* in, unsigned* out, int n, F f) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = f(in[i]);
}
template __global__ void transform<AddK>(const unsigned*, unsigned*, int, AddK);

__device__ __noinline__ unsigned not_inlined(unsigned x, unsigned depth) {
    unsigned sum = x;
    for (unsigned i = 0; i < depth; ++i) sum = sum * 33 + i;
    return sum;
}
extern "C" __global__ void calls(const unsigned* in, unsigned* out, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = not_inlined(in[i], in[i] % 5) + not_inlined(in[i] + 1, 3);
}
static __device__ unsigned device_only(unsigned x) {
    return x ^ 0xffu;
}
typedef unsigned (*Operation)(unsigned);
__device__ Operation chosen_operation = device_only;
extern "C" __global__ void pointer_in_global(const unsigned* in, unsigned* out, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = chosen_operation(in[i]);
}
#if __CUDA_ARCH__ < 600
#error "the device's architecture is too old for this suite"
#endif
extern "C" __global__ void macros(int* out) {
    out[0] = __CUDA_ARCH__ >= 600;
#ifdef __CUDACC__
    out[1] = 1;
#endif
    out[2] = __LINE__;
    out[3] = sizeof(__FILE__) > 1;
}
