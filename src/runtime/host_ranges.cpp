// Looks pinned memory up by address.
#include "host_ranges.h"

#include <iterator>

namespace heddle::runtime {

void HostRanges::add(const std::shared_ptr<hal::HostMemory>& memory) {
    if (memory->size_bytes() == 0) return;
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(reinterpret_cast<std::uintptr_t>(memory->data()),
                              Entry{memory->size_bytes(), memory});
}

void HostRanges::remove(const void* begin) noexcept {
    const std::lock_guard lock(mutex_);
    entries_.erase(reinterpret_cast<std::uintptr_t>(begin));
}

std::shared_ptr<hal::HostMemory> HostRanges::find(const void* pointer, std::size_t bytes) const {
    const auto address = reinterpret_cast<std::uintptr_t>(pointer);
    const std::lock_guard lock(mutex_);
    auto after = entries_.upper_bound(address);
    if (after == entries_.begin()) return nullptr;
    const auto& [begin, entry] = *std::prev(after);
    const std::size_t within = address - begin;
    if (within > entry.bytes || bytes > entry.bytes - within) return nullptr;
    return entry.memory.lock();
}

}  // namespace heddle::runtime
