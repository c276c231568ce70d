// Cases on mathematical functions: each one's worst error over random and special arguments against extended
// precision, held under the bound that CUDA's programming guide documents.
#include <array>
#include <cfloat>
#include <climits>
#include <map>

#include "conformance/case.h"
#include "conformance/maths_reference.h"
#include "conformance/report.h"
#include "conformance/ulp.h"

namespace heddle::conformance {
namespace {

// A function of one to three arguments.
struct Function {
    std::string name;
    int arguments = 1;
    double low = -10, high = 10;  // where most random arguments lie
    double bound_f32 = 0, bound_f64 = 0;
    std::function<Extended(Extended, Extended, Extended)> reference;
    // Where the bound holds, the type's digits given (24 or 53); everywhere when empty.
    std::function<bool(Extended, Extended, int digits)> holds = {};
    double absolute_f32 = 0,
           absolute_f64 = 0;  // bounds of the absolute error outside `holds`; 0: not measured there
    double share = 1;         // of the usual number of arguments, for slow references
};

template <class T>
std::vector<T> special_values() {
    using L = std::numeric_limits<T>;
    std::vector<T> v{0,
                     1,
                     T(0.5),
                     2,
                     3,
                     10,
                     T(1.5),
                     T(0.25),
                     T(1e-5),
                     100,
                     L::min(),
                     L::max(),
                     L::epsilon(),
                     L::denorm_min(),
                     L::infinity(),
                     T(88.5),
                     T(710),
                     T(3.14159265358979),
                     T(1.5707963267948966),
                     T(0.7071067811865476),
                     T(1e10),
                     T(1e15),
                     T(2.718281828459045),
                     T(0.6931471805599453)};
    for (int k = 1; k < 12; ++k) v.push_back(static_cast<T>(k * 1.57079632679489661923L));
    for (int k = 4; k < 20; ++k) v.push_back(static_cast<T>(k));
    const std::size_t positive = v.size();
    for (std::size_t i = 0; i < positive; ++i) v.push_back(-v[i]);
    v.push_back(L::quiet_NaN());
    return v;
}

template <class T>
T random_argument(std::mt19937_64& random, double low, double high) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    static const std::vector<T> specials = special_values<T>();
    switch (random() % 8) {
        case 0: {
            const Bits bits = static_cast<Bits>(random());
            T value;
            std::memcpy(&value, &bits, sizeof value);
            return value;
        }
        case 1: {  // any magnitude of everyday sizes
            const T value = static_cast<T>(std::ldexp(1 + static_cast<double>(random() >> 11) * 0x1p-53,
                                                      static_cast<int>(random() % 80) - 40));
            return random() & 1 ? value : -value;
        }
        case 2: {  // next to a special value
            T value = specials[random() % specials.size()];
            for (auto steps = random() % 4; steps > 0; --steps)
                value = std::nextafter(value, random() & 1 ? T(INFINITY) : T(-INFINITY));
            return value;
        }
        default:
            return static_cast<T>(std::uniform_real_distribution<double>(low, high)(random));
    }
}

template <class T>
struct Samples {
    std::array<std::vector<T>, 3> arguments;
    std::vector<Extended> exact;
};

// The arguments and exact results of a function: made once, used for every device.
template <class T>
const Samples<T>& samples_of(Context& t, const Function& f) {
    static std::map<std::string, Samples<T>> made;
    Samples<T>& s = made[f.name];
    if (!s.exact.empty()) return s;
    std::mt19937_64 random(std::hash<std::string>()(f.name) ^ t.setup().seed);
    const auto specials = special_values<T>();
    const auto add = [&](T x, T y, T z) {
        s.arguments[0].push_back(x);
        s.arguments[1].push_back(y);
        s.arguments[2].push_back(z);
        s.exact.push_back(
            f.reference(static_cast<Extended>(x), static_cast<Extended>(y), static_cast<Extended>(z)));
    };
    for (const T x : specials) {
        if (f.arguments == 1) add(x, 0, 0);
        if (f.arguments > 1)
            for (std::size_t k = 0; k < specials.size(); k += f.arguments == 2 ? 1 : 5)
                add(x, specials[k], T(1));
    }
    const std::size_t count = t.scaled(static_cast<std::size_t>(30000 * f.share), 1000);
    for (std::size_t i = 0; i < count; ++i) {
        const T x = random_argument<T>(random, f.low, f.high), y = random_argument<T>(random, f.low, f.high),
                z = random_argument<T>(random, f.low, f.high);
        add(x, y, z);
    }
    return s;
}

std::string input_text(const Function& f, double x, double y, double z) {
    std::string text = fmt::format("{:.17g}", x);
    if (f.arguments > 1) text += fmt::format(", {:.17g}", y);
    if (f.arguments > 2) text += fmt::format(", {:.17g}", z);
    return text;
}

template <class T>
void accuracy(Context& t, const Function& f) {
    constexpr int digits = std::numeric_limits<T>::digits;
    const double bound = digits == 24 ? f.bound_f32 : f.bound_f64;
    const double absolute_bound = digits == 24 ? f.absolute_f32 : f.absolute_f64;
    const std::string type = digits == 24 ? "f32" : "f64", kernel = type + "_" + f.name;
    const Samples<T>& s = samples_of<T>(t, f);
    const std::size_t n = s.exact.size();
    Buffer out = t.zeros<T>(n);
    const auto& [x, y, z] = s.arguments;
    if (f.arguments == 1)
        t.over(kernel, n, t.upload(x), out);
    else if (f.arguments == 2)
        t.over(kernel, n, t.upload(x), t.upload(y), out);
    else
        t.over(kernel, n, t.upload(x), t.upload(y), t.upload(z), out);
    const auto got = t.download<T>(out);

    double worst = -1, worst_absolute = -1;
    std::size_t at = 0, at_absolute = 0, zeros_wrong = 0, zero_at = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const Extended exact = s.exact[i];
        // the sign of an exact zero
        if (exact == 0 && got[i] == 0 && std::signbit(exact) != std::signbit(got[i]) && zeros_wrong++ == 0)
            zero_at = i;
        if (f.holds && !f.holds(static_cast<Extended>(x[i]), static_cast<Extended>(y[i]), digits)) {
            if (absolute_bound == 0) continue;
            const Extended difference = std::fabs(static_cast<Extended>(got[i]) - exact);
            const double error = std::isnan(got[i]) || std::isnan(exact)
                                     ? (std::isnan(got[i]) && std::isnan(exact) ? 0 : INFINITY)
                                 : static_cast<Extended>(got[i]) == exact ? 0
                                                                          : static_cast<double>(difference);
            if (error > worst_absolute) worst_absolute = error, at_absolute = i;
            continue;
        }
        const double error = ulp_error(got[i], exact);
        if (error > worst) worst = error, at = i;
    }
    const auto judge = [&](double error, double limit, double room, std::size_t i, const std::string& name,
                           const char* unit) {
        const std::string input =
            input_text(f, static_cast<double>(x[i]), static_cast<double>(y[i]), static_cast<double>(z[i]));
        report().add(Accuracy{t.device().id(), name, type, error, limit, unit, input});
        if (!(error <= limit + room))
            t.fail(fmt::format("{} {}: error {:.4g} {} over the bound {} at ({}): got {}, exact {:.20g}",
                               type, name, error, unit, limit, input, shown(got[i]), s.exact[i]));
    };
    // CUDA states bounds against the correctly rounded result, which lies half a unit from the exact one at
    // most.
    if (worst >= 0) judge(worst, bound, 0.501, at, f.name, "ULP");
    if (worst_absolute >= 0)
        judge(worst_absolute, absolute_bound, 0, at_absolute, f.name + " beyond", "absolute");
    if (zeros_wrong)
        t.fail(fmt::format("{}: {} zeros have the wrong sign, the first at ({})", kernel, zeros_wrong,
                           input_text(f, static_cast<double>(x[zero_at]), static_cast<double>(y[zero_at]),
                                      static_cast<double>(z[zero_at]))));
}

