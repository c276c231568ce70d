// Prices of European calls and puts after Black and Scholes (1973), one work-item an option.
float normal_distribution(float d) { return 0.5f * erfc(-0.70710678f * d); }

kernel void blackscholes(uint n, float rate, float volatility, global const float* price, global const float* strike,
                         global const float* years, global float* call, global float* put) {
    uint i = get_global_id(0);
    if (i >= n) return;
    float s = price[i], k = strike[i], t = years[i];
    float spread = volatility * sqrt(t);
    float d1 = (log(s / k) + (rate + 0.5f * volatility * volatility) * t) / spread;
    float d2 = d1 - spread;
    float discounted = k * exp(-rate * t);
    call[i] = s * normal_distribution(d1) - discounted * normal_distribution(d2);
    put[i] = discounted * normal_distribution(-d2) - s * normal_distribution(-d1);
}
