// Block execution: plain kernels in one call, suspending SIMD kernels warp by warp in rounds; scalar ones go
// to the scalar scheduler.
#include "backends/cpu/execution.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "backends/cpu/check.h"
#include "backends/cpu/scalar_scheduler.h"

namespace heddle::cpu {

namespace {

constexpr std::size_t shared_alignment = 128;
// After shared memory: a kernel's vector that reaches past the end must not reach the next allocation.
constexpr std::size_t shared_guard = 4096;
constexpr std::size_t frame_alignment = 64;
constexpr std::size_t first_arena_bytes = std::size_t{64} << 10;

bool has_ended(const heddle_cpu_frame* frame) noexcept {
    return frame == nullptr || frame->resume == nullptr;
}

/// Publishes what the warps counted at the barrier that all have now reached, for the code after it.
void pass_barrier(heddle_cpu_block& block) noexcept {
    block.barrier_result = std::exchange(block.barrier_count, 0);
    block.barrier_result_threads = std::exchange(block.barrier_threads, 0);
}

void run_simd_block(heddle_cpu_start start, const heddle_cpu_launch& launch, Scratch& scratch) {
    heddle_cpu_block& block = scratch.block();
    pass_barrier(block);
    const LaunchServices& services = services_of(launch);
    const std::uint32_t warps = (launch.threads + 31) / 32;
    if (warps == 1) {
        auto* const frame = static_cast<heddle_cpu_frame*>(start(&launch, &block, 0));
        while (!has_ended(frame) && !services.stopped()) {
            pass_barrier(block);
            frame->resume(frame);
        }
        return;
    }
    // Vector code suspends at barriers only, so a round in which every warp runs to its next suspension or
    // its end is what lies between two barriers. Warps that have ended, or wait at another barrier, are not
    // waited for.
    std::vector<heddle_cpu_frame*>& frames = scratch.frames();
    frames.clear();
    for (std::uint32_t warp = 0; warp < warps; ++warp) {
        auto* const frame = static_cast<heddle_cpu_frame*>(start(&launch, &block, warp));
        if (!has_ended(frame)) frames.push_back(frame);
    }
    while (!frames.empty() && !services.stopped()) {
        pass_barrier(block);
        std::size_t live = 0;
        for (heddle_cpu_frame* const frame : frames) {
            frame->resume(frame);
            if (!has_ended(frame)) frames[live++] = frame;
        }
        frames.resize(live);
    }
}

}  // namespace

void LaunchServices::fail(std::string reason) noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (failure_.empty()) failure_ = std::move(reason);
    }
    stop();
}

Scratch::Scratch() {
    bound_.owner = this;
}
Scratch::~Scratch() = default;

Scratch& Scratch::of_this_thread() {
    thread_local Scratch scratch;
    return scratch;
}

Scratch& Scratch::of(heddle_cpu_block& block) noexcept {
    return *reinterpret_cast<Bound*>(&block)->owner;
}
const Scratch& Scratch::of(const heddle_cpu_block& block) noexcept {
    return *reinterpret_cast<const Bound*>(&block)->owner;
}

void Scratch::Release::operator()(unsigned char* memory) const noexcept {
    std::free(memory);
}

Scratch::Bytes Scratch::make_bytes(std::size_t size, std::size_t alignment) {
    void* const memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return Bytes(static_cast<unsigned char*>(memory));
}

void Scratch::prepare(const heddle_cpu_launch& launch, std::size_t shared_bytes) {
    if (shared_ == nullptr || shared_bytes > shared_capacity_) {
        const std::size_t capacity = std::max<std::size_t>(shared_bytes, 4096);
        shared_.reset();
        shared_capacity_ = 0;
        shared_ = make_bytes(capacity + shared_guard, shared_alignment);
        std::fill_n(shared_.get(), capacity + shared_guard, static_cast<unsigned char>(0));
        shared_capacity_ = capacity;
    }
    shared_bytes_ = shared_bytes;
    heddle_cpu_block& block = bound_.block;
    block.index[0] = block.index[1] = block.index[2] = 0;
    block.barrier_count = block.barrier_threads = block.barrier_result = block.barrier_result_threads = 0;
    block.shared = shared_.get();
    block.launch = &launch;
    reset_arena();
}

