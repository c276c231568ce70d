// The C functions that generated code calls. None of them throws: generated code cannot be unwound, so a
// failure is recorded in the launch.
#include "backends/cpu/services.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include "backends/cpu/abi.h"
#include "backends/cpu/check.h"
#include "backends/cpu/execution.h"
#include "backends/cpu/math.h"
#include "backends/cpu/print.h"
#include "backends/cpu/processor.h"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace heddle::cpu {

namespace {

/// Runs `action`; what it throws becomes the launch's failure, and `otherwise` the result.
template <class F, class T>
T guarded(const heddle_cpu_launch* launch, const char* operation, T otherwise, F&& action) noexcept {
    try {
        return action();
    } catch (const std::bad_alloc&) {
        services_of(*launch).fail(std::string("the host's memory is exhausted in ") + operation);
    } catch (const std::exception& error) {
        services_of(*launch).fail(std::string(operation) + ": " + error.what());
    }
    return otherwise;
}

std::string brackets(const std::array<std::uint32_t, 3>& value) {
    return "[" + std::to_string(value[0]) + "," + std::to_string(value[1]) + "," + std::to_string(value[2]) +
           "]";
}

std::array<std::uint32_t, 3> block_index(const heddle_cpu_block& block) {
    return {block.index[0], block.index[1], block.index[2]};
}

}  // namespace

void Heap::Release::operator()(void* memory) const noexcept {
    std::free(memory);
}

void* Heap::allocate(std::size_t bytes) noexcept {
    try {
        const std::size_t size = std::max<std::size_t>(bytes, 1);
        const std::lock_guard lock(mutex_);
        if (size > limit_ - used_) return nullptr;
        std::unique_ptr<void, Release> memory(std::malloc(size));
        if (memory == nullptr) return nullptr;
        const auto address = reinterpret_cast<std::uintptr_t>(memory.get());
        blocks_.emplace(address, Block{std::move(memory), size});
        used_ += size;
        return reinterpret_cast<void*>(address);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

bool Heap::free(void* memory) noexcept {
    if (memory == nullptr) return true;
    const std::lock_guard lock(mutex_);
    const auto found = blocks_.find(reinterpret_cast<std::uintptr_t>(memory));
    if (found == blocks_.end()) return false;
    used_ -= found->second.bytes;
    blocks_.erase(found);
    return true;
}

bool Heap::contains(std::uintptr_t begin, std::size_t bytes) const noexcept {
    const std::lock_guard lock(mutex_);
    auto after = blocks_.upper_bound(begin);
    if (after == blocks_.begin()) return false;
    const auto& [start, block] = *--after;
    return bytes <= block.bytes && begin - start <= block.bytes - bytes;
}

extern "C" {

static std::int32_t heddle_printf(const heddle_cpu_launch* launch, const char* format,
                                  const void* arguments) {
    return guarded(launch, "printf", std::int32_t{-1}, [&] {
        std::int32_t count = 0;
        services_of(*launch).output()->append(format_device_text(format, arguments, count));
        return count;
    });
}

static void heddle_assert_fail(const heddle_cpu_launch* launch, const heddle_cpu_block* block,
                               const char* message, const char* file, std::uint32_t line,
                               const char* function, std::uint32_t x, std::uint32_t y, std::uint32_t z) {
    guarded(launch, "assert", 0, [&] {
        services_of(*launch).fail(std::string(file) + ":" + std::to_string(line) + ": " + function +
                                  ": block: " + brackets(block_index(*block)) + ", thread: " +
                                  brackets({x, y, z}) + " Assertion `" + message + "` failed.");
        return 0;
    });
}

static void heddle_trap(const heddle_cpu_launch* launch, const heddle_cpu_block* block) {
    guarded(launch, "trap", 0, [&] {
        services_of(*launch).fail("the kernel executed a trap in block " + brackets(block_index(*block)));
        return 0;
    });
}

static void* heddle_malloc(const heddle_cpu_launch* launch, std::uint64_t bytes) {
    Heap* const heap = services_of(*launch).heap();
    return heap != nullptr ? heap->allocate(bytes) : nullptr;
}

static void heddle_free(const heddle_cpu_launch* launch, void* memory) {
    guarded(launch, "free", 0, [&] {
        Heap* const heap = services_of(*launch).heap();
        if (memory != nullptr && (heap == nullptr || !heap->free(memory)))
            services_of(*launch).fail(
                "free() was given an address that malloc() did not return, or one already freed");
        return 0;
    });
}

static std::int64_t heddle_clock64() {
#if defined(__x86_64__)
    return static_cast<std::int64_t>(__rdtsc());
#elif defined(__aarch64__)
    std::int64_t ticks = 0;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return static_cast<std::int64_t>(now_ns());
#endif
}

static std::uint64_t heddle_globaltimer() {
    return now_ns();
}

}  // extern "C"

void* find_import(std::string_view name) {
    struct Service {
        std::string_view name;
        void* address;
    };
    static const std::array services = {
        Service{"heddle_printf", reinterpret_cast<void*>(&heddle_printf)},
        Service{"heddle_assert_fail", reinterpret_cast<void*>(&heddle_assert_fail)},
        Service{"heddle_trap", reinterpret_cast<void*>(&heddle_trap)},
        Service{"heddle_malloc", reinterpret_cast<void*>(&heddle_malloc)},
        Service{"heddle_free", reinterpret_cast<void*>(&heddle_free)},
        Service{"heddle_clock64", reinterpret_cast<void*>(&heddle_clock64)},
        Service{"heddle_globaltimer", reinterpret_cast<void*>(&heddle_globaltimer)},
        Service{"heddle_check_access", reinterpret_cast<void*>(&heddle_check_access)},
        Service{"heddle_check_barrier", reinterpret_cast<void*>(&heddle_check_barrier)},
    };
    for (const Service& service : services)
        if (service.name == name) return service.address;
    return find_math(name);
}

}  // namespace heddle::cpu
