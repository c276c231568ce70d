// Writes random, well-defined kernels: a seed in, one text out that is both CUDA C++ and plain C++.
#pragma once

#include <cstdint>
#include <string>

#include "dialect.h"

namespace heddle::fuzz {

/// The geometry and data of every generated kernel.
inline constexpr int input_elements = 4096;  ///< of each input array; indices are masked
inline constexpr int counter_elements = 64;

struct GeneratedKernel {
    std::string name;        ///< of the kernel (device) and of the function that runs it on the host
    std::string functions;   ///< the phases: `HD void <name>_phase<k>(State&, const Context&)`
    std::string device;      ///< the `__global__` kernel
    std::string host;        ///< the loops over blocks and threads
    bool exchanges = false;  ///< uses warp operations: block sizes must be multiples of 32
};

/// The same seed and dialect give the same kernel on every machine.
GeneratedKernel generate(std::uint64_t seed, const Dialect& dialect);

/// What precedes the kernels: `prelude_device()` for CUDA, `prelude_host()` for the host.
std::string prelude_device();
std::string prelude_host();

}  // namespace heddle::fuzz
