// Kernel IR to OpenCL C 1.2.
#pragma once

#include <llvm/IR/Module.h>

#include <string>
#include <vector>

#include "compiler.h"

namespace heddle::compiler {

struct OpenClText {
    std::string text;
    std::vector<TargetDiagnostic> unsupported;
};

/// The kernels that `request` names, of `ir`, which is changed on the way. Before each kernel stands a line
/// that tells the run time its name and what it takes besides its own parameters;
/// docs/design/opencl-target.md.
OpenClText emit_opencl_c(llvm::Module& ir, const TargetRequest& request);

}  // namespace heddle::compiler
