// Guarded vector functions of 64 bytes for AVX-512F; compiled with -mavx512f, because vectors travel in wide
// registers only between functions compiled for them.
#include "backends/cpu/math_guard.h"

#if defined(__x86_64__)
#if !defined(__AVX512F__)
#error "compile this file with -mavx512f"
#endif

#define HEDDLE_UNARY(function, accuracy)                               \
    HEDDLE_GUARD_UNARY_OF(function, accuracy, float, f16, avx512f, 64) \
    HEDDLE_GUARD_UNARY_OF(function, accuracy, double, d8, avx512f, 64)
#define HEDDLE_BINARY(function, accuracy)                               \
    HEDDLE_GUARD_BINARY_OF(function, accuracy, float, f16, avx512f, 64) \
    HEDDLE_GUARD_BINARY_OF(function, accuracy, double, d8, avx512f, 64)
#define HEDDLE_ADDRESS(function, accuracy)                                        \
    reinterpret_cast<heddle::cpu::MathAddress>(guarded_##function##f16##avx512f), \
        reinterpret_cast<heddle::cpu::MathAddress>(guarded_##function##d8##avx512f),
HEDDLE_GUARD_TABLE(avx512f, HEDDLE_UNARY, HEDDLE_BINARY, HEDDLE_ADDRESS)
#else
const heddle::cpu::MathAddress* const heddle::cpu::guarded_avx512f = nullptr;
#endif
