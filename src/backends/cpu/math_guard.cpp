// Corrects the results of SLEEF's vector functions lane by lane. SLEEF 3.5.1 is right only on part of the
// line: sinh and cosh overflow early, asinh and acosh square their argument, log1p adds 1 to the greatest
// values, sinpi and cospi lose the fraction of large arguments, the gamma functions lose accuracy left of
// zero, fmod and remainder know no subnormal divisors, pow overflows early. Lanes outside the interval stated
// here get the scalar function's result.
#include "backends/cpu/math_guard.h"

#include <cmath>
#include <string_view>
#include <type_traits>

#include "backends/cpu/math_tables.h"

namespace heddle::cpu {

namespace {

template <class Function>
Function scalar_function(std::string_view name) {
    for (const ScalarMath& entry : scalar_math()) {
        if (entry.name == name) return reinterpret_cast<Function>(entry.address);
    }
    return nullptr;
}

// Where SLEEF is trusted, given the arguments and its result; never for NaN.
#define HEDDLE_INSIDE(function, single, twice)                                            \
    struct Guard_##function {                                                             \
        static constexpr std::string_view f32 = #function ".f32", f64 = #function ".f64"; \
        static bool inside([[maybe_unused]] float x, [[maybe_unused]] float y,            \
                           [[maybe_unused]] float result) {                               \
            return single;                                                                \
        }                                                                                 \
        static bool inside([[maybe_unused]] double x, [[maybe_unused]] double y,          \
                           [[maybe_unused]] double result) {                              \
            return twice;                                                                 \
        }                                                                                 \
    };
HEDDLE_INSIDE(sinh, std::fabs(x) <= 88, std::fabs(x) <= 709)
HEDDLE_INSIDE(cosh, std::fabs(x) <= 88, std::fabs(x) <= 709)
HEDDLE_INSIDE(asinh, std::fabs(x) <= 1e18F, std::fabs(x) <= 1e150)
HEDDLE_INSIDE(acosh, x <= 1e18F, x <= 1e150)
HEDDLE_INSIDE(log1p, x <= 1e37F, x <= 1e306)
HEDDLE_INSIDE(sinpi, std::fabs(x) <= 1e5F, std::fabs(x) <= 1e5)
HEDDLE_INSIDE(cospi, std::fabs(x) <= 1e5F, std::fabs(x) <= 1e5)
HEDDLE_INSIDE(tgamma, x >= 0.01F && x <= 35, x >= 0.01 && x <= 171)
HEDDLE_INSIDE(lgamma, x >= 0.01F && x <= 1e30F, x >= 0.01 && x <= 1e300)
HEDDLE_INSIDE(fmod, std::fabs(x) <= 1e18F && std::fabs(y) >= 1e-18F && std::fabs(y) <= 1e30F,
              std::fabs(x) <= 1e150 && std::fabs(y) >= 1e-150 && std::fabs(y) <= 1e300)
HEDDLE_INSIDE(remainder, std::fabs(x) <= 1e18F && std::fabs(y) >= 1e-18F && std::fabs(y) <= 1e30F,
              std::fabs(x) <= 1e150 && std::fabs(y) >= 1e-150 && std::fabs(y) <= 1e300)
HEDDLE_INSIDE(pow, std::fabs(result) >= 1e-36F && std::fabs(result) <= 1e36F,
              std::fabs(result) >= 1e-290 && std::fabs(result) <= 1e290)
#undef HEDDLE_INSIDE

// sin(pi n) is a zero of the sign of n, cos(pi (n + 1/2)) is +0; SLEEF gives zeros of either sign.
template <class Guard, class T>
T signed_zero(T result, [[maybe_unused]] T x) {
    if constexpr (std::is_same_v<Guard, Guard_sinpi>) return result == 0 ? std::copysign(T{0}, x) : result;
    if constexpr (std::is_same_v<Guard, Guard_cospi>) return result + T{0};
    return result;
}

template <class Guard, class T>
constexpr std::string_view scalar_name = sizeof(T) == 4 ? Guard::f32 : Guard::f64;

template <class Guard, class T>
void mend(const T* x, T* results, unsigned lanes) noexcept {
    bool all_inside = true;
    for (unsigned i = 0; i < lanes; ++i) {
        all_inside = all_inside & Guard::inside(x[i], x[i], results[i]);
        results[i] = signed_zero<Guard>(results[i], x[i]);
    }
    if (all_inside) return;
    static const auto scalar = scalar_function<T (*)(T)>(scalar_name<Guard, T>);
    for (unsigned i = 0; i < lanes; ++i) {
        if (!Guard::inside(x[i], x[i], results[i])) results[i] = scalar(x[i]);
    }
}

template <class Guard, class T>
void mend(const T* x, const T* y, T* results, unsigned lanes) noexcept {
    bool all_inside = true;
    for (unsigned i = 0; i < lanes; ++i) all_inside = all_inside & Guard::inside(x[i], y[i], results[i]);
    if (all_inside) return;
    static const auto scalar = scalar_function<T (*)(T, T)>(scalar_name<Guard, T>);
    for (unsigned i = 0; i < lanes; ++i) {
        if (!Guard::inside(x[i], y[i], results[i])) results[i] = scalar(x[i], y[i]);
    }
}

}  // namespace

#define HEDDLE_MEND(function, accuracy)                                               \
    void mend_##function(const float* x, float* results, unsigned lanes) noexcept {   \
        mend<Guard_##function>(x, results, lanes);                                    \
    }                                                                                 \
    void mend_##function(const double* x, double* results, unsigned lanes) noexcept { \
        mend<Guard_##function>(x, results, lanes);                                    \
    }
#define HEDDLE_MEND_BINARY(function, accuracy)                                                         \
    void mend_##function(const float* x, const float* y, float* results, unsigned lanes) noexcept {    \
        mend<Guard_##function>(x, y, results, lanes);                                                  \
    }                                                                                                  \
    void mend_##function(const double* x, const double* y, double* results, unsigned lanes) noexcept { \
        mend<Guard_##function>(x, y, results, lanes);                                                  \
    }
HEDDLE_GUARDED_UNARY(HEDDLE_MEND)
HEDDLE_GUARDED_BINARY(HEDDLE_MEND_BINARY)

}  // namespace heddle::cpu
