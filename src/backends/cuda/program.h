// A package's code on an NVIDIA GPU: modules made by the driver from PTX, and the memory of the globals that
// they share.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>

#include "backends/cuda/failure.h"
#include "backends/cuda/memory.h"
#include "runtime/hal.h"

namespace heddle::cuda {

/// A loaded module. Unloaded after all work of the device: a kernel of it may still run.
class Module {
  public:
    /// Throws unsupported or internal with the driver's own log.
    Module(std::shared_ptr<Context> context, std::span<const std::byte> ptx, const std::string& what);
    ~Module();
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;
    CUmodule get() const noexcept { return module_; }
    /// The variable's address; 0 when the module has none of that name.
    CUdeviceptr find(const std::string& name) const;

  private:
    std::shared_ptr<Context> context_;
    CUmodule module_ = nullptr;
};

class CudaProgram final : public hal::Program, public std::enable_shared_from_this<CudaProgram> {
  public:
    /// See hal::Device::load.
    CudaProgram(std::shared_ptr<Context> context, const Package& package, std::span<const std::byte> payload);

    std::shared_ptr<hal::Kernel> kernel(const KernelInfo& info, std::span<const std::byte> code) override;
    std::shared_ptr<hal::Allocation> globals() const noexcept override { return globals_; }
    const std::shared_ptr<const GlobalsText>& texts() const noexcept { return texts_; }

  private:
    std::shared_ptr<const Module> load(std::span<const std::byte> ptx, const std::string& what) const;

    std::shared_ptr<Context> context_;
    std::string source_;
    std::shared_ptr<CudaAllocation> globals_;
    std::shared_ptr<const GlobalsText> texts_;
    std::shared_ptr<const Module> code_;  // null when kernels come one by one
};

class CudaKernel final : public hal::Kernel {
  public:
    CudaKernel(KernelInfo info, std::shared_ptr<CudaProgram> program, std::shared_ptr<const Module> code,
               CUfunction function, bool may_fail);
    const KernelInfo& info() const noexcept override { return info_; }
    CUfunction function() const noexcept { return function_; }
    /// Whether the launch takes one more parameter, the address of its queue's failure record.
    bool may_fail() const noexcept { return may_fail_; }
    const CudaProgram& program() const noexcept { return *program_; }
    /// Lets launches have so much dynamic shared memory.
    void allow_shared(const Context& context, std::size_t bytes) const;

  private:
    KernelInfo info_;
    std::shared_ptr<CudaProgram> program_;
    std::shared_ptr<const Module> code_;
    CUfunction function_;
    bool may_fail_;
    mutable std::atomic<std::size_t> allowed_shared_;
};

}  // namespace heddle::cuda
