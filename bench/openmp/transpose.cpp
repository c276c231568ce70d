// Transpose in plain C++, by blocks that fit the nearest cache.
#include <algorithm>

#include "native.h"

void bench_transpose(std::uint32_t width, std::uint32_t height, const float* input, float* output) {
    constexpr std::uint32_t size = 32;
#pragma omp parallel for collapse(2)
    for (std::uint32_t y0 = 0; y0 < height; y0 += size) {
        for (std::uint32_t x0 = 0; x0 < width; x0 += size) {
            const std::uint32_t y1 = std::min(y0 + size, height), x1 = std::min(x0 + size, width);
            for (std::uint32_t x = x0; x < x1; ++x)
                for (std::uint32_t y = y0; y < y1; ++y)
                    output[std::size_t{x} * height + y] = input[std::size_t{y} * width + x];
        }
    }
}
