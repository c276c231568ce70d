// Runs the program heddle-probe, one process a backend, all at the same time, and tells how each ended. What
// the program writes to its standard output: the line "probing", then "devices N" or "none <reason>" or
// "crashed <signal>", then what /proc/self/maps holds, then the line "end".
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::runtime {

inline constexpr std::string_view probe_begins = "probing\n", probe_crashed = "crashed ",
                                  probe_ends = "end\n";

struct ProbeOutcome {
    enum class Kind : std::uint8_t {
        answered,     ///< the driver said which devices it has, or why none
        failed,       ///< it crashed, hung, or ended the process
        not_started,  ///< nothing was learned: the program could not run
    };
    Kind kind = Kind::not_started;
    std::string reason;                            ///< of failed and not_started
    std::vector<std::filesystem::path> libraries;  ///< that the process had loaded, as far as is known
};

/// One outcome for each backend. Returns after `timeout` at the latest, give or take the time to end
/// processes.
std::vector<ProbeOutcome> run_probes(const std::filesystem::path& program,
                                     std::span<const std::string> backends,
                                     std::chrono::milliseconds timeout);

/// "SIGSEGV"; "signal 40" of one without a name.
std::string signal_name(int signal);

/// The files that stand as code in the text of /proc/self/maps, each once.
std::vector<std::filesystem::path> libraries_in(std::string_view maps);

}  // namespace heddle::runtime
