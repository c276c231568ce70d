// Vulkan, used directly: one command buffer a job, fences, storage buffers through a descriptor set, a queue
// of its own for copies where the device has such; pinned memory is a mapped buffer that the host reads fast.
#ifndef VK_NO_PROTOTYPES
#define VK_NO_PROTOTYPES
#endif
#include <vulkan/vulkan_core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <heddle/error.h>

#include "case_builder.h"
#include "raw_api.h"
#include "raw_vulkan_module.h"
#include "shared_object.h"

namespace heddle::tool::bench {

namespace {

template <class T>
T make(VkStructureType type) {
    T structure{};
    structure.sType = type;
    return structure;
}

void check(VkResult result, const char* call) {
    if (result != VK_SUCCESS)
        throw Error(ErrorCode::launch_failed, fmt::format("VkResult {}", static_cast<int>(result)), call,
                    "raw");
}

/// The functions, by their Vulkan names without the vk.
struct Vulkan {
    explicit Vulkan(const SharedObject& library)
        : GetInstanceProcAddr(
              as<std::remove_pointer_t<PFN_vkGetInstanceProcAddr>>(library.symbol("vkGetInstanceProcAddr"))) {
        get(nullptr, CreateInstance, "vkCreateInstance");
    }
    void load(VkInstance instance) {
        get(instance, DestroyInstance, "vkDestroyInstance");
        get(instance, EnumeratePhysicalDevices, "vkEnumeratePhysicalDevices");
        get(instance, GetPhysicalDeviceProperties, "vkGetPhysicalDeviceProperties");
        get(instance, GetPhysicalDeviceMemoryProperties, "vkGetPhysicalDeviceMemoryProperties");
        get(instance, GetPhysicalDeviceQueueFamilyProperties, "vkGetPhysicalDeviceQueueFamilyProperties");
        get(instance, CreateDevice, "vkCreateDevice");
        get(instance, GetDeviceProcAddr, "vkGetDeviceProcAddr");
    }
    void load(VkDevice device) {
        const auto get_device = [&]<class F>(F& function, const char* name) {
            function = reinterpret_cast<F>(GetDeviceProcAddr(device, name));
            if (function == nullptr)
                throw Error(ErrorCode::device_unavailable,
                            fmt::format("the driver has no function {}", name));
        };
        get_device(DestroyDevice, "vkDestroyDevice");
        get_device(GetDeviceQueue, "vkGetDeviceQueue");
        get_device(QueueSubmit, "vkQueueSubmit");
        get_device(CreateBuffer, "vkCreateBuffer");
        get_device(DestroyBuffer, "vkDestroyBuffer");
        get_device(GetBufferMemoryRequirements, "vkGetBufferMemoryRequirements");
        get_device(AllocateMemory, "vkAllocateMemory");
        get_device(FreeMemory, "vkFreeMemory");
        get_device(BindBufferMemory, "vkBindBufferMemory");
        get_device(MapMemory, "vkMapMemory");
        get_device(CreateShaderModule, "vkCreateShaderModule");
        get_device(DestroyShaderModule, "vkDestroyShaderModule");
        get_device(CreateDescriptorSetLayout, "vkCreateDescriptorSetLayout");
        get_device(DestroyDescriptorSetLayout, "vkDestroyDescriptorSetLayout");
        get_device(CreateDescriptorPool, "vkCreateDescriptorPool");
        get_device(DestroyDescriptorPool, "vkDestroyDescriptorPool");
        get_device(AllocateDescriptorSets, "vkAllocateDescriptorSets");
        get_device(UpdateDescriptorSets, "vkUpdateDescriptorSets");
        get_device(CreatePipelineLayout, "vkCreatePipelineLayout");
        get_device(DestroyPipelineLayout, "vkDestroyPipelineLayout");
        get_device(CreateComputePipelines, "vkCreateComputePipelines");
        get_device(DestroyPipeline, "vkDestroyPipeline");
        get_device(CreateCommandPool, "vkCreateCommandPool");
        get_device(DestroyCommandPool, "vkDestroyCommandPool");
        get_device(AllocateCommandBuffers, "vkAllocateCommandBuffers");
        get_device(BeginCommandBuffer, "vkBeginCommandBuffer");
        get_device(EndCommandBuffer, "vkEndCommandBuffer");
        get_device(CmdBindPipeline, "vkCmdBindPipeline");
        get_device(CmdBindDescriptorSets, "vkCmdBindDescriptorSets");
        get_device(CmdPushConstants, "vkCmdPushConstants");
        get_device(CmdDispatch, "vkCmdDispatch");
        get_device(CmdPipelineBarrier, "vkCmdPipelineBarrier");
        get_device(CmdCopyBuffer, "vkCmdCopyBuffer");
        get_device(CmdFillBuffer, "vkCmdFillBuffer");
        get_device(CreateFence, "vkCreateFence");
        get_device(DestroyFence, "vkDestroyFence");
        get_device(WaitForFences, "vkWaitForFences");
        get_device(ResetFences, "vkResetFences");
    }

