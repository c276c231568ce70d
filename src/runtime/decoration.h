// Decorators of the backend contract that the environment asks for: laid over each device as it is found.
#pragma once

#include <memory>

#include "hal.h"

namespace heddle::runtime {

/// `device` with every decorator that is switched on; `device` itself where none is.
std::shared_ptr<hal::Device> decorated(std::shared_ptr<hal::Device> device);

}  // namespace heddle::runtime
