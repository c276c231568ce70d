// Cases on integer intrinsics and on SIMD within a word: random and special operands against host references.
#include <array>
#include <bit>
#include <limits>
#include <map>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

using u8 = unsigned char;
using i8 = signed char;
using u32 = unsigned;
using u64 = unsigned long long;
using i64 = long long;
__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

template <class T>
std::vector<T> words(Context& t) {
    using L = std::numeric_limits<T>;
    auto v = t.random_bits<T>(t.scaled(20011, 500));
    for (std::size_t i = 0; i < v.size(); i += 2)
        v[i] = static_cast<T>(v[i] >> (t.random()() % (sizeof(T) * 8)));
    const std::array special{T(0),     T(1),    static_cast<T>(-1),          L::min(),
                             L::max(), T(0x55), static_cast<T>(L::max() - 1)};
    for (std::size_t i = 0; i < v.size(); i += 5) v[i] = special[t.random()() % special.size()];
    std::ranges::shuffle(v, t.random());
    return v;
}

template <class A, class R, class F>
Case one(std::string_view name, F reference) {
    return {std::string(name), [=](Context& t) {
                t.map<R>(name, words<A>(t), [&](A a) { return static_cast<R>(reference(a)); });
            }};
}
template <class A, class B, class R, class F>
Case two(std::string_view name, F reference) {
    return {std::string(name), [=](Context& t) {
                const auto a = words<A>(t);
                const auto b = words<B>(t);
                t.map2<R>(name, a, b, [&](A x, B y) { return static_cast<R>(reference(x, y)); });
            }};
}
template <class A, class R, class F>
Case three(std::string_view name, F reference) {
    return {std::string(name), [=](Context& t) {
                const auto a = words<A>(t), b = words<A>(t), c = words<A>(t);
                t.map3<R>(name, a, b, c, [&](A x, A y, A z) { return static_cast<R>(reference(x, y, z)); });
            }};
}

template <class T>
int leading_zeros(T x) {
    return std::countl_zero(static_cast<std::make_unsigned_t<T>>(x));
}
template <class T>
int find_first(T x) {
    return x ? std::countr_zero(static_cast<std::make_unsigned_t<T>>(x)) + 1 : 0;
}
template <class T>
T reverse(T x) {
    T r = 0;
    for (std::size_t i = 0; i < sizeof(T) * 8; ++i, x >>= 1) r = static_cast<T>(r << 1 | (x & 1));
    return r;
}
i64 signed24(u32 x) {
    return static_cast<int>(x << 8) >> 8;
}

u32 byte_perm(u32 x, u32 y, u32 s) {
    const u64 all = static_cast<u64>(y) << 32 | x;
    u32 r = 0;
    for (u32 i = 0; i < 4; ++i) {
        const u32 byte = static_cast<u32>(all >> (8 * (s >> (4 * i) & 7))) & 255;
        r |= byte << (8 * i);
    }
    return r;
}
u64 wide(u32 low, u32 high) {
    return static_cast<u64>(high) << 32 | low;
}

u32 absolute_difference(u32 a, u32 b) {
    return a > b ? a - b : b - a;
}
u32 sad(int a, int b, u32 c) {
    const i64 d = static_cast<i64>(a) - b;
    return static_cast<u32>(d < 0 ? -d : d) + c;
}

template <class T>
int dot4(u32 a, u32 b, u32 c) {
    u32 sum = c;
    for (int i = 0; i < 4; ++i)
        sum += static_cast<u32>(static_cast<int>(static_cast<T>(a >> (8 * i))) *
                                static_cast<int>(static_cast<T>(b >> (8 * i))));
    return static_cast<int>(sum);
}
// two 16-bit values of a times two bytes of b, from byte `first` on
template <class Half, class Byte>
int dot2(u32 a, u32 b, u32 c, int first) {
    u32 sum = c;
    for (int i = 0; i < 2; ++i)
        sum += static_cast<u32>(static_cast<i64>(static_cast<Half>(a >> (16 * i))) *
                                static_cast<i64>(static_cast<Byte>(b >> (8 * (first + i)))));
    return static_cast<int>(sum);
}