using E = Extended;
using F1 = E (*)(E);

Function one(std::string name, double f32, double f64, double low, double high, F1 reference) {
    Function f;
    f.name = std::move(name);
    f.bound_f32 = f32, f.bound_f64 = f64;
    f.low = low, f.high = high;
    f.reference = [reference](E x, E, E) { return reference(x); };
    return f;
}
Function two(std::string name, double f32, double f64, double low, double high, E (*reference)(E, E)) {
    Function f;
    f.name = std::move(name);
    f.arguments = 2;
    f.bound_f32 = f32, f.bound_f64 = f64;
    f.low = low, f.high = high;
    f.reference = [reference](E x, E y, E) { return reference(x, y); };
    return f;
}
Function three(std::string name, double f32, double f64, E (*reference)(E, E, E)) {
    Function f;
    f.name = std::move(name);
    f.arguments = 3;
    f.bound_f32 = f32, f.bound_f64 = f64;
    f.low = -100, f.high = 100;
    f.reference = reference;
    return f;
}
// CUDA bounds these for |x| < 8 in ULP, beyond that absolutely.
Function bessel(std::string name, F1 reference) {
    Function f = one(std::move(name), 9, 7, -8, 40, reference);
    f.holds = [](E x, E, int) { return std::fabs(x) < 8; };
    f.absolute_f32 = 2.2e-6, f.absolute_f64 = 5e-12;
    f.share = 0.1;
    return f;
}

