// Sum of floats in plain C++; the simd clause lets the compiler reorder the additions.
#include "native.h"

void bench_reduction(std::uint32_t n, const float* input, float* sum) {
    float total = 0.0f;
#pragma omp parallel for simd reduction(+ : total)
    for (std::uint32_t i = 0; i < n; ++i) total += input[i];
    *sum = total;
}