Case sad_signed() {
    return {"sad", [](Context& t) {
                const auto a = words<int>(t), b = words<int>(t);
                const auto c = words<u32>(t);
                t.map3<u32>("sad", a, b, c, [](int x, int y, u32 z) { return sad(x, y, z); });
            }};
}

const Registration integers({
    "integers",
    "integers",
    {
        one<int, int>("clz", leading_zeros<int>),
        one<i64, int>("clzll", leading_zeros<i64>),
        one<u32, int>("popc", [](u32 x) { return std::popcount(x); }),
        one<u64, int>("popcll", [](u64 x) { return std::popcount(x); }),
        one<u32, u32>("brev", reverse<u32>),
        one<u64, u64>("brevll", reverse<u64>),
        one<int, int>("ffs", find_first<int>),
        one<i64, int>("ffsll", find_first<i64>),
        one<int, int>("abs_i32",
                      [](int x) { return x < 0 ? 0u - static_cast<u32>(x) : static_cast<u32>(x); }),
        one<i64, i64>("abs_i64",
                      [](i64 x) { return x < 0 ? 0ull - static_cast<u64>(x) : static_cast<u64>(x); }),
        two<int, int, int>("mul24",
                           [](int a, int b) {
                               return signed24(static_cast<u32>(a)) * signed24(static_cast<u32>(b));
                           }),
        two<u32, u32, u32>("umul24",
                           [](u32 a, u32 b) { return static_cast<u64>(a & 0xffffff) * (b & 0xffffff); }),
        two<int, int, int>("mulhi", [](int a, int b) { return static_cast<i64>(a) * b >> 32; }),
        two<u32, u32, u32>("umulhi", [](u32 a, u32 b) { return static_cast<u64>(a) * b >> 32; }),
        two<i64, i64, i64>("mul64hi",
                           [](i64 a, i64 b) { return static_cast<i64>(static_cast<i128>(a) * b >> 64); }),
        two<u64, u64, u64>("umul64hi",
                           [](u64 a, u64 b) { return static_cast<u64>(static_cast<u128>(a) * b >> 64); }),
        two<int, int, int>("hadd", [](int a, int b) { return (static_cast<i64>(a) + b) >> 1; }),
        two<u32, u32, u32>("uhadd", [](u32 a, u32 b) { return (static_cast<u64>(a) + b) >> 1; }),
        two<int, int, int>("rhadd", [](int a, int b) { return (static_cast<i64>(a) + b + 1) >> 1; }),
        two<u32, u32, u32>("urhadd", [](u32 a, u32 b) { return (static_cast<u64>(a) + b + 1) >> 1; }),
        two<int, int, int>("min_i32", [](int a, int b) { return std::min(a, b); }),
        two<u32, u32, u32>("max_u32", [](u32 a, u32 b) { return std::max(a, b); }),
        two<i64, i64, i64>("min_i64", [](i64 a, i64 b) { return std::min(a, b); }),
        two<u64, u64, u64>("max_u64", [](u64 a, u64 b) { return std::max(a, b); }),
        two<i64, i64, i64>("llmin_", [](i64 a, i64 b) { return std::min(a, b); }),
        two<u32, u32, u32>("umax_", [](u32 a, u32 b) { return std::max(a, b); }),
        sad_signed(),
        three<u32, u32>("usad", [](u32 a, u32 b, u32 c) { return absolute_difference(a, b) + c; }),
        three<u32, u32>("byte_perm", byte_perm),
        three<u32, u32>("funnel_l", [](u32 a, u32 b, u32 c) { return wide(a, b) << (c & 31) >> 32; }),
        three<u32, u32>("funnel_r", [](u32 a, u32 b, u32 c) { return wide(a, b) >> (c & 31); }),
        three<u32, u32>("funnel_lc",
                        [](u32 a, u32 b, u32 c) { return wide(a, b) << std::min(c, 32u) >> 32; }),
        three<u32, u32>("funnel_rc", [](u32 a, u32 b, u32 c) { return wide(a, b) >> std::min(c, 32u); }),
        three<int, int>("dp4a_s",
                        [](int a, int b, int c) {
                            return dot4<i8>(static_cast<u32>(a), static_cast<u32>(b), static_cast<u32>(c));
                        }),
        three<u32, u32>("dp4a_u", dot4<u8>),
        three<int, int>("dp2a_lo_s",
                        [](int a, int b, int c) {
                            return dot2<short, i8>(static_cast<u32>(a), static_cast<u32>(b),
                                                   static_cast<u32>(c), 0);
                        }),
        three<u32, u32>("dp2a_hi_u",
                        [](u32 a, u32 b, u32 c) { return dot2<unsigned short, u8>(a, b, c, 2); }),
    },
});

