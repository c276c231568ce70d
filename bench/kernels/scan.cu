// Inclusive prefix sums by reducing, then scanning: sum_blocks gives the total of each block's 4096 elements;
// scan_blocks, launched for the totals and then for the elements, scans 4096 elements a block, 16 a thread,
// from what stands before them. Blocks have 256 threads; lengths are multiples of 4096.
__global__ void sum_blocks(const uint4* input, unsigned* totals) {
    __shared__ unsigned sums[256];
    unsigned t = threadIdx.x, sum = 0;
    for (unsigned i = 0; i < 4; ++i) {
        uint4 v = input[blockIdx.x * 1024 + i * 256 + t];
        sum += v.x + v.y + v.z + v.w;
    }
    sums[t] = sum;
    for (unsigned half = 128; half > 0; half /= 2) {
        __syncthreads();
        if (t < half) sums[t] += sums[t + half];
    }
    if (t == 0) totals[blockIdx.x] = sums[0];
}

__device__ uint4 running_sums(uint4 v, unsigned before) {
    v.x += before;
    v.y += v.x;
    v.z += v.y;
    v.w += v.z;
    return v;
}

// `before`: the sums of all blocks up to each one, itself included.
__global__ void scan_blocks(const uint4* input, const unsigned* before, uint4* output) {
    __shared__ unsigned sums[256];
    unsigned t = threadIdx.x, first = (blockIdx.x * 256 + t) * 4;
    uint4 a = running_sums(input[first], 0);
    uint4 b = running_sums(input[first + 1], a.w);
    uint4 c = running_sums(input[first + 2], b.w);
    uint4 d = running_sums(input[first + 3], c.w);
    sums[t] = d.w;
    __syncthreads();
    for (unsigned distance = 1; distance < 256; distance *= 2) {
        unsigned earlier = t >= distance ? sums[t - distance] : 0;
        __syncthreads();
        sums[t] += earlier;
        __syncthreads();
    }
    unsigned start = sums[t] - d.w + (blockIdx.x == 0 ? 0 : before[blockIdx.x - 1]);
    output[first] = make_uint4(a.x + start, a.y + start, a.z + start, a.w + start);
    output[first + 1] = make_uint4(b.x + start, b.y + start, b.z + start, b.w + start);
    output[first + 2] = make_uint4(c.x + start, c.y + start, c.z + start, c.w + start);
    output[first + 3] = make_uint4(d.x + start, d.y + start, d.z + start, d.w + start);
}
