// Cooperative groups: blocks, tiles of every size, coalesced groups, partitions, reductions and scans.
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>

namespace cg = cooperative_groups;

// out: 6 values a thread
template <int Size>
__global__ void tile(const int* in, int* out) {
    const cg::thread_block block = cg::this_thread_block();
    const cg::thread_block_tile<Size> t = cg::tiled_partition<Size>(block);
    const int i = block.thread_rank(), n = block.size();
    int v = in[i];
    out[i] = t.thread_rank();
    out[n + i] = t.size() * 1000 + t.meta_group_rank();
    for (int d = t.size() / 2; d > 0; d /= 2) v += t.shfl_xor(v, d);
    out[2 * n + i] = v;
    out[3 * n + i] = t.shfl(in[i], Size / 2) * 3 + t.shfl_down(in[i], 1) * 5 + t.shfl_up(in[i], 1) * 7;
    out[4 * n + i] = (int)t.ballot(in[i] > 0) * 4 + t.any(in[i] > 500) * 2 + t.all(in[i] > -500);
    t.sync();
    out[5 * n + i] = t.meta_group_size();
}
template __global__ void tile<1>(const int*, int*);
template __global__ void tile<2>(const int*, int*);
template __global__ void tile<4>(const int*, int*);
template __global__ void tile<8>(const int*, int*);
template __global__ void tile<16>(const int*, int*);
template __global__ void tile<32>(const int*, int*);

template <int Size>
__global__ void tile_reduce(const int* in, int* out) {
    const cg::thread_block block = cg::this_thread_block();
    const auto t = cg::tiled_partition<Size>(block);
    const int i = block.thread_rank(), n = block.size();
    const int v = in[i];
    out[i] = cg::reduce(t, v, cg::plus<int>());
    out[n + i] = cg::reduce(t, v, cg::less<int>());
    out[2 * n + i] = cg::reduce(t, v, cg::greater<int>());
    out[3 * n + i] = cg::reduce(t, v, cg::bit_and<int>());
    out[4 * n + i] = cg::reduce(t, v, cg::bit_or<int>());
    out[5 * n + i] = cg::reduce(t, v, cg::bit_xor<int>());
    out[6 * n + i] = cg::inclusive_scan(t, v, cg::plus<int>());
    out[7 * n + i] = cg::exclusive_scan(t, v, cg::plus<int>());
    out[8 * n + i] = cg::inclusive_scan(t, v, cg::greater<int>());
}
template __global__ void tile_reduce<4>(const int*, int*);
template __global__ void tile_reduce<8>(const int*, int*);
template __global__ void tile_reduce<16>(const int*, int*);
template __global__ void tile_reduce<32>(const int*, int*);

extern "C" {

__global__ void block_group(int* out) {
    const cg::thread_block b = cg::this_thread_block();
    __shared__ int tile_values[1024];
    const int i = b.thread_rank();
    tile_values[i] = i * 3;
    b.sync();
    cg::sync(b);
    const int base = (blockIdx.x + gridDim.x * blockIdx.y) * b.size();
    out[base + i] =
        tile_values[b.size() - 1 - i] + b.group_index().x * 100000 + b.thread_index().y * 10000000;
}
__global__ void grid_group(unsigned long long* out) {
    const cg::grid_group g = cg::this_grid();
    out[g.thread_rank()] = g.size() * 1000 + g.thread_rank();
}
__global__ void coalesced(const int* in, int* out) {
    const int i = threadIdx.x, n = blockDim.x;
    int rank = -1, size = -1, sum = -1, leader = -1;
    if (in[i] > 0) {
        const cg::coalesced_group active = cg::coalesced_threads();
        rank = active.thread_rank();
        size = active.size();
        sum = cg::reduce(active, in[i], cg::plus<int>());
        leader = active.shfl(in[i], 0);
        active.sync();
    }
    out[i] = rank, out[n + i] = size, out[2 * n + i] = sum, out[3 * n + i] = leader;
}
__global__ void aggregated_atomic(const int* in, int* counter, int* out) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (in[i] % 5 == 1) {
        const cg::coalesced_group g = cg::coalesced_threads();
        int base;
        if (g.thread_rank() == 0) base = atomicAdd(counter, g.size());
        out[g.shfl(base, 0) + g.thread_rank()] = in[i];
    }
}
__global__ void dynamic_tiles(const int* in, int* out, int size) {
    const cg::thread_group g = cg::tiled_partition(cg::this_thread_block(), size);
    const int i = threadIdx.x, n = blockDim.x;
    __shared__ int values[256];
    values[i] = in[i];
    g.sync();
    int sum = 0;
    for (unsigned k = 0; k < g.size(); ++k) sum += values[i - g.thread_rank() + k];
    out[i] = sum;
    out[n + i] = g.thread_rank();
}
__global__ void binary_partition(const int* in, int* out) {
    const cg::thread_block_tile<32> warp = cg::tiled_partition<32>(cg::this_thread_block());
    const int i = threadIdx.x, n = blockDim.x;
    const cg::coalesced_group half = cg::binary_partition(warp, in[i] > 0);
    out[i] = cg::reduce(half, in[i], cg::plus<int>());
    out[n + i] = half.size();
}
__global__ void labeled_partition(const int* in, int* out) {
    const cg::thread_block_tile<32> warp = cg::tiled_partition<32>(cg::this_thread_block());
    const int i = threadIdx.x, n = blockDim.x;
    const cg::coalesced_group same = cg::labeled_partition(warp, in[i] & 3);
    out[i] = cg::reduce(same, in[i], cg::plus<int>());
    out[n + i] = same.thread_rank();
}
__global__ void sub_tiles(const int* in, int* out) {
    const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
    const auto quarter = cg::tiled_partition<8>(warp);
    const int i = threadIdx.x, n = blockDim.x;
    out[i] = quarter.thread_rank() + 100 * quarter.meta_group_rank();
    out[n + i] = quarter.shfl(in[i], 7);
}
__global__ void tile_match(const int* in, unsigned* out) {
    const auto t = cg::tiled_partition<16>(cg::this_thread_block());
    out[threadIdx.x] = t.match_any(in[threadIdx.x] & 3);
}
__global__ void reduce_float(const float* in, float* out) {
    const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
    out[threadIdx.x] = cg::reduce(warp, in[threadIdx.x], cg::plus<float>());
    out[blockDim.x + threadIdx.x] = cg::reduce(warp, in[threadIdx.x], cg::greater<float>());
}
__global__ void reduce_lambda(const int* in, int* out) {
    const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
    out[threadIdx.x] = cg::reduce(warp, in[threadIdx.x], [](int a, int b) { return a * b % 1009; });
}
__global__ void copy_to_shared(const int* in, int* out) {
    __shared__ int tile_values[256];
    const cg::thread_block b = cg::this_thread_block();
    cg::memcpy_async(b, tile_values, in + blockIdx.x * 256, sizeof(int) * 256);
    cg::wait(b);
    out[blockIdx.x * 256 + b.thread_rank()] = tile_values[255 - b.thread_rank()];
}
__global__ void tile_scan(const int* in, int* out) {
    const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
    int sum = in[threadIdx.x];
    for (int d = 1; d < 32; d *= 2) {
        const int below = warp.shfl_up(sum, d);
        if (warp.thread_rank() >= d) sum += below;
    }
    const int total = warp.shfl(sum, warp.size() - 1);
    out[threadIdx.x] = total - sum;
}
}