// ---- SIMD within a word: one element's function, signed or unsigned, applied to halves or bytes
struct Element {
    bool is_signed;
    bool is_sum;                                       // the results are added up instead of packed
    i64 (*function)(i64 a, i64 b, i64 low, i64 high);  // low, high: limits of the element's type
};

const std::map<std::string, Element>& elements() {
    static const std::map<std::string, Element> all{
        {"vadd", {false, false, [](i64 a, i64 b, i64, i64) { return a + b; }}},
        {"vaddss", {true, false, [](i64 a, i64 b, i64 l, i64 h) { return std::clamp(a + b, l, h); }}},
        {"vaddus", {false, false, [](i64 a, i64 b, i64 l, i64 h) { return std::clamp(a + b, l, h); }}},
        {"vsub", {false, false, [](i64 a, i64 b, i64, i64) { return a - b; }}},
        {"vsubss", {true, false, [](i64 a, i64 b, i64 l, i64 h) { return std::clamp(a - b, l, h); }}},
        {"vsubus", {false, false, [](i64 a, i64 b, i64 l, i64 h) { return std::clamp(a - b, l, h); }}},
        // the average is rounded away from zero for negative sums: (a + b + (a + b >= 0)) >> 1
        {"vavgs", {true, false, [](i64 a, i64 b, i64, i64) { return (a + b + (a + b >= 0)) >> 1; }}},
        {"vavgu", {false, false, [](i64 a, i64 b, i64, i64) { return (a + b + 1) >> 1; }}},
        {"vhaddu", {false, false, [](i64 a, i64 b, i64, i64) { return (a + b) >> 1; }}},
        {"vabsdiffs", {true, false, [](i64 a, i64 b, i64, i64) { return a > b ? a - b : b - a; }}},
        {"vabsdiffu", {false, false, [](i64 a, i64 b, i64, i64) { return a > b ? a - b : b - a; }}},
        {"vmaxs", {true, false, [](i64 a, i64 b, i64, i64) { return std::max(a, b); }}},
        {"vmaxu", {false, false, [](i64 a, i64 b, i64, i64) { return std::max(a, b); }}},
        {"vmins", {true, false, [](i64 a, i64 b, i64, i64) { return std::min(a, b); }}},
        {"vminu", {false, false, [](i64 a, i64 b, i64, i64) { return std::min(a, b); }}},
        {"vcmpeq", {false, false, [](i64 a, i64 b, i64, i64) { return -i64{a == b}; }}},
        {"vcmpne", {false, false, [](i64 a, i64 b, i64, i64) { return -i64{a != b}; }}},
        {"vcmpges", {true, false, [](i64 a, i64 b, i64, i64) { return -i64{a >= b}; }}},
        {"vcmpgeu", {false, false, [](i64 a, i64 b, i64, i64) { return -i64{a >= b}; }}},
        {"vcmpgts", {true, false, [](i64 a, i64 b, i64, i64) { return -i64{a > b}; }}},
        {"vcmpgtu", {false, false, [](i64 a, i64 b, i64, i64) { return -i64{a > b}; }}},
        {"vcmples", {true, false, [](i64 a, i64 b, i64, i64) { return -i64{a <= b}; }}},
        {"vcmpleu", {false, false, [](i64 a, i64 b, i64, i64) { return -i64{a <= b}; }}},
        {"vcmplts", {true, false, [](i64 a, i64 b, i64, i64) { return -i64{a < b}; }}},
        {"vcmpltu", {false, false, [](i64 a, i64 b, i64, i64) { return -i64{a < b}; }}},
        {"vseteq", {false, false, [](i64 a, i64 b, i64, i64) { return i64{a == b}; }}},
        {"vsetne", {false, false, [](i64 a, i64 b, i64, i64) { return i64{a != b}; }}},
        {"vsetges", {true, false, [](i64 a, i64 b, i64, i64) { return i64{a >= b}; }}},
        {"vsetgtu", {false, false, [](i64 a, i64 b, i64, i64) { return i64{a > b}; }}},
        {"vsetles", {true, false, [](i64 a, i64 b, i64, i64) { return i64{a <= b}; }}},
        {"vsetltu", {false, false, [](i64 a, i64 b, i64, i64) { return i64{a < b}; }}},
        {"vsads", {true, true, [](i64 a, i64 b, i64, i64) { return a > b ? a - b : b - a; }}},
        {"vsadu", {false, true, [](i64 a, i64 b, i64, i64) { return a > b ? a - b : b - a; }}},
        // of one operand
        {"vabs", {true, false, [](i64 a, i64, i64, i64) { return a < 0 ? -a : a; }}},
        {"vabsss", {true, false, [](i64 a, i64, i64, i64 h) { return std::min(a < 0 ? -a : a, h); }}},
        {"vneg", {true, false, [](i64 a, i64, i64, i64) { return -a; }}},
        {"vnegss", {true, false, [](i64 a, i64, i64, i64 h) { return std::min(-a, h); }}},
    };
    return all;
}

