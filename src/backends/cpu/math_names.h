// The mathematical functions that generated CPU code may import, as plain data for the compiler: their
// signatures, and for how many lanes each exists as a vector function on which instruction set. math.h gives
// their addresses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace heddle::cpu {

/// How a function's arguments and result look; T is float or double, I a 32-bit integer.
enum class MathShape : std::uint8_t {
    unary,           ///< T (T)
    binary,          ///< T (T, T)
    ternary,         ///< T (T, T, T): fma
    integer_first,   ///< T (I, T): jn, yn
    integer_second,  ///< T (T, I): ldexp
    integer_result,  ///< I (T): ilogb
};

/// One function of Kernel IR: "heddle.<name>.f32" and, where `has_f64`, "heddle.<name>.f64".
struct MathName {
    std::string_view name;
    MathShape shape = MathShape::unary;
    bool has_f64 = true;
    bool vector_f32 = false;  ///< "heddle.<name>.f32.x<lanes>" exists for the lanes of the instruction set
    bool vector_f64 = false;
};

/// Every function, in no particular order. A function is a vector function only where SLEEF's was found to
/// follow C's special values and to stay within CUDA's documented error.
inline constexpr MathName math_names[] = {
    // name, shape, f64, vector f32, vector f64
    {"sin", MathShape::unary, true, true, true},
    {"cos", MathShape::unary, true, true, true},
    {"tan", MathShape::unary, true, true, true},
    {"asin", MathShape::unary, true, true, true},
    {"acos", MathShape::unary, true, true, true},
    {"atan", MathShape::unary, true, true, true},
    {"atan2", MathShape::binary, true, true, true},
    {"sinh", MathShape::unary, true, true, true},
    {"cosh", MathShape::unary, true, true, true},
    {"tanh", MathShape::unary, true, true, true},
    {"asinh", MathShape::unary, true, true, true},
    {"acosh", MathShape::unary, true, true, true},
    {"atanh", MathShape::unary, true, true, true},
    {"sinpi", MathShape::unary, true, true, true},
    {"cospi", MathShape::unary, true, true, true},
    {"tanpi"},
    {"exp", MathShape::unary, true, true, true},
    {"exp2", MathShape::unary, true, true, true},
    {"exp10", MathShape::unary, true, true, true},
    {"expm1", MathShape::unary, true, true, true},
    {"log", MathShape::unary, true, true, true},
    {"log2", MathShape::unary, true, true, true},
    {"log10", MathShape::unary, true, true, true},
    {"log1p", MathShape::unary, true, true, true},
    {"pow", MathShape::binary, true, true, true},
    {"cbrt", MathShape::unary, true, true, true},
    {"rcbrt"},
    {"hypot", MathShape::binary, true, true, true},
    {"rhypot", MathShape::binary},
    {"erf", MathShape::unary, true, true, true},
    {"erfc", MathShape::unary, true, true, true},
    {"erfinv"},
    {"erfcinv"},
    {"erfcx"},
    {"normcdf"},
    {"normcdfinv"},
    {"tgamma", MathShape::unary, true, true, true},
    {"lgamma", MathShape::unary, true, true, true},
    {"j0"},
    {"j1"},
    {"y0"},
    {"y1"},
    {"i0"},
    {"i1"},
    {"jn", MathShape::integer_first},
    {"yn", MathShape::integer_first},
    {"fmod", MathShape::binary, true, true, true},
    {"remainder", MathShape::binary, true, true, true},
    {"nextafter", MathShape::binary, true, true, true},
    {"fdim", MathShape::binary, true, true, true},
    {"fma", MathShape::ternary},  // for instruction sets without one
    {"logb"},
    {"ldexp", MathShape::integer_second},
    {"ilogb", MathShape::integer_result},
    {"fast.sin", MathShape::unary, false, true},
    {"fast.cos", MathShape::unary, false, true},
    {"fast.tan", MathShape::unary, false, true},
    {"fast.exp", MathShape::unary, false, true},
    {"fast.exp10", MathShape::unary, false, true},
    {"fast.log", MathShape::unary, false, true},
    {"fast.log2", MathShape::unary, false, true},
    {"fast.log10", MathShape::unary, false, true},
    {"fast.pow", MathShape::binary, false, true},
    {"fast.div", MathShape::binary, false},  // a plain division: emitters write it inline
};

