// Finds Vulkan devices. A logical device is made with the first use: listing devices makes none.
#include "backends/vulkan/backend.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backends/vulkan/context.h"
#include "backends/vulkan/memory.h"
#include "backends/vulkan/program.h"
#include "backends/vulkan/queue.h"
#include "runtime/log.h"

namespace heddle::vulkan {

namespace {

class VulkanDevice final : public hal::Device {
  public:
    VulkanDevice(std::shared_ptr<const Instance> instance, DeviceTraits traits, DeviceInfo info)
        : instance_(std::move(instance)), traits_(std::move(traits)), info_(std::move(info)) {}

    const DeviceInfo& info() const noexcept override { return info_; }
    hal::CodeTarget code_target() const override { return {"spirv", traits_.variants}; }
    std::shared_ptr<hal::Allocation> allocate(std::size_t bytes) override {
        return std::make_shared<VulkanAllocation>(context(), bytes);
    }
    std::shared_ptr<hal::HostMemory> allocate_host(std::size_t bytes) override {
        const std::shared_ptr<Context> owner = context();
        auto memory = std::make_shared<VulkanHostMemory>(owner, bytes);
        owner->host_ranges().add(memory);
        return memory;
    }
    std::unique_ptr<hal::Queue> create_queue() override { return make_queue(context()); }
    std::shared_ptr<hal::Program> load(const Package& package, std::span<const std::byte> payload) override {
        return std::make_shared<VulkanProgram>(context(), package, payload);
    }
    bool abandon(const std::string& why) noexcept override {
        try {
            context()->give_up(why);
            return true;
        } catch (...) {
            return false;  // it has no context: there is no work either
        }
    }
    std::shared_ptr<hal::Device> reopened() override {
        return std::make_shared<VulkanDevice>(instance_, traits_, info_);
    }

  private:
    std::shared_ptr<Context> context() {
        const std::lock_guard lock(mutex_);
        if (context_ == nullptr) context_ = std::make_shared<Context>(instance_, traits_, info_.id);
        return context_;
    }

    const std::shared_ptr<const Instance> instance_;
    const DeviceTraits traits_;
    const DeviceInfo info_;
    std::mutex mutex_;
    std::shared_ptr<Context> context_;
};

/// Hardware before software.
int rank_of(VkPhysicalDeviceType type) {
    switch (type) {
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
            return 0;
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
            return 1;
        case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
            return 2;
        case VK_PHYSICAL_DEVICE_TYPE_CPU:
            return 4;
        default:
            return 3;
    }
}

class VulkanBackend final : public hal::Backend {
  public:
    std::string_view name() const noexcept override { return "vulkan"; }
    void enumerate(std::vector<std::shared_ptr<hal::Device>>& devices,
                   std::string& reason) noexcept override {
        try {
            find(devices, reason);
        } catch (const std::exception& error) {
            reason = error.what();
        }
    }

  private:
    static void find(std::vector<std::shared_ptr<hal::Device>>& devices, std::string& reason) {
        const std::shared_ptr<const Instance> instance = Instance::make(reason);
        if (instance == nullptr) return;
        std::vector<DeviceTraits> found;
        std::string problems;
        for (VkPhysicalDevice physical : instance->physical_devices()) {
            std::string problem;
            DeviceTraits traits = describe(*instance, physical, problem);
            if (problem.empty()) {
                found.push_back(std::move(traits));
                continue;
            }
            const std::string line = traits.name + ": " + problem;
            runtime::log().debug("vulkan: {} is left out", line);
            problems += (problems.empty() ? "" : "; ") + line;
        }
        if (found.empty()) reason = problems.empty() ? "no Vulkan driver has a device" : problems;
        std::stable_sort(found.begin(), found.end(), [](const DeviceTraits& a, const DeviceTraits& b) {
            return rank_of(a.type) < rank_of(b.type);
        });
        for (DeviceTraits& traits : found) {
            DeviceInfo info = info_of(*instance, traits, static_cast<unsigned>(devices.size()));
            devices.push_back(std::make_shared<VulkanDevice>(instance, std::move(traits), std::move(info)));
        }
    }
};

}  // namespace

std::unique_ptr<hal::Backend> make_vulkan_backend() {
    return std::make_unique<VulkanBackend>();
}

}  // namespace heddle::vulkan
