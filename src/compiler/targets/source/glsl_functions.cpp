// The table of functions that printed GLSL calls. ADDRESS is a 64-bit number or a pair of words, AT(a, n) is
// n bytes behind a, LOW and HIGH are its words; Word32 and the like are references to memory.
#include "glsl_functions.h"

#include <array>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace heddle::compiler {
namespace {

struct Function {
    std::string_view name;
    std::vector<std::string_view> needs;
    std::string_view text;
};

const std::vector<Function>& floating_functions() {
    static const std::vector<Function> functions = {
        // By their bits: a compiler may assume that there are no NaN.
        {"is_nan", {}, R"(bool is_nan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }
)"},
        {"is_nan_double", {}, R"(bool is_nan_double(double x) {
    return (doubleBitsToUint64(x) & 0x7ffffffffffffffful) > 0x7ff0000000000000ul;
}
)"},
        {"lesser", {"is_nan"}, R"(float lesser(float a, float b) {
    return mix(mix(mix(b, a, a < b), b, is_nan(a)), a, is_nan(b));
}
)"},
        {"greater", {"is_nan"}, R"(float greater(float a, float b) {
    return mix(mix(mix(b, a, a > b), b, is_nan(a)), a, is_nan(b));
}
)"},
        {"lesser_double", {"is_nan_double"}, R"(double lesser_double(double a, double b) {
    return mix(mix(mix(b, a, a < b), b, is_nan_double(a)), a, is_nan_double(b));
}
)"},
        {"greater_double", {"is_nan_double"}, R"(double greater_double(double a, double b) {
    return mix(mix(mix(b, a, a > b), b, is_nan_double(a)), a, is_nan_double(b));
}
)"},
        {"minimum", {"is_nan"}, R"(float minimum(float a, float b) {
    if (is_nan(a) || is_nan(b)) return uintBitsToFloat(0x7fffffffu);
    if (a == b) return uintBitsToFloat(floatBitsToUint(a) | floatBitsToUint(b));
    return a < b ? a : b;
}
)"},
        {"maximum", {"is_nan"}, R"(float maximum(float a, float b) {
    if (is_nan(a) || is_nan(b)) return uintBitsToFloat(0x7fffffffu);
    if (a == b) return uintBitsToFloat(floatBitsToUint(a) & floatBitsToUint(b));
    return a > b ? a : b;
}
)"},
        {"minimum_double", {"is_nan_double"}, R"(double minimum_double(double a, double b) {
    if (is_nan_double(a) || is_nan_double(b)) return uint64BitsToDouble(0x7ffffffffffffffful);
    if (a == b) return uint64BitsToDouble(doubleBitsToUint64(a) | doubleBitsToUint64(b));
    return a < b ? a : b;
}
)"},
        {"maximum_double", {"is_nan_double"}, R"(double maximum_double(double a, double b) {
    if (is_nan_double(a) || is_nan_double(b)) return uint64BitsToDouble(0x7ffffffffffffffful);
    if (a == b) return uint64BitsToDouble(doubleBitsToUint64(a) & doubleBitsToUint64(b));
    return a > b ? a : b;
}
)"},
        {"with_sign", {}, R"(float with_sign(float x, float sign) {
    return uintBitsToFloat((floatBitsToUint(x) & 0x7fffffffu) | (floatBitsToUint(sign) & 0x80000000u));
}
)"},
        {"with_sign_double", {}, R"(double with_sign_double(double x, double sign) {
    return uint64BitsToDouble((doubleBitsToUint64(x) & 0x7ffffffffffffffful) |
                              (doubleBitsToUint64(sign) & 0x8000000000000000ul));
}
)"},
        {"round_away", {"with_sign"}, R"(float round_away(float x) {
    float whole = trunc(x);
    return with_sign(abs(x - whole) >= 0.5 ? abs(whole) + 1.0 : abs(whole), x);
}
)"},
        {"round_away_double", {"with_sign_double"}, R"(double round_away_double(double x) {
    double whole = trunc(x);
    return with_sign_double(abs(x - whole) >= 0.5lf ? abs(whole) + 1.0lf : abs(whole), x);
}
)"},
        // Quotients and roots with half a unit of error, from ones that have a few.
        {"divide", {}, R"(float divide(float a, float b) {
    float quotient = a / b;
    float size = abs(quotient), divisor = abs(b), dividend = abs(a);
    if (size > 7.9e-31 && size < 1.2e30 && divisor > 7.9e-31 && divisor < 1.2e30 && dividend > 1e-24) {
        float inverse = 1.0 / b;
        inverse = fma(fma(-b, inverse, 1.0), inverse, inverse);
        quotient = a * inverse;
        quotient = fma(fma(-b, quotient, a), inverse, quotient);
        return fma(fma(-b, quotient, a), inverse, quotient);
    }
    return float(double(a) / double(b));
}
)"},
        {"square_root", {}, R"(float square_root(float x) {
    bool is_small = x < 7.9e-31;
    float scaled = is_small ? x * 18446744073709551616.0 : x;
    float root = sqrt(scaled);
    if (scaled > 0.0 && scaled < 3.0e38) {
        float remainder = fma(-root, root, scaled);
        root = fma(remainder, 0.5 / root, root);
    }
    return is_small ? root * 2.3283064365386963e-10 : root;
}
)"},
        // Fused multiply-add where the device's is not: the sum is rounded to odd in the wider type, so that
        // rounding it again does no harm.
        {"fused", {}, R"(float fused(float a, float b, float c) {
    double product = double(a) * double(b);
    double sum = product + double(c);
    double behind = sum - product;
    double error = (product - (sum - behind)) + (double(c) - behind);
    uint64_t bits = doubleBitsToUint64(sum);
    if ((bits & 0x7ff0000000000000ul) != 0x7ff0000000000000ul && error != 0.0lf && (bits & 1ul) == 0ul)
        bits = ((error > 0.0lf) == (sum > 0.0lf)) ? bits + 1ul : bits - 1ul;
    return float(uint64BitsToDouble(bits));
}
)"},
        // Dekker's product and Boldo and Melquiond's sum, for numbers that are far from the ends of the
        // range: what
        // the maths library needs.
        {"fused_double_near", {}, R"(double fused_double_near(double a, double b, double c) {
    double product = a * b;
    double size = abs(product);
    if (!(size > 1e-250lf && size < 1e290lf && abs(a) < 1e290lf && abs(b) < 1e290lf && abs(c) < 1e290lf))
        return product + c;
    double split_a = a * 134217729.0lf, split_b = b * 134217729.0lf;
    double high_a = split_a - (split_a - a), high_b = split_b - (split_b - b);
    double low_a = a - high_a, low_b = b - high_b;
    double rest = ((high_a * high_b - product) + high_a * low_b + low_a * high_b) + low_a * low_b;
    double inner = c + rest;
    double behind = inner - c;
    double inner_error = (c - (inner - behind)) + (rest - behind);
    double outer = product + inner;
    behind = outer - product;
    double outer_error = (product - (outer - behind)) + (inner - behind);
    double correction = inner_error + outer_error;
    behind = correction - inner_error;
    double error = (inner_error - (correction - behind)) + (outer_error - behind);
    uint64_t bits = doubleBitsToUint64(correction);
    if (error != 0.0lf && (bits & 1ul) == 0ul)
        bits = ((error > 0.0lf) == (correction > 0.0lf)) ? bits + 1ul : bits - 1ul;
    return outer + uint64BitsToDouble(bits);
}
)"},
        // In integers, so that it holds for all numbers: the product has 106 bits, of which those below the
        // sum's
        // last place survive as one sticky bit.
        {"fused_double",
         {"mul_high", "leading_zeros_wide"},
         R"(uint64_t shifted_sticky(uint64_t x, int count) {
    if (count <= 0) return x;
    if (count > 63) return uint64_t(x != 0ul);
    return (x >> count) | uint64_t((x << (64 - count)) != 0ul);
}

