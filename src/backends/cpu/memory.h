// Device memory of the CPU: aligned host memory that refuses what the machine does not have, and the list of
// all live allocations that --check compares addresses with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/hal.h"

namespace heddle::cpu {

/// A range of memory that a kernel may touch.
struct MemoryRange {
    std::uintptr_t begin = 0;
    std::size_t bytes = 0;
};

/// Every live allocation of one device. Safe to use from several threads.
class AllocationList {
  public:
    void add(std::uintptr_t begin, std::size_t bytes);
    void remove(std::uintptr_t begin) noexcept;
    /// All allocations, by ascending address.
    std::vector<MemoryRange> snapshot() const;
    /// Sum of the sizes.
    std::uint64_t bytes() const;

  private:
    mutable std::mutex mutex_;
    std::map<std::uintptr_t, std::size_t> sizes_;
    std::uint64_t bytes_ = 0;
};

/// Allocates `bytes` of zeroed memory aligned to `alignment` (a power of two, at least 256), and enters it
/// into `list`, which the allocation keeps alive. At least 256 bytes of unused memory follow it, so that two
/// allocations never touch. Throws out_of_memory that names `device`, what was asked and what is free.
std::shared_ptr<hal::Allocation> allocate_memory(const std::shared_ptr<AllocationList>& list,
                                                 std::size_t bytes, std::size_t alignment,
                                                 const std::string& device);

}  // namespace heddle::cpu
