// Folders with libraries of drivers that are broken, and the variables that make a process find them.
#pragma once

#include <filesystem>
#include <string>

#include "faults/fault.h"
#include "faults/process.h"

namespace heddle::faults {

/// Makes what `fault` needs in `folder`; `libraries` is where the stand-ins were built.
Environment break_library(const Fault& fault, const std::string& backend, const std::filesystem::path& folder,
                          const std::filesystem::path& libraries);

}  // namespace heddle::faults
