// Hyperbolic functions and their inverses.
#include "exponential.h"
#include "functions.h"
#include "logarithm.h"

namespace heddle::device_maths {
namespace {

/// e^x / 2 as a pair, not overflowing before the result of sinh and cosh does.
template <class T>
Pair<T> half_exponential(T x) {
    const Exponential<T> e = exponential(x);
    return {scaled(e.hi, e.exponent - 1), scaled(e.lo, e.exponent - 1)};
}

template <class T>
T hyperbolic_sine(T x) {
    const T a = clamped(absolute(x), T(0), is_double<T> ? T(712) : T(91));
    const T z = a * a;
    const T near = fma(a * z, sinh_tail<T>(z), a);
    const Pair<T> e = half_exponential(a);
    const T far = e.hi + (e.lo - T(0.25) / e.hi);
    return with_sign(a < 1 ? near : far, x);
}

template <class T>
T hyperbolic_cosine(T x) {
    const Pair<T> e = half_exponential(clamped(absolute(x), T(0), is_double<T> ? T(712) : T(91)));
    return e.hi + (T(0.25) / e.hi + e.lo);
}

template <class T>
T hyperbolic_tangent(T x) {
    const T a = clamped(absolute(x), T(0), is_double<T> ? T(20) : T(10));
    const T z = a * a;
    const T near = fma(a * z, tanh_tail<T>(z), a);
    const Exponential<T> e = exponential(2 * a);
    const T scale = power_of_two<T>(e.exponent);
    const T far = 1 - 2 / (fma(e.hi, scale, T(1)) + e.lo * scale);
    return with_sign(a < T(0.55) ? near : far, x);
}

// log(x + sqrt(x^2 +- 1)) without cancellation; where x^2 is beyond precision it is log(x) + log(2).
template <class T>
T inverse_hyperbolic_sine(T x) {
    const T a = absolute(x);
    const bool is_large = a > (is_double<T> ? T(0x1p60) : T(0x1p30));
    const T sum = fma(a, a / (1 + square_root(fma(a, a, T(1)))), a);
    const T value = logarithm_of_one_plus(is_large ? a : sum);
    return with_sign(is_large ? value + ln2<T>.hi : value, x);
}

template <class T>
T inverse_hyperbolic_cosine(T x) {
    const T t = x - 1;
    const bool is_large = x > (is_double<T> ? T(0x1p60) : T(0x1p30));
    const T value = logarithm_of_one_plus(is_large ? x : t + square_root(fma(t, t, 2 * t)));
    return x < 1 ? Format<T>::nan : is_large ? value + ln2<T>.hi : value;
}

template <class T>
T inverse_hyperbolic_tangent(T x) {
    const T a = absolute(x);
    return with_sign(T(0.5) * logarithm_of_one_plus(2 * a / (1 - a)), x);
}

}  // namespace

float heddle_sinh_f32(float x) {
    return hyperbolic_sine(x);
}
double heddle_sinh_f64(double x) {
    return hyperbolic_sine(x);
}
float heddle_cosh_f32(float x) {
    return hyperbolic_cosine(x);
}
double heddle_cosh_f64(double x) {
    return hyperbolic_cosine(x);
}
float heddle_tanh_f32(float x) {
    return hyperbolic_tangent(x);
}
double heddle_tanh_f64(double x) {
    return hyperbolic_tangent(x);
}
float heddle_asinh_f32(float x) {
    return inverse_hyperbolic_sine(x);
}
double heddle_asinh_f64(double x) {
    return inverse_hyperbolic_sine(x);
}
float heddle_acosh_f32(float x) {
    return inverse_hyperbolic_cosine(x);
}
double heddle_acosh_f64(double x) {
    return inverse_hyperbolic_cosine(x);
}
float heddle_atanh_f32(float x) {
    return inverse_hyperbolic_tangent(x);
}
double heddle_atanh_f64(double x) {
    return inverse_hyperbolic_tangent(x);
}

}  // namespace heddle::device_maths
