// Warp operations: shuffles of every kind, type and width, votes, matches, reductions; whole warps, partial
// warps and divergent masks.

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)

enum Kind { idx, up, down, exclusive };

template <class T, int K>
__device__ T shuffled(unsigned mask, T v, int operand, int width) {
    if constexpr (K == idx) return __shfl_sync(mask, v, operand, width);
    if constexpr (K == up) return __shfl_up_sync(mask, v, operand, width);
    if constexpr (K == down) return __shfl_down_sync(mask, v, operand, width);
    if constexpr (K == exclusive) return __shfl_xor_sync(mask, v, operand, width);
}
// Whole warps; the same operand for all.
template <class T, int K>
__global__ void shuffle(const T* in, T* out, int operand, int width) {
    const int i = INDEX;
    out[i] = shuffled<T, K>(0xffffffffu, in[i], operand, width);
}
#define KINDS(T)                                                       \
    template __global__ void shuffle<T, idx>(const T*, T*, int, int);  \
    template __global__ void shuffle<T, up>(const T*, T*, int, int);   \
    template __global__ void shuffle<T, down>(const T*, T*, int, int); \
    template __global__ void shuffle<T, exclusive>(const T*, T*, int, int);
typedef unsigned int uint_t;
typedef unsigned long long ull_t;
typedef long long ll_t;
KINDS(int)
KINDS(uint_t)
KINDS(ll_t)
KINDS(ull_t)
KINDS(float)
KINDS(double)

