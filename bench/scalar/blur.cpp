// 5 x 5 convolution of RGBA bytes, the kernel's way: the window is clamped at every pixel.
#include <algorithm>

#include "native.h"

void bench_blur(std::int32_t width, std::int32_t height, const float* weights, const BenchPixel* input,
                BenchPixel* output) {
#pragma omp parallel for
    for (std::int32_t y = 0; y < height; ++y) {
        for (std::int32_t x = 0; x < width; ++x) {
            float r = 0.5f, g = 0.5f, b = 0.5f, a = 0.5f;
            for (std::int32_t j = -2; j <= 2; ++j) {
                const std::int32_t row = std::min(std::max(y + j, 0), height - 1);
                for (std::int32_t i = -2; i <= 2; ++i) {
                    const BenchPixel pixel = input[row * width + std::min(std::max(x + i, 0), width - 1)];
                    const float weight = weights[(j + 2) * 5 + i + 2];
                    r += weight * static_cast<float>(pixel.r);
                    g += weight * static_cast<float>(pixel.g);
                    b += weight * static_cast<float>(pixel.b);
                    a += weight * static_cast<float>(pixel.a);
                }
            }
            output[y * width + x] = {static_cast<unsigned char>(r), static_cast<unsigned char>(g),
                                     static_cast<unsigned char>(b), static_cast<unsigned char>(a)};
        }
    }
}