/// What a name says: "heddle.sin.f32" or, with lanes, "heddle.sin.f32.x16".
struct ParsedMathName {
    const MathName* function = nullptr;  ///< null when the name is not one of a mathematical function
    bool is_f64 = false;
    unsigned lanes = 0;  ///< 0 for the scalar function
};

constexpr ParsedMathName parse_math_name(std::string_view name) noexcept {
    constexpr std::string_view prefix = "heddle.";
    if (!name.starts_with(prefix)) return {};
    name.remove_prefix(prefix.size());
    ParsedMathName result;
    if (const std::size_t x = name.rfind(".x"); x != std::string_view::npos) {
        for (const char digit : name.substr(x + 2)) {
            if (digit < '0' || digit > '9' || result.lanes > 1000) return {};
            result.lanes = result.lanes * 10 + static_cast<unsigned>(digit - '0');
        }
        if (result.lanes == 0) return {};
        name = name.substr(0, x);
    }
    if (!name.ends_with(".f32") && !name.ends_with(".f64")) return {};
    result.is_f64 = name.ends_with(".f64");
    name.remove_suffix(4);
    for (const MathName& candidate : math_names) {
        if (candidate.name == name && (candidate.has_f64 || !result.is_f64)) {
            result.function = &candidate;
            return result;
        }
    }
    return {};
}

/// The vector instruction sets that code is made for.
enum class VectorIsa : std::uint8_t { none, sse4, avx2, avx512, advsimd };

/// The instruction set of a CPU variant as the compiler names it ("x86-64-v3", "aarch64"; not "native").
constexpr VectorIsa vector_isa_of(std::string_view variant) noexcept {
    if (variant == "x86-64-v4") return VectorIsa::avx512;
    if (variant == "x86-64-v3") return VectorIsa::avx2;
    if (variant == "x86-64-v2") return VectorIsa::sse4;
    if (variant == "aarch64") return VectorIsa::advsimd;
    return VectorIsa::none;
}

/// The most lanes for which `name` ("heddle.sin.f32") may be imported as `name` + ".x<lanes>" by code for
/// `isa`; 0 when there is no vector function. Every power of two from there down to 4 (f32) or 2 (f64) exists
/// as well.
constexpr unsigned widest_vector_math(std::string_view name, VectorIsa isa) noexcept {
    const ParsedMathName parsed = parse_math_name(name);
    if (parsed.function == nullptr || parsed.lanes != 0) return 0;
    if (!(parsed.is_f64 ? parsed.function->vector_f64 : parsed.function->vector_f32)) return 0;
    unsigned bytes = 0;
    switch (isa) {
        case VectorIsa::none:
            bytes = 0;
            break;
        case VectorIsa::sse4:
        case VectorIsa::advsimd:
            bytes = 16;
            break;
        case VectorIsa::avx2:
            bytes = 32;
            break;
        case VectorIsa::avx512:
            bytes = 64;
            break;
    }
    return bytes / (parsed.is_f64 ? 8 : 4);
}

static_assert(widest_vector_math("heddle.sin.f32", VectorIsa::avx512) == 16);
static_assert(widest_vector_math("heddle.erfinv.f64", VectorIsa::avx512) == 0);
static_assert(parse_math_name("heddle.fast.sin.f32.x8").lanes == 8);
static_assert(parse_math_name("heddle.fast.sin.f64").function == nullptr);

}  // namespace heddle::cpu
