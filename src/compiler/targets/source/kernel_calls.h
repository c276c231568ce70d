// What emitters of structured source ask of a kernel's calls of intrinsics.
#pragma once

#include <llvm/IR/InstrTypes.h>

namespace heddle::compiler {

/// The name of an intrinsic of Kernel IR without "heddle."; empty for other functions.
inline llvm::StringRef intrinsic_name(const llvm::CallBase& call) {
    const llvm::Function* callee = call.getCalledFunction();
    if (!callee) return {};
    llvm::StringRef name = callee->getName();
    return name.consume_front("heddle.") ? name : llvm::StringRef();
}

/// Whether the lanes of a warp do it together.
inline bool is_warp_operation(llvm::StringRef name) {
    return name.starts_with("shfl.") || name.starts_with("ballot") || name.starts_with("match.") ||
           name.starts_with("reduce.") || name == "warp.sync" || name == "activemask";
}

}  // namespace heddle::compiler
