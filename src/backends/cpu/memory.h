// Device memory of the CPU: aligned host memory that refuses what the machine does not have, and the list of
// all live allocations that --check compares addresses with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "runtime/hal.h"
#include "runtime/host_ranges.h"

namespace heddle::cpu {

/// A range of memory that a kernel may touch.
struct MemoryRange {
    std::uintptr_t begin = 0;
    std::size_t bytes = 0;
};

/// Every live allocation of one device. Safe to use from several threads.
class AllocationList {
  public:
    /// `is_own`: the device's memory, not the caller's, which may be there several times.
    void add(std::uintptr_t begin, std::size_t bytes, bool is_own = true);
    void remove(std::uintptr_t begin, bool is_own = true) noexcept;
    /// All allocations, by ascending address.
    std::vector<MemoryRange> snapshot() const;
    /// Sum of the sizes of the device's own.
    std::uint64_t bytes() const;

  private:
    mutable std::mutex mutex_;
    struct Entry {
        std::size_t bytes;
        bool is_own;
    };
    std::multimap<std::uintptr_t, Entry> entries_;
    std::uint64_t bytes_ = 0;
};

/// Allocates `bytes` of zeroed memory aligned to `alignment` (a power of two, at least 256), and enters it
/// into `list`, which the allocation keeps alive. At least 256 bytes of unused memory follow it, so that two
/// allocations never touch. Throws out_of_memory that names `device`, what was asked and what is free.
std::shared_ptr<hal::Allocation> allocate_memory(const std::shared_ptr<AllocationList>& list,
                                                 std::size_t bytes, std::size_t alignment,
                                                 const std::string& device);

/// The caller's `bytes` at `memory` as memory of a device; `list` as above.
std::shared_ptr<hal::Allocation> import_memory(std::shared_ptr<AllocationList> list, void* memory,
                                               std::size_t bytes);

/// Host memory for copies to and from a CPU device: ordinary memory, since nothing has to be pinned.
class HostBlock final : public hal::HostMemory {
  public:
    /// `memory` is of no device's list; `ranges` is where queues find it.
    HostBlock(std::shared_ptr<hal::Allocation> memory, std::shared_ptr<runtime::HostRanges> ranges)
        : memory_(std::move(memory)), ranges_(std::move(ranges)) {}
    ~HostBlock() override { ranges_->remove(data()); }
    HostBlock(const HostBlock&) = delete;
    HostBlock& operator=(const HostBlock&) = delete;
    std::size_t size_bytes() const noexcept override { return memory_->size_bytes(); }
    void* data() const noexcept override { return memory_->host_pointer(); }

  private:
    std::shared_ptr<hal::Allocation> memory_;
    std::shared_ptr<runtime::HostRanges> ranges_;
};

}  // namespace heddle::cpu