    PFN_vkGetInstanceProcAddr GetInstanceProcAddr;
    PFN_vkCreateInstance CreateInstance = nullptr;
    PFN_vkDestroyInstance DestroyInstance = nullptr;
    PFN_vkEnumeratePhysicalDevices EnumeratePhysicalDevices = nullptr;
    PFN_vkGetPhysicalDeviceProperties GetPhysicalDeviceProperties = nullptr;
    PFN_vkGetPhysicalDeviceMemoryProperties GetPhysicalDeviceMemoryProperties = nullptr;
    PFN_vkGetPhysicalDeviceQueueFamilyProperties GetPhysicalDeviceQueueFamilyProperties = nullptr;
    PFN_vkCreateDevice CreateDevice = nullptr;
    PFN_vkGetDeviceProcAddr GetDeviceProcAddr = nullptr;
    PFN_vkDestroyDevice DestroyDevice = nullptr;
    PFN_vkGetDeviceQueue GetDeviceQueue = nullptr;
    PFN_vkQueueSubmit QueueSubmit = nullptr;
    PFN_vkCreateBuffer CreateBuffer = nullptr;
    PFN_vkDestroyBuffer DestroyBuffer = nullptr;
    PFN_vkGetBufferMemoryRequirements GetBufferMemoryRequirements = nullptr;
    PFN_vkAllocateMemory AllocateMemory = nullptr;
    PFN_vkFreeMemory FreeMemory = nullptr;
    PFN_vkBindBufferMemory BindBufferMemory = nullptr;
    PFN_vkMapMemory MapMemory = nullptr;
    PFN_vkCreateShaderModule CreateShaderModule = nullptr;
    PFN_vkDestroyShaderModule DestroyShaderModule = nullptr;
    PFN_vkCreateDescriptorSetLayout CreateDescriptorSetLayout = nullptr;
    PFN_vkDestroyDescriptorSetLayout DestroyDescriptorSetLayout = nullptr;
    PFN_vkCreateDescriptorPool CreateDescriptorPool = nullptr;
    PFN_vkDestroyDescriptorPool DestroyDescriptorPool = nullptr;
    PFN_vkAllocateDescriptorSets AllocateDescriptorSets = nullptr;
    PFN_vkUpdateDescriptorSets UpdateDescriptorSets = nullptr;
    PFN_vkCreatePipelineLayout CreatePipelineLayout = nullptr;
    PFN_vkDestroyPipelineLayout DestroyPipelineLayout = nullptr;
    PFN_vkCreateComputePipelines CreateComputePipelines = nullptr;
    PFN_vkDestroyPipeline DestroyPipeline = nullptr;
    PFN_vkCreateCommandPool CreateCommandPool = nullptr;
    PFN_vkDestroyCommandPool DestroyCommandPool = nullptr;
    PFN_vkAllocateCommandBuffers AllocateCommandBuffers = nullptr;
    PFN_vkBeginCommandBuffer BeginCommandBuffer = nullptr;
    PFN_vkEndCommandBuffer EndCommandBuffer = nullptr;
    PFN_vkCmdBindPipeline CmdBindPipeline = nullptr;
    PFN_vkCmdBindDescriptorSets CmdBindDescriptorSets = nullptr;
    PFN_vkCmdPushConstants CmdPushConstants = nullptr;
    PFN_vkCmdDispatch CmdDispatch = nullptr;
    PFN_vkCmdPipelineBarrier CmdPipelineBarrier = nullptr;
    PFN_vkCmdCopyBuffer CmdCopyBuffer = nullptr;
    PFN_vkCmdFillBuffer CmdFillBuffer = nullptr;
    PFN_vkCreateFence CreateFence = nullptr;
    PFN_vkDestroyFence DestroyFence = nullptr;
    PFN_vkWaitForFences WaitForFences = nullptr;
    PFN_vkResetFences ResetFences = nullptr;