extern "C" {

__global__ void shuffle_constant_width(const int* in, int* out) {
    const int i = threadIdx.x;
    int v = in[i];
    v += __shfl_xor_sync(~0u, v, 1);
    v += __shfl_down_sync(~0u, v, 4, 8);
    v += __shfl_up_sync(~0u, v, 3, 16);
    v += __shfl_sync(~0u, v, 2, 4);
    out[i] = v;
}
// Each lane asks another lane.
__global__ void shuffle_any(const int* in, const int* from, int* out, int width) {
    const int i = INDEX;
    out[i] = __shfl_sync(~0u, in[i], from[i], width);
}
// The last warp is partial: the mask says who is there.
__global__ void shuffle_partial(const int* in, int* out, int n) {
    const int i = threadIdx.x;
    const int there = min(32, n - (i & ~31));
    const unsigned mask = there == 32 ? ~0u : (1u << there) - 1;
    if (i >= n) return;
    const int rotated = __shfl_sync(mask, in[i], ((i & 31) + 1) % there);
    out[i] = rotated + __shfl_down_sync(mask, in[i], 0);
}
// Lanes of one side of a branch among themselves.
__global__ void shuffle_divergent(const int* in, int* out) {
    const int i = threadIdx.x, lane = i & 31;
    int v = in[i];
    if (lane & 1)
        v = __shfl_xor_sync(0xaaaaaaaau, v, 2);
    else
        v = __shfl_sync(0x55555555u, v, (lane + 4) & 31) + 1;
    out[i] = v;
}
__global__ void shuffle_in_loop(const int* in, int* out) {
    const int i = threadIdx.x;
    int v = in[i];
    for (int offset = 16; offset; offset >>= 1) v += __shfl_down_sync(~0u, v, offset);
    v = __shfl_sync(~0u, v, 0);
    for (int k = 0; k < (in[0] & 3) + 2; ++k) v = v * 3 + __shfl_xor_sync(~0u, v + i, k + 1);
    out[i] = v;
}
__global__ void warp_sum_float(const float* in, float* out, int n) {
    const int i = INDEX;
    float v = i < n ? in[i] : 0;
    for (int m = 1; m < 32; m *= 2) v += __shfl_xor_sync(~0u, v, m);
    if (i < n) out[i] = v;
}
__global__ void inclusive_scan(const int* in, int* out) {
    const int i = INDEX, lane = threadIdx.x & 31;
    int v = in[i];
    for (int d = 1; d < 32; d *= 2) {
        const int below = __shfl_up_sync(~0u, v, d);
        if (lane >= d) v += below;
    }
    out[i] = v;
}
__global__ void block_reduction(const int* in, int* out) {
    __shared__ int partial[32];
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    int v = in[INDEX];
    for (int d = 16; d; d /= 2) v += __shfl_down_sync(~0u, v, d);
    if (lane == 0) partial[warp] = v;
    __syncthreads();
    v = threadIdx.x < blockDim.x / 32 ? partial[lane] : 0;
    if (warp == 0) {
        for (int d = 16; d; d /= 2) v += __shfl_down_sync(~0u, v, d);
        if (lane == 0) out[blockIdx.x] = v;
    }
}
// Shuffles in a row, an odd number of them, between barriers and a shuffle of some lanes only; warps do not
// begin with a row of the block.
__global__ void shuffles_between_barriers(const unsigned* in, unsigned* out, int rounds) {
    __shared__ unsigned tile[192];
    const int i = threadIdx.x + blockDim.x * threadIdx.y, lane = i % 32;
    unsigned v = in[i];
    for (int r = 0; r < rounds; ++r) {
        v = v * 3 + __shfl_up_sync(~0u, v, 5);
        if (r & 1) v ^= __shfl_sync(~0u, v, 17);
        v = v * 5 + __shfl_down_sync(~0u, v, 9);
        v -= __shfl_xor_sync(~0u, v, 20);
        const unsigned w = v;
        v += __shfl_sync(~0u, v, lane * 7 + r) + w;
        if (lane < 20) v += __shfl_xor_sync(0xfffffu, v, 1);
        tile[i] = v;
        __syncthreads();
        v += tile[191 - i];
        __syncthreads();
    }
    out[i] = v;
}
__global__ void shuffle_structures(const float2* in, float2* out) {
    const int i = threadIdx.x;
    float2 v = in[i];
    v.x = __shfl_xor_sync(~0u, v.x, 7);
    v.y = __shfl_up_sync(~0u, v.y, 1);
    out[i] = v;
}

__global__ void votes(const int* in, unsigned* out) {
    const int i = threadIdx.x, n = blockDim.x;
    const int p = in[i] > 0;
    out[i] = __ballot_sync(~0u, p);
    out[n + i] = __all_sync(~0u, p) != 0;
    out[2 * n + i] = __any_sync(~0u, p) != 0;
    out[3 * n + i] = __all_sync(~0u, in[i] > -2000) != 0;
    out[4 * n + i] = __any_sync(~0u, in[i] > 2000) != 0;
    out[5 * n + i] = __popc(__ballot_sync(~0u, in[i] & 1) & ((1u << (i & 31)) - 1));
}
__global__ void votes_partial(const int* in, unsigned* out, int n) {
    const int i = threadIdx.x;
    if (i >= n) return;
    const int there = min(32, n - (i & ~31));
    const unsigned mask = there == 32 ? ~0u : (1u << there) - 1;
    out[i] = __ballot_sync(mask, in[i] > 0);
    out[n + i] = __all_sync(mask, in[i] > -2000) != 0;
}
__global__ void votes_divergent(const int* in, unsigned* out) {
    const int i = threadIdx.x;
    unsigned r = 0;
    if (in[i] > 0) {
        const unsigned mask = __activemask();
        r = __ballot_sync(mask, in[i] & 1);
    }
    out[i] = r;
}
__global__ void active(const int* in, unsigned* out) {
    const int i = threadIdx.x, n = blockDim.x;
    out[i] = __activemask();
    unsigned inside = 0, deeper = 0;
    if (in[i] & 1) {
        inside = __activemask();
        if (in[i] & 2) deeper = __activemask();
    }
    out[n + i] = inside;
    out[2 * n + i] = deeper;
    unsigned trips = 0;
    for (int k = 0; k < (in[i] & 7); ++k) trips += __popc(__activemask());
    out[3 * n + i] = trips;
}
__global__ void elected_leader(const int* in, int* counter, int* out) {
    // one atomic a group of lanes that came together
    const int i = INDEX;
    if (in[i] % 3 == 0) {
        const unsigned mask = __activemask();
        const int leader = __ffs(mask) - 1, lane = threadIdx.x & 31;
        int base = 0;
        if (lane == leader) base = atomicAdd(counter, __popc(mask));
        base = __shfl_sync(mask, base, leader);
        out[base + __popc(mask & ((1u << lane) - 1))] = in[i];
    }
}
__global__ void syncwarp_subsets(int* out) {
    __shared__ int cells[64];
    const int i = threadIdx.x, lane = i & 31;
    cells[i] = i;
    __syncwarp();
    if (lane < 16) {
        cells[i] += cells[i + 16];
        __syncwarp(0xffffu);
        if (lane < 8) {
            cells[i] += cells[i + 8];
            __syncwarp(0xffu);
        }
    }
    __syncwarp();
    out[i] = cells[i & ~31] + cells[i];
}
}

