// Kernel IR to OpenCL C 1.2.
#pragma once

#include <llvm/IR/Module.h>

#include <string>
#include <vector>

#include "compiler.h"

namespace heddle::compiler {

/// What the target makes, the most general first: "portable" for every OpenCL device, "nv" with inline PTX
/// for NVIDIA's GPUs from compute capability 7.0 on.
const std::vector<std::string>& opencl_variants();

struct OpenClText {
    std::string text;
    std::vector<TargetDiagnostic> unsupported;
};

/// The kernels that `request` names, of `ir`, which is changed on the way. Before each kernel stands a line
/// that tells the run time its name and what it takes besides its own parameters;
/// docs/design/opencl-target.md.
OpenClText emit_opencl_c(llvm::Module& ir, const TargetRequest& request);

}  // namespace heddle::compiler