  private:
    template <class F>
    void get(VkInstance instance, F& function, const char* name) {
        function = reinterpret_cast<F>(GetInstanceProcAddr(instance, name));
        if (function == nullptr)
            throw Error(ErrorCode::device_unavailable, fmt::format("the loader has no function {}", name));
    }
};

/// A buffer with memory of its own.
struct Memory {
    VkBuffer buffer = nullptr;
    VkDeviceMemory memory = nullptr;
    std::byte* mapped = nullptr;
};

/// A queue, and the one command buffer that jobs for it are recorded into.
struct Lane {
    std::uint32_t family = 0;
    VkQueue queue = nullptr;
    VkCommandPool pool = nullptr;
    VkCommandBuffer commands = nullptr;
    VkFence fence = nullptr;
};

class RawVulkan final : public DirectDevice {
  public:
    explicit RawVulkan(const DeviceInfo& device) : library_({"libvulkan.so.1"}), vk_(library_) {
        try {
            open(device);
            make();
        } catch (...) {
            release();
            throw;
        }
    }
    ~RawVulkan() override { release(); }
    RawVulkan(const RawVulkan&) = delete;
    RawVulkan& operator=(const RawVulkan&) = delete;

    const std::string& name() const noexcept override { return name_; }
    const std::string& description() const noexcept override { return description_; }

    void launch(unsigned count, std::uint32_t value) override {
        start_kernels(pipelines_[0], 1, value, count);
        wait(work_);
    }
    std::uint32_t first_word() override {
        begin(work_);
        const VkBufferCopy region{0, 0, sizeof(std::uint32_t)};
        barrier(work_);
        vk_.CmdCopyBuffer(work_.commands, words_.buffer, word_.buffer, 1, &region);
        submit(work_);
        wait(work_);
        std::uint32_t word = 0;
        std::memcpy(&word, word_.mapped, sizeof word);
        return word;
    }
    void busy(std::uint32_t rounds, unsigned count) override {
        start_kernels(pipelines_[1], busy_blocks, rounds, count);
        wait(work_);
    }
    void allocate(std::size_t bytes) override {
        free(memory_);
        free(pinned_);
        constexpr VkBufferUsageFlags both =
            VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
        memory_ = allocate(bytes, both, false);
        pinned_ = allocate(bytes, both, true);
        pageable_.assign(bytes, std::byte{1});
    }
    std::span<std::byte> host(HostKind kind) override {
        return kind == HostKind::pinned ? std::span(pinned_.mapped, pageable_.size()) : std::span(pageable_);
    }
    void copy(Direction direction, HostKind kind) override {
        // Pageable memory goes through the pinned buffer.
        const bool is_staged = kind == HostKind::pageable;
        if (is_staged && direction == Direction::to_device)
            std::memcpy(pinned_.mapped, pageable_.data(), pageable_.size());
        start_copy(direction);
        wait(copies_);
        if (is_staged && direction == Direction::to_host)
            std::memcpy(pageable_.data(), pinned_.mapped, pageable_.size());
    }
    void copy_beside_busy(Direction direction, std::uint32_t rounds, unsigned count) override {
        start_kernels(pipelines_[1], busy_blocks, rounds, count);
        start_copy(direction);
        wait(copies_);
        wait(work_);
    }

