// The mathematical functions of generated CPU code: every name the compiler may import is there, scalar and
// vector functions stay within CUDA's documented error, and special values are C's.
#include "backends/cpu/math_names.h"

#include <gtest/gtest.h>

#include <climits>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "backends/cpu/math.h"
#include "backends/cpu/processor.h"

namespace heddle::cpu {
namespace {

VectorIsa isa_here() {
    return vector_isa_of(identify_processor().variants.front());
}

#if defined(__x86_64__)
// A vector function called through memory: this file is not compiled for wide registers, so the compiler
// would not pass vectors in them. Every register that a callee may change is declared so.
#define HEDDLE_CALL(name, target_text, load_x, load_y, store)                                              \
    __attribute__((target(target_text), noinline)) void name(void* function, const void* x, const void* y, \
                                                             void* r) {                                    \
        register void* f asm("r12") = function;                                                            \
        register const void* a asm("r13") = x;                                                             \
        register const void* b asm("r14") = y;                                                             \
        register void* c asm("r15") = r;                                                                   \
        asm volatile("movq %%rsp, %%rbx\n\tsubq $256, %%rsp\n\tandq $-64, %%rsp\n\t" load_x "\n\t" load_y  \
                     "\n\tcall *%[f]\n\t" store "\n\tmovq %%rbx, %%rsp\n\tvzeroupper"                      \
                     :                                                                                     \
                     : [f] "r"(f), [x] "r"(a), [y] "r"(b), [r] "r"(c)                                      \
                     : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", \
                       "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",   \
                       "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc");                                \
    }
HEDDLE_CALL(call_32_bytes, "avx2", "vmovups (%[x]), %%ymm0", "vmovups (%[y]), %%ymm1",
            "vmovups %%ymm0, (%[r])")
HEDDLE_CALL(call_64_bytes, "avx512f", "vmovups (%[x]), %%zmm0", "vmovups (%[y]), %%zmm1",
            "vmovups %%zmm0, (%[r])")
#undef HEDDLE_CALL
#endif

void call_16_bytes(void* function, const void* x, const void* y, void* r, bool binary) {
    typedef float Vector __attribute__((vector_size(16)));
    Vector a, b;
    std::memcpy(&a, x, sizeof a);
    std::memcpy(&b, y, sizeof b);
    const Vector result = binary ? reinterpret_cast<Vector (*)(Vector, Vector)>(function)(a, b)
                                 : reinterpret_cast<Vector (*)(Vector)>(function)(a);
    std::memcpy(r, &result, sizeof result);
}

// Calls the function of `lanes` lanes (0: scalar) on all pairs; their number is a multiple of 16.
template <class T>
std::vector<T> apply(void* function, const MathName& name, unsigned lanes, const std::vector<T>& x,
                     const std::vector<T>& y) {
    std::vector<T> r(x.size());
    const bool binary = name.shape == MathShape::binary;
    for (std::size_t i = 0; i < x.size(); i += lanes == 0 ? 1 : lanes) {
        if (lanes == 0) {
            r[i] = binary ? reinterpret_cast<T (*)(T, T)>(function)(x[i], y[i])
                          : reinterpret_cast<T (*)(T)>(function)(x[i]);
            continue;
        }
        switch (lanes * sizeof(T)) {
            case 16:
                call_16_bytes(function, &x[i], &y[i], &r[i], binary);
                break;
#if defined(__x86_64__)
            case 32:
                call_32_bytes(function, &x[i], &y[i], &r[i]);
                break;
            case 64:
                call_64_bytes(function, &x[i], &y[i], &r[i]);
                break;
#endif
            default:
                ADD_FAILURE() << "no vectors of " << lanes * sizeof(T) << " bytes";
                return r;
        }
    }
    return r;
}

// Distance in units of T's last place at the exact value; greatest for different kinds of value.
template <class T>
double error_in_ulps(T value, long double exact) {
    const T rounded = static_cast<T>(exact);
    const double wrong = 1e30;
    if (std::isnan(rounded) || std::isnan(value)) return std::isnan(rounded) && std::isnan(value) ? 0 : wrong;
    if (rounded == value) return std::signbit(rounded) == std::signbit(value) ? 0 : wrong;
    if (std::isinf(rounded) || std::isinf(value)) {
        // Next to the overflow threshold either neighbour will do.
        const T greatest = std::numeric_limits<T>::max();
        const bool neighbours = std::signbit(rounded) == std::signbit(value) &&
                                (std::isinf(rounded) || std::fabs(rounded) == greatest) &&
                                (std::isinf(value) || std::fabs(value) == greatest);
        return neighbours ? 1 : wrong;
    }
    const int least = std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits;
    const int exponent =
        exact == 0 ? least : std::max(least, std::ilogb(exact) + 1 - std::numeric_limits<T>::digits);
    return static_cast<double>(std::fabs(static_cast<long double>(value) - exact) /
                               std::ldexp(1.0L, exponent));
}

long double half_turns(long double x) {
    return x - 2 * std::rint(x / 2);
}
// The same sine from an argument of at most 1/2, where pi times the argument is accurate.
long double nearest_half_turns(long double x) {
    const long double h = half_turns(x);
    return std::fabs(h) > 0.5L ? std::copysign(1.0L, h) - h : h;
}
constexpr long double pi = 3.14159265358979323846264338327950288L;

struct Expectation {
    const char* name;
    long double (*exact)(long double, long double);
    double ulps_f32, ulps_f64;  // CUDA's documented maxima
};
using L = long double;
const Expectation expectations[] = {
    {"sin", [](L x, L) { return std::sin(x); }, 2, 2},
    {"cos", [](L x, L) { return std::cos(x); }, 2, 2},
    {"tan", [](L x, L) { return std::tan(x); }, 4, 2},
    {"asin", [](L x, L) { return std::asin(x); }, 2, 2},
    {"acos", [](L x, L) { return std::acos(x); }, 2, 2},
    {"atan", [](L x, L) { return std::atan(x); }, 2, 2},
    {"atan2", [](L x, L y) { return std::atan2(x, y); }, 3, 2},
    {"sinh", [](L x, L) { return std::sinh(x); }, 3, 2},
    {"cosh", [](L x, L) { return std::cosh(x); }, 2, 1.01},
    {"tanh", [](L x, L) { return std::tanh(x); }, 2, 1.01},
    {"asinh", [](L x, L) { return std::asinh(x); }, 3, 2},
    {"acosh", [](L x, L) { return std::acosh(x); }, 4, 2},
    {"atanh", [](L x, L) { return std::atanh(x); }, 3, 2},
    {"exp", [](L x, L) { return std::exp(x); }, 1.01, 1.01},
    {"exp2", [](L x, L) { return std::exp2(x); }, 2, 1.01},
    {"exp10", [](L x, L) { return std::pow(10.0L, x); }, 2, 1.01},
    {"expm1", [](L x, L) { return std::expm1(x); }, 1.01, 1.01},
    {"log", [](L x, L) { return std::log(x); }, 1.01, 1.01},
    {"log2", [](L x, L) { return std::log2(x); }, 1.01, 1.01},
    {"log10", [](L x, L) { return std::log10(x); }, 2, 1.01},
    {"log1p", [](L x, L) { return std::log1p(x); }, 1.01, 1.01},
    {"pow", [](L x, L y) { return std::pow(x, y); }, 4, 2},
    {"cbrt", [](L x, L) { return std::cbrt(x); }, 1.01, 1.01},
    {"rcbrt", [](L x, L) { return 1 / std::cbrt(x); }, 1.01, 1.01},
    {"hypot", [](L x, L y) { return std::hypot(x, y); }, 3, 2},
    {"rhypot", [](L x, L y) { return 1 / std::hypot(x, y); }, 2, 1.01},
    {"erf", [](L x, L) { return std::erf(x); }, 2, 2},
    {"erfc", [](L x, L) { return std::erfc(x); }, 4, 5},
    {"normcdf", [](L x, L) { return std::erfc(-x / std::sqrt(2.0L)) / 2; }, 5, 5},
    {"tgamma", [](L x, L) { return std::tgamma(x); }, 5, 10},
    {"lgamma", [](L x, L) { return std::lgamma(x); }, 6, 4},
    {"logb", [](L x, L) { return std::logb(x); }, 0, 0},
    {"fdim", [](L x, L y) { return std::fdim(x, y); }, 0.5, 0.5},
    {"fmod", [](L x, L y) { return std::fmod(x, y); }, 0, 0},
    {"remainder", [](L x, L y) { return std::remainder(x, y); }, 0, 0},
    {"sinpi",
     [](L x, L) {
         return std::isfinite(x) && std::rint(x) == x ? std::copysign(0.0L, x)
                                                      : std::sin(pi * nearest_half_turns(x));
     },
     1.01, 2},
    {"cospi",
     [](L x, L) {
         const L h = std::fabs(half_turns(x));
         return h == 0.5L ? 0 : h < 0.25L ? std::cos(pi * h) : std::sin(pi * (0.5L - h));
     },
     1.01, 2},
    {"fast.sin", [](L x, L) { return std::sin(x); }, 3.5, 0},
    {"fast.cos", [](L x, L) { return std::cos(x); }, 3.5, 0},
    {"fast.tan", [](L x, L) { return std::tan(x); }, 4, 0},
    {"fast.exp", [](L x, L) { return std::exp(x); }, 2, 0},
    {"fast.exp10", [](L x, L) { return std::pow(10.0L, x); }, 2, 0},
    {"fast.log", [](L x, L) { return std::log(x); }, 2, 0},
    {"fast.log2", [](L x, L) { return std::log2(x); }, 2, 0},
    {"fast.log10", [](L x, L) { return std::log10(x); }, 2, 0},
    {"fast.pow", [](L x, L y) { return std::pow(x, y); }, 4, 0},
    {"fast.div", [](L x, L y) { return x / y; }, 2, 0},
};

// Arguments: every special value (every pair of them), then random ones of several magnitudes.
template <class T>
void make_arguments(bool binary, std::vector<T>& x, std::vector<T>& y) {
    using limits = std::numeric_limits<T>;
    const T special[] = {T{0},
                         -T{0},
                         T{1},
                         T{-1},
                         T{2},
                         T{-2},
                         T(0.5),
                         T(-0.5),
                         T(2.5),
                         T(-3),
                         T(10),
                         T(-100),
                         T(1e30),
                         T(-1e30),
                         T(171),
                         T(-171.5),
                         T(1e7),
                         T(-1e5),
                         T(88.75),
                         T(-89.2),
                         T(-103.5),
                         T(709.9),
                         T(-745.2),
                         T(1e-20),
                         limits::max(),
                         -limits::max(),
                         limits::min(),
                         limits::denorm_min(),
                         -limits::denorm_min(),
                         limits::infinity(),
                         -limits::infinity(),
                         limits::quiet_NaN()};
    for (const T a : special) {
        for (const T b : special) {
            x.push_back(a);
            y.push_back(b);
            if (!binary) break;
        }
    }
    std::mt19937_64 random(20);
    std::uniform_real_distribution<double> within(-1, 1);
    const double magnitudes[] = {1, 10, sizeof(T) == 4 ? 100.0 : 720.0};
    const auto draw = [&](int kind) {
        if (kind < 3) return static_cast<T>(within(random) * magnitudes[kind]);
        T any;
        do {
            const std::uint64_t bits = random();
            std::memcpy(&any, &bits, sizeof any);
        } while (std::isnan(any));
        return any;
    };
    for (int i = 0; i < 4000; ++i) {
        x.push_back(draw(i % 4));
        y.push_back(draw(i / 4 % 4));
    }
    while (x.size() % 16 != 0) {
        x.push_back(T{1});
        y.push_back(T{1});
    }
}

// Where CUDA documents no bound in units of the last place, or the reference itself has none.
bool is_excluded(const MathName& name, double x) {
    if (name.name == "lgamma") return x > -10.01 && x < -2.26;
    if (name.name == "tgamma") return x < -160;
    return false;
}

template <class T>
void check_accuracy(const Expectation& expectation) {
    const MathName* name = nullptr;
    for (const MathName& candidate : math_names) {
        if (candidate.name == expectation.name) name = &candidate;
    }
    ASSERT_NE(name, nullptr) << expectation.name;
    constexpr bool is_f64 = sizeof(T) == 8;
    if (is_f64 && !name->has_f64) return;
    const double allowed = is_f64 ? expectation.ulps_f64 : expectation.ulps_f32;
    std::vector<T> x, y;
    make_arguments(name->shape == MathShape::binary, x, y);
    const std::string scalar = "heddle." + std::string(name->name) + (is_f64 ? ".f64" : ".f32");
    const unsigned widest = widest_vector_math(scalar, isa_here());
    for (unsigned lanes = 0; lanes <= widest; lanes = lanes == 0 ? 16 / sizeof(T) : lanes * 2) {
        const std::string full = lanes == 0 ? scalar : scalar + ".x" + std::to_string(lanes);
        void* function = find_math(full);
        ASSERT_NE(function, nullptr) << full;
        const std::vector<T> r = apply(function, *name, lanes, x, y);
        double worst = 0;
        std::size_t at = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (is_excluded(*name, static_cast<double>(x[i]))) continue;
            const double error = error_in_ulps(r[i], expectation.exact(x[i], y[i]));
            if (error > worst) worst = error, at = i;
        }
        EXPECT_LE(worst, allowed) << full << "(" << x[at] << ", " << y[at] << ") = " << r[at] << ", exactly "
                                  << expectation.exact(x[at], y[at]);
        if (widest == 0) break;
    }
}

TEST(MathNames, EveryScalarFunctionIsThere) {
    for (const MathName& name : math_names) {
        const std::string base = "heddle." + std::string(name.name);
        EXPECT_NE(find_math(base + ".f32"), nullptr) << base;
        EXPECT_EQ(find_math(base + ".f64") != nullptr, name.has_f64) << base;
    }
}

TEST(MathNames, EveryListedVectorFunctionIsThere) {
    const VectorIsa isa = isa_here();
    unsigned found = 0;
    for (const MathName& name : math_names) {
        for (const bool is_f64 : {false, true}) {
            const std::string base = "heddle." + std::string(name.name) + (is_f64 ? ".f64" : ".f32");
            for (unsigned lanes = widest_vector_math(base, isa); lanes >= (is_f64 ? 2 : 4); lanes /= 2) {
                EXPECT_NE(find_math(base + ".x" + std::to_string(lanes)), nullptr) << base << " x" << lanes;
                ++found;
            }
            EXPECT_EQ(find_math(base + ".x64"), nullptr);
            if (!(is_f64 ? name.vector_f64 : name.vector_f32)) {
                EXPECT_EQ(find_math(base + (is_f64 ? ".x2" : ".x4")), nullptr) << base;
            }
        }
    }
    if (isa != VectorIsa::none) {
        EXPECT_GT(found, 60U);
    }
}

TEST(MathNames, UnknownNamesAreNotThere) {
    for (const char* name :
         {"", "heddle.", "heddle.sin", "sin.f32", "heddle.sine.f32", "heddle.sin.f16", "heddle.sin.f32.x",
          "heddle.sin.f32.x3", "heddle.sin.f32.x4x", "heddle.sin.f32.x99999999999", "heddle.fast.sin.f64",
          "heddle.erfinv.f32.x4", "heddle.sin.f32.x0"}) {
        EXPECT_EQ(find_math(name), nullptr) << name;
    }
}

TEST(MathNames, WidthsFollowTheInstructionSet) {
    EXPECT_EQ(widest_vector_math("heddle.exp.f32", vector_isa_of("x86-64-v2")), 4U);
    EXPECT_EQ(widest_vector_math("heddle.exp.f64", vector_isa_of("x86-64-v3")), 4U);
    EXPECT_EQ(widest_vector_math("heddle.exp.f32", vector_isa_of("x86-64-v4")), 16U);
    EXPECT_EQ(widest_vector_math("heddle.exp.f64", vector_isa_of("aarch64")), 2U);
    EXPECT_EQ(widest_vector_math("heddle.exp.f32", vector_isa_of("riscv64")), 0U);
    EXPECT_EQ(widest_vector_math("heddle.jn.f32", vector_isa_of("x86-64-v4")), 0U);
}

TEST(Math, SinglePrecisionStaysWithinCudasError) {
    for (const Expectation& expectation : expectations) check_accuracy<float>(expectation);
}

TEST(Math, DoublePrecisionStaysWithinCudasError) {
    for (const Expectation& expectation : expectations) check_accuracy<double>(expectation);
}

template <class T>
auto unary(const char* name) {
    return reinterpret_cast<T (*)(T)>(find_math(std::string(name) + (sizeof(T) == 4 ? ".f32" : ".f64")));
}

// Values from Abramowitz and Stegun and the Digital Library of Mathematical Functions, to 20 digits.
TEST(Math, SpecialFunctionsHaveTheTablesValues) {
    struct Value {
        const char* name;
        double x;
        long double exact;
        double ulps_f64;
    };
    const Value values[] = {
        {"heddle.erfinv", 0.5, 0.47693627620446987338L, 5},
        {"heddle.erfcinv", 0.5, 0.47693627620446987338L, 6},
        {"heddle.normcdfinv", 0.75, 0.67448975019608174320L, 8},
        {"heddle.normcdf", 1, 0.84134474606854294859L, 5},
        {"heddle.erfcx", 1, 0.42758357615580700442L, 4},
        {"heddle.erfcx", 0.5, 0.61569034419292587487L, 4},
        {"heddle.j0", 1, 0.76519768655796655145L, 7},
        {"heddle.j1", 1, 0.44005058574493351596L, 7},
        {"heddle.y0", 1, 0.088256964215676957983L, 7},
        {"heddle.y1", 1, -0.78121282130028871655L, 7},
        {"heddle.i0", 1, 1.2660658777520083356L, 6},
        {"heddle.i1", 1, 0.56515910399248502721L, 6},
        {"heddle.rcbrt", 8, 0.5L, 1},
        {"heddle.tanpi", 0.25, 1.0L, 1},
    };
    for (const Value& value : values) {
        EXPECT_LE(error_in_ulps(unary<double>(value.name)(value.x), value.exact), value.ulps_f64)
            << value.name;
        EXPECT_LE(error_in_ulps(unary<float>(value.name)(static_cast<float>(value.x)), value.exact), 1.0)
            << value.name;
    }
    const auto jn = reinterpret_cast<double (*)(int, double)>(find_math("heddle.jn.f64"));
    const auto yn = reinterpret_cast<double (*)(int, double)>(find_math("heddle.yn.f64"));
    EXPECT_NEAR(jn(2, 1), 0.11490348493190048047, 1e-16);
    EXPECT_NEAR(yn(2, 1), -1.6506826068162543910, 1e-15);
    EXPECT_TRUE(std::isnan(jn(-1, 1)));
}

// The inverse functions, through what they invert, from the middle to the last place before the poles.
TEST(Math, InverseErrorFunctionsInvert) {
    for (double y = 1e-300; y < 1; y = y < 0.01 ? y * 37 : y + 0.0173) {
        const long double x = unary<double>("heddle.erfinv")(y);
        EXPECT_LE(std::fabs(std::erf(x) - y) / y, 1e-15) << y;
        const long double q = unary<double>("heddle.erfcinv")(y);
        // erfc multiplies the relative error of its argument by about 2 x^2.
        EXPECT_LE(std::fabs(std::erfc(q) - y) / y, 1e-15 * (1 + q * q)) << y;
    }
    EXPECT_EQ(unary<double>("heddle.erfinv")(1), std::numeric_limits<double>::infinity());
    EXPECT_EQ(unary<float>("heddle.erfcinv")(2), -std::numeric_limits<float>::infinity());
    EXPECT_TRUE(std::isnan(unary<double>("heddle.erfinv")(1.5)));
    EXPECT_EQ(unary<double>("heddle.normcdfinv")(0.5), 0.0);
}

TEST(Math, ScaledErrorFunctionAndModifiedBesselReachTheirLimits) {
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(unary<double>("heddle.erfcx")(infinity), 0.0);
    EXPECT_EQ(unary<double>("heddle.erfcx")(-infinity), infinity);
    EXPECT_NEAR(unary<double>("heddle.erfcx")(1e8) * 1e8, 0.56418958354775628695, 1e-15);
    EXPECT_EQ(unary<double>("heddle.i0")(-infinity), infinity);
    EXPECT_EQ(unary<double>("heddle.i1")(-infinity), -infinity);
    EXPECT_EQ(unary<double>("heddle.i0")(0), 1.0);
    // Both series of I0 and I1 must agree where one takes over from the other.
    for (const char* name : {"heddle.i0", "heddle.i1"}) {
        const double below = unary<double>(name)(std::nextafter(30.0, 0.0)),
                     above = unary<double>(name)(30.0);
        EXPECT_NEAR(above / below, 1.0, 5e-15) << name;
    }
}

TEST(Math, ExponentFunctionsHaveCudasSpecialValues) {
    const auto ilogb = reinterpret_cast<int (*)(float)>(find_math("heddle.ilogb.f32"));
    EXPECT_EQ(ilogb(0.0F), INT_MIN);
    EXPECT_EQ(ilogb(std::numeric_limits<float>::quiet_NaN()), INT_MIN);
    EXPECT_EQ(ilogb(std::numeric_limits<float>::infinity()), INT_MAX);
    EXPECT_EQ(ilogb(std::numeric_limits<float>::denorm_min()), -149);
    const auto ldexp = reinterpret_cast<double (*)(double, int)>(find_math("heddle.ldexp.f64"));
    EXPECT_EQ(ldexp(1.5, -1074), 2 * std::numeric_limits<double>::denorm_min());
    EXPECT_EQ(ldexp(1.0, 1024), std::numeric_limits<double>::infinity());
}

TEST(Math, HugeArgumentsAreReduced) {
    // sin(1e30) of the float nearest to 1e30.
    EXPECT_LE(error_in_ulps(unary<float>("heddle.sin")(1e30F), std::sin(static_cast<long double>(1e30F))),
              1.0);
    EXPECT_LE(error_in_ulps(unary<double>("heddle.cos")(1e300), std::cos(static_cast<long double>(1e300))),
              1.0);
}

}  // namespace
}  // namespace heddle::cpu
