// C = A B for row-major square matrices whose size n is a multiple of 16: one thread an element of C, tiles
// of A and B in shared memory.
__global__ void sgemm(unsigned n, const float* a, const float* b, float* c) {
    __shared__ float a_tile[16][16];
    __shared__ float b_tile[16][16];
    unsigned tx = threadIdx.x, ty = threadIdx.y;
    unsigned row = blockIdx.y * 16 + ty, column = blockIdx.x * 16 + tx;
    float sum = 0.0f;
    for (unsigned tile = 0; tile < n; tile += 16) {
        a_tile[ty][tx] = a[row * n + tile + tx];
        b_tile[ty][tx] = b[(tile + ty) * n + column];
        __syncthreads();
        for (unsigned k = 0; k < 16; ++k) sum += a_tile[ty][k] * b_tile[k][tx];
        __syncthreads();
    }
    c[row * n + column] = sum;
}