  private:
    void open(const DeviceInfo& device) {
        auto application = bench::make<VkApplicationInfo>(VK_STRUCTURE_TYPE_APPLICATION_INFO);
        application.apiVersion = VK_API_VERSION_1_1;
        auto create = bench::make<VkInstanceCreateInfo>(VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO);
        create.pApplicationInfo = &application;
        check(vk_.CreateInstance(&create, nullptr, &instance_), "vkCreateInstance");
        vk_.load(instance_);
        std::uint32_t count = 0;
        check(vk_.EnumeratePhysicalDevices(instance_, &count, nullptr), "vkEnumeratePhysicalDevices");
        std::vector<VkPhysicalDevice> devices(count);
        check(vk_.EnumeratePhysicalDevices(instance_, &count, devices.data()), "vkEnumeratePhysicalDevices");
        std::vector<std::string> names;
        for (VkPhysicalDevice each : devices) {
            VkPhysicalDeviceProperties properties{};
            vk_.GetPhysicalDeviceProperties(each, &properties);
            names.emplace_back(properties.deviceName);
        }
        physical_ = devices[find_by_name(device, names)];
        choose_queues();
        description_ = fmt::format("Vulkan on {}, copies in {}", device.name,
                                   copies_.family != work_.family ? "a queue that only copies"
                                   : copy_index_ != 0             ? "a second queue"
                                                                  : "the same queue");
    }

    void choose_queues() {
        std::uint32_t count = 0;
        vk_.GetPhysicalDeviceQueueFamilyProperties(physical_, &count, nullptr);
        std::vector<VkQueueFamilyProperties> families(count);
        vk_.GetPhysicalDeviceQueueFamilyProperties(physical_, &count, families.data());
        const auto find = [&](VkQueueFlags wanted, VkQueueFlags unwanted) -> std::optional<std::uint32_t> {
            for (std::uint32_t k = 0; k < count; ++k)
                if ((families[k].queueFlags & wanted) == wanted && (families[k].queueFlags & unwanted) == 0)
                    return k;
            return std::nullopt;
        };
        constexpr VkQueueFlags graphics = VK_QUEUE_GRAPHICS_BIT, compute = VK_QUEUE_COMPUTE_BIT;
        std::optional<std::uint32_t> work = find(compute, graphics);
        if (!work) work = find(compute, 0);
        if (!work) throw Error(ErrorCode::device_unavailable, "the device has no queue for compute work");
        work_.family = *work;
        constexpr VkQueueFlags more_than_copies =
            static_cast<VkQueueFlags>(~(VK_QUEUE_TRANSFER_BIT | VK_QUEUE_SPARSE_BINDING_BIT));
        const std::optional<std::uint32_t> copies = find(VK_QUEUE_TRANSFER_BIT, more_than_copies);
        copies_.family = copies.value_or(*work);
        copy_index_ = !copies && families[*work].queueCount > 1 ? 1 : 0;
    }