bool any_infinite(E a, E b, E c) {
    return std::isinf(a) || std::isinf(b) || std::isinf(c);
}
E norm(E a, E b, E c, E d) {
    if (any_infinite(a, b, c) || std::isinf(d)) return INFINITY;
    return std::hypot(std::hypot(a, b), std::hypot(c, d));
}
E norm3(E a, E b, E c) {
    return norm(a, b, c, 0);
}
E norm4(E a, E b, E c) {
    return norm(a, b, c, a);
}

// name, bound in f32, bound in f64 (CUDA C++ Programming Guide, appendix on mathematical functions), usual
// arguments
std::vector<Function> table() {
    std::vector<Function> all{
        one("sin", 2, 2, -100, 100, [](E x) { return std::sin(x); }),
        one("cos", 2, 2, -100, 100, [](E x) { return std::cos(x); }),
        one("tan", 4, 2, -100, 100, [](E x) { return std::tan(x); }),
        one("asin", 2, 2, -1, 1, [](E x) { return std::asin(x); }),
        one("acos", 2, 2, -1, 1, [](E x) { return std::acos(x); }),
        one("atan", 2, 2, -10, 10, [](E x) { return std::atan(x); }),
        one("sinh", 3, 2, -90, 90, [](E x) { return std::sinh(x); }),
        one("cosh", 2, 1, -90, 90, [](E x) { return std::cosh(x); }),
        one("tanh", 2, 1, -5, 5, [](E x) { return std::tanh(x); }),
        one("asinh", 3, 3, -50, 50, [](E x) { return std::asinh(x); }),
        one("acosh", 4, 3, 1, 50, [](E x) { return std::acosh(x); }),
        one("atanh", 3, 2, -1, 1, [](E x) { return std::atanh(x); }),
        one("sinpi", 1, 2, -5, 5, ref_sinpi),
        one("cospi", 1, 2, -5, 5, ref_cospi),
        one("exp", 2, 1, -90, 90, [](E x) { return std::exp(x); }),
        one("exp2", 2, 1, -130, 130, [](E x) { return std::exp2(x); }),
        one("exp10", 2, 1, -39, 39, ref_exp10),
        one("expm1", 1, 1, -5, 5, [](E x) { return std::expm1(x); }),
        one("log", 1, 1, 0, 10, [](E x) { return std::log(x); }),
        one("log2", 1, 1, 0, 10, [](E x) { return std::log2(x); }),
        one("log10", 2, 1, 0, 10, [](E x) { return std::log10(x); }),
        one("log1p", 1, 1, -1, 10, [](E x) { return std::log1p(x); }),
        one("sqrt", 0, 0, 0, 100, [](E x) { return std::sqrt(x); }),
        one("rsqrt", 2, 1, 0, 100, [](E x) { return 1 / std::sqrt(x); }),
        one("cbrt", 1, 1, -100, 100, [](E x) { return std::cbrt(x); }),
        one("rcbrt", 1, 1, -100, 100, [](E x) { return 1 / std::cbrt(x); }),
        one("erf", 2, 2, -4, 4, [](E x) { return std::erf(x); }),
        one("erfc", 4, 5, -4, 10, [](E x) { return std::erfc(x); }),
        one("erfinv", 2, 5, -1, 1, ref_erfinv),
        one("erfcinv", 4, 6, 0, 2, ref_erfcinv),
        one("erfcx", 4, 4, -5, 30, ref_erfcx),
        one("normcdf", 5, 5, -14, 6, ref_normcdf),
        one("normcdfinv", 5, 8, 0, 1, ref_normcdfinv),
        one("tgamma", 5, 10, -10, 36, ref_tgamma),
        one("lgamma", 6, 4, -30, 60, ref_lgamma),
        bessel("j0", ref_j0),
        bessel("j1", ref_j1),
        bessel("y0", ref_y0),
        bessel("y1", ref_y1),
        one("cyl_bessel_i0", 6, 6, -60, 60, ref_bessel_i0),
        one("cyl_bessel_i1", 6, 6, -60, 60, ref_bessel_i1),
        two("atan2", 3, 2, -10, 10, [](E y, E x) { return std::atan2(y, x); }),
        two("hypot", 3, 2, -100, 100, [](E x, E y) { return std::hypot(x, y); }),
        two("rhypot", 2, 1, -100, 100, [](E x, E y) { return 1 / std::hypot(x, y); }),
        two("pow", 4, 2, 0, 20, [](E x, E y) { return std::pow(x, y); }),
        three("norm3d", 3, 2, norm3),
        three("rnorm3d", 2, 1, [](E a, E b, E c) { return 1 / norm3(a, b, c); }),
        three("norm4d", 3, 2, norm4),
        three("rnorm4d", 2, 1, [](E a, E b, E c) { return 1 / norm4(a, b, c); }),
    };
    for (Function& f : all)
        if (f.name == "lgamma")
            f.holds = [](E x, E, int digits) {
                return digits == 24 ? !(x > -10.001L && x < -2.264L) : !(x > -23.0001L && x < -2.2637L);
            };
    return all;
}

