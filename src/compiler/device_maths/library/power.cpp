// Powers, cube roots, and the length of a vector of two components.
#include "exponential.h"
#include "functions.h"
#include "logarithm.h"

namespace heddle::device_maths {
namespace {

template <class T>
T power(T x, T y) {
    using F = Format<T>;
    const T a = absolute(x);
    const Pair<T> l = log2_pair(a);
    // Beyond the bound the power is 0 or infinite, whatever the product's rest.
    constexpr T bound = is_double<T> ? T(1100) : T(160);
    const T high = y * l.hi;
    const T low = fma(y, l.hi, -high) + y * l.lo;
    const bool is_moderate = absolute(high) < bound;
    const Exponential<T> e = exponential_of_two(clamped(high, -bound, bound), is_moderate ? low : 0);
    T value = e.value();
    if (a == 0 || a == F::infinity) value = (a == 0) == (y < 0) ? F::infinity : 0;
    const bool is_integer = truncated(y) == y;
    const T half = T(0.5) * y;
    const bool is_odd = is_integer && truncated(half) != half;
    value = is_odd ? with_sign(value, x) : value;
    value = x < 0 && a < F::infinity && !is_integer ? F::nan : value;
    // 1 to any power, and -1 to an infinite one.
    value = a == 1 && (x > 0 || absolute(y) == F::infinity) ? 1 : value;
    value = is_nan(x) || (is_nan(y) && x != 1) ? F::nan : value;
    return y == 0 ? 1 : value;
}

/// |x| = m * 8^q with m in [1, 8), and an approximation w of m^(-1/3), to 2^-24 (float) or 2^-48.
template <class T>
struct CubeRootStart {
    T m, w;
    i32 q;
};
template <class T>
CubeRootStart<T> cube_root_start(T x) {
    using F = Format<T>;
    using Bits = typename F::Bits;
    const T a = absolute(x);
    const bool is_tiny = a < F::least_normal;
    const int shift = F::fraction_bits + 2;
    const Bits bits = to_bits(is_tiny ? a * static_cast<T>(Bits{1} << shift) : a);
    const i32 e = static_cast<i32>(bits >> F::fraction_bits) - F::bias - (is_tiny ? shift : 0);
    const T f = from_bits<T>((bits & ((Bits{1} << F::fraction_bits) - 1)) + to_bits(T(1)));
    const i32 q = static_cast<i32>(static_cast<u32>(e + 1500) / 3) - 500;
    const i32 left = e - 3 * q;
    const T m = f * (left == 0 ? T(1) : left == 1 ? T(2) : T(4));
    T w = inverse_cbrt_start<T>(f) * (left == 0   ? T(1)
                                      : left == 1 ? T(0x1.965fea53d6e3dp-1)
                                                  : T(0x1.428a2f98d728bp-1));  // 2^(-left / 3)
    // The first two terms of (1 - h)^(-1/3).
    const T h = fma(-m * w, w * w, T(1));
    w = fma(w * h, fma(h, T(2.0 / 9), T(1.0 / 3)), w);
    return {m, w, q};
}

template <class T>
T cube_root(T x) {
    const CubeRootStart<T> s = cube_root_start(x);
    const T square = s.w * s.w, y = s.m * square;
    const T better = fma(fma(-y * y, y, s.m) * T(1.0 / 3), square, y);
    const T value = with_sign(better * power_of_two<T>(s.q), x);
    return absolute(x) < Format<T>::infinity && x != 0 ? value : x;
}

template <class T>
T reciprocal_cube_root(T x) {
    const CubeRootStart<T> s = cube_root_start(x);
    const T h = fma(-(s.m * s.w), s.w * s.w, T(1));
    const T better = fma(s.w * T(1.0 / 3), h, s.w);
    const T value = with_sign(better * power_of_two<T>(-s.q), x);
    return absolute(x) < Format<T>::infinity && x != 0 ? value : 1 / x;
}

/// x^2 + y^2 times the square of a power of two that keeps it within range.
template <class T>
struct Squares {
    Pair<T> sum;
    T scale, unscale;
    bool is_infinite;
};
template <class T>
Squares<T> sum_of_squares(T x, T y) {
    const T a = absolute(x), b = absolute(y);
    const bool is_ordered = a > b;
    const T more = is_ordered ? a : b, less = is_ordered ? b : a;
    constexpr T high = is_double<T> ? T(0x1p500) : T(0x1p60), low = is_double<T> ? T(0x1p-400) : T(0x1p-40);
    constexpr T down = is_double<T> ? T(0x1p-540) : T(0x1p-70), up = is_double<T> ? T(0x1p640) : T(0x1p98);
    const T scale = more > high ? down : more < low ? up : 1;
    const T unscale = more > high ? 1 / down : more < low ? 1 / up : 1;
    const Pair<T> p = product(more * scale, more * scale), q = product(less * scale, less * scale);
    const Pair<T> sum = ordered_sum(p.hi, q.hi);
    return {{sum.hi, sum.lo + (p.lo + q.lo)},
            scale,
            unscale,
            a == Format<T>::infinity || b == Format<T>::infinity};
}

template <class T>
T length(T x, T y) {
    const Squares<T> s = sum_of_squares(x, y);
    return s.is_infinite ? Format<T>::infinity : square_root(s.sum.hi) * s.unscale;
}

// One Newton step from the rounded reciprocal of the rounded root.
template <class T>
T reciprocal_length(T x, T y) {
    const Squares<T> s = sum_of_squares(x, y);
    const T first = 1 / square_root(s.sum.hi);
    const Pair<T> p = product(s.sum.hi, first);
    const T error = fma(-p.hi, first, T(1)) - first * fma(first, s.sum.lo, p.lo);
    const T better = fma(T(0.5) * first, error, first);
    return s.is_infinite ? 0 : (first < Format<T>::infinity ? better : first) * s.scale;
}

}  // namespace

float heddle_pow_f32(float x, float y) {
    return power(x, y);
}
double heddle_pow_f64(double x, double y) {
    return power(x, y);
}
float heddle_cbrt_f32(float x) {
    return cube_root(x);
}
double heddle_cbrt_f64(double x) {
    return cube_root(x);
}
float heddle_rcbrt_f32(float x) {
    return reciprocal_cube_root(x);
}
double heddle_rcbrt_f64(double x) {
    return reciprocal_cube_root(x);
}
float heddle_hypot_f32(float x, float y) {
    return length(x, y);
}
double heddle_hypot_f64(double x, double y) {
    return length(x, y);
}
float heddle_rhypot_f32(float x, float y) {
    return reciprocal_length(x, y);
}
double heddle_rhypot_f64(double x, double y) {
    return reciprocal_length(x, y);
}

}  // namespace heddle::device_maths
