// Vector functions for which SLEEF 3.5.1 is right only on part of the line (sinh overflows early, asinh squares its
// argument, sinpi loses its fraction, gamma loses accuracy left of zero, fmod knows no subnormal divisors): lanes outside
// the interval stated here are computed by the scalar function instead.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

#include "backends/cpu/math_tables.h"

namespace heddle::cpu {

namespace {

template <class T>
constexpr bool is_single = sizeof(T) == 4;

// The scalar function of that name ("sinh.f32"), looked up once.
template <class Function>
Function scalar_function(std::string_view name) {
    for (const ScalarMath& entry : scalar_math()) {
        if (entry.name == name) return reinterpret_cast<Function>(entry.address);
    }
    return nullptr;
}

// One structure a function: where SLEEF is trusted (false for NaN), and what is put right in every lane.
#define HEDDLE_GUARD(function, inside_single, inside_double)                                                 \
    struct Guard_##function {                                                                                \
        static constexpr std::string_view name_f32 = #function ".f32", name_f64 = #function ".f64";          \
        static bool inside([[maybe_unused]] float x, [[maybe_unused]] float y) { return inside_single; }     \
        static bool inside([[maybe_unused]] double x, [[maybe_unused]] double y) { return inside_double; }   \
    };
HEDDLE_GUARD(sinh, std::fabs(x) <= 88, std::fabs(x) <= 709)
HEDDLE_GUARD(cosh, std::fabs(x) <= 88, std::fabs(x) <= 709)
HEDDLE_GUARD(asinh, std::fabs(x) <= 1e18f, std::fabs(x) <= 1e150)
HEDDLE_GUARD(acosh, x <= 1e18f, x <= 1e150)
HEDDLE_GUARD(log1p, x <= 1e37f, x <= 1e306)
HEDDLE_GUARD(sinpi, std::fabs(x) <= 1e5f && std::fabs(x) > 0, std::fabs(x) <= 1e9 && std::fabs(x) > 0)
HEDDLE_GUARD(cospi, std::fabs(x) <= 1e5f, std::fabs(x) <= 1e9)
HEDDLE_GUARD(tgamma, x >= 0.01f && x <= 36, x >= 0.01 && x <= 171)
HEDDLE_GUARD(lgamma, x >= 0.01f && x <= 1e30f, x >= 0.01 && x <= 1e300)
HEDDLE_GUARD(fmod, std::fabs(x) <= 1e18f && std::fabs(y) >= 1e-18f && std::fabs(y) <= 1e30f,
             std::fabs(x) <= 1e150 && std::fabs(y) >= 1e-150 && std::fabs(y) <= 1e300)
HEDDLE_GUARD(remainder, std::fabs(x) <= 1e18f && std::fabs(y) >= 1e-18f && std::fabs(y) <= 1e30f,
             std::fabs(x) <= 1e150 && std::fabs(y) >= 1e-150 && std::fabs(y) <= 1e300)

// sin(pi n) is a zero of the sign of n, cos(pi (n + 1/2)) is +0; SLEEF gives any zero.
template <class Guard, class T>
T with_sign_of_zero(T result, [[maybe_unused]] T x) {
    if constexpr (std::is_same_v<Guard, Guard_sinpi>) return result == 0 ? std::copysign(T{0}, x) : result;
    if constexpr (std::is_same_v<Guard, Guard_cospi>) return result + T{0};
    return result;
}

// Through memory, so that this code needs no instruction set of its own.
template <class Guard, class T, std::size_t lanes>
void mend(const T* x, T* results) {
    bool all_inside = true;
    for (std::size_t i = 0; i < lanes; ++i) all_inside = all_inside & Guard::inside(x[i], T{1});
    for (std::size_t i = 0; i < lanes; ++i) results[i] = with_sign_of_zero<Guard>(results[i], x[i]);
    if (all_inside) return;
    static const auto scalar = scalar_function<T (*)(T)>(is_single<T> ? Guard::name_f32 : Guard::name_f64);
    for (std::size_t i = 0; i < lanes; ++i) {
        if (!Guard::inside(x[i], T{1})) results[i] = scalar(x[i]);
    }
}
template <class Guard, class T, std::size_t lanes>
void mend(const T* x, const T* y, T* results) {
    bool all_inside = true;
    for (std::size_t i = 0; i < lanes; ++i) all_inside = all_inside & Guard::inside(x[i], y[i]);
    if (all_inside) return;
    static const auto scalar = scalar_function<T (*)(T, T)>(is_single<T> ? Guard::name_f32 : Guard::name_f64);
    for (std::size_t i = 0; i < lanes; ++i) {
        if (!Guard::inside(x[i], y[i])) results[i] = scalar(x[i], y[i]);
    }
}

}  // namespace

}  // namespace heddle::cpu

#if defined(__x86_64__)
#define HEDDLE_WIDTHS_F32(X, function, accuracy)                                     \
    X(function, float, f32, f4, accuracy, sse4, 16, [[gnu::target("sse4.1")]])       \
    X(function, float, f32, f4, accuracy, avx2128, 16, [[gnu::target("avx2,fma")]])  \
    X(function, float, f32, f8, accuracy, avx2, 32, [[gnu::target("avx2,fma")]])     \
    X(function, float, f32, f16, accuracy, avx512f, 64, [[gnu::target("avx512f")]])
