// Arc sine, arc cosine and arc tangent.
#include "coefficients.h"
#include "functions.h"

namespace heddle::device_maths {
namespace {

/// atan(x) for x in [0, 1].
template <class T>
T arc_tangent_up_to_one(T x) {
    const T z = x * x;
    return fma(x * z, atan_tail<T>(z), x);
}

template <class T>
T arc_tangent(T x) {
    const T a = absolute(x);
    const bool is_inverted = a > 1;
    const T angle = arc_tangent_up_to_one(is_inverted ? 1 / a : a);
    return with_sign(is_inverted ? half_pi<T>.hi - (angle - half_pi<T>.lo) : angle, x);
}

template <class T>
T arc_tangent_of_quotient(T y, T x) {
    using F = Format<T>;
    const T a = absolute(y), b = absolute(x);
    const bool is_inverted = a > b;
    const T less = is_inverted ? b : a, more = is_inverted ? a : b;
    const T quotient = less / more;
    const T ratio = more == 0 ? 0 : less == F::infinity ? 1 : quotient;
    T angle = arc_tangent_up_to_one(ratio);
    angle = is_inverted ? half_pi<T>.hi - (angle - half_pi<T>.lo) : angle;
    angle = is_negative(x) ? pi<T>.hi - (angle - pi<T>.lo) : angle;
    return is_nan(x) || is_nan(y) ? F::nan : with_sign(angle, y);
}

// Beyond 1/2 by asin(x) = pi / 2 - 2 asin(sqrt((1 - x) / 2)), whose root's argument is exact.
template <class T>
T arc_sine(T x) {
    const T a = absolute(x);
    const bool is_large = a > T(0.5);
    const T z = is_large ? T(0.5) * (1 - a) : a * a;
    const T r = is_large ? square_root(z) : a;
    const T tail = r * z * asin_tail<T>(z);
    const T large = (half_pi<T>.hi - 2 * r) - (2 * tail - half_pi<T>.lo);
    return with_sign(is_large ? large : r + tail, x);
}

template <class T>
T arc_cosine(T x) {
    const T a = absolute(x);
    const bool is_large = a > T(0.5);
    const T z = is_large ? T(0.5) * (1 - a) : a * a;
    const T r = is_large ? square_root(z) : x;
    const T tail = r * z * asin_tail<T>(z);
    const T twice = 2 * (r + tail);
    const T large = x < 0 ? pi<T>.hi - (twice - pi<T>.lo) : twice;
    return is_large ? large : half_pi<T>.hi - (r - (half_pi<T>.lo - tail));
}

}  // namespace

float heddle_asin_f32(float x) {
    return arc_sine(x);
}
double heddle_asin_f64(double x) {
    return arc_sine(x);
}
float heddle_acos_f32(float x) {
    return arc_cosine(x);
}
double heddle_acos_f64(double x) {
    return arc_cosine(x);
}
float heddle_atan_f32(float x) {
    return arc_tangent(x);
}
double heddle_atan_f64(double x) {
    return arc_tangent(x);
}
float heddle_atan2_f32(float y, float x) {
    return arc_tangent_of_quotient(y, x);
}
double heddle_atan2_f64(double y, double x) {
    return arc_tangent_of_quotient(y, x);
}

}  // namespace heddle::device_maths
