// Asks a physical device for its properties.
#include "backends/vulkan/device_traits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "backends/vulkan/kernel_archive.h"

namespace heddle::vulkan {

namespace {

constexpr std::uint32_t bit(ModuleFeature feature) {
    return static_cast<std::uint32_t>(feature);
}

struct NamedFeature {
    ModuleFeature feature;
    const char* name;
};
constexpr std::array feature_names = {
    NamedFeature{ModuleFeature::int64, "shaderInt64"},
    NamedFeature{ModuleFeature::float64, "shaderFloat64"},
    NamedFeature{ModuleFeature::int8, "shaderInt8"},
    NamedFeature{ModuleFeature::int16, "shaderInt16"},
    NamedFeature{ModuleFeature::storage8, "storageBuffer8BitAccess"},
    NamedFeature{ModuleFeature::storage16, "storageBuffer16BitAccess"},
    NamedFeature{ModuleFeature::int64_buffer_atomics, "shaderBufferInt64Atomics"},
    NamedFeature{ModuleFeature::int64_shared_atomics, "shaderSharedInt64Atomics"},
    NamedFeature{ModuleFeature::float32_buffer_atomic_add, "shaderBufferFloat32AtomicAdd"},
    NamedFeature{ModuleFeature::float32_shared_atomic_add, "shaderSharedFloat32AtomicAdd"},
    NamedFeature{ModuleFeature::float64_buffer_atomic_add, "shaderBufferFloat64AtomicAdd"},
    NamedFeature{ModuleFeature::float64_shared_atomic_add, "shaderSharedFloat64AtomicAdd"},
    NamedFeature{ModuleFeature::warp32, "subgroups of 32 with vote, ballot, shuffle and arithmetic"},
    NamedFeature{ModuleFeature::shader_clock, "shaderSubgroupClock and shaderDeviceClock"},
    NamedFeature{ModuleFeature::device_scope, "vulkanMemoryModelDeviceScope"},
};

/// What the variant `full` is made of.
constexpr std::uint32_t full_features =
    bit(ModuleFeature::int64) | bit(ModuleFeature::float64) | bit(ModuleFeature::int8) |
    bit(ModuleFeature::int16) | bit(ModuleFeature::storage8) | bit(ModuleFeature::storage16) |
    bit(ModuleFeature::int64_buffer_atomics) | bit(ModuleFeature::int64_shared_atomics) |
    bit(ModuleFeature::device_scope);

constexpr VkSubgroupFeatureFlags warp_operations =
    VK_SUBGROUP_FEATURE_BASIC_BIT | VK_SUBGROUP_FEATURE_VOTE_BIT | VK_SUBGROUP_FEATURE_BALLOT_BIT |
    VK_SUBGROUP_FEATURE_SHUFFLE_BIT | VK_SUBGROUP_FEATURE_SHUFFLE_RELATIVE_BIT |
    VK_SUBGROUP_FEATURE_ARITHMETIC_BIT;

constexpr std::uint32_t warp_size = 32;

bool contains(const std::vector<std::string>& list, const char* name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

std::vector<std::string> extensions_of(const InstanceApi& api, VkPhysicalDevice physical) {
    std::uint32_t count = 0;
    if (api.enumerate_extensions(physical, nullptr, &count, nullptr) != VK_SUCCESS) return {};
    std::vector<VkExtensionProperties> found(count);
    if (api.enumerate_extensions(physical, nullptr, &count, found.data()) != VK_SUCCESS) return {};
    std::vector<std::string> names;
    for (std::uint32_t k = 0; k < count; ++k) names.emplace_back(found[k].extensionName);
    return names;
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

std::string uuid_text(std::span<const std::uint8_t> bytes) {
    std::string text = hexadecimal(bytes);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
    return text;
}

std::uint32_t module_features_of(const FeatureChain& has) {
    std::uint32_t found = 0;
    const auto add = [&](VkBool32 is_there, ModuleFeature feature) {
        if (is_there != VK_FALSE) found |= bit(feature);
    };
    add(has.base.features.shaderInt64, ModuleFeature::int64);
    add(has.base.features.shaderFloat64, ModuleFeature::float64);
    add(has.base.features.shaderInt16, ModuleFeature::int16);
    add(has.v12.shaderInt8, ModuleFeature::int8);
    add(has.v12.storageBuffer8BitAccess, ModuleFeature::storage8);
    add(has.v11.storageBuffer16BitAccess, ModuleFeature::storage16);
    add(has.v12.shaderBufferInt64Atomics, ModuleFeature::int64_buffer_atomics);
    add(has.v12.shaderSharedInt64Atomics, ModuleFeature::int64_shared_atomics);
    add(has.atomic_float.shaderBufferFloat32AtomicAdd, ModuleFeature::float32_buffer_atomic_add);
    add(has.atomic_float.shaderSharedFloat32AtomicAdd, ModuleFeature::float32_shared_atomic_add);
    add(has.atomic_float.shaderBufferFloat64AtomicAdd, ModuleFeature::float64_buffer_atomic_add);
    add(has.atomic_float.shaderSharedFloat64AtomicAdd, ModuleFeature::float64_shared_atomic_add);
    add(has.clock.shaderSubgroupClock & has.clock.shaderDeviceClock, ModuleFeature::shader_clock);
    add(has.v12.vulkanMemoryModel & has.v12.vulkanMemoryModelDeviceScope, ModuleFeature::device_scope);
    return found;
}

FloatControls float_controls_of(const VkPhysicalDeviceVulkan12Properties& has) {
    FloatControls found;
    const VkBool32 denormals[] = {has.shaderDenormPreserveFloat16, has.shaderDenormPreserveFloat32,
                                  has.shaderDenormPreserveFloat64};
    const VkBool32 specials[] = {has.shaderSignedZeroInfNanPreserveFloat16,
                                 has.shaderSignedZeroInfNanPreserveFloat32,
                                 has.shaderSignedZeroInfNanPreserveFloat64};
    for (std::size_t k = 0; k < 3; ++k) {
        found.preserves_denormals[k] = denormals[k] != VK_FALSE;
        found.preserves_specials[k] = specials[k] != VK_FALSE;
    }
    found.are_all_independent = has.denormBehaviorIndependence == VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_ALL;
    found.is_32_independent =
        found.are_all_independent ||
        has.denormBehaviorIndependence == VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_32_BIT_ONLY;
    return found;
}

/// The family with compute queues, one without graphics when there is such: nothing else competes for it.
bool find_compute_family(const InstanceApi& api, DeviceTraits& traits) {
    std::uint32_t count = 0;
    api.queue_families(traits.physical, &count, nullptr);
    std::vector<VkQueueFamilyProperties> families(count);
    api.queue_families(traits.physical, &count, families.data());
    bool is_found = false;
    for (std::uint32_t k = 0; k < count; ++k) {
        const VkQueueFamilyProperties& family = families[k];
        if ((family.queueFlags & VK_QUEUE_COMPUTE_BIT) == 0 || family.queueCount == 0) continue;
        const bool is_pure = (family.queueFlags & VK_QUEUE_GRAPHICS_BIT) == 0;
        if (is_found && !is_pure) continue;
        is_found = true;
        traits.compute_family = k;
        traits.compute_queues = family.queueCount;
        traits.timestamp_bits = family.timestampValidBits;
        if (is_pure) break;
    }
    return is_found;
}

/// The family of queues that only copy: GPUs have engines for that which compute work leaves idle.
void find_transfer_family(const InstanceApi& api, DeviceTraits& traits) {
    constexpr VkQueueFlags allowed =
        VK_QUEUE_TRANSFER_BIT | VK_QUEUE_SPARSE_BINDING_BIT | VK_QUEUE_PROTECTED_BIT;
    std::uint32_t count = 0;
    api.queue_families(traits.physical, &count, nullptr);
    std::vector<VkQueueFamilyProperties> families(count);
    api.queue_families(traits.physical, &count, families.data());
    for (std::uint32_t k = 0; k < count; ++k) {
        const VkQueueFlags flags = families[k].queueFlags;
        if ((flags & VK_QUEUE_TRANSFER_BIT) == 0 || (flags & ~allowed) != 0 || families[k].queueCount == 0)
            continue;
        traits.transfer_family = k;
        traits.transfer_queues = families[k].queueCount;
        return;
    }
}

std::uint32_t memory_heap(const VkPhysicalDeviceMemoryProperties& memory) {
    std::uint32_t best = 0;
    bool is_local = false;
    for (std::uint32_t k = 0; k < memory.memoryHeapCount; ++k) {
        const bool local = (memory.memoryHeaps[k].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0;
        if (local < is_local) continue;
        if (local == is_local && memory.memoryHeaps[k].size <= memory.memoryHeaps[best].size && k != 0)
            continue;
        best = k;
        is_local = local;
    }
    return best;
}

/// How many processors of its own the device has; 0 where no extension tells.
std::uint32_t compute_units_of(const InstanceApi& api, VkPhysicalDevice physical,
                               const std::vector<std::string>& extensions) {
    auto properties = make<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
    auto nv = make<VkPhysicalDeviceShaderSMBuiltinsPropertiesNV>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SM_BUILTINS_PROPERTIES_NV);
    auto amd = make<VkPhysicalDeviceShaderCorePropertiesAMD>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CORE_PROPERTIES_AMD);
    auto arm = make<VkPhysicalDeviceShaderCoreBuiltinsPropertiesARM>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CORE_BUILTINS_PROPERTIES_ARM);
    if (contains(extensions, VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME)) {
        properties.pNext = &nv;
        api.properties2(physical, &properties);
        return nv.shaderSMCount;
    }
    if (contains(extensions, VK_AMD_SHADER_CORE_PROPERTIES_EXTENSION_NAME)) {
        properties.pNext = &amd;
        api.properties2(physical, &properties);
        return amd.shaderEngineCount * amd.shaderArraysPerEngineCount * amd.computeUnitsPerShaderArray;
    }
    if (contains(extensions, VK_ARM_SHADER_CORE_BUILTINS_EXTENSION_NAME)) {
        properties.pNext = &arm;
        api.properties2(physical, &properties);
        return arm.shaderCoreCount;
    }
    return 0;
}

/// Whether products of four signed bytes, added up, are an instruction.
bool multiplies_bytes(const InstanceApi& api, VkPhysicalDevice physical, bool is_known) {
    if (!is_known) return false;
    auto properties = make<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
    auto products = make<VkPhysicalDeviceShaderIntegerDotProductProperties>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_PROPERTIES);
    properties.pNext = &products;
    api.properties2(physical, &properties);
    return products.integerDotProduct4x8BitPackedSignedAccelerated != VK_FALSE;
}

DeviceKind kind_of(VkPhysicalDeviceType type) {
    switch (type) {
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
            return DeviceKind::discrete;
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
            return DeviceKind::integrated;
        case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
            return DeviceKind::virtual_gpu;
        case VK_PHYSICAL_DEVICE_TYPE_CPU:
            return DeviceKind::cpu;
        default:
            return DeviceKind::other;
    }
}

}  // namespace

