// --check: the functions that instrumented scalar code calls before each access and barrier, and what finds
// from them accesses out of bounds, reads of uninitialised shared memory, data races and barrier divergence.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <heddle/kernel.h>
#include <heddle/package.h>

#include "backends/cpu/abi.h"
#include "backends/cpu/memory.h"
#include "backends/cpu/shadow.h"

extern "C" {

/// Called before each load, store and atomic operation. `thread` is the linear index within the block, `kind`
/// an AccessKind, `location` "file.cu:12:5", which lives as long as the code. Non-zero: the access must not
/// be done (what a load gives then is 0).
std::uint32_t heddle_check_access(const heddle_cpu_launch* launch, heddle_cpu_block* block,
                                  std::uint32_t thread, const void* address, std::uint32_t bytes,
                                  std::uint32_t kind, const char* location);
/// Called before each barrier.
void heddle_check_barrier(const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t thread,
                          const char* location);
}

namespace heddle::cpu {

class Heap;
class Scratch;

/// The program's globals, for naming addresses. Refers to its owner's memory.
struct GlobalsView {
    std::uintptr_t begin = 0;
    std::span<const GlobalInfo> symbols;
};

/// Checks one launch. Safe to use from the threads that run it.
///
/// Accesses of different threads to the same bytes, at least one of them a write and not both atomic, race
/// unless a barrier lies between them, or within a warp an operation of the warp, or both threads (blocks)
/// have done an atomic operation since the first: locks and counters built from atomics are taken to order
/// what they guard.
class Checker {
  public:
    /// `allocations` is everything that the device has handed out, by ascending address.
    Checker(const KernelInfo& kernel, const heddle_cpu_launch& launch, std::size_t parameter_bytes,
            std::vector<MemoryRange> allocations, GlobalsView globals, const Heap* heap);

    void begin_block(Scratch& scratch, std::uint64_t index);
    void end_block(Scratch& scratch);
    /// All threads of the block that have not ended wait at a barrier.
    void pass_barrier(Scratch& scratch, const std::function<bool(std::uint32_t)>& is_live);
    /// Lanes of the warp have met in an operation of the warp.
    void pass_warp_sync(Scratch& scratch, std::uint32_t warp);
    /// See heddle_check_access.
    bool allows(Scratch& scratch, std::uint32_t thread, std::uintptr_t address, std::size_t bytes,
                std::uint32_t kind, const char* location);
    void arrive(Scratch& scratch, std::uint32_t thread, const char* location);

    /// All findings, one a line; empty when there are none. For when the launch has ended.
    std::string findings() const;

  private:
    enum class Finding { bounds, uninitialised, race, divergence, ended };
    struct NamedRange {
        std::uintptr_t origin = 0;  // what offsets are counted from
        MemoryRange range;
        std::string name;
    };
    struct Shard {
        std::mutex mutex;
        ShadowMemory memory;
        std::size_t budget = 0;
    };

    bool is_known(const Scratch& scratch, std::uintptr_t address, std::size_t bytes,
                  std::uint32_t kind) const;
    void check_shared(Scratch& scratch, std::size_t offset, std::size_t bytes, const AccessRecord& now,
                      const char* location);
    void check_global(Scratch& scratch, std::uintptr_t address, std::size_t bytes, const AccessRecord& now,
                      const char* location);
    /// True when nothing orders the two.
    bool races(const AccessRecord& before, const AccessRecord& now, const BlockShadow& shadow);
    /// Compares with the cell and enters the access; gives the access that it races with, if any.
    bool enter(AccessCell& cell, const AccessRecord& now, const BlockShadow& shadow, AccessRecord& other);
    std::uint32_t last_atomic(std::uint32_t block);
    void note_atomic(BlockShadow& shadow, std::uint32_t thread);
    void add(Finding kind, const char* location, const std::function<std::string()>& describe);
    std::string describe_address(const Scratch& scratch, std::uintptr_t address, bool with_size) const;
    std::string describe_thread(std::uint64_t block, std::uint32_t thread) const;
    std::int32_t compact(const char* location) noexcept;
    const char* expand(std::int32_t location) const noexcept;
    void report_race(const Scratch& scratch, std::uintptr_t address, std::size_t bytes,
                     const AccessRecord& now, const AccessRecord& other, const char* location);

    static constexpr std::size_t shards = 64;

    const heddle_cpu_launch& launch_;
    const std::uint64_t number_;
    const std::size_t parameter_bytes_;
    const std::vector<MemoryRange> allocations_;
    const Heap* heap_;
    std::vector<NamedRange> names_;
    std::array<Shard, shards> shards_;
    std::atomic<std::uint32_t> clock_{0};
    std::atomic<const char*> first_location_{nullptr};
    std::atomic<bool> incomplete_{false};  // shadow memory ran out

    std::mutex times_mutex_;
    std::unordered_map<std::uint32_t, std::uint32_t>
        atomic_times_;          // by block: the time of its last atomic operation
    mutable std::mutex mutex_;  // of the findings
    std::set<std::pair<Finding, const char*>> reported_;
    std::vector<std::string> texts_;
};

}  // namespace heddle::cpu
