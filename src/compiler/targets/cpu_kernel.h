// CPU kernels: Kernel IR in, a module for one CPU out that holds every kernel in the forms that launches need
// and the tables of src/backends/cpu/abi.h.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <string>
#include <vector>

#include "compiler.h"
#include "cpu_variant.h"

namespace heddle::compiler {

struct CpuModule {
    std::unique_ptr<llvm::Module> module;
    std::vector<TargetDiagnostic> unsupported;
};

/// Emits the kernels that `request` names, in the forms it names, of `ir`, which is changed on the way.
/// `lanes` is 32 or 1.
CpuModule emit_cpu_module(llvm::Module& ir, const CpuVariant& variant, llvm::TargetMachine& machine,
                          unsigned lanes, const TargetRequest& request);

}  // namespace heddle::compiler
