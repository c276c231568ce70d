// Sum of floats, the kernel's way: a stretch for every block, a sum for every thread of it, then the sum of
// those.
#include <algorithm>

#include "native.h"

void bench_reduction(std::uint32_t n, const float* input, float* sum) {
    constexpr std::uint32_t blocks = 256, threads = 256;
    const std::uint32_t stretch = (n + blocks - 1) / blocks;
    float total = 0.0f;
#pragma omp parallel for reduction(+ : total)
    for (std::uint32_t block = 0; block < blocks; ++block) {
        const std::uint32_t first = block * stretch, last = std::min(first + stretch, n);
        for (std::uint32_t t = 0; t < threads; ++t) {
            float mine = 0.0f;
            for (std::uint32_t i = first + t; i < last; i += threads) mine += input[i];
            total += mine;
        }
    }
    *sum = total;
}
