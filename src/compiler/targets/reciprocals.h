// Reciprocals that need not be exact: what devices have an instruction for.
#pragma once

#include <llvm/IR/Module.h>

namespace heddle::compiler {

/// Turns 1 / sqrt(x), where the quotient may be inexact (the flag arcp: rsqrtf), into
/// heddle.fast.rsqrt.f32(x).
void use_reciprocal_roots(llvm::Module& ir);

/// Whether the instruction is 1 / x in single precision that may be inexact.
bool is_inexact_reciprocal(const llvm::Instruction& instruction);

}  // namespace heddle::compiler
