// Modified Bessel functions of the first kind, of orders 0 and 1.
#include "coefficients_bessel.h"
#include "exponential.h"
#include "functions.h"

namespace heddle::device_maths {
namespace {

/// e^x / sqrt(x) times a number near 0.4; overflows with the result.
template <class T>
T grown(T x, T factor) {
    const Exponential<T> e = exponential(x);
    const T q = factor / square_root(x);
    return scaled(fma(e.lo, q, e.hi * q), e.exponent);
}

template <class T>
inline constexpr T modified_bessel_end = is_double<T> ? T(720) : T(95);

template <class T>
T i0(T x) {
    const T a = clamped(absolute(x), T(0), modified_bessel_end<T>);
    const T v = a * a;
    if (a < 8) return fma(v, i0_near<T>(v), T(1));
    return grown(a, i0_far<T>(1 / a - T(0.0625)));
}

template <class T>
T i1(T x) {
    const T a = clamped(absolute(x), T(0), modified_bessel_end<T>);
    const T v = a * a;
    const T value = a < 8 ? a * fma(v, i1_near<T>(v), T(0.5)) : grown(a, i1_far<T>(1 / a - T(0.0625)));
    return with_sign(value, x);
}

}  // namespace

float heddle_i0_f32(float x) {
    return i0(x);
}
double heddle_i0_f64(double x) {
    return i0(x);
}
float heddle_i1_f32(float x) {
    return i1(x);
}
double heddle_i1_f64(double x) {
    return i1(x);
}

}  // namespace heddle::device_maths