double fused_double(double a, double b, double c) {
    uint64_t ua = doubleBitsToUint64(a), ub = doubleBitsToUint64(b), uc = doubleBitsToUint64(c);
    int ea = int(ua >> 52) & 0x7ff, eb = int(ub >> 52) & 0x7ff, ec = int(uc >> 52) & 0x7ff;
    if (ea == 0x7ff || eb == 0x7ff) return a * b + c;
    if (ec == 0x7ff) return c;
    uint64_t ma = ua & 0xffffffffffffful, mb = ub & 0xffffffffffffful, mc = uc & 0xffffffffffffful;
    if ((ua << 1) == 0ul || (ub << 1) == 0ul) return a * b + c;
    if (ea == 0) { int up = int(leading_zeros_wide(ma)) - 11; ma <<= up; ea = 1 - up; } else ma |= 0x10000000000000ul;
    if (eb == 0) { int up = int(leading_zeros_wide(mb)) - 11; mb <<= up; eb = 1 - up; } else mb |= 0x10000000000000ul;
    bool negative = ((ua ^ ub) >> 63) != 0ul, negative_c = (uc >> 63) != 0ul;
    // The product with its highest bit at 125 or 126 of 128: its exponent counts the last of them.
    uint64_t high = mul_high(ma << 10, mb << 11), low = (ma << 10) * (mb << 11);
    int exponent = ea + eb - 2150 - 21;
    if ((uc << 1) == 0ul) {
        mc = 0ul;
        ec = exponent;
    } else {
        if (ec == 0) { int up = int(leading_zeros_wide(mc)) - 11; mc <<= up; ec = 1 - up; } else mc |= 0x10000000000000ul;
        // The addend in the same form, its highest bit at 125.
        mc <<= 9;
        ec = ec - 1075 - 73;
    }
    uint64_t high_c = mc, low_c = 0ul;
    // The one with the smaller exponent is brought down to the other, what falls off becomes sticky.
    int down = exponent - ec;
    if (down < 0) {
        int by = -down;
        uint64_t sticky;
        if (by >= 128) { sticky = uint64_t((high | low) != 0ul); high = 0ul; low = sticky; }
        else if (by >= 64) { sticky = uint64_t(low != 0ul); low = shifted_sticky(high, by - 64) | sticky; high = 0ul; }
        else { sticky = uint64_t((low << (64 - by)) != 0ul); low = (low >> by) | (high << (64 - by)) | sticky; high >>= by; }
        exponent = ec;
    } else if (down > 0) {
        if (down >= 128) { low_c = uint64_t(high_c != 0ul); high_c = 0ul; }
        else if (down >= 64) { low_c = shifted_sticky(high_c, down - 64); high_c = 0ul; }
        else { low_c = high_c << (64 - down); high_c >>= down; }
    }
    if (negative == negative_c) {
        low += low_c;
        high += high_c + uint64_t(low < low_c);
    } else {
        if (high < high_c || (high == high_c && low < low_c)) {
            uint64_t swap = high; high = high_c; high_c = swap;
            swap = low; low = low_c; low_c = swap;
            negative = negative_c;
        }
        high -= high_c + uint64_t(low < low_c);
        low -= low_c;
        if ((high | low) == 0ul) return 0.0lf;
    }
    // The highest bit to 127, then the 53 bits that stay, with a round and a sticky bit below.
    int up = high != 0ul ? int(leading_zeros_wide(high)) : 64 + int(leading_zeros_wide(low));
    if (up >= 64) { high = low << (up - 64); low = 0ul; }
    else if (up > 0) { high = (high << up) | (low >> (64 - up)); low <<= up; }
    exponent -= up;
    uint64_t bits = high | uint64_t(low != 0ul);  // 64 bits, the last sticky
    int biased = exponent + 127 + 1023;
    if (biased >= 2047) return uint64BitsToDouble(uint64_t(negative) << 63 | 0x7ff0000000000000ul);
    int drop = 11;
    if (biased <= 0) { drop += 1 - biased; biased = 0; }
    uint64_t kept = drop >= 64 ? 0ul : bits >> drop;
    uint64_t rest = drop > 64 ? 1ul : drop == 64 ? bits : bits << (64 - drop);
    if (drop > 64) rest = 1ul;
    if (rest > 0x8000000000000000ul || (rest == 0x8000000000000000ul && (kept & 1ul) != 0ul)) kept++;
    uint64_t result = biased == 0 ? kept : (uint64_t(biased - 1) << 52) + kept;
    return uint64BitsToDouble(uint64_t(negative) << 63 | result);
}
)"},
        // Half precision, rounded to nearest, ties to even.
        {"bits_of_half", {}, R"(uint bits_of_half(float x) {
    uint bits = floatBitsToUint(x), sign = (bits >> 16) & 0x8000u, size = bits & 0x7fffffffu;
    if (size > 0x7f800000u) return sign | 0x7e00u | ((size >> 13) & 0x3ffu);
    if (size >= 0x47800000u) return sign | 0x7c00u;
    if (size < 0x38800000u) return sign | (floatBitsToUint(uintBitsToFloat(size) + 0.5) - 0x3f000000u);
    return sign | (((size + 0xfffu + ((size >> 13) & 1u)) >> 13) - 0x1c000u);
}
)"},
        {"half_of_bits", {}, R"(float half_of_bits(uint bits) {
    uint size = bits & 0x7fffu, sign = (bits & 0x8000u) << 16;
    if (size >= 0x7c00u) return uintBitsToFloat(sign | 0x7f800000u | ((size & 0x3ffu) << 13));
    if (size < 0x400u) return uintBitsToFloat(sign | floatBitsToUint(float(size) * 5.9604644775390625e-08));
    return uintBitsToFloat(sign | ((size << 13) + 0x38000000u));
}
)"},
        {"round_to_half", {"bits_of_half", "half_of_bits"}, R"(float round_to_half(float x) {
    return half_of_bits(bits_of_half(x));
}
)"},
        {"round_double_to_half", {"round_to_half"}, R"(float round_double_to_half(double x) {
    float near = float(x);
    uint bits = floatBitsToUint(near);
    if ((bits & 0x7f800000u) != 0x7f800000u && double(near) != x && (bits & 1u) == 0u)
        bits = abs(double(near)) < abs(x) ? bits + 1u : bits - 1u;
    return round_to_half(uintBitsToFloat(bits));
}
)"},
        {"half_multiply_add", {"round_to_half"}, R"(float half_multiply_add(float a, float b, float c) {
    float product = a * b;
    float sum = product + c;
    float behind = sum - product;
    float error = (product - (sum - behind)) + (c - behind);
    uint bits = floatBitsToUint(sum);
    if ((bits & 0x7f800000u) != 0x7f800000u && error != 0.0 && (bits & 1u) == 0u)
        bits = ((error > 0.0) == (sum > 0.0)) ? bits + 1u : bits - 1u;
    return round_to_half(uintBitsToFloat(bits));
}
)"},
        {"class_of", {}, R"(uint class_of(float x) {
    uint bits = floatBitsToUint(x), size = bits & 0x7fffffffu;
    if (size > 0x7f800000u) return (size & 0x400000u) != 0u ? 2u : 1u;
    bool is_negative = bits != size;
    if (size == 0x7f800000u) return is_negative ? 4u : 512u;
    if (size == 0u) return is_negative ? 32u : 64u;
    if (size < 0x800000u) return is_negative ? 16u : 128u;
    return is_negative ? 8u : 256u;
}
)"},
        {"class_of_half", {"bits_of_half"}, R"(uint class_of_half(float x) {
    uint bits = bits_of_half(x), size = bits & 0x7fffu;
    if (size > 0x7c00u) return (size & 0x200u) != 0u ? 2u : 1u;
    bool is_negative = bits != size;
    if (size == 0x7c00u) return is_negative ? 4u : 512u;
    if (size == 0u) return is_negative ? 32u : 64u;
    if (size < 0x400u) return is_negative ? 16u : 128u;
    return is_negative ? 8u : 256u;
}
)"},
        {"class_of_double", {}, R"(uint class_of_double(double x) {
    uint64_t bits = doubleBitsToUint64(x), size = bits & 0x7ffffffffffffffful;
    if (size > 0x7ff0000000000000ul) return (size & 0x8000000000000ul) != 0ul ? 2u : 1u;
    bool is_negative = bits != size;
    if (size == 0x7ff0000000000000ul) return is_negative ? 4u : 512u;
    if (size == 0ul) return is_negative ? 32u : 64u;
    if (size < 0x10000000000000ul) return is_negative ? 16u : 128u;
    return is_negative ? 8u : 256u;
}
)"},
    };
    return functions;
}

