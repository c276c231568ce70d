// The scalar functions of Kernel IR. Single precision is double's function rounded once, and where the C
// library's double function may be wrong by more than CUDA documents, double is long double's rounded once:
// the scalar device is what the others are compared with, so accuracy comes before speed here.
#include <algorithm>
#include <array>
#include <climits>
#include <cmath>

#include "backends/cpu/math_special.h"
#include "backends/cpu/math_tables.h"

#if defined(__x86_64__) && defined(__GLIBC__)
// Quadruple precision for Bessel functions next to their zeros; the C library has these under standard names.
extern "C" {
__float128 j0f128(__float128) noexcept;
__float128 j1f128(__float128) noexcept;
__float128 y0f128(__float128) noexcept;
__float128 y1f128(__float128) noexcept;
__float128 jnf128(int, __float128) noexcept;
__float128 ynf128(int, __float128) noexcept;
}
#define HEDDLE_QUADRUPLE(call128, call) static_cast<double>(call128)
#else
#define HEDDLE_QUADRUPLE(call128, call) static_cast<double>(call)
#endif
extern "C" double lgamma_r(double, int*) noexcept;
extern "C" long double lgammal_r(long double, int*) noexcept;
extern "C" double exp10(double) noexcept;
extern "C" long double exp10l(long double) noexcept;
extern "C" long double j0l(long double) noexcept;
extern "C" long double j1l(long double) noexcept;
extern "C" long double y0l(long double) noexcept;
extern "C" long double y1l(long double) noexcept;
extern "C" long double jnl(int, long double) noexcept;
extern "C" long double ynl(int, long double) noexcept;

