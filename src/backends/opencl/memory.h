// Device memory as shared virtual memory: its addresses mean the same to the host and to kernels, so that
// pointers may lie in buffers and structures.
#pragma once

#include <memory>

#include "backends/opencl/context.h"
#include "runtime/hal.h"

namespace heddle::opencl {

class SharedAllocation final : public hal::Allocation {
  public:
    SharedAllocation(std::shared_ptr<Context> context, std::size_t bytes);
    ~SharedAllocation() override;
    SharedAllocation(const SharedAllocation&) = delete;
    SharedAllocation& operator=(const SharedAllocation&) = delete;

    std::size_t size_bytes() const noexcept override { return bytes_; }
    std::uint64_t device_address() const noexcept override {
        return reinterpret_cast<std::uintptr_t>(memory_);
    }
    void* host_pointer() const noexcept override { return is_visible_ ? memory_ : nullptr; }
    unsigned char* memory() const noexcept { return static_cast<unsigned char*>(memory_); }
    /// The same memory as a buffer object, which drivers take as an argument at less cost than an address.
    /// Null where it does not begin where the driver's memory does, and where the driver makes none.
    MemoryId buffer() const noexcept { return buffer_; }

  private:
    std::shared_ptr<Context> context_;
    std::size_t bytes_;
    MemoryId buffer_ = nullptr;
    void* base_ = nullptr;    // as the driver gave it
    void* memory_ = nullptr;  // the first aligned byte of it
    bool is_visible_;
};

/// Host memory that the driver has pinned: a buffer of the kind that is, mapped for its whole life.
class PinnedMemory final : public hal::HostMemory {
  public:
    /// Throws out_of_memory.
    PinnedMemory(std::shared_ptr<Context> context, std::size_t bytes);
    ~PinnedMemory() override;
    PinnedMemory(const PinnedMemory&) = delete;
    PinnedMemory& operator=(const PinnedMemory&) = delete;

    std::size_t size_bytes() const noexcept override { return bytes_; }
    void* data() const noexcept override { return memory_; }

  private:
    std::shared_ptr<Context> context_;
    std::size_t bytes_;
    QueueId queue_ = nullptr;  // that maps, and unmaps in the end
    MemoryId buffer_ = nullptr;
    void* memory_ = nullptr;

    void release() noexcept;
};

/// Throws out_of_memory that says what was asked and what is free.
std::shared_ptr<SharedAllocation> allocate(const std::shared_ptr<Context>& context, std::size_t bytes);

}  // namespace heddle::opencl
