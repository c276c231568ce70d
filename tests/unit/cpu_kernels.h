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
        std::move(info), std::vector<heddle_cpu_kernel>{{"kernel", entry, 1, flags}}, nullptr, nullptr);
}

template <class... T>
hal::Launch make_launch(std::shared_ptr<CpuKernel> kernel, Dim3 grid, Dim3 block, const T&... arguments) {
    hal::Launch launch;
    launch.kernel = std::move(kernel);
    launch.config.grid = grid;
    launch.config.block = block;
    launch.parameters.resize(sizeof...(T) * 8);
    std::size_t at = 0;
    ((std::memcpy(launch.parameters.data() + at, &arguments, sizeof arguments), at += 8), ...);
    return launch;
}

template <class T>
T argument(const heddle_cpu_launch* launch, std::size_t index) {
    T value;
    std::memcpy(&value, launch->arguments + 8 * index, sizeof value);
    return value;
}

inline std::uint64_t linear(const heddle_cpu_launch& launch, const heddle_cpu_block& block) {
    return block.index[0] +
           launch.grid[0] * (block.index[1] + static_cast<std::uint64_t>(launch.grid[1]) * block.index[2]);
}

/// A coroutine by hand: step(k) is called for k = 0, 1, ... until it returns false; each return of true is a
/// suspension. Lives in the block's arena, like generated frames.
template <class State>
struct Frame {
    heddle_cpu_frame head;
    State state;
    static void resume(void* memory) {
        auto* const frame = static_cast<Frame*>(memory);
        if (!frame->state.step()) frame->head.resume = nullptr;
    }
    static void* start(heddle_cpu_block* block, const State& initial) {
        const std::size_t bytes = (sizeof(Frame) + 63) / 64 * 64;
        void* memory = block->arena;
        if (memory == nullptr || static_cast<std::size_t>(block->arena_end - block->arena) < bytes) {
            using Grow = void* (*)(heddle_cpu_block*, std::uint64_t);
            memory = reinterpret_cast<Grow>(find_import("heddle_arena_grow"))(block, bytes);
        } else {
            block->arena += bytes;
        }
        auto* const frame = new (memory) Frame{{&Frame::resume}, initial};
        resume(frame);
        return frame;
    }
};

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
    void run(void* entry, std::uint32_t flags) {
        launch.arguments = reinterpret_cast<const unsigned char*>(arguments.data());
        Scratch& scratch = Scratch::of_this_thread();
        scratch.prepare(launch, shared_);
        const heddle_cpu_kernel kernel{"kernel", entry, 1, flags};
        run_blocks(kernel, launch, scratch, 0,
                   static_cast<std::uint64_t>(launch.grid[0]) * launch.grid[1] * launch.grid[2]);
    }
    void run_scalar(heddle_cpu_start start) {
        run(reinterpret_cast<void*>(start), HEDDLE_KERNEL_SUSPENDS | HEDDLE_KERNEL_SCALAR);
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
