// Kernels that run a part of a larger grid: what a thread knows of its place in the whole, and parameters and
// memory of every kind beside the hidden ones.

__device__ int bias = 1000;

struct Pair {
    short first;
    long long second;
};

extern "C" {

struct Place {
    unsigned block[3], grid_extent[3];
};
__global__ void places(Place* out) {
    if (threadIdx.x != 0) return;
    const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    Place p;
    p.block[0] = blockIdx.x, p.block[1] = blockIdx.y, p.block[2] = blockIdx.z;
    p.grid_extent[0] = gridDim.x, p.grid_extent[1] = gridDim.y, p.grid_extent[2] = gridDim.z;
    out[block] = p;
}

__global__ void add_index(unsigned n, const int* in, int* out) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[i] + (int)i;
}

// Grid-stride: depends on gridDim, which means the whole.
__global__ void strided_sums(unsigned n, const int* in, int* out) {
    int sum = 0;
    for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += in[i];
    out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

// Parameters of every size, a global variable, both kinds of shared memory and a barrier.
__global__ void everything(unsigned char small, Pair pair, const int* in, short middle, int* out,
                           unsigned char last) {
    __shared__ int tile[64];
    extern __shared__ int more[];
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    tile[threadIdx.x] = in[i];
    more[threadIdx.x] = (int)blockIdx.x;
    __syncthreads();
    const unsigned other = blockDim.x - 1 - threadIdx.x;
    out[i] = tile[other] + more[other] + small + pair.first + (int)pair.second + middle + last + bias;
}

__global__ void no_parameters() {}

}  // extern "C"
