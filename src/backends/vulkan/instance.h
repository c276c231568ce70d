// The process's Vulkan instance: made once, when devices are looked for, with the validation layer when the
// environment asks for it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/vulkan/api.h"

namespace heddle::vulkan {

class Instance {
  public:
    /// Null when there is no loader or no driver, or the validation layer is asked for and missing: `reason`
    /// says so.
    static std::shared_ptr<const Instance> make(std::string& reason);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    const InstanceApi& api() const noexcept { return api_; }
    /// The version of Vulkan that is asked for: 1.2 or 1.3.
    std::uint32_t version() const noexcept { return version_; }
    bool is_validated() const noexcept { return messenger_ != nullptr; }
    std::vector<VkPhysicalDevice> physical_devices() const;

  private:
    Instance() = default;

    InstanceApi api_;
    std::uint32_t version_ = 0;
    VkInstance instance_ = nullptr;
    VkDebugUtilsMessengerEXT messenger_ = nullptr;
};

/// What the validation layer has called an error in calls of this thread since the last question; empty when
/// nothing.
std::string take_validation_errors();

}  // namespace heddle::vulkan
