// The pinned host memory of one device, by address: its queues ask here what the pointers that they are given
// lie in, and keep it alive until the copy has run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "hal.h"

namespace heddle::runtime {

/// Safe to use from several threads.
class HostRanges {
  public:
    /// `memory` takes itself out with remove() before it is freed.
    void add(const std::shared_ptr<hal::HostMemory>& memory);
    void remove(const void* begin) noexcept;
    /// The memory that holds all of [pointer, pointer + bytes); null where none does.
    std::shared_ptr<hal::HostMemory> find(const void* pointer, std::size_t bytes) const;

  private:
    struct Entry {
        std::size_t bytes = 0;
        std::weak_ptr<hal::HostMemory> memory;
    };
    mutable std::mutex mutex_;
    std::map<std::uintptr_t, Entry> entries_;
};

}  // namespace heddle::runtime