// ---- functions that are exact
template <class T>
std::vector<T> arguments(Context& t, std::size_t count) {
    std::vector<T> v = special_values<T>();
    for (std::size_t i = 0; i < count; ++i) v.push_back(random_argument<T>(t.random(), -20, 20));
    for (int i = -40; i < 40; ++i)
        v.push_back(static_cast<T>(i) + T(0.5)),
            v.push_back(std::nextafter(static_cast<T>(i) + T(0.5), T(0)));
    return v;
}

template <class T>
std::string prefix() {
    return sizeof(T) == 4 ? "f32_" : "f64_";
}

template <class T>
void exact_unary(Context& t) {
    const auto in = arguments<T>(t, t.scaled(20000, 500));
    t.map<T>(prefix<T>() + "fabs", in, [](T x) { return std::fabs(x); });
    t.map<T>(prefix<T>() + "floor", in, [](T x) { return std::floor(x); });
    t.map<T>(prefix<T>() + "ceil", in, [](T x) { return std::ceil(x); });
    t.map<T>(prefix<T>() + "trunc", in, [](T x) { return std::trunc(x); });
    t.map<T>(prefix<T>() + "round", in, [](T x) { return std::round(x); });
    t.map<T>(prefix<T>() + "rint", in, [](T x) { return std::rint(x); });
    t.map<T>(prefix<T>() + "nearbyint", in, [](T x) { return std::nearbyint(x); });
    t.map<T>(prefix<T>() + "logb", in, [](T x) { return std::logb(x); });
}

template <class T>
void exact_binary(Context& t, std::string_view name, T (*reference)(T, T),
                  bool zeros_of_either_sign = false) {
    auto a = arguments<T>(t, t.scaled(20000, 500));
    auto b = arguments<T>(t, t.scaled(20000, 500));
    std::ranges::shuffle(b, t.random());
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (zeros_of_either_sign && a[i] == 0 && b[i] == 0)
            b[i] = 1;  // which zero is the smaller is left open
        if (i % 7 == 0) b[i] = a[i];
        if (zeros_of_either_sign && i % 7 == 0 && a[i] == 0) b[i] = 2;
    }
    t.map2<T>(prefix<T>() + std::string(name), a, b, reference);
}

template <class T>
void exact_binaries(Context& t) {
    exact_binary<T>(t, "fmod", [](T x, T y) { return std::fmod(x, y); });
    exact_binary<T>(t, "remainder", [](T x, T y) { return std::remainder(x, y); });
    exact_binary<T>(t, "nextafter", [](T x, T y) { return std::nextafter(x, y); });
    exact_binary<T>(t, "fdim", [](T x, T y) { return std::fdim(x, y); });
    exact_binary<T>(t, "fmin", [](T x, T y) { return std::fmin(x, y); }, true);
    exact_binary<T>(t, "fmax", [](T x, T y) { return std::fmax(x, y); }, true);
    exact_binary<T>(t, "copysign", [](T x, T y) { return std::copysign(x, y); });
}

