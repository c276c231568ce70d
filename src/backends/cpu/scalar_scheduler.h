// The scalar device's scheduler: runs the threads of one block, each a coroutine, and answers their warp
// operations and barriers as CUDA documents them. It is the reference that vector code is compared with, so
// it is plain, not fast.
#pragma once

#include "backends/cpu/abi.h"
#include "backends/cpu/execution.h"

namespace heddle::cpu {

/// Runs the block `scratch.block().index` to its end. A state in which no thread can go on is recorded as the
/// launch's failure, naming what the threads wait for.
void run_scalar_block(heddle_cpu_start start, const heddle_cpu_launch& launch, Scratch& scratch);

}  // namespace heddle::cpu
