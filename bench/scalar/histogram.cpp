// Histogram of bytes, the kernel's way: a stretch and counts for every block, four bytes a turn for every
// thread.
#include <algorithm>

#include "native.h"

void bench_histogram(std::uint32_t n, const unsigned char* data, std::uint32_t* bins) {
    constexpr std::uint32_t blocks = 256, warps = 8;
    const std::uint32_t fours = n / 4, stretch = (fours + blocks * warps - 1) / (blocks * warps);
    std::fill(bins, bins + 256, 0u);
#pragma omp parallel for
    for (std::uint32_t block = 0; block < blocks; ++block) {
        std::uint32_t counts[256] = {};
        for (std::uint32_t warp = block * warps; warp < (block + 1) * warps; ++warp) {
            const std::uint32_t first = warp * stretch, last = std::min(first + stretch, fours);
            for (std::uint32_t lane = 0; lane < 32; ++lane)
                for (std::uint32_t i = first + lane; i < last; i += 32)
                    for (std::uint32_t part = 0; part < 4; ++part) ++counts[data[4 * i + part]];
        }
        for (std::uint32_t bin = 0; bin < 256; ++bin) {
#pragma omp atomic
            bins[bin] += counts[bin];
        }
    }
}
