// From an LLVM module for a CPU to machine code: optimisation, code generation, and linking into a shared
// object, all in process.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cpu_variant.h"

namespace heddle::compiler {

/// Throws std::runtime_error when LLVM lacks the target.
std::unique_ptr<llvm::TargetMachine> make_target_machine(const CpuVariant& variant);

/// Optimises what the warp emitter wrote for `lanes` lanes. With one, the loops over threads are short and
/// the work lies in them: they are unrolled, and tests that do not depend on the thread leave them.
void optimise_cpu_module(llvm::Module& module, llvm::TargetMachine& machine, unsigned lanes);

/// The module as assembly text.
std::string assembly_of(llvm::Module& module, llvm::TargetMachine& machine);

/// The module as an ELF shared object. Throws std::runtime_error when it would need a library that is not
/// there.
std::vector<std::byte> shared_object_of(llvm::Module& module, llvm::TargetMachine& machine);

}  // namespace heddle::compiler
