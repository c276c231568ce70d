// The backend `opencl`: every GPU, processor and accelerator of every OpenCL platform that has shared virtual
// memory.
#pragma once

#include <memory>

#include "runtime/hal.h"

namespace heddle::opencl {

std::unique_ptr<hal::Backend> make_backend();

}  // namespace heddle::opencl
