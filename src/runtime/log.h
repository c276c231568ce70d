// The one way to log: silent unless HEDDLE_LOG names a level, then lines on standard error.
#pragma once

#include <spdlog/logger.h>

#include <heddle/export.h>

namespace heddle::runtime {

/// The library's logger; made at the first call, safe to use from several threads: log().debug("loaded {}",
/// path).
HEDDLE_API spdlog::logger& log();

}  // namespace heddle::runtime
