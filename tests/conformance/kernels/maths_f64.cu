// Double precision: one kernel for each mathematical function, named f64_<function>.

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)
#define UNARY(name, T, expression)                                      \
    extern "C" __global__ void f64_##name(const T* px, T* out, int n) { \
        const int i = INDEX;                                            \
        if (i >= n) return;                                             \
        const T x = px[i];                                              \
        out[i] = expression;                                            \
    }
#define BINARY(name, T, expression)                                                  \
    extern "C" __global__ void f64_##name(const T* px, const T* py, T* out, int n) { \
        const int i = INDEX;                                                         \
        if (i >= n) return;                                                          \
        const T x = px[i], y = py[i];                                                \
        out[i] = expression;                                                         \
    }
#define TERNARY(name, T, expression)                                                              \
    extern "C" __global__ void f64_##name(const T* px, const T* py, const T* pz, T* out, int n) { \
        const int i = INDEX;                                                                      \
        if (i >= n) return;                                                                       \
        const T x = px[i], y = py[i], z = pz[i];                                                  \
        out[i] = expression;                                                                      \
    }

UNARY(sin, double, sin(x))
UNARY(cos, double, cos(x))
UNARY(tan, double, tan(x))
UNARY(asin, double, asin(x))
UNARY(acos, double, acos(x))
UNARY(atan, double, atan(x))
UNARY(sinh, double, sinh(x))
UNARY(cosh, double, cosh(x))
UNARY(tanh, double, tanh(x))
UNARY(asinh, double, asinh(x))
UNARY(acosh, double, acosh(x))
UNARY(atanh, double, atanh(x))
UNARY(sinpi, double, sinpi(x))
UNARY(cospi, double, cospi(x))
UNARY(exp, double, exp(x))
UNARY(exp2, double, exp2(x))
UNARY(exp10, double, exp10(x))
UNARY(expm1, double, expm1(x))
UNARY(log, double, log(x))
UNARY(log2, double, log2(x))
UNARY(log10, double, log10(x))
UNARY(log1p, double, log1p(x))
UNARY(sqrt, double, sqrt(x))
UNARY(rsqrt, double, rsqrt(x))
UNARY(cbrt, double, cbrt(x))
UNARY(rcbrt, double, rcbrt(x))
UNARY(erf, double, erf(x))
UNARY(erfc, double, erfc(x))
UNARY(erfinv, double, erfinv(x))
UNARY(erfcinv, double, erfcinv(x))
UNARY(erfcx, double, erfcx(x))
UNARY(normcdf, double, normcdf(x))
UNARY(normcdfinv, double, normcdfinv(x))
UNARY(tgamma, double, tgamma(x))
UNARY(lgamma, double, lgamma(x))
UNARY(j0, double, j0(x))
UNARY(j1, double, j1(x))
UNARY(y0, double, y0(x))
UNARY(y1, double, y1(x))
UNARY(cyl_bessel_i0, double, cyl_bessel_i0(x))
UNARY(cyl_bessel_i1, double, cyl_bessel_i1(x))
UNARY(fabs, double, fabs(x))
UNARY(floor, double, floor(x))
UNARY(ceil, double, ceil(x))
UNARY(trunc, double, trunc(x))
UNARY(round, double, round(x))
UNARY(rint, double, rint(x))
UNARY(nearbyint, double, nearbyint(x))
UNARY(logb, double, logb(x))
BINARY(atan2, double, atan2(x, y))
BINARY(hypot, double, hypot(x, y))
BINARY(rhypot, double, rhypot(x, y))
BINARY(pow, double, pow(x, y))
BINARY(fmod, double, fmod(x, y))
BINARY(remainder, double, remainder(x, y))
BINARY(nextafter, double, nextafter(x, y))
BINARY(fdim, double, fdim(x, y))
BINARY(fmin, double, fmin(x, y))
BINARY(fmax, double, fmax(x, y))
BINARY(copysign, double, copysign(x, y))
TERNARY(norm3d, double, norm3d(x, y, z))
TERNARY(rnorm3d, double, rnorm3d(x, y, z))
TERNARY(norm4d, double, norm4d(x, y, z, x))
TERNARY(rnorm4d, double, rnorm4d(x, y, z, x))
TERNARY(fma, double, fma(x, y, z))

extern "C" {

__global__ void f64_sincos(const double* px, double* out, int n) {
    const int i = INDEX;
    if (i < n) sincos(px[i], out + i, out + n + i);
}
__global__ void f64_sincospi(const double* px, double* out, int n) {
    const int i = INDEX;
    if (i < n) sincospi(px[i], out + i, out + n + i);
}
__global__ void f64_bessel_n(const double* px, double* out, int order, int n) {
    const int i = INDEX;
    if (i < n) out[i] = jn(order, px[i]), out[n + i] = yn(order, px[i]);
}
__global__ void f64_frexp(const double* px, double* out, int* exponent, int n) {
    const int i = INDEX;
    if (i < n) out[i] = frexp(px[i], exponent + i);
}
__global__ void f64_modf(const double* px, double* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = modf(px[i], out + n + i);
}
__global__ void f64_remquo(const double* px, const double* py, double* out, int* quotient, int n) {
    const int i = INDEX;
    if (i < n) out[i] = remquo(px[i], py[i], quotient + i);
}
__global__ void f64_ldexp(const double* px, const int* exponent, double* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = ldexp(px[i], exponent[i]), out[n + i] = scalbn(px[i], exponent[i]);
}
__global__ void f64_ilogb(const double* px, int* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = ilogb(px[i]);
}
__global__ void f64_to_integers(const double* px, long long* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = lrint(px[i]);
    out[n + i] = llrint(px[i]);
    out[2 * n + i] = lround(px[i]);
    out[3 * n + i] = llround(px[i]);
}
__global__ void f64_classify(const double* px, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const double x = px[i];
    out[i] = (isnan(x) != 0) | (isinf(x) != 0) << 1 | (isfinite(x) != 0) << 2 | (signbit(x) != 0) << 3;
}
__global__ void f64_overloads(const double* px, double* out, int n) {
    // the C++ names, with and without std
    const int i = INDEX;
    if (i >= n) return;
    const double x = px[i];
    out[i] = sqrt(x) + fabs(x) + floor(x) + fmax(x, (double)2);
    out[n + i] = std::sqrt(x) + std::fabs(x) + std::floor(x) + std::fmax(x, (double)2);
    out[2 * n + i] = abs(-x) + min(x, (double)2) + max(x, (double)3);
}
}
