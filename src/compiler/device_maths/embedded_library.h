// The device maths library as LLVM bitcode, made at build time.
#pragma once

#include <string_view>

namespace heddle::compiler {

/// Static storage; each function is called heddle_F_T for Kernel IR's heddle.F.T and calls LLVM's intrinsics
/// alone.
std::string_view device_maths_bitcode();

}  // namespace heddle::compiler
