// Histogram of bytes, the kernel's way: 64 blocks of 256 threads, each thread strides over the data and
// counts in its block's bins.
#include <algorithm>

#include "native.h"

void bench_histogram(std::uint32_t n, const unsigned char* data, std::uint32_t* bins) {
    constexpr std::uint32_t blocks = 64, block = 256, threads = blocks * block;
    std::fill(bins, bins + 256, 0u);
#pragma omp parallel for
    for (std::uint32_t b = 0; b < blocks; ++b) {
        std::uint32_t counts[256] = {};
        for (std::uint32_t t = 0; t < block; ++t)
            for (std::uint32_t i = b * block + t; i < n; i += threads) ++counts[data[i]];
        for (std::uint32_t bin = 0; bin < 256; ++bin) {
#pragma omp atomic
            bins[bin] += counts[bin];
        }
    }
}