void Scratch::reset_arena() {
    if (arena_.size() > 1) {
        std::size_t total = 0;
        for (const Chunk& chunk : arena_) total += chunk.size;
        arena_.clear();
        arena_.push_back({make_bytes(total, frame_alignment), total});
    }
    heddle_cpu_block& block = bound_.block;
    block.arena = arena_.empty() ? nullptr : arena_.front().memory.get();
    block.arena_end = arena_.empty() ? nullptr : block.arena + arena_.front().size;
}

void* Scratch::grow_arena(std::size_t bytes) {
    const std::size_t wanted = (bytes + frame_alignment - 1) / frame_alignment * frame_alignment;
    std::size_t total = 0;
    for (const Chunk& chunk : arena_) total += chunk.size;
    const std::size_t size = std::max({wanted, total, first_arena_bytes});
    arena_.push_back({make_bytes(size, frame_alignment), size});
    unsigned char* const memory = arena_.back().memory.get();
    bound_.block.arena = memory + wanted;
    bound_.block.arena_end = memory + size;
    return memory;
}

heddle_cpu_lane* Scratch::lanes(std::uint32_t count) {
    if (lanes_.size() < count) lanes_.resize(count);
    bound_.block.lanes = lanes_.data();
    return lanes_.data();
}

bool Scratch::in_arena(std::uintptr_t begin, std::size_t bytes) const noexcept {
    return std::any_of(arena_.begin(), arena_.end(), [&](const Chunk& chunk) {
        const std::uintptr_t start = reinterpret_cast<std::uintptr_t>(chunk.memory.get());
        return begin >= start && bytes <= chunk.size && begin - start <= chunk.size - bytes;
    });
}

BlockShadow& Scratch::shadow() {
    if (shadow_ == nullptr) shadow_ = std::make_unique<BlockShadow>();
    return *shadow_;
}

void run_blocks(const heddle_cpu_kernel& kernel, const heddle_cpu_launch& launch, Scratch& scratch,
                std::uint64_t first, std::uint64_t last) {
    const LaunchServices& services = services_of(launch);
    heddle_cpu_block& block = scratch.block();
    Checker* const checker = services.checker();
    const bool suspends = (kernel.flags & HEDDLE_KERNEL_SUSPENDS) != 0;
    if (!suspends && checker == nullptr) {
        reinterpret_cast<heddle_cpu_plain>(kernel.entry)(&launch, &block, first, last);
        return;
    }
    std::array<std::uint32_t, 3> index = coordinates(first, launch.grid);
    for (std::uint64_t i = first; i < last && !services.stopped(); ++i) {
        std::copy(index.begin(), index.end(), block.index);
        if (checker != nullptr) checker->begin_block(scratch, i);
        if (!suspends) {
            reinterpret_cast<heddle_cpu_plain>(kernel.entry)(&launch, &block, i, i + 1);
        } else {
            scratch.reset_arena();
            const auto start = reinterpret_cast<heddle_cpu_start>(kernel.entry);
            if ((kernel.flags & HEDDLE_KERNEL_SCALAR) != 0)
                run_scalar_block(start, launch, scratch);
            else
                run_simd_block(start, launch, scratch);
        }
        if (checker != nullptr) checker->end_block(scratch);
        if (++index[0] == launch.grid[0]) {
            index[0] = 0;
            if (++index[1] == launch.grid[1]) {
                index[1] = 0;
                ++index[2];
            }
        }
    }
}

std::array<std::uint32_t, 3> coordinates(std::uint64_t index, const std::uint32_t (&extent)[3]) noexcept {
    return {static_cast<std::uint32_t>(index % extent[0]),
            static_cast<std::uint32_t>(index / extent[0] % extent[1]),
            static_cast<std::uint32_t>(index / extent[0] / extent[1])};
}

std::string triple(const std::array<std::uint32_t, 3>& value) {
    return "(" + std::to_string(value[0]) + "," + std::to_string(value[1]) + "," + std::to_string(value[2]) +
           ")";
}

}  // namespace heddle::cpu
