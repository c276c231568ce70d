// What a thread knows of its place: indices and extents in one to three dimensions, lanes, and barriers in
// blocks of odd shapes.

extern "C" {

// What is the same for a row of threads, divided where the row's first thread takes no part.
__global__ void division_by_row(const int* in, int* out) {
    const int x = threadIdx.x, y = threadIdx.y, i = y * blockDim.x + x;
    int result = -1;
    if (in[i] % 3 != 0 && x % 8 != 0) result = (1000 / (y + 1) + 1) * 2 + in[5u % (unsigned)((31 >> y) | 1)];
    out[i] = result;
}

struct Place {
    unsigned thread[3], block[3], block_extent[3], grid_extent[3], lane, warp_size;
};
__global__ void places(Place* out) {
    const unsigned in_block = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    Place p;
    p.thread[0] = threadIdx.x, p.thread[1] = threadIdx.y, p.thread[2] = threadIdx.z;
    p.block[0] = blockIdx.x, p.block[1] = blockIdx.y, p.block[2] = blockIdx.z;
    p.block_extent[0] = blockDim.x, p.block_extent[1] = blockDim.y, p.block_extent[2] = blockDim.z;
    p.grid_extent[0] = gridDim.x, p.grid_extent[1] = gridDim.y, p.grid_extent[2] = gridDim.z;
    p.lane = in_block % warpSize;
    p.warp_size = warpSize;
    out[(size_t)block * (blockDim.x * blockDim.y * blockDim.z) + in_block] = p;
}
// Reverses each block's values through shared memory: every thread of every warp must reach the barrier.
__global__ void reverse_block(const int* in, int* out) {
    __shared__ int tile[1024];
    const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
    const unsigned i = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    tile[i] = in[block * threads + i];
    __syncthreads();
    out[block * threads + i] = tile[threads - 1 - i];
}
// Which lanes of a warp are there, in a block of any shape.
__global__ void warp_population(unsigned* out) {
    const unsigned i = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    const unsigned active = __activemask();
    out[i] = active;
}
__global__ void count_threads(unsigned long long* count) {
    atomicAdd(count, 1ull);
}
__global__ void touch_blocks(unsigned char* out, unsigned width) {
    if (threadIdx.x == 0) out[blockIdx.y * width + blockIdx.x] += 1;
}
__global__ void transpose(const float* in, float* out, int width, int height) {
    const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x < width && y < height) out[x * height + y] = in[y * width + x];
}
__global__ void volume(const int* in, int* out, int nx, int ny, int nz) {
    const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y,
              z = blockIdx.z * blockDim.z + threadIdx.z;
    if (x >= nx || y >= ny || z >= nz) return;
    const int i = (z * ny + y) * nx + x;
    out[i] = in[i] + x * 10000 + y * 100 + z;
}
__global__ void stencil(const int* in, int* out, int width, int height) {
    const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    int sum = 0;
    for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) {
            const int sx = min(max(x + dx, 0), width - 1), sy = min(max(y + dy, 0), height - 1);
            sum += in[sy * width + sx] * (dx + 2 * dy + 4);
        }
    out[y * width + x] = sum;
}
__global__ void dim3_values(unsigned* out) {
    const dim3 a(5), b(2, 3), c = blockDim;
    const uint3 t = threadIdx;
    if (t.x + t.y + t.z == 0)
        out[0] = a.x, out[1] = a.y, out[2] = b.y, out[3] = b.z, out[4] = c.x, out[5] = c.z;
}
__global__ void __launch_bounds__(96, 2) bounded(int* out) {
    out[blockIdx.x * blockDim.x + threadIdx.x] = blockDim.x;
}
__global__ void nothing() {}
}
