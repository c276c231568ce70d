// Stand-ins for generated code: helpers for kernels written by hand in C++ against the CPU's binary
// interface.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/cpu/abi.h"
#include "backends/cpu/execution.h"
#include "backends/cpu/print.h"
#include "backends/cpu/program.h"
#include "backends/cpu/services.h"

namespace heddle::cpu::testing_kernels {

/// A kernel object for `entry`. The parameters are `parameters`, in order, each 8 bytes.
inline std::shared_ptr<CpuKernel> make_kernel(void* entry, std::uint32_t flags, std::size_t static_shared = 0,
                                              std::vector<std::string> pointers = {}) {
    KernelInfo info;
    info.name = info.symbol = "kernel";
    info.static_shared_bytes = static_shared;
    for (std::string& name : pointers) {
        Parameter parameter;
        parameter.name = std::move(name);
        parameter.kind = ParameterKind::pointer;
        parameter.bytes = 8;
        parameter.offset = info.parameter_bytes;
        info.parameter_bytes += 8;
        info.parameters.push_back(std::move(parameter));
    }
    return std::make_shared<CpuKernel>(
        std::move(info), std::vector<heddle_cpu_kernel>{{"kernel", entry, 1, flags, 0, 0, nullptr}}, nullptr,
        nullptr);
}

template <class... T>
hal::Launch make_launch(std::shared_ptr<CpuKernel> kernel, Dim3 grid, Dim3 block, const T&... arguments) {
    hal::Launch launch;
    launch.kernel = std::move(kernel);
    launch.config.grid = grid;
    launch.config.block = block;
    launch.parameters.resize(sizeof...(T) * 8);
    std::size_t at = 0;
    ((std::memcpy(launch.parameters.data() + at, static_cast<const void*>(&arguments), sizeof(T)), at += 8),
     ...);
    return launch;
}

template <class T>
T argument(const heddle_cpu_launch* launch, std::size_t index) {
    T value;
    std::memcpy(static_cast<void*>(&value), launch->arguments + 8 * index, sizeof(T));
    return value;
}

inline std::uint64_t linear(const heddle_cpu_launch& launch, const heddle_cpu_block& block) {
    return block.index[0] +
           launch.grid[0] * (block.index[1] + static_cast<std::uint64_t>(launch.grid[1]) * block.index[2]);
}

/// A suspending kernel's units by hand: State::begin(launch, block, unit) makes one; step(group) runs it to
/// its next suspension and gives the region that it goes on with, or HEDDLE_REGION_ENDED. States lie in the
/// frames.
template <class State>
std::uint32_t step_units(const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t region,
                         std::uint32_t first, std::uint32_t last, std::uint32_t group) {
    std::uint32_t common = 0;
    bool differ = false;
    for (std::uint32_t unit = first; unit < last; ++unit) {
        void* const memory = block->frames + unit * sizeof(State);
        State* const state =
            region == 0 ? new (memory) State(State::begin(launch, block, unit)) : static_cast<State*>(memory);
        const std::uint32_t next = state->step(group);
        differ |= unit != first && next != common;
        common = next;
        block->regions[unit] = next;
    }
    return differ ? HEDDLE_REGION_MIXED : common;
}

/// Regions that stand for operations: region k waits for operation k modulo 20.
inline constexpr std::uint32_t operations = 20;
inline const std::array<heddle_cpu_suspension, 2 * operations>& suspensions_by_operation() {
    static const auto table = [] {
        std::array<heddle_cpu_suspension, 2 * operations> made{};
        for (std::uint32_t region = 0; region < made.size(); ++region)
            made[region].operation = region % operations;
        return made;
    }();
    return table;
}

/// One launch run on this thread alone.
class Runner {
  public:
    Runner(std::array<std::uint32_t, 3> grid, std::array<std::uint32_t, 3> block, std::size_t shared = 0)
        : heap_(1 << 20), output_(stdout), services(&heap_, &output_), shared_(shared) {
        std::copy(grid.begin(), grid.end(), launch.grid);
        std::copy(block.begin(), block.end(), launch.block);
        launch.threads = block[0] * block[1] * block[2];
        launch.services = &services;
    }
    void run(void* entry, std::uint32_t flags, std::size_t frame_bytes = 0,
             std::span<const heddle_cpu_suspension> suspensions = suspensions_by_operation()) {
        launch.arguments = reinterpret_cast<const unsigned char*>(arguments.data());
        Scratch& scratch = Scratch::of_this_thread();
        scratch.prepare(launch, shared_);
        const heddle_cpu_kernel kernel{"kernel",
                                       entry,
                                       1,
                                       flags,
                                       static_cast<std::uint32_t>(frame_bytes),
                                       static_cast<std::uint32_t>(suspensions.size()),
                                       suspensions.data()};
        run_blocks(kernel, launch, scratch, 0,
                   static_cast<std::uint64_t>(launch.grid[0]) * launch.grid[1] * launch.grid[2]);
    }
    template <class State>
    void run_units(std::uint32_t flags,
                   std::span<const heddle_cpu_suspension> suspensions = suspensions_by_operation()) {
        run(reinterpret_cast<void*>(&step_units<State>), flags | HEDDLE_KERNEL_SUSPENDS, sizeof(State),
            suspensions);
    }
    template <class State>
    void run_scalar() {
        run_units<State>(HEDDLE_KERNEL_SCALAR | HEDDLE_KERNEL_WARP_OPERATIONS);
    }

  private:
    Heap heap_;
    PrintBuffer output_;

  public:
    heddle_cpu_launch launch{};
    LaunchServices services;
    std::vector<std::uint64_t> arguments;

  private:
    std::size_t shared_;
};

}  // namespace heddle::cpu::testing_kernels
