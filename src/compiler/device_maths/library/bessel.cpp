// Bessel functions of the first and second kind.
#include "angle.h"
#include "coefficients_bessel.h"
#include "functions.h"
#include "logarithm.h"

namespace heddle::device_maths {
namespace {

/// x less a zero of the function, with the precision that makes the product with it precise next to that
/// zero.
template <class T>
T beyond(T x, Pair<T> zero) {
    return (x - zero.hi) - zero.lo;
}

constexpr double two_over_pi_value = 0.63661977236758134308;

/// sqrt(2 / (pi x)) A(x) cos(x - (2 order + 1) pi / 4 + phase(x)), or the sine: amplitude and phase vary
/// slowly. For x >= 8.
template <int order, class T>
T far(T x, i32 quarters) {
    const T u = 1 / x, v = u * u;
    T amplitude = square_root(T(two_over_pi_value) * u), phase;
    if constexpr (order == 0) {
        amplitude *= amplitude_0<T>(v);
        phase = fma(u, phase_0<T>(v), T(-0.78539816339744830962));
    } else {
        amplitude *= amplitude_1<T>(v);
        phase = fma(u, phase_1<T>(v), T(-2.35619449019234492885));
    }
    const Angle<T> a = reduced(x);
    const T sum = a.hi + (phase + a.lo);
    Angle<T> b = reduced_quickly(sum);
    b.quarters += a.quarters;
    return x == Format<T>::infinity ? 0 : amplitude * sine_of(b, quarters);
}

template <class T>
T j0_below_four(T x) {
    return beyond(x, j0_zero_1<T>) * (x + j0_zero_1<T>.hi) * j0_first<T>(fma(x, x, T(-8)));
}
template <class T>
T j1_below_five(T x) {
    return x * (beyond(x, j1_zero_1<T>) * (x + j1_zero_1<T>.hi) * j1_first<T>(fma(x, x, T(-14.5))));
}

template <class T>
T j0_of_positive(T x) {
    if (!(x < 8)) return far<0>(x, 1);
    return x < 4 ? j0_below_four(x) : beyond(x, j0_zero_2<T>) * j0_second<T>(x - 6);
}
template <class T>
T j1_of_positive(T x) {
    if (!(x < 8)) return far<1>(x, 1);
    return x < T(5.4) ? j1_below_five(x) : beyond(x, j1_zero_2<T>) * j1_second<T>(x - T(6.75));
}

/// log(x / zero), precise next to the zero as well; `logarithm` is the zero's.
template <class T>
T log_of_ratio(T x, Pair<T> zero, T logarithm) {
    const T q = x / zero.hi;
    const T rest = fma(-q, zero.lo, fma(-q, zero.hi, x));
    const bool is_near = q > T(0.5);
    return log_of_positive(is_near ? q : x) + (is_near ? rest / x : -logarithm);
}

// y0 next to its first zero: both terms, the logarithm's and the rest, vanish there.
template <class T>
T y0_of_positive(T x) {
    if (!(x < 8)) return far<0>(x, 0);
    if (x < 3) {
        const T singular =
            T(two_over_pi_value) * j0_below_four(x) * log_of_ratio(x, y0_zero_1<T>, log_y0_zero_1<T>.hi);
        const T rest = beyond(x, y0_zero_1<T>) * (x + y0_zero_1<T>.hi) * y0_first<T>(fma(x, x, T(-4.5)));
        return singular + rest;
    }
    return x < T(5.5) ? beyond(x, y0_zero_2<T>) * y0_second<T>(x - T(4.25))
                      : beyond(x, y0_zero_3<T>) * y0_third<T>(x - T(6.75));
}
template <class T>
T y1_of_positive(T x) {
    if (!(x < 8)) return far<1>(x, 0);
    if (x < 4) {
        const T singular =
            T(two_over_pi_value) * j1_below_five(x) * log_of_ratio(x, y1_zero_1<T>, log_y1_zero_1<T>.hi);
        const T rest = beyond(x, y1_zero_1<T>) * (x + y1_zero_1<T>.hi) * y1_first<T>(fma(x, x, T(-8)));
        return singular + rest / x;
    }
    return beyond(x, y1_zero_2<T>) * y1_second<T>(x - 6);
}

template <class T>
T j0(T x) {
    return j0_of_positive(absolute(x));
}
template <class T>
T j1(T x) {
    const T value = j1_of_positive(absolute(x));
    return is_negative(x) && x > -Format<T>::infinity ? -value : value;
}

/// `value` for x > 0; the second kind has a pole at 0 and is not real below.
template <class T>
T second_kind(T x, T value) {
    return x > 0 ? value : x == 0 ? -Format<T>::infinity : Format<T>::nan;
}
template <class T>
T y0(T x) {
    return second_kind(x, y0_of_positive(x));
}
template <class T>
T y1(T x) {
    return second_kind(x, y1_of_positive(x));
}

/// j_n(x) for n >= 2, x > 0: for small x the series; upward recurrence where it is stable, otherwise Miller's
/// downward one, from an order that is small beside j_n and scaled by 1 = j_0 + 2 j_2 + 2 j_4 + ...
template <class T>
T j_of_order(i32 n, T x) {
    const T order = static_cast<T>(n);
    if (x < 1) {
        const T half = T(0.5) * x, square = -half * half;
        T term = 1;
        for (i32 k = 1; k <= n && term != 0; ++k) term *= half / static_cast<T>(k);
        T sum = 0;
        for (i32 k = 1; k < 12; ++k) {
            sum += term;
            term *= square / (static_cast<T>(k) * (order + static_cast<T>(k)));
        }
        return sum;
    }
    if (x >= order) {
        const T twice = 2 / x;
        T before = j0_of_positive(x), now = j1_of_positive(x);
        for (i32 k = 1; k < n; ++k) {
            const T next = fma(static_cast<T>(k) * twice, now, -before);
            before = now;
            now = next;
        }
        return now;
    }
    // j_n(x) < (e x / 2 n)^n: nothing of it is left, and the recurrence would overflow.
    if (x < T(0.05) * order && order > (is_double<T> ? T(400) : T(50))) return 0;
    const i32 extra = static_cast<i32>(square_root((is_double<T> ? T(200) : T(90)) * order)) + 12;
    const i32 first = (n + extra) & ~1;
    constexpr T large = is_double<T> ? T(0x1p400) : T(0x1p50), small = 1 / large;
    const T twice = 2 / x;
    T after = 0, now = small, sum = 0, result = 0;
    for (i32 k = first; k > 0; --k) {
        const T before = fma(static_cast<T>(k) * twice, now, -after);
        after = now;
        now = before;  // order k - 1
        const bool is_large = absolute(now) > large;
        const T scale = is_large ? small : T(1);
        now *= scale;
        after *= scale;
        sum *= scale;
        result *= scale;
        result = k - 1 == n ? now : result;
        sum += (k - 1) & 1 ? 0 : now;
    }
    return result / (2 * sum - now);
}

template <class T>
T jn(i32 n, T x) {
    const T a = absolute(x);
    // j_-n = (-1)^n j_n, j_n(-x) = (-1)^n j_n(x)
    const bool is_odd = n & 1;
    const bool is_mirrored = is_odd && (n < 0) != is_negative(x);
    const u32 order = n < 0 ? 0u - static_cast<u32>(n) : static_cast<u32>(n);
    if (is_nan(x)) return x;
    T value;
    if (order == 0)
        value = j0_of_positive(a);
    else if (order == 1)
        value = j1_of_positive(a);
    else if (a == 0 || a == Format<T>::infinity || order > 0x7ff00000u)
        value = 0;
    else
        value = j_of_order(static_cast<i32>(order), a);
    return is_mirrored ? -value : value;
}

template <class T>
T yn(i32 n, T x) {
    if (!(x > 0)) return x == 0 ? -Format<T>::infinity : Format<T>::nan;
    const bool is_mirrored = n < 0 && (n & 1);
    const u32 order = n < 0 ? 0u - static_cast<u32>(n) : static_cast<u32>(n);
    T before = y0_of_positive(x), now = y1_of_positive(x);
    if (order == 0) return before;
    const T twice = 2 / x;
    // Once infinite it stays so; an infinite argument gives 0 throughout.
    for (u32 k = 1; k < order && now > -Format<T>::infinity && x < Format<T>::infinity; ++k) {
        const T next = fma(static_cast<T>(k) * twice, now, -before);
        before = now;
        now = next;
    }
    return is_mirrored ? -now : now;
}

}  // namespace

float heddle_j0_f32(float x) {
    return j0(x);
}
double heddle_j0_f64(double x) {
    return j0(x);
}
float heddle_j1_f32(float x) {
    return j1(x);
}
double heddle_j1_f64(double x) {
    return j1(x);
}
float heddle_y0_f32(float x) {
    return y0(x);
}
double heddle_y0_f64(double x) {
    return y0(x);
}
float heddle_y1_f32(float x) {
    return y1(x);
}
double heddle_y1_f64(double x) {
    return y1(x);
}
float heddle_jn_f32(int n, float x) {
    return jn(n, x);
}
double heddle_jn_f64(int n, double x) {
    return jn(n, x);
}
float heddle_yn_f32(int n, float x) {
    return yn(n, x);
}
double heddle_yn_f64(int n, double x) {
    return yn(n, x);
}

}  // namespace heddle::device_maths
