// Exponentials to base e, 2 and 10.
#include "exponential.h"
#include "functions.h"

namespace heddle::device_maths {
namespace {

template <class T>
T exponential_of(T x) {
    const Reduced<T> a = without_powers_of_two(clamped(x, least_exponent<T>, greatest_exponent<T>));
    const T r = a.r;
    if constexpr (is_double<T>) return exponential_of_reduced(r, a.lost, a.exponent).value();
    // The rounding of r is within float's wider bound.
    return scaled(1 + fma(r * r, exp_tail<T>(r), r), a.exponent);
}

template <class T>
T exponential_to_base_two(T x) {
    const T a = is_double<T> ? clamped(x, T(-1076), T(1025)) : clamped(x, T(-151), T(129));
    const auto n = nearest(a);
    const T r = a - n.value;
    return scaled(fma(r, exp2_tail<T>(r), T(1)), n.integer);
}

template <class T>
T exponential_to_base_ten(T x) {
    const T a = is_double<T> ? clamped(x, T(-324.5), T(309)) : clamped(x, T(-46), T(39));
    const auto n = nearest(a, log2_of_10<T>.hi);
    const T r = fma(-n.value, log10_of_2<T>.lo, fma(-n.value, log10_of_2<T>.hi, a));
    return scaled(fma(r, exp10_tail<T>(r), T(1)), n.integer);
}

}  // namespace

float heddle_exp_f32(float x) {
    return exponential_of(x);
}
double heddle_exp_f64(double x) {
    return exponential_of(x);
}
float heddle_exp2_f32(float x) {
    return exponential_to_base_two(x);
}
double heddle_exp2_f64(double x) {
    return exponential_to_base_two(x);
}
float heddle_exp10_f32(float x) {
    return exponential_to_base_ten(x);
}
double heddle_exp10_f64(double x) {
    return exponential_to_base_ten(x);
}
float heddle_expm1_f32(float x) {
    return exponential_minus_one(x);
}
double heddle_expm1_f64(double x) {
    return exponential_minus_one(x);
}

}  // namespace heddle::device_maths
