// Sine, cosine and tangent of radians and of half turns.
#include "angle.h"
#include "functions.h"

namespace heddle::device_maths {
namespace {

template <class T>
T sine(T x) {
    const T value = sine_of(reduced(x));
    return x == 0 ? x : value;
}

template <class T>
T cosine(T x) {
    return sine_of(reduced(x), 1);
}

template <class T>
T tangent(T x) {
    const Angle<T> a = reduced(x);
    const Pair<T> s = sine_near_zero(a), c = cosine_near_zero(a);
    const bool is_odd = a.quarters & 1;
    const T above = is_odd ? -c.hi : s.hi, below = is_odd ? s.hi : c.hi;
    T value;
    if constexpr (is_double<T>) {
        // What the quotient and both roundings lose, made good without a second division.
        const T above_rest = is_odd ? -c.lo : s.lo, below_rest = is_odd ? s.lo : c.lo;
        const T reciprocal = 1 / below, quotient = above * reciprocal;
        const T lost = fma(-quotient, below, above) + fma(-quotient, below_rest, above_rest);
        value = fma(lost, reciprocal, quotient);
    } else {
        value = above / below;
    }
    return x == 0 ? x : value;
}

template <class T>
T sine_of_half_turns(T x) {
    const T value = sinpi_value(x);
    return value == 0 ? with_sign(T(0), x) : value;
}

template <class T>
T cosine_of_half_turns(T x) {
    const T value = sinpi_value(x, 1);
    return value == 0 ? T(0) : value;
}

// Zeros and poles as IEEE 754 has them: the zero at an odd integer has the other sign than x, the pole at
// n + 1/2 is positive for even n.
template <class T>
T tangent_of_half_turns(T x) {
    const Turns<T> t = turns(x);
    const T s = sine_of_pi(t.rest), c = cosine_of_pi(t.rest);
    const bool is_odd = t.quarters & 1;
    const T value = (is_odd ? -c : s) / (is_odd ? s : c);
    const T zero = with_sign(T(0), t.quarters & 2 ? -x : x);
    const T pole = (t.quarters & 3) == 1 ? Format<T>::infinity : -Format<T>::infinity;
    return s == 0 ? (is_odd ? pole : zero) : value;
}

}  // namespace

float heddle_sin_f32(float x) {
    return sine(x);
}
double heddle_sin_f64(double x) {
    return sine(x);
}
float heddle_cos_f32(float x) {
    return cosine(x);
}
double heddle_cos_f64(double x) {
    return cosine(x);
}
float heddle_tan_f32(float x) {
    return tangent(x);
}
double heddle_tan_f64(double x) {
    return tangent(x);
}
float heddle_sinpi_f32(float x) {
    return sine_of_half_turns(x);
}
double heddle_sinpi_f64(double x) {
    return sine_of_half_turns(x);
}
float heddle_cospi_f32(float x) {
    return cosine_of_half_turns(x);
}
double heddle_cospi_f64(double x) {
    return cosine_of_half_turns(x);
}
float heddle_tanpi_f32(float x) {
    return tangent_of_half_turns(x);
}
double heddle_tanpi_f64(double x) {
    return tangent_of_half_turns(x);
}

}  // namespace heddle::device_maths
