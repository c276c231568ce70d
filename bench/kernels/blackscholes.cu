// Prices of European calls and puts after Black and Scholes (1973), one thread an option.
__device__ float normal_distribution(float d) {
    return 0.5f * erfcf(-0.70710678f * d);
}

__global__ void blackscholes(unsigned n, float rate, float volatility, const float* price,
                             const float* strike, const float* years, float* call, float* put) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float s = price[i], k = strike[i], t = years[i];
    float spread = volatility * sqrtf(t);
    float d1 = (logf(s / k) + (rate + 0.5f * volatility * volatility) * t) / spread;
    float d2 = d1 - spread;
    float discounted = k * expf(-rate * t);
    call[i] = s * normal_distribution(d1) - discounted * normal_distribution(d2);
    put[i] = discounted * normal_distribution(-d2) - s * normal_distribution(-d1);
}
