// Kernel IR to SPIR-V for Vulkan: structured GLSL, compiled by shaderc, one module a kernel.
#pragma once

#include <llvm/IR/Module.h>

#include <string>
#include <vector>

#include "compiler.h"

namespace heddle::compiler {

/// The variants, what asks most of a device first: "warp32", "full", "basic".
const std::vector<std::string>& spirv_variants();

struct SpirvResult {
    std::vector<std::byte> payload;  ///< an archive (backends/vulkan/kernel_archive.h)
    std::string text;                ///< the shaders
    std::vector<TargetDiagnostic> unsupported;
};

/// Changes `ir`. Throws std::runtime_error for a variant that there is not, and when shaderc refuses a
/// shader.
SpirvResult emit_spirv(llvm::Module& ir, const TargetRequest& request);

}  // namespace heddle::compiler
