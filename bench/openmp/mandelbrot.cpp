// Escape times of the Mandelbrot set in plain C++; rows are handed out as threads become free.
#include "native.h"

void bench_mandelbrot(std::uint32_t width, std::uint32_t height, std::uint32_t limit, std::uint32_t* steps) {
#pragma omp parallel for schedule(dynamic)
    for (std::uint32_t y = 0; y < height; ++y) {
        const float cy = -1.25f + 2.5f * static_cast<float>(y) / static_cast<float>(height);
        for (std::uint32_t x = 0; x < width; ++x) {
            const float cx = -2.25f + 3.0f * static_cast<float>(x) / static_cast<float>(width);
            float zx = 0.0f, zy = 0.0f;
            std::uint32_t step = 0;
            while (step < limit && zx * zx + zy * zy < 4.0f) {
                const float next = zx * zx - zy * zy + cx;
                zy = 2.0f * zx * zy + cy;
                zx = next;
                ++step;
            }
            steps[y * width + x] = step;
        }
    }
}
