// 5 x 5 convolution of RGBA bytes in plain C++: no clamping where the window lies inside the image.
#include <algorithm>

#include "native.h"

namespace {

/// One pixel; `columns` are the five columns of its window, `rows` the five rows.
BenchPixel convolve(const float* weights, const BenchPixel* const rows[5], const std::int32_t columns[5]) {
    float r = 0.5f, g = 0.5f, b = 0.5f, a = 0.5f;
    for (int j = 0; j < 5; ++j) {
        for (int i = 0; i < 5; ++i) {
            const BenchPixel pixel = rows[j][columns[i]];
            const float weight = weights[j * 5 + i];
            r += weight * static_cast<float>(pixel.r);
            g += weight * static_cast<float>(pixel.g);
            b += weight * static_cast<float>(pixel.b);
            a += weight * static_cast<float>(pixel.a);
        }
    }
    return {static_cast<unsigned char>(r), static_cast<unsigned char>(g), static_cast<unsigned char>(b),
            static_cast<unsigned char>(a)};
}

BenchPixel convolve_at_border(const float* weights, const BenchPixel* const rows[5], std::int32_t x,
                              std::int32_t width) {
    std::int32_t columns[5];
    for (int i = 0; i < 5; ++i) columns[i] = std::clamp(x + i - 2, 0, width - 1);
    return convolve(weights, rows, columns);
}

}  // namespace

void bench_blur(std::int32_t width, std::int32_t height, const float* weights, const BenchPixel* input,
                BenchPixel* output) {
#pragma omp parallel for
    for (std::int32_t y = 0; y < height; ++y) {
        const BenchPixel* rows[5];
        for (int j = 0; j < 5; ++j)
            rows[j] = input + std::ptrdiff_t{std::clamp(y + j - 2, 0, height - 1)} * width;
        BenchPixel* out = output + std::ptrdiff_t{y} * width;
        const std::int32_t inner = std::min(2, width), outer = std::max(inner, width - 2);
        for (std::int32_t x = 0; x < inner; ++x) out[x] = convolve_at_border(weights, rows, x, width);
        for (std::int32_t x = inner; x < outer; ++x) {
            const std::int32_t columns[5] = {x - 2, x - 1, x, x + 1, x + 2};
            out[x] = convolve(weights, rows, columns);
        }
        for (std::int32_t x = outer; x < width; ++x) out[x] = convolve_at_border(weights, rows, x, width);
    }
}