std::string version_text(std::uint32_t version) {
    return fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(version), VK_API_VERSION_MINOR(version),
                       VK_API_VERSION_PATCH(version));
}

std::string names_of_features(std::uint32_t features) {
    std::string text;
    for (const NamedFeature& each : feature_names)
        if ((features & bit(each.feature)) != 0) text += (text.empty() ? "" : ", ") + std::string(each.name);
    return text;
}

FeatureChain::FeatureChain(std::uint32_t version, const std::vector<std::string>& extensions)
    : base(make<VkPhysicalDeviceFeatures2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2)),
      v11(make<VkPhysicalDeviceVulkan11Features>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES)),
      v12(make<VkPhysicalDeviceVulkan12Features>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES)),
      subgroup_size(make<VkPhysicalDeviceSubgroupSizeControlFeatures>(
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES)),
      maintenance4(make<VkPhysicalDeviceMaintenance4Features>(
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_FEATURES)),
      atomic_float(make<VkPhysicalDeviceShaderAtomicFloatFeaturesEXT>(
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_ATOMIC_FLOAT_FEATURES_EXT)),
      clock(make<VkPhysicalDeviceShaderClockFeaturesKHR>(
          VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CLOCK_FEATURES_KHR)) {
    const bool is_1_3 = version >= VK_API_VERSION_1_3;
    void** next = &base.pNext;
    const auto link = [&](bool is_known, auto& structure) {
        if (!is_known) return;
        *next = &structure;
        next = &structure.pNext;
    };
    link(true, v11);
    link(true, v12);
    link(is_1_3 || contains(extensions, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME), subgroup_size);
    link(is_1_3 || contains(extensions, VK_KHR_MAINTENANCE_4_EXTENSION_NAME), maintenance4);
    link(contains(extensions, VK_EXT_SHADER_ATOMIC_FLOAT_EXTENSION_NAME), atomic_float);
    link(contains(extensions, VK_KHR_SHADER_CLOCK_EXTENSION_NAME), clock);
}

