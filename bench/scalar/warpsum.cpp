// Sums of the rows of a matrix, the kernel's way: 32 sums a row, each over every 32nd column, added up in a
// tree.
#include "native.h"

void bench_warpsum(std::uint32_t rows, std::uint32_t columns, const float* matrix, float* sums) {
#pragma omp parallel for
    for (std::uint32_t row = 0; row < rows; ++row) {
        const float* values = matrix + std::size_t{row} * columns;
        float lanes[32];
        for (std::uint32_t lane = 0; lane < 32; ++lane) {
            lanes[lane] = 0.0f;
            for (std::uint32_t column = lane; column < columns; column += 32) lanes[lane] += values[column];
        }
        for (std::uint32_t distance = 16; distance > 0; distance /= 2) {
            float other[32];
            for (std::uint32_t lane = 0; lane < 32; ++lane)
                other[lane] = lanes[lane + distance < 32 ? lane + distance : lane];
            for (std::uint32_t lane = 0; lane < 32; ++lane) lanes[lane] += other[lane];
        }
        sums[row] = lanes[0];
    }
}
