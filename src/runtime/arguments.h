// Checks a launch at the public edge and packs its arguments, so that backends need not look again.
#pragma once

#include <span>

#include <heddle/device.h>
#include <heddle/kernel.h>
#include <heddle/types.h>

#include "hal.h"

namespace heddle::runtime {

/// Throws launch_failed naming the limit of the device or of the kernel that `config` is over, and
/// invalid_argument for an empty grid or block.
void check_configuration(const Device& device, const KernelInfo& kernel, const LaunchConfig& config);

/// Fills launch.parameters and launch.allocations. Throws invalid_argument naming the argument that does not
/// fit.
void pack_arguments(const Device& device, const KernelInfo& kernel, std::span<const Argument> arguments,
                    hal::Launch& launch);

}  // namespace heddle::runtime
