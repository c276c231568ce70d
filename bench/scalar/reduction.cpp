// Sum of floats, the kernel's way: a stretch for every warp, a sum for every thread of it, then the sum of
// those.
#include <algorithm>

#include "native.h"

void bench_reduction(std::uint32_t n, const float* input, float* sum) {
    constexpr std::uint32_t warps = 1024 * 8;
    const std::uint32_t stretch = (n + warps - 1) / warps;
    float total = 0.0f;
#pragma omp parallel for reduction(+ : total)
    for (std::uint32_t warp = 0; warp < warps; ++warp) {
        const std::uint32_t first = warp * stretch, last = std::min(first + stretch, n);
        for (std::uint32_t lane = 0; lane < 32; ++lane) {
            float mine = 0.0f;
            for (std::uint32_t i = first + lane; i < last; i += 32) mine += input[i];
            total += mine;
        }
    }
    *sum = total;
}
