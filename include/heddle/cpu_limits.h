// How much of the processor the CPU devices (cpu:0, scalar:0) may use.
#pragma once

#include <vector>

#include <heddle/export.h>

namespace heddle {

/// What to prefer where speed and power are at odds.
enum class PowerPreference {
    none,              ///< what HEDDLE_POWER says, else high_performance
    high_performance,  ///< every processor that the process may use
    /// Fewer threads, which sleep as soon as they have nothing to do: on a hybrid processor the efficient
    /// cores alone, where the system tells them apart; else half of the processors.
    low_power,
};

/// Limits that a program sets on itself. They come on top of the scheduler's affinity mask and the control
/// groups' quota, which always hold.
struct CpuLimits {
    /// The most threads that run kernels at once; 0: as HEDDLE_THREADS says, else one for each processor that
    /// may be used. May be more than there are processors.
    unsigned threads = 0;
    /// Logical processors, as the system numbers them, that the worker threads are bound to; empty: all that
    /// the process may use. A thread of the program that waits for a queue helps wherever it runs.
    std::vector<unsigned> processors;
    PowerPreference power = PowerPreference::none;
};

/// Sets the limits of all CPU devices, for the rest of the process. Throws invalid_argument once a CPU device
/// has made its first queue, whose threads then run; when more than 4096 threads are asked for; and when none
/// of `processors` may be used by this process.
HEDDLE_API void set_cpu_limits(const CpuLimits& limits);

/// The limits in effect: `threads` and `power` are decided (never 0, never none), `processors` is empty where
/// the threads are not bound. Throws invalid_argument when HEDDLE_THREADS or HEDDLE_POWER is malformed.
HEDDLE_API CpuLimits cpu_limits();

}  // namespace heddle
