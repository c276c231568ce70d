// Queues and events of a Vulkan device.
#pragma once

#include <memory>

#include "backends/vulkan/context.h"
#include "runtime/hal.h"

namespace heddle::vulkan {

std::unique_ptr<hal::Queue> make_queue(std::shared_ptr<Context> context);

}  // namespace heddle::vulkan