const std::vector<Function>& integer_functions() {
    static const std::vector<Function> functions = {
        {"remainder_of", {}, R"(int remainder_of(int a, int b) { return a - a / b * b; }
)"},
        {"mul_high32", {}, R"(uint mul_high32(uint a, uint b) {
    uint high, low;
    umulExtended(a, b, high, low);
    return high;
}
)"},
        {"mul_high_signed32", {}, R"(uint mul_high_signed32(uint a, uint b) {
    int high, low;
    imulExtended(int(a), int(b), high, low);
    return uint(high);
}
)"},
        {"mul_high", {}, R"(uint64_t mul_high(uint64_t a, uint64_t b) {
    uint64_t a_low = a & 0xfffffffful, a_high = a >> 32, b_low = b & 0xfffffffful, b_high = b >> 32;
    uint64_t middle = a_high * b_low + ((a_low * b_low) >> 32);
    uint64_t other = a_low * b_high + (middle & 0xfffffffful);
    return a_high * b_high + (middle >> 32) + (other >> 32);
}
)"},
        {"mul_high_signed", {"mul_high"}, R"(uint64_t mul_high_signed(uint64_t a, uint64_t b) {
    uint64_t high = mul_high(a, b);
    if (int64_t(a) < 0l) high -= b;
    if (int64_t(b) < 0l) high -= a;
    return high;
}
)"},
        {"add_saturated", {}, R"(uint add_saturated(uint a, uint b) {
    uint sum = a + b;
    return int((sum ^ a) & (sum ^ b)) < 0 ? 0x7fffffffu + (a >> 31) : sum;
}
)"},
        {"subtract_saturated", {}, R"(uint subtract_saturated(uint a, uint b) {
    uint difference = a - b;
    return int((a ^ b) & (difference ^ a)) < 0 ? 0x7fffffffu + (a >> 31) : difference;
}
)"},
        {"swap_bytes", {}, R"(uint swap_bytes(uint x) {
    return x >> 24 | ((x >> 8) & 0xff00u) | ((x & 0xff00u) << 8) | x << 24;
}
)"},
        {"swap_bytes_wide", {"swap_bytes"}, R"(uint64_t swap_bytes_wide(uint64_t x) {
    uvec2 words = unpackUint2x32(x);
    return packUint2x32(uvec2(swap_bytes(words.y), swap_bytes(words.x)));
}
)"},
        {"count_bits_wide", {}, R"(uint count_bits_wide(uint64_t x) {
    uvec2 words = unpackUint2x32(x);
    return uint(bitCount(words.x) + bitCount(words.y));
}
)"},
        {"leading_zeros_wide", {}, R"(uint leading_zeros_wide(uint64_t x) {
    uvec2 words = unpackUint2x32(x);
    return uint(words.y != 0u ? 31 - findMSB(words.y) : 63 - findMSB(words.x));
}
)"},
        {"trailing_zeros_wide", {}, R"(uint trailing_zeros_wide(uint64_t x) {
    uvec2 words = unpackUint2x32(x);
    if (words.x != 0u) return uint(findLSB(words.x));
    return words.y != 0u ? uint(32 + findLSB(words.y)) : 64u;
}
)"},
        {"leading_zeros_pair", {}, R"(uint leading_zeros_pair(uvec2 x) {
    return uint(x.y != 0u ? 31 - findMSB(x.y) : 63 - findMSB(x.x));
}
)"},
        {"trailing_zeros_pair", {}, R"(uint trailing_zeros_pair(uvec2 x) {
    if (x.x != 0u) return uint(findLSB(x.x));
    return x.y != 0u ? uint(32 + findLSB(x.y)) : 64u;
}
)"},
        {"float_of_int64", {}, R"(float float_of_int64(int64_t x) { return float(x); }
)"},
        {"float_of_uint64", {}, R"(float float_of_uint64(uint64_t x) { return float(x); }
)"},
        // Conversions that saturate; NaN gives zero.
        {"to_int32", {"is_nan"}, R"(uint to_int32(float x) {
    if (is_nan(x)) return 0u;
    if (x >= 2147483648.0) return 0x7fffffffu;
    if (x <= -2147483648.0) return 0x80000000u;
    return uint(int(x));
}
)"},
        {"to_uint32", {}, R"(uint to_uint32(float x) {
    if (!(x > 0.0)) return 0u;
    return x >= 4294967296.0 ? 0xffffffffu : uint(x);
}
)"},
        {"to_int32_of_double", {"is_nan_double"}, R"(uint to_int32_of_double(double x) {
    if (is_nan_double(x)) return 0u;
    if (x >= 2147483647.0lf) return 0x7fffffffu;
    if (x <= -2147483648.0lf) return 0x80000000u;
    return uint(int(x));
}
)"},
        {"to_uint32_of_double", {}, R"(uint to_uint32_of_double(double x) {
    if (!(x > 0.0lf)) return 0u;
    return x >= 4294967295.0lf ? 0xffffffffu : uint(x);
}
)"},
        {"to_int64", {"is_nan"}, R"(uint64_t to_int64(float x) {
    if (is_nan(x)) return 0ul;
    if (x >= 9223372036854775808.0) return 0x7ffffffffffffffful;
    if (x <= -9223372036854775808.0) return 0x8000000000000000ul;
    return uint64_t(int64_t(x));
}
)"},
        {"to_uint64", {}, R"(uint64_t to_uint64(float x) {
    if (!(x > 0.0)) return 0ul;
    return x >= 18446744073709551616.0 ? 0xfffffffffffffffful : uint64_t(x);
}
)"},
        {"to_int64_of_double", {"is_nan_double"}, R"(uint64_t to_int64_of_double(double x) {
    if (is_nan_double(x)) return 0ul;
    if (x >= 9223372036854775808.0lf) return 0x7ffffffffffffffful;
    if (x <= -9223372036854775808.0lf) return 0x8000000000000000ul;
    return uint64_t(int64_t(x));
}
)"},
        {"to_uint64_of_double", {}, R"(uint64_t to_uint64_of_double(double x) {
    if (!(x > 0.0lf)) return 0ul;
    return x >= 18446744073709551616.0lf ? 0xfffffffffffffffful : uint64_t(x);
}
)"},
    };
    return functions;
}

