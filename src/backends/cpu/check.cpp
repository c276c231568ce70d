// Compares each access with the memory that the launch may touch and with earlier accesses, and words the
// findings.
#include "backends/cpu/check.h"

#include <pthread.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>

#include "backends/cpu/execution.h"
#include "backends/cpu/processor.h"
#include "backends/cpu/services.h"

namespace heddle::cpu {

namespace {

constexpr std::size_t most_findings = 100;
/// An address farther than this from every buffer is named by its number.
constexpr std::uintptr_t near_bytes = std::uintptr_t{256} << 20;

bool contains(const MemoryRange& range, std::uintptr_t address, std::size_t bytes) {
    return address >= range.begin && bytes <= range.bytes && address - range.begin <= range.bytes - bytes;
}

std::uintptr_t distance(const MemoryRange& range, std::uintptr_t address) {
    if (address < range.begin) return range.begin - address;
    return address - range.begin < range.bytes ? 0 : address - range.begin - range.bytes;
}

/// The range that holds the address, or null. `ranges` ascend.
const MemoryRange* find_range(const std::vector<MemoryRange>& ranges, std::uintptr_t address) {
    auto after = std::upper_bound(ranges.begin(), ranges.end(), address,
                                  [](std::uintptr_t a, const MemoryRange& range) { return a < range.begin; });
    if (after == ranges.begin()) return nullptr;
    --after;
    return distance(*after, address) == 0 ? &*after : nullptr;
}

/// The calling thread's stack: local arrays of kernels that do not suspend live there.
MemoryRange stack_of_this_thread() {
    thread_local const MemoryRange stack = [] {
        MemoryRange range;
        pthread_attr_t attributes;
        if (pthread_getattr_np(pthread_self(), &attributes) != 0) return range;
        void* base = nullptr;
        std::size_t size = 0;
        if (pthread_attr_getstack(&attributes, &base, &size) == 0)
            range = {reinterpret_cast<std::uintptr_t>(base), size};
        pthread_attr_destroy(&attributes);
        return range;
    }();
    return stack;
}

const char* verb(std::uint32_t kind) {
    if ((kind & access_atomic) != 0) return "atomic operation";
    return (kind & access_write) != 0 ? "write" : "read";
}

std::string signed_offset(std::uintptr_t address, std::uintptr_t origin) {
    return address >= origin ? "+" + std::to_string(address - origin)
                             : "-" + std::to_string(origin - address);
}

std::string hexadecimal(std::uintptr_t address) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
    return text;
}

std::uint32_t block_number(std::uint64_t block) {
    return static_cast<std::uint32_t>(block % AccessRecord::no_block);
}

std::uint64_t next_launch_number() {
    static std::atomic<std::uint64_t> launches{0};
    return ++launches;
}

}  // namespace

Checker::Checker(const KernelInfo& kernel, const heddle_cpu_launch& launch, std::size_t parameter_bytes,
                 std::vector<MemoryRange> allocations, GlobalsView globals, const Heap* heap)
    : launch_(launch),
      number_(next_launch_number()),
      parameter_bytes_(parameter_bytes),
      allocations_(std::move(allocations)),
      heap_(heap) {
    for (const Parameter& parameter : kernel.parameters) {
        if (parameter.kind != ParameterKind::pointer ||
            parameter.offset + sizeof(std::uint64_t) > parameter_bytes)
            continue;
        std::uint64_t value = 0;
        std::memcpy(&value, launch.arguments + parameter.offset, sizeof value);
        if (const MemoryRange* const range = find_range(allocations_, value))
            names_.push_back({static_cast<std::uintptr_t>(value), *range, parameter.name});
    }
    for (const GlobalInfo& symbol : globals.symbols)
        names_.push_back(
            {globals.begin + symbol.offset, {globals.begin + symbol.offset, symbol.bytes}, symbol.name});
    const std::size_t budget = memory_state().available / 2 / shards;
    for (Shard& shard : shards_) shard.budget = budget;
}

void Checker::begin_block(Scratch& scratch, std::uint64_t index) {
    BlockShadow& shadow = scratch.shadow();
    if (shadow.launch != number_) {
        shadow.launch = number_;
        shadow.shared.clear();
    }
    shadow.block = index;
    shadow.epoch = 0;
    shadow.warp_epochs.fill(0);
    shadow.atomic_times.assign(launch_.threads, 0);
    shadow.barrier_locations.assign(launch_.threads, nullptr);
    shadow.initialised.assign(scratch.shared_bytes(), 0);
}

