// Device memory and the queues that use it: it is freed when they have passed the work that was queued before
// its last owner let go.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "backends/cuda/context.h"
#include "runtime/hal.h"

namespace heddle::cuda {

/// A stream that allocations remember; ends with its queue, after its work.
class Stream {
  public:
    explicit Stream(std::shared_ptr<Context> context);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    CUstream get() const noexcept { return stream_; }
    Context& context() const noexcept { return *context_; }

  private:
    std::shared_ptr<Context> context_;
    CUstream stream_ = nullptr;
};

class CudaAllocation final : public hal::Allocation {
  public:
    /// Throws out_of_memory.
    CudaAllocation(std::shared_ptr<Context> context, std::size_t bytes);
    ~CudaAllocation() override;

    std::size_t size_bytes() const noexcept override { return bytes_; }
    std::uint64_t device_address() const noexcept override { return address_; }
    void* host_pointer() const noexcept override { return nullptr; }
    /// Work that uses the memory has been, or will at once be, queued on `stream`.
    void used_by(const std::shared_ptr<Stream>& stream);

  private:
    std::shared_ptr<Context> context_;
    std::size_t bytes_;
    CUdeviceptr address_ = 0;
    std::mutex mutex_;
    std::vector<std::weak_ptr<Stream>> users_;
    std::atomic<const Stream*> last_user_{nullptr};  // most memory has one user: spares the lock
};

}  // namespace heddle::cuda
