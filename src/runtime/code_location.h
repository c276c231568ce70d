// Where Heddle's own code stands in the file system: what belongs to it is looked for beside it.
#pragma once

#include <filesystem>

namespace heddle::runtime {

/// The library or program that holds the code or data at `address`, without links; empty when that cannot be
/// told.
std::filesystem::path file_that_holds(const void* address);

}  // namespace heddle::runtime
