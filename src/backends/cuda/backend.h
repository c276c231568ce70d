// The backend of NVIDIA GPUs through the CUDA driver.
#pragma once

#include <memory>
#include <string>

#include "runtime/hal.h"

namespace heddle::cuda {

std::unique_ptr<hal::Backend> make_cuda_backend();
/// With another library than the driver's.
std::unique_ptr<hal::Backend> make_cuda_backend(std::string library);

}  // namespace heddle::cuda
