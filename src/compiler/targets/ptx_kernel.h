// From Kernel IR to the dialect of LLVM's NVPTX code generator: what stands behind the `heddle.*` calls on an
// NVIDIA GPU.
#pragma once

#include <llvm/IR/Module.h>

#include <string>
#include <vector>

#include <heddle/package.h>

namespace heddle::compiler {

/// Names that the run time looks up in a loaded module (src/backends/cuda/program.cpp): the address of the
/// globals' block, 8 bytes of constant memory; and, beside a kernel that may fail, a mark "<prefix><symbol>"
/// that says the kernel takes one more parameter, the address of its queue's failure record.
inline constexpr const char *ptx_globals_slot = "heddle_globals", *ptx_failure_mark = "heddle_fails_";

/// Rewrites `ir` in place for compute capability `sm` (70, 80, 90). Only the kernels named in `kernels`
/// (source-level names; empty: all) stay. Kernels that cannot be expressed are dropped and told in the
/// result.
std::vector<TargetDiagnostic> lower_to_nvptx(llvm::Module& ir, unsigned sm,
                                             const std::vector<std::string>& kernels);

}  // namespace heddle::compiler