namespace heddle::cpu {

namespace {

// Absolute errors of 2^-64 cost a Bessel function its last places where its value is small, that is, near its
// zeros.
constexpr long double near_zero = 0.01L;

#define HEDDLE_BESSEL(function)                                                                      \
    double function##_accurate(double x) {                                                           \
        const long double y = function##l(x);                                                        \
        if (std::fabs(y) >= near_zero || x == 0 || !std::isfinite(y)) return static_cast<double>(y); \
        return HEDDLE_QUADRUPLE(function##f128(x), y);                                               \
    }
HEDDLE_BESSEL(j0)
HEDDLE_BESSEL(j1)
HEDDLE_BESSEL(y0)
HEDDLE_BESSEL(y1)
#undef HEDDLE_BESSEL

// CUDA: NaN for a negative order.
double jn_accurate(int n, double x) {
    return n < 0 ? std::nan("") : HEDDLE_QUADRUPLE(jnf128(n, x), jnl(n, x));
}
double yn_accurate(int n, double x) {
    return n < 0 ? std::nan("") : HEDDLE_QUADRUPLE(ynf128(n, x), ynl(n, x));
}
float jn_single(int n, float x) {
    return static_cast<float>(n < 0 ? std::nan("") : static_cast<double>(jnl(n, x)));
}
float yn_single(int n, float x) {
    return static_cast<float>(n < 0 ? std::nan("") : static_cast<double>(ynl(n, x)));
}

// The reentrant forms: lgamma writes a global.
double lgamma_double(double x) {
    int sign = 0;
    return lgamma_r(x, &sign);
}
long double lgamma_long(long double x) {
    int sign = 0;
    return lgammal_r(x, &sign);
}

template <class T>
int exponent_of(T x) {
    return x == 0 || std::isnan(x) ? INT_MIN : std::isinf(x) ? INT_MAX : std::ilogb(x);
}

template <class Function>
ScalarMath entry(std::string_view name, Function* function) {
    return {name, reinterpret_cast<MathAddress>(function)};
}

// "name.f32" as the double expression rounded, "name.f64" as the second expression rounded; x, y are the
// arguments.
#define HEDDLE_UNARY(name, single, exact)          \
    entry(                                         \
        name ".f32",                               \
        +[](float v) {                             \
            const double x = v;                    \
            return static_cast<float>(single);     \
        }),                                        \
        entry(                                     \
            name ".f64", +[](double v) {           \
                const long double x = v;           \
                (void)x;                           \
                return static_cast<double>(exact); \
            }),
#define HEDDLE_BINARY(name, single, exact)         \
    entry(                                         \
        name ".f32",                               \
        +[](float v, float w) {                    \
            const double x = v, y = w;             \
            return static_cast<float>(single);     \
        }),                                        \
        entry(                                     \
            name ".f64", +[](double v, double w) { \
                const long double x = v, y = w;    \
                (void)x;                           \
                (void)y;                           \
                return static_cast<double>(exact); \
            }),
#define HEDDLE_EXACT(name, function)                                    \
    entry(                                                              \
        name ".f32", +[](float x, float y) { return function(x, y); }), \
        entry(name ".f64", +[](double x, double y) { return function(x, y); }),
#define HEDDLE_SINGLE(name, expression)            \
    entry(                                         \
        name ".f32", +[](float v) {                \
            const double x = v;                    \
            return static_cast<float>(expression); \
        }),

auto make_table() {
    // clang-format off
    std::array entries = {
        HEDDLE_UNARY("sin", std::sin(x), std::sin(v))
        HEDDLE_UNARY("cos", std::cos(x), std::cos(v))
        HEDDLE_UNARY("tan", std::tan(x), std::tan(v))
        HEDDLE_UNARY("asin", std::asin(x), std::asin(v))
        HEDDLE_UNARY("acos", std::acos(x), std::acos(v))
        HEDDLE_UNARY("atan", std::atan(x), std::atan(v))
        HEDDLE_BINARY("atan2", std::atan2(x, y), std::atan2(v, w))
        HEDDLE_UNARY("sinh", std::sinh(x), std::sinh(x))
        HEDDLE_UNARY("cosh", std::cosh(x), std::cosh(x))
        HEDDLE_UNARY("tanh", std::tanh(x), std::tanh(x))
        HEDDLE_UNARY("asinh", std::asinh(x), std::asinh(x))
        HEDDLE_UNARY("acosh", std::acosh(x), std::acosh(x))
        HEDDLE_UNARY("atanh", std::atanh(x), std::atanh(x))
        HEDDLE_UNARY("sinpi", sine_of_pi(x), sine_of_pi(x))
        HEDDLE_UNARY("cospi", cosine_of_pi(x), cosine_of_pi(x))
        HEDDLE_UNARY("tanpi", tangent_of_pi(x), tangent_of_pi(x))
        HEDDLE_UNARY("exp", std::exp(x), std::exp(v))
        HEDDLE_UNARY("exp2", std::exp2(x), std::exp2(v))
        HEDDLE_UNARY("exp10", ::exp10(x), ::exp10l(x))
        HEDDLE_UNARY("expm1", std::expm1(x), std::expm1(v))
        HEDDLE_UNARY("log", std::log(x), std::log(v))
        HEDDLE_UNARY("log2", std::log2(x), std::log2(v))
        HEDDLE_UNARY("log10", std::log10(x), std::log10(x))
        HEDDLE_UNARY("log1p", std::log1p(x), std::log1p(v))
        HEDDLE_BINARY("pow", std::pow(x, y), std::pow(v, w))
        HEDDLE_UNARY("cbrt", std::cbrt(x), std::cbrt(x))
        HEDDLE_UNARY("rcbrt", 1 / std::cbrt(x), 1 / std::cbrt(x))
        HEDDLE_BINARY("hypot", std::hypot(x, y), std::hypot(x, y))
        HEDDLE_BINARY("rhypot", 1 / std::hypot(x, y), 1 / std::hypot(x, y))
        HEDDLE_UNARY("erf", std::erf(x), std::erf(v))
        HEDDLE_UNARY("erfc", std::erfc(x), std::erfc(x))
        HEDDLE_UNARY("erfinv", erf_inverse(x), erf_inverse(x))
        HEDDLE_UNARY("erfcinv", erfc_inverse(x), erfc_inverse(x))
        HEDDLE_UNARY("erfcx", erfc_scaled(x), erfc_scaled(x))
        HEDDLE_UNARY("normcdf", normal_distribution(x), normal_distribution(x))
        HEDDLE_UNARY("normcdfinv", normal_quantile(x), normal_quantile(x))
        HEDDLE_UNARY("tgamma", std::tgamma(x), std::tgamma(x))
        HEDDLE_UNARY("lgamma", lgamma_double(x), lgamma_long(x))
        HEDDLE_UNARY("j0", j0_accurate(x), j0_accurate(v))
        HEDDLE_UNARY("j1", j1_accurate(x), j1_accurate(v))
        HEDDLE_UNARY("y0", y0_accurate(x), y0_accurate(v))
        HEDDLE_UNARY("y1", y1_accurate(x), y1_accurate(v))
        HEDDLE_UNARY("i0", bessel_i0(x), bessel_i0(x))
        HEDDLE_UNARY("i1", bessel_i1(x), bessel_i1(x))
        HEDDLE_UNARY("logb", std::logb(x), std::logb(v))
        HEDDLE_EXACT("fmod", std::fmod)
        HEDDLE_EXACT("remainder", std::remainder)
        HEDDLE_EXACT("nextafter", std::nextafter)
        HEDDLE_EXACT("fdim", std::fdim)
        HEDDLE_SINGLE("fast.sin", std::sin(x))
        HEDDLE_SINGLE("fast.cos", std::cos(x))
        HEDDLE_SINGLE("fast.tan", std::tan(x))
        HEDDLE_SINGLE("fast.exp", std::exp(x))
        HEDDLE_SINGLE("fast.exp10", ::exp10(x))
        HEDDLE_SINGLE("fast.log", std::log(x))
        HEDDLE_SINGLE("fast.log2", std::log2(x))
        HEDDLE_SINGLE("fast.log10", std::log10(x))
        entry("fast.pow.f32", +[](float x, float y) { return static_cast<float>(std::pow(double{x}, double{y})); }),
        entry("fast.div.f32", +[](float x, float y) { return x / y; }),
        entry("jn.f32", jn_single), entry("jn.f64", jn_accurate),
        entry("yn.f32", yn_single), entry("yn.f64", yn_accurate),
        entry("fma.f32", +[](float x, float y, float z) { return std::fma(x, y, z); }),
        entry("fma.f64", +[](double x, double y, double z) { return std::fma(x, y, z); }),
        entry("ldexp.f32", +[](float x, int n) { return std::ldexp(x, n); }),
        entry("ldexp.f64", +[](double x, int n) { return std::ldexp(x, n); }),
        entry("ilogb.f32", exponent_of<float>), entry("ilogb.f64", exponent_of<double>),
    };
    // clang-format on
    std::sort(entries.begin(), entries.end(),
              [](const ScalarMath& a, const ScalarMath& b) { return a.name < b.name; });
    return entries;
}

}  // namespace

std::span<const ScalarMath> scalar_math() {
    static const auto table = make_table();
    return table;
}

}  // namespace heddle::cpu