void Checker::end_block(Scratch& scratch) {
    // Memory for the shadow of shared memory is kept for the next block, but not for other launches' sizes.
    if (scratch.shared_bytes() == 0) scratch.shadow().shared.clear();
}

void Checker::pass_barrier(Scratch& scratch, const std::function<bool(std::uint32_t)>& is_live) {
    BlockShadow& shadow = scratch.shadow();
    const char* here = nullptr;
    std::uint32_t waiting = 0, ended = 0, first_ended = 0, elsewhere = 0;
    for (std::uint32_t thread = 0; thread < launch_.threads; ++thread) {
        if (!is_live(thread)) {
            if (ended++ == 0) first_ended = thread;
            continue;
        }
        const char* const there = shadow.barrier_locations[thread];
        if (here == nullptr) here = there;
        if (there == here || there == nullptr || std::strcmp(there, here) == 0)
            ++waiting;
        else if (elsewhere == 0)
            elsewhere = thread;
    }
    if (here != nullptr && elsewhere != 0)
        add(Finding::divergence, here, [&] {
            return "barrier divergence: " + std::to_string(waiting) +
                   " threads of the block wait here, and " + describe_thread(shadow.block, elsewhere) +
                   " waits at " + shadow.barrier_locations[elsewhere];
        });
    if (here != nullptr && ended != 0)
        add(Finding::ended, here, [&] {
            return "barrier divergence: " + std::to_string(launch_.threads - ended) +
                   " threads of the block wait here, and " + std::to_string(ended) +
                   " have ended without reaching it, the first " + describe_thread(shadow.block, first_ended);
        });
    ++shadow.epoch;
}

void Checker::pass_warp_sync(Scratch& scratch, std::uint32_t warp) {
    ++scratch.shadow().warp_epochs[warp % scratch.shadow().warp_epochs.size()];
}

void Checker::arrive(Scratch& scratch, std::uint32_t thread, const char* location) {
    scratch.shadow().barrier_locations[thread] = location;
}

bool Checker::is_known(const Scratch& scratch, std::uintptr_t address, std::size_t bytes,
                       std::uint32_t kind) const {
    const MemoryRange* const range = find_range(allocations_, address);
    if (range != nullptr && contains(*range, address, bytes)) return true;
    if (heap_ != nullptr && heap_->contains(address, bytes)) return true;
    return scratch.in_frames(address, bytes) || contains(stack_of_this_thread(), address, bytes) ||
           (kind == access_read &&
            contains({reinterpret_cast<std::uintptr_t>(launch_.arguments), parameter_bytes_}, address,
                     bytes));
}

bool Checker::allows(Scratch& scratch, std::uint32_t thread, std::uintptr_t address, std::size_t bytes,
                     std::uint32_t kind, const char* location) {
    if (bytes == 0) return true;
    BlockShadow& shadow = scratch.shadow();
    const std::uintptr_t shared = reinterpret_cast<std::uintptr_t>(scratch.block().shared);
    const bool in_shared = contains({shared, scratch.shared_bytes()}, address, bytes);
    if (!in_shared && !is_known(scratch, address, bytes, kind)) {
        add(Finding::bounds, location, [&] {
            return std::string(verb(kind)) + " of " + std::to_string(bytes) + " bytes at " +
                   describe_address(scratch, address, true) + ", " + describe_thread(shadow.block, thread);
        });
        services_of(launch_).stop();
        return false;
    }
    const AccessRecord now{block_number(shadow.block),
                           shadow.epoch,
                           shadow.warp_epochs[thread / 32 % shadow.warp_epochs.size()],
                           clock_.load(std::memory_order_relaxed),
                           compact(location),
                           static_cast<std::uint16_t>(thread),
                           static_cast<std::uint16_t>(kind)};
    if (in_shared)
        check_shared(scratch, address - shared, bytes, now, location);
    else if (!scratch.in_frames(address, bytes) && !contains(stack_of_this_thread(), address, bytes))
        check_global(scratch, address, bytes, now, location);
    if (now.is_atomic()) note_atomic(shadow, thread);
    return true;
}