template <class T>
void fused(Context& t) {
    auto a = arguments<T>(t, 20000), b = arguments<T>(t, 20000), c = arguments<T>(t, 20000);
    std::ranges::shuffle(b, t.random());
    std::ranges::shuffle(c, t.random());
    for (std::size_t i = 0; i < a.size(); i += 3)
        c[i] = -a[i] * b[i];  // what is left is the product's rounding error
    t.map3<T>(prefix<T>() + "fma", a, b, c, [](T x, T y, T z) { return std::fma(x, y, z); });
}

template <class T>
void two_results(Context& t) {
    const auto in = arguments<T>(t, 5000);
    const std::size_t n = in.size();
    Buffer x = t.upload(in), out = t.zeros<T>(2 * n), ints = t.zeros<int>(n);
    const auto both = [&](const char* what, auto first, auto second, double bound) {
        const auto got = t.download<T>(out);
        for (std::size_t i = 0; i < n; ++i) {
            const Extended e = static_cast<Extended>(in[i]);
            for (const auto& [g, exact] : {std::pair{got[i], first(e)}, std::pair{got[n + i], second(e)}})
                if (!(ulp_error(g, exact) <= bound + 0.501))
                    return t.fail(
                        fmt::format("{} of {}: got {}, exact {:.20g}", what, shown(in[i]), shown(g), exact));
        }
    };
    t.over(prefix<T>() + "sincos", n, x, out);
    both("sincos", [](E e) { return std::sin(e); }, [](E e) { return std::cos(e); }, 2);
    t.over(prefix<T>() + "sincospi", n, x, out);
    both("sincospi", ref_sinpi, ref_cospi, 2);

    t.over(prefix<T>() + "modf", n, x, out);
    std::vector<T> want(2 * n);
    for (std::size_t i = 0; i < n; ++i) want[i] = std::modf(in[i], &want[n + i]);
    t.equal(t.download<T>(out), want, "modf", [&](std::size_t i) { return shown(in[i % n]); });

    Buffer mantissas = t.zeros<T>(n);
    t.over(prefix<T>() + "frexp", n, x, mantissas, ints);
    std::vector<int> exponents(n);
    want.resize(n);
    for (std::size_t i = 0; i < n; ++i) want[i] = std::frexp(in[i], &exponents[i]);
    auto got_exponents = t.download<int>(ints);
    for (std::size_t i = 0; i < n; ++i)
        if (!std::isfinite(in[i])) got_exponents[i] = exponents[i] = 0;  // unspecified
    t.equal(t.download<T>(mantissas), want, "frexp", [&](std::size_t i) { return shown(in[i]); });
    t.equal(got_exponents, exponents, "frexp's exponent", [&](std::size_t i) { return shown(in[i]); });

    t.over(prefix<T>() + "ilogb", n, x, ints);
    std::vector<int> logs;
    for (const T v : in)
        logs.push_back(v == 0 || std::isnan(v) ? INT_MIN : std::isinf(v) ? INT_MAX : std::ilogb(v));
    t.equal(t.download<int>(ints), logs, "ilogb", [&](std::size_t i) { return shown(in[i]); });
}

template <class T>
void remquo(Context& t) {
    auto a = arguments<T>(t, 5000), b = arguments<T>(t, 5000);
    std::ranges::shuffle(b, t.random());
    const std::size_t n = a.size();
    Buffer out = t.zeros<T>(n), quotients = t.zeros<int>(n);
    t.over(prefix<T>() + "remquo", n, t.upload(a), t.upload(b), out, quotients);
    std::vector<T> want(n);
    std::vector<int> low(n);
    for (std::size_t i = 0; i < n; ++i) want[i] = std::remquo(a[i], b[i], &low[i]);
    auto got = t.download<int>(quotients);
    for (std::size_t i = 0; i < n; ++i) {
        if (std::isnan(want[i])) got[i] = low[i] = 0;  // unspecified
        got[i] = got[i] < 0 ? -(-got[i] & 7) : got[i] & 7;
        low[i] = low[i] < 0 ? -(-low[i] & 7) : low[i] & 7;
    }
    const auto describe = [&](std::size_t i) { return shown(a[i]) + ", " + shown(b[i]); };
    t.equal(t.download<T>(out), want, "remquo", describe);
    t.equal(got, low, "remquo's quotient", describe);
}

