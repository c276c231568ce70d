// Inclusive prefix sums by reducing, then scanning: sum_blocks gives the total of each block's 4096 elements;
// scan_blocks, launched for the totals and then for the elements, scans 4096 elements a block from what stands before
// them: a warp takes 512, four a thread at a time, with shuffles. Blocks have 256 threads; lengths are multiples of
// 4096.
constexpr unsigned all_lanes = 0xffffffffu;

__global__ void sum_blocks(const uint4* input, unsigned* totals) {
    __shared__ unsigned sums[8];
    unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32, sum = 0;
    for (unsigned i = 0; i < 4; ++i) {
        uint4 v = input[(blockIdx.x * 8 + warp) * 128 + i * 32 + lane];
        sum += v.x + v.y + v.z + v.w;
    }
    for (unsigned distance = 16; distance > 0; distance /= 2) sum += __shfl_down_sync(all_lanes, sum, distance);
    if (lane == 0) sums[warp] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (unsigned i = 1; i < 8; ++i) sum += sums[i];
        totals[blockIdx.x] = sum;
    }
}

// `before`: the sums of all blocks up to each one, itself included.
__global__ void scan_blocks(const uint4* input, const unsigned* before, uint4* output) {
    __shared__ unsigned sums[8];
    unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32, first = (blockIdx.x * 8 + warp) * 128 + lane;
    uint4 scanned[4];
    unsigned sum = 0;
    for (unsigned i = 0; i < 4; ++i) {
        uint4 v = input[first + i * 32];
        v.y += v.x;
        v.z += v.y;
        v.w += v.z;
        unsigned upto = v.w;
        for (unsigned distance = 1; distance < 32; distance *= 2) {
            unsigned earlier = __shfl_up_sync(all_lanes, upto, distance);
            if (lane >= distance) upto += earlier;
        }
        unsigned start = sum + upto - v.w;
        scanned[i] = make_uint4(v.x + start, v.y + start, v.z + start, v.w + start);
        sum += __shfl_sync(all_lanes, upto, 31);
    }
    if (lane == 0) sums[warp] = sum;
    __syncthreads();
    unsigned start = blockIdx.x == 0 ? 0 : before[blockIdx.x - 1];
    for (unsigned i = 0; i < warp; ++i) start += sums[i];
    for (unsigned i = 0; i < 4; ++i) {
        uint4 v = scanned[i];
        output[first + i * 32] = make_uint4(v.x + start, v.y + start, v.z + start, v.w + start);
    }
}
