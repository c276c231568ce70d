// Cases on __half and __nv_bfloat16: results must be those of one rounding, to the bit.
#include <array>
#include <cfloat>

#include "conformance/case.h"
#include "conformance/saturate.h"
#include "conformance/small_float.h"

namespace heddle::conformance {
namespace {

template <class F>
std::string_view kernel_type() {
    return std::is_same_v<F, Half> ? "__half" : "__nv_bfloat16";
}

template <class F>
std::string shown_value(F x) {
    return fmt::format("{} (0x{:04x})", x.value(), x.bits);
}

template <class F>
std::vector<F> values(Context& t, std::size_t count) {
    std::vector<F> v(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 3 == 0)
            v[i].bits = static_cast<std::uint16_t>(t.random()());
        else
            v[i] = F::of(t.uniform<double>(1, -8, 8)[0]);
    }
    return v;
}

template <class F>
void expect(Context& t, const std::vector<F>& got, std::size_t offset, const std::vector<F>& want,
            std::string_view what, const std::function<std::string(std::size_t)>& inputs, int tolerance = 0) {
    for (std::size_t i = 0; i < want.size(); ++i) {
        const F g = got[offset + i];
        const bool near = tolerance && std::abs(static_cast<std::int16_t>(g.bits) -
                                                static_cast<std::int16_t>(want[i].bits)) <= tolerance;
        if (!(g == want[i]) && !near)
            return t.fail(fmt::format("{}: element {} is {}, wanted {} for {}", what, i, shown_value(g),
                                      shown_value(want[i]), inputs(i)));
    }
}

template <class F>
void arithmetic(Context& t) {
    const std::size_t n = t.scaled(30011, 500);
    const auto a = values<F>(t, n), b = values<F>(t, n), c = values<F>(t, n);
    Buffer out = t.zeros<F>(12 * n);
    t.over(fmt::format("arithmetic<{}>", kernel_type<F>()), n, t.upload(a), t.upload(b), t.upload(c), out);
    const auto got = t.download<F>(out);
    constexpr std::array names{"__hadd", "__hsub", "__hmul", "__hdiv", "__hfma", "__hneg",
                               "__habs", "+",      "-",      "*",      "/",      "-(+=)"};
    for (std::size_t r = 0; r < names.size(); ++r) {
        std::vector<F> want;
        for (std::size_t i = 0; i < n; ++i) {
            const double x = a[i].value(), y = b[i].value(), z = c[i].value();
            const F negated{static_cast<std::uint16_t>(a[i].bits ^ 0x8000)},
                magnitude{static_cast<std::uint16_t>(a[i].bits & 0x7fff)};
            const F sum = F::fused(x, 1, y);
            switch (r) {
                case 0:
                case 7:
                    want.push_back(sum);
                    break;
                case 1:
                case 8:
                    want.push_back(F::fused(x, 1, -y));
                    break;
                case 2:
                case 9:
                    want.push_back(F::of(x * y));
                    break;
                case 3:
                case 10:
                    want.push_back(F::of(x / y));
                    break;
                case 4:
                    want.push_back(F::fused(x, y, z));
                    break;
                case 5:
                    want.push_back(negated);
                    break;
                case 6:
                    want.push_back(magnitude);
                    break;
                default:
                    want.push_back({static_cast<std::uint16_t>(sum.bits ^ 0x8000)});
            }
        }
        expect<F>(t, got, r * n, want, names[r], [&](std::size_t i) {
            return fmt::format("{}, {}, {}", shown_value(a[i]), shown_value(b[i]), shown_value(c[i]));
        });
    }
}

template <class F>
void saturating(Context& t) {
    const std::size_t n = 5001;
    auto a = values<F>(t, n), b = values<F>(t, n), c = values<F>(t, n);
    Buffer out = t.zeros<F>(3 * n);
    t.over(fmt::format("saturating<{}>", kernel_type<F>()), n, t.upload(a), t.upload(b), t.upload(c), out);
    const auto got = t.download<F>(out);
    for (std::size_t r = 0; r < 3; ++r) {
        std::vector<F> want;
        for (std::size_t i = 0; i < n; ++i) {
            const double x = a[i].value(), y = b[i].value(), z = c[i].value();
            const F v = r == 0 ? F::fused(x, 1, y) : r == 1 ? F::of(x * y) : F::fused(x, y, z);
            const double d = v.value();
            want.push_back(!(d > 0) ? F{} : d > 1 ? F::of(1) : v);  // NaN gives 0
        }
        constexpr std::array names{"__hadd_sat", "__hmul_sat", "__hfma_sat"};
        expect<F>(t, got, r * n, want, names[r], [&](std::size_t i) {
            return fmt::format("{}, {}, {}", shown_value(a[i]), shown_value(b[i]), shown_value(c[i]));
        });
    }
}

template <class F>
void compare(Context& t) {
    const std::size_t n = 9001;
    auto a = values<F>(t, n), b = values<F>(t, n);
    for (std::size_t i = 0; i < n; i += 5) b[i] = a[i];
    for (std::size_t i = 1; i < n; i += 50) b[i].bits = static_cast<std::uint16_t>(a[i].bits ^ 0x8000);
    a[0].bits = 0, b[0].bits = 0x8000;
    Buffer out = t.zeros<int>(n);
    t.over(fmt::format("compare<{}>", kernel_type<F>()), n, t.upload(a), t.upload(b), out);
    std::vector<int> want;
    for (std::size_t i = 0; i < n; ++i) {
        const double x = a[i].value(), y = b[i].value();
        const bool un = std::isnan(x) || std::isnan(y);
        const std::array bits{x == y,      !un && x != y, x<y, x <= y, x> y, x >= y,        un || x == y,
                              un || x < y, un || x >= y,  std::isnan(x),     std::isinf(x), x == y,
                              x < y,       x >= y};
        int w = 0;
        for (std::size_t k = 0; k < bits.size(); ++k) w |= bits[k] << k;
        // != of a NaN: __hne is ordered, the operator is C++'s
        w |= (x != y) << 14;
        want.push_back(w);
    }
    t.equal(t.download<int>(out), want, "comparisons",
            [&](std::size_t i) { return shown_value(a[i]) + ", " + shown_value(b[i]); });
}

template <class F>
void extremes(Context& t) {
    const std::size_t n = 5001;
    const auto a = values<F>(t, n), b = values<F>(t, n);
    Buffer out = t.zeros<F>(2 * n);
    t.over(fmt::format("extremes<{}>", kernel_type<F>()), n, t.upload(a), t.upload(b), out);
    const auto got = t.download<F>(out);
    std::vector<F> least, greatest;
    for (std::size_t i = 0; i < n; ++i) {
        const double x = a[i].value(), y = b[i].value();
        least.push_back(F::of(std::fmin(x, y)));
        greatest.push_back(F::of(std::fmax(x, y)));
    }
    const auto inputs = [&](std::size_t i) { return shown_value(a[i]) + ", " + shown_value(b[i]); };
    expect<F>(t, got, 0, least, "__hmin", inputs);
    expect<F>(t, got, n, greatest, "__hmax", inputs);
}

template <class F>
std::vector<F> every_value() {
    std::vector<F> all(65536);
    for (std::size_t i = 0; i < all.size(); ++i) all[i].bits = static_cast<std::uint16_t>(i);
    return all;
}

template <class F>
void roundings(Context& t) {
    const auto in = every_value<F>();
    const std::size_t n = in.size();
    Buffer out = t.zeros<F>(5 * n);
    t.over(fmt::format("roundings<{}>", kernel_type<F>()), n, t.upload(in), out);
    const auto got = t.download<F>(out);
    const std::array<double (*)(double), 5> functions{std::floor, std::ceil, std::trunc, std::nearbyint,
                                                      std::sqrt};
    constexpr std::array names{"hfloor", "hceil", "htrunc", "hrint", "hsqrt"};
    for (std::size_t r = 0; r < functions.size(); ++r) {
        std::vector<F> want;
        for (const F x : in) want.push_back(F::of(functions[r](x.value())));
        expect<F>(t, got, r * n, want, names[r], [&](std::size_t i) { return shown_value(in[i]); });
    }
}

// The functions are documented without bounds; one unit in the last place of the format is asked for.
template <class F>
void functions(Context& t) {
    std::vector<F> in;
    for (const F x : every_value<F>())
        if (std::fabs(x.value()) < 1000) in.push_back(x);
    const std::size_t n = in.size();
    Buffer out = t.zeros<F>(8 * n);
    t.over(fmt::format("functions<{}>", kernel_type<F>()), n, t.upload(in), out);
    const auto got = t.download<F>(out);
    const std::array<double (*)(double), 8> all{
        [](double x) { return std::exp(x); },      [](double x) { return std::exp2(x); },
        [](double x) { return std::log(x); },      [](double x) { return std::log2(x); },
        [](double x) { return std::sin(x); },      [](double x) { return std::cos(x); },
        [](double x) { return 1 / std::sqrt(x); }, [](double x) { return 1 / x; }};
    constexpr std::array names{"hexp", "hexp2", "hlog", "hlog2", "hsin", "hcos", "hrsqrt", "hrcp"};
    for (std::size_t r = 0; r < all.size(); ++r) {
        std::vector<F> want;
        for (const F x : in) want.push_back(F::of(all[r](x.value())));
        expect<F>(t, got, r * n, want, names[r], [&](std::size_t i) { return shown_value(in[i]); }, 1);
    }
}

template <class F>
void from_float(Context& t, std::string_view kernel) {
    std::vector<float> in;
    for (const F x : every_value<F>()) {  // around the ties between neighbours
        const auto f = static_cast<float>(x.value());
        if (!std::isfinite(f) || x.bits % 8) continue;
        const auto next = static_cast<float>(F{static_cast<std::uint16_t>(x.bits + 1)}.value());
        if (!std::isfinite(next)) continue;
        const float middle = f + (next - f) / 2;
        in.insert(in.end(), {f, middle, std::nextafter(middle, FLT_MAX), std::nextafter(middle, -FLT_MAX)});
    }
    for (const float f : t.random_bits<float>(5000)) in.push_back(f);
    for (const float f : {65504.0f, 65519.0f, 65520.0f, 1e30f, -1e30f, INFINITY, -INFINITY, NAN, 0.0f, -0.0f,
                          1e-8f, FLT_MIN, FLT_MAX})
        in.push_back(f);
    const std::size_t n = in.size();
    Buffer out = t.zeros<F>(6 * n);
    t.over(kernel, n, t.upload(in), out);
    const auto got = t.download<F>(out);
    constexpr std::array modes{Rounding::nearest, Rounding::nearest, Rounding::zero,
                               Rounding::up,      Rounding::down,    Rounding::nearest};
    constexpr std::array names{"default", "_rn", "_rz", "_ru", "_rd", "cast"};
    for (std::size_t r = 0; r < modes.size(); ++r) {
        std::vector<F> want;
        for (const float x : in) want.push_back(F::of(static_cast<double>(x), modes[r]));
        expect<F>(t, got, r * n, want, names[r], [&](std::size_t i) { return shown(in[i]); });
    }
}

template <class F>
void to_float(Context& t, std::string_view kernel) {
    const auto in = every_value<F>();
    Buffer out = t.zeros<float>(2 * in.size());
    t.over(kernel, in.size(), t.upload(in), out);
    std::vector<float> want;
    for (const F x : in) want.push_back(static_cast<float>(x.value()));
    want.insert(want.end(), want.begin(), want.begin() + 65536);
    t.equal(t.download<float>(out), want, kernel);
}

template <class F>
void from_double(Context& t, std::string_view kernel) {
    auto in = t.uniform<double>(4000, -70000, 70000);
    for (std::size_t i = 0; i < 2000; ++i) {  // a tie, and next to it what only double can hold
        const double tie = (F{static_cast<std::uint16_t>(i * 11)}.value() +
                            F{static_cast<std::uint16_t>(i * 11 + 1)}.value()) /
                           2;
        in.insert(in.end(), {tie, std::nextafter(tie, 1e9), std::nextafter(tie, -1e9)});
    }
    Buffer out = t.zeros<F>(in.size());
    t.over(kernel, in.size(), t.upload(in), out);
    std::vector<F> want;
    for (const double x : in) want.push_back(F::of(x));
    expect<F>(t, t.download<F>(out), 0, want, kernel, [&](std::size_t i) { return shown(in[i]); });
}

void from_int(Context& t) {
    auto in = t.uniform<int>(6000, -70000, 70000);
    for (const int x : t.random_bits<int>(1000)) in.push_back(x);
    const std::size_t n = in.size();
    Buffer out = t.zeros<Half>(4 * n);
    t.over("half_from_int", n, t.upload(in), out);
    const auto got = t.download<Half>(out);
    std::array<std::vector<Half>, 4> want;
    for (const int x : in) {
        want[0].push_back(Half::of(x));
        want[1].push_back(Half::of(static_cast<unsigned>(x), Rounding::zero));
        want[2].push_back(Half::of(static_cast<short>(x)));
        want[3].push_back(Half::of(static_cast<double>(x) * 3));
    }
    for (std::size_t r = 0; r < 4; ++r)
        expect<Half>(t, got, r * n, want[r], "from integer", [&](std::size_t i) { return shown(in[i]); });
}

void to_int(Context& t) {
    const auto in = every_value<Half>();
    const std::size_t n = in.size();
    Buffer out = t.zeros<int>(5 * n);
    t.over("half_to_int", n, t.upload(in), out);
    std::array<std::vector<int>, 5> want;
    for (const Half h : in) {
        const double x = h.value();
        want[0].push_back(saturated<int>(std::nearbyint(x)));
        want[1].push_back(saturated<int>(std::trunc(x)));
        want[2].push_back(static_cast<int>(saturated<unsigned>(std::ceil(x))));
        want[3].push_back(saturated<short>(std::floor(x)));
        want[4].push_back(static_cast<int>(saturated<long long>(std::trunc(x))));
    }
    const auto got = t.download<int>(out);
    constexpr std::array names{"__half2int_rn", "__half2int_rz", "__half2uint_ru", "__half2short_rd",
                               "__half2ll_rz"};
    for (std::size_t r = 0; r < 5; ++r) {
        const auto first = got.begin() + static_cast<std::ptrdiff_t>(r * n);
        t.equal(std::vector<int>(first, first + static_cast<std::ptrdiff_t>(n)), want[r], names[r],
                [&](std::size_t i) { return shown_value(in[i]); });
    }
}

void bits(Context& t) {
    std::vector<std::uint16_t> in;
    for (const Half h : every_value<Half>()) in.push_back(h.bits);
    t.map<std::uint16_t>("half_bits", in, [](std::uint16_t) { return 0; });
}

template <class F>
void pairs(Context& t, std::string_view kernel) {
    const std::size_t n = 2001;
    const auto a = values<F>(t, 2 * n), b = values<F>(t, 2 * n), c = values<F>(t, 2 * n);
    Buffer out = t.zeros<F>(14 * n);
    t.over(kernel, n, t.upload(a), t.upload(b), t.upload(c), out);
    const auto got = t.download<F>(out);
    constexpr std::array names{"__hadd2", "__hsub2", "__hmul2", "__h2div", "__hfma2", "__hneg2"};
    for (std::size_t r = 0; r < 7; ++r) {
        for (std::size_t i = 0; i < 2 * n; ++i) {
            const double x = a[i].value(), y = b[i].value(), z = c[i].value();
            const F g = got[r * 2 * n + i];
            const std::array want{F::fused(x, 1, y), F::fused(x, 1, -y),
                                  F::of(x * y),      F::of(x / y),
                                  F::fused(x, y, z), F{static_cast<std::uint16_t>(a[i].bits ^ 0x8000)}};
            if (r < 6 && !(g == want[r]))
                return t.fail(fmt::format("{}: element {} is {}, wanted {} for {}, {}, {}", names[r], i,
                                          shown_value(g), shown_value(want[r]), shown_value(a[i]),
                                          shown_value(b[i]), shown_value(c[i])));
            // a * b + c may be fused
            if (r == 6 && !(g == want[4]) && !(g == F::fused(want[2].value(), 1, z)))
                return t.fail(fmt::format("a * b + c: element {} is {}, wanted {}", i, shown_value(g),
                                          shown_value(want[4])));
        }
    }
}

void pair_parts(Context& t) {
    const std::size_t n = 1001;
    const auto in = values<Half>(t, 2 * n);
    Buffer out = t.zeros<Half>(5 * n), floats = t.zeros<float>(4 * n);
    t.over("half2_parts", n, t.upload(in), out, floats);
    std::vector<Half> want(5 * n);
    std::vector<float> want_floats(4 * n);
    for (std::size_t i = 0; i < n; ++i) {
        const Half low = in[2 * i], high = in[2 * i + 1];
        want[i] = low, want[n + i] = high, want[2 * n + i] = high, want[3 * n + i] = high,
        want[4 * n + i] = high;
        want_floats[i] = want_floats[2 * n + i] = static_cast<float>(low.value());
        want_floats[n + i] = want_floats[3 * n + i] = static_cast<float>(high.value());
    }
    expect<Half>(t, t.download<Half>(out), 0, want, "parts", [](std::size_t i) { return std::to_string(i); });
    t.equal(t.download<float>(floats), want_floats, "parts as floats");
}

void shared_reduction(Context& t) {
    std::vector<Half> in, want;
    for (const int v : t.uniform<int>(640, -10, 10)) in.push_back(Half::of(v));
    for (std::size_t b = 0; b < 10; ++b) {
        double sum = 0;
        for (std::size_t i = 0; i < 64; ++i) sum += in[b * 64 + i].value();
        want.push_back(Half::of(sum));
    }
    Buffer out = t.zeros<Half>(10);
    t.launch("half_shared_reduction", {10}, {64}, t.upload(in), out);
    expect<Half>(t, t.download<Half>(out), 0, want, "sums", [](std::size_t i) { return std::to_string(i); });
}

void shuffle(Context& t) {
    const auto in = values<Half>(t, 64);
    Buffer out = t.zeros<Half>(128);
    t.launch("half_shuffle", {1}, {64}, t.upload(in), out);
    std::vector<Half> want;
    for (std::size_t i = 0; i < 64; ++i) want.push_back(in[i ^ 5]);
    for (std::size_t i = 0; i < 64; ++i) want.push_back(in[i % 8 + 3 < 8 ? i + 3 : i]);
    expect<Half>(t, t.download<Half>(out), 0, want, "shuffle",
                 [](std::size_t i) { return std::to_string(i); });
}

void atomic_add(Context& t) {
    Buffer target = t.zeros<Half>(2), pair = t.zeros<Half>(2);
    t.over("half_atomic_add", 500, target, pair);
    expect<Half>(t, t.download<Half>(target), 0, {Half::of(125), Half::of(125)}, "atomicAdd",
                 [](std::size_t) { return "0.5"; });
    expect<Half>(t, t.download<Half>(pair), 0, {Half::of(500), Half::of(125)}, "atomicAdd of pairs",
                 [](std::size_t) { return "1, 0.25"; });
}

void parameter(Context& t) {
    const auto x = values<Half>(t, 700), y = values<Half>(t, 700);
    const Half a = Half::of(1.5);
    Buffer out = t.upload(y);
    t.over("half_axpy", 700, a, t.upload(x), out);
    std::vector<Half> want;
    for (std::size_t i = 0; i < 700; ++i) want.push_back(Half::fused(1.5, x[i].value(), y[i].value()));
    expect<Half>(t, t.download<Half>(out), 0, want, "axpy", [&](std::size_t i) { return shown_value(x[i]); });
}

const Registration topic(
    {"half",
     "half",
     {
         {"f16_arithmetic", arithmetic<Half>},
         {"bf16_arithmetic", arithmetic<Bfloat16>},
         {"f16_saturating", saturating<Half>},
         {"bf16_saturating", saturating<Bfloat16>},
         {"f16_compare", compare<Half>},
         {"bf16_compare", compare<Bfloat16>},
         {"f16_min_max", extremes<Half>},
         {"bf16_min_max", extremes<Bfloat16>},
         {"f16_rounding", roundings<Half>},
         {"bf16_rounding", roundings<Bfloat16>},
         {"f16_functions", functions<Half>},
         {"bf16_functions", functions<Bfloat16>},
         {"f16_from_float", [](Context& t) { from_float<Half>(t, "half_from_float"); }},
         {"bf16_from_float", [](Context& t) { from_float<Bfloat16>(t, "bf16_from_float"); }},
         {"f16_to_float", [](Context& t) { to_float<Half>(t, "half_to_float"); }},
         {"bf16_to_float", [](Context& t) { to_float<Bfloat16>(t, "bf16_to_float"); }},
         {"f16_from_double", [](Context& t) { from_double<Half>(t, "half_from_double"); }},
         {"bf16_from_double", [](Context& t) { from_double<Bfloat16>(t, "bf16_from_double"); }},
         {"f16_from_int", from_int},
         {"f16_to_int", to_int},
         {"f16_bits", bits},
         {"f16_pairs", [](Context& t) { pairs<Half>(t, "half2_arithmetic"); }},
         {"bf16_pairs", [](Context& t) { pairs<Bfloat16>(t, "bf162_arithmetic"); }},
         {"f16_pair_parts", pair_parts},
         {"f16_shared_reduction", shared_reduction},
         {"f16_shuffle", shuffle},
         {"f16_atomic_add", atomic_add},
         {"f16_parameter", parameter},
     }});

}  // namespace
}  // namespace heddle::conformance
