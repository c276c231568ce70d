// Functions of integers in GLSL, and of pairs of words in the place of 64-bit ones.
#include "glsl_function_tables.h"

namespace heddle::compiler {

const std::vector<GlslFunction>& integer_functions() {
    static const std::vector<GlslFunction> functions = {
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
    uint near = mix(uint(int(x)), 0x7fffffffu, x >= 2147483648.0);
    return mix(mix(near, 0x80000000u, x <= -2147483648.0), 0u, is_nan(x));
}
)"},
        {"to_uint32", {}, R"(uint to_uint32(float x) {
    return mix(0u, mix(uint(x), 0xffffffffu, x >= 4294967296.0), x > 0.0);
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
const std::vector<GlslFunction>& pair_functions() {
    static const std::vector<GlslFunction> functions = {
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

}  // namespace heddle::compiler
