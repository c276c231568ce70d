// The backend of NVIDIA GPUs through the CUDA driver.
#pragma once

#include <memory>

#include "runtime/hal.h"

namespace heddle::cuda {

std::unique_ptr<hal::Backend> make_cuda_backend();

}  // namespace heddle::cuda
