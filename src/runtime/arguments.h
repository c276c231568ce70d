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

/// Throws invalid_argument when `part`, which is not empty, is not inside of `grid`, and unsupported when the
/// kernel cannot run a part.
void check_grid_part(const Device& device, const KernelInfo& kernel, const Dim3& grid, const GridPart& part);

/// Fills launch.parameters and launch.allocations; a kernel of grid parts is told that launch.config.grid is
/// its whole grid. Throws invalid_argument naming the argument that does not fit.
void pack_arguments(const Device& device, const KernelInfo& kernel, std::span<const Argument> arguments,
                    hal::Launch& launch);

/// Tells a kernel of grid parts its place, in packed parameters; does nothing for other kernels.
void pack_grid_part(const KernelInfo& kernel, const Dim3& grid, const Dim3& first, hal::Launch& launch);

}  // namespace heddle::runtime
