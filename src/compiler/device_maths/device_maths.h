// In: Kernel IR with calls of heddle.F.f32 and heddle.F.f64. Out: the same with the functions' code in their
// place, for targets whose devices have no library of mathematical functions. Nothing else is changed.
#pragma once

#include <llvm/IR/Module.h>

#include <string>
#include <vector>

namespace heddle::compiler {

/// What becomes of the calls.
enum class MathsCalls {
    inlined,         ///< all are replaced by the function's code; no function is added to the module
    kept_for_large,  ///< large functions that are called more than once stay calls of internal functions
                     ///< maths_F_T
};

/// A target that has an instruction for a function replaces its calls before. Returns the names, sorted, of
/// the functions heddle.*.f32 and heddle.*.f64 that are called and that the library does not have: their
/// calls stay as they are. Loops come with some of the functions (fmod, remainder, jn, yn), and with that the
/// need of LoopSimplify and LCSSA. Throws std::runtime_error if LLVM cannot link.
std::vector<std::string> link_device_maths(llvm::Module& kernel_ir, MathsCalls calls = MathsCalls::inlined);

}  // namespace heddle::compiler
