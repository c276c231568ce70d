// What the control groups (cgroup versions 1 and 2) that hold this process allow it: processor time and
// memory. A limit may stand at the process's own group or at any group above it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <heddle/export.h>

#include "system_files.h"

namespace heddle::runtime {

/// The tightest limits; each with the file that it was read from.
struct ControlGroupLimits {
    std::optional<double> processors;  ///< processor seconds a second, e.g. 1.5
    std::string processors_file;
    std::optional<std::uint64_t> memory_bytes;  ///< the least limit
    std::string memory_file;
    /// Bytes until the first limit above is reached, page cache that can be dropped counted as free.
    std::optional<std::uint64_t> memory_available;
};

/// Reads /proc/self/cgroup and the groups' files, where /proc/self/mountinfo says that they are mounted.
HEDDLE_API ControlGroupLimits control_group_limits(const SystemFiles& files);

/// Processors that a text of cgroup v2's cpu.max allows: "150000 100000" is 1.5; none for "max 100000" and
/// for what is malformed.
HEDDLE_API std::optional<double> processors_of_cpu_max(std::string_view text);

}  // namespace heddle::runtime