// 64-bit integers as pairs of words, low word first.
const std::vector<Function>& pair_functions() {
    static const std::vector<Function> functions = {
        {"add64", {}, R"(uvec2 add64(uvec2 a, uvec2 b) {
    uint low = a.x + b.x;
    return uvec2(low, a.y + b.y + uint(low < a.x));
}
)"},
        {"add_word64", {}, R"(uvec2 add_word64(uvec2 a, uint b) {
    uint low = a.x + b;
    return uvec2(low, a.y + uint(low < b));
}
)"},
        {"sub64", {}, R"(uvec2 sub64(uvec2 a, uvec2 b) {
    return uvec2(a.x - b.x, a.y - b.y - uint(a.x < b.x));
}
)"},
        {"mul64", {}, R"(uvec2 mul64(uvec2 a, uvec2 b) {
    uint high, low;
    umulExtended(a.x, b.x, high, low);
    return uvec2(low, high + a.x * b.y + a.y * b.x);
}
)"},
        {"add_scaled64", {"add64"}, R"(uvec2 add_scaled64(uvec2 start, int index, int bytes) {
    int high, low;
    imulExtended(index, bytes, high, low);
    return add64(start, uvec2(uint(low), uint(high)));
}
)"},
        {"mul_high64", {"add64"}, R"(uvec2 mul_high64(uvec2 a, uvec2 b) {
    uvec2 ll, lh, hl, hh;
    umulExtended(a.x, b.x, ll.y, ll.x);
    umulExtended(a.x, b.y, lh.y, lh.x);
    umulExtended(a.y, b.x, hl.y, hl.x);
    umulExtended(a.y, b.y, hh.y, hh.x);
    uvec2 middle = add64(hl, uvec2(ll.y, 0u));
    uvec2 other = add64(lh, uvec2(middle.x, 0u));
    return add64(add64(hh, uvec2(middle.y, 0u)), uvec2(other.y, 0u));
}
)"},
        {"mul_high_signed64", {"mul_high64", "sub64"}, R"(uvec2 mul_high_signed64(uvec2 a, uvec2 b) {
    uvec2 high = mul_high64(a, b);
    if (int(a.y) < 0) high = sub64(high, b);
    if (int(b.y) < 0) high = sub64(high, a);
    return high;
}
)"},
        {"shl64", {}, R"(uvec2 shl64(uvec2 a, uint count) {
    if (count >= 64u) return uvec2(0u);
    if (count >= 32u) return uvec2(0u, a.x << (count - 32u));
    if (count == 0u) return a;
    return uvec2(a.x << count, a.y << count | a.x >> (32u - count));
}
)"},
        {"shr64", {}, R"(uvec2 shr64(uvec2 a, uint count) {
    if (count >= 64u) return uvec2(0u);
    if (count >= 32u) return uvec2(a.y >> (count - 32u), 0u);
    if (count == 0u) return a;
    return uvec2(a.x >> count | a.y << (32u - count), a.y >> count);
}
)"},
        {"sar64", {}, R"(uvec2 sar64(uvec2 a, uint count) {
    uint sign = uint(int(a.y) >> 31);
    if (count >= 64u) return uvec2(sign);
    if (count >= 32u) return uvec2(uint(int(a.y) >> (count - 32u)), sign);
    if (count == 0u) return a;
    return uvec2(a.x >> count | a.y << (32u - count), uint(int(a.y) >> count));
}
)"},
        {"less64", {}, R"(bool less64(uvec2 a, uvec2 b) { return a.y < b.y || (a.y == b.y && a.x < b.x); }
)"},
        {"less_signed64", {}, R"(bool less_signed64(uvec2 a, uvec2 b) {
    return int(a.y) < int(b.y) || (a.y == b.y && a.x < b.x);
}
)"},
        {"sign_extended64", {}, R"(uvec2 sign_extended64(uint x) { return uvec2(x, uint(int(x) >> 31)); }
)"},
        {"negated64", {"sub64"}, R"(uvec2 negated64(uvec2 a) { return sub64(uvec2(0u), a); }
)"},
        {"absolute64", {"negated64"}, R"(uvec2 absolute64(uvec2 a) { return int(a.y) < 0 ? negated64(a) : a; }
)"},
        // The quotient in x and y, the remainder in z and w; by zero: all ones, and the dividend.
        {"divide64", {"less64", "sub64"}, R"(uvec4 divide64(uvec2 a, uvec2 b) {
    if ((a.y | b.y) == 0u && b.x != 0u) return uvec4(a.x / b.x, 0u, a.x % b.x, 0u);
    uvec2 quotient = uvec2(0u), rest = uvec2(0u);
    for (int bit = 63; bit >= 0; bit--) {
        uint next = bit >= 32 ? a.y >> (bit - 32) : a.x >> bit;
        rest = uvec2(rest.x << 1 | (next & 1u), rest.y << 1 | rest.x >> 31);
        if (!less64(rest, b)) {
            rest = sub64(rest, b);
            if (bit >= 32)
                quotient.y |= 1u << (bit - 32);
            else
                quotient.x |= 1u << bit;
        }
    }
    return uvec4(quotient, rest);
}
)"},
        {"div64", {"divide64"}, R"(uvec2 div64(uvec2 a, uvec2 b) { return divide64(a, b).xy; }
)"},
        {"rem64", {"divide64"}, R"(uvec2 rem64(uvec2 a, uvec2 b) { return divide64(a, b).zw; }
)"},
        {"sdiv64", {"divide64", "absolute64"}, R"(uvec2 sdiv64(uvec2 a, uvec2 b) {
    uvec2 quotient = divide64(absolute64(a), absolute64(b)).xy;
    return int(a.y ^ b.y) < 0 ? negated64(quotient) : quotient;
}
)"},
        {"srem64", {"divide64", "absolute64"}, R"(uvec2 srem64(uvec2 a, uvec2 b) {
    uvec2 rest = divide64(absolute64(a), absolute64(b)).zw;
    return int(a.y) < 0 ? negated64(rest) : rest;
}
)"},
        {"float_of64", {"shl64"}, R"(float float_of64(uvec2 a) {
    if (a.y == 0u) return float(a.x);
    uint up = uint(31 - findMSB(a.y));
    uvec2 high = shl64(a, up);
    return float(high.y | uint(high.x != 0u)) * uintBitsToFloat((127u + 32u - up) << 23);
}
)"},
        {"float_of_signed64", {"float_of64", "absolute64"}, R"(float float_of_signed64(uvec2 a) {
    float size = float_of64(absolute64(a));
    return int(a.y) < 0 ? -size : size;
}
)"},
        {"unsigned64_of_float", {}, R"(uvec2 unsigned64_of_float(float x) {
    if (!(x > 0.0)) return uvec2(0u);
    if (x >= 18446744073709551616.0) return uvec2(0xffffffffu);
    uint high = uint(x * 2.3283064365386963e-10);
    return uvec2(uint(x - float(high) * 4294967296.0), high);
}
)"},
        {"signed64_of_float",
         {"unsigned64_of_float", "negated64", "is_nan"},
         R"(uvec2 signed64_of_float(float x) {
    if (is_nan(x)) return uvec2(0u);
    if (x >= 9223372036854775808.0) return uvec2(0xffffffffu, 0x7fffffffu);
    if (x <= -9223372036854775808.0) return uvec2(0u, 0x80000000u);
    uvec2 size = unsigned64_of_float(abs(x));
    return x < 0.0 ? negated64(size) : size;
}
)"},
    };
    return functions;
}

