// saxpy in plain C++.
#include "native.h"

void bench_saxpy(std::uint32_t n, float a, const float* x, float* y) {
#pragma omp parallel for
    for (std::uint32_t i = 0; i < n; ++i) y[i] = a * x[i] + y[i];
}
