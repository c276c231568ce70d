// The tables behind find_math(): scalar functions by name, and vector functions by name and instruction set.
#pragma once

#include <span>
#include <string_view>

#include "backends/cpu/math_guard.h"

namespace heddle::cpu {

/// "sin.f32" and the C function, sorted by name.
struct ScalarMath {
    std::string_view name;
    MathAddress address = nullptr;
};
std::span<const ScalarMath> scalar_math();

/// A function for every vector width of the architecture, null where there is none: x86: [0] 16 bytes SSE4.1,
/// [1] 16 bytes AVX2, [2] 32 bytes AVX2, [3] 64 bytes AVX-512F; AArch64: [0] 16 bytes.
struct VectorMath {
    std::string_view name;
    MathAddress addresses[4] = {};
};
std::span<const VectorMath> vector_math();  ///< all, sorted by name

}  // namespace heddle::cpu
