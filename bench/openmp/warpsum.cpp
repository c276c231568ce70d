// Sums of the rows of a matrix in plain C++; the simd clause lets the compiler reorder the additions.
#include "native.h"

void bench_warpsum(std::uint32_t rows, std::uint32_t columns, const float* matrix, float* sums) {
#pragma omp parallel for
    for (std::uint32_t row = 0; row < rows; ++row) {
        const float* values = matrix + std::size_t{row} * columns;
        float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
        for (std::uint32_t column = 0; column < columns; ++column) sum += values[column];
        sums[row] = sum;
    }
}
