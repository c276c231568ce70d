// Matrix product, the kernel's way: one element of C after the other in squares of 16 x 16, over tiles of 16
// x 16 of A and B.
#include "native.h"

void bench_sgemm(std::uint32_t n, const float* a, const float* b, float* c) {
#pragma omp parallel for collapse(2)
    for (std::uint32_t row = 0; row < n; row += 16) {
        for (std::uint32_t column = 0; column < n; column += 16) {
            float a_tile[16][16], b_tile[16][16], sums[16][16] = {};
            for (std::uint32_t tile = 0; tile < n; tile += 16) {
                for (std::uint32_t ty = 0; ty < 16; ++ty) {
                    for (std::uint32_t tx = 0; tx < 16; ++tx) {
                        a_tile[ty][tx] = a[(row + ty) * n + tile + tx];
                        b_tile[ty][tx] = b[(tile + ty) * n + column + tx];
                    }
                }
                for (std::uint32_t ty = 0; ty < 16; ++ty) {
                    for (std::uint32_t tx = 0; tx < 16; ++tx) {
                        float sum = sums[ty][tx];
                        for (std::uint32_t k = 0; k < 16; ++k) sum += a_tile[ty][k] * b_tile[k][tx];
                        sums[ty][tx] = sum;
                    }
                }
            }
            for (std::uint32_t ty = 0; ty < 16; ++ty)
                for (std::uint32_t tx = 0; tx < 16; ++tx) c[(row + ty) * n + column + tx] = sums[ty][tx];
        }
    }
}
