// Block execution: plain kernels in one call; kernels that wait at barriers only in rounds of steps, each
// over all units of the block; others by the scalar scheduler.
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
constexpr std::size_t frame_alignment = 128;

/// Units have gone different ways. A round takes each that has not ended one step further; those that have
/// ended, or wait at another barrier, are not waited for.
void run_apart(heddle_cpu_step step, const heddle_cpu_launch& launch, Scratch& scratch, std::uint32_t units) {
    heddle_cpu_block& block = scratch.block();
    const LaunchServices& services = services_of(launch);
    std::uint32_t* const regions = block.regions;
    for (bool live = true; live && !services.stopped();) {
        if (Checker* const checker = services.checker(); checker != nullptr)
            checker->pass_barrier(scratch,
                                  [&](std::uint32_t unit) { return regions[unit] != HEDDLE_REGION_ENDED; });
        pass_barrier(block);
        live = false;
        for (std::uint32_t first = 0, last; first < units; first = last) {
            const std::uint32_t region = regions[first];
            for (last = first + 1; last < units && regions[last] == region;) ++last;
            if (region == HEDDLE_REGION_ENDED) continue;
            const std::uint32_t next = step(&launch, &block, region, first, last, 0);
            if (next != HEDDLE_REGION_MIXED) std::fill(regions + first, regions + last, next);
            live |= next != HEDDLE_REGION_ENDED;
        }
    }
}

void run_in_rounds(heddle_cpu_step step, const heddle_cpu_launch& launch, Scratch& scratch,
                   std::uint32_t units) {
    heddle_cpu_block& block = scratch.block();
    const LaunchServices& services = services_of(launch);
    pass_barrier(block);
    for (std::uint32_t region = step(&launch, &block, 0, 0, units, 0);
         region != HEDDLE_REGION_ENDED && !services.stopped();
         region = step(&launch, &block, region, 0, units, 0)) {
        if (region == HEDDLE_REGION_MIXED) {
            run_apart(step, launch, scratch, units);
            return;
        }
        if (Checker* const checker = services.checker(); checker != nullptr)
            checker->pass_barrier(scratch, [](std::uint32_t) { return true; });
        pass_barrier(block);
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
}

void Scratch::prepare_units(const heddle_cpu_kernel& kernel, std::uint32_t units) {
    heddle_cpu_block& block = bound_.block;
    frames_bytes_ = std::size_t{kernel.frame_bytes} * units;
    if (frames_ == nullptr || frames_bytes_ > frames_capacity_) {
        const std::size_t capacity = std::max<std::size_t>(frames_bytes_, 4096);
        frames_.reset();
        frames_capacity_ = 0;
        frames_ = make_bytes(capacity, frame_alignment);
        frames_capacity_ = capacity;
    }
    const auto grow = [](auto& list, std::size_t size) {
        if (list.size() < size) list.resize(size);
        return list.data();
    };
    block.frames = frames_.get();
    block.regions = grow(regions_, units);
    if ((kernel.flags & HEDDLE_KERNEL_WARP_OPERATIONS) == 0) return;
    const std::size_t exchanged = heddle_cpu_exchange_index((units + 31) / 32 * 32);
    block.values = grow(values_, exchanged);
    block.answers = grow(answers_, exchanged);
    block.offered = grow(offered_, exchanged);
    block.masks = grow(masks_, units);
}

bool Scratch::in_frames(std::uintptr_t begin, std::size_t bytes) const noexcept {
    const std::uintptr_t start = reinterpret_cast<std::uintptr_t>(frames_.get());
    return frames_ != nullptr && begin >= start && bytes <= frames_bytes_ &&
           begin - start <= frames_bytes_ - bytes;
}

BlockShadow& Scratch::shadow() {
    if (shadow_ == nullptr) shadow_ = std::make_unique<BlockShadow>();
    return *shadow_;
}

void pass_barrier(heddle_cpu_block& block) noexcept {
    block.barrier_result = std::exchange(block.barrier_count, 0);
    block.barrier_result_threads = std::exchange(block.barrier_threads, 0);
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
    const bool is_scalar = (kernel.flags & HEDDLE_KERNEL_SCALAR) != 0;
    const std::uint32_t units = is_scalar ? launch.threads : (launch.threads + 31) / 32;
    if (suspends) scratch.prepare_units(kernel, units);
    std::array<std::uint32_t, 3> index = coordinates(first, launch.grid);
    for (std::uint64_t i = first; i < last && !services.stopped(); ++i) {
        std::copy(index.begin(), index.end(), block.index);
        if (checker != nullptr) checker->begin_block(scratch, i);
        if (!suspends) {
            reinterpret_cast<heddle_cpu_plain>(kernel.entry)(&launch, &block, i, i + 1);
        } else if ((kernel.flags & HEDDLE_KERNEL_WARP_OPERATIONS) != 0) {
            run_scalar_block(kernel, launch, scratch);
        } else {
            run_in_rounds(reinterpret_cast<heddle_cpu_step>(kernel.entry), launch, scratch, units);
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
