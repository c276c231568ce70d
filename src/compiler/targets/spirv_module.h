// GLSL to a SPIR-V module: glslang compiles, SPIRV-Tools optimise and check; and what is changed in the
// words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace heddle::compiler {

/// The module of a compute shader for Vulkan 1.2, optimised, with all floating point exact
/// (forbid_contraction). `name` stands in messages. Throws std::runtime_error with the compiler's messages.
/// Safe to call from several threads.
std::vector<std::uint32_t> compile_shader(const std::string& text, const std::string& name);

/// Decorates every operation of floating point with NoContraction: what is to be fused has been fused, and no
/// sum is to be reordered.
void forbid_contraction(std::vector<std::uint32_t>& module);

/// Takes from accesses to shared memory that each is seen by the workgroup at once, which GLSL says of all of
/// them: for modules whose threads meet at barriers that say so themselves. Drivers may then keep values in
/// registers and join and move accesses between barriers.
void relax_shared_accesses(std::vector<std::uint32_t>& module);

/// What SPIRV-Tools' validator for Vulkan 1.2 has against `module`; empty when nothing.
std::string validate_module(std::span<const std::uint32_t> module);

}  // namespace heddle::compiler
