// The scalar device's scheduler for kernels whose lanes wait for each other within a warp: goes warp by warp,
// answers warp operations and opens barriers as CUDA documents them.
#pragma once

#include "backends/cpu/abi.h"
#include "backends/cpu/execution.h"

namespace heddle::cpu {

/// Runs the block `scratch.block().index` to its end; the scratch's units have been prepared. A state in
/// which no thread can go on is recorded as the launch's failure, naming what the threads wait for.
void run_scalar_block(const heddle_cpu_kernel& kernel, const heddle_cpu_launch& launch, Scratch& scratch);

}  // namespace heddle::cpu
