// References for mathematical functions in extended precision.
#include "conformance/maths_reference.h"

#include <cmath>
#include <limits>

#if defined(__x86_64__) && defined(__GLIBC__)
// glibc's quadruple precision functions, whose declarations its headers keep from C++.
__extension__ typedef __float128 Quad;
extern "C" {
Quad j0f128(Quad);
Quad j1f128(Quad);
Quad y0f128(Quad);
Quad y1f128(Quad);
Quad jnf128(int, Quad);
Quad ynf128(int, Quad);
}
#define HEDDLE_BESSEL(name, x) static_cast<Extended>(name##f128(static_cast<Quad>(x)))
#define HEDDLE_BESSEL_N(name, n, x) static_cast<Extended>(name##f128(n, static_cast<Quad>(x)))
#else
#define HEDDLE_BESSEL(name, x) name##l(x)
#define HEDDLE_BESSEL_N(name, n, x) name##l(n, x)
#endif

namespace heddle::conformance {

namespace {

constexpr Extended pi = 3.14159265358979323846264338327950288L;
constexpr Extended infinity = std::numeric_limits<Extended>::infinity();
constexpr Extended nan = std::numeric_limits<Extended>::quiet_NaN();
constexpr Extended root_of_pi = 1.77245385090551602729816748334114518L;

}  // namespace

Extended ref_sinpi(Extended x) {
    if (!std::isfinite(x)) return nan;
    const Extended r = std::fmod(std::fabs(x), 2.0L);  // exact
    Extended s;
    if (r == 0 || r == 1)
        s = 0;
    else if (r <= 0.25L)
        s = std::sin(pi * r);
    else if (r <= 0.75L)
        s = std::cos(pi * (r - 0.5L));
    else if (r <= 1.25L)
        s = -std::sin(pi * (r - 1));
    else if (r <= 1.75L)
        s = -std::cos(pi * (r - 1.5L));
    else
        s = std::sin(pi * (r - 2));
    if (s == 0) return std::copysign(0.0L, x);
    return std::signbit(x) ? -s : s;
}

Extended ref_cospi(Extended x) {
    if (!std::isfinite(x)) return nan;
    const Extended r = std::fmod(std::fabs(x), 2.0L);
    if (r == 0.5L || r == 1.5L) return 0;
    if (r <= 0.25L) return std::cos(pi * r);
    if (r <= 0.75L) return -std::sin(pi * (r - 0.5L));
    if (r <= 1.25L) return -std::cos(pi * (r - 1));
    if (r <= 1.75L) return std::sin(pi * (r - 1.5L));
    return std::cos(pi * (r - 2));
}

Extended ref_exp10(Extended x) {
    return std::pow(10.0L, x);
}

Extended ref_erfcx(Extended x) {
    if (std::isnan(x)) return x;
    if (x < -106) return infinity;
    // x * x in two parts, since its rounding error would be multiplied by x * x
    const Extended square = x * x, rest = std::fma(x, x, -square);
    if (x < 8) return std::exp(square) * (1 + rest) * std::erfc(x);
    if (std::isinf(x)) return 0;
    // the continued fraction 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))) / sqrt(pi)
    Extended tail = x;
    for (int k = 120; k > 0; --k) tail = x + (static_cast<Extended>(k) / 2) / tail;
    return 1 / (tail * root_of_pi);
}

Extended ref_erfcinv(Extended y) {
    if (std::isnan(y) || y < 0 || y > 2) return nan;
    if (y == 0) return infinity;
    if (y == 2) return -infinity;
    if (y == 1) return 0;
    if (y > 1) return -ref_erfcinv(2 - y);  // exact: y has at most 53 bits
    // Newton on log(erfc(x)) for small y, on erfc(x) otherwise
    Extended x;
    if (y < 0.5L) {
        x = std::sqrt(-std::log(y));
        for (int i = 0; i < 60; ++i) {
            const Extended e = std::erfc(x);
            const Extended slope = -2 / root_of_pi * std::exp(-x * x) / e;  // of log(erfc)
            const Extended step = std::log(e / y) / slope;
            x -= step;
            if (std::fabs(step) < x * 1e-20L) break;
        }
    } else {
        x = (1 - y) * root_of_pi / 2;
        for (int i = 0; i < 60; ++i) {
            const Extended step = ((1 - y) - std::erf(x)) * root_of_pi / 2 * std::exp(x * x);
            x += step;
            if (std::fabs(step) <= std::fabs(x) * 1e-20L) break;
        }
    }
    return x;
}

Extended ref_erfinv(Extended y) {
    if (std::isnan(y) || std::fabs(y) > 1) return nan;
    if (y == 0) return y;
    const Extended a = std::fabs(y);
    Extended x;
    if (a > 0.5L) {
        x = ref_erfcinv(1 - a);  // exact subtraction
    } else {
        x = a * root_of_pi / 2;
        for (int i = 0; i < 60; ++i) {
            const Extended step = (a - std::erf(x)) * root_of_pi / 2 * std::exp(x * x);
            x += step;
            if (std::fabs(step) <= x * 1e-20L) break;
        }
    }
    return std::copysign(x, y);
}

Extended ref_normcdf(Extended x) {
    if (std::isnan(x)) return x;
    constexpr Extended high = 0.70710678118654752440084436210484903928L;
    // -x / sqrt(2) as an unevaluated sum, since an error of the argument is multiplied by x * x
    const Extended a = -x * high;
    const Extended rest =
        std::isfinite(a) ? std::fma(-x, high, -a) - x * (0.5L - high * high) / (2 * high) : 0;
    const Extended value = std::erfc(a) / 2;
    return std::isfinite(a) ? value - rest * std::exp(-a * a) / root_of_pi : value;
}

Extended ref_normcdfinv(Extended p) {
    if (std::isnan(p) || p < 0 || p > 1) return nan;
    return -std::sqrt(2.0L) * ref_erfcinv(2 * p);
}

Extended ref_lgamma(Extended x) {
    if (std::isinf(x)) return infinity;
    if (x <= 0 && std::floor(x) == x) return infinity;
    return std::lgamma(x);
}

Extended ref_tgamma(Extended x) {
    if (x == 0) return std::copysign(infinity, x);
    if (x < 0 && (std::isinf(x) || std::floor(x) == x)) return nan;
    return std::tgamma(x);
}

Extended ref_bessel_i0(Extended x) {
    if (!std::isfinite(x)) return std::isnan(x) ? x : infinity;
    const Extended q = x * x / 4;
    Extended term = 1, sum = 1;
    for (int k = 1; k < 20000; ++k) {
        term *= q / (static_cast<Extended>(k) * static_cast<Extended>(k));
        sum += term;
        if (term < sum * 1e-21L || std::isinf(sum)) break;
    }
    return sum;
}

Extended ref_bessel_i1(Extended x) {
    if (!std::isfinite(x)) return x;
    const Extended q = x * x / 4;
    Extended term = x / 2, sum = term;
    for (int k = 1; k < 20000; ++k) {
        term *= q / (static_cast<Extended>(k) * static_cast<Extended>(k + 1));
        sum += term;
        if (std::fabs(term) <= std::fabs(sum) * 1e-21L || std::isinf(sum)) break;
    }
    return sum;
}

Extended ref_j0(Extended x) {
    return HEDDLE_BESSEL(j0, x);
}
Extended ref_j1(Extended x) {
    return HEDDLE_BESSEL(j1, x);
}
Extended ref_y0(Extended x) {
    return x < 0 ? nan : HEDDLE_BESSEL(y0, x);
}
Extended ref_y1(Extended x) {
    return x < 0 ? nan : HEDDLE_BESSEL(y1, x);
}
Extended ref_jn(int n, Extended x) {
    return HEDDLE_BESSEL_N(jn, n, x);
}
Extended ref_yn(int n, Extended x) {
    return x < 0 ? nan : HEDDLE_BESSEL_N(yn, n, x);
}

}  // namespace heddle::conformance
