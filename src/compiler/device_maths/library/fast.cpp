// The fast single-precision functions: the error of CUDA's intrinsics, about 2^-22 absolute for the
// trigonometric ones. Targets with instructions for them map them to those first.
#include "angle.h"
#include "exponential.h"
#include "functions.h"
#include "logarithm.h"

namespace heddle::device_maths {
namespace {

float two_to_the(float x, float factor = 1) {
    const auto n = nearest(x, factor);
    const float r = fma(x, factor, -n.value);
    return scaled(fma(r, exp2_tail<float>(r), 1.0f), n.integer);
}

float fast_log2_of(float x) {
    const Split<float> parts = split(x);
    const float f = parts.mantissa - 1;
    return as_logarithm(x, fma(f, fast_log2<float>(f), parts.exponent));
}

/// Any large angle is an angle: what is beyond the quick reduction still gives values within [-1, 1].
Angle<float> quick_angle(float x) {
    Angle<float> a = reduced_quickly(x);
    a.hi = clamped(a.hi, -0.8f, 0.8f);
    return a;
}

}  // namespace

float heddle_fast_sin_f32(float x) {
    return sine_of(quick_angle(x));
}
float heddle_fast_cos_f32(float x) {
    return sine_of(quick_angle(x), 1);
}
float heddle_fast_tan_f32(float x) {
    return sine_of(quick_angle(x)) / sine_of(quick_angle(x), 1);
}
float heddle_fast_exp_f32(float x) {
    return two_to_the(clamped(x, least_exponent<float>, greatest_exponent<float>), log2_of_e<float>.hi);
}
float heddle_fast_exp10_f32(float x) {
    return two_to_the(clamped(x, -45.5f, 38.8f), log2_of_10<float>.hi);
}
float heddle_fast_log_f32(float x) {
    return fast_log2_of(x) * ln2<float>.hi;
}
float heddle_fast_log2_f32(float x) {
    return fast_log2_of(x);
}
float heddle_fast_log10_f32(float x) {
    return fast_log2_of(x) * log10_of_2<float>.hi;
}
float heddle_fast_pow_f32(float x, float y) {
    return two_to_the(clamped(y * fast_log2_of(x), -151.0f, 129.0f));
}
float heddle_fast_div_f32(float x, float y) {
    return x / y;
}

}  // namespace heddle::device_maths
