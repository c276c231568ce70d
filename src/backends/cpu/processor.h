// What is known of this machine's processor and memory: name, instruction set levels, threads that this
// process may use, and bytes that may still be allocated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/system_files.h"

namespace heddle::cpu {

/// What the processor is and what code it runs.
struct Processor {
    std::string name;  ///< as the vendor spells it, e.g. "AMD EPYC 9654 96-Core Processor"
    std::vector<std::string>
        variants;  ///< code variants it runs, best first, e.g. {"x86-64-v3", "x86-64-v2"}
    std::vector<std::string> instructions;  ///< notable instruction sets, e.g. "avx2", "avx512f"
};

/// Asks the processor; the operating system's support for the wide registers is taken into account.
Processor identify_processor();

/// Threads that this process may run at once, as cpu_limits() gives them; at least 1. Throws invalid_argument
/// when HEDDLE_THREADS or HEDDLE_POWER is malformed.
unsigned usable_threads();

/// Memory in bytes, for the whole process.
struct MemoryState {
    std::uint64_t total = 0;      ///< physical memory, or the control group's limit where that is less
    std::uint64_t available = 0;  ///< what can be allocated without swapping or being killed
};
MemoryState memory_state();
/// The same of the machine that `files` describe; all 0 when they do not say.
MemoryState memory_state(const runtime::SystemFiles& files);

/// Nanoseconds of a clock that never goes back: the origin of event times and of globaltimer.
std::uint64_t now_ns() noexcept;

}  // namespace heddle::cpu
