// Matrix product in plain C++: rows of C in parallel, the inner loop along a row of B and C, which stay in
// cache in blocks.
#include <algorithm>

#include "native.h"

void bench_sgemm(std::uint32_t n, const float* a, const float* b, float* c) {
    constexpr std::uint32_t rows = 4, depth = 128, width = 512;
#pragma omp parallel for
    for (std::uint32_t i0 = 0; i0 < n; i0 += rows) {
        const std::uint32_t i1 = std::min(i0 + rows, n);
        std::fill(c + std::size_t{i0} * n, c + std::size_t{i1} * n, 0.0f);
        for (std::uint32_t j0 = 0; j0 < n; j0 += width) {
            const std::uint32_t j1 = std::min(j0 + width, n);
            for (std::uint32_t k0 = 0; k0 < n; k0 += depth) {
                const std::uint32_t k1 = std::min(k0 + depth, n);
                for (std::uint32_t i = i0; i < i1; ++i) {
                    float* __restrict row = c + std::size_t{i} * n;
                    for (std::uint32_t k = k0; k < k1; ++k) {
                        const float factor = a[std::size_t{i} * n + k];
                        const float* other = b + std::size_t{k} * n;
                        for (std::uint32_t j = j0; j < j1; ++j) row[j] += factor * other[j];
                    }
                }
            }
        }
    }
}
