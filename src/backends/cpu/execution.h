// Runs blocks of one launch on the calling thread: what generated code is given, how blocks get past
// barriers, and what a running kernel may ask of the run time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backends/cpu/abi.h"

namespace heddle::cpu {

class BlockShadow;
class Checker;
class Heap;
class PrintBuffer;
class Scratch;

/// The launch as the functions that kernels import see it: heddle_cpu_launch::services. Shared by all threads
/// that run the launch; owned by whoever runs it.
class LaunchServices {
  public:
    LaunchServices(Heap* heap, PrintBuffer* output) : heap_(heap), output_(output) {}

    /// Records why the launch failed, the first reason only, and stops it: blocks not yet begun are left out.
    void fail(std::string reason) noexcept;
    bool stopped() const noexcept { return stopped_.load(std::memory_order_relaxed); }
    void stop() noexcept { stopped_.store(true, std::memory_order_relaxed); }
    /// The recorded reason; empty when the launch has not failed. For when it has ended.
    const std::string& failure() const noexcept { return failure_; }

    Heap* heap() const noexcept { return heap_; }
    PrintBuffer* output() const noexcept { return output_; }
    Checker* checker() const noexcept { return checker_; }
    void set_checker(Checker* checker) noexcept { checker_ = checker; }

  private:
    Heap* heap_;
    PrintBuffer* output_;
    Checker* checker_ = nullptr;
    std::mutex mutex_;
    std::string failure_;
    std::atomic<bool> stopped_{false};
};

/// The services of a launch.
inline LaunchServices& services_of(const heddle_cpu_launch& launch) noexcept {
    return *static_cast<LaunchServices*>(launch.services);
}

/// One thread's memory for the block it runs, kept from launch to launch: shared memory, the frames of units
/// that wait, and what lanes ask for.
class Scratch {
  public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    /// The calling thread's own.
    static Scratch& of_this_thread();
    /// The scratch that a block structure handed to generated code belongs to.
    static Scratch& of(heddle_cpu_block& block) noexcept;
    static const Scratch& of(const heddle_cpu_block& block) noexcept;

    /// Makes the structure ready for blocks of `launch` with that much shared memory. Throws std::bad_alloc.
    void prepare(const heddle_cpu_launch& launch, std::size_t shared_bytes);
    /// Makes room for what the units of a block keep while they wait: for blocks of a suspending kernel.
    /// Throws std::bad_alloc.
    void prepare_units(const heddle_cpu_kernel& kernel, std::uint32_t units);

    heddle_cpu_block& block() noexcept { return bound_.block; }
    const heddle_cpu_block& block() const noexcept { return bound_.block; }
    std::size_t shared_bytes() const noexcept { return shared_bytes_; }
    /// Whether the bytes lie in the frames.
    bool in_frames(std::uintptr_t begin, std::size_t bytes) const noexcept;
    /// What --check knows of the block that runs; made at the first question.
    BlockShadow& shadow();

  private:
    struct Release {
        void operator()(unsigned char* memory) const noexcept;
    };
    using Bytes = std::unique_ptr<unsigned char[], Release>;
    static Bytes make_bytes(std::size_t size, std::size_t alignment);
    struct Bound {  // standard layout: a block's address leads back to its scratch
        heddle_cpu_block block{};
        Scratch* owner = nullptr;
    };

    Bound bound_;
    Bytes shared_;
    std::size_t shared_capacity_ = 0, shared_bytes_ = 0;
    Bytes frames_;
    std::size_t frames_capacity_ = 0, frames_bytes_ = 0;
    std::vector<std::uint32_t> regions_, masks_;
    std::vector<std::uint64_t> values_, answers_, offered_;
    std::unique_ptr<BlockShadow> shadow_;
};

/// Blocks [first, last) in linear order of `launch` through `kernel`, on this thread with `scratch`, which
/// has been prepared. A failure is recorded in the launch's services. Leaves out what is left when the launch
/// has been stopped.
void run_blocks(const heddle_cpu_kernel& kernel, const heddle_cpu_launch& launch, Scratch& scratch,
                std::uint64_t first, std::uint64_t last);

/// Publishes what the units have counted at the barrier that all have now reached, for the code after it.
void pass_barrier(heddle_cpu_block& block) noexcept;

/// The coordinates of linear index `index` in an extent, x fastest.
std::array<std::uint32_t, 3> coordinates(std::uint64_t index, const std::uint32_t (&extent)[3]) noexcept;
/// "(x,y,z)"
std::string triple(const std::array<std::uint32_t, 3>& value);

}  // namespace heddle::cpu
