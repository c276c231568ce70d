// Finds and loads libheddle-compiler.so, and says which build of it would be loaded without loading it.
#pragma once

#include <filesystem>
#include <vector>

#include "compiler/compiler.h"
#include "sha256.h"

namespace heddle::runtime {

/// The compiler, loaded on the first call and then kept for the life of the process; a changed
/// HEDDLE_COMPILER loads another. Throws not_found with the loader's message.
compiler::Compiler& load_compiler();

/// The build of the compiler that load_compiler() gives: its path and file_identity(). Loads it only when the
/// dynamic loader's default search path is the only place left to look. Throws not_found.
struct CompilerIdentity {
    std::filesystem::path path;
    Sha256Digest digest{};
    friend bool operator==(const CompilerIdentity&, const CompilerIdentity&) = default;
};
CompilerIdentity compiler_identity();

/// The files that the loaded compiler consists of: itself and the LLVM and Clang libraries. Loads it.
std::vector<std::filesystem::path> compiler_files();

}  // namespace heddle::runtime
