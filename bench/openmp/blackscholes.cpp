// Black-Scholes prices in plain C++.
#include <cmath>

#include "native.h"

static float normal_distribution(float d) {
    return 0.5f * std::erfc(-0.70710678f * d);
}

void bench_blackscholes(std::uint32_t n, float rate, float volatility, const float* price,
                        const float* strike, const float* years, float* call, float* put) {
#pragma omp parallel for
    for (std::uint32_t i = 0; i < n; ++i) {
        const float s = price[i], k = strike[i], t = years[i];
        const float spread = volatility * std::sqrt(t);
        const float d1 = (std::log(s / k) + (rate + 0.5f * volatility * volatility) * t) / spread;
        const float d2 = d1 - spread;
        const float discounted = k * std::exp(-rate * t);
        call[i] = s * normal_distribution(d1) - discounted * normal_distribution(d2);
        put[i] = discounted * normal_distribution(-d2) - s * normal_distribution(-d1);
    }
}
