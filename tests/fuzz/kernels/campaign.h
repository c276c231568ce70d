// Many batches, several at a time, each in a process of its own: what crashes or hangs is a finding, not the
// end.
#pragma once

#include "batch.h"

namespace heddle::fuzz {

struct Outcome {
    std::uint64_t kernels = 0, disagreements = 0, unsupported = 0;
    bool completed = false;  ///< false: a batch could not even start; stderr says why
};

/// Runs what the settings ask for. The calling process must have one thread only: it forks.
Outcome run_campaign(const Settings& settings);

}  // namespace heddle::fuzz
