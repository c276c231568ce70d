// The functions that generated code imports besides maths, and the device heap behind malloc and free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

namespace heddle::cpu {

/// The device heap of one program: memory that kernels allocate and free. What they leave is freed with the
/// program. Safe to use from several threads.
class Heap {
  public:
    explicit Heap(std::uint64_t limit) : limit_(limit) {}

    /// 16-byte aligned memory, or null when the limit is reached or the host has none: malloc's contract.
    void* allocate(std::size_t bytes) noexcept;
    /// False when `memory` is no live allocation of this heap. Null is freed silently, as C says.
    bool free(void* memory) noexcept;
    /// True when the bytes lie in one live allocation.
    bool contains(std::uintptr_t begin, std::size_t bytes) const noexcept;

  private:
    struct Release {
        void operator()(void* memory) const noexcept;
    };
    struct Block {
        std::unique_ptr<void, Release> memory;
        std::size_t bytes = 0;
    };

    mutable std::mutex mutex_;
    std::map<std::uintptr_t, Block> blocks_;
    std::uint64_t used_ = 0, limit_;
};

/// The address of an imported function: services and maths; null when the name is unknown.
void* find_import(std::string_view name);

}  // namespace heddle::cpu