template <class T>
void ldexp(Context& t) {
    const auto in = arguments<T>(t, 5000);
    const std::size_t n = in.size();
    auto exponents = t.uniform<int>(n, -2300, 2300);
    for (std::size_t i = 0; i < n; i += 2) exponents[i] /= 16;
    exponents[0] = INT_MAX, exponents[1] = INT_MIN;
    Buffer out = t.zeros<T>(2 * n);
    t.over(prefix<T>() + "ldexp", n, t.upload(in), t.upload(exponents), out);
    std::vector<T> want;
    for (std::size_t i = 0; i < n; ++i) want.push_back(std::ldexp(in[i], exponents[i]));
    want.insert(want.end(), want.begin(), want.begin() + static_cast<std::ptrdiff_t>(n));
    t.equal(t.download<T>(out), want, "ldexp",
            [&](std::size_t i) { return fmt::format("{}, {}", shown(in[i % n]), exponents[i % n]); });
}

template <class T>
void to_integers(Context& t) {
    auto in = arguments<T>(t, 5000);
    std::erase_if(in, [](T x) { return !(std::fabs(x) < T(9e18)); });
    const std::size_t n = in.size();
    Buffer out = t.zeros<long long>(4 * n);
    t.over(prefix<T>() + "to_integers", n, t.upload(in), out);
    std::vector<long long> want(4 * n);
    for (std::size_t i = 0; i < n; ++i) {
        want[i] = want[n + i] = std::llrint(in[i]);
        want[2 * n + i] = want[3 * n + i] = std::llround(in[i]);
    }
    t.equal(t.download<long long>(out), want, "lrint, llrint, lround, llround",
            [&](std::size_t i) { return shown(in[i % n]); });
}

template <class T>
void classify(Context& t) {
    t.map<int>(prefix<T>() + "classify", arguments<T>(t, 3000), [](T x) {
        return int{std::isnan(x)} | std::isinf(x) << 1 | std::isfinite(x) << 2 | std::signbit(x) << 3;
    });
}

template <class T>
void overloads(Context& t) {
    const auto in = t.uniform<T>(500, T(0), T(50));
    Buffer out = t.zeros<T>(1500);
    t.over(prefix<T>() + "overloads", 500, t.upload(in), out);
    std::vector<T> want(1500);
    for (std::size_t i = 0; i < 500; ++i) {
        const T x = in[i];
        want[i] = want[500 + i] = std::sqrt(x) + std::fabs(x) + std::floor(x) + std::fmax(x, T(2));
        want[1000 + i] = x + std::min(x, T(2)) + std::max(x, T(3));
    }
    t.equal(t.download<T>(out), want, "overloads");
}

// CUDA bounds jn and yn only for large orders or arguments; low orders are asked to be as good as j0.
template <class T>
void bessel_n(Context& t) {
    const double bound = sizeof(T) == 4 ? 2.2e-6 : 5e-12;
    const auto in = t.uniform<T>(400, T(0.5), T(40));
    const std::size_t n = in.size();
    for (const int order : {0, 1, 2, 3, 7}) {
        Buffer out = t.zeros<T>(2 * n);
        t.over(prefix<T>() + "bessel_n", n, t.upload(in), out, order);
        const auto got = t.download<T>(out);
        for (std::size_t i = 0; i < n; ++i) {
            const Extended x = static_cast<Extended>(in[i]), j = ref_jn(order, x), y = ref_yn(order, x);
            if (std::fabs(static_cast<Extended>(got[i]) - j) > bound * 2)
                return t.fail(
                    fmt::format("jn({}, {}) is {}, exact {:.20g}", order, shown(in[i]), shown(got[i]), j));
            if (std::fabs(static_cast<Extended>(got[n + i]) - y) >
                bound * 8 * std::max(Extended{1}, std::fabs(y)))
                return t.fail(fmt::format("yn({}, {}) is {}, exact {:.20g}", order, shown(in[i]),
                                          shown(got[n + i]), y));
        }
    }
}

template <class T>
std::vector<Case> cases() {
    std::vector<Case> all;
    for (const Function& f : table()) all.push_back({f.name, [f](Context& t) { accuracy<T>(t, f); }});
    const std::vector<Case> more{
        {"exact_unary", exact_unary<T>},
        {"exact_binary", exact_binaries<T>},
        {"fma", fused<T>},
        {"two_results", two_results<T>},
        {"remquo", remquo<T>},
        {"ldexp", ldexp<T>},
        {"to_integers", to_integers<T>},
        {"classify", classify<T>},
        {"overloads", overloads<T>},
        {"bessel_n", bessel_n<T>},
    };
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

const Registration single({"maths_f32", "maths_f32", cases<float>()});
const Registration double_precision({"maths_f64", "maths_f64", cases<double>()});

}  // namespace
}  // namespace heddle::conformance
