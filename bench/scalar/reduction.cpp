// Sum of floats, the kernel's way: a sum for every thread of the grid, then the sum of those.
#include "native.h"

void bench_reduction(std::uint32_t n, const float* input, float* sum) {
    constexpr std::uint32_t threads = 256 * 256;
    float total = 0.0f;
#pragma omp parallel for reduction(+ : total)
    for (std::uint32_t thread = 0; thread < threads; ++thread) {
        float mine = 0.0f;
        for (std::uint32_t i = thread; i < n; i += threads) mine += input[i];
        total += mine;
    }
    *sum = total;
}
