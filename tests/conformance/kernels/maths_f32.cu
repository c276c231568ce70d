// Single precision: one kernel for each mathematical function, named f32_<function>.

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)
#define UNARY(name, T, expression)                                      \
    extern "C" __global__ void f32_##name(const T* px, T* out, int n) { \
        const int i = INDEX;                                            \
        if (i >= n) return;                                             \
        const T x = px[i];                                              \
        out[i] = expression;                                            \
    }
#define BINARY(name, T, expression)                                                  \
    extern "C" __global__ void f32_##name(const T* px, const T* py, T* out, int n) { \
        const int i = INDEX;                                                         \
        if (i >= n) return;                                                          \
        const T x = px[i], y = py[i];                                                \
        out[i] = expression;                                                         \
    }
#define TERNARY(name, T, expression)                                                              \
    extern "C" __global__ void f32_##name(const T* px, const T* py, const T* pz, T* out, int n) { \
        const int i = INDEX;                                                                      \
        if (i >= n) return;                                                                       \
        const T x = px[i], y = py[i], z = pz[i];                                                  \
        out[i] = expression;                                                                      \
    }

UNARY(sin, float, sinf(x))
UNARY(cos, float, cosf(x))
UNARY(tan, float, tanf(x))
UNARY(asin, float, asinf(x))
UNARY(acos, float, acosf(x))
UNARY(atan, float, atanf(x))
UNARY(sinh, float, sinhf(x))
UNARY(cosh, float, coshf(x))
UNARY(tanh, float, tanhf(x))
UNARY(asinh, float, asinhf(x))
UNARY(acosh, float, acoshf(x))
UNARY(atanh, float, atanhf(x))
UNARY(sinpi, float, sinpif(x))
UNARY(cospi, float, cospif(x))
UNARY(exp, float, expf(x))
UNARY(exp2, float, exp2f(x))
UNARY(exp10, float, exp10f(x))
UNARY(expm1, float, expm1f(x))
UNARY(log, float, logf(x))
UNARY(log2, float, log2f(x))
UNARY(log10, float, log10f(x))
UNARY(log1p, float, log1pf(x))
UNARY(sqrt, float, sqrtf(x))
UNARY(rsqrt, float, rsqrtf(x))
UNARY(cbrt, float, cbrtf(x))
UNARY(rcbrt, float, rcbrtf(x))
UNARY(erf, float, erff(x))
UNARY(erfc, float, erfcf(x))
UNARY(erfinv, float, erfinvf(x))
UNARY(erfcinv, float, erfcinvf(x))
UNARY(erfcx, float, erfcxf(x))
UNARY(normcdf, float, normcdff(x))
UNARY(normcdfinv, float, normcdfinvf(x))
UNARY(tgamma, float, tgammaf(x))
UNARY(lgamma, float, lgammaf(x))
UNARY(j0, float, j0f(x))
UNARY(j1, float, j1f(x))
UNARY(y0, float, y0f(x))
UNARY(y1, float, y1f(x))
UNARY(cyl_bessel_i0, float, cyl_bessel_i0f(x))
UNARY(cyl_bessel_i1, float, cyl_bessel_i1f(x))
UNARY(fabs, float, fabsf(x))
UNARY(floor, float, floorf(x))
UNARY(ceil, float, ceilf(x))
UNARY(trunc, float, truncf(x))
UNARY(round, float, roundf(x))
UNARY(rint, float, rintf(x))
UNARY(nearbyint, float, nearbyintf(x))
UNARY(logb, float, logbf(x))
BINARY(atan2, float, atan2f(x, y))
BINARY(hypot, float, hypotf(x, y))
BINARY(rhypot, float, rhypotf(x, y))
BINARY(pow, float, powf(x, y))
BINARY(fmod, float, fmodf(x, y))
BINARY(remainder, float, remainderf(x, y))
BINARY(nextafter, float, nextafterf(x, y))
BINARY(fdim, float, fdimf(x, y))
BINARY(fmin, float, fminf(x, y))
BINARY(fmax, float, fmaxf(x, y))
BINARY(copysign, float, copysignf(x, y))
TERNARY(norm3d, float, norm3df(x, y, z))
TERNARY(rnorm3d, float, rnorm3df(x, y, z))
TERNARY(norm4d, float, norm4df(x, y, z, x))
TERNARY(rnorm4d, float, rnorm4df(x, y, z, x))
TERNARY(fma, float, fmaf(x, y, z))

extern "C" {

__global__ void f32_sincos(const float* px, float* out, int n) {
    const int i = INDEX;
    if (i < n) sincosf(px[i], out + i, out + n + i);
}
__global__ void f32_sincospi(const float* px, float* out, int n) {
    const int i = INDEX;
    if (i < n) sincospif(px[i], out + i, out + n + i);
}
__global__ void f32_bessel_n(const float* px, float* out, int order, int n) {
    const int i = INDEX;
    if (i < n) out[i] = jnf(order, px[i]), out[n + i] = ynf(order, px[i]);
}
__global__ void f32_frexp(const float* px, float* out, int* exponent, int n) {
    const int i = INDEX;
    if (i < n) out[i] = frexpf(px[i], exponent + i);
}
__global__ void f32_modf(const float* px, float* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = modff(px[i], out + n + i);
}
__global__ void f32_remquo(const float* px, const float* py, float* out, int* quotient, int n) {
    const int i = INDEX;
    if (i < n) out[i] = remquof(px[i], py[i], quotient + i);
}
__global__ void f32_ldexp(const float* px, const int* exponent, float* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = ldexpf(px[i], exponent[i]), out[n + i] = scalbnf(px[i], exponent[i]);
}
__global__ void f32_ilogb(const float* px, int* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = ilogbf(px[i]);
}
__global__ void f32_to_integers(const float* px, long long* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = lrintf(px[i]);
    out[n + i] = llrintf(px[i]);
    out[2 * n + i] = lroundf(px[i]);
    out[3 * n + i] = llroundf(px[i]);
}
__global__ void f32_classify(const float* px, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const float x = px[i];
    out[i] = (isnan(x) != 0) | (isinf(x) != 0) << 1 | (isfinite(x) != 0) << 2 | (signbit(x) != 0) << 3;
}
__global__ void f32_overloads(const float* px, float* out, int n) {
    // the C++ names, with and without std
    const int i = INDEX;
    if (i >= n) return;
    const float x = px[i];
    out[i] = sqrt(x) + fabs(x) + floor(x) + fmax(x, (float)2);
    out[n + i] = std::sqrt(x) + std::fabs(x) + std::floor(x) + std::fmax(x, (float)2);
    out[2 * n + i] = abs(-x) + min(x, (float)2) + max(x, (float)3);
}
}
