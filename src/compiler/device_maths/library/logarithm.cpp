// Logarithms to base e, 2 and 10, and log(1 + x).
#include "logarithm.h"
#include "functions.h"

namespace heddle::device_maths {
namespace {

template <class T>
T logarithm_to_base_two(T x) {
    const Split<T> parts = split(x);
    const T f = parts.mantissa - 1;
    constexpr Pair<T> c = log2_of_e<T>;
    const T rest = fma(log1p_tail(f), c.hi, f * c.lo);
    return as_logarithm(x, parts.exponent + fma(f, c.hi, rest));
}

template <class T>
T logarithm_to_base_ten(T x) {
    const Split<T> parts = split(x);
    const T f = parts.mantissa - 1;
    constexpr Pair<T> c = log10_of_e<T>;
    const T rest = fma(parts.exponent, log10_of_2<T>.lo, fma(log1p_tail(f), c.hi, f * c.lo));
    return as_logarithm(x, fma(parts.exponent, log10_of_2<T>.hi, fma(f, c.hi, rest)));
}

}  // namespace

float heddle_log_f32(float x) {
    return logarithm(x);
}
double heddle_log_f64(double x) {
    return logarithm(x);
}
float heddle_log2_f32(float x) {
    return logarithm_to_base_two(x);
}
double heddle_log2_f64(double x) {
    return logarithm_to_base_two(x);
}
float heddle_log10_f32(float x) {
    return logarithm_to_base_ten(x);
}
double heddle_log10_f64(double x) {
    return logarithm_to_base_ten(x);
}
float heddle_log1p_f32(float x) {
    return logarithm_of_one_plus(x);
}
double heddle_log1p_f64(double x) {
    return logarithm_of_one_plus(x);
}

}  // namespace heddle::device_maths
