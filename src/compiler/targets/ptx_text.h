// PTX, the assembly that NVIDIA's drivers compile for their GPUs: variants, optimisation and code generation.
#pragma once

#include <llvm/IR/Module.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::compiler {

/// A compute capability to compile for. A driver takes any that is not newer than its GPU.
struct PtxVariant {
    std::string name;      ///< "sm_80"
    unsigned sm;           ///< 80
    std::string features;  ///< the PTX version, as LLVM names it
};

/// Every variant, oldest first; all of them go into packages.
const std::vector<PtxVariant>& ptx_variants();
std::optional<PtxVariant> find_ptx_variant(std::string_view name);

/// Optimises what lower_to_nvptx() wrote and gives its text. Throws std::runtime_error when LLVM has no
/// NVPTX.
std::string ptx_of(llvm::Module& module, const PtxVariant& variant);

}  // namespace heddle::compiler
