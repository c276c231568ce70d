// The device headers' arithmetic with a stated rounding and their 16-bit conversions, compiled for the host
// and compared with the processor's own rounding modes.
#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>

// The headers see C's functions in the global namespace, as device code does.
using std::frexp;
using std::isinf;
using std::ldexp;
using std::signbit;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Wunused-function"
#define __HEDDLE_MATH static inline
#include "compiler/headers/heddle/math/rounding.h"
#undef __HEDDLE_MATH
#pragma GCC diagnostic pop

namespace {

// Values of every magnitude, with many special ones, near-overflows, subnormals and short integers among
// them.
template <class T>
class Values {
  public:
    T draw() {
        using limits = std::numeric_limits<T>;
        const T special[] = {T{0},
                             -T{0},
                             T{1},
                             T{-1},
                             limits::infinity(),
                             -limits::infinity(),
                             limits::max(),
                             -limits::max(),
                             limits::min(),
                             T{3},
                             limits::denorm_min(),
                             -limits::denorm_min(),
                             T(1.5),
                             T{1} / T{3},
                             limits::quiet_NaN()};
        const std::uint64_t bits = random_();
        const T sign = (bits & 1) != 0 ? T{1} : T{-1};
        const int span = limits::max_exponent;
        const auto integer = static_cast<T>(random_() >> (bits >> 8) % 64);
        const int shift = static_cast<int>((bits >> 16) % 60);
        switch ((bits >> 1) % 8) {
            case 0:
                return special[(bits >> 8) % std::size(special)];
            case 1:
                return std::ldexp(sign * integer, shift / 3 - 10);
            case 2:
                return std::ldexp(sign * integer, -span - 60 + shift);
            case 3:
                return std::ldexp(sign * integer, span - 64 - shift);
            default: {
                T any;
                const std::uint64_t pattern = random_();
                std::memcpy(&any, &pattern, sizeof any);
                return any;
            }
        }
    }

