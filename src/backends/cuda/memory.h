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

/// The streams that some memory is used by.
class StreamUsers {
  public:
    void add(const std::shared_ptr<Stream>& stream);
    /// Those that have not ended: one that has has run all its work.
    std::vector<std::shared_ptr<Stream>> alive() const;

  private:
    mutable std::mutex mutex_;
    std::vector<std::weak_ptr<Stream>> users_;
    std::atomic<const Stream*> last_user_{nullptr};  // most memory has one user: spares the lock
};

class CudaAllocation final : public hal::Allocation {
  public:
    /// Throws out_of_memory.
    CudaAllocation(std::shared_ptr<Context> context, std::size_t bytes);
    ~CudaAllocation() override;

    std::size_t size_bytes() const noexcept override { return bytes_; }
    std::uint64_t device_address() const noexcept override { return address_; }
    void* host_pointer() const noexcept override { return nullptr; }
    const Context& context() const noexcept { return *context_; }
    /// Work that uses the memory has been, or will at once be, queued on `stream`.
    void used_by(const std::shared_ptr<Stream>& stream) { users_.add(stream); }

  private:
    std::shared_ptr<Context> context_;
    std::size_t bytes_;
    CUdeviceptr address_ = 0;
    StreamUsers users_;
};

/// Pinned host memory, which the driver knows by its address.
class CudaHostMemory final : public hal::HostMemory {
  public:
    /// Throws out_of_memory.
    CudaHostMemory(std::shared_ptr<Context> context, std::size_t bytes);
    ~CudaHostMemory() override;
    CudaHostMemory(const CudaHostMemory&) = delete;
    CudaHostMemory& operator=(const CudaHostMemory&) = delete;

    std::size_t size_bytes() const noexcept override { return bytes_; }
    void* data() const noexcept override { return memory_; }
    void used_by(const std::shared_ptr<Stream>& stream) { users_.add(stream); }

  private:
    std::shared_ptr<Context> context_;
    std::size_t bytes_;
    void* memory_ = nullptr;
    StreamUsers users_;
};

}  // namespace heddle::cuda
