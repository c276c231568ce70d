// Loads modules, initialises globals, and makes pipelines.
#include "backends/vulkan/program.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "backends/vulkan/float_controls.h"
#include "backends/vulkan/queue.h"
#include "runtime/cache.h"

namespace heddle::vulkan {

namespace {

constexpr std::uint32_t warp_size = 32;

/// Drivers give at least this header, which alone is not worth a file.
constexpr std::size_t pipeline_cache_header = 32;

std::vector<std::byte> initial_globals(const GlobalsInfo& info, std::uint64_t base,
                                       const std::string& operation, const std::string& device) {
    std::vector<std::byte> bytes(info.bytes);
    std::copy_n(info.initial.begin(), std::min(info.initial.size(), bytes.size()), bytes.begin());
    for (const GlobalsInfo::Relocation& relocation : info.relocations) {
        const std::uint64_t address = base + relocation.to;
        if (relocation.at > bytes.size() || bytes.size() - relocation.at < sizeof address)
            throw Error(ErrorCode::corrupt_package,
                        "a pointer of the globals stands at byte " + std::to_string(relocation.at) + " of " +
                            std::to_string(bytes.size()),
                        operation, device);
        std::memcpy(bytes.data() + relocation.at, &address, sizeof address);
    }
    return bytes;
}

std::vector<ArchivedKernel> decode(std::span<const std::byte> payload, const std::string& operation,
                                   const std::string& device) {
    try {
        return decode_archive(payload);
    } catch (const std::runtime_error& error) {
        throw Error(ErrorCode::corrupt_package, error.what(), operation, device);
    }
}

}  // namespace

VulkanProgram::VulkanProgram(std::shared_ptr<Context> context, const Package& package,
                             std::span<const std::byte> payload)
    : context_(std::move(context)), source_(package.source) {
    const std::string operation = "loading of '" + source_ + "'";
    context_->check_alive(operation);
    if (!payload.empty()) archive_ = decode(payload, operation, context_->id());
    if (package.globals.bytes == 0) return;
    globals_ = std::make_shared<VulkanAllocation>(context_, package.globals.bytes);
    const std::vector<std::byte> initial =
        initial_globals(package.globals, globals_->device_address(), operation, context_->id());
    const std::unique_ptr<hal::Queue> queue = make_queue(context_);
    queue->write(globals_, 0, initial.data(), initial.size());
    queue->synchronize();
}

std::shared_ptr<hal::Kernel> VulkanProgram::kernel(const KernelInfo& info, std::span<const std::byte> code) {
    const std::string operation = "loading of kernel '" + info.name + "'";
    context_->check_alive(operation);
    std::vector<ArchivedKernel> own;
    if (!code.empty()) own = decode(code, operation, context_->id());
    std::vector<ArchivedKernel>& archive = code.empty() ? archive_ : own;
    const auto found = std::find_if(archive.begin(), archive.end(), [&](const ArchivedKernel& kernel) {
        return kernel.symbol == info.symbol;
    });
    if (found == archive.end())
        throw Error(ErrorCode::not_found, "the code has no kernel of symbol '" + info.symbol + "'", operation,
                    context_->id());
    // Asked for once a kernel: its words may go.
    return std::make_shared<VulkanKernel>(context_, info, std::move(*found), shared_from_this());
}

VulkanKernel::VulkanKernel(std::shared_ptr<Context> context, KernelInfo info, ArchivedKernel code,
                           std::shared_ptr<VulkanProgram> program)
    : context_(std::move(context)),
      info_(std::move(info)),
      operation_("launch of '" + info_.name + "'"),
      code_(std::move(code)),
      program_(std::move(program)) {
    const std::string operation = "loading of kernel '" + info_.name + "'";
    const std::vector<std::uint32_t> words =
        with_float_controls(std::exchange(code_.words, {}), context_->traits().float_controls);
    const std::uint32_t missing = code_.features & ~context_->traits().module_features;
    if (missing != 0) {
        const std::string names = names_of_features(missing);
        throw Error(ErrorCode::unsupported,
                    "the module needs " +
                        (names.empty() ? "features that this library does not know" : names) +
                        ", which the device lacks",
                    operation, context_->id());
    }
    if (!code_.parameters_in_buffer && code_.parameter_bytes > ArchivedKernel::most_push_bytes)
        throw Error(ErrorCode::corrupt_package,
                    "the module takes " + std::to_string(code_.parameter_bytes) +
                        " bytes of push constants; " + std::to_string(ArchivedKernel::most_push_bytes) +
                        " are allowed",
                    operation, context_->id());
    push_bytes_ = code_.parameters_in_buffer ? 8 : (code_.parameter_bytes + 3) / 4 * 4;
    try {
        make_module(words);
        make_cache(words);
    } catch (...) {
        release();
        throw;
    }
}

VulkanKernel::~VulkanKernel() {
    release();
}

void VulkanKernel::release() noexcept {
    if (context_->is_lost()) return;
    const DeviceApi& api = context_->api();
    for (const auto& [shape, pipeline] : pipelines_)
        api.destroy_pipeline(context_->device(), pipeline, nullptr);
    if (cache_ != nullptr) api.destroy_pipeline_cache(context_->device(), cache_, nullptr);
    if (layout_ != nullptr) api.destroy_layout(context_->device(), layout_, nullptr);
    if (module_ != nullptr) api.destroy_module(context_->device(), module_, nullptr);
}

void VulkanKernel::make_module(std::span<const std::uint32_t> words) {
    const std::string operation = "loading of kernel '" + info_.name + "'";
    auto module = make<VkShaderModuleCreateInfo>(VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO);
    module.codeSize = words.size_bytes();
    module.pCode = words.data();
    context_->check(context_->api().create_module(context_->device(), &module, nullptr, &module_),
                    "vkCreateShaderModule", operation);
    VkPushConstantRange range{VK_SHADER_STAGE_COMPUTE_BIT, 0, push_bytes_};
    auto layout = make<VkPipelineLayoutCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO);
    layout.pushConstantRangeCount = push_bytes_ != 0 ? 1 : 0;
    layout.pPushConstantRanges = &range;
    context_->check(context_->api().create_layout(context_->device(), &layout, nullptr, &layout_),
                    "vkCreatePipelineLayout", operation);
}

