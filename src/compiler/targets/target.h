// Kernel IR to one target's code: the dispatch that compile_target() goes through, and the list of what can
// be made.
#pragma once

#include <vector>

#include "compiler.h"

namespace heddle::compiler {

/// Makes `request.target`; never throws for what a kernel contains: that is said in the result.
TargetResult emit_target(const TargetRequest& request);

/// The targets and the variants that an ahead-of-time package holds.
std::vector<TargetVariant> available_targets();

}  // namespace heddle::compiler