// Memory in pieces smaller than what it is read in, and pointers of which only the run time knows where they
// point.
const std::vector<Function>& memory_functions() {
    static const std::vector<Function> functions = {
        {"word_of", {}, R"(ADDRESS word_of(ADDRESS place) { return ALIGNED(place); }
)"},
        {"load_byte", {"word_of"}, R"(uint load_byte(ADDRESS place) {
    return bitfieldExtract(Word32(word_of(place)).v, int((LOW(place) & 3u) * 8u), 8);
}
)"},
        {"load_short", {"word_of"}, R"(uint load_short(ADDRESS place) {
    return bitfieldExtract(Word32(word_of(place)).v, int((LOW(place) & 3u) * 8u), 16);
}
)"},
        {"load_short_bytes", {"load_byte"}, R"(uint load_short_bytes(ADDRESS place) {
    return load_byte(place) | load_byte(AT(place, 1u)) << 8;
}
)"},
        {"load_word_bytes", {"load_short_bytes"}, R"(uint load_word_bytes(ADDRESS place) {
    return load_short_bytes(place) | load_short_bytes(AT(place, 2u)) << 16;
}
)"},
        {"load_pair_bytes", {"load_word_bytes"}, R"(uvec2 load_pair_bytes(ADDRESS place) {
    return uvec2(load_word_bytes(place), load_word_bytes(AT(place, 4u)));
}
)"},
        {"load_wide_bytes", {"load_word_bytes"}, R"(uint64_t load_wide_bytes(ADDRESS place) {
    return packUint2x32(uvec2(load_word_bytes(place), load_word_bytes(AT(place, 4u))));
}
)"},
        // Other threads write the other bytes of the word at the same time.
        {"store_byte", {"word_of"}, R"(void store_byte(ADDRESS place, uint value) {
    uint shift = (LOW(place) & 3u) * 8u;
    ADDRESS word = word_of(place);
    atomicAnd(Word32(word).v, ~(0xffu << shift));
    atomicOr(Word32(word).v, value << shift);
}
)"},
        {"store_short", {"word_of"}, R"(void store_short(ADDRESS place, uint value) {
    uint shift = (LOW(place) & 3u) * 8u;
    ADDRESS word = word_of(place);
    atomicAnd(Word32(word).v, ~(0xffffu << shift));
    atomicOr(Word32(word).v, value << shift);
}
)"},
        {"store_short_bytes", {"store_byte"}, R"(void store_short_bytes(ADDRESS place, uint value) {
    store_byte(place, value & 0xffu);
    store_byte(AT(place, 1u), value >> 8);
}
)"},
        {"store_word_bytes", {"store_short_bytes"}, R"(void store_word_bytes(ADDRESS place, uint value) {
    store_short_bytes(place, value & 0xffffu);
    store_short_bytes(AT(place, 2u), value >> 16);
}
)"},
        {"store_pair_bytes", {"store_word_bytes"}, R"(void store_pair_bytes(ADDRESS place, uvec2 value) {
    store_word_bytes(place, value.x);
    store_word_bytes(AT(place, 4u), value.y);
}
)"},
        {"store_wide_bytes", {"store_word_bytes"}, R"(void store_wide_bytes(ADDRESS place, uint64_t value) {
    store_word_bytes(place, LOW(value));
    store_word_bytes(AT(place, 4u), HIGH(value));
}
)"},
        {"load_generic_word", {}, R"(uint load_generic_word(ADDRESS place) {
    if (HIGH(place) >> 30 == 1u) return shared_memory[LOW(place) >> 2];
    if (HIGH(place) >> 30 == 2u) return private_memory[LOW(place) >> 2];
    return Word32(place).v;
}
)"},
        {"load_generic_short", {"load_generic_word"}, R"(uint load_generic_short(ADDRESS place) {
    return bitfieldExtract(load_generic_word(ALIGNED(place)), int((LOW(place) & 3u) * 8u), 16);
}
)"},
        {"load_generic_byte", {"load_generic_word"}, R"(uint load_generic_byte(ADDRESS place) {
    return bitfieldExtract(load_generic_word(ALIGNED(place)), int((LOW(place) & 3u) * 8u), 8);
}
)"},
        {"load_generic_pair", {"load_generic_word"}, R"(uvec2 load_generic_pair(ADDRESS place) {
    return uvec2(load_generic_word(place), load_generic_word(AT(place, 4u)));
}
)"},
        {"load_generic_wide", {"load_generic_word"}, R"(uint64_t load_generic_wide(ADDRESS place) {
    return packUint2x32(uvec2(load_generic_word(place), load_generic_word(AT(place, 4u))));
}
)"},
        {"store_generic_word", {}, R"(void store_generic_word(ADDRESS place, uint value) {
    if (HIGH(place) >> 30 == 1u)
        shared_memory[LOW(place) >> 2] = value;
    else if (HIGH(place) >> 30 == 2u)
        private_memory[LOW(place) >> 2] = value;
    else
        Word32(place).v = value;
}
)"},
        {"store_generic_part", {}, R"(void store_generic_part(ADDRESS place, uint value, uint mask) {
    uint shift = (LOW(place) & 3u) * 8u, at = LOW(place) >> 2;
    mask = ~(mask << shift);
    value <<= shift;
    if (HIGH(place) >> 30 == 1u) {
        atomicAnd(shared_memory[at], mask);
        atomicOr(shared_memory[at], value);
    } else if (HIGH(place) >> 30 == 2u) {
        private_memory[at] = (private_memory[at] & mask) | value;
    } else {
        ADDRESS word = ALIGNED(place);
        atomicAnd(Word32(word).v, mask);
        atomicOr(Word32(word).v, value);
    }
}
)"},
        {"store_generic_short",
         {"store_generic_part"},
         R"(void store_generic_short(ADDRESS place, uint value) {
    store_generic_part(place, value, 0xffffu);
}
)"},
        {"store_generic_byte", {"store_generic_part"}, R"(void store_generic_byte(ADDRESS place, uint value) {
    store_generic_part(place, value, 0xffu);
}
)"},
        {"store_generic_pair",
         {"store_generic_word"},
         R"(void store_generic_pair(ADDRESS place, uvec2 value) {
    store_generic_word(place, value.x);
    store_generic_word(AT(place, 4u), value.y);
}
)"},
        {"store_generic_wide",
         {"store_generic_word"},
         R"(void store_generic_wide(ADDRESS place, uint64_t value) {
    store_generic_word(place, LOW(value));
    store_generic_word(AT(place, 4u), HIGH(value));
}
)"},
        // Failures and printed text: the records that src/runtime reads.
        {"fail", {}, R"(void fail(uint kind, uint line, ADDRESS message, ADDRESS file, ADDRESS function) {
    if (atomicCompSwap(Word32(MESSAGES).v, 0u, kind) != 0u) return;
    Word32(AT(MESSAGES, 4u)).v = line;
    Word32(AT(MESSAGES, 8u)).v = LOW(message);
    Word32(AT(MESSAGES, 12u)).v = HIGH(message);
    Word32(AT(MESSAGES, 16u)).v = LOW(file);
    Word32(AT(MESSAGES, 20u)).v = HIGH(file);
    Word32(AT(MESSAGES, 24u)).v = LOW(function);
    Word32(AT(MESSAGES, 28u)).v = HIGH(function);
    Word32(AT(MESSAGES, 32u)).v = BLOCK_X;
    Word32(AT(MESSAGES, 36u)).v = BLOCK_Y;
    Word32(AT(MESSAGES, 40u)).v = BLOCK_Z;
    Word32(AT(MESSAGES, 44u)).v = THREAD_X;
    Word32(AT(MESSAGES, 48u)).v = THREAD_Y;
    Word32(AT(MESSAGES, 52u)).v = THREAD_Z;
}
)"},
        {"print_begin", {}, R"(ADDRESS print_begin(ADDRESS format, uint bytes) {
    uint size = 16u + (bytes + 7u) / 8u * 8u;
    uint at = atomicAdd(Word32(AT(MESSAGES, 56u)).v, size);
    if (at + size > Word32(AT(MESSAGES, 60u)).v || at + size < at) return NOWHERE;
    ADDRESS record = AT(MESSAGES, 64u + at);
    Word32(record).v = size;
    Word32(AT(record, 4u)).v = bytes;
    Word32(AT(record, 8u)).v = LOW(format);
    Word32(AT(record, 12u)).v = HIGH(format);
    return record;
}
)"},
    };
    return functions;
}

