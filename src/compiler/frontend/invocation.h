// The options that every device compilation runs Clang with.
#pragma once

#include <string>
#include <vector>

#include "compiler.h"

namespace heddle::compiler {

/// cc1 arguments, without a program name, for `request`.
std::vector<std::string> clang_arguments(const SourceRequest& request);

}  // namespace heddle::compiler