    void make() {
        constexpr std::array<float, 2> priorities{1.0F, 1.0F};
        std::vector<VkDeviceQueueCreateInfo> queues;
        auto queue = bench::make<VkDeviceQueueCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO);
        queue.queueFamilyIndex = work_.family;
        queue.queueCount = 1 + copy_index_;
        queue.pQueuePriorities = priorities.data();
        queues.push_back(queue);
        queue.queueFamilyIndex = copies_.family;
        queue.queueCount = 1;
        if (copies_.family != work_.family) queues.push_back(queue);
        auto create = bench::make<VkDeviceCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO);
        create.queueCreateInfoCount = static_cast<std::uint32_t>(queues.size());
        create.pQueueCreateInfos = queues.data();
        check(vk_.CreateDevice(physical_, &create, nullptr, &device_), "vkCreateDevice");
        vk_.load(device_);
        make_lane(work_, 0);
        make_lane(copies_, copy_index_);
        words_ = allocate(kernel_words * sizeof(std::uint32_t),
                          VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                              VK_BUFFER_USAGE_TRANSFER_DST_BIT,
                          false);
        word_ = allocate(sizeof(std::uint32_t), VK_BUFFER_USAGE_TRANSFER_DST_BIT, true);
        make_descriptors();
        make_pipelines();
        begin(work_);
        vk_.CmdFillBuffer(work_.commands, words_.buffer, 0, VK_WHOLE_SIZE, 0);
        submit(work_);
        wait(work_);
    }