// What threads do together. block_*: all threads of the block call it, `active` says who takes part; the
// cells are one word of shared memory a thread. warp_*: the threads of a warp that are there.
const std::vector<Function>& group_functions() {
    static const std::vector<Function> functions = {
        {"any_of_block", {"cells"}, R"(bool any_of_block(bool holds) {
    if (gl_LocalInvocationIndex == 0u) cells[0] = 0u;
    BLOCK_BARRIER;
    if (holds) cells[0] = 1u;
    BLOCK_BARRIER;
    bool any = cells[0] != 0u;
    BLOCK_BARRIER;
    return any;
}
)"},
        {"count_of_block", {"cells"}, R"(uint count_of_block(bool holds) {
    if (gl_LocalInvocationIndex == 0u) cells[0] = 0u;
    BLOCK_BARRIER;
    if (holds) atomicAdd(cells[0], 1u);
    BLOCK_BARRIER;
    uint count = cells[0];
    BLOCK_BARRIER;
    return count;
}
)"},
        {"lane_at", {}, R"(uint lane_at(uint lane, uint width) {
    return (LANE & ~(width - 1u)) | (lane & (width - 1u));
}
)"},
        {"lane_above", {}, R"(uint lane_above(uint distance, uint width) {
    uint from = LANE + (distance & 31u);
    return from <= (LANE | (width - 1u)) ? from : LANE;
}
)"},
        {"lane_below", {}, R"(uint lane_below(uint distance, uint width) {
    int from = int(LANE) - int(distance & 31u);
    return from >= int(LANE & ~(width - 1u)) ? uint(from) : LANE;
}
)"},
        {"lane_across", {}, R"(uint lane_across(uint mask, uint width) {
    uint from = LANE ^ (mask & 31u);
    return from <= (LANE | (width - 1u)) ? from : LANE;
}
)"},
        {"all_or_none", {}, R"(uint all_or_none(uint found, uint mask) { return found == mask ? mask : 0u; }
)"},
        {"block_shuffle", {"cells"}, R"(uint block_shuffle(uint value, uint lane) {
    uint thread = gl_LocalInvocationIndex;
    uint from = (thread & ~31u) + lane;
    cells[thread] = value;
    BLOCK_BARRIER;
    uint theirs = from < block_threads ? cells[from] : value;
    BLOCK_BARRIER;
    return theirs;
}
)"},
        {"block_shuffle_wide", {"block_shuffle"}, R"(uint64_t block_shuffle_wide(uint64_t value, uint lane) {
    uint low = block_shuffle(LOW(value), lane);
    return packUint2x32(uvec2(low, block_shuffle(HIGH(value), lane)));
}
)"},
        {"block_shuffle_pair", {"block_shuffle"}, R"(uvec2 block_shuffle_pair(uvec2 value, uint lane) {
    uint low = block_shuffle(value.x, lane);
    return uvec2(low, block_shuffle(value.y, lane));
}
)"},
        {"block_ballot", {"cells"}, R"(uint block_ballot(bool vote) {
    uint thread = gl_LocalInvocationIndex;
    uint first = thread & ~31u;
    cells[thread] = uint(vote);
    BLOCK_BARRIER;
    uint bits = 0u;
    for (uint lane = 0u; lane < 32u; lane++)
        if (first + lane < block_threads) bits |= cells[first + lane] << lane;
    BLOCK_BARRIER;
    return bits;
}
)"},
        {"block_match", {"block_ballot"}, R"(uint block_match(bool takes_part, uint mask, uint value) {
    uint present = block_ballot(takes_part) & mask;
    uint thread = gl_LocalInvocationIndex;
    cells[thread] = value;
    BLOCK_BARRIER;
    uint equal = 0u;
    for (uint lane = 0u; lane < 32u; lane++)
        if (((present >> lane) & 1u) != 0u && cells[(thread & ~31u) + lane] == value) equal |= 1u << lane;
    BLOCK_BARRIER;
    return equal;
}
)"},
        {"block_match_wide",
         {"block_match"},
         R"(uint block_match_wide(bool takes_part, uint mask, uint64_t value) {
    uint equal = block_match(takes_part, mask, LOW(value));
    return block_match(takes_part, mask, HIGH(value)) & equal;
}
)"},
        {"block_match_pair",
         {"block_match"},
         R"(uint block_match_pair(bool takes_part, uint mask, uvec2 value) {
    uint equal = block_match(takes_part, mask, value.x);
    return block_match(takes_part, mask, value.y) & equal;
}
)"},
        {"block_reduce_{K}",
         {"block_ballot"},
         R"(uint block_reduce_{K}(bool takes_part, uint mask, uint value) {
    uint present = block_ballot(takes_part) & mask;
    uint thread = gl_LocalInvocationIndex;
    cells[thread] = value;
    BLOCK_BARRIER;
    uint total = value;
    bool is_first = true;
    for (uint lane = 0u; lane < 32u; lane++) {
        if (((present >> lane) & 1u) == 0u) continue;
        uint other = cells[(thread & ~31u) + lane];
        total = is_first ? other : {O};
        is_first = false;
    }
    BLOCK_BARRIER;
    return total;
}
)"},
        {"warp_sync", {}, R"(void warp_sync() {
    subgroupMemoryBarrier();
    subgroupBarrier();
}
)"},
        {"warp_shuffle", {}, R"(uint warp_shuffle(uint value, uint lane) {
    return subgroupShuffle(value, (gl_SubgroupInvocationID & ~31u) | lane);
}
)"},
        {"warp_shuffle_wide", {"warp_shuffle"}, R"(uint64_t warp_shuffle_wide(uint64_t value, uint lane) {
    return packUint2x32(uvec2(warp_shuffle(LOW(value), lane), warp_shuffle(HIGH(value), lane)));
}
)"},
        {"warp_ballot", {}, R"(uint warp_ballot(bool vote) {
    uvec4 bits = subgroupBallot(vote);
    return gl_SubgroupSize == 32u ? bits.x : bits[gl_SubgroupInvocationID >> 5];
}
)"},
        {"warp_match",
         {"warp_ballot", "warp_shuffle"},
         R"(uint warp_match(bool takes_part, uint mask, uint value) {
    uint present = warp_ballot(takes_part) & mask, equal = 0u;
    for (uint lane = 0u; lane < 32u; lane++)
        if (warp_shuffle(value, lane) == value && ((present >> lane) & 1u) != 0u) equal |= 1u << lane;
    return equal;
}
)"},
        {"warp_match_wide",
         {"warp_match"},
         R"(uint warp_match_wide(bool takes_part, uint mask, uint64_t value) {
    return warp_match(takes_part, mask, LOW(value)) & warp_match(takes_part, mask, HIGH(value));
}
)"},
        {"warp_reduce_{K}",
         {"warp_ballot", "warp_shuffle"},
         R"(uint warp_reduce_{K}(bool takes_part, uint mask, uint value) {
    uint present = warp_ballot(takes_part) & mask, total = value;
    if (gl_SubgroupSize == 32u && subgroupAll(mask == present) && subgroupBallot(true).x == present)
        return {S};
    bool is_first = true;
    for (uint lane = 0u; lane < 32u; lane++) {
        uint other = warp_shuffle(value, lane);
        if (((present >> lane) & 1u) == 0u) continue;
        total = is_first ? other : {O};
        is_first = false;
    }
    return total;
}
)"},
    };
    return functions;
}

