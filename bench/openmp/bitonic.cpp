// Sorting in plain C++: every thread sorts a part, then parts are merged in pairs.
#include <omp.h>

#include <algorithm>

#include "native.h"

void bench_bitonic(std::uint32_t n, const std::uint32_t* input, std::uint32_t* keys) {
    std::uint32_t parts = 1;
    while (parts < static_cast<std::uint32_t>(omp_get_max_threads())) parts *= 2;
    const std::uint32_t length = (n + parts - 1) / parts;
    const auto at = [&](std::uint64_t part) {
        return keys + static_cast<std::size_t>(std::min<std::uint64_t>(part * length, n));
    };
#pragma omp parallel for
    for (std::uint32_t part = 0; part < parts; ++part) {
        std::copy(input + (at(part) - keys), input + (at(part + 1) - keys), at(part));
        std::sort(at(part), at(part + 1));
    }
    for (std::uint32_t run = 1; run < parts; run *= 2) {
#pragma omp parallel for
        for (std::uint32_t part = 0; part < parts; part += 2 * run)
            std::inplace_merge(at(part), at(part + run), at(part + 2 * run));
    }
}
