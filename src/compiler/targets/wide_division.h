// Integers of 128 bits where a target's code generator would call a library that is not there.
#pragma once

#include <llvm/IR/Module.h>

namespace heddle::compiler {

/// Divisions and remainders of more than 64 bits become calls of functions of the module itself. Those by
/// zero, which Kernel IR has none of, give 0 or the dividend.
void provide_wide_division(llvm::Module& module);

/// Throws Unsupported at a conversion between an integer of more than 64 bits and a floating-point number.
void refuse_wide_conversions(const llvm::Function& kernel);

}  // namespace heddle::compiler
