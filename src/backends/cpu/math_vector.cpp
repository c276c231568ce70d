// SLEEF's vector functions under Kernel IR's names, for every instruction set that this architecture's SLEEF
// holds.
#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "backends/cpu/math_tables.h"

// Declared by hand, without their vector types: sleef.h shows those of AVX-512 only to code compiled for
// AVX-512, and only the addresses are needed here. Single precision: 4, 8, 16 lanes; double: 2, 4, 8. The
// text after the width is SLEEF's accuracy: u10 is 1.0 units in the last place.
//
// X(Kernel IR's name, SLEEF's name, accuracy)
#define HEDDLE_VECTOR_MATH_BOTH(X) \
    X("sin", sin, _u10)            \
    X("cos", cos, _u10)            \
    X("tan", tan, _u10)            \
    X("asin", asin, _u10)          \
    X("acos", acos, _u10)          \
    X("atan", atan, _u10)          \
    X("atan2", atan2, _u10)        \
    X("tanh", tanh, _u10)          \
    X("atanh", atanh, _u10)        \
    X("exp", exp, _u10)            \
    X("exp2", exp2, _u10)          \
    X("exp10", exp10, _u10)        \
    X("expm1", expm1, _u10)        \
    X("log", log, _u10)            \
    X("log2", log2, _u10)          \
    X("log10", log10, _u10)        \
    X("cbrt", cbrt, _u10)          \
    X("hypot", hypot, _u05)        \
    X("erf", erf, _u10)            \
    X("erfc", erfc, _u15)          \
    X("nextafter", nextafter, _)   \
    X("fdim", fdim, _)
#define HEDDLE_VECTOR_MATH_F32(X) \
    X("fast.sin", sin, _u35)      \
    X("fast.cos", cos, _u35)      \
    X("fast.tan", tan, _u35)      \
    X("fast.exp", exp, _u10)      \
    X("fast.exp10", exp10, _u35)  \
    X("fast.log", log, _u10)      \
    X("fast.log2", log2, _u10)    \
    X("fast.log10", log10, _u10)  \
    X("fast.pow", pow, _u10)

#if defined(__x86_64__)
#define HEDDLE_DECLARE_F32(name, function, accuracy) \
    void Sleef_##function##f4##accuracy##sse4();     \
    void Sleef_##function##f4##accuracy##avx2128();  \
    void Sleef_##function##f8##accuracy##avx2();     \
    void Sleef_##function##f16##accuracy##avx512f();
#define HEDDLE_DECLARE_F64(name, function, accuracy) \
    void Sleef_##function##d2##accuracy##sse4();     \
    void Sleef_##function##d2##accuracy##avx2128();  \
    void Sleef_##function##d4##accuracy##avx2();     \
    void Sleef_##function##d8##accuracy##avx512f();
#define HEDDLE_ENTRY_F32(name, function, accuracy)                                             \
    VectorMath{name ".f32",                                                                    \
               {Sleef_##function##f4##accuracy##sse4, Sleef_##function##f4##accuracy##avx2128, \
                Sleef_##function##f8##accuracy##avx2, Sleef_##function##f16##accuracy##avx512f}},
#define HEDDLE_ENTRY_F64(name, function, accuracy)                                             \
    VectorMath{name ".f64",                                                                    \
               {Sleef_##function##d2##accuracy##sse4, Sleef_##function##d2##accuracy##avx2128, \
                Sleef_##function##d4##accuracy##avx2, Sleef_##function##d8##accuracy##avx512f}},
#elif defined(__aarch64__)
#define HEDDLE_DECLARE_F32(name, function, accuracy) void Sleef_##function##f4##accuracy##advsimd();
#define HEDDLE_DECLARE_F64(name, function, accuracy) void Sleef_##function##d2##accuracy##advsimd();
#define HEDDLE_ENTRY_F32(name, function, accuracy) \
    VectorMath{name ".f32", {Sleef_##function##f4##accuracy##advsimd}},
#define HEDDLE_ENTRY_F64(name, function, accuracy) \
    VectorMath{name ".f64", {Sleef_##function##d2##accuracy##advsimd}},
#else
#define HEDDLE_DECLARE_F32(name, function, accuracy)
#define HEDDLE_DECLARE_F64(name, function, accuracy)
#define HEDDLE_ENTRY_F32(name, function, accuracy)
#define HEDDLE_ENTRY_F64(name, function, accuracy)
#endif

extern "C" {
HEDDLE_VECTOR_MATH_BOTH(HEDDLE_DECLARE_F32)
HEDDLE_VECTOR_MATH_BOTH(HEDDLE_DECLARE_F64)
HEDDLE_VECTOR_MATH_F32(HEDDLE_DECLARE_F32)
}

#define HEDDLE_GUARDED_NAMES(function, accuracy) #function ".f32", #function ".f64",

namespace heddle::cpu {

std::span<const VectorMath> vector_math() {
    static const auto table = [] {
        std::vector<VectorMath> entries = {HEDDLE_VECTOR_MATH_BOTH(HEDDLE_ENTRY_F32) HEDDLE_VECTOR_MATH_BOTH(
            HEDDLE_ENTRY_F64) HEDDLE_VECTOR_MATH_F32(HEDDLE_ENTRY_F32)};
        // The guarded functions stand in their tables in the order of the lists.
        constexpr std::string_view guarded[] = {HEDDLE_GUARDED_UNARY(HEDDLE_GUARDED_NAMES)
                                                    HEDDLE_GUARDED_BINARY(HEDDLE_GUARDED_NAMES)};
        static_assert(std::size(guarded) == guarded_functions);
        for (std::size_t i = 0; i < guarded_functions; ++i) {
            const auto of = [i](const MathAddress* functions) {
                return functions == nullptr ? nullptr : functions[i];
            };
#if defined(__x86_64__)
            entries.push_back(
                {guarded[i], {of(guarded_sse4), of(guarded_avx2128), of(guarded_avx2), of(guarded_avx512f)}});
#else
            entries.push_back({guarded[i], {of(guarded_advsimd)}});
#endif
        }
        std::sort(entries.begin(), entries.end(),
                  [](const VectorMath& a, const VectorMath& b) { return a.name < b.name; });
        return entries;
    }();
    return table;
}

}  // namespace heddle::cpu
