// Guarded vector functions of 16 bytes, which every processor of the architecture passes in registers.
#include "backends/cpu/math_guard.h"

#if defined(__x86_64__)

#define HEDDLE_UNARY(function, accuracy)                           \
    HEDDLE_GUARD_UNARY_OF(function, accuracy, float, f4, sse4, 16) \
    HEDDLE_GUARD_UNARY_OF(function, accuracy, double, d2, sse4, 16)
#define HEDDLE_BINARY(function, accuracy)                           \
    HEDDLE_GUARD_BINARY_OF(function, accuracy, float, f4, sse4, 16) \
    HEDDLE_GUARD_BINARY_OF(function, accuracy, double, d2, sse4, 16)
#define HEDDLE_ADDRESS(function, accuracy)                                    \
    reinterpret_cast<heddle::cpu::MathAddress>(guarded_##function##f4##sse4), \
        reinterpret_cast<heddle::cpu::MathAddress>(guarded_##function##d2##sse4),
HEDDLE_GUARD_TABLE(sse4, HEDDLE_UNARY, HEDDLE_BINARY, HEDDLE_ADDRESS)
#else
const heddle::cpu::MathAddress* const heddle::cpu::guarded_sse4 = nullptr;
#endif

#if defined(__aarch64__)

#define HEDDLE_UNARY(function, accuracy)                              \
    HEDDLE_GUARD_UNARY_OF(function, accuracy, float, f4, advsimd, 16) \
    HEDDLE_GUARD_UNARY_OF(function, accuracy, double, d2, advsimd, 16)
#define HEDDLE_BINARY(function, accuracy)                              \
    HEDDLE_GUARD_BINARY_OF(function, accuracy, float, f4, advsimd, 16) \
    HEDDLE_GUARD_BINARY_OF(function, accuracy, double, d2, advsimd, 16)
#define HEDDLE_ADDRESS(function, accuracy)                                       \
    reinterpret_cast<heddle::cpu::MathAddress>(guarded_##function##f4##advsimd), \
        reinterpret_cast<heddle::cpu::MathAddress>(guarded_##function##d2##advsimd),
HEDDLE_GUARD_TABLE(advsimd, HEDDLE_UNARY, HEDDLE_BINARY, HEDDLE_ADDRESS)
#else
const heddle::cpu::MathAddress* const heddle::cpu::guarded_advsimd = nullptr;
#endif
