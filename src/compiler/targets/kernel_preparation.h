// Brings one kernel of Kernel IR into the form the warp emitter takes: shared variables as offsets,
// structures that are written as private copies, vectors only as loaded and stored, two-way branches, loops
// in LoopSimplify and LCSSA form.
#pragma once

#include <llvm/IR/Function.h>
#include <llvm/Target/TargetMachine.h>

#include <cstdint>

namespace heddle::compiler {

struct PreparedKernel {
    std::uint64_t static_shared_bytes = 0;
    bool has_barriers = false;         ///< calls heddle.barrier*
    bool has_warp_operations = false;  ///< exchanges values between lanes, or waits for them
    bool has_volatile_shared = false;  ///< counts on lockstep through volatile shared memory
    bool uses_rows = false;            ///< reads threadIdx.y or .z
};

/// With `machine`, loads and stores of neighbouring elements are joined to loads and stores of small vectors,
/// whose elements the kernel takes apart and puts together one by one; but not loads whose elements a
/// neighbouring lane loads too.
PreparedKernel prepare_kernel(llvm::Function& kernel, llvm::TargetMachine* machine);

}  // namespace heddle::compiler
