// The check that a module is Kernel IR as docs/design/kernel-ir.md describes it.
#pragma once

#include <string>

namespace llvm {
class Module;
}

namespace heddle::compiler {

/// Empty when `module` is Kernel IR; else the first thing that is not, with the function it stands in.
std::string verify_kernel_ir(const llvm::Module& module);

}  // namespace heddle::compiler
