// Worst errors of the device maths library over special and random arguments, held under CUDA's bounds.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <climits>

#include "compiler/device_maths/library/functions.h"
#include "conformance/ulp.h"
#include "unit/compiler/device_maths/functions.h"
#include "unit/compiler/device_maths/samples.h"

namespace heddle::device_maths {
namespace {

using conformance::ulp_error;

template <class T>
struct Arguments {
    std::vector<T> x, y;
};

template <class T>
Arguments<T> arguments(const Function& f, std::size_t count) {
    Arguments<T> a;
    const auto specials = special_values<T>();
    for (std::size_t i = 0; i < specials.size(); ++i) {
        if (f.arguments == 1) a.x.push_back(specials[i]), a.y.push_back(0);
        if (f.arguments == 2)
            for (std::size_t k = i % 5; k < specials.size(); k += 5)
                a.x.push_back(specials[i]), a.y.push_back(specials[k]);
    }
    std::mt19937_64 random(std::hash<std::string>()(f.name));
    for (std::size_t i = 0; i < count; ++i) {
        a.x.push_back(random_argument<T>(random, f.low, f.high));
        a.y.push_back(random_argument<T>(random, f.low, f.high));
    }
    return a;
}

struct Worst {
    double error = -1, x = 0, y = 0, got = 0;
    Extended exact = 0;
};

std::string text(const Worst& w, int arguments) {
    std::string at = fmt::format("{:.17g}", w.x);
    if (arguments == 2) at += fmt::format(", {:.17g}", w.y);
    return fmt::format("{:.4g} at ({}): got {:.17g}, exact {:.20g}", w.error, at, w.got,
                       static_cast<double>(w.exact));
}

template <class T, class Call>
void expect_within_bounds(const Function& f, const Call& call, double bound, double absolute_bound) {
    constexpr int digits = std::numeric_limits<T>::digits;
    const Arguments<T> a = arguments<T>(f, static_cast<std::size_t>(40000 * f.share));
    Worst worst, absolute;
    for (std::size_t i = 0; i < a.x.size(); ++i) {
        const Extended x = static_cast<Extended>(a.x[i]), y = static_cast<Extended>(a.y[i]);
        const Extended exact = f.reference(x, y);
        const T got = call(a.x[i], a.y[i]);
        const auto record = [&](Worst& w, double error) {
            if (error > w.error)
                w = {error, static_cast<double>(a.x[i]), static_cast<double>(a.y[i]),
                     static_cast<double>(got), exact};
        };
        if (exact == 0 && got == 0 && f.name.find("fast") == std::string::npos && f.name != "tanpi") {
            EXPECT_EQ(std::signbit(exact), std::signbit(got))
                << f.name << " of " << a.x[i] << ", " << a.y[i] << ": a zero of the wrong sign";
        }
        if (!f.holds || f.holds(x, y, digits)) {
            record(worst, ulp_error(got, exact));
        } else if (absolute_bound > 0) {
            const bool is_equal =
                static_cast<Extended>(got) == exact || (std::isnan(got) && std::isnan(exact));
            record(absolute, is_equal ? 0
                             : std::isnan(got) || std::isnan(exact)
                                 ? INFINITY
                                 : static_cast<double>(std::fabs(got - exact)));
        }
    }
    const char* type = digits == 24 ? "f32" : "f64";
    if (worst.error >= 0)
        fmt::print("{} {:<10} {:6.3f} ULP (bound {}) at {:.9g}{}\n", type, f.name, worst.error, bound,
                   worst.x, f.arguments == 2 ? fmt::format(", {:.9g}", worst.y) : "");
    if (absolute.error >= 0)
        fmt::print("{} {:<10} {:.3g} absolute (bound {:.3g}) at {:.9g}\n", type, f.name, absolute.error,
                   absolute_bound, absolute.x);
    // CUDA's bounds are against the correctly rounded result, half a unit from the exact one at most.
    EXPECT_LE(worst.error, bound + 0.501) << f.name << "." << type << ": " << text(worst, f.arguments);
    EXPECT_LE(absolute.error, absolute_bound) << f.name << "." << type << ": " << text(absolute, f.arguments);
}

class DeviceMathsAccuracy : public testing::TestWithParam<const Function*> {};

TEST_P(DeviceMathsAccuracy, StaysWithinItsBound) {
    const Function& f = *GetParam();
    expect_within_bounds<float>(f, f.f32, f.bound_f32, f.absolute_f32);
    if (f.f64) expect_within_bounds<double>(f, f.f64, f.bound_f64, f.absolute_f64);
}

std::vector<const Function*> pointers(const std::vector<Function>& all) {
    std::vector<const Function*> list;
    for (const Function& f : all) list.push_back(&f);
    return list;
}
std::string parameter_name(const testing::TestParamInfo<const Function*>& info) {
    std::string name = fmt::format("{}_{}", info.param->name, info.index);
    for (char& c : name)
        if (c == '.') c = '_';
    return name;
}

INSTANTIATE_TEST_SUITE_P(Functions, DeviceMathsAccuracy, testing::ValuesIn(pointers(functions())),
                         parameter_name);

template <class T>
bool is_same(T a, T b) {
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

template <class T, class Call>
void expect_exact(const Function& f, const Call& call) {
    const Arguments<T> a = arguments<T>(f, 40000);
    for (std::size_t i = 0; i < a.x.size(); ++i) {
        const T want =
            static_cast<T>(f.reference(static_cast<Extended>(a.x[i]), static_cast<Extended>(a.y[i])));
        const T got = call(a.x[i], a.y[i]);
        ASSERT_TRUE(is_same(got, want))
            << f.name
            << fmt::format("({:.17g}, {:.17g}) is {:.17g}, exact {:.17g}", a.x[i], a.y[i], got, want);
    }
}

class DeviceMathsExactness : public testing::TestWithParam<const Function*> {};

TEST_P(DeviceMathsExactness, EqualsTheCLibrary) {
    const Function& f = *GetParam();
    expect_exact<float>(f, f.f32);
    expect_exact<double>(f, f.f64);
}

INSTANTIATE_TEST_SUITE_P(Functions, DeviceMathsExactness, testing::ValuesIn(pointers(exact_functions())),
                         parameter_name);

template <class T, class Next, class Difference, class Scale, class Exponent>
void expect_exact_representation(Next next, Difference difference, Scale scale, Exponent exponent) {
    Function plain;
    plain.name = "representation";
    plain.arguments = 2;
    const Arguments<T> a = arguments<T>(plain, 40000);
    std::mt19937_64 random(3);
    for (std::size_t i = 0; i < a.x.size(); ++i) {
        const T x = a.x[i], y = a.y[i];
        ASSERT_TRUE(is_same(next(x, y), std::nextafter(x, y))) << x << ", " << y;
        ASSERT_TRUE(is_same(difference(x, y), std::fdim(x, y))) << x << ", " << y;
        const int n = i == 0   ? INT_MAX
                      : i == 1 ? INT_MIN
                               : (static_cast<int>(random() % 4600) - 2300) / (i % 2 ? 1 : 16);
        ASSERT_TRUE(is_same(scale(x, n), std::ldexp(x, n))) << x << ", " << n;
        const int want = x == 0 || std::isnan(x) ? INT_MIN : std::isinf(x) ? INT_MAX : std::ilogb(x);
        ASSERT_EQ(exponent(x), want) << x;
    }
}

TEST(DeviceMaths, FunctionsOfTheRepresentationAreExact) {
    expect_exact_representation<float>(heddle_nextafter_f32, heddle_fdim_f32, heddle_ldexp_f32,
                                       heddle_ilogb_f32);
    expect_exact_representation<double>(heddle_nextafter_f64, heddle_fdim_f64, heddle_ldexp_f64,
                                        heddle_ilogb_f64);
}

// CUDA bounds these for large orders or arguments alone; low orders are asked to be as good as j0.
template <class T, class First, class Second>
void expect_bessel_of_order(First first, Second second) {
    const double bound = sizeof(T) == 4 ? 2.2e-6 : 5e-12;
    std::mt19937_64 random(5);
    for (const int n : {-3, -2, 0, 1, 2, 3, 7, 20, 45}) {
        for (int i = 0; i < 300; ++i) {
            const T x = random_argument<T>(random, 0.5, 60);
            if (!(std::fabs(x) < 1e4)) continue;
            const Extended j = conformance::ref_jn(n, static_cast<Extended>(x)),
                           y = conformance::ref_yn(n, static_cast<Extended>(x));
            EXPECT_LE(std::fabs(static_cast<Extended>(first(n, x)) - j), bound * 2) << n << ", " << x;
            const T got = second(n, x);
            if (x > 0 && std::fabs(y) < 1e30L) {
                EXPECT_LE(std::fabs(static_cast<Extended>(got) - y),
                          bound * 8 * std::max(Extended{1}, std::fabs(y)))
                    << n << ", " << x;
            } else if (x < 0) {
                EXPECT_TRUE(std::isnan(got)) << n << ", " << x;
            }
        }
        EXPECT_EQ(second(n, T(0)), -std::numeric_limits<T>::infinity());
        EXPECT_EQ(first(n, std::numeric_limits<T>::infinity()), 0);
        EXPECT_TRUE(std::isnan(first(n, std::numeric_limits<T>::quiet_NaN())));
    }
    // Orders at which nothing is left, without a loop over them.
    EXPECT_EQ(first(INT_MAX, T(2)), 0);
    EXPECT_EQ(first(INT_MIN, T(2)), 0);
}

TEST(DeviceMaths, BesselFunctionsOfAnyOrder) {
    expect_bessel_of_order<float>(heddle_jn_f32, heddle_yn_f32);
    expect_bessel_of_order<double>(heddle_jn_f64, heddle_yn_f64);
}

}  // namespace
}  // namespace heddle::device_maths
