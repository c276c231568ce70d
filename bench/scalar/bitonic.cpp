// Bitonic sort, the kernel's way: runs of 1024 keys stay in cache, steps that reach farther pass over all of
// them.
#include <algorithm>

#include "native.h"

namespace {

void exchange(std::uint32_t* low, std::uint32_t* high, bool ascending) {
    const std::uint32_t a = *low, b = *high;
    if ((a > b) == ascending) {
        *low = b;
        *high = a;
    }
}

/// One step inside the run of 1024 keys at `run`, which stands at `base`.
void step(std::uint32_t* run, std::uint32_t base, std::uint32_t size, std::uint32_t distance) {
    for (std::uint32_t t = 0; t < 512; ++t) {
        const std::uint32_t i = 2 * t - (t & (distance - 1));
        exchange(&run[i], &run[i + distance], ((base + i) & size) == 0);
    }
}

}  // namespace

void bench_bitonic(std::uint32_t n, const std::uint32_t* input, std::uint32_t* keys) {
#pragma omp parallel for
    for (std::uint32_t base = 0; base < n; base += 1024) {
        std::copy(input + base, input + base + 1024, keys + base);
        for (std::uint32_t size = 2; size <= 1024; size *= 2)
            for (std::uint32_t distance = size / 2; distance > 0; distance /= 2)
                step(keys + base, base, size, distance);
    }
    for (std::uint32_t size = 2048; size <= n; size *= 2) {
        for (std::uint32_t distance = size / 2; distance >= 1024; distance /= 2) {
#pragma omp parallel for
            for (std::uint32_t t = 0; t < n / 2; ++t) {
                const std::uint32_t i = 2 * t - (t & (distance - 1));
                exchange(&keys[i], &keys[i + distance], (i & size) == 0);
            }
        }
#pragma omp parallel for
        for (std::uint32_t base = 0; base < n; base += 1024)
            for (std::uint32_t distance = 512; distance > 0; distance /= 2)
                step(keys + base, base, size, distance);
    }
}
