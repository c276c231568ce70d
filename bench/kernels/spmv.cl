// y = A x for a sparse matrix in compressed rows, one work-item a row.
kernel void spmv(uint rows, global const uint* row_start, global const uint* column, global const float* value,
                 global const float* x, global float* y) {
    uint row = get_global_id(0);
    if (row >= rows) return;
    float sum = 0.0f;
    for (uint k = row_start[row]; k < row_start[row + 1]; ++k) sum += value[k] * x[column[k]];
    y[row] = sum;
}