  private:
    std::mt19937_64 random_{11};
};

template <class T>
bool are_same(T a, T b) {
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

// Evaluates in the given rounding mode; volatile keeps the operation between the changes of mode.
template <class T, class Operation>
T in_mode(int mode, T a, T b, T c, Operation operation) {
    volatile T x = a, y = b, z = c;
    std::fesetround(mode);
    volatile T result = operation(x, y, z);
    std::fesetround(FE_TONEAREST);
    return result;
}

template <class T>
void check_directed_rounding() {
    struct Mode {
        __heddle_toward toward;
        int processor;
    };
    const Mode modes[] = {
        {__heddle_zero, FE_TOWARDZERO}, {__heddle_up, FE_UPWARD}, {__heddle_down, FE_DOWNWARD}};
    Values<T> values;
    int wrong = 0;
    const auto compare = [&](const char* name, T a, T b, T c, T result, T expected) {
        if (are_same(result, expected) || ++wrong > 10) return;
        ADD_FAILURE() << std::hexfloat << name << " of " << a << ", " << b << ", " << c << " is " << result
                      << ", not " << expected;
    };
    for (int i = 0; i < 200000; ++i) {
        T a = values.draw(), b = values.draw(), c = values.draw();
        if (i % 5 == 0) b = -a;
        if (i % 7 == 0) c = -a * b;
        if (i % 11 == 0) c = std::nextafter(-a * b, T{0});
        for (const Mode& mode : modes) {
            const int m = mode.processor;
            compare("sum", a, b, c, __heddle_add_directed(a, b, mode.toward),
                    in_mode(m, a, b, c, [](T x, T y, T) { return x + y; }));
            compare("product", a, b, c, __heddle_mul_directed(a, b, mode.toward),
                    in_mode(m, a, b, c, [](T x, T y, T) { return x * y; }));
            compare("quotient", a, b, c, __heddle_div_directed(a, b, mode.toward),
                    in_mode(m, a, b, c, [](T x, T y, T) { return x / y; }));
            compare("fma", a, b, c, __heddle_fma_directed(a, b, c, mode.toward),
                    in_mode(m, a, b, c, [](T x, T y, T z) { return std::fma(x, y, z); }));
            compare("root", a, b, c, __heddle_sqrt_directed(a, mode.toward),
                    in_mode(m, a, b, c, [](T x, T, T) { return std::sqrt(x); }));
        }
    }
    EXPECT_EQ(wrong, 0);
}

TEST(DeviceRounding, SinglePrecisionIsTheProcessors) {
    check_directed_rounding<float>();
}
TEST(DeviceRounding, DoublePrecisionIsTheProcessors) {
    check_directed_rounding<double>();
}

// 1/sqrt(x) lies between the middles of the result and its neighbours.
TEST(DeviceRounding, ReciprocalRootIsNearest) {
    for (std::uint32_t i = 0; i < (1U << 24); i += 37) {
        const std::uint32_t bits = 0x3f800000U + i;
        float x;
        std::memcpy(&x, &bits, sizeof x);
        const float y = __frsqrt_rn(x);
        const long double below = (static_cast<long double>(y) + std::nextafter(y, 0.0F)) / 2;
        const long double above = (static_cast<long double>(y) + std::nextafter(y, 2.0F)) / 2;
        ASSERT_LE(below * below * static_cast<long double>(x), 1.0L) << x;
        ASSERT_GE(above * above * static_cast<long double>(x), 1.0L) << x;
    }
}

}  // namespace

// GCC 12 has no _Float16 in C++.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wignored-attributes"
#pragma clang diagnostic ignored "-Wunknown-attributes"
#pragma clang diagnostic ignored "-Wunused-function"
#pragma clang diagnostic ignored "-Wundefined-internal"
struct float2 {
    float x, y;
};
static int __shfl_sync(unsigned mask, int value, int lane, int width);
static int __shfl_up_sync(unsigned mask, int value, int delta, int width);
static int __shfl_down_sync(unsigned mask, int value, int delta, int width);
static int __shfl_xor_sync(unsigned mask, int value, int lanes, int width);
#include "compiler/headers/heddle/half/bfloat16_type.h"
#include "compiler/headers/heddle/half/half_type.h"
// After the types.
#include "compiler/headers/heddle/half/bfloat16_names.h"
#include "compiler/headers/heddle/half/half_names.h"
#pragma clang diagnostic pop

namespace {

enum class Direction { nearest, zero, up, down };

// The bits of x rounded once to a 16-bit format of `digits` stored digits and least normal exponent `least`.
unsigned rounded_bits(double x, Direction direction, int digits, int least) {
    const unsigned infinity = ((1U << (15 - digits)) - 1) << digits;
    if (std::isnan(x)) return 0x7fff;
    const unsigned sign = std::signbit(x) ? 0x8000 : 0;
    const double magnitude = std::fabs(x);
    if (std::isinf(x)) return sign | infinity;
    if (x == 0) return sign;
    const int place = std::max(std::ilogb(magnitude), least) - digits;  // exponent of the last digit
    const double scaled = std::ldexp(magnitude, -place);
    const bool away = direction == (sign != 0 ? Direction::down : Direction::up);
    const double digits_kept = direction == Direction::nearest ? std::nearbyint(scaled)
                               : away                          ? std::ceil(scaled)
                                                               : std::floor(scaled);
    const double value = std::ldexp(digits_kept, place);
    if (value == 0) return sign;
    const int exponent = std::max(std::ilogb(value), least);
    const double one = std::ldexp(1.0, digits);
    const double fraction = std::ldexp(value, digits - exponent);  // at least `one` when normal
    if (exponent > -least + 1)
        return sign | (direction == Direction::nearest || away ? infinity : infinity - 1);
    return sign | ((fraction < one ? 0U : static_cast<unsigned>(exponent - least + 1) << digits) +
                   static_cast<unsigned>(fraction < one ? fraction : fraction - one));
}
unsigned half_bits(double x, Direction direction) {
    return rounded_bits(x, direction, 10, -14);
}
unsigned bfloat16_bits(double x, Direction direction) {
    return rounded_bits(x, direction, 7, -126);
}

bool are_same_half(unsigned a, unsigned b) {
    return a == b || ((a & 0x7fff) > 0x7c00 && (b & 0x7fff) > 0x7c00);
}
bool are_same_bfloat16(unsigned a, unsigned b) {
    return a == b || ((a & 0x7fff) > 0x7f80 && (b & 0x7fff) > 0x7f80);
}

TEST(DeviceHalf, FloatsRoundInEveryDirection) {
    for (std::uint64_t i = 0; i < (1ULL << 32); i += 20011) {
        const auto bits = static_cast<std::uint32_t>(i);
        float x;
        std::memcpy(&x, &bits, sizeof x);
        ASSERT_TRUE(are_same_half(__float2half_rn(x).__bits(), half_bits(x, Direction::nearest))) << x;
        ASSERT_TRUE(are_same_half(__float2half_rz(x).__bits(), half_bits(x, Direction::zero))) << x;
        ASSERT_TRUE(are_same_half(__float2half_ru(x).__bits(), half_bits(x, Direction::up))) << x;
        ASSERT_TRUE(are_same_half(__float2half_rd(x).__bits(), half_bits(x, Direction::down))) << x;
        ASSERT_TRUE(are_same_bfloat16(__float2bfloat16_rn(x).__bits(), bfloat16_bits(x, Direction::nearest)))
            << x;
        ASSERT_TRUE(are_same_bfloat16(__float2bfloat16_rz(x).__bits(), bfloat16_bits(x, Direction::zero)))
            << x;
        ASSERT_TRUE(are_same_bfloat16(__float2bfloat16_ru(x).__bits(), bfloat16_bits(x, Direction::up))) << x;
        ASSERT_TRUE(are_same_bfloat16(__float2bfloat16_rd(x).__bits(), bfloat16_bits(x, Direction::down)))
            << x;
    }
}

// Doubles next to the middle between two values show a second rounding; so do integers of more digits than a
// float.
TEST(DeviceHalf, DoublesAndIntegersRoundOnce) {
    for (unsigned i = 1; i < 0x7bff; ++i) {
        const double half = __half::__of_bits(static_cast<unsigned short>(i)).__single();
        const double next = __half::__of_bits(static_cast<unsigned short>(i + 1)).__single();
        const double bfloat16 = __nv_bfloat16::__of_bits(static_cast<unsigned short>(i)).__single();
        const double next_bfloat16 = __nv_bfloat16::__of_bits(static_cast<unsigned short>(i + 1)).__single();
        for (const double middle : {(half + next) / 2, (bfloat16 + next_bfloat16) / 2}) {
            for (const double x : {middle, std::nextafter(middle, 0.0), -std::nextafter(middle, 1e300)}) {
                ASSERT_EQ(__double2half(x).__bits(), half_bits(x, Direction::nearest)) << x;
                ASSERT_EQ(__double2bfloat16(x).__bits(), bfloat16_bits(x, Direction::nearest)) << x;
            }
        }
    }
    std::mt19937_64 random(5);
    for (int i = 0; i < 200000; ++i) {
        const auto x = static_cast<int>(random() >> (random() % 64));
        ASSERT_EQ(__int2half_rn(x).__bits(), half_bits(x, Direction::nearest)) << x;
        ASSERT_EQ(__int2half_rz(x).__bits(), half_bits(x, Direction::zero)) << x;
        ASSERT_EQ(__int2bfloat16_rn(x).__bits(), bfloat16_bits(x, Direction::nearest)) << x;
        ASSERT_EQ(__int2bfloat16_rd(x).__bits(), bfloat16_bits(x, Direction::down)) << x;
    }
    // 2^60 + 2^52 is the middle between two bfloat16 values: the last 1 decides.
    const long long middle = (1LL << 60) + (1LL << 52);
    EXPECT_EQ(__ll2bfloat16_rn(middle).__bits(), bfloat16_bits(0x1p60, Direction::nearest));
    EXPECT_EQ(__ll2bfloat16_rn(middle + 1).__bits(), bfloat16_bits(0x1p60 + 0x1p53, Direction::nearest));
}

TEST(DeviceHalf, ConversionsToIntegersSaturate) {
    const __half infinity = __half::__of_bits(0x7c00), nan = __half::__of_bits(0x7e00);
    EXPECT_EQ(__half2int_rn(infinity), std::numeric_limits<int>::max());
    EXPECT_EQ(__half2ll_rz(__hneg(infinity)), std::numeric_limits<long long>::min());
    EXPECT_EQ(__half2uint_rn(__half(-3.0F)), 0U);
    EXPECT_EQ(__half2short_rn(__half(40000.0F)), 32767);
    EXPECT_EQ(__half2int_rz(nan), 0);
    EXPECT_EQ(__half2int_rn(__half(2.5F)), 2);
    EXPECT_EQ(__half2int_ru(__half(-2.5F)), -2);
    EXPECT_EQ(static_cast<unsigned char>(__half(300.0F)), 255);
}

TEST(DeviceHalf, OperationsRoundOnceAndOrderNan) {
    std::mt19937_64 random(9);
    for (int i = 0; i < 200000; ++i) {
        const std::uint64_t bits = random();
        const __half a = __half::__of_bits(static_cast<unsigned short>(bits));
        const __half b = __half::__of_bits(static_cast<unsigned short>(bits >> 16));
        const double x = a.__single(), y = b.__single();
        ASSERT_TRUE(are_same_half(__hadd(a, b).__bits(), half_bits(x + y, Direction::nearest)))
            << x << " + " << y;
        ASSERT_TRUE(are_same_half(__hmul(a, b).__bits(), half_bits(x * y, Direction::nearest)))
            << x << " * " << y;
        ASSERT_TRUE(are_same_half((a / b).__bits(), half_bits(x / y, Direction::nearest))) << x << " / " << y;
        ASSERT_EQ(a < b, x < y);
        ASSERT_EQ(__hltu(a, b), !(x >= y));
        ASSERT_EQ(__hneu(a, b), x != y);
    }
    const __half nan = __half::__of_bits(0x7e00), one(1.0F);
    EXPECT_EQ(__hmax(nan, one).__bits(), one.__bits());
    EXPECT_EQ(__hmin_nan(one, nan).__bits(), 0x7fff);
    EXPECT_EQ(__hmin(__half(0.0F), __half(-0.0F)).__bits(), 0x8000);
    EXPECT_EQ(__hadd_sat(one, one).__bits(), one.__bits());
    EXPECT_EQ(__hadd_sat(nan, one).__bits(), 0);
    EXPECT_EQ(__hisinf(__half(-1e9F)), -1);
    static_assert(sizeof(__half) == 2 && sizeof(__half2) == 4 && alignof(__half2) == 4);
    static_assert(std::is_trivial_v<__half2> && std::is_trivial_v<__nv_bfloat162>);
}

}  // namespace
#endif
