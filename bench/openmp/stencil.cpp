// 5-point Jacobi step in plain C++: rows in parallel, no test inside a row.
#include <algorithm>

#include "native.h"

void bench_stencil(std::uint32_t width, std::uint32_t height, const float* input, float* output) {
#pragma omp parallel for
    for (std::uint32_t y = 0; y < height; ++y) {
        const float* __restrict row = input + std::size_t{y} * width;
        float* __restrict out = output + std::size_t{y} * width;
        if (y == 0 || y == height - 1) {
            std::copy(row, row + width, out);
            continue;
        }
        const float* __restrict above = row - width;
        const float* __restrict below = row + width;
        out[0] = row[0];
        for (std::uint32_t x = 1; x + 1 < width; ++x)
            out[x] = 0.5f * row[x] + 0.125f * (row[x - 1] + row[x + 1] + above[x] + below[x]);
        out[width - 1] = row[width - 1];
    }
}
