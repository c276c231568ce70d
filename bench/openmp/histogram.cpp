// Histogram of bytes in plain C++: every thread counts for itself.
#include <algorithm>

#include "native.h"

void bench_histogram(std::uint32_t n, const unsigned char* data, std::uint32_t* bins) {
    std::fill(bins, bins + 256, 0u);
#pragma omp parallel for reduction(+ : bins[ : 256])
    for (std::uint32_t i = 0; i < n; ++i) ++bins[data[i]];
}
