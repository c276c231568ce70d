// reduce: the sum of n integers in three stages: a thread sums a strided part, a warp sums its threads by
// shuffles, a block its warps through shared memory; one atomic a block adds to the total.
//
//   heddle run examples/reduce.cu --grid 256 --block 256 \
//       --arg iota:i32:1000000 --arg zeros:u64:1 --arg 1000000 --device all

__device__ unsigned long long warp_sum(unsigned long long value) {
    for (int step = 16; step > 0; step /= 2) value += __shfl_down_sync(0xffffffffu, value, step);
    return value;  // complete in lane 0
}

/// `total` must be 0. The block is a multiple of 32.
__global__ void reduce(const int* values, unsigned long long* total, int n) {
    __shared__ unsigned long long warps[32];
    unsigned long long sum = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += values[i];

    sum = warp_sum(sum);
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    if (lane == 0) warps[warp] = sum;
    __syncthreads();
    if (warp == 0) {
        sum = warp_sum(lane < blockDim.x / 32 ? warps[lane] : 0);
        if (lane == 0) atomicAdd(total, sum);
    }
}
