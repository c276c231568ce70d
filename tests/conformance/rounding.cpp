// Cases on CUDA's fast intrinsics, held under their documented errors, and on arithmetic with a stated
// rounding direction, which must be exact.
#include <array>
#include <cfenv>
#include <cfloat>

#include "conformance/case.h"
#include "conformance/report.h"
#include "conformance/ulp.h"

namespace heddle::conformance {
namespace {

using E = long double;

// Worst error relative to its bound over the given inputs; the bound is in ULP of the exact result.
void fast(Context& t, const std::string& name, const std::vector<float>& x, const std::vector<float>& y,
          const std::function<E(E, E)>& exact, const std::function<double(E, E)>& bound) {
    Buffer out = t.zeros<float>(x.size());
    if (y.empty())
        t.over("fast_" + name, x.size(), t.upload(x), out);
    else
        t.over("fast_" + name, x.size(), t.upload(x), t.upload(y), out);
    const auto got = t.download<float>(out);
    double worst = -1;
    Accuracy found{t.device().id(), "__" + name, "f32", 0, 0, "ULP", ""};
    for (std::size_t i = 0; i < x.size(); ++i) {
        const E a = static_cast<E>(x[i]), b = y.empty() ? 0 : static_cast<E>(y[i]);
        const E want = exact(a, b);
        const double error = ulp_error(got[i], want), limit = bound(a, b);
        if (error / (limit + 0.5) <= worst) continue;
        worst = error / (limit + 0.5);
        found.worst = error, found.bound = limit;
        found.worst_input = fmt::format("{:.9g}", x[i]) + (y.empty() ? "" : fmt::format(", {:.9g}", y[i]));
        if (error > limit + 0.501)
            t.fail(fmt::format("__{}({}): got {}, exact {:.20g}, error {:.4g} ULP over the bound {:.4g}",
                               name, found.worst_input, shown(got[i]), want, error, limit));
    }
    report().add(found);
}

// An absolute error as ULPs of the exact result.
double absolute(E exact, double error) {
    return static_cast<double>(error / ulp_of<float>(exact));
}

std::vector<float> positive(Context& t, double lowest, double highest, std::size_t count = 20000) {
    std::vector<float> v;
    for (const double e : t.uniform<double>(count, std::log2(lowest), std::log2(highest)))
        v.push_back(static_cast<float>(std::exp2(e)));
    return v;
}

void fast_trigonometry(Context& t) {
    const float pi = 3.14159265f;
    const auto x = t.uniform<float>(t.scaled(50000, 1000), -pi, pi);
    const auto sine = [](E a, E) { return std::sin(a); };
    const auto cosine = [](E a, E) { return std::cos(a); };
    fast(t, "sinf", x, {}, sine, [](E a, E) { return absolute(std::sin(a), std::exp2(-21.41)); });
    fast(t, "cosf", x, {}, cosine, [](E a, E) { return absolute(std::cos(a), std::exp2(-21.19)); });
    // derived from __sinf(x) / __cosf(x)
    fast(
        t, "tanf", t.uniform<float>(20000, -1.5f, 1.5f), {}, [](E a, E) { return std::tan(a); },
        [](E a, E) {
            const E s = std::sin(a), c = std::cos(a), es = std::exp2(-21.41L), ec = std::exp2(-21.19L);
            return 2 + absolute(s / c, static_cast<double>(es / std::fabs(c) + std::fabs(s / (c * c)) * ec));
        });
    Buffer out = t.zeros<float>(2 * x.size()), alone = t.zeros<float>(x.size());
    t.over("fast_sincosf", x.size(), t.upload(x), out);
    const auto got = t.download<float>(out);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const E a = static_cast<E>(x[i]);
        if (std::fabs(static_cast<E>(got[i]) - std::sin(a)) > std::exp2(-21.41L) ||
            std::fabs(static_cast<E>(got[x.size() + i]) - std::cos(a)) > std::exp2(-21.19L))
            return t.fail(fmt::format("__sincosf({}) gives {} and {}", x[i], got[i], got[x.size() + i]));
    }
}

void fast_exponentials(Context& t) {
    fast(
        t, "expf", t.uniform<float>(t.scaled(50000, 1000), -86, 88), {}, [](E a, E) { return std::exp(a); },
        [](E a, E) { return 2 + std::floor(std::fabs(1.173 * static_cast<double>(a))); });
    fast(
        t, "exp10f", t.uniform<float>(t.scaled(50000, 1000), -37, 38), {},
        [](E a, E) { return std::pow(10.0L, a); },
        [](E a, E) { return 2 + std::floor(std::fabs(2.97 * static_cast<double>(a))); });
}

void fast_logarithms(Context& t) {
    const auto wide = positive(t, 1.2e-38, 3e38), narrow = positive(t, 0.4, 2.2);
    struct Row {
        const char* name;
        E (*exact)(E);
        double error, ulp;  // absolute within [0.5, 2], ULP outside
    };
    for (const Row& r : {Row{"logf", [](E a) { return std::log(a); }, std::exp2(-21.41), 3},
                         Row{"log2f", [](E a) { return std::log2(a); }, std::exp2(-22.0), 2},
                         Row{"log10f", [](E a) { return std::log10(a); }, std::exp2(-24.0), 3}})
        for (const auto& x : {wide, narrow})
            fast(
                t, r.name, x, {}, [&](E a, E) { return r.exact(a); },
                [&](E a, E) { return a >= 0.5L && a <= 2 ? absolute(r.exact(a), r.error) : r.ulp; });
}

void fast_power(Context& t) {
    std::vector<float> x, y;
    for (const float a : positive(t, 1e-6, 1e6))
        for (const float b : t.uniform<float>(1, -6, 6))
            if (std::fabs(b * std::log2(a)) < 120) x.push_back(a), y.push_back(b);
    // exp2f(y * __log2f(x)): the error of the logarithm and of the product, magnified by the exponential
    fast(
        t, "powf", x, y, [](E a, E b) { return std::pow(a, b); },
        [](E a, E b) {
            const E l = std::fabs(std::log2(a));
            const E log_error = std::max(std::exp2(-22.0L), 2 * ulp_of<float>(l));
            const E product_error = std::fabs(b) * log_error + ulp_of<float>(b * l);
            return 3 + static_cast<double>(product_error * 0.6932L * std::exp2(24.0L));
        });
}

void fast_division(Context& t) {
    auto x = positive(t, 1e-18, 1e18), y = positive(t, 1e-18, 1e18);
    for (std::size_t i = 0; i < x.size(); i += 2) x[i] = -x[i];
    for (std::size_t i = 0; i < x.size(); i += 3) y[i] = -y[i];
    fast(t, "fdividef", x, y, [](E a, E b) { return a / b; }, [](E, E) { return 2; });
}

void saturate(Context& t) {
    auto in = t.uniform<float>(1000, -2, 2);
    for (const float s : {0.0f, -0.0f, 1.0f, INFINITY, -INFINITY, NAN, FLT_MIN}) in.push_back(s);
    Buffer out = t.zeros<float>(in.size());
    t.over("fast_saturatef", in.size(), t.upload(in), out);
    std::vector<float> want;
    for (const float x : in) want.push_back(x > 0 ? std::min(x, 1.0f) : 0.0f);
    auto got = t.download<float>(out);
    for (float& g : got)
        if (g == 0) g = 0;  // of either sign
    t.equal(got, want, "__saturatef", [&](std::size_t i) { return shown(in[i]); });
}

// ---- stated rounding directions
struct Direction {
    const char* suffix;
    int mode;
};
constexpr std::array directions{Direction{"rn", FE_TONEAREST}, Direction{"rz", FE_TOWARDZERO},
                                Direction{"ru", FE_UPWARD}, Direction{"rd", FE_DOWNWARD}};

// Numbers of like magnitudes, of far apart ones, special ones, and results near the ends of the range.
template <class T>
std::vector<T> operands(Context& t, std::size_t count) {
    using L = std::numeric_limits<T>;
    std::vector<T> v = t.random_bits<T>(count);
    const std::array special{T(0),
                             -T(0),
                             T(1),
                             T(-1),
                             L::infinity(),
                             -L::infinity(),
                             L::quiet_NaN(),
                             L::min(),
                             L::denorm_min(),
                             -L::denorm_min(),
                             L::max(),
                             L::lowest(),
                             L::epsilon(),
                             T(1) + L::epsilon(),
                             T(3),
                             T(10)};
    for (std::size_t i = 0; i < count; ++i) {
        const T uniform = t.uniform<T>(1, T(-2), T(2))[0];
        switch (t.random()() % 6) {
            case 0:
                break;
            case 1:
                v[i] = special[t.random()() % special.size()];
                break;
            case 2:
                v[i] = uniform;
                break;
            case 3:
                v[i] = static_cast<T>(static_cast<int>(uniform * 100));
                break;
            case 4:
                v[i] = std::ldexp(uniform, L::min_exponent / 2 + static_cast<int>(t.random()() % 40) - 20);
                break;
            default:
                v[i] = std::ldexp(uniform, static_cast<int>(t.random()() % 60) - 30);
        }
    }
    return v;
}

// Evaluates under a rounding direction; volatile keeps the compiler from evaluating elsewhere.
template <class T, class F>
T under(int mode, F function, T a, T b, T c) {
    volatile T x = a, y = b, z = c;
    std::fesetround(mode);
    volatile T result = function(x, y, z);
    std::fesetround(FE_TONEAREST);
    return result;
}

template <class T>
void directed(Context& t, const std::string& name, int arguments, T (*function)(T, T, T)) {
    const std::size_t n = t.scaled(20000, 500);
    const auto a = operands<T>(t, n), b = operands<T>(t, n);
    auto c = operands<T>(t, n);
    for (std::size_t i = 0; i < n; i += 4) c[i] = -a[i] * b[i];
    for (const Direction& d : directions) {
        const std::string kernel = name + "_" + d.suffix;
        if (arguments == 1)
            t.map<T>(kernel, a, [&](T x) { return under<T>(d.mode, function, x, x, x); });
        else if (arguments == 2)
            t.map2<T>(kernel, a, b, [&](T x, T y) { return under<T>(d.mode, function, x, y, x); });
        else
            t.map3<T>(kernel, a, b, c, [&](T x, T y, T z) { return under<T>(d.mode, function, x, y, z); });
    }
}

template <class T>
std::vector<Case> directed_cases() {
    const std::string p = sizeof(T) == 4 ? "f" : "d";
    return {
        {p + "add", [p](Context& t) { directed<T>(t, p + "add", 2, [](T x, T y, T) { return x + y; }); }},
        {p + "sub", [p](Context& t) { directed<T>(t, p + "sub", 2, [](T x, T y, T) { return x - y; }); }},
        {p + "mul", [p](Context& t) { directed<T>(t, p + "mul", 2, [](T x, T y, T) { return x * y; }); }},
        {p + "div", [p](Context& t) { directed<T>(t, p + "div", 2, [](T x, T y, T) { return x / y; }); }},
        {p + "rcp", [p](Context& t) { directed<T>(t, p + "rcp", 1, [](T x, T, T) { return 1 / x; }); }},
        {p + "sqrt",
         [p](Context& t) { directed<T>(t, p + "sqrt", 1, [](T x, T, T) { return std::sqrt(x); }); }},
        {p + "fma",
         [](Context& t) {
             directed<T>(t, sizeof(T) == 4 ? "fmaf" : "fma", 3,
                         [](T x, T y, T z) { return std::fma(x, y, z); });
         }},
    };
}

void reciprocal_root(Context& t) {
    t.map<float>("frsqrt_rn", operands<float>(t, 20000),
                 [](float x) { return static_cast<float>(1 / std::sqrt(static_cast<E>(x))); });
}

std::vector<Case> cases() {
    std::vector<Case> all{
        {"fast_trigonometry", fast_trigonometry}, {"fast_exponentials", fast_exponentials},
        {"fast_logarithms", fast_logarithms},     {"fast_power", fast_power},
        {"fast_division", fast_division},         {"saturate", saturate},
        {"frsqrt_rn", reciprocal_root},
    };
    for (const auto& more : {directed_cases<float>(), directed_cases<double>()})
        all.insert(all.end(), more.begin(), more.end());
    return all;
}

const Registration topic({"rounding", "maths_fast", cases()});

}  // namespace
}  // namespace heddle::conformance