#define HEDDLE_WIDTHS_F64(X, function, accuracy)                                     \
    X(function, double, f64, d2, accuracy, sse4, 16, [[gnu::target("sse4.1")]])      \
    X(function, double, f64, d2, accuracy, avx2128, 16, [[gnu::target("avx2,fma")]]) \
    X(function, double, f64, d4, accuracy, avx2, 32, [[gnu::target("avx2,fma")]])    \
    X(function, double, f64, d8, accuracy, avx512f, 64, [[gnu::target("avx512f")]])
#elif defined(__aarch64__)
#define HEDDLE_WIDTHS_F32(X, function, accuracy) X(function, float, f32, f4, accuracy, advsimd, 16, )
#define HEDDLE_WIDTHS_F64(X, function, accuracy) X(function, double, f64, d2, accuracy, advsimd, 16, )
#else
#define HEDDLE_WIDTHS_F32(X, function, accuracy)
#define HEDDLE_WIDTHS_F64(X, function, accuracy)
#endif

#define HEDDLE_GUARDED_UNARY(X)           \
    X(HEDDLE_UNARY, sinh, _u10)           \
    X(HEDDLE_UNARY, cosh, _u10)           \
    X(HEDDLE_UNARY, asinh, _u10)          \
    X(HEDDLE_UNARY, acosh, _u10)          \
    X(HEDDLE_UNARY, log1p, _u10)          \
    X(HEDDLE_UNARY, sinpi, _u05)          \
    X(HEDDLE_UNARY, cospi, _u05)          \
    X(HEDDLE_UNARY, tgamma, _u10)         \
    X(HEDDLE_UNARY, lgamma, _u10)
#define HEDDLE_GUARDED_BINARY(X)          \
    X(HEDDLE_BINARY, fmod, _)             \
    X(HEDDLE_BINARY, remainder, _)

#define HEDDLE_UNARY(function, T, suffix, width, accuracy, isa, bytes, target)                              \
    typedef T Vector_##function##suffix##isa __attribute__((vector_size(bytes)));                           \
    extern "C" target Vector_##function##suffix##isa Sleef_##function##width##accuracy##isa(                       \
        Vector_##function##suffix##isa);                                                                    \
    target static Vector_##function##suffix##isa guarded_##function##suffix##isa(                           \
        Vector_##function##suffix##isa x) {                                                                 \
        Vector_##function##suffix##isa r = Sleef_##function##width##accuracy##isa(x);                       \
        heddle::cpu::mend<heddle::cpu::Guard_##function, T, (bytes) / sizeof(T)>(                           \
            reinterpret_cast<const T*>(&x), reinterpret_cast<T*>(&r));                                      \
        return r;                                                                                           \
    }
#define HEDDLE_BINARY(function, T, suffix, width, accuracy, isa, bytes, target)                             \
    typedef T Vector_##function##suffix##isa __attribute__((vector_size(bytes)));                           \
    extern "C" target Vector_##function##suffix##isa Sleef_##function##width##accuracy##isa(                       \
        Vector_##function##suffix##isa, Vector_##function##suffix##isa);                                    \
    target static Vector_##function##suffix##isa guarded_##function##suffix##isa(                           \
        Vector_##function##suffix##isa x, Vector_##function##suffix##isa y) {                               \
        Vector_##function##suffix##isa r = Sleef_##function##width##accuracy##isa(x, y);                    \
        heddle::cpu::mend<heddle::cpu::Guard_##function, T, (bytes) / sizeof(T)>(                           \
            reinterpret_cast<const T*>(&x), reinterpret_cast<const T*>(&y), reinterpret_cast<T*>(&r));      \
        return r;                                                                                           \
    }

#define HEDDLE_DEFINE(shape, function, accuracy)    \
    HEDDLE_WIDTHS_F32(shape, function, accuracy)    \
    HEDDLE_WIDTHS_F64(shape, function, accuracy)
HEDDLE_GUARDED_UNARY(HEDDLE_DEFINE)
HEDDLE_GUARDED_BINARY(HEDDLE_DEFINE)

namespace heddle::cpu {

std::span<const VectorMath> guarded_vector_math() {
#define HEDDLE_ADDRESS(function, T, suffix, width, accuracy, isa, bytes, target) \
    reinterpret_cast<MathAddress>(guarded_##function##suffix##isa),
#define HEDDLE_ENTRY(shape, function, accuracy)                                              \
    VectorMath{#function ".f32", {HEDDLE_WIDTHS_F32(HEDDLE_ADDRESS, function, accuracy)}},   \
    VectorMath{#function ".f64", {HEDDLE_WIDTHS_F64(HEDDLE_ADDRESS, function, accuracy)}},
    static const std::array table = {HEDDLE_GUARDED_UNARY(HEDDLE_ENTRY) HEDDLE_GUARDED_BINARY(HEDDLE_ENTRY)};
    return table;
}

}  // namespace heddle::cpu
