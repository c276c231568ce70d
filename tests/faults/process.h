// A program in a process of its own, with a time limit: what takes it down is told, not suffered.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace heddle::faults {

/// Variables that differ from those this process was started with.
using Environment = std::map<std::string, std::string>;

struct Ended {
    bool in_time = false;  ///< false: it was killed
    int exit_status = -1;  ///< -1: it ended by a signal
    std::string how;       ///< in words: "exit status 0", "signal 11 (Segmentation fault)", ...
};

/// Keeps the variables that this process was started with for those that it starts: drivers set variables of
/// their own, which are not meant for other processes. To be called before any device is looked for.
void remember_environment();

/// Runs arguments[0] with its standard error in the file `errors`. Throws heddle::Error (io) when no process
/// can be made.
Ended run_process(const std::vector<std::string>& arguments, const Environment& environment,
                  const std::filesystem::path& errors, std::chrono::milliseconds limit);

}  // namespace heddle::faults
