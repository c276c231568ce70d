// The options that every device compilation runs Clang with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler.h"

namespace heddle::compiler {

/// What Clang is to make.
enum class Product { module, precompiled_header };

/// Where the precompiled heddle/language.h stands in the compiler's file system.
inline constexpr std::string_view precompiled_header_path = "/heddle/language.pch";

/// cc1 arguments, without a program name, for `request`; the last one is the input's name. A module includes
/// heddle/device.h first, and before it the precompiled heddle/language.h when `is_precompiled`.
std::vector<std::string> clang_arguments(const SourceRequest& request, Product product, bool is_precompiled);

}  // namespace heddle::compiler
