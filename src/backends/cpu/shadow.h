// What --check remembers of memory: who wrote and who read each word last, so that two accesses that nothing
// orders are found.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace heddle::cpu {

/// How generated code describes an access to heddle_check_access.
enum AccessKind : std::uint32_t { access_read = 1, access_write = 2, access_atomic = 4 };

/// One access. Two accesses of one block are ordered when their barrier epochs differ, or, within one warp,
/// their warp epochs; `time` counts the launch's atomic operations so far.
struct AccessRecord {
    static constexpr std::uint32_t no_block = 0xffffffffu;
    std::uint32_t block = no_block;  ///< linear index, modulo 2^32 - 1
    std::uint32_t epoch = 0, warp_epoch = 0, time = 0;
    std::int32_t location = 0;  ///< distance of the source location's text from the launch's first
    std::uint16_t thread = 0;
    std::uint16_t kind = 0;
    bool is_set() const noexcept { return block != no_block; }
    bool is_atomic() const noexcept { return (kind & access_atomic) != 0; }
    bool writes() const noexcept { return (kind & (access_write | access_atomic)) != 0; }
};

/// The latest accesses to one granule: the last write and two last reads of different threads. Two are
/// enough: a writer that is one of the readers still meets the other.
struct AccessCell {
    AccessRecord write, read, earlier_read;
};

/// Cells of the memory touched so far, by address. A page holds one cell a 4-byte word until a smaller or
/// unaligned access comes, then one a byte. Not safe to use from several threads.
class ShadowMemory {
  public:
    /// Calls visit(cell) for each granule of [address, address + bytes). False when `budget` bytes of new
    /// cells do not suffice: nothing has been visited then. Reduces `budget` by what was made.
    template <class Visit>
    bool visit(std::uintptr_t address, std::size_t bytes, std::size_t& budget, Visit&& visit) {
        const bool whole_words = ((address | bytes) & 3u) == 0;
        for (std::uintptr_t at = address; at != address + bytes;) {
            Page* const page = page_of(at / page_bytes, whole_words, budget);
            if (page == nullptr) return false;
            const std::uintptr_t end = std::min((at / page_bytes + 1) * page_bytes, address + bytes);
            const std::size_t last = (end - 1) % page_bytes >> page->shift;
            for (std::size_t cell = at % page_bytes >> page->shift; cell <= last; ++cell)
                visit(page->cells[cell]);
            at = end;
        }
        return true;
    }
    void clear() noexcept { pages_.clear(); }

  private:
    static constexpr std::size_t page_bytes = 1024;
    struct Page {
        unsigned shift = 2;  // log2 of the bytes a cell stands for
        std::vector<AccessCell> cells;
    };
    Page* page_of(std::uintptr_t number, bool whole_words, std::size_t& budget);

    std::unordered_map<std::uintptr_t, Page> pages_;
};

/// What --check knows of the block that a thread runs. Belongs to the thread's Scratch.
class BlockShadow {
  public:
    std::uint64_t launch = 0;  ///< number of the checked launch that the contents belong to
    std::uint64_t block = 0;   ///< linear index
    std::uint32_t epoch = 0;   ///< barriers passed
    std::array<std::uint32_t, 32> warp_epochs{};
    std::vector<std::uint32_t>
        atomic_times;  ///< by thread: the time of its last atomic operation, 0 when none
    std::vector<const char*> barrier_locations;  ///< by thread: the barrier that it is about to wait at
    std::vector<std::uint8_t> initialised;       ///< by byte of shared memory
    ShadowMemory shared;
};

}  // namespace heddle::cpu
