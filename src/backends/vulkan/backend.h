// The backend `vulkan`: every device of every installed Vulkan 1.2 driver whose kernels may follow addresses.
#pragma once

#include <memory>

#include "runtime/hal.h"

namespace heddle::vulkan {

std::unique_ptr<hal::Backend> make_vulkan_backend();

}  // namespace heddle::vulkan
