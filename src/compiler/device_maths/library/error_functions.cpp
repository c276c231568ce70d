// Error functions and the normal distribution, with their inverses.
#include "coefficients_special.h"
#include "exponential.h"
#include "functions.h"
#include "logarithm.h"

namespace heddle::device_maths {
namespace {

/// Up to here erfc(x) is 1 - erf(x); the difference costs less than the general way.
template <class T>
inline constexpr T central_end = T(0.75);

/// e^(x^2) erfc(x) for x >= 1/2 (double) or 0 (float), after Shepherd and Laframboise (1981): smooth in
/// (x - k) / (x + k).
inline double scaled_complement(double x) {
    const double t = fma(-8.0, 1 / (x + 4), 1.0);
    return 0.5 * erfcx_scaled<double>(t) / (x + 0.5);
}
inline float scaled_complement(float x) {
    return erfcx_scaled_from_zero<float>(fma(-4.0f, 1 / (x + 2), 1.0f)) * reciprocal(x + 0.5f);
}
/// The same for x up to 15, to a unit in the last place: both quotients get a step of Newton's, which makes
/// good what the sums in their denominators lose, too.
inline float accurate_scaled_complement(float x) {
    const float inverse = reciprocal(x + 2), near = fma(-4.0f, inverse, 1.0f);
    const float t = fma(inverse, fma(-near, x, fma(-2.0f, near + 1, x)), near);
    const float p = erfcx_scaled_from_zero<float>(t);
    const float divisor = reciprocal(x + 0.5f), quotient = p * divisor;
    return fma(divisor, fma(-quotient, x, fma(-0.5f, quotient, p)), quotient);
}

/// e^(-square) erfc(a) e^(a^2): erfc(a) for square = a^2, of which a rounded value and the rest are given.
inline double complement(double a, Pair<double> square) {
    const Exponential<double> e = exponential(-square.hi, -square.lo);
    const double q = scaled_complement(a);
    return scaled(fma(e.lo, q, e.hi * q), e.exponent);
}
/// The same for a up to 15 in fewer steps.
inline float complement(float a, Pair<float> square) {
    const float q = accurate_scaled_complement(a);
    const Reduced<float> reduced = without_powers_of_two(-square.hi);
    const float r = reduced.r - square.lo;
    return scaled_down(1 + fma(r * r, exp_tail<float>(r), r), q, reduced.exponent);
}

/// Where erfc(x) is 0 in type T.
template <class T>
inline constexpr T complement_end = is_double<T> ? T(28) : T(10.5);

/// erf(x) for x in [0, 1].
template <class T>
T error_function_up_to_one(T a) {
    return fma(a, erf_tail<T>(a * a), a);
}

/// erfc(x) for x >= 1/2 (double) or 0 (float).
template <class T>
T error_complement_beyond_half(T a) {
    const T held = clamped(a, T(0), complement_end<T>);
    return complement(held, product(held, held));
}

template <class T>
T error_function(T x) {
    const T a = absolute(x);
    return with_sign(a < 1 ? error_function_up_to_one(a) : 1 - error_complement_beyond_half(a), x);
}

template <class T>
T error_complement(T x) {
    const T a = absolute(x);
    const T value = error_complement_beyond_half(a);
    const T far = x < 0 ? 2 - value : value;
    if constexpr (!is_double<T>) return far;
    return a < central_end<T> ? 1 - with_sign(error_function_up_to_one(a), x) : far;
}

template <class T>
T scaled_error_complement(T x) {
    const T a = absolute(x);
    const T value = scaled_complement(a);
    const T held = clamped(x, is_double<T> ? T(-27) : T(-9.5), central_end<T>);
    const Pair<T> square = product(held, held);
    const Exponential<T> e = exponential(square.hi, square.lo);
    const T near = e.hi * scaled(1 - with_sign(error_function_up_to_one(a), x), e.exponent);
    const T mirrored = scaled(e.hi, e.exponent + 1) + (scaled(e.lo, e.exponent + 1) - value);
    return a < central_end<T> ? near : x < 0 ? mirrored : value;
}

template <class T>
T normal_distribution(T x) {
    const T held = clamped(absolute(x), T(0), is_double<T> ? T(39.5) : T(14.8));
    const T a = held * T(0.70710678118654752440);
    const T half = T(0.5) * complement(a, product(held, T(0.5) * held));
    const T central = fma(T(0.5), with_sign(error_function_up_to_one(a), x), T(0.5));
    return a < central_end<T> ? central : x > 0 ? 1 - half : half;
}

/// The inverse of erf in terms of w = -log(1 - x^2), after Giles (2012): x times a polynomial in w, and for x
/// next to 1 a function of sqrt(w) alone.
template <class T>
T inverse_of(T x, T w) {
    const bool is_central = w < (is_double<T> ? T(6.25) : T(5));
    const T s = square_root(w);
    const T u = 1 / s;
    T central, tail;
    if constexpr (is_double<T>) {
        central = fma(x, erfinv_middle<T>(w - T(3.125)), x);
        tail = s * (s > T(6.25) ? erfinv_far<T>(u - T(0.09375)) : erfinv_tail<T>(u - T(0.25)));
    } else {
        central = fma(x, erfinv_central<T>(w - T(2.5)), x);
        tail = s * erfinv_tail<T>(u - T(0.25));
    }
    return is_central ? central : with_sign(tail, x);
}

template <class T>
T error_inverse(T x) {
    using F = Format<T>;
    const T value = inverse_of(x, -log_of_positive(fma(-x, x, T(1))));
    const T otherwise = absolute(x) == 1 ? with_sign(F::infinity, x) : F::nan;
    return x == 0 ? x : absolute(x) < 1 ? value : otherwise;
}

template <class T>
T complement_inverse(T y) {
    using F = Format<T>;
    const T value = inverse_of(1 - y, -log_of_positive(y * (2 - y)));
    const T otherwise = y == 0 ? F::infinity : y == 2 ? -F::infinity : F::nan;
    return y > 0 && y < 2 ? value : otherwise;
}

template <class T>
T normal_quantile(T p) {
    return T(-1.41421356237309504880) * complement_inverse(2 * p);
}

}  // namespace

float heddle_erf_f32(float x) {
    return error_function(x);
}
double heddle_erf_f64(double x) {
    return error_function(x);
}
float heddle_erfc_f32(float x) {
    return error_complement(x);
}
double heddle_erfc_f64(double x) {
    return error_complement(x);
}
float heddle_erfcx_f32(float x) {
    return scaled_error_complement(x);
}
double heddle_erfcx_f64(double x) {
    return scaled_error_complement(x);
}
float heddle_normcdf_f32(float x) {
    return normal_distribution(x);
}
double heddle_normcdf_f64(double x) {
    return normal_distribution(x);
}
float heddle_erfinv_f32(float x) {
    return error_inverse(x);
}
double heddle_erfinv_f64(double x) {
    return error_inverse(x);
}
float heddle_erfcinv_f32(float x) {
    return complement_inverse(x);
}
double heddle_erfcinv_f64(double x) {
    return complement_inverse(x);
}
float heddle_normcdfinv_f32(float x) {
    return normal_quantile(x);
}
double heddle_normcdfinv_f64(double x) {
    return normal_quantile(x);
}

}  // namespace heddle::device_maths
