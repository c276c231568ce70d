// Cases on arithmetic in every type and on conversions.
#include <array>
#include <bit>
#include <cfenv>
#include <limits>

#include "conformance/case.h"
#include "conformance/saturate.h"

namespace heddle::conformance {
namespace {

// Interesting values first, then random ones; random magnitudes, so that small and large operands meet.
template <class T>
std::vector<T> operands(Context& t, std::size_t count) {
    using L = std::numeric_limits<T>;
    std::vector<T> v = t.random_bits<T>(count);
    if constexpr (std::is_integral_v<T>)
        for (std::size_t i = 0; i < count; ++i)
            v[i] = static_cast<T>(v[i] >> (t.random()() % (sizeof(T) * 8)));
    const std::array special{T(0),
                             T(1),
                             T(2),
                             T(3),
                             static_cast<T>(-1),
                             static_cast<T>(-2),
                             L::min(),
                             L::max(),
                             static_cast<T>(L::max() / 2),
                             static_cast<T>(L::min() + 1),
                             T(7),
                             T(10),
                             T(100)};
    for (std::size_t i = 0; i < count / 3; ++i) v[i] = special[t.random()() % special.size()];
    std::ranges::shuffle(v, t.random());
    return v;
}

template <class T>
void integer_arithmetic(Context& t) {
    using U = std::make_unsigned_t<T>;
    const std::size_t n = t.scaled(6007, 500);
    const auto a = operands<T>(t, n), b = operands<T>(t, n);
    Buffer out = t.zeros<T>(16 * n);
    t.over(kernel_name<T>("integer_arithmetic"), n, t.upload(a), t.upload(b), out);
    const auto got = t.download<T>(out);
    constexpr std::array names{"+",  "-",  "*", "&",  "|", "^",  "~",   "-x",
                               "==", "!=", "<", "<=", "!", "&&", "min", "max"};
    for (std::size_t r = 0; r < names.size(); ++r) {
        std::vector<T> want(n);
        for (std::size_t i = 0; i < n; ++i) {
            const T x = a[i], y = b[i];
            const std::uint64_t ux = static_cast<U>(x), uy = static_cast<U>(y);
            const std::array all{static_cast<T>(ux + uy),
                                 static_cast<T>(ux - uy),
                                 static_cast<T>(ux * uy),
                                 static_cast<T>(ux & uy),
                                 static_cast<T>(ux | uy),
                                 static_cast<T>(ux ^ uy),
                                 static_cast<T>(~ux),
                                 static_cast<T>(0 - ux),
                                 T(x == y),
                                 T(x != y),
                                 T(x < y),
                                 T(x <= y),
                                 T(!x),
                                 T(x && y),
                                 std::min(x, y),
                                 std::max(x, y)};
            want[i] = all[r];
        }
        const auto first = got.begin() + static_cast<std::ptrdiff_t>(r * n);
        t.equal(std::vector<T>(first, first + static_cast<std::ptrdiff_t>(n)), want, names[r],
                [&](std::size_t i) { return shown(a[i]) + ", " + shown(b[i]); });
    }
}

template <class T>
T quotient(T x, T y) {
    if (y == 0) return static_cast<T>(-1);
    if (std::is_signed_v<T> && y == static_cast<T>(-1))
        return static_cast<T>(std::uint64_t{0} - static_cast<std::uint64_t>(x));
    return static_cast<T>(x / y);
}

template <class T>
void integer_division(Context& t) {
    const std::size_t n = t.scaled(6007, 500);
    const auto a = operands<T>(t, n), b = operands<T>(t, n);
    Buffer quotients = t.zeros<T>(n), remainders = t.zeros<T>(n);
    t.over(kernel_name<T>("integer_division"), n, t.upload(a), t.upload(b), quotients, remainders);
    std::vector<T> want_quotients, want_remainders;
    for (std::size_t i = 0; i < n; ++i) {
        const T x = a[i], y = b[i];
        want_quotients.push_back(quotient(x, y));
        want_remainders.push_back(y == 0                                           ? x
                                  : std::is_signed_v<T> && y == static_cast<T>(-1) ? T(0)
                                                                                   : static_cast<T>(x % y));
    }
    const auto describe = [&](std::size_t i) { return shown(a[i]) + ", " + shown(b[i]); };
    t.equal(t.download<T>(quotients), want_quotients, "/", describe);
    t.equal(t.download<T>(remainders), want_remainders, "%", describe);
}

template <class T>
void divide_then_test(Context& t) {
    const auto a = operands<T>(t, 2001), b = operands<T>(t, 2001);
    t.map2<T>(kernel_name<T>("divide_then_test"), a, b,
              [](T x, T y) { return y == 0 ? T(77) : quotient(x, y); });
}

template <class T>
void shifts(Context& t) {
    using U = std::make_unsigned_t<T>;
    constexpr unsigned width = sizeof(T) * 8;
    const std::size_t n = 3001;
    const auto a = t.random_bits<T>(n);
    std::vector<unsigned> by(n);
    for (std::size_t i = 0; i < n; ++i)
        by[i] = i < 200 ? static_cast<unsigned>(i % 101) : static_cast<unsigned>(t.random()() % 101);
    Buffer left = t.zeros<T>(n), right = t.zeros<T>(n);
    t.over(kernel_name<T>("shifts"), n, t.upload(a), t.upload(by), left, right);
    std::vector<T> want_left(n), want_right(n);
    for (std::size_t i = 0; i < n; ++i) {
        want_left[i] = by[i] < width ? static_cast<T>(static_cast<U>(a[i]) << by[i]) : T(0);
        want_right[i] = by[i] < width ? static_cast<T>(a[i] >> by[i]) : a[i] < 0 ? static_cast<T>(-1) : T(0);
    }
    const auto describe = [&](std::size_t i) { return fmt::format("{} by {}", shown(a[i]), by[i]); };
    t.equal(t.download<T>(left), want_left, "<<", describe);
    t.equal(t.download<T>(right), want_right, ">>", describe);
}

template <class T>
std::vector<T> floats(Context& t, std::size_t count) {
    using L = std::numeric_limits<T>;
    std::vector<T> v = t.random_bits<T>(count);
    const std::array special{T(0),           -T(0),          T(1),         T(-1),           L::infinity(),
                             -L::infinity(), L::quiet_NaN(), L::min(),     L::denorm_min(), -L::denorm_min(),
                             L::max(),       L::lowest(),    L::epsilon(), T(0.5),          T(3)};
    for (std::size_t i = 0; i < count; i += 3) v[i] = special[t.random()() % special.size()];
    for (std::size_t i = 1; i < count; i += 3) v[i] = t.uniform<T>(1, T(-100), T(100))[0];
    return v;
}

template <class T>
void float_arithmetic(Context& t) {
    const std::size_t n = t.scaled(6007, 500);
    const auto a = floats<T>(t, n);
    auto b = floats<T>(t, n);
    std::ranges::shuffle(b, t.random());
    Buffer out = t.zeros<T>(10 * n);
    t.over(kernel_name<T>("float_arithmetic"), n, t.upload(a), t.upload(b), out);
    const auto got = t.download<T>(out);
    constexpr std::array names{"+", "-", "*", "/", "-x", "<", ">=", "==", "!=", "greater"};
    for (std::size_t r = 0; r < names.size(); ++r) {
        std::vector<T> want(n);
        for (std::size_t i = 0; i < n; ++i) {
            const T x = a[i], y = b[i];
            const std::array all{x + y,    x - y,     x * y,     x / y,     -x,
                                 T(x < y), T(x >= y), T(x == y), T(x != y), x > y ? x : y};
            want[i] = all[r];
        }
        const auto first = got.begin() + static_cast<std::ptrdiff_t>(r * n);
        t.equal(std::vector<T>(first, first + static_cast<std::ptrdiff_t>(n)), want, names[r],
                [&](std::size_t i) { return shown(a[i]) + ", " + shown(b[i]); });
    }
}

// Values around every limit of the integer type, halves, huge ones and random bits.
template <class From, class To>
std::vector<From> around_limits(Context& t) {
    auto v = floats<From>(t, 2000);
    for (const long double limit : {static_cast<long double>(std::numeric_limits<To>::min()),
                                    static_cast<long double>(std::numeric_limits<To>::max()), 0.0L})
        for (long double d = -3; d <= 3; d += 0.25L) v.push_back(static_cast<From>(limit + d));
    for (int e = -5; e < 70; ++e)
        for (const From s : {From(1), From(-1), From(1.75), From(-1.5)}) v.push_back(std::ldexp(s, e));
    const auto some = t.uniform<From>(500, static_cast<From>(std::numeric_limits<To>::min()),
                                      static_cast<From>(std::numeric_limits<To>::max()));
    v.insert(v.end(), some.begin(), some.end());
    return v;
}

template <class Integer, class Floating>
void to_integer(Context& t) {
    auto values = around_limits<Floating, Integer>(t);
    // Hardware converts to 32 bits at least, so what a narrower type gives out of its range is not pinned
    // down.
    if constexpr (sizeof(Integer) < 4)
        std::erase_if(values, [](Floating x) {
            return !(std::trunc(x) >= static_cast<Floating>(std::numeric_limits<Integer>::min()) &&
                     std::trunc(x) <= static_cast<Floating>(std::numeric_limits<Integer>::max()));
        });
    t.map<Integer>(kernel_name<Floating, Integer>("convert"), values,
                   [](Floating x) { return saturated<Integer>(std::trunc(x)); });
}

template <class Integer>
void integer_and_floating(Context& t) {
    to_integer<Integer, float>(t);
    to_integer<Integer, double>(t);
    const auto values = operands<Integer>(t, 3001);
    t.map<float>(kernel_name<Integer, float>("convert"), values,
                 [](Integer x) { return static_cast<float>(x); });
    t.map<double>(kernel_name<Integer, double>("convert"), values,
                  [](Integer x) { return static_cast<double>(x); });
}

template <class From, class To>
void integers_convert(Context& t) {
    t.map<To>(kernel_name<From, To>("convert"), operands<From>(t, 2001),
              [](From x) { return static_cast<To>(x); });
}

template <class To, class From>
void named_to_integer(Context& t, std::string_view name, From (*round)(From)) {
    t.map<To>("named_" + std::string(name), around_limits<From, To>(t),
              [=](From x) { return saturated<To>(round(x)); });
}

// A conversion done by the host under another rounding direction.
template <class To, class From>
To rounded(From x, int direction) {
    if (x == 0)
        return static_cast<To>(x);  // some processors' instruction sequences for unsigned numbers give -0
    volatile From value = x;
    std::fesetround(direction);
    volatile To result = static_cast<To>(value);
    std::fesetround(FE_TONEAREST);
    return result;
}
template <class To, class From>
void named_to_floating(Context& t, std::string_view name, int direction) {
    std::vector<From> values;
    if constexpr (std::is_integral_v<From>)
        values = operands<From>(t, 3001);
    else
        values = floats<From>(t, 3001);
    if constexpr (std::is_floating_point_v<From>)
        for (int i = 0; i < 1000; ++i)  // within the narrower type's range, subnormals too
            values.push_back(std::ldexp(t.uniform<From>(1, From(-2), From(2))[0],
                                        static_cast<int>(t.random()() % 290) - 155));
    t.map<To>("named_" + std::string(name), values, [=](From x) { return rounded<To>(x, direction); });
}

void mixed_signedness(Context& t) {
    const auto a = operands<int>(t, 2001);
    const auto b = operands<unsigned>(t, 2001);
    t.map2<int>("mixed_signedness", a, b, [](int x, unsigned y) {
        const unsigned ux = static_cast<unsigned>(x);
        int bits = 0;
        bits |= (ux < y) << 0;
        bits |= (static_cast<long long>(x) < static_cast<long long>(y)) << 1;
        bits |= (ux + y > 0) << 2;
        bits |= (static_cast<int>(static_cast<short>(x)) < static_cast<int>(static_cast<unsigned short>(y)))
                << 3;
        bits |= (ux / 2 == static_cast<unsigned>(x / 2)) << 4;
        bits |=
            (static_cast<int>(static_cast<signed char>(x)) == static_cast<int>(static_cast<unsigned char>(x)))
            << 5;
        return bits;
    });
}

void promotions(Context& t) {
    t.map2<int>("promotions", t.random_bits<unsigned char>(2001), t.random_bits<unsigned char>(2001),
                [](int x, int y) {
                    return (x + y) * 2 - static_cast<unsigned char>(x + y) + (x - y) / 2 + (~x >> 1);
                });
}

void booleans(Context& t) {
    t.map<unsigned char>("booleans", operands<int>(t, 2001), [](int a) {
        bool x = a != 0;
        const bool y = (a & 256) != 0, z = a % 7 != 0;
        const std::array stored{x, y, z};
        x = x != y;
        int sum = x + y + z + 1;
        sum += stored[static_cast<unsigned>(a) % 3] ? 10 : 20;
        return sum * 4 + !x * 2 + (y || z);
    });
    const auto flags = t.uniform<unsigned char>(1001, 0, 1);
    Buffer out = t.zeros<unsigned char>(1001);
    t.over("bool_array", 1001, t.upload(flags), out);
    std::vector<unsigned char> want(1001);
    for (std::size_t i = 0; i < 1001; ++i) want[i] = !flags[i] || i % 5 == 0;
    t.equal(t.download<unsigned char>(out), want, "arrays of bool");
}

void increments(Context& t) {
    const auto in = t.uniform<int>(1001, -100000, 100000);
    Buffer data = t.upload(in), out = t.zeros<int>(1001);
    t.over("increments", 1001, data, out);
    std::vector<int> want_data, want_out;
    for (int v : in) {
        int r = v * 2;
        v += 2;
        r += v;
        r -= v;
        --v;
        v += r;
        v = static_cast<int>(static_cast<unsigned>(v) << 2);
        v ^= r;
        v %= 1000;
        want_data.push_back(v);
        want_out.push_back(r);
    }
    t.equal(t.download<int>(data), want_data, "data");
    t.equal(t.download<int>(out), want_out, "results");
}

void enums(Context& t) {
    t.map<int>("enums", t.uniform<int>(500, 0, 1000), [](int x) {
        return (x % 3 == 0 ? 1 : x % 3 == 1 ? 200 : 201) * 10 + (x & 4 ? -5 : x & 2 ? 1 : 0);
    });
}

void wide_products(Context& t) {
    t.map2<long long>("wide_products", operands<long long>(t, 2001), operands<long long>(t, 2001),
                      [](long long x, long long y) {
                          using U = unsigned long long;
                          return static_cast<long long>(static_cast<U>(x) * static_cast<U>(y) +
                                                        static_cast<U>(x >> 7) -
                                                        static_cast<U>(y) % 1000003ull);
                      });
}

__extension__ typedef unsigned __int128 Wide;

void int128(Context& t) {
    const auto a = operands<unsigned long long>(t, 1001), b = operands<unsigned long long>(t, 1001);
    Buffer low = t.zeros<unsigned long long>(1001), high = t.zeros<unsigned long long>(1001);
    t.over("int128", 1001, t.upload(a), t.upload(b), low, high);
    std::vector<unsigned long long> want_low, want_high;
    for (std::size_t i = 0; i < 1001; ++i) {
        const Wide p = static_cast<Wide>(a[i]) * b[i] + a[i];
        want_low.push_back(static_cast<unsigned long long>(p));
        want_high.push_back(static_cast<unsigned long long>(p >> 64));
    }
    t.equal(t.download<unsigned long long>(low), want_low, "low halves");
    t.equal(t.download<unsigned long long>(high), want_high, "high halves");
}

void int128_divisions(Context& t) {
    __extension__ typedef __int128 Signed;
    const int n = 1001;
    const auto a = t.random_bits<unsigned long long>(n), b = t.random_bits<unsigned long long>(n);
    Buffer out = t.zeros<unsigned long long>(12 * n);
    t.over("int128_divisions", n, t.upload(a), t.upload(b), out);
    std::vector<unsigned long long> want;
    for (int i = 0; i < n; ++i) {
        const Wide x = (static_cast<Wide>(a[i]) << 64 | b[i]) >> (a[i] % 128);
        Wide y = (static_cast<Wide>(b[i]) << 64 | a[i]) >> (b[i] % 128);
        if (y == 0) y = 7;
        const Signed s = i % 2 != 0 ? -static_cast<Signed>(x >> 1) : static_cast<Signed>(x >> 1);
        const Signed d = i % 3 != 0 ? -static_cast<Signed>((y >> 1) + 1) : static_cast<Signed>((y >> 2) + 1);
        for (const Wide result :
             {x / y, x % y, static_cast<Wide>(s / d), static_cast<Wide>(s % d), x / 1000003, y % 10}) {
            want.push_back(static_cast<unsigned long long>(result));
            want.push_back(static_cast<unsigned long long>(result >> 64));
        }
    }
    t.equal(t.download<unsigned long long>(out), want, "quotients and remainders, halves by turns");
}

void int128_sums(Context& t) {
    __extension__ typedef __int128 Signed;
    const std::size_t n = 1001;
    const auto a = operands<unsigned long long>(t, n), b = operands<unsigned long long>(t, n);
    Buffer low = t.zeros<unsigned long long>(n), high = t.zeros<unsigned long long>(n);
    t.over("int128_sums", n, t.upload(a), t.upload(b), low, high);
    std::vector<unsigned long long> want_low, want_high;
    for (std::size_t i = 0; i < n; ++i) {
        const Wide x = static_cast<Wide>(a[i]) << 64 | b[i];
        Wide s = x, sum = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            sum += x - static_cast<Wide>(b[(i + k) % n]) * 3;
            sum ^= static_cast<Wide>(static_cast<Signed>(s) >> (b[i] % 128));
            if (static_cast<Signed>(s) < static_cast<Signed>(sum)) s = -s;
        }
        sum = sum * x + (sum >> 100) + (x << (a[i] % 128));
        sum = static_cast<Signed>(s) > static_cast<Signed>(x) ? sum & x : sum | x;
        want_low.push_back(static_cast<unsigned long long>(sum));
        want_high.push_back(static_cast<unsigned long long>(sum >> 64));
    }
    t.equal(t.download<unsigned long long>(low), want_low, "low halves");
    t.equal(t.download<unsigned long long>(high), want_high, "high halves");
}

void division_by_constants(Context& t) {
    t.map<int>("division_by_constants", operands<int>(t, 5001), [](int a) {
        const auto u = static_cast<unsigned>(a);
        return static_cast<int>(static_cast<unsigned>(a / 7) + static_cast<unsigned>(a % 10) +
                                static_cast<unsigned>(a / -16) + static_cast<unsigned>(a % 64) + u / 3 +
                                u % 1000 + u / 641);
    });
}

void float_in_place(Context& t) {
    const auto in = t.uniform<float>(777, -100, 100);
    Buffer data = t.upload(in);
    t.over("float_in_place", 777, data);
    std::vector<float> want;
    for (const float x : in) want.push_back(((x + 1.5f) * -2.0f - 0.25f) / 4.0f);
    t.equal(t.download<float>(data), want, "float in place");
}

void contraction(Context& t) {
    const std::size_t n = 3001;
    const auto a = t.uniform<float>(n, -10, 10), b = t.uniform<float>(n, -10, 10),
               c = t.uniform<float>(n, -10, 10);
    Buffer fused = t.zeros<float>(n), separate = t.zeros<float>(n);
    t.over("contraction", n, t.upload(a), t.upload(b), t.upload(c), fused, separate);
    std::vector<float> want_fused, want_separate;
    for (std::size_t i = 0; i < n; ++i) {
        want_fused.push_back(std::fma(a[i], b[i], c[i]));
        const volatile float product = a[i] * b[i];
        want_separate.push_back(product + c[i]);
    }
    t.equal(t.download<float>(fused), want_fused, "fmaf");
    t.equal(t.download<float>(separate), want_separate, "__fadd_rn(__fmul_rn)");
}

void subnormals(Context& t) {
    t.map2<float>("subnormals", t.uniform<float>(1001, -1e-20f, 1e-20f),
                  t.uniform<float>(1001, -1e-20f, 1e-20f), [](float x, float y) { return x * y; });
}

const Registration arithmetic({"types",
                               "types",
                               {
                                   {"arithmetic_i8", integer_arithmetic<signed char>},
                                   {"arithmetic_u8", integer_arithmetic<unsigned char>},
                                   {"arithmetic_i16", integer_arithmetic<short>},
                                   {"arithmetic_u16", integer_arithmetic<unsigned short>},
                                   {"arithmetic_i32", integer_arithmetic<int>},
                                   {"arithmetic_u32", integer_arithmetic<unsigned>},
                                   {"arithmetic_i64", integer_arithmetic<long long>},
                                   {"arithmetic_u64", integer_arithmetic<unsigned long long>},
                                   {"division_i8", integer_division<signed char>},
                                   {"division_u8", integer_division<unsigned char>},
                                   {"division_i16", integer_division<short>},
                                   {"division_u16", integer_division<unsigned short>},
                                   {"division_i32", integer_division<int>},
                                   {"division_u32", integer_division<unsigned>},
                                   {"division_i64", integer_division<long long>},
                                   {"division_u64", integer_division<unsigned long long>},
                                   {"divide_then_test",
                                    [](Context& t) {
                                        divide_then_test<signed char>(t);
                                        divide_then_test<unsigned char>(t);
                                        divide_then_test<short>(t);
                                        divide_then_test<unsigned short>(t);
                                        divide_then_test<int>(t);
                                        divide_then_test<unsigned>(t);
                                        divide_then_test<long long>(t);
                                        divide_then_test<unsigned long long>(t);
                                    }},
                                   {"arithmetic_f32", float_arithmetic<float>},
                                   {"arithmetic_f64", float_arithmetic<double>},
                                   {"shifts_i32", shifts<int>},
                                   {"shifts_u32", shifts<unsigned>},
                                   {"shifts_i64", shifts<long long>},
                                   {"shifts_u64", shifts<unsigned long long>},
                                   {"mixed_signedness", mixed_signedness},
                                   {"promotions", promotions},
                                   {"booleans", booleans},
                                   {"increments", increments},
                                   {"enums", enums},
                                   {"wide_products", wide_products},
                                   {"int128", int128},
                                   {"int128_divisions", int128_divisions},
                                   {"int128_sums", int128_sums},
                                   {"division_by_constants", division_by_constants},
                                   {"float_in_place", float_in_place},
                                   {"contraction", contraction},
                                   {"subnormals", subnormals},
                               }});

template <class T>
T identity_nearest(T x) {
    return std::nearbyint(x);
}
template <class T>
T toward_zero(T x) {
    return std::trunc(x);
}
template <class T>
T upward(T x) {
    return std::ceil(x);
}
template <class T>
T downward(T x) {
    return std::floor(x);
}

const Registration conversions({
    "conversions",
    "types",
    {
        {"i8", integer_and_floating<signed char>},
        {"u8", integer_and_floating<unsigned char>},
        {"i16", integer_and_floating<short>},
        {"u16", integer_and_floating<unsigned short>},
        {"i32", integer_and_floating<int>},
        {"u32", integer_and_floating<unsigned>},
        {"i64", integer_and_floating<long long>},
        {"u64", integer_and_floating<unsigned long long>},
        {"f32_f64",
         [](Context& t) {
             t.map<double>("convert<float, double>", floats<float>(t, 3001),
                           [](float x) { return static_cast<double>(x); });
             t.map<float>("convert<double, float>", floats<double>(t, 3001),
                          [](double x) { return static_cast<float>(x); });
         }},
        {"between_integers",
         [](Context& t) {
             integers_convert<int, signed char>(t);
             integers_convert<int, unsigned short>(t);
             integers_convert<signed char, unsigned long long>(t);
             integers_convert<unsigned char, long long>(t);
             integers_convert<long long, int>(t);
             integers_convert<unsigned, long long>(t);
         }},
        {"float_to_int_rounded",
         [](Context& t) {
             named_to_integer<int, float>(t, "float2int_rn", identity_nearest);
             named_to_integer<int, float>(t, "float2int_rz", toward_zero);
             named_to_integer<int, float>(t, "float2int_ru", upward);
             named_to_integer<int, float>(t, "float2int_rd", downward);
             named_to_integer<unsigned, float>(t, "float2uint_rn", identity_nearest);
             named_to_integer<unsigned, float>(t, "float2uint_rd", downward);
         }},
        {"float_to_long_rounded",
         [](Context& t) {
             named_to_integer<long long, float>(t, "float2ll_rn", identity_nearest);
             named_to_integer<unsigned long long, float>(t, "float2ull_ru", upward);
         }},
        {"double_to_integer_rounded",
         [](Context& t) {
             named_to_integer<int, double>(t, "double2int_rn", identity_nearest);
             named_to_integer<int, double>(t, "double2int_rd", downward);
             named_to_integer<unsigned, double>(t, "double2uint_ru", upward);
             named_to_integer<long long, double>(t, "double2ll_rz", toward_zero);
             named_to_integer<unsigned long long, double>(t, "double2ull_rn", identity_nearest);
         }},
        {"double_to_float_rounded",
         [](Context& t) {
             named_to_floating<float, double>(t, "double2float_rn", FE_TONEAREST);
             named_to_floating<float, double>(t, "double2float_rz", FE_TOWARDZERO);
             named_to_floating<float, double>(t, "double2float_ru", FE_UPWARD);
             named_to_floating<float, double>(t, "double2float_rd", FE_DOWNWARD);
         }},
        {"int_to_float_rounded",
         [](Context& t) {
             named_to_floating<float, int>(t, "int2float_rn", FE_TONEAREST);
             named_to_floating<float, int>(t, "int2float_rz", FE_TOWARDZERO);
             named_to_floating<float, int>(t, "int2float_ru", FE_UPWARD);
             named_to_floating<float, int>(t, "int2float_rd", FE_DOWNWARD);
             named_to_floating<float, unsigned>(t, "uint2float_rz", FE_TOWARDZERO);
         }},
        {"long_to_float_rounded",
         [](Context& t) {
             named_to_floating<float, long long>(t, "ll2float_rd", FE_DOWNWARD);
             named_to_floating<float, unsigned long long>(t, "ull2float_ru", FE_UPWARD);
             named_to_floating<double, long long>(t, "ll2double_rz", FE_TOWARDZERO);
             named_to_floating<double, long long>(t, "ll2double_ru", FE_UPWARD);
             named_to_floating<double, unsigned long long>(t, "ull2double_rd", FE_DOWNWARD);
         }},
        {"bits",
         [](Context& t) {
             t.map<int>("named_float_as_int", floats<float>(t, 999),
                        [](float x) { return std::bit_cast<int>(x); });
             t.map<float>("named_int_as_float", t.random_bits<int>(999),
                          [](int x) { return std::bit_cast<float>(x); });
             t.map<long long>("named_double_as_longlong", floats<double>(t, 999),
                              [](double x) { return std::bit_cast<long long>(x); });
             t.map<double>("named_longlong_as_double", t.random_bits<long long>(999),
                           [](long long x) { return std::bit_cast<double>(x); });
         }},
    },
});

}  // namespace
}  // namespace heddle::conformance
