// The host's C and C++ library headers, so that the host part of a CUDA source parses.
#pragma once

#include <string>
#include <vector>

namespace heddle::compiler {

/// Which headers the host compiler would use.
struct HostToolchain {
    std::string triple;  ///< the host's, as Clang names it
    /// Clang's -internal-isystem and -internal-externc-isystem options with their directories, in search
    /// order; directories that do not exist are left out. Empty when no C++ library is installed.
    std::vector<std::string> include_arguments;
};

/// Found by Clang's driver on first use, then kept. May be called from several threads.
const HostToolchain& host_toolchain();

}  // namespace heddle::compiler
