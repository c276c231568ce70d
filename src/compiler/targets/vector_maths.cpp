// Reads the run time's own table of maths functions.
#include "vector_maths.h"

#include "backends/cpu/math_names.h"

namespace heddle::compiler {

unsigned vector_maths_lanes(llvm::StringRef name, const CpuVariant& variant) {
    const cpu::ParsedMathName parsed = cpu::parse_math_name(std::string_view(name.data(), name.size()));
    if (!parsed.function || parsed.lanes != 0) return 0;
    if (!(parsed.is_f64 ? parsed.function->vector_f64 : parsed.function->vector_f32)) return 0;
    return variant.vector_bytes / (parsed.is_f64 ? 8 : 4);
}

}  // namespace heddle::compiler