    void make_lane(Lane& lane, std::uint32_t index) {
        vk_.GetDeviceQueue(device_, lane.family, index, &lane.queue);
        auto pool = bench::make<VkCommandPoolCreateInfo>(VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO);
        pool.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
        pool.queueFamilyIndex = lane.family;
        check(vk_.CreateCommandPool(device_, &pool, nullptr, &lane.pool), "vkCreateCommandPool");
        auto allocate =
            bench::make<VkCommandBufferAllocateInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO);
        allocate.commandPool = lane.pool;
        allocate.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
        allocate.commandBufferCount = 1;
        check(vk_.AllocateCommandBuffers(device_, &allocate, &lane.commands), "vkAllocateCommandBuffers");
        const auto fence = bench::make<VkFenceCreateInfo>(VK_STRUCTURE_TYPE_FENCE_CREATE_INFO);
        check(vk_.CreateFence(device_, &fence, nullptr, &lane.fence), "vkCreateFence");
    }

    Memory allocate(std::size_t bytes, VkBufferUsageFlags usage, bool is_pinned) {
        Memory made;
        try {
            auto create = bench::make<VkBufferCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO);
            create.size = bytes;
            create.usage = usage;
            check(vk_.CreateBuffer(device_, &create, nullptr, &made.buffer), "vkCreateBuffer");
            VkMemoryRequirements needs{};
            vk_.GetBufferMemoryRequirements(device_, made.buffer, &needs);
            auto allocate = bench::make<VkMemoryAllocateInfo>(VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO);
            allocate.allocationSize = needs.size;
            allocate.memoryTypeIndex = memory_type(needs.memoryTypeBits, is_pinned);
            check(vk_.AllocateMemory(device_, &allocate, nullptr, &made.memory), "vkAllocateMemory");
            check(vk_.BindBufferMemory(device_, made.buffer, made.memory, 0), "vkBindBufferMemory");
            void* place = nullptr;
            if (is_pinned)
                check(vk_.MapMemory(device_, made.memory, 0, VK_WHOLE_SIZE, 0, &place), "vkMapMemory");
            made.mapped = static_cast<std::byte*>(place);
        } catch (...) {
            free(made);
            throw;
        }
        return made;
    }
    std::uint32_t memory_type(std::uint32_t allowed, bool is_pinned) const {
        VkPhysicalDeviceMemoryProperties memory{};
        vk_.GetPhysicalDeviceMemoryProperties(physical_, &memory);
        constexpr VkMemoryPropertyFlags local = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT,
                                        visible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                                  VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
                                        cached = visible | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
        for (const VkMemoryPropertyFlags wanted :
             is_pinned ? std::array{cached, visible} : std::array{local, VkMemoryPropertyFlags{0}})
            for (std::uint32_t k = 0; k < memory.memoryTypeCount; ++k)
                if ((allowed >> k & 1U) != 0 && (memory.memoryTypes[k].propertyFlags & wanted) == wanted)
                    return k;
        throw Error(ErrorCode::out_of_memory, "the device has no memory of the kind that is needed");
    }

    void make_descriptors() {
        VkDescriptorSetLayoutBinding binding{};
        binding.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
        binding.descriptorCount = 1;
        binding.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
        auto layout =
            bench::make<VkDescriptorSetLayoutCreateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO);
        layout.bindingCount = 1;
        layout.pBindings = &binding;
        check(vk_.CreateDescriptorSetLayout(device_, &layout, nullptr, &set_layout_),
              "vkCreateDescriptorSetLayout");
        const VkDescriptorPoolSize size{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1};
        auto pool = bench::make<VkDescriptorPoolCreateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO);
        pool.maxSets = pool.poolSizeCount = 1;
        pool.pPoolSizes = &size;
        check(vk_.CreateDescriptorPool(device_, &pool, nullptr, &descriptors_), "vkCreateDescriptorPool");
        auto allocate =
            bench::make<VkDescriptorSetAllocateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO);
        allocate.descriptorPool = descriptors_;
        allocate.descriptorSetCount = 1;
        allocate.pSetLayouts = &set_layout_;
        check(vk_.AllocateDescriptorSets(device_, &allocate, &set_), "vkAllocateDescriptorSets");
        const VkDescriptorBufferInfo buffer{words_.buffer, 0, VK_WHOLE_SIZE};
        auto write = bench::make<VkWriteDescriptorSet>(VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET);
        write.dstSet = set_;
        write.descriptorCount = 1;
        write.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
        write.pBufferInfo = &buffer;
        vk_.UpdateDescriptorSets(device_, 1, &write, 0, nullptr);
    }

    void make_pipelines() {
        auto module = bench::make<VkShaderModuleCreateInfo>(VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO);
        module.codeSize = sizeof raw_vulkan_module;
        module.pCode = raw_vulkan_module;
        check(vk_.CreateShaderModule(device_, &module, nullptr, &module_), "vkCreateShaderModule");
        const VkPushConstantRange range{VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(std::uint32_t)};
        auto layout = bench::make<VkPipelineLayoutCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO);
        layout.setLayoutCount = layout.pushConstantRangeCount = 1;
        layout.pSetLayouts = &set_layout_;
        layout.pPushConstantRanges = &range;
        check(vk_.CreatePipelineLayout(device_, &layout, nullptr, &layout_), "vkCreatePipelineLayout");
        for (std::size_t k = 0; k < pipelines_.size(); ++k) {
            auto create =
                bench::make<VkComputePipelineCreateInfo>(VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO);
            create.stage = bench::make<VkPipelineShaderStageCreateInfo>(
                VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO);
            create.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
            create.stage.module = module_;
            create.stage.pName = k == 0 ? "probe" : "busy";
            create.layout = layout_;
            check(vk_.CreateComputePipelines(device_, nullptr, 1, &create, nullptr, &pipelines_[k]),
                  "vkCreateComputePipelines");
        }
    }

    void begin(Lane& lane) const {
        auto begin = bench::make<VkCommandBufferBeginInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO);
        begin.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
        check(vk_.BeginCommandBuffer(lane.commands, &begin), "vkBeginCommandBuffer");
    }
    /// What follows on the compute queue sees what came before.
    void barrier(Lane& lane) const {
        constexpr VkPipelineStageFlags stages =
            VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
        auto memory = bench::make<VkMemoryBarrier>(VK_STRUCTURE_TYPE_MEMORY_BARRIER);
        memory.srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
        memory.dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                               VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
        vk_.CmdPipelineBarrier(lane.commands, stages, stages, 0, 1, &memory, 0, nullptr, 0, nullptr);
    }
    void submit(Lane& lane) const {
        auto host = bench::make<VkMemoryBarrier>(VK_STRUCTURE_TYPE_MEMORY_BARRIER);
        host.srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT;
        host.dstAccessMask = VK_ACCESS_HOST_READ_BIT;
        vk_.CmdPipelineBarrier(lane.commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0,
                               1, &host, 0, nullptr, 0, nullptr);
        check(vk_.EndCommandBuffer(lane.commands), "vkEndCommandBuffer");
        auto info = bench::make<VkSubmitInfo>(VK_STRUCTURE_TYPE_SUBMIT_INFO);
        info.commandBufferCount = 1;
        info.pCommandBuffers = &lane.commands;
        check(vk_.QueueSubmit(lane.queue, 1, &info, lane.fence), "vkQueueSubmit");
    }
    void wait(Lane& lane) const {
        check(vk_.WaitForFences(device_, 1, &lane.fence, VK_TRUE, UINT64_MAX), "vkWaitForFences");
        check(vk_.ResetFences(device_, 1, &lane.fence), "vkResetFences");
    }
    void start_kernels(VkPipeline pipeline, std::uint32_t blocks, std::uint32_t value, unsigned count) {
        begin(work_);
        vk_.CmdBindPipeline(work_.commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
        vk_.CmdBindDescriptorSets(work_.commands, VK_PIPELINE_BIND_POINT_COMPUTE, layout_, 0, 1, &set_, 0,
                                  nullptr);
        for (unsigned k = 0; k < count; ++k) {
            barrier(work_);
            vk_.CmdPushConstants(work_.commands, layout_, VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof value,
                                 &value);
            vk_.CmdDispatch(work_.commands, blocks, 1, 1);
        }
        submit(work_);
    }
    void start_copy(Direction direction) {
        begin(copies_);
        const VkBufferCopy region{0, 0, pageable_.size()};
        const bool is_write = direction == Direction::to_device;
        vk_.CmdCopyBuffer(copies_.commands, is_write ? pinned_.buffer : memory_.buffer,
                          is_write ? memory_.buffer : pinned_.buffer, 1, &region);
        submit(copies_);
    }

    void free(Memory& memory) noexcept {
        if (memory.buffer != nullptr) vk_.DestroyBuffer(device_, memory.buffer, nullptr);
        if (memory.memory != nullptr) vk_.FreeMemory(device_, memory.memory, nullptr);
        memory = {};
    }
    void release() noexcept {
        if (device_ != nullptr && vk_.WaitForFences != nullptr) {
            for (Memory* memory : {&memory_, &pinned_, &words_, &word_}) free(*memory);
            for (VkPipeline pipeline : pipelines_) vk_.DestroyPipeline(device_, pipeline, nullptr);
            vk_.DestroyPipelineLayout(device_, layout_, nullptr);
            vk_.DestroyShaderModule(device_, module_, nullptr);
            vk_.DestroyDescriptorPool(device_, descriptors_, nullptr);
            vk_.DestroyDescriptorSetLayout(device_, set_layout_, nullptr);
            for (Lane* lane : {&work_, &copies_}) {
                vk_.DestroyFence(device_, lane->fence, nullptr);
                vk_.DestroyCommandPool(device_, lane->pool, nullptr);
            }
            vk_.DestroyDevice(device_, nullptr);
        }
        if (instance_ != nullptr && vk_.DestroyInstance != nullptr) vk_.DestroyInstance(instance_, nullptr);
    }

    std::string name_ = "raw", description_;
    SharedObject library_;
    Vulkan vk_;
    VkInstance instance_ = nullptr;
    VkPhysicalDevice physical_ = nullptr;
    VkDevice device_ = nullptr;
    Lane work_, copies_;
    std::uint32_t copy_index_ = 0;  // of the queue for copies in its family
    VkDescriptorSetLayout set_layout_ = nullptr;
    VkDescriptorPool descriptors_ = nullptr;
    VkDescriptorSet set_ = nullptr;
    VkShaderModule module_ = nullptr;
    VkPipelineLayout layout_ = nullptr;
    std::array<VkPipeline, 2> pipelines_{};  // probe, busy
    Memory words_, word_, memory_, pinned_;
    std::vector<std::byte> pageable_;
};

}  // namespace

std::unique_ptr<DirectDevice> make_raw_vulkan(const DeviceInfo& device) {
    return std::make_unique<RawVulkan>(device);
}

}  // namespace heddle::tool::bench
