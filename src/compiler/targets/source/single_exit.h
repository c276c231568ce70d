// Loops that are left at their head alone, for software devices that run threads as lanes of vectors:
// SwiftShader keeps a lane's value across the end of a loop only when it goes through the loop's head, and
// what a lane had when it left by a break is overwritten by the lanes that go on.
#pragma once

#include <functional>
#include <string>

#include "statement.h"

namespace heddle::compiler {

/// Every loop in `list` becomes `while (flag)`: breaks lower the flag, and what would have been skipped
/// stands in a branch. `fresh` makes names. Call it when everything is declared.
void leave_loops_at_their_head(StatementList& list,
                               const std::function<std::string(const std::string&)>& fresh);

}  // namespace heddle::compiler
