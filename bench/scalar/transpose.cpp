// Transpose, the kernel's way: through a padded tile of 32 x 32.
#include "native.h"

void bench_transpose(std::uint32_t width, std::uint32_t height, const float* input, float* output) {
#pragma omp parallel for collapse(2)
    for (std::uint32_t y0 = 0; y0 < height; y0 += 32) {
        for (std::uint32_t x0 = 0; x0 < width; x0 += 32) {
            float tile[32][33];
            for (std::uint32_t ty = 0; ty < 8; ++ty)
                for (std::uint32_t tx = 0; tx < 32; ++tx)
                    for (std::uint32_t j = 0; j < 32; j += 8)
                        tile[ty + j][tx] = input[(y0 + ty + j) * width + x0 + tx];
            for (std::uint32_t ty = 0; ty < 8; ++ty)
                for (std::uint32_t tx = 0; tx < 32; ++tx)
                    for (std::uint32_t j = 0; j < 32; j += 8)
                        output[(x0 + ty + j) * height + y0 + tx] = tile[tx][ty + j];
        }
    }
}