void keep_used(FeatureChain& chain) {
    const auto keep = [](auto& structure, auto... members) {
        auto kept = structure;
        auto* const next = structure.pNext;
        structure = {};
        structure.sType = kept.sType;
        structure.pNext = next;
        ((structure.*members = kept.*members), ...);
    };
    VkPhysicalDeviceFeatures core{};
    core.shaderInt64 = chain.base.features.shaderInt64;
    core.shaderFloat64 = chain.base.features.shaderFloat64;
    core.shaderInt16 = chain.base.features.shaderInt16;
    chain.base.features = core;
    using V11 = VkPhysicalDeviceVulkan11Features;
    keep(chain.v11, &V11::storageBuffer16BitAccess, &V11::uniformAndStorageBuffer16BitAccess,
         &V11::storagePushConstant16, &V11::variablePointersStorageBuffer, &V11::variablePointers);
    using V12 = VkPhysicalDeviceVulkan12Features;
    keep(chain.v12, &V12::storageBuffer8BitAccess, &V12::uniformAndStorageBuffer8BitAccess,
         &V12::storagePushConstant8, &V12::shaderBufferInt64Atomics, &V12::shaderSharedInt64Atomics,
         &V12::shaderFloat16, &V12::shaderInt8, &V12::scalarBlockLayout, &V12::shaderSubgroupExtendedTypes,
         &V12::timelineSemaphore, &V12::bufferDeviceAddress, &V12::vulkanMemoryModel,
         &V12::vulkanMemoryModelDeviceScope, &V12::subgroupBroadcastDynamicId);
    using AtomicFloat = VkPhysicalDeviceShaderAtomicFloatFeaturesEXT;
    keep(chain.atomic_float, &AtomicFloat::shaderBufferFloat32Atomics,
         &AtomicFloat::shaderBufferFloat32AtomicAdd, &AtomicFloat::shaderBufferFloat64Atomics,
         &AtomicFloat::shaderBufferFloat64AtomicAdd, &AtomicFloat::shaderSharedFloat32Atomics,
         &AtomicFloat::shaderSharedFloat32AtomicAdd, &AtomicFloat::shaderSharedFloat64Atomics,
         &AtomicFloat::shaderSharedFloat64AtomicAdd);
}

