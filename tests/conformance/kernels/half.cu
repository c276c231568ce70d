// __half and __nv_bfloat16: arithmetic, comparisons and conversions, one kernel a type for each group of
// operations.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)

typedef __nv_bfloat16 bf16;
typedef __nv_bfloat162 bf162;

// out: 12 results an element, result r of element i at out[r * n + i]
template <class T>
__global__ void arithmetic(const T* a, const T* b, const T* c, T* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const T x = a[i], y = b[i], z = c[i];
    T* r = out + i;
    *r = __hadd(x, y), r += n;
    *r = __hsub(x, y), r += n;
    *r = __hmul(x, y), r += n;
    *r = __hdiv(x, y), r += n;
    *r = __hfma(x, y, z), r += n;
    *r = __hneg(x), r += n;
    *r = __habs(x), r += n;
    *r = x + y, r += n;
    *r = x - y, r += n;
    *r = x * y, r += n;
    *r = x / y, r += n;
    T t = x;
    t += y;
    *r = -t;
}
template __global__ void arithmetic<__half>(const __half*, const __half*, const __half*, __half*, int);
template __global__ void arithmetic<bf16>(const bf16*, const bf16*, const bf16*, bf16*, int);

template <class T>
__global__ void saturating(const T* a, const T* b, const T* c, T* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = __hadd_sat(a[i], b[i]);
    out[n + i] = __hmul_sat(a[i], b[i]);
    out[2 * n + i] = __hfma_sat(a[i], b[i], c[i]);
}
template __global__ void saturating<__half>(const __half*, const __half*, const __half*, __half*, int);
template __global__ void saturating<bf16>(const bf16*, const bf16*, const bf16*, bf16*, int);

template <class T>
__global__ void compare(const T* a, const T* b, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const T x = a[i], y = b[i];
    int bits = 0;
    bits |= __heq(x, y) << 0;
    bits |= __hne(x, y) << 1;
    bits |= __hlt(x, y) << 2;
    bits |= __hle(x, y) << 3;
    bits |= __hgt(x, y) << 4;
    bits |= __hge(x, y) << 5;
    bits |= __hequ(x, y) << 6;
    bits |= __hltu(x, y) << 7;
    bits |= __hgeu(x, y) << 8;
    bits |= (__hisnan(x) != 0) << 9;
    bits |= (__hisinf(x) != 0) << 10;
    bits |= (x == y) << 11;
    bits |= (x < y) << 12;
    bits |= (x >= y) << 13;
    bits |= (x != y) << 14;
    out[i] = bits;
}
template __global__ void compare<__half>(const __half*, const __half*, int*, int);
template __global__ void compare<bf16>(const bf16*, const bf16*, int*, int);

template <class T>
__global__ void extremes(const T* a, const T* b, T* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = __hmin(a[i], b[i]);
    out[n + i] = __hmax(a[i], b[i]);
}
template __global__ void extremes<__half>(const __half*, const __half*, __half*, int);
template __global__ void extremes<bf16>(const bf16*, const bf16*, bf16*, int);

template <class T>
__global__ void roundings(const T* a, T* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = hfloor(a[i]);
    out[n + i] = hceil(a[i]);
    out[2 * n + i] = htrunc(a[i]);
    out[3 * n + i] = hrint(a[i]);
    out[4 * n + i] = hsqrt(a[i]);
}
template __global__ void roundings<__half>(const __half*, __half*, int);
template __global__ void roundings<bf16>(const bf16*, bf16*, int);

template <class T>
__global__ void functions(const T* a, T* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = hexp(a[i]);
    out[n + i] = hexp2(a[i]);
    out[2 * n + i] = hlog(a[i]);
    out[3 * n + i] = hlog2(a[i]);
    out[4 * n + i] = hsin(a[i]);
    out[5 * n + i] = hcos(a[i]);
    out[6 * n + i] = hrsqrt(a[i]);
    out[7 * n + i] = hrcp(a[i]);
}
template __global__ void functions<__half>(const __half*, __half*, int);
template __global__ void functions<bf16>(const bf16*, bf16*, int);

