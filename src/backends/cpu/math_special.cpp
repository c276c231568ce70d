// Special functions in long double: a real argument in, the value out, with CUDA's results for zeros,
// infinities, NaN.
#include "backends/cpu/math_special.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace heddle::cpu {

namespace {

constexpr long double pi = std::numbers::pi_v<long double>;
constexpr long double inverse_root_pi = std::numbers::inv_sqrtpi_v<long double>;
constexpr long double infinity = std::numeric_limits<long double>::infinity();
constexpr long double not_a_number = std::numeric_limits<long double>::quiet_NaN();

// erf(x) = y for |y| <= 0.5: Halley's iteration, cubic, from the first terms of the series.
long double central_inverse(long double y) {
    long double x = y / (2 * inverse_root_pi);
    x += x * x * x / 3;
    for (int i = 0; i < 3; ++i) {
        const long double step = (std::erf(x) - y) / (2 * inverse_root_pi * std::exp(-x * x));
        x -= step / (1 + x * step);
    }
    return x;
}

// erfc(x) = q for 0 < q <= 0.5. The first value is the normal quantile of Abramowitz and Stegun 26.2.23
// (4.5e-4).
long double tail_inverse(long double q) {
    const long double t = std::sqrt(-2 * std::log(q / 2));
    long double x = (t - (2.515517L + t * (0.802853L + t * 0.010328L)) /
                             (1 + t * (1.432788L + t * (0.189269L + t * 0.001308L)))) /
                    std::numbers::sqrt2_v<long double>;
    for (int i = 0; i < 3; ++i) {
        const long double step = (q - std::erfc(x)) / (2 * inverse_root_pi * std::exp(-x * x));
        x -= step / (1 + x * step);
    }
    return x;
}

// sin and cos of pi x for x reduced to [0, 1/4], where both series are at their best.
struct Turn {
    long double sine, cosine;
};
Turn eighth_turn(long double x) {
    return {std::sin(pi * x), std::cos(pi * x)};
}

Turn half_turns(long double x) {
    if (!std::isfinite(x)) return {not_a_number, not_a_number};
    const long double a = std::fabs(x) - 2 * std::floor(std::fabs(x) / 2);  // exact, in [0, 2)
    const int octant = static_cast<int>(a * 4);
    const int quarter = (octant + 1) / 2;  // the nearest multiple of 1/2
    const long double rest = a - static_cast<long double>(quarter) / 2;
    const Turn t = eighth_turn(std::fabs(rest));
    const long double s = rest < 0 ? -t.sine : t.sine;
    Turn result{};
    switch (quarter % 4) {
        case 0:
            result = {s, t.cosine};
            break;
        case 1:
            result = {t.cosine, -s};
            break;
        case 2:
            result = {-s, -t.cosine};
            break;
        default:
            result = {-t.cosine, s};
            break;
    }
    // sin(pi n) is a zero of the sign of n, cos(pi (n + 1/2)) is +0.
    if (result.sine == 0) result.sine = 0;
    if (result.cosine == 0) result.cosine = 0;
    if (std::signbit(x)) result.sine = -result.sine;
    return result;
}

}  // namespace

long double erf_inverse(long double y) {
    if (!(std::fabs(y) < 1)) return std::fabs(y) == 1 ? std::copysign(infinity, y) : not_a_number;
    if (y == 0) return y;
    if (std::fabs(y) <= 0.5L) return central_inverse(y);
    return std::copysign(tail_inverse(1 - std::fabs(y)), y);
}

long double erfc_inverse(long double y) {
    if (!(y > 0 && y < 2)) return y == 0 ? infinity : y == 2 ? -infinity : not_a_number;
    if (y < 0.5L) return tail_inverse(y);
    if (y > 1.5L) return -tail_inverse(2 - y);
    return y == 1 ? 0 : central_inverse(1 - y);
}

long double erfc_scaled(long double x) {
    if (x < 12) return std::exp(x * x) * std::erfc(x);
    // Asymptotic series (Abramowitz and Stegun 7.1.23); its terms fall below 2^-64 long before they grow
    // again.
    const long double ratio = -1 / (2 * x * x);
    long double term = 1, sum = 1;
    for (int n = 1; n < 60 && std::fabs(term) > 1e-21L; ++n) {
        term *= ratio * (2 * n - 1);
        sum += term;
    }
    return std::isnan(x) ? x : inverse_root_pi / x * sum;
}

long double normal_distribution(long double x) {
    return std::erfc(-x / std::numbers::sqrt2_v<long double>) / 2;
}

long double normal_quantile(long double p) {
    return -std::numbers::sqrt2_v<long double> * erfc_inverse(2 * p);
}

namespace {

// I_order for order 0 or 1 and x >= 0: the power series, all of whose terms are positive, then the asymptotic
// series (Abramowitz and Stegun 9.6.10 and 9.7.1).
long double modified_bessel(int order, long double x) {
    if (std::isinf(x)) return infinity;
    if (x < 30) {
        const long double square = x * x / 4;
        long double term = order == 0 ? 1 : x / 2, sum = term;
        for (int k = 1; k < 200 && term > sum * 1e-21L; ++k) {
            term *= square / (static_cast<long double>(k) * (k + order));
            sum += term;
        }
        return sum;
    }
    const long double mu = 4.0L * order * order;
    long double term = 1, sum = 1;
    for (int k = 1; k < 60 && std::fabs(term) > 1e-21L; ++k) {
        const long double odd = 2 * k - 1;
        term *= -(mu - odd * odd) / (8 * x * k);
        sum += term;
    }
    return std::exp(x) / std::sqrt(2 * pi * x) * sum;
}

}  // namespace

long double bessel_i0(long double x) {
    return std::isnan(x) ? x : modified_bessel(0, std::fabs(x));
}

long double bessel_i1(long double x) {
    return std::isnan(x) ? x : std::copysign(modified_bessel(1, std::fabs(x)), x);
}

long double sine_of_pi(long double x) {
    return half_turns(x).sine;
}
long double cosine_of_pi(long double x) {
    return half_turns(x).cosine;
}

long double tangent_of_pi(long double x) {
    const Turn t = half_turns(x);
    return t.sine / t.cosine;
}

}  // namespace heddle::cpu
