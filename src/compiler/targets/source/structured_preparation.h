// Brings a kernel's LLVM IR into the form from which structured source is printed.
#pragma once

#include <llvm/IR/Function.h>

namespace heddle::compiler {

/// What a target's own compiler does not do.
struct StructuredOptions {
    bool unrolls = false;        ///< loops are unrolled as for PTX
    bool aligns_shared = false;  ///< shared arrays are aligned so that accesses to neighbours can be joined
};

/// Vectors are taken apart and accesses to neighbours joined, control flow is brought into the form that the
/// control tree takes, what is known of indices is noted.
void prepare_structured(llvm::Function& kernel, const StructuredOptions& options = {});

}  // namespace heddle::compiler