void Checker::check_shared(Scratch& scratch, std::size_t offset, std::size_t bytes, const AccessRecord& now,
                           const char* location) {
    BlockShadow& shadow = scratch.shadow();
    const auto begin = shadow.initialised.begin() + static_cast<std::ptrdiff_t>(offset);
    const auto end = begin + static_cast<std::ptrdiff_t>(bytes);
    if ((now.kind & (access_read | access_atomic)) != 0 && std::find(begin, end, 0) != end)
        add(Finding::uninitialised, location, [&] {
            return std::string(verb(now.kind)) + " of " + std::to_string(bytes) +
                   " bytes of uninitialised shared memory at shared+" + std::to_string(offset) + ", " +
                   describe_thread(shadow.block, now.thread);
        });
    if (now.writes()) std::fill(begin, end, std::uint8_t{1});
    bool found = false;
    AccessRecord other;
    std::size_t budget = ~std::size_t{0};  // the limit on shared memory is limit enough
    shadow.shared.visit(offset, bytes, budget, [&](AccessCell& cell) {
        // What a block before left in the shadow is another memory.
        for (AccessRecord* const record : {&cell.write, &cell.read, &cell.earlier_read})
            if (record->block != now.block) *record = {};
        if (enter(cell, now, shadow, other)) found = true;
    });
    if (found)
        report_race(scratch, reinterpret_cast<std::uintptr_t>(scratch.block().shared) + offset, bytes, now,
                    other, location);
}

void Checker::check_global(Scratch& scratch, std::uintptr_t address, std::size_t bytes,
                           const AccessRecord& now, const char* location) {
    BlockShadow& shadow = scratch.shadow();
    bool found = false;
    AccessRecord other;
    // A shard holds whole pages of the shadow memory; an access that crosses from one to the next is done in
    // two parts.
    constexpr std::uintptr_t stripe = 4096;
    for (std::uintptr_t at = address; at != address + bytes;) {
        const std::uintptr_t end = std::min((at / stripe + 1) * stripe, address + bytes);
        Shard& shard = shards_[at / stripe % shards];
        const std::lock_guard lock(shard.mutex);
        const bool complete = shard.memory.visit(at, end - at, shard.budget, [&](AccessCell& cell) {
            if (enter(cell, now, shadow, other)) found = true;
        });
        if (!complete) incomplete_.store(true, std::memory_order_relaxed);
        at = end;
    }
    if (found) report_race(scratch, address, bytes, now, other, location);
}

bool Checker::races(const AccessRecord& before, const AccessRecord& now, const BlockShadow& shadow) {
    if (!before.is_set() || (!before.writes() && !now.writes()) || (before.is_atomic() && now.is_atomic()))
        return false;
    if (before.block == now.block) {
        if (before.thread == now.thread || before.epoch != now.epoch) return false;
        if (before.thread / 32 == now.thread / 32 && before.warp_epoch != now.warp_epoch) return false;
        return shadow.atomic_times[before.thread] <= before.time ||
               shadow.atomic_times[now.thread] <= before.time;
    }
    return last_atomic(before.block) <= before.time || last_atomic(now.block) <= before.time;
}

bool Checker::enter(AccessCell& cell, const AccessRecord& now, const BlockShadow& shadow,
                    AccessRecord& other) {
    bool found = false;
    const auto compare = [&](const AccessRecord& before) {
        if (!races(before, now, shadow)) return;
        other = before;
        found = true;
    };
    compare(cell.write);
    if (now.writes()) {
        compare(cell.read);
        compare(cell.earlier_read);
        cell.write = now;
    } else {
        if (cell.read.block != now.block || cell.read.thread != now.thread) cell.earlier_read = cell.read;
        cell.read = now;
    }
    return found;
}

std::uint32_t Checker::last_atomic(std::uint32_t block) {
    // The caller may hold a shard's mutex for memory, so the times have a lock of their own.
    const std::lock_guard lock(times_mutex_);
    const auto found = atomic_times_.find(block);
    return found != atomic_times_.end() ? found->second : 0;
}

void Checker::note_atomic(BlockShadow& shadow, std::uint32_t thread) {
    const std::uint32_t time = clock_.fetch_add(1, std::memory_order_relaxed) + 1;
    shadow.atomic_times[thread] = time;
    const std::lock_guard lock(times_mutex_);
    atomic_times_[block_number(shadow.block)] = time;
}

