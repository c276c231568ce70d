// A package's SPIR-V on one device: modules, kernels with their pipelines, and the block of globals.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/vulkan/context.h"
#include "backends/vulkan/kernel_archive.h"
#include "backends/vulkan/memory.h"
#include "runtime/hal.h"
#include "runtime/sha256.h"

namespace heddle::vulkan {

class VulkanProgram final : public hal::Program, public std::enable_shared_from_this<VulkanProgram> {
  public:
    /// See hal::Device::load.
    VulkanProgram(std::shared_ptr<Context> context, const Package& package,
                  std::span<const std::byte> payload);

    std::shared_ptr<hal::Kernel> kernel(const KernelInfo& info, std::span<const std::byte> code) override;
    std::shared_ptr<hal::Allocation> globals() const noexcept override { return globals_; }

  private:
    std::shared_ptr<Context> context_;
    std::string source_;
    std::vector<ArchivedKernel> archive_;
    std::shared_ptr<VulkanAllocation> globals_;
};

/// What a pipeline is made for: the block's extents and its dynamic shared memory in words.
struct PipelineShape {
    std::uint32_t x = 1, y = 1, z = 1, shared_words = 1;
    auto operator<=>(const PipelineShape&) const = default;
};

class VulkanKernel final : public hal::Kernel {
  public:
    /// Throws unsupported when the device lacks what the module needs.
    VulkanKernel(std::shared_ptr<Context> context, KernelInfo info, ArchivedKernel code,
                 std::shared_ptr<VulkanProgram> program);
    ~VulkanKernel() override;
    VulkanKernel(const VulkanKernel&) = delete;
    VulkanKernel& operator=(const VulkanKernel&) = delete;

    const KernelInfo& info() const noexcept override { return info_; }
    /// Without the words of its module.
    const ArchivedKernel& code() const noexcept { return code_; }
    const VulkanProgram& program() const noexcept { return *program_; }
    VkPipelineLayout layout() const noexcept { return layout_; }
    std::uint32_t push_bytes() const noexcept { return push_bytes_; }
    /// Made with the first launch of its shape. Throws launch_failed when the device cannot run blocks of it.
    VkPipeline pipeline(const LaunchConfig& config) const;
    const std::string& operation() const noexcept { return operation_; }  ///< of launching it

  private:
    VkPipeline make_pipeline(const PipelineShape& shape) const;
    void make_module(std::span<const std::uint32_t> words);
    void make_cache(std::span<const std::uint32_t> words);
    void keep_cache() const;
    void release() noexcept;

    std::shared_ptr<Context> context_;
    KernelInfo info_;
    std::string operation_;
    ArchivedKernel code_;
    std::shared_ptr<VulkanProgram> program_;
    std::uint32_t push_bytes_ = 0;
    VkShaderModule module_ = nullptr;
    VkPipelineLayout layout_ = nullptr;
    VkPipelineCache cache_ = nullptr;
    runtime::Sha256Digest cache_key_{};
    mutable std::size_t cached_bytes_ = 0;  // of the cache's data as it stands on disk
    mutable std::mutex mutex_;              // guards the pipelines
    mutable std::map<PipelineShape, VkPipeline> pipelines_;
    mutable std::optional<PipelineShape> last_shape_;
    mutable VkPipeline last_ = nullptr;
};

}  // namespace heddle::vulkan
