// In-order asynchronous queues over the worker pool. Commands run on whichever thread takes the queue up: a
// worker, or the host thread that waits for it, so that a short launch that is waited for needs no other
// thread.
#pragma once

#include <memory>
#include <string>

#include "backends/cpu/pool.h"
#include "runtime/hal.h"
#include "runtime/host_ranges.h"

namespace heddle::cpu {

/// A queue of the device named `device`; kernels given to it must be CpuKernels. The pool lives as long as
/// the queue and its events. `ranges`: the device's host memory, which transfers keep alive; may be null.
std::unique_ptr<hal::Queue> make_queue(std::shared_ptr<Pool> pool, std::string device,
                                       std::shared_ptr<runtime::HostRanges> ranges = nullptr);

}  // namespace heddle::cpu
