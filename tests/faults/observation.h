// What a process that had a fault saw, on its way to the process that asked for it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace heddle::faults {

struct Observation {
    std::string said;     ///< the error's code and text
    std::string problem;  ///< what was not as it should be; empty: nothing
    std::string skipped;  ///< why this device cannot have this fault; empty: it had
    std::string itself;   ///< the device afterwards: "usable", or what it says
    struct Other {
        std::string device, problem;  ///< no problem: it is usable
    };
    std::vector<Other> others;
};

/// Throw heddle::Error (io) when the file cannot be written, read or understood.
void write(const Observation& observation, const std::filesystem::path& file);
Observation read(const std::filesystem::path& file);

}  // namespace heddle::faults
