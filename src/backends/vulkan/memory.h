// Device memory: large blocks, each one buffer with an address, of which allocations are parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "backends/vulkan/api.h"
#include "backends/vulkan/free_ranges.h"
#include "runtime/hal.h"

namespace heddle::vulkan {

class Context;

enum class MemoryUse : std::uint8_t {
    device,   ///< what kernels work on; the host sees it only where memory is unified
    staging,  ///< what host and device both see, and the host reads fast
};

/// One piece of memory of the driver's, bound to one buffer; mapped where the host sees it.
class MemoryBlock {
  public:
    /// Throws out_of_memory.
    MemoryBlock(Context& context, MemoryUse use, std::uint64_t bytes);
    ~MemoryBlock();
    MemoryBlock(const MemoryBlock&) = delete;
    MemoryBlock& operator=(const MemoryBlock&) = delete;

    VkBuffer buffer() const noexcept { return buffer_; }
    std::uint64_t bytes() const noexcept { return bytes_; }
    std::uint64_t address() const noexcept { return address_; }
    std::byte* mapped() const noexcept { return mapped_; }

  private:
    void release() noexcept;

    Context& context_;
    std::uint64_t bytes_, address_ = 0;
    VkBuffer buffer_ = nullptr;
    VkDeviceMemory memory_ = nullptr;
    std::byte* mapped_ = nullptr;
};

/// A part of a block.
struct Slice {
    VkBuffer buffer = nullptr;
    std::uint64_t offset = 0, bytes = 0;
    std::uint64_t address = 0;
    std::byte* mapped = nullptr;
};

/// Hands out parts of blocks. Safe to use from several threads.
class MemoryPool {
  public:
    explicit MemoryPool(Context& context);
    ~MemoryPool();
    MemoryPool(const MemoryPool&) = delete;
    MemoryPool& operator=(const MemoryPool&) = delete;

    /// Aligned to 256 bytes. Throws out_of_memory that says what was asked and what is free.
    Slice allocate(std::uint64_t bytes);
    void free(const Slice& slice) noexcept;
    /// From `address` to the end of the allocation that holds it.
    std::optional<Slice> find(std::uint64_t address) const;

  private:
    struct Block {
        std::unique_ptr<MemoryBlock> memory;
        FreeRanges free;
    };

    std::optional<Slice> take(Block& block, std::uint64_t bytes, std::uint64_t rounded);
    Block make_block(std::uint64_t bytes);
    std::uint64_t free_bytes() const;

    Context& context_;
    mutable std::mutex mutex_;
    std::uint64_t usual_block_ = 0;
    std::map<std::uint64_t, Block> blocks_;          // by address
    std::map<std::uint64_t, std::uint64_t> slices_;  // address, bytes
    std::uint64_t held_bytes_ = 0;                   // of all blocks
};

class VulkanAllocation final : public hal::Allocation {
  public:
    /// Throws out_of_memory.
    VulkanAllocation(std::shared_ptr<Context> context, std::size_t bytes);
    ~VulkanAllocation() override;
    VulkanAllocation(const VulkanAllocation&) = delete;
    VulkanAllocation& operator=(const VulkanAllocation&) = delete;

    std::size_t size_bytes() const noexcept override { return slice_.bytes; }
    std::uint64_t device_address() const noexcept override { return slice_.address; }
    void* host_pointer() const noexcept override { return slice_.mapped; }
    const Slice& slice() const noexcept { return slice_; }

  private:
    std::shared_ptr<Context> context_;
    Slice slice_;
};

/// Pinned host memory: a block that host and device both see, copied from and to without staging.
class VulkanHostMemory final : public hal::HostMemory {
  public:
    /// Throws out_of_memory.
    VulkanHostMemory(std::shared_ptr<Context> context, std::size_t bytes);
    ~VulkanHostMemory() override;
    VulkanHostMemory(const VulkanHostMemory&) = delete;
    VulkanHostMemory& operator=(const VulkanHostMemory&) = delete;

    std::size_t size_bytes() const noexcept override { return bytes_; }
    void* data() const noexcept override { return block_ != nullptr ? block_->mapped() : nullptr; }
    Slice slice() const noexcept;

  private:
    std::shared_ptr<Context> context_;
    std::size_t bytes_;
    std::unique_ptr<MemoryBlock> block_;  // null: no bytes
};

}  // namespace heddle::vulkan
