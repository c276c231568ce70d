// What `heddle doctor` looks at, as functions, so that tests give it the recorded files and answers of other
// machines.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/system_files.h"

namespace heddle::tool::doctor {

/// How a program that was run ended.
struct CommandResult {
    bool is_started = false;
    bool is_timed_out = false;  ///< and was killed for it
    int exit_code = -1;         ///< -1 when a signal ended it
    int signal = 0;
    std::string output, errors;
};

using Variables = std::vector<std::pair<std::string, std::string>>;

/// What this process may do with a device node.
struct NodeAccess {
    bool exists = false, is_usable = false;  ///< usable: for reading and writing
    std::string group;                       ///< that owns it; empty when it has no name
};

struct Machine {
    runtime::SystemFiles files;
    /// An environment variable; none when unset. An empty one is a value.
    std::function<std::optional<std::string>(const std::string& name)> environment;
    std::function<NodeAccess(const std::string& path)> node;
    /// Loads a library as the dynamic loader finds it; its message, empty when that worked.
    std::function<std::string(const std::string& library)> load;
    /// Runs a program, with `more` added to the environment, for at most `limit`.
    std::function<CommandResult(const std::vector<std::string>& command, const Variables& more,
                                std::chrono::seconds limit)>
        run;
    std::string heddle;  ///< path of this command
    std::string user;    ///< name of the user; empty when unknown

    /// The variable's value; empty when unset.
    std::string variable(const std::string& name) const { return environment(name).value_or(""); }
};

/// The machine that this process runs on.
Machine this_machine();

/// Where a library of that file name stands, among the directories that dynamic loaders search; none when it
/// is in none of them.
std::optional<std::string> find_library(const Machine& machine, const std::string& name);
/// Those directories.
std::vector<std::string> library_directories(const Machine& machine);

}  // namespace heddle::tool::doctor
