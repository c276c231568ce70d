// histogram: how often each byte value occurs. Each block counts in shared memory, where atomics are cheap,
// and adds its counts to the total once.
//
//   heddle run examples/histogram.cu --grid 64 --block 256 \
//       --arg rand:u8:4194304 --arg zeros:u32:256 --arg 4194304 --out counts=counts.npy --device all

__global__ void histogram(const unsigned char* values, unsigned int* counts, int n) {
    __shared__ unsigned int local[256];
    for (int bin = threadIdx.x; bin < 256; bin += blockDim.x) local[bin] = 0;
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        atomicAdd(&local[values[i]], 1u);
    __syncthreads();
    for (int bin = threadIdx.x; bin < 256; bin += blockDim.x) atomicAdd(&counts[bin], local[bin]);
}
