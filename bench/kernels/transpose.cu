// Transpose of a row-major matrix through a padded tile in shared memory; blocks of 32 x 8 threads move 32 x
// 32 elements. Both sizes are multiples of 32.
__global__ void transpose(unsigned width, unsigned height, const float* input, float* output) {
    __shared__ float tile[32][33];
    unsigned x = blockIdx.x * 32 + threadIdx.x;
    unsigned y = blockIdx.y * 32 + threadIdx.y;
    for (unsigned j = 0; j < 32; j += 8) tile[threadIdx.y + j][threadIdx.x] = input[(y + j) * width + x];
    __syncthreads();
    x = blockIdx.y * 32 + threadIdx.x;
    y = blockIdx.x * 32 + threadIdx.y;
    for (unsigned j = 0; j < 32; j += 8) output[(y + j) * height + x] = tile[threadIdx.x][threadIdx.y + j];
}