void Checker::add(Finding kind, const char* location, const std::function<std::string()>& describe) {
    const std::lock_guard lock(mutex_);
    if (texts_.size() >= most_findings) {
        services_of(launch_).stop();
        return;
    }
    if (reported_.emplace(kind, location).second) texts_.push_back(std::string(location) + ": " + describe());
}

std::string Checker::describe_address(const Scratch& scratch, std::uintptr_t address, bool with_size) const {
    NamedRange shared;
    shared.origin = reinterpret_cast<std::uintptr_t>(scratch.block().shared);
    shared.range = {shared.origin, scratch.shared_bytes()};
    shared.name = "shared";
    const NamedRange* nearest = scratch.shared_bytes() != 0 ? &shared : nullptr;
    for (const NamedRange& named : names_)
        if (nearest == nullptr || distance(named.range, address) < distance(nearest->range, address))
            nearest = &named;
    const std::string verdict = with_size ? " is out of bounds" : "";
    if (address < 4096) return hexadecimal(address) + verdict + (with_size ? " (a null pointer)" : "");
    if (nearest != nullptr && distance(nearest->range, address) <= near_bytes) {
        const std::string place = nearest->name + signed_offset(address, nearest->origin) + verdict;
        if (!with_size) return place;
        return place + (nearest == &shared ? " (shared memory of " : " (buffer of ") +
               std::to_string(nearest->range.bytes) + " bytes)";
    }
    return hexadecimal(address) + verdict + (with_size ? " (no buffer is near)" : "");
}

std::string Checker::describe_thread(std::uint64_t block, std::uint32_t thread) const {
    return "block " + triple(coordinates(block, launch_.grid)) + " thread " +
           triple(coordinates(thread, launch_.block));
}

std::int32_t Checker::compact(const char* location) noexcept {
    const char* first = nullptr;
    if (first_location_.compare_exchange_strong(first, location, std::memory_order_relaxed)) first = location;
    // All locations are constants of one code object, which is far smaller than 2 GiB.
    return static_cast<std::int32_t>(reinterpret_cast<std::intptr_t>(location) -
                                     reinterpret_cast<std::intptr_t>(first));
}

const char* Checker::expand(std::int32_t location) const noexcept {
    return reinterpret_cast<const char*>(
        reinterpret_cast<std::intptr_t>(first_location_.load(std::memory_order_relaxed)) + location);
}

void Checker::report_race(const Scratch& scratch, std::uintptr_t address, std::size_t bytes,
                          const AccessRecord& now, const AccessRecord& other, const char* location) {
    const bool in_shared = contains(
        {reinterpret_cast<std::uintptr_t>(scratch.block().shared), scratch.shared_bytes()}, address, bytes);
    add(Finding::race, location, [&] {
        return std::string("data race on ") + (in_shared ? "shared" : "global") + " memory at " +
               describe_address(scratch, address, false) + ": " + verb(now.kind) + " by " +
               describe_thread(now.block, now.thread) + ", and " + verb(other.kind) + " at " +
               expand(other.location) + " by " + describe_thread(other.block, other.thread) +
               (now.block == other.block ? ", with no barrier between them"
                                         : ", with nothing that orders them");
    });
}

std::string Checker::findings() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const std::string& finding : texts_) text += (text.empty() ? "" : "\n") + finding;
    if (!text.empty() && texts_.size() >= most_findings)
        text += "\nthe first " + std::to_string(most_findings) + " findings are shown";
    if (!text.empty() && incomplete_.load(std::memory_order_relaxed))
        text +=
            "\nraces were looked for in a part of the memory only: there was not enough to keep track of all";
    return text;
}

}  // namespace heddle::cpu

std::uint32_t heddle_check_access(const heddle_cpu_launch* launch, heddle_cpu_block* block,
                                  std::uint32_t thread, const void* address, std::uint32_t bytes,
                                  std::uint32_t kind, const char* location) {
    using namespace heddle::cpu;
    LaunchServices& services = services_of(*launch);
    try {
        Checker* const checker = services.checker();
        return checker->allows(Scratch::of(*block), thread, reinterpret_cast<std::uintptr_t>(address), bytes,
                               kind, location)
                   ? 0
                   : 1;
    } catch (const std::exception& error) {
        services.fail(std::string("--check: ") + error.what());
        return 1;
    }
}

void heddle_check_barrier(const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t thread,
                          const char* location) {
    using namespace heddle::cpu;
    services_of(*launch).checker()->arrive(Scratch::of(*block), thread, location);
}