u32 packed(const Element& e, u32 a, u32 b, u32 width) {
    const u64 mask = (u64{1} << width) - 1;
    const i64 low = e.is_signed ? -(i64{1} << (width - 1)) : 0;
    const i64 high = e.is_signed ? (i64{1} << (width - 1)) - 1 : static_cast<i64>(mask);
    u32 result = 0;
    for (u32 at = 0; at < 32; at += width) {
        i64 x = static_cast<i64>(a >> at & mask), y = static_cast<i64>(b >> at & mask);
        if (e.is_signed && x > high) x -= static_cast<i64>(mask) + 1;
        if (e.is_signed && y > high) y -= static_cast<i64>(mask) + 1;
        const u64 r = static_cast<u64>(e.function(x, y, low, high)) & (e.is_sum ? ~u64{0} : mask);
        result += static_cast<u32>(e.is_sum ? r : r << at);
    }
    return result;
}

void packed_function(Context& t, const std::string& name, const Element& e, bool unary) {
    for (const u32 width : {16u, 8u}) {
        auto a = words<u32>(t);
        auto b = words<u32>(t);
        for (std::size_t i = 0; i < b.size(); i += 4)
            b[i] = a[i] ^ (0x01000100u << (i % 8));  // near each other
        for (std::size_t i = 1; i < b.size(); i += 16) a[i] = 0x80807f80u, b[i] = 0x7f80807fu;
        const std::string kernel = fmt::format("packed_{}{}", name, 32 / width);
        if (unary)
            t.map<u32>(kernel, a, [&](u32 x) { return packed(e, x, 0, width); });
        else
            t.map2<u32>(kernel, a, b, [&](u32 x, u32 y) { return packed(e, x, y, width); });
    }
}

std::vector<Case> packed_cases() {
    std::vector<Case> all;
    for (const auto& entry : elements()) {
        const std::string& name = entry.first;
        const bool unary = name.starts_with("vneg") || name == "vabs" || name == "vabsss";
        all.push_back(
            {name, [&entry, unary](Context& t) { packed_function(t, entry.first, entry.second, unary); }});
    }
    return all;
}

const Registration simd({"packed", "packed", packed_cases()});

}  // namespace
}  // namespace heddle::conformance
