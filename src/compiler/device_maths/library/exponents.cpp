// Exponents, neighbours and differences: functions of the representation, all exact.
#include "arithmetic.h"
#include "functions.h"

namespace heddle::device_maths {
namespace {

/// The binary exponent of |x|, finite and not 0.
template <class T>
i32 exponent_of(T x) {
    using F = Format<T>;
    using Bits = typename F::Bits;
    const int shift = F::fraction_bits + 1;
    const T a = absolute(x);
    const bool is_tiny = a < F::least_normal;
    const Bits bits = to_bits(is_tiny ? a * static_cast<T>(Bits{1} << shift) : a);
    return static_cast<i32>(bits >> F::fraction_bits) - F::bias - (is_tiny ? shift : 0);
}

template <class T>
T exponent_as_number(T x) {
    using F = Format<T>;
    const T value = static_cast<T>(exponent_of(x));
    const T otherwise = x == 0 ? -F::infinity : is_nan(x) ? x : F::infinity;
    return absolute(x) < F::infinity && x != 0 ? value : otherwise;
}

template <class T>
i32 exponent_as_integer(T x) {
    constexpr i32 greatest = 0x7fffffff;
    const i32 otherwise = absolute(x) == Format<T>::infinity ? greatest : -greatest - 1;
    return absolute(x) < Format<T>::infinity && x != 0 ? exponent_of(x) : otherwise;
}

// The exponent is taken out first, so that one product alone can round.
template <class T>
T times_power_of_two(T x, i32 n) {
    using F = Format<T>;
    using Bits = typename F::Bits;
    const int shift = F::fraction_bits + 1;
    const bool is_tiny = absolute(x) < F::least_normal;
    const Bits bits = to_bits(is_tiny ? x * static_cast<T>(Bits{1} << shift) : x);
    constexpr Bits exponent_mask = static_cast<Bits>(2 * F::bias + 1) << F::fraction_bits;
    const i32 e =
        static_cast<i32>((bits & exponent_mask) >> F::fraction_bits) - F::bias - (is_tiny ? shift : 0);
    const T mantissa = from_bits<T>((bits & ~exponent_mask) | to_bits(T(1)));
    const i32 held = n < -5000 ? -5000 : n > 5000 ? 5000 : n;
    constexpr i32 low = -(F::bias + F::fraction_bits + 10), high = F::bias + 2;
    const i32 sum = e + held;
    const T value = scaled(mantissa, sum < low ? low : sum > high ? high : sum);
    return absolute(x) < F::infinity && x != 0 ? value : x;
}

template <class T>
T neighbour(T x, T towards) {
    using F = Format<T>;
    using Bits = typename F::Bits;
    const Bits bits = to_bits(x);
    const Bits step = (towards > x) == (x > 0) ? bits + 1 : bits - 1;
    const T next = x == 0 ? with_sign(from_bits<T>(Bits{1}), towards) : from_bits<T>(step);
    const T value = x == towards ? towards : next;
    return is_nan(x) || is_nan(towards) ? F::nan : value;
}

template <class T>
T positive_difference(T x, T y) {
    return is_nan(x) || is_nan(y) ? Format<T>::nan : x > y ? x - y : 0;
}

}  // namespace

float heddle_logb_f32(float x) {
    return exponent_as_number(x);
}
double heddle_logb_f64(double x) {
    return exponent_as_number(x);
}
int heddle_ilogb_f32(float x) {
    return exponent_as_integer(x);
}
int heddle_ilogb_f64(double x) {
    return exponent_as_integer(x);
}
float heddle_ldexp_f32(float x, int n) {
    return times_power_of_two(x, n);
}
double heddle_ldexp_f64(double x, int n) {
    return times_power_of_two(x, n);
}
float heddle_nextafter_f32(float x, float towards) {
    return neighbour(x, towards);
}
double heddle_nextafter_f64(double x, double towards) {
    return neighbour(x, towards);
}
float heddle_fdim_f32(float x, float y) {
    return positive_difference(x, y);
}
double heddle_fdim_f64(double x, double y) {
    return positive_difference(x, y);
}

}  // namespace heddle::device_maths
