// Guarded vector functions of 32 bytes for AVX2, and of 16 bytes for callers that are AVX code themselves;
// compiled with -mavx2 -mfma, because vectors travel in wide registers only between functions compiled for
// them.
#include "backends/cpu/math_guard.h"

#if defined(__x86_64__)
#if !defined(__AVX2__)
#error "compile this file with -mavx2 -mfma"
#endif

#define HEDDLE_UNARY(function, accuracy)                           \
    HEDDLE_GUARD_UNARY_OF(function, accuracy, float, f8, avx2, 32) \
    HEDDLE_GUARD_UNARY_OF(function, accuracy, double, d4, avx2, 32)
#define HEDDLE_BINARY(function, accuracy)                           \
    HEDDLE_GUARD_BINARY_OF(function, accuracy, float, f8, avx2, 32) \
    HEDDLE_GUARD_BINARY_OF(function, accuracy, double, d4, avx2, 32)
#define HEDDLE_ADDRESS(function, accuracy)                                    \
    reinterpret_cast<heddle::cpu::MathAddress>(guarded_##function##f8##avx2), \
        reinterpret_cast<heddle::cpu::MathAddress>(guarded_##function##d4##avx2),
HEDDLE_GUARD_TABLE(avx2, HEDDLE_UNARY, HEDDLE_BINARY, HEDDLE_ADDRESS)

#undef HEDDLE_UNARY
#undef HEDDLE_BINARY
#undef HEDDLE_ADDRESS

#define HEDDLE_UNARY(function, accuracy)                              \
    HEDDLE_GUARD_UNARY_OF(function, accuracy, float, f4, avx2128, 16) \
    HEDDLE_GUARD_UNARY_OF(function, accuracy, double, d2, avx2128, 16)
#define HEDDLE_BINARY(function, accuracy)                              \
    HEDDLE_GUARD_BINARY_OF(function, accuracy, float, f4, avx2128, 16) \
    HEDDLE_GUARD_BINARY_OF(function, accuracy, double, d2, avx2128, 16)
#define HEDDLE_ADDRESS(function, accuracy)                                       \
    reinterpret_cast<heddle::cpu::MathAddress>(guarded_##function##f4##avx2128), \
        reinterpret_cast<heddle::cpu::MathAddress>(guarded_##function##d2##avx2128),
HEDDLE_GUARD_TABLE(avx2128, HEDDLE_UNARY, HEDDLE_BINARY, HEDDLE_ADDRESS)
#else
const heddle::cpu::MathAddress* const heddle::cpu::guarded_avx2 = nullptr;
const heddle::cpu::MathAddress* const heddle::cpu::guarded_avx2128 = nullptr;
#endif
