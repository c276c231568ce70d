// Brings a kernel's LLVM IR into the form from which structured source is printed.
#pragma once

#include <llvm/IR/Function.h>

namespace heddle::compiler {

/// Vectors are taken apart and accesses to neighbours joined, control flow is brought into the form that the
/// control tree takes, what is known of indices is noted.
void prepare_structured(llvm::Function& kernel);

}  // namespace heddle::compiler