void VulkanKernel::make_cache(std::span<const std::uint32_t> words) {
    const runtime::Cache files = runtime::Cache::from_environment(true);
    std::optional<std::vector<std::byte>> data;
    if (files.is_enabled()) {
        runtime::Sha256 hash;
        hash.field(std::string_view("vulkan pipelines/1"));
        hash.field(context_->traits().cache_key);
        hash.field(std::string_view(reinterpret_cast<const char*>(words.data()), words.size_bytes()));
        cache_key_ = hash.finish();
        data = files.find(cache_key_);
    }
    auto create = make<VkPipelineCacheCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO);
    if (data) {
        create.initialDataSize = cached_bytes_ = data->size();
        create.pInitialData = data->data();
    }
    context_->check(context_->api().create_pipeline_cache(context_->device(), &create, nullptr, &cache_),
                    "vkCreatePipelineCache", "loading of kernel '" + info_.name + "'");
}

void VulkanKernel::keep_cache() const {
    const runtime::Cache files = runtime::Cache::from_environment(true);
    if (!files.is_enabled()) return;
    std::size_t size = 0;
    const DeviceApi& api = context_->api();
    if (api.pipeline_cache_data(context_->device(), cache_, &size, nullptr) != VK_SUCCESS) return;
    if (size <= std::max(cached_bytes_, pipeline_cache_header)) return;
    std::vector<std::byte> data(size);
    if (api.pipeline_cache_data(context_->device(), cache_, &size, data.data()) != VK_SUCCESS) return;
    data.resize(size);
    files.store(cache_key_, {}, data);
    cached_bytes_ = size;
}

VkPipeline VulkanKernel::pipeline(const LaunchConfig& config) const {
    const PipelineShape shape{
        config.block.x, config.block.y, config.block.z,
        std::max<std::uint32_t>(1, static_cast<std::uint32_t>((config.shared_bytes + 3) / 4))};
    const std::lock_guard lock(mutex_);
    if (last_shape_ == shape) return last_;
    const auto found = pipelines_.find(shape);
    const VkPipeline made = found != pipelines_.end() ? found->second : make_pipeline(shape);
    last_shape_ = shape;
    last_ = made;
    return made;
}

VkPipeline VulkanKernel::make_pipeline(const PipelineShape& shape) const {
    const DeviceTraits& traits = context_->traits();
    const std::uint64_t shared = std::uint64_t{code_.static_shared_bytes} +
                                 (shape.shared_words > 1 ? 4 * std::uint64_t{shape.shared_words} : 0);
    if (shared > traits.shared_bytes)
        throw Error(ErrorCode::launch_failed,
                    "shared memory of " + std::to_string(shared) +
                        " bytes, with what warp operations take, is over this device's limit of " +
                        std::to_string(traits.shared_bytes),
                    operation(), context_->id());
    const std::uint32_t threads = shape.x * shape.y * shape.z;
    const std::array<std::uint32_t, 5> values = {shape.x, shape.y, shape.z, threads, shape.shared_words};
    std::array<VkSpecializationMapEntry, 5> entries{};
    for (std::uint32_t k = 0; k < entries.size(); ++k) entries[k] = {k, k * 4, 4};
    VkSpecializationInfo constants{};
    constants.mapEntryCount = static_cast<std::uint32_t>(entries.size());
    constants.pMapEntries = entries.data();
    constants.dataSize = sizeof values;
    constants.pData = values.data();
    auto create = make<VkComputePipelineCreateInfo>(VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO);
    create.stage = make<VkPipelineShaderStageCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO);
    create.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
    create.stage.module = module_;
    create.stage.pName = "main";
    create.stage.pSpecializationInfo = &constants;
    create.layout = layout_;
    auto size = make<VkPipelineShaderStageRequiredSubgroupSizeCreateInfo>(
        VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO);
    if (code_.needs(ModuleFeature::warp32)) {
        // Blocks of other lengths end with a part of a warp, which full subgroups do not allow.
        const bool is_set = traits.subgroup_size != warp_size && traits.can_set_subgroup_size;
        const std::uint32_t subgroup = is_set ? warp_size : traits.subgroup_size;
        if (traits.has_full_subgroups && threads % subgroup == 0)
            create.stage.flags |= VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT;
        if (is_set) {
            size.requiredSubgroupSize = warp_size;
            create.stage.pNext = &size;
        }
    }
    VkPipeline made = nullptr;
    const VkResult result =
        context_->api().create_pipelines(context_->device(), cache_, 1, &create, nullptr, &made);
    if (made != nullptr) pipelines_.emplace(shape, made);
    context_->check(result, "vkCreateComputePipelines", operation());
    keep_cache();
    return made;
}

}  // namespace heddle::vulkan
