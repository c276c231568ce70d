// Sparse matrix times vector in plain C++.
#include "native.h"

void bench_spmv(std::uint32_t rows, const std::uint32_t* row_start, const std::uint32_t* column,
                const float* value, const float* x, float* y) {
#pragma omp parallel for
    for (std::uint32_t row = 0; row < rows; ++row) {
        float sum = 0.0f;
        for (std::uint32_t k = row_start[row]; k < row_start[row + 1]; ++k) sum += value[k] * x[column[k]];
        y[row] = sum;
    }
}
