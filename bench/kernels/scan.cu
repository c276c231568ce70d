// Inclusive prefix sums. scan_blocks: each block of 256 threads scans 1024 elements, four a thread, and gives
// their total; add_totals: adds to every block's elements what stands before them. Lengths are multiples of
// 1024.
__global__ void scan_blocks(const unsigned* input, unsigned* output, unsigned* totals) {
    __shared__ unsigned sums[256];
    unsigned t = threadIdx.x, first = (blockIdx.x * 256 + t) * 4;
    unsigned a = input[first];
    unsigned b = a + input[first + 1];
    unsigned c = b + input[first + 2];
    unsigned d = c + input[first + 3];
    sums[t] = d;
    __syncthreads();
    for (unsigned distance = 1; distance < 256; distance *= 2) {
        unsigned before = t >= distance ? sums[t - distance] : 0;
        __syncthreads();
        sums[t] += before;
        __syncthreads();
    }
    unsigned before = sums[t] - d;
    output[first] = before + a;
    output[first + 1] = before + b;
    output[first + 2] = before + c;
    output[first + 3] = before + d;
    if (t == 255) totals[blockIdx.x] = sums[255];
}

// Launched with one block less than scan_blocks: the first 1024 elements are final.
__global__ void add_totals(unsigned* output, const unsigned* totals) {
    unsigned before = totals[blockIdx.x];
    for (unsigned i = threadIdx.x; i < 1024; i += 256) output[(blockIdx.x + 1) * 1024 + i] += before;
}
