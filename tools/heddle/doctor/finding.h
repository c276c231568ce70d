// Finding: one thing that `heddle doctor` has to say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heddle::tool::doctor {

enum class Level {
    ok,       ///< as it should be
    note,     ///< worth knowing; nothing is broken
    problem,  ///< something that is there cannot be used
};

/// "ok", "note", "problem"
std::string_view name(Level level);

struct Finding {
    Level level = Level::ok;
    std::string check;    ///< which check says it: "gpu", "nvidia", "vulkan", ...
    std::string what;     ///< one sentence
    std::string why;      ///< what follows from it, or where it comes from; may be empty
    std::string command;  ///< what mends it, as typed in a shell; empty when no command does
    std::vector<std::string> evidence = {};  ///< files, variables and calls that it rests on
};

using Findings = std::vector<Finding>;

}  // namespace heddle::tool::doctor
