// Functions of floating point in GLSL, exact where a device is not.
#include "glsl_function_tables.h"

namespace heddle::compiler {

const std::vector<GlslFunction>& floating_functions() {
    static const std::vector<GlslFunction> functions = {
        // By their bits: a compiler may assume that there are no NaN.
        {"is_nan", {}, R"(bool is_nan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }
)"},
        {"is_infinite",
         {},
         R"(bool is_infinite(float x) { return (floatBitsToUint(x) & 0x7fffffffu) == 0x7f800000u; }
)"},
        {"is_finite",
         {},
         R"(bool is_finite(float x) { return (floatBitsToUint(x) & 0x7fffffffu) < 0x7f800000u; }
)"},
        {"is_zero", {}, R"(bool is_zero(float x) { return (floatBitsToUint(x) & 0x7fffffffu) == 0u; }
)"},
        {"is_normal", {}, R"(bool is_normal(float x) {
    return (floatBitsToUint(x) & 0x7fffffffu) - 0x800000u < 0x7f000000u;
}
)"},
        {"is_above_zero", {}, R"(bool is_above_zero(float x) { return floatBitsToUint(x) - 1u < 0x7f7fffffu; }
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
        // Quotients and roots with half a unit of error, from inverses that have a few: as CUDA computes
        // them,
        // Newton's steps with fused multiply-adds, and a slow path for the ends of the range.
        {"divide", {}, R"(float divide(float a, float b) {
    float inverse = 1.0 / b;
    inverse = fma(fma(-b, inverse, 1.0), inverse, inverse);
    float quotient = a * inverse;
    quotient = fma(fma(-b, quotient, a), inverse, quotient);
    quotient = fma(fma(-b, quotient, a), inverse, quotient);
    float size = abs(a), divisor = abs(b);
    if (!(size > 2.2e-19 && size < 9.2e18 && divisor > 2.2e-19 && divisor < 9.2e18))
        quotient = float(double(a) / double(b));
    return quotient;
}
)"},
        {"reciprocal", {}, R"(float reciprocal(float x) {
    float inverse = 1.0 / x;
    inverse = fma(fma(-x, inverse, 1.0), inverse, inverse);
    float size = abs(x);
    if (!(size > 2.4e-38 && size < 4.2e37)) inverse = float(1.0lf / double(x));
    return inverse;
}
)"},
        {"square_root_of_any", {}, R"(float square_root_of_any(float x) {
    if (!(x > 0.0 && x < 7.9e-31)) return sqrt(x);
    float scaled = x * 18446744073709551616.0;
    float inverse = inversesqrt(scaled), root = scaled * inverse;
    return fma(fma(-root, root, scaled), 0.5 * inverse, root) * 2.3283064365386963e-10;
}
)"},
        // The bits tell those from 2^-101 up to the largest number from all others in one comparison.
        {"square_root", {"square_root_of_any"}, R"(float square_root(float x) {
    float inverse = inversesqrt(x), root = x * inverse;
    root = fma(fma(-root, root, x), 0.5 * inverse, root);
    if (floatBitsToUint(x) - 0x0d000000u > 0x727fffffu) root = square_root_of_any(x);
    return root;
}
)"},
        // 1 / sqrt(x), both rounded: the inverse that the root is made with is near enough to start from.
        {"inverse_root", {"square_root_of_any"}, R"(float inverse_root(float x) {
    float inverse = inversesqrt(x), root = x * inverse;
    root = fma(fma(-root, root, x), 0.5 * inverse, root);
    inverse = fma(fma(-root, inverse, 1.0), inverse, inverse);
    if (floatBitsToUint(x) - 0x0d000000u > 0x727fffffu)
        inverse = float(1.0lf / double(square_root_of_any(x)));
    return inverse;
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

}  // namespace heddle::compiler
