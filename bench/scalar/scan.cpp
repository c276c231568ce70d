// The loops of bench/kernels/scan.cu, one thread after the other.
#include <vector>

#include "native.h"

namespace {

constexpr std::uint32_t length = 4096, each = 16, threads = 256;

std::uint32_t sum_block(const std::uint32_t* input) {
    std::uint32_t total = 0;
    for (std::uint32_t i = 0; i < length; ++i) total += input[i];
    return total;
}

void scan_block(const std::uint32_t* input, std::uint32_t before_block, std::uint32_t* output) {
    std::uint32_t sums[threads], before[threads];
    for (std::uint32_t t = 0; t < threads; ++t) {
        std::uint32_t sum = 0;
        for (std::uint32_t i = 0; i < each; ++i) output[t * each + i] = sum += input[t * each + i];
        sums[t] = sum;
    }
    for (std::uint32_t distance = 1; distance < threads; distance *= 2) {
        for (std::uint32_t t = 0; t < threads; ++t) before[t] = t >= distance ? sums[t - distance] : 0;
        for (std::uint32_t t = 0; t < threads; ++t) sums[t] += before[t];
    }
    for (std::uint32_t t = 0; t < threads; ++t) {
        const std::uint32_t start = before_block + (t == 0 ? 0 : sums[t - 1]);
        for (std::uint32_t i = 0; i < each; ++i) output[t * each + i] += start;
    }
}

}  // namespace

void bench_scan(std::uint32_t n, const std::uint32_t* input, std::uint32_t* output) {
    const std::uint32_t blocks = n / length;
    std::vector<std::uint32_t> totals(blocks + 1);
#pragma omp parallel for
    for (std::uint32_t block = 0; block < blocks; ++block)
        totals[block + 1] = sum_block(input + std::size_t{block} * length);
    for (std::uint32_t block = 0; block < blocks; ++block) totals[block + 1] += totals[block];
#pragma omp parallel for
    for (std::uint32_t block = 0; block < blocks; ++block)
        scan_block(input + std::size_t{block} * length, totals[block], output + std::size_t{block} * length);
}
