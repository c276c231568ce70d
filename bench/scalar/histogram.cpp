// Histogram of bytes, the kernel's way: a stretch and counts for every block, four bytes a turn for every
// thread.
#include <algorithm>

#include "native.h"

void bench_histogram(std::uint32_t n, const unsigned char* data, std::uint32_t* bins) {
    constexpr std::uint32_t blocks = 256, threads = 256;
    const std::uint32_t fours = n / 4, stretch = (fours + blocks - 1) / blocks;
    std::fill(bins, bins + 256, 0u);
#pragma omp parallel for
    for (std::uint32_t block = 0; block < blocks; ++block) {
        std::uint32_t counts[256] = {};
        const std::uint32_t first = block * stretch, last = std::min(first + stretch, fours);
        for (std::uint32_t t = 0; t < threads; ++t)
            for (std::uint32_t i = first + t; i < last; i += threads)
                for (std::uint32_t part = 0; part < 4; ++part) ++counts[data[4 * i + part]];
        for (std::uint32_t bin = 0; bin < 256; ++bin) {
#pragma omp atomic
            bins[bin] += counts[bin];
        }
    }
}
