// The tables of functions. Bounds are those of the CUDA C++ Programming Guide's appendix on mathematical
// functions.
#include "unit/compiler/device_maths/functions.h"

#include <cmath>
#include <limits>

#include "compiler/device_maths/library/functions.h"

namespace heddle::device_maths {
namespace {

using E = Extended;

template <class Single, class Double>
Function one(std::string name, double f32, double f64, double low, double high, E (*reference)(E),
             Single single, Double twice) {
    Function f;
    f.name = std::move(name);
    f.bound_f32 = f32, f.bound_f64 = f64;
    f.low = low, f.high = high;
    f.reference = [reference](E x, E) { return reference(x); };
    f.f32 = [single](float x, float) { return single(x); };
    f.f64 = [twice](double x, double) { return twice(x); };
    return f;
}
template <class Single, class Double>
Function two(std::string name, double f32, double f64, double low, double high, E (*reference)(E, E),
             Single single, Double twice) {
    Function f;
    f.name = std::move(name);
    f.arguments = 2;
    f.bound_f32 = f32, f.bound_f64 = f64;
    f.low = low, f.high = high;
    f.reference = reference;
    f.f32 = single, f.f64 = twice;
    return f;
}
// Bounded for |x| < 8 in ULP, beyond that absolutely.
template <class Single, class Double>
Function bessel(std::string name, E (*reference)(E), Single single, Double twice) {
    Function f = one(std::move(name), 9, 7, -8, 40, reference, single, twice);
    f.holds = [](E x, E, int) { return std::fabs(x) < 8; };
    f.absolute_f32 = 2.2e-6, f.absolute_f64 = 5e-12;
    f.share = 0.2;
    return f;
}

E tangent_of_half_turns(E x) {
    if (!std::isfinite(x)) return std::numeric_limits<E>::quiet_NaN();
    const E s = conformance::ref_sinpi(x), c = conformance::ref_cospi(x);
    // Zeros and poles as IEEE 754 has them: tanpi(n) is of n's sign for even n, of the other for odd n.
    if (s == 0) return c > 0 ? s : -s;
    if (c == 0) return std::copysign(std::numeric_limits<E>::infinity(), s);
    return s / c;
}

// The intrinsics' bounds hold over part of the arguments: in ULP (f32 only), or absolutely.
Function fast(std::string name, double ulp, double absolute, double low, double high, E (*reference)(E),
              float (*function)(float), std::function<bool(E)> in_ulp) {
    Function f = one(std::move(name), ulp, 0, low, high, reference, function, [](double x) { return x; });
    f.f64 = {};
    f.holds = [in_ulp = std::move(in_ulp)](E x, E, int) { return in_ulp(x); };
    f.absolute_f32 = absolute;
    return f;
}

std::vector<Function> table() {
    std::vector<Function> all{
        one(
            "sin", 2, 2, -100, 100, [](E x) { return std::sin(x); }, heddle_sin_f32, heddle_sin_f64),
        one(
            "cos", 2, 2, -100, 100, [](E x) { return std::cos(x); }, heddle_cos_f32, heddle_cos_f64),
        one(
            "tan", 4, 2, -100, 100, [](E x) { return std::tan(x); }, heddle_tan_f32, heddle_tan_f64),
        one(
            "asin", 2, 2, -1, 1, [](E x) { return std::asin(x); }, heddle_asin_f32, heddle_asin_f64),
        one(
            "acos", 2, 2, -1, 1, [](E x) { return std::acos(x); }, heddle_acos_f32, heddle_acos_f64),
        one(
            "atan", 2, 2, -10, 10, [](E x) { return std::atan(x); }, heddle_atan_f32, heddle_atan_f64),
        one(
            "sinh", 3, 2, -90, 90, [](E x) { return std::sinh(x); }, heddle_sinh_f32, heddle_sinh_f64),
        one(
            "cosh", 2, 1, -90, 90, [](E x) { return std::cosh(x); }, heddle_cosh_f32, heddle_cosh_f64),
        one(
            "tanh", 2, 1, -5, 5, [](E x) { return std::tanh(x); }, heddle_tanh_f32, heddle_tanh_f64),
        one(
            "asinh", 3, 3, -50, 50, [](E x) { return std::asinh(x); }, heddle_asinh_f32, heddle_asinh_f64),
        one(
            "acosh", 4, 3, 1, 50, [](E x) { return std::acosh(x); }, heddle_acosh_f32, heddle_acosh_f64),
        one(
            "atanh", 3, 2, -1, 1, [](E x) { return std::atanh(x); }, heddle_atanh_f32, heddle_atanh_f64),
        one("sinpi", 1, 2, -5, 5, conformance::ref_sinpi, heddle_sinpi_f32, heddle_sinpi_f64),
        one("cospi", 1, 2, -5, 5, conformance::ref_cospi, heddle_cospi_f32, heddle_cospi_f64),
        one("tanpi", 4, 4, -5, 5, tangent_of_half_turns, heddle_tanpi_f32, heddle_tanpi_f64),
        one(
            "exp", 2, 1, -90, 90, [](E x) { return std::exp(x); }, heddle_exp_f32, heddle_exp_f64),
        one(
            "exp2", 2, 1, -130, 130, [](E x) { return std::exp2(x); }, heddle_exp2_f32, heddle_exp2_f64),
        one("exp10", 2, 1, -39, 39, conformance::ref_exp10, heddle_exp10_f32, heddle_exp10_f64),
        one(
            "expm1", 1, 1, -5, 5, [](E x) { return std::expm1(x); }, heddle_expm1_f32, heddle_expm1_f64),
        one(
            "log", 1, 1, 0, 10, [](E x) { return std::log(x); }, heddle_log_f32, heddle_log_f64),
        one(
            "log2", 1, 1, 0, 10, [](E x) { return std::log2(x); }, heddle_log2_f32, heddle_log2_f64),
        one(
            "log10", 2, 1, 0, 10, [](E x) { return std::log10(x); }, heddle_log10_f32, heddle_log10_f64),
        one(
            "log1p", 1, 1, -1, 10, [](E x) { return std::log1p(x); }, heddle_log1p_f32, heddle_log1p_f64),
        one(
            "cbrt", 1, 1, -100, 100, [](E x) { return std::cbrt(x); }, heddle_cbrt_f32, heddle_cbrt_f64),
        one(
            "rcbrt", 1, 1, -100, 100, [](E x) { return 1 / std::cbrt(x); }, heddle_rcbrt_f32,
            heddle_rcbrt_f64),
        one(
            "erf", 2, 2, -4, 4, [](E x) { return std::erf(x); }, heddle_erf_f32, heddle_erf_f64),
        one(
            "erfc", 4, 5, -4, 10, [](E x) { return std::erfc(x); }, heddle_erfc_f32, heddle_erfc_f64),
        one("erfinv", 2, 5, -1, 1, conformance::ref_erfinv, heddle_erfinv_f32, heddle_erfinv_f64),
        one("erfcinv", 4, 6, 0, 2, conformance::ref_erfcinv, heddle_erfcinv_f32, heddle_erfcinv_f64),
        one("erfcx", 4, 4, -5, 30, conformance::ref_erfcx, heddle_erfcx_f32, heddle_erfcx_f64),
        one("normcdf", 5, 5, -14, 6, conformance::ref_normcdf, heddle_normcdf_f32, heddle_normcdf_f64),
        one("normcdfinv", 5, 8, 0, 1, conformance::ref_normcdfinv, heddle_normcdfinv_f32,
            heddle_normcdfinv_f64),
        one("tgamma", 5, 10, -10, 36, conformance::ref_tgamma, heddle_tgamma_f32, heddle_tgamma_f64),
        one("lgamma", 6, 4, -30, 60, conformance::ref_lgamma, heddle_lgamma_f32, heddle_lgamma_f64),
        bessel("j0", conformance::ref_j0, heddle_j0_f32, heddle_j0_f64),
        bessel("j1", conformance::ref_j1, heddle_j1_f32, heddle_j1_f64),
        bessel("y0", conformance::ref_y0, heddle_y0_f32, heddle_y0_f64),
        bessel("y1", conformance::ref_y1, heddle_y1_f32, heddle_y1_f64),
        one("i0", 6, 6, -60, 60, conformance::ref_bessel_i0, heddle_i0_f32, heddle_i0_f64),
        one("i1", 6, 6, -60, 60, conformance::ref_bessel_i1, heddle_i1_f32, heddle_i1_f64),
        two(
            "atan2", 3, 2, -10, 10, [](E y, E x) { return std::atan2(y, x); }, heddle_atan2_f32,
            heddle_atan2_f64),
        two(
            "hypot", 3, 2, -100, 100, [](E x, E y) { return std::hypot(x, y); }, heddle_hypot_f32,
            heddle_hypot_f64),
        two(
            "rhypot", 2, 1, -100, 100, [](E x, E y) { return 1 / std::hypot(x, y); }, heddle_rhypot_f32,
            heddle_rhypot_f64),
        two(
            "pow", 4, 2, 0, 20, [](E x, E y) { return std::pow(x, y); }, heddle_pow_f32, heddle_pow_f64),
    };
    for (Function& f : all)
        if (f.name == "lgamma")
            f.holds = [](E x, E, int digits) {
                return digits == 24 ? !(x > -10.001L && x < -2.264L) : !(x > -23.0001L && x < -2.2637L);
            };
    const auto nowhere = [](E x) { return !(std::fabs(x) <= 3.1415927L); };
    const auto outside = [](E x) { return !(x >= 0.5L && x <= 2); };
    constexpr double unbounded = std::numeric_limits<double>::infinity();
    const auto angles = [&](std::string name, double absolute, E (*reference)(E), float (*function)(float)) {
        all.push_back(fast(std::move(name), unbounded, absolute, -3.15, 3.15, reference, function, nowhere));
    };
    angles("fast.sin", 0x1p-21, [](E x) { return std::sin(x); }, heddle_fast_sin_f32);
    angles("fast.cos", 0x1p-21, [](E x) { return std::cos(x); }, heddle_fast_cos_f32);
    all.push_back(fast(
        "fast.tan", 11, 0, -1.5, 1.5, [](E x) { return std::tan(x); }, heddle_fast_tan_f32,
        [](E x) { return std::fabs(x) < 1.57L; }));
    const auto logarithm = [&](std::string name, double ulp, double absolute, E (*reference)(E),
                               float (*function)(float)) {
        all.push_back(fast(std::move(name), ulp, absolute, 0, 10, reference, function, outside));
    };
    logarithm("fast.log", 3, 0x1p-21, [](E x) { return std::log(x); }, heddle_fast_log_f32);
    logarithm("fast.log2", 2, 0x1p-22, [](E x) { return std::log2(x); }, heddle_fast_log2_f32);
    logarithm("fast.log10", 2, 0x1p-24, [](E x) { return std::log10(x); }, heddle_fast_log10_f32);
    // CUDA's bound grows with |x|, to about 105 ULP at the ends; results below the normal numbers may be 0.
    all.push_back(fast(
        "fast.exp", 2, 0, -2, 2, [](E x) { return std::exp(x); }, heddle_fast_exp_f32,
        [](E x) { return std::fabs(x) < 1.7L; }));
    all.push_back(fast(
        "fast.exp", 105, 0x1p-126, -87, 88, [](E x) { return std::exp(x); }, heddle_fast_exp_f32,
        [](E x) { return !(x < -87.3L); }));
    all.push_back(fast("fast.exp10", 115, 0x1p-126, -37, 38, conformance::ref_exp10, heddle_fast_exp10_f32,
                       [](E x) { return !(x < -37.9L); }));
    Function quotient = two(
        "fast.div", 2, 0, -100, 100, [](E x, E y) { return x / y; }, heddle_fast_div_f32,
        [](double x, double) { return x; });
    quotient.f64 = {};
    all.push_back(quotient);
    Function power = two(
        "fast.pow", 200, 0, 0, 5, [](E x, E y) { return std::pow(x, y); }, heddle_fast_pow_f32,
        [](double x, double) { return x; });
    power.f64 = {};
    power.holds = [](E x, E y, int) { return x > 1e-30L && x < 1e30L && std::fabs(y * std::log2(x)) < 125; };
    all.push_back(power);
    return all;
}

template <class Single, class Double>
Function exact(std::string name, E (*reference)(E, E), Single single, Double twice, int arguments = 2) {
    Function f = two(std::move(name), 0, 0, -20, 20, reference, single, twice);
    f.arguments = arguments;
    return f;
}

}  // namespace

const std::vector<Function>& functions() {
    static const std::vector<Function> all = table();
    return all;
}

const std::vector<Function>& exact_functions() {
    static const std::vector<Function> all{
        exact(
            "fmod", [](E x, E y) { return std::fmod(x, y); }, heddle_fmod_f32, heddle_fmod_f64),
        exact(
            "remainder", [](E x, E y) { return std::remainder(x, y); }, heddle_remainder_f32,
            heddle_remainder_f64),
        exact(
            "logb", [](E x, E) { return std::logb(x); }, [](float x, float) { return heddle_logb_f32(x); },
            [](double x, double) { return heddle_logb_f64(x); }, 1),
    };
    return all;
}

}  // namespace heddle::device_maths
