// What tells one build of the compiler from another.
#pragma once

#include <string>

namespace heddle::compiler {

/// "clang-19.1.7 <hexadecimal>": the linker's build id of the object that holds the compiler, or, where it
/// has none, a hash of its file's size and time and of the embedded headers.
std::string find_build_id();

}  // namespace heddle::compiler