template <class T>
__global__ void match(const T* in, unsigned* any, unsigned* all, int* pred) {
    const int i = INDEX;
    any[i] = __match_any_sync(~0u, in[i]);
    int p = -1;
    all[i] = __match_all_sync(~0u, in[i], &p);
    pred[i] = p != 0;
}
template __global__ void match<int>(const int*, unsigned*, unsigned*, int*);
template __global__ void match<unsigned int>(const unsigned int*, unsigned*, unsigned*, int*);
template __global__ void match<long long>(const long long*, unsigned*, unsigned*, int*);
template __global__ void match<unsigned long long>(const unsigned long long*, unsigned*, unsigned*, int*);
template __global__ void match<float>(const float*, unsigned*, unsigned*, int*);
template __global__ void match<double>(const double*, unsigned*, unsigned*, int*);

extern "C" {
__global__ void match_divergent(const int* in, unsigned* out) {
    const int i = threadIdx.x;
    unsigned r = 0;
    if (in[i] & 1) r = __match_any_sync(__activemask(), in[i] & 6);
    out[i] = r;
}
__global__ void reduce(const int* in, int* out) {
    const int i = threadIdx.x, n = blockDim.x;
    const unsigned u = (unsigned)in[i];
    out[i] = __reduce_add_sync(~0u, in[i]);
    out[n + i] = __reduce_min_sync(~0u, in[i]);
    out[2 * n + i] = __reduce_max_sync(~0u, in[i]);
    out[3 * n + i] = (int)__reduce_min_sync(~0u, u);
    out[4 * n + i] = (int)__reduce_max_sync(~0u, u);
    out[5 * n + i] = (int)__reduce_and_sync(~0u, u);
    out[6 * n + i] = (int)__reduce_or_sync(~0u, u);
    out[7 * n + i] = (int)__reduce_xor_sync(~0u, u);
    out[8 * n + i] = (int)__reduce_add_sync(~0u, u);
}
__global__ void reduce_partial(const int* in, int* out, int n) {
    const int i = threadIdx.x;
    if (i >= n) return;
    const int there = min(32, n - (i & ~31));
    const unsigned mask = there == 32 ? ~0u : (1u << there) - 1;
    out[i] = __reduce_add_sync(mask, in[i]) * 2 + __reduce_max_sync(mask, in[i]);
}
__global__ void reduce_divergent(const int* in, int* out) {
    const int i = threadIdx.x;
    int r;
    if (i & 4)
        r = __reduce_add_sync(0xf0f0f0f0u, in[i]);
    else
        r = -__reduce_min_sync(0x0f0f0f0fu, in[i]);
    out[i] = r;
}
__global__ void lane_numbers(unsigned* out) {
    const int i = threadIdx.x;
    out[i] = __nvvm_read_ptx_sreg_laneid();
    asm volatile("" ::: "memory");  // a compiler barrier without text is allowed
    out[blockDim.x + i] = (threadIdx.x & (warpSize - 1)) + warpSize * 100;
}
}
