// One Jacobi step, the kernel's way: every element asks whether it stands on the border.
#include "native.h"

void bench_stencil(std::uint32_t width, std::uint32_t height, const float* input, float* output) {
#pragma omp parallel for
    for (std::uint32_t y = 0; y < height; ++y) {
        for (std::uint32_t x = 0; x < width; ++x) {
            const std::uint32_t i = y * width + x;
            if (x == 0 || y == 0 || x == width - 1 || y == height - 1)
                output[i] = input[i];
            else
                output[i] = 0.5f * input[i] +
                            0.125f * (input[i - 1] + input[i + 1] + input[i - width] + input[i + width]);
        }
    }
}
