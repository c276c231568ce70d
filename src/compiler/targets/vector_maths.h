// Which maths functions the run time has in vector form, and for how many lanes a call.
#pragma once

#include <llvm/ADT/StringRef.h>

#include "cpu_variant.h"

namespace heddle::compiler {

/// Lanes of one vector call of "heddle.<function>.<type>" on this CPU; 0 where there is only the scalar
/// function.
unsigned vector_maths_lanes(llvm::StringRef name, const CpuVariant& variant);

}  // namespace heddle::compiler
