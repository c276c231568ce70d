// A package's OpenCL C on one device: programs built from it, kernels, and the block of globals.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/opencl/memory.h"
#include "runtime/hal.h"

namespace heddle::opencl {

/// What a kernel takes besides its own parameters: the line above it in the source says so.
struct KernelDescription {
    std::string function;
    bool globals = false, messages = false, shared = false, shared_bytes = false, pointers = false;
};

/// The descriptions in a source, by symbol.
std::map<std::string, KernelDescription> descriptions_of(std::string_view source);

class OpenClProgram final : public hal::Program, public std::enable_shared_from_this<OpenClProgram> {
  public:
    /// See hal::Device::load.
    OpenClProgram(std::shared_ptr<Context> context, const Package& package,
                  std::span<const std::byte> payload);

    std::shared_ptr<hal::Kernel> kernel(const KernelInfo& info, std::span<const std::byte> code) override;
    std::shared_ptr<hal::Allocation> globals() const noexcept override { return globals_; }
    const std::shared_ptr<SharedAllocation>& globals_memory() const noexcept { return globals_; }

  private:
    Handle<ProgramId> build(const std::string& source, const std::string& operation) const;

    std::shared_ptr<Context> context_;
    std::string package_source_, text_;
    std::map<std::string, KernelDescription> descriptions_;  // of text_
    std::shared_ptr<Handle<ProgramId>> whole_;               // built of text_, with the first kernel
    std::shared_ptr<SharedAllocation> globals_;
};

class OpenClKernel final : public hal::Kernel {
  public:
    OpenClKernel(KernelInfo info, KernelDescription description, std::shared_ptr<Handle<ProgramId>> code,
                 Handle<KernelId> kernel, std::shared_ptr<OpenClProgram> program);

    const KernelInfo& info() const noexcept override { return info_; }
    const KernelDescription& description() const noexcept { return description_; }
    KernelId get() const noexcept { return kernel_.get(); }
    const OpenClProgram& program() const noexcept { return *program_; }
    /// Arguments belong to the kernel object: held from the first one set until the launch is queued.
    std::mutex& mutex() const noexcept { return mutex_; }
    const std::string& operation() const noexcept { return operation_; }  ///< of launching it

    /// What its arguments were made of when they were last set: a launch with the same needs to set none.
    struct Arguments {
        std::vector<std::byte> parameters;
        std::uint64_t messages = 0, generation = 0;
        std::size_t shared_bytes = 0;
    };
    /// With the mutex held. Empty: not all are set.
    std::optional<Arguments>& arguments() const noexcept { return arguments_; }

  private:
    KernelInfo info_;
    std::string operation_;
    KernelDescription description_;
    std::shared_ptr<OpenClProgram> program_;
    std::shared_ptr<Handle<ProgramId>> code_;
    Handle<KernelId> kernel_;
    mutable std::mutex mutex_;
    mutable std::optional<Arguments> arguments_;
};

}  // namespace heddle::opencl
