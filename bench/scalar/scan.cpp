// The loops of bench/kernels/scan.cu, one thread after the other; a shuffle is a loop over the lanes.
#include <vector>

#include "native.h"

namespace {

constexpr std::uint32_t lanes = 32, length = 2048;

std::uint32_t sum_part(const std::uint32_t* input) {
    std::uint32_t total = 0;
    for (std::uint32_t i = 0; i < length; ++i) total += input[i];
    return total;
}

void scan_part(const std::uint32_t* input, std::uint32_t sum, std::uint32_t* output) {
    for (std::uint32_t turn = 0; turn < length; turn += lanes * 4, input += lanes * 4, output += lanes * 4) {
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
}

}  // namespace

void bench_scan(std::uint32_t n, const std::uint32_t* input, std::uint32_t* output) {
    const std::uint32_t parts = n / length;
    std::vector<std::uint32_t> totals(parts + 1);
#pragma omp parallel for
    for (std::uint32_t part = 0; part < parts; ++part)
        totals[part + 1] = sum_part(input + std::size_t{part} * length);
    for (std::uint32_t part = 0; part < parts; ++part) totals[part + 1] += totals[part];
#pragma omp parallel for
    for (std::uint32_t part = 0; part < parts; ++part)
        scan_part(input + std::size_t{part} * length, totals[part], output + std::size_t{part} * length);
}
