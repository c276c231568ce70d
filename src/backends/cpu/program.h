// A package's code on a CPU device: its loaded objects, its globals' memory and its heap; and the kernels
// found in it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/cpu/abi.h"
#include "backends/cpu/check.h"
#include "backends/cpu/loader.h"
#include "backends/cpu/memory.h"
#include "backends/cpu/services.h"
#include "runtime/hal.h"

namespace heddle::cpu {

class CpuProgram final : public hal::Program, public std::enable_shared_from_this<CpuProgram> {
  public:
    /// See hal::Device::load. `device` is the id for messages.
    CpuProgram(const Package& package, std::span<const std::byte> payload,
               std::shared_ptr<AllocationList> allocations, std::string device);

    std::shared_ptr<hal::Kernel> kernel(const KernelInfo& info, std::span<const std::byte> code) override;
    std::shared_ptr<hal::Allocation> globals() const noexcept override { return globals_; }

    unsigned char* globals_memory() const noexcept;
    GlobalsView globals_view() const noexcept;
    Heap& heap() noexcept { return heap_; }
    const AllocationList& allocations() const noexcept { return *allocations_; }
    const std::string& device() const noexcept { return device_; }

  private:
    std::string source_, device_;
    std::shared_ptr<AllocationList> allocations_;
    std::shared_ptr<const CodeObject> code_;  // null when kernels come one by one
    std::shared_ptr<hal::Allocation> globals_;
    std::vector<GlobalInfo> symbols_;
    Heap heap_;
};

class CpuKernel final : public hal::Kernel {
  public:
    /// `versions` are of one kernel, the widest row first, row 1 among them; their code is kept alive by
    /// `code`. A null `program` means no globals and no heap.
    CpuKernel(KernelInfo info, std::vector<heddle_cpu_kernel> versions, std::shared_ptr<const void> code,
              std::shared_ptr<CpuProgram> program);

    const KernelInfo& info() const noexcept override { return info_; }
    CpuProgram* program() const noexcept { return program_.get(); }
    /// The version that runs blocks of that shape best.
    const heddle_cpu_kernel& version(const Dim3& block) const;

    /// What launches have cost so far, in nanoseconds on one thread for each thread of the grid, 0 when
    /// unknown.
    double thread_ns() const noexcept { return thread_ns_.load(std::memory_order_relaxed); }
    void learn(double thread_ns) noexcept;

  private:
    KernelInfo info_;
    std::vector<heddle_cpu_kernel> versions_;
    std::shared_ptr<const void> code_;
    std::shared_ptr<CpuProgram> program_;
    std::atomic<double> thread_ns_{0};
};

}  // namespace heddle::cpu
