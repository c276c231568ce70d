// Sums of the rows of a matrix, one warp a row: the lanes stride over the row and add up with shuffles. 256
// threads a block, a multiple of 8 rows.
__global__ void warpsum(unsigned columns, const float* matrix, float* sums) {
    unsigned lane = threadIdx.x % 32, row = blockIdx.x * 8 + threadIdx.x / 32;
    float sum = 0.0f;
    for (unsigned column = lane; column < columns; column += 32) sum += matrix[row * columns + column];
    for (unsigned distance = 16; distance > 0; distance /= 2)
        sum += __shfl_down_sync(0xffffffffu, sum, distance);
    if (lane == 0) sums[row] = sum;
}
