// Inclusive prefix sums, the kernel's way: blocks of 1024 are scanned, four elements a thread, then their
// totals, then those are added.
#include <vector>

#include "native.h"

namespace {

std::uint32_t scan_block(const std::uint32_t* input, std::uint32_t* output) {
    std::uint32_t sums[256], before[256];
    for (std::uint32_t t = 0; t < 256; ++t) {
        const std::uint32_t* four = input + 4 * t;
        sums[t] = four[0] + four[1] + four[2] + four[3];
    }
    for (std::uint32_t distance = 1; distance < 256; distance *= 2) {
        for (std::uint32_t t = 0; t < 256; ++t) before[t] = t >= distance ? sums[t - distance] : 0;
        for (std::uint32_t t = 0; t < 256; ++t) sums[t] += before[t];
    }
    for (std::uint32_t t = 0; t < 256; ++t) {
        std::uint32_t sum = t == 0 ? 0 : sums[t - 1];
        for (std::uint32_t i = 4 * t; i < 4 * t + 4; ++i) {
            sum += input[i];
            output[i] = sum;
        }
    }
    return sums[255];
}

}  // namespace

void bench_scan(std::uint32_t n, const std::uint32_t* input, std::uint32_t* output) {
    const std::uint32_t blocks = n / 1024;
    std::vector<std::uint32_t> totals(blocks);
#pragma omp parallel for
    for (std::uint32_t block = 0; block < blocks; ++block)
        totals[block] = scan_block(input + std::size_t{block} * 1024, output + std::size_t{block} * 1024);
    for (std::uint32_t block = 1; block < blocks; ++block) totals[block] += totals[block - 1];
#pragma omp parallel for
    for (std::uint32_t block = 1; block < blocks; ++block)
        for (std::uint32_t i = 0; i < 1024; ++i) output[std::size_t{block} * 1024 + i] += totals[block - 1];
}
