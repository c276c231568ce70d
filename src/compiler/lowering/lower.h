// Lowering: the module that Clang emitted in, Kernel IR (docs/design/kernel-ir.md) and what is known of it
// out.
#pragma once

#include <heddle/package.h>

#include "frontend/declarations.h"
#include "lowering/reporter.h"

namespace llvm {
class Module;
}

namespace heddle::compiler {

/// Lowers `module` in place; `grid_parts` is CompileOptions::grid_parts. Completes `declarations.kernels`
/// (access, shared memory, features) and fills `globals`. Returns whether the module is Kernel IR now; what
/// it must not contain was reported.
bool lower_module(llvm::Module& module, bool grid_parts, Declarations& declarations, GlobalsInfo& globals,
                  Reporter& reporter);

}  // namespace heddle::compiler
