// In: a kernel with integers of 128 bits. Out: the same with integers of 64 bits, for languages that have no
// wider ones.
#pragma once

#include <llvm/IR/Function.h>

namespace heddle::compiler {

/// Whether there were any. What is left of 128 bits is the upper half of a product, trunc((ext a * ext b) >>
/// 64), which languages have a function for. May change the control flow (division). Throws Unsupported, for
/// conversions from and to floating point among others.
bool split_wide_integers(llvm::Function& kernel);

}  // namespace heddle::compiler
