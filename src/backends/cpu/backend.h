// The CPU as two devices: "cpu:0", which runs warps as vectors, and "scalar:0", the one-lane reference.
#pragma once

#include <memory>

#include "runtime/hal.h"

namespace heddle::cpu {

/// Backend "cpu" with device "cpu:0", which takes the target "simd".
std::unique_ptr<hal::Backend> make_cpu_backend();
/// Backend "scalar" with device "scalar:0", which takes the target "scalar".
std::unique_ptr<hal::Backend> make_scalar_backend();

}  // namespace heddle::cpu
