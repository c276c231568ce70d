// Bitonic sort, the kernel's way: runs of 1024 keys stay in cache, steps that reach farther pass over all of
// them, and those within 64 keys go by two keys for each of 32 lanes, where a shuffle is a loop over the
// lanes.
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

std::uint32_t chosen(std::uint32_t mine, std::uint32_t other, bool is_lower, bool ascending) {
    return is_lower == ascending ? std::min(mine, other) : std::max(mine, other);
}

/// The steps over distances below 64 and below `size`.
void within_warps(std::uint32_t* run, std::uint32_t base, std::uint32_t size) {
    for (std::uint32_t warp = 0; warp < 1024; warp += 64) {
        std::uint32_t a[32], b[32], other_a[32], other_b[32];
        bool up_a[32], up_b[32];
        for (std::uint32_t lane = 0; lane < 32; ++lane) {
            const std::uint32_t first = warp + lane;
            a[lane] = run[first];
            b[lane] = run[first + 32];
            up_a[lane] = ((base + first) & size) == 0;
            up_b[lane] = ((base + first + 32) & size) == 0;
            if (size > 32) {
                const std::uint32_t low = std::min(a[lane], b[lane]), high = std::max(a[lane], b[lane]);
                a[lane] = up_a[lane] ? low : high;
                b[lane] = up_a[lane] ? high : low;
            }
        }
        for (std::uint32_t distance = 16; distance > 0; distance /= 2) {
            if (distance >= size) continue;
            for (std::uint32_t lane = 0; lane < 32; ++lane) other_a[lane] = a[lane ^ distance];
            for (std::uint32_t lane = 0; lane < 32; ++lane)
                a[lane] = chosen(a[lane], other_a[lane], (lane & distance) == 0, up_a[lane]);
            for (std::uint32_t lane = 0; lane < 32; ++lane) other_b[lane] = b[lane ^ distance];
            for (std::uint32_t lane = 0; lane < 32; ++lane)
                b[lane] = chosen(b[lane], other_b[lane], (lane & distance) == 0, up_b[lane]);
        }
        for (std::uint32_t lane = 0; lane < 32; ++lane) {
            run[warp + lane] = a[lane];
            run[warp + lane + 32] = b[lane];
        }
    }
}

/// The steps of the phase that makes sorted runs of `size`, over distances from `distance` on.
void merge(std::uint32_t* run, std::uint32_t base, std::uint32_t size, std::uint32_t distance) {
    for (; distance >= 64; distance /= 2) step(run, base, size, distance);
    within_warps(run, base, size);
}

}  // namespace

void bench_bitonic(std::uint32_t n, const std::uint32_t* input, std::uint32_t* keys) {
#pragma omp parallel for
    for (std::uint32_t base = 0; base < n; base += 1024) {
        std::copy(input + base, input + base + 1024, keys + base);
        for (std::uint32_t size = 2; size <= 1024; size *= 2) merge(keys + base, base, size, size / 2);
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
        for (std::uint32_t base = 0; base < n; base += 1024) merge(keys + base, base, size, 512);
    }
}
