// The gamma function and the logarithm of its absolute value.
#include "angle.h"
#include "coefficients_special.h"
#include "exponential.h"
#include "functions.h"
#include "logarithm.h"

namespace heddle::device_maths {
namespace {

/// factor * 2^exponent: the gamma function of arguments beyond its overflow, for the reflection.
template <class T>
struct Scaled {
    T factor;
    i32 exponent;
};

/// Where Stirling's formula takes over, an integer.
template <class T>
inline constexpr int stirling_start = is_double<T> ? 10 : 5;

/// gamma(x) for x > 0.
template <class T>
Scaled<T> gamma_of_positive(T x) {
    if (x < T(stirling_start<T>)) {
        // gamma(x) = (x - 1) (x - 2) ... gamma(2 + z) or gamma(2 + z) / x / (x + 1), z in [0, 1)
        T y = x, above = 1;
        repeated<stirling_start<T> - 3>([&](int) {
            const bool is_above = y >= 3;
            y = is_above ? y - 1 : y;
            above = is_above ? above * y : above;
        });
        const T below = x < 1 ? fma(x, x, x) : x;
        const T z = x < 1 ? x : x < 2 ? x - 1 : y - 2;
        const T unit = fma(z, gamma_unit<T>(z), T(1));
        return {x < 2 ? unit / below : unit * above, 0};
    }
    const T held = clamped(x, T(1), is_double<T> ? T(190) : T(48));
    // (x / e)^x
    Pair<T> l = log2_pair(held);
    const Pair<T> base = ordered_sum(l.hi, -log2_of_e<T>.hi);
    l = ordered_sum(base.hi, base.lo + (l.lo - log2_of_e<T>.lo));
    Pair<T> p = product(held, l.hi);
    const Exponential<T> e = exponential_of_two(p.hi, fma(held, l.lo, p.lo));
    const T u = 1 / held;
    const T factor = root_two_pi<T>.hi / square_root(held);
    const T correction = u * gamma_stirling<T>(u);
    const T most = e.hi * factor;
    return {most + (fma(e.hi, factor, -most) + fma(e.lo, factor, most * correction)), e.exponent};
}

template <class T>
T gamma_function(T x) {
    using F = Format<T>;
    const T a = absolute(x);
    const Scaled<T> g = gamma_of_positive(a);
    // gamma(x) = -pi / (a sin(pi a) gamma(a)) for x = -a
    const T s = sinpi_value(a);
    const T mirrored = scaled(-pi<T>.hi / (a * g.factor * s), -g.exponent);
    const T positive = x < F::infinity ? scaled(g.factor, g.exponent) : x;
    T value = x < 0 ? (s == 0 ? F::nan : mirrored) : positive;
    value = a < (is_double<T> ? T(0x1p-60) : T(0x1p-30)) ? 1 / x : value;
    return x == -F::infinity ? F::nan : value;
}

/// log(gamma(x)) for x > 0.
template <class T>
T log_gamma_of_positive(T x) {
    if (x >= 8) {
        const T u = 1 / x;
        const T series = fma(u, lgamma_stirling<T>(u * u), stirling_offset<T>.hi);
        return fma(x - T(0.5), log_of_positive(x) - 1, series);
    }
    // Below 0.7 from x + 1, above 3 from what is left in [2, 3) after taking off ones.
    T y = x, above = 1;
    repeated<8 - 3>([&](int) {
        const bool is_above = y >= 3;
        y = is_above ? y - 1 : y;
        above = is_above ? above * y : above;
    });
    const bool is_small = x < T(0.7);
    const T z1 = is_small ? x : x - 1;      // argument less 1, exactly
    const T z2 = is_small ? x - 1 : y - 2;  // argument less 2
    const bool is_about_one = z1 < T(0.25);
    const T one = z1 * lgamma_one<T>(z1), two = z2 * lgamma_two<T>(z2 - T(0.125));
    const T unit = is_about_one ? one : two;
    const T factor = is_small ? x : above;
    const T extra = log_of_positive(factor);
    const T value = is_small ? unit - extra : above > 1 ? unit + extra : unit;
    return value == 0 ? 0 : value;  // without a sign
}

template <class T>
T log_gamma(T x) {
    using F = Format<T>;
    const T a = absolute(x);
    const T positive = log_gamma_of_positive(a);
    const T s = absolute(sinpi_value(a));
    // log(pi / (a sin(pi a))) - log(gamma(a)) for x = -a
    T value = x < 0 ? log_of_positive(pi<T>.hi / (a * s)) - positive : positive;
    value = x < 0 && s == 0 ? F::infinity : value;
    const T tiny = -log_of_positive(a);
    value = a < (is_double<T> ? T(0x1p-70) : T(0x1p-35)) ? tiny : value;
    value = a < F::infinity && x != 0 ? value : F::infinity;
    return is_nan(x) ? x : value;
}

}  // namespace

float heddle_tgamma_f32(float x) {
    return gamma_function(x);
}
double heddle_tgamma_f64(double x) {
    return gamma_function(x);
}
float heddle_lgamma_f32(float x) {
    return log_gamma(x);
}
double heddle_lgamma_f64(double x) {
    return log_gamma(x);
}

}  // namespace heddle::device_maths