HeapState heap_state(const Instance& instance, const DeviceTraits& traits) {
    auto budget = make<VkPhysicalDeviceMemoryBudgetPropertiesEXT>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT);
    auto memory =
        make<VkPhysicalDeviceMemoryProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2);
    if (traits.has_memory_budget) memory.pNext = &budget;
    instance.api().memory_properties2(traits.physical, &memory);
    const std::uint32_t heap = memory_heap(memory.memoryProperties);
    HeapState state;
    state.bytes = state.free_bytes = memory.memoryProperties.memoryHeaps[heap].size;
    if (traits.has_memory_budget)
        state.free_bytes =
            budget.heapBudget[heap] - std::min(budget.heapBudget[heap], budget.heapUsage[heap]);
    return state;
}

DeviceTraits describe(const Instance& instance, VkPhysicalDevice physical, std::string& problem) {
    const InstanceApi& api = instance.api();
    DeviceTraits traits;
    traits.physical = physical;
    VkPhysicalDeviceProperties first{};
    api.properties(physical, &first);
    traits.name = first.deviceName;
    traits.type = first.deviceType;
    traits.version = std::min(instance.version(), first.apiVersion);
    if (first.apiVersion < VK_API_VERSION_1_2) {
        problem = "it has Vulkan " + version_text(first.apiVersion) + "; 1.2 is needed";
        return traits;
    }
    const std::vector<std::string> extensions = extensions_of(api, physical);

    FeatureChain features(traits.version, extensions);
    api.features2(physical, &features.base);
    if (features.v12.bufferDeviceAddress == VK_FALSE) {
        problem = "it has no bufferDeviceAddress";
        return traits;
    }
    if (features.v12.timelineSemaphore == VK_FALSE) {
        problem = "it has no timelineSemaphore";
        return traits;
    }
    if (!find_compute_family(api, traits)) {
        problem = "it has no queue for compute work";
        return traits;
    }
    find_transfer_family(api, traits);

    const bool is_1_3 = traits.version >= VK_API_VERSION_1_3;
    const bool has_size_control = is_1_3 || contains(extensions, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME);
    const bool has_pci = contains(extensions, VK_EXT_PCI_BUS_INFO_EXTENSION_NAME);
    auto properties = make<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
    auto v11 =
        make<VkPhysicalDeviceVulkan11Properties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES);
    auto v12 =
        make<VkPhysicalDeviceVulkan12Properties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES);
    auto size_control = make<VkPhysicalDeviceSubgroupSizeControlProperties>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES);
    auto pci = make<VkPhysicalDevicePCIBusInfoPropertiesEXT>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT);
    properties.pNext = &v11;
    v11.pNext = &v12;
    void** next = &v12.pNext;
    if (has_size_control) {
        *next = &size_control;
        next = &size_control.pNext;
    }
    if (has_pci) *next = &pci;
    api.properties2(physical, &properties);

    // Of this machine there is one processor, known to the other backends by this name.
    traits.uuid = traits.is_software() ? "processor" : uuid_text(v11.deviceUUID);
    if (has_pci)
        traits.pci = fmt::format("{:04x}:{:02x}:{:02x}.{:x}", pci.pciDomain, pci.pciBus, pci.pciDevice,
                                 pci.pciFunction);
    traits.driver = std::string(v12.driverName) + (v12.driverInfo[0] != '\0' ? " " : "") + v12.driverInfo;
    // Some drivers' text has no version: their number does.
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    bool has_version = false;
    for (std::size_t k = 1; k + 1 < traits.driver.size(); ++k)
        has_version = has_version || (traits.driver[k] == '.' && is_digit(traits.driver[k - 1]) &&
                                      is_digit(traits.driver[k + 1]));
    if (!has_version) traits.driver += " " + version_text(first.driverVersion);
    if (v12.driverID == VK_DRIVER_ID_MESA_LLVMPIPE)
        traits.warning =
            "this driver leaves every loop after 65535 rounds: what longer ones compute is wrong";
    traits.cache_key = hexadecimal(v11.deviceUUID) + "\n" + hexadecimal(v11.driverUUID) + "\n" +
                       std::to_string(first.driverVersion) + "\n" + hexadecimal(first.pipelineCacheUUID);
    traits.module_features = module_features_of(features);
    traits.float_controls = float_controls_of(v12);
    traits.compute_units = compute_units_of(api, physical, extensions);
    const auto add_hardware = [&](bool is_there, const char* name) {
        if (is_there) traits.hardware_features.emplace_back(name);
    };
    add_hardware(features.v12.shaderFloat16 != VK_FALSE, "fp16");
    // Newer than the headers that this is built with.
    add_hardware(contains(extensions, "VK_KHR_shader_bfloat16"), "bf16");
    add_hardware(
        multiplies_bytes(api, physical,
                         is_1_3 || contains(extensions, VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME)),
        "int8_dot");
    add_hardware(contains(extensions, "VK_KHR_cooperative_matrix") ||
                     contains(extensions, VK_NV_COOPERATIVE_MATRIX_EXTENSION_NAME),
                 "tensor_cores");
    add_hardware(contains(extensions, VK_KHR_RAY_QUERY_EXTENSION_NAME) ||
                     contains(extensions, VK_KHR_RAY_TRACING_PIPELINE_EXTENSION_NAME),
                 "ray_tracing");
    traits.subgroup_size = v11.subgroupSize;
    traits.has_full_subgroups = has_size_control && features.subgroup_size.computeFullSubgroups != VK_FALSE;
    const VkPhysicalDeviceLimits& limits = first.limits;
    traits.most_threads =
        std::min({limits.maxComputeWorkGroupInvocations, limits.maxComputeWorkGroupSize[0], 1024U});
    traits.can_set_subgroup_size =
        has_size_control && features.subgroup_size.subgroupSizeControl != VK_FALSE &&
        (size_control.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0 &&
        size_control.minSubgroupSize <= warp_size && warp_size <= size_control.maxSubgroupSize &&
        size_control.maxComputeWorkgroupSubgroups >= traits.most_threads / warp_size;
    const bool has_warp_size = traits.subgroup_size != 0 && traits.subgroup_size % warp_size == 0;
    const bool has_warp_operations = (v11.subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0 &&
                                     (v11.subgroupSupportedOperations & warp_operations) == warp_operations;
    const bool is_full = (traits.module_features & full_features) == full_features;
    if ((has_warp_size || (traits.can_set_subgroup_size && traits.has_full_subgroups)) && has_warp_operations)
        traits.module_features |= bit(ModuleFeature::warp32);
    if (is_full && (traits.module_features & bit(ModuleFeature::warp32)) != 0)
        traits.variants.emplace_back("warp32");
    if (is_full) traits.variants.emplace_back("full");
    traits.variants.emplace_back("basic");

    for (const char* const wanted : {VK_EXT_SHADER_ATOMIC_FLOAT_EXTENSION_NAME,
                                     VK_KHR_SHADER_CLOCK_EXTENSION_NAME, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME})
        if (contains(extensions, wanted)) traits.extensions.emplace_back(wanted);
    if (!is_1_3)
        for (const char* const wanted :
             {VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME, VK_KHR_MAINTENANCE_4_EXTENSION_NAME})
            if (contains(extensions, wanted)) traits.extensions.emplace_back(wanted);
    traits.has_memory_budget = contains(extensions, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
    traits.timestamp_period_ns = double{limits.timestampPeriod};
    for (std::size_t k = 0; k < 3; ++k) traits.most_blocks[k] = limits.maxComputeWorkGroupCount[k];
    traits.shared_bytes = limits.maxComputeSharedMemorySize;
    traits.most_allocation_bytes = v11.maxMemoryAllocationSize;
    return traits;
}

namespace {

/// What code of the variant that is compiled for can use; `basic` has pairs of words for 64-bit integers.
void add_features(DeviceInfo& info, const DeviceTraits& traits) {
    const auto has_module = [&](ModuleFeature feature) {
        return (traits.module_features & bit(feature)) != 0;
    };
    const auto has_hardware = [&](const char* name) { return contains(traits.hardware_features, name); };
    const auto add_or_emulate = [&](bool is_there, const char* name) {
        (is_there ? info.features : info.emulated).emplace_back(name);
    };
    const bool is_basic = traits.variants.front() == "basic";
    info.features = {"atomics", "printf", "assert"};
    add_or_emulate(!is_basic, "int64");
    if (!is_basic) {
        info.features.emplace_back("fp64");
        info.features.emplace_back("int64_atomics");
        add_or_emulate(has_module(ModuleFeature::float64_buffer_atomic_add), "double_atomics");
    }
    add_or_emulate(has_hardware("fp16"), "fp16");
    add_or_emulate(has_hardware("bf16"), "bf16");
    add_or_emulate(has_module(ModuleFeature::float32_buffer_atomic_add), "float_atomics");
    // Elsewhere warps are made of barriers and shared memory.
    add_or_emulate(traits.variants.front() == "warp32", "subgroups");
    for (const char* const name : {"int8_dot", "tensor_cores", "ray_tracing"})
        if (has_hardware(name)) info.features.emplace_back(name);
    if (traits.is_unified()) info.features.emplace_back("unified_memory");
    if (traits.transfer_queues != 0) info.features.emplace_back("async_transfers");
}

}  // namespace

DeviceInfo info_of(const Instance& instance, const DeviceTraits& traits, unsigned index) {
    DeviceInfo info;
    info.id = "vulkan:" + std::to_string(index);
    info.backend = "vulkan";
    info.name = traits.name;
    info.kind = kind_of(traits.type);
    const HeapState heap = heap_state(instance, traits);
    info.memory_bytes = heap.bytes;
    info.free_bytes = heap.free_bytes;
    info.uuid = traits.uuid;
    info.pci = traits.pci;
    info.driver = traits.driver;
    info.compute_units = traits.compute_units;
    add_features(info, traits);
    // Blocks are one-dimensional workgroups, whose threads kernels number along three axes themselves.
    info.limits.threads = traits.most_threads;
    info.limits.block = {traits.most_threads, traits.most_threads, std::min(traits.most_threads, 64U)};
    // What the device cannot run at once runs in parts.
    info.limits.grid = {0x7fffffffU, 65535U, 65535U};
    info.limits.shared_bytes = traits.shared_bytes;
    info.limits.warp = warp_size;
    return info;
}

}  // namespace heddle::vulkan