extern "C" {

__global__ void half_from_float(const float* in, __half* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = __float2half(in[i]);
    out[n + i] = __float2half_rn(in[i]);
    out[2 * n + i] = __float2half_rz(in[i]);
    out[3 * n + i] = __float2half_ru(in[i]);
    out[4 * n + i] = __float2half_rd(in[i]);
    out[5 * n + i] = (__half)in[i];
}
__global__ void bf16_from_float(const float* in, bf16* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = __float2bfloat16(in[i]);
    out[n + i] = __float2bfloat16_rn(in[i]);
    out[2 * n + i] = __float2bfloat16_rz(in[i]);
    out[3 * n + i] = __float2bfloat16_ru(in[i]);
    out[4 * n + i] = __float2bfloat16_rd(in[i]);
    out[5 * n + i] = (bf16)in[i];
}
__global__ void half_to_float(const __half* in, float* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = __half2float(in[i]), out[n + i] = (float)in[i];
}
__global__ void bf16_to_float(const bf16* in, float* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = __bfloat162float(in[i]), out[n + i] = (float)in[i];
}
__global__ void half_from_double(const double* in, __half* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = __double2half(in[i]);
}
__global__ void bf16_from_double(const double* in, bf16* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = __double2bfloat16(in[i]);
}
__global__ void half_from_int(const int* in, __half* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = __int2half_rn(in[i]);
    out[n + i] = __uint2half_rz((unsigned)in[i]);
    out[2 * n + i] = __short2half_rn((short)in[i]);
    out[3 * n + i] = __ll2half_rn((long long)in[i] * 3);
}
__global__ void half_to_int(const __half* in, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = __half2int_rn(in[i]);
    out[n + i] = __half2int_rz(in[i]);
    out[2 * n + i] = (int)__half2uint_ru(in[i]);
    out[3 * n + i] = __half2short_rd(in[i]);
    out[4 * n + i] = (int)__half2ll_rz(in[i]);
}
__global__ void half_bits(const unsigned short* in, unsigned short* out, int n) {
    const int i = INDEX;
    if (i < n)
        out[i] = __half_as_ushort(__ushort_as_half(in[i])) ^
                 (unsigned short)__half_as_short(__short_as_half((short)in[i]));
}
__global__ void half2_arithmetic(const __half2* a, const __half2* b, const __half2* c, __half2* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = __hadd2(a[i], b[i]);
    out[n + i] = __hsub2(a[i], b[i]);
    out[2 * n + i] = __hmul2(a[i], b[i]);
    out[3 * n + i] = __h2div(a[i], b[i]);
    out[4 * n + i] = __hfma2(a[i], b[i], c[i]);
    out[5 * n + i] = __hneg2(a[i]);
    out[6 * n + i] = a[i] * b[i] + c[i];
}
__global__ void bf162_arithmetic(const bf162* a, const bf162* b, const bf162* c, bf162* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = __hadd2(a[i], b[i]);
    out[n + i] = __hsub2(a[i], b[i]);
    out[2 * n + i] = __hmul2(a[i], b[i]);
    out[3 * n + i] = __h2div(a[i], b[i]);
    out[4 * n + i] = __hfma2(a[i], b[i], c[i]);
    out[5 * n + i] = __hneg2(a[i]);
    out[6 * n + i] = a[i] * b[i] + c[i];
}
__global__ void half2_parts(const __half2* in, __half* out, float* floats, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const __half2 v = in[i];
    out[i] = __low2half(v);
    out[n + i] = __high2half(v);
    const __half2 swapped = __lowhigh2highlow(v), lows = __lows2half2(v, swapped), both = __half2half2(v.y);
    out[2 * n + i] = __low2half(swapped);
    out[3 * n + i] = __high2half(lows);
    out[4 * n + i] = __low2half(both);
    const float2 f = __half22float2(v);
    floats[i] = f.x, floats[n + i] = f.y;
    floats[2 * n + i] = __low2float(v), floats[3 * n + i] = __high2float(v);
}
__global__ void half_shared_reduction(const __half* in, __half* out) {
    __shared__ __half tile[64];
    tile[threadIdx.x] = in[blockIdx.x * 64 + threadIdx.x];
    __syncthreads();
    for (int s = 32; s; s /= 2) {
        if (threadIdx.x < s) tile[threadIdx.x] = __hadd(tile[threadIdx.x], tile[threadIdx.x + s]);
        __syncthreads();
    }
    if (threadIdx.x == 0) out[blockIdx.x] = tile[0];
}
__global__ void half_shuffle(const __half* in, __half* out) {
    out[threadIdx.x] = __shfl_xor_sync(~0u, in[threadIdx.x], 5);
    out[blockDim.x + threadIdx.x] = __shfl_down_sync(~0u, in[threadIdx.x], 3, 8);
}
__global__ void half_atomic_add(__half* target, __half2* pair, int n) {
    const int i = INDEX;
    if (i >= n) return;
    atomicAdd(target + (i & 1), __float2half(0.5f));
    atomicAdd(pair, __floats2half2_rn(1.0f, 0.25f));
}
__global__ void half_axpy(__half a, const __half* x, __half* y, int n) {
    const int i = INDEX;
    if (i < n) y[i] = __hfma(a, x[i], y[i]);
}
}
