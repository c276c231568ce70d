// Inclusive prefix sums by reducing, then scanning, on three levels. sum_parts: the total of each part of
// 2048 elements, one warp a part; scan_parts: scans each part from what stands before it, four elements a
// thread at a time, with shuffles. Blocks have 256 threads; lengths are multiples of 16384.
constexpr unsigned all_lanes = 0xffffffffu;

__global__ void sum_parts(const uint4* input, unsigned* totals) {
    unsigned lane = threadIdx.x % 32, part = blockIdx.x * 8 + threadIdx.x / 32, sum = 0;
    for (unsigned i = 0; i < 512; i += 32) {
        uint4 v = input[part * 512 + i + lane];
        sum += v.x + v.y + v.z + v.w;
    }
    for (unsigned distance = 16; distance > 0; distance /= 2)
        sum += __shfl_down_sync(all_lanes, sum, distance);
    if (lane == 0) totals[part] = sum;
}

// `before`: the sums of all parts up to each one, itself included.
__global__ void scan_parts(const uint4* input, const unsigned* before, uint4* output) {
    unsigned lane = threadIdx.x % 32, part = blockIdx.x * 8 + threadIdx.x / 32;
    unsigned sum = part == 0 ? 0 : before[part - 1];
    for (unsigned i = 0; i < 512; i += 32) {
        uint4 v = input[part * 512 + i + lane];
        v.y += v.x;
        v.z += v.y;
        v.w += v.z;
        unsigned upto = v.w;
        for (unsigned distance = 1; distance < 32; distance *= 2) {
            unsigned earlier = __shfl_up_sync(all_lanes, upto, distance);
            if (lane >= distance) upto += earlier;
        }
        unsigned start = sum + upto - v.w;
        output[part * 512 + i + lane] = make_uint4(v.x + start, v.y + start, v.z + start, v.w + start);
        sum += __shfl_sync(all_lanes, upto, 31);
    }
}
