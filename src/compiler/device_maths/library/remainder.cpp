// Remainders: exact, by long division in floating point.
#include "arithmetic.h"
#include "functions.h"

namespace heddle::device_maths {
namespace {

/// |x| - q |y| for 0 <= result < |y|, and whether q is odd. Each step divides by |y| times a power of two
/// that leaves a quotient of few bits: truncated it is right or one too large, and the product's difference
/// is exact.
template <class T>
struct Division {
    T rest;
    bool is_odd;
};
template <class T>
Division<T> divided(T a, T b) {
    using F = Format<T>;
    const int few = F::fraction_bits - 2;
    bool is_odd = false;
    if (a >= b) {
        // The quotient is below 2^(difference + 1).
        i32 left = static_cast<i32>(to_bits(a) >> F::fraction_bits) -
                   static_cast<i32>(to_bits(b) >> F::fraction_bits);
        if (__builtin_expect(left >= few || b < F::least_normal, 0)) {
            left += F::fraction_bits;  // a subnormal b is that much smaller than its exponent says, at most
            while (left >= few) {
                left -= few;
                // b * 2^left, where it is no more than a
                const i32 first = left < F::bias ? left : F::bias;
                const i32 second = left - first < F::bias ? left - first : F::bias;
                const T part = b * power_of_two<T>(first) * power_of_two<T>(second) *
                               power_of_two<T>(left - first - second);
                if (part <= a) {
                    const T rest = fma(-truncated(a / part), part, a);
                    a = rest < 0 ? rest + part : rest;
                }
            }
        }
        const T quotient = truncated(a / b);
        const T rest = fma(-quotient, b, a);
        const bool is_over = rest < 0;
        a = is_over ? rest + b : rest;
        const T whole = is_over ? quotient - 1 : quotient;
        const T half = T(0.5) * whole;
        is_odd = truncated(half) != half;
    }
    return {a, is_odd};
}

template <class T>
T remainder_towards_zero(T x, T y) {
    using F = Format<T>;
    const T a = absolute(x), b = absolute(y);
    if (!(a < F::infinity) || !(b > 0)) return F::nan;
    return b == F::infinity ? x : with_sign(divided(a, b).rest, x);
}

template <class T>
T remainder_to_nearest(T x, T y) {
    using F = Format<T>;
    const T a = absolute(x), b = absolute(y);
    if (!(a < F::infinity) || !(b > 0)) return F::nan;
    if (b == F::infinity) return x;
    const Division<T> d = divided(a, b);
    const T left = b - d.rest;
    const T nearest_rest = d.rest > left || (d.rest == left && d.is_odd) ? -left : d.rest;
    return is_negative(x) ? -nearest_rest : nearest_rest;
}

}  // namespace

float heddle_fmod_f32(float x, float y) {
    return remainder_towards_zero(x, y);
}
double heddle_fmod_f64(double x, double y) {
    return remainder_towards_zero(x, y);
}
float heddle_remainder_f32(float x, float y) {
    return remainder_to_nearest(x, y);
}
double heddle_remainder_f64(double x, double y) {
    return remainder_to_nearest(x, y);
}

}  // namespace heddle::device_maths
