// What a physical device is and can do: why it is left out, its description for users, the features that
// modules may ask for, the code it takes, and what its logical device is made with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <heddle/device.h>

#include "backends/vulkan/instance.h"
#include "runtime/hal.h"

namespace heddle::vulkan {

/// "1.3.239".
std::string version_text(std::uint32_t version);

/// The structures that hold a device's features, linked as far as the device knows them. Stays where it was
/// made.
struct FeatureChain {
    FeatureChain(std::uint32_t version, const std::vector<std::string>& extensions);
    FeatureChain(const FeatureChain&) = delete;
    FeatureChain& operator=(const FeatureChain&) = delete;

    VkPhysicalDeviceFeatures2 base;
    VkPhysicalDeviceVulkan11Features v11;
    VkPhysicalDeviceVulkan12Features v12;
    VkPhysicalDeviceSubgroupSizeControlFeatures subgroup_size;
    VkPhysicalDeviceMaintenance4Features maintenance4;
    VkPhysicalDeviceShaderAtomicFloatFeaturesEXT atomic_float;
    VkPhysicalDeviceShaderClockFeaturesKHR clock;
};

/// Which float controls a device allows, for 16, 32 and 64 bits.
struct FloatControls {
    bool preserves_denormals[3] = {};
    bool preserves_specials[3] = {};  ///< signed zeros, infinities, NaNs
    bool is_32_independent = false;   ///< 32 bits may treat denormals otherwise than 16 and 64
    bool are_all_independent = false;
};

struct DeviceTraits {
    VkPhysicalDevice physical = nullptr;
    std::uint32_t version = 0;  ///< of Vulkan: the instance's and the device's, the lower
    VkPhysicalDeviceType type = VK_PHYSICAL_DEVICE_TYPE_OTHER;
    std::string name, uuid, pci, driver;
    std::string warning;                  ///< what the driver is known to get wrong; empty: nothing
    std::string cache_key;                ///< identity of device and driver, for what drivers compile
    std::vector<std::string> extensions;  ///< to enable
    std::uint32_t module_features = 0;    ///< of ModuleFeature
    /// Of what modules do not ask for: names of DeviceInfo::features.
    std::vector<std::string> hardware_features;
    std::uint32_t compute_units = 0;  ///< 0: the driver has no extension that tells
    FloatControls float_controls;
    std::uint32_t subgroup_size = 0;     ///< by default
    bool can_set_subgroup_size = false;  ///< to 32
    bool has_full_subgroups = false;
    bool has_memory_budget = false;
    std::uint32_t compute_family = 0, compute_queues = 0;
    /// A family that copies beside compute work and does nothing else; 0 queues: there is none.
    std::uint32_t transfer_family = 0, transfer_queues = 0;
    std::uint32_t timestamp_bits = 0;  ///< 0: none
    double timestamp_period_ns = 1;
    std::uint32_t most_threads = 0;
    std::uint32_t most_blocks[3] = {};
    std::uint32_t shared_bytes = 0;
    std::uint64_t most_allocation_bytes = 0;
    std::vector<std::string> variants;  ///< of target spirv, best first

    bool is_software() const noexcept { return type == VK_PHYSICAL_DEVICE_TYPE_CPU; }
    bool is_unified() const noexcept {
        return is_software() || type == VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU;
    }
};

/// Memory of the heap that device memory comes from.
struct HeapState {
    std::uint64_t bytes = 0, free_bytes = 0;
};
HeapState heap_state(const Instance& instance, const DeviceTraits& traits);

/// Asks the driver. When Heddle cannot use the device, `problem` says why.
DeviceTraits describe(const Instance& instance, VkPhysicalDevice physical, std::string& problem);
DeviceInfo info_of(const Instance& instance, const DeviceTraits& traits, unsigned index);
/// The features to enable: those of `chain`, as the device has filled it, that Heddle uses.
void keep_used(FeatureChain& chain);
/// Vulkan's names of features, for messages: "shaderInt64, shaderFloat64".
std::string names_of_features(std::uint32_t features);

}  // namespace heddle::vulkan
