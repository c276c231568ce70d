// Whether drivers may be touched in this process: what is known of them from the cache, or what a process of
// its own finds out. A driver that crashes or hangs when it is asked for its devices takes nothing with it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace heddle::runtime {

/// For each backend why its driver must not be touched; none where it may be. Unknown ones are tried out at
/// the same time; takes HEDDLE_PROBE_TIMEOUT_MS at most. Where no process can be started, drivers may be
/// touched as they are, which the log tells. Throws invalid_argument when a variable is malformed.
std::vector<std::optional<std::string>> examine_drivers(std::span<const std::string> backends);

}  // namespace heddle::runtime
