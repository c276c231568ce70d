// From what the system allows, what the program and the environment ask for: how many threads the CPU devices
// run, and on which processors.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <heddle/cpu_limits.h>

#include "runtime/control_group.h"
#include "runtime/system_files.h"

namespace heddle::cpu {

/// Everything that the decision rests on.
struct CpuQuestion {
    CpuLimits asked;                                ///< by the program
    std::optional<unsigned> threads;                ///< HEDDLE_THREADS
    PowerPreference power = PowerPreference::none;  ///< HEDDLE_POWER
    std::vector<unsigned> allowed;                  ///< the scheduler's affinity mask
    std::optional<double> quota;                    ///< control groups' processors
};

/// The limits in effect, as cpu_limits() gives them; `reason` says what decided the number of threads.
struct CpuBudget {
    CpuLimits limits;
    std::string reason;
};

/// Throws invalid_argument when none of the processors asked for is allowed.
HEDDLE_API CpuBudget decide_cpu_budget(const CpuQuestion& question, const runtime::SystemFiles& files);

/// Processors that the system calls efficient: Intel's hybrid processors (/sys/devices/cpu_atom), and Arm's
/// by capacity (/sys/devices/system/cpu/cpuN/cpu_capacity). Empty where all are alike or nothing is known.
HEDDLE_API std::vector<unsigned> efficient_processors(const runtime::SystemFiles& files);

/// The scheduler's affinity mask of the calling thread.
HEDDLE_API std::vector<unsigned> affinity_processors();

/// Binds the calling thread; a processor that has gone meanwhile is no error, since the mask is a preference.
void bind_thread(const std::vector<unsigned>& processors);

/// The decision for this process. From the first call with `is_final` on it no longer changes.
HEDDLE_API CpuBudget cpu_budget(bool is_final);

}  // namespace heddle::cpu
