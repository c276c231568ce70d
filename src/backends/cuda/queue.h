// In-order queues of an NVIDIA GPU: a queue is a stream.
#pragma once

#include <memory>

#include "backends/cuda/context.h"
#include "runtime/hal.h"

namespace heddle::cuda {

/// Kernels given to it must be CudaKernels, allocations CudaAllocations, events its own kind.
std::unique_ptr<hal::Queue> make_queue(std::shared_ptr<Context> context);

}  // namespace heddle::cuda