struct Reduction {
    std::string_view name, operation, subgroup;
};

constexpr std::array<Reduction, 8> reductions{{
    {"add", "total + other", "subgroupAdd(value)"},
    {"and", "total & other", "subgroupAnd(value)"},
    {"or", "total | other", "subgroupOr(value)"},
    {"xor", "total ^ other", "subgroupXor(value)"},
    {"umin", "min(total, other)", "subgroupMin(value)"},
    {"umax", "max(total, other)", "subgroupMax(value)"},
    {"min", "uint(min(int(total), int(other)))", "uint(subgroupMin(int(value)))"},
    {"max", "uint(max(int(total), int(other)))", "uint(subgroupMax(int(value)))"},
}};

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

const std::array<const std::vector<Function>*, 5>& tables() {
    static const std::array<const std::vector<Function>*, 5> all{&floating_functions(), &integer_functions(),
                                                                 &pair_functions(), &memory_functions(),
                                                                 &group_functions()};
    return all;
}

}  // namespace

const std::string& GlslFunctions::use(const std::string& name) {
    if (const auto known = names_.find(name); known != names_.end()) return *known;
    const auto define = [&](const Function& function, const Reduction* reduction) -> const std::string& {
        for (const std::string_view other : function.needs) use(std::string(other));
        std::string text(function.text);
        if (reduction) {
            replace_all(text, "{K}", reduction->name);
            replace_all(text, "{O}", reduction->operation);
            replace_all(text, "{S}", reduction->subgroup);
        }
        definitions_ += text + "\n";
        return *names_.insert(name).first;
    };
    if (name == "cells") return *names_.insert(name).first;  // declared with the shared arrays
    for (const auto* table : tables())
        for (const Function& function : *table) {
            if (function.name == name) return define(function, nullptr);
            if (!function.name.ends_with("{K}")) continue;
            const std::string_view stem = function.name.substr(0, function.name.size() - 3);
            for (const Reduction& reduction : reductions)
                if (name == std::string(stem) + std::string(reduction.name))
                    return define(function, &reduction);
        }
    throw std::runtime_error("internal: no function '" + name + "'");
}

