// Allocates device memory: the C library's heap for small sizes, whole huge pages straight from the kernel
// for large.
#include "backends/cpu/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "backends/cpu/processor.h"

namespace heddle::cpu {

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t gap = 256;  // unused bytes after each allocation
// Below this size the question "is there enough memory?" (some 50 µs of reading /proc) is not asked.
constexpr std::size_t asked_from = std::size_t{16} << 20;

constexpr std::size_t round_up(std::size_t value, std::size_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

class HostAllocation final : public hal::Allocation {
  public:
    HostAllocation(std::shared_ptr<AllocationList> list, std::size_t bytes, std::size_t alignment)
        : list_(std::move(list)), bytes_(bytes) {
        if (bytes >= huge_page) {
            map(alignment);
        } else {
            const std::size_t whole = round_up(bytes, alignment) + round_up(gap, alignment);
            memory_ = std::aligned_alloc(alignment, whole);
            if (memory_ == nullptr) throw std::bad_alloc();
            std::memset(memory_, 0, bytes);
        }
        try {
            list_->add(reinterpret_cast<std::uintptr_t>(memory_), bytes_);
        } catch (...) {
            release();
            throw;
        }
    }
    ~HostAllocation() override {
        list_->remove(reinterpret_cast<std::uintptr_t>(memory_));
        release();
    }
    HostAllocation(const HostAllocation&) = delete;
    HostAllocation& operator=(const HostAllocation&) = delete;

    std::size_t size_bytes() const noexcept override { return bytes_; }
    std::uint64_t device_address() const noexcept override {
        return reinterpret_cast<std::uintptr_t>(memory_);
    }
    void* host_pointer() const noexcept override { return memory_; }

  private:
    /// Maps whole huge pages; the kernel hands them out zeroed, when first touched.
    void map(std::size_t alignment) {
        // Buffers that all began at the same place of a huge page would compete for the same sets of the
        // caches and banks of the memory when a kernel goes through several of them at once.
        static std::atomic<std::size_t> count{0};
        const std::size_t shift =
            round_up(count.fetch_add(1, std::memory_order_relaxed) % 16 * 70'912, alignment);
        const std::size_t size = round_up(bytes_ + gap + shift, huge_page);
        alignment = std::max(alignment, huge_page);
        void* const base =
            mmap(nullptr, size + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (base == MAP_FAILED) throw std::bad_alloc();
        const std::uintptr_t start = reinterpret_cast<std::uintptr_t>(base);
        const std::uintptr_t aligned = round_up(start, alignment);
        if (aligned != start) munmap(base, aligned - start);
        const std::uintptr_t end = start + size + alignment;
        if (end != aligned + size) munmap(reinterpret_cast<void*>(aligned + size), end - aligned - size);
        mapping_ = reinterpret_cast<void*>(aligned);
        mapped_ = size;
        memory_ = reinterpret_cast<void*>(aligned + shift);
        // Advice only: without huge pages everything still works, slower.
        static_cast<void>(madvise(mapping_, size, MADV_HUGEPAGE));
    }
    void release() noexcept {
        if (mapped_ != 0)
            munmap(mapping_, mapped_);
        else
            std::free(memory_);
    }

    std::shared_ptr<AllocationList> list_;
    std::size_t bytes_;
    void* memory_ = nullptr;
    void* mapping_ = nullptr;
    std::size_t mapped_ = 0;  // bytes mapped, or 0 for memory of the heap
};

class ImportedAllocation final : public hal::Allocation {
  public:
    ImportedAllocation(std::shared_ptr<AllocationList> list, void* memory, std::size_t bytes)
        : list_(std::move(list)), memory_(memory), bytes_(bytes) {
        list_->add(reinterpret_cast<std::uintptr_t>(memory_), bytes_, false);
    }
    ~ImportedAllocation() override { list_->remove(reinterpret_cast<std::uintptr_t>(memory_), false); }
    ImportedAllocation(const ImportedAllocation&) = delete;
    ImportedAllocation& operator=(const ImportedAllocation&) = delete;

    std::size_t size_bytes() const noexcept override { return bytes_; }
    std::uint64_t device_address() const noexcept override {
        return reinterpret_cast<std::uintptr_t>(memory_);
    }
    void* host_pointer() const noexcept override { return memory_; }

  private:
    std::shared_ptr<AllocationList> list_;
    void* memory_;
    std::size_t bytes_;
};

}  // namespace

std::shared_ptr<hal::Allocation> import_memory(std::shared_ptr<AllocationList> list, void* memory,
                                               std::size_t bytes) {
    return std::make_shared<ImportedAllocation>(std::move(list), memory, bytes);
}

void AllocationList::add(std::uintptr_t begin, std::size_t bytes, bool is_own) {
    const std::lock_guard lock(mutex_);
    entries_.emplace(begin, Entry{bytes, is_own});
    if (is_own) bytes_ += bytes;
}

void AllocationList::remove(std::uintptr_t begin, bool is_own) noexcept {
    const std::lock_guard lock(mutex_);
    for (auto [at, end] = entries_.equal_range(begin); at != end; ++at) {
        if (at->second.is_own != is_own) continue;
        if (is_own) bytes_ -= at->second.bytes;
        entries_.erase(at);
        return;
    }
}

std::vector<MemoryRange> AllocationList::snapshot() const {
    const std::lock_guard lock(mutex_);
    std::vector<MemoryRange> ranges;
    ranges.reserve(entries_.size());
    for (const auto& [begin, entry] : entries_) ranges.push_back({begin, entry.bytes});
    return ranges;
}

std::uint64_t AllocationList::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

std::shared_ptr<hal::Allocation> allocate_memory(const std::shared_ptr<AllocationList>& list,
                                                 std::size_t bytes, std::size_t alignment,
                                                 const std::string& device) {
    const auto refuse = [&](std::uint64_t free) {
        throw Error(ErrorCode::out_of_memory,
                    std::to_string(bytes) + " bytes were asked, " + std::to_string(free) + " bytes are free",
                    "allocation", device);
    };
    if (bytes >= asked_from) {
        // Untouched memory does not count as used for the kernel, so what this device has handed out counts
        // too.
        const MemoryState state = memory_state();
        const std::uint64_t held = list->bytes();
        const std::uint64_t free = std::min(state.available, state.total - std::min(state.total, held));
        if (bytes > free) refuse(free);
    }
    try {
        return std::make_shared<HostAllocation>(list, bytes, std::max<std::size_t>(alignment, 256));
    } catch (const std::bad_alloc&) {
        refuse(memory_state().available);
        throw;  // not reached: refuse() throws
    }
}

}  // namespace heddle::cpu
