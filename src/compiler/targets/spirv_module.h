// GLSL to a SPIR-V module with shaderc, and what is changed in the module's words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::compiler {

/// The optimised module for Vulkan 1.2. `name` stands in messages. Throws std::runtime_error with the compiler's
/// messages.
std::vector<std::uint32_t> compile_shader(const std::string& text, const std::string& name);

/// Decorates every sum, difference and product of floating point with NoContraction: what is to be fused has
/// been fused.
void forbid_contraction(std::vector<std::uint32_t>& module);

}  // namespace heddle::compiler
