// The loops of bench/kernels/scan.cu, one thread after the other; a shuffle is a loop over the lanes.
#include <vector>

#include "native.h"

namespace {

constexpr std::uint32_t lanes = 32, warps = 8, turns = 4, part = lanes * turns * 4, length = warps * part;

std::uint32_t sum_block(const std::uint32_t* input) {
    std::uint32_t total = 0;
    for (std::uint32_t i = 0; i < length; ++i) total += input[i];
    return total;
}

// Scans 512 elements from zero on and gives their sum.
std::uint32_t scan_warp(const std::uint32_t* input, std::uint32_t* output) {
    std::uint32_t sum = 0;
    for (std::uint32_t turn = 0; turn < turns; ++turn, input += lanes * 4, output += lanes * 4) {
        std::uint32_t four[lanes][4], upto[lanes], earlier[lanes];
        for (std::uint32_t lane = 0; lane < lanes; ++lane) {
            std::uint32_t running = 0;
            for (std::uint32_t i = 0; i < 4; ++i) four[lane][i] = running += input[lane * 4 + i];
            upto[lane] = running;
        }
        for (std::uint32_t distance = 1; distance < lanes; distance *= 2) {
            for (std::uint32_t lane = 0; lane < lanes; ++lane)
                earlier[lane] = lane >= distance ? upto[lane - distance] : 0;
            for (std::uint32_t lane = 0; lane < lanes; ++lane) upto[lane] += earlier[lane];
        }
        for (std::uint32_t lane = 0; lane < lanes; ++lane)
            for (std::uint32_t i = 0; i < 4; ++i)
                output[lane * 4 + i] = four[lane][i] + sum + upto[lane] - four[lane][3];
        sum += upto[lanes - 1];
    }
    return sum;
}

void scan_block(const std::uint32_t* input, std::uint32_t start, std::uint32_t* output) {
    std::uint32_t sums[warps];
    for (std::uint32_t warp = 0; warp < warps; ++warp)
        sums[warp] = scan_warp(input + warp * part, output + warp * part);
    for (std::uint32_t warp = 0; warp < warps; start += sums[warp++])
        for (std::uint32_t i = 0; i < part; ++i) output[warp * part + i] += start;
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
