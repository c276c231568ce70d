// How a test tells the stand-in for CUDA's driver what to be: which devices there are, what its kernels do,
// and what fails. The stand-in keeps "device" memory on the host and runs "kernels" that are functions of the
// test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace heddle::standins {

/// A launch as a kernel sees it.
struct CudaLaunch {
    unsigned grid[3], block[3];
    unsigned shared_bytes;
    const std::byte* parameters;
    std::size_t parameter_bytes;
};

/// Runs on the stream's thread. What it returns is a CUresult; other than 0 it is the context's for ever.
using CudaKernelFunction = std::function<int(const CudaLaunch&)>;

struct CudaKernel {
    CudaKernelFunction run;
    int most_threads = 1024;  ///< a launch of larger blocks lacks resources
};

/// What is alive; all zero where a backend has cleaned up.
struct CudaObjects {
    std::size_t streams = 0, events = 0, modules = 0, allocations = 0, host_allocations = 0, contexts = 0;
    std::size_t allocated_bytes = 0;
};

class CudaControl {
  public:
    int driver_version = 12080;
    int device_count = 1;
    int capability_major = 9, capability_minor = 0;
    int compute_mode = 0;
    bool has_pools = true;
    bool has_peers = false;  ///< each device reaches the others' memory
    std::size_t memory_bytes = std::size_t{1} << 30;
    std::map<std::string, CudaKernel> kernels;

    /// The call of that name gives `result`, after it has been right so many times; until told otherwise.
    virtual void fail(const std::string& function, int result, unsigned after = 0) = 0;
    virtual void mend(const std::string& function) = 0;
    virtual unsigned calls(const std::string& function) const = 0;
    virtual CudaObjects alive() const = 0;
    /// Blocks until release(): the body of a kernel without end.
    virtual void wait_for_release() = 0;
    virtual void release() = 0;
    /// Ends all work, throws away what is alive, and forgets what was told.
    virtual void reset() = 0;

  protected:
    ~CudaControl() = default;
};

/// The library's entry point for tests, of this type and name.
using CudaControlFunction = CudaControl*();
inline constexpr const char* cuda_control_name = "heddle_standin_cuda_control";

}  // namespace heddle::standins
