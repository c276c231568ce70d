// Queues and events of the OpenCL backend.
#pragma once

#include <memory>

#include "backends/opencl/context.h"
#include "runtime/hal.h"

namespace heddle::opencl {

std::unique_ptr<hal::Queue> make_queue(std::shared_ptr<Context> context);

}  // namespace heddle::opencl