std::set<std::string, std::less<>> glsl_reserved_words() {
    std::set<std::string, std::less<>> words = {
        // the language
        "attribute", "const", "uniform", "varying", "buffer", "shared", "coherent", "volatile", "restrict",
        "readonly", "writeonly", "atomic_uint", "layout", "centroid", "flat", "smooth", "noperspective",
        "patch", "sample", "invariant", "precise", "break", "continue", "do", "for", "while", "switch",
        "case", "default", "if", "else", "subroutine", "in", "out", "inout", "int", "void", "bool", "true",
        "false", "float", "double", "discard", "return", "struct", "uint", "lowp", "mediump", "highp",
        "precision", "common", "partition", "active", "asm", "class", "union", "enum", "typedef", "template",
        "this", "resource", "goto", "inline", "noinline", "public", "static", "extern", "external",
        "interface", "long", "short", "half", "fixed", "unsigned", "superp", "input", "output", "filter",
        "sizeof", "cast", "namespace", "using", "main", "nonuniformEXT", "nonprivate", "devicecoherent",
        "workgroupcoherent", "subgroupcoherent", "queuefamilycoherent", "int8_t", "uint8_t", "int16_t",
        "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t", "float16_t", "float32_t", "float64_t",
        "sampler", "texture", "image", "subpassInput", "accelerationStructureEXT", "demote",
        "terminateInvocation",
        // its functions
        "radians", "degrees", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
        "acosh", "atanh", "pow", "exp", "log", "exp2", "log2", "sqrt", "inversesqrt", "abs", "sign", "floor",
        "trunc", "round", "roundEven", "ceil", "fract", "mod", "modf", "min", "max", "clamp", "mix", "step",
        "smoothstep", "isnan", "isinf", "floatBitsToInt", "floatBitsToUint", "intBitsToFloat",
        "uintBitsToFloat", "fma", "frexp", "ldexp", "length", "distance", "dot", "cross", "normalize",
        "faceforward", "reflect", "refract", "transpose", "determinant", "inverse", "outerProduct",
        "lessThan", "equal", "any", "all", "not", "bitfieldExtract", "bitfieldInsert", "bitfieldReverse",
        "bitCount", "findLSB", "findMSB", "atomicAdd", "atomicMin", "atomicMax", "atomicAnd", "atomicOr",
        "atomicXor", "atomicExchange", "atomicCompSwap", "barrier", "memoryBarrier", "packUint2x32",
        "unpackUint2x32", "packDouble2x32", "unpackDouble2x32", "doubleBitsToUint64", "uint64BitsToDouble",
        "umulExtended", "imulExtended", "clockARB", "clockRealtimeEXT",
        // what the printed text defines
        "parameters", "Parameters", "cells", "block_x", "block_y", "block_z", "block_threads",
        "dynamic_words", "is_line", "shared_memory", "private_memory", "ADDRESS", "AT", "LOW", "HIGH",
        "ALIGNED", "NOWHERE", "LANE", "takes_part", "GLOBALS", "MESSAGES", "SHARED_BYTES", "PARAMETER",
        "BLOCK_BARRIER", "BLOCK_FENCE", "DEVICE_FENCE"};
    for (const char* kind :
         {"", "b", "i", "u", "d", "f16", "f32", "f64", "i8", "u8", "i16", "u16", "i64", "u64"})
        for (const char* lanes : {"2", "3", "4"}) words.insert(std::string(kind) + "vec" + lanes);
    for (const char* size : {"2", "3", "4"}) words.insert(std::string("mat") + size);
    for (const auto* table : tables())
        for (const Function& function : *table) {
            if (!function.name.ends_with("{K}")) {
                words.insert(std::string(function.name));
                continue;
            }
            const std::string stem(function.name.substr(0, function.name.size() - 3));
            for (const Reduction& reduction : reductions) words.insert(stem + std::string(reduction.name));
        }
    return words;
}

}  // namespace heddle::compiler
