// y = A x for a sparse matrix in compressed rows, one thread a row.
__global__ void spmv(unsigned rows, const unsigned* row_start, const unsigned* column, const float* value,
                     const float* x, float* y) {
    unsigned row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    float sum = 0.0f;
    for (unsigned k = row_start[row]; k < row_start[row + 1]; ++k) sum += value[k] * x[column[k]];
    y[row] = sum;
}
