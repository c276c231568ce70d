// Makes the instance; collects what the validation layer says.
#include "backends/vulkan/instance.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "backends/vulkan/device_traits.h"
#include "runtime/environment.h"
#include "runtime/log.h"

namespace heddle::vulkan {

namespace {

constexpr const char *loader_library = "libvulkan.so.1", *validation_layer = "VK_LAYER_KHRONOS_validation";

/// The layer speaks on the thread whose call it means.
thread_local std::string validation_errors;

VKAPI_ATTR VkBool32 VKAPI_CALL hear(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                    VkDebugUtilsMessageTypeFlagsEXT,
                                    const VkDebugUtilsMessengerCallbackDataEXT* data, void*) {
    const char* const text = data->pMessage != nullptr ? data->pMessage : "(no text)";
    if ((severity & VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT) == 0) {
        runtime::log().warn("vulkan: validation: {}", text);
        return VK_FALSE;
    }
    runtime::log().error("vulkan: validation: {}", text);
    validation_errors += (validation_errors.empty() ? "" : "\n") + std::string(text);
    // The layer then keeps the call from the driver, which might not survive it.
    return VK_TRUE;
}

bool has_validation_layer(const LoaderApi& loader) {
    std::uint32_t count = 0;
    if (loader.enumerate_layers(&count, nullptr) != VK_SUCCESS) return false;
    std::vector<VkLayerProperties> layers(count);
    if (loader.enumerate_layers(&count, layers.data()) != VK_SUCCESS) return false;
    return std::any_of(layers.begin(), layers.end(), [](const VkLayerProperties& layer) {
        return std::strcmp(layer.layerName, validation_layer) == 0;
    });
}

}  // namespace

std::string take_validation_errors() {
    return std::exchange(validation_errors, {});
}

std::shared_ptr<const Instance> Instance::make(std::string& reason) {
    LoaderApi loader;
    if (!loader.load(loader_library, reason)) return nullptr;
    std::uint32_t offered = VK_API_VERSION_1_0;
    loader.enumerate_instance_version(&offered);
    if (offered < VK_API_VERSION_1_2) {
        reason = std::string(loader_library) + " is of Vulkan " + version_text(offered) + "; 1.2 is needed";
        return nullptr;
    }
    const bool is_validated = environment::vulkan_validation();
    if (is_validated && !has_validation_layer(loader)) {
        reason = std::string("HEDDLE_VULKAN_VALIDATION is set, but the layer ") + validation_layer +
                 " is not installed";
        return nullptr;
    }
    const std::shared_ptr<Instance> made(new Instance);
    made->version_ = offered < VK_API_VERSION_1_3 ? VK_API_VERSION_1_2 : VK_API_VERSION_1_3;
    auto application = vulkan::make<VkApplicationInfo>(VK_STRUCTURE_TYPE_APPLICATION_INFO);
    application.pApplicationName = application.pEngineName = "Heddle";
    application.apiVersion = made->version_;
    auto messages = vulkan::make<VkDebugUtilsMessengerCreateInfoEXT>(
        VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT);
    messages.messageSeverity =
        VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT;
    messages.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
    messages.pfnUserCallback = hear;
    const char* const extension = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
    auto create = vulkan::make<VkInstanceCreateInfo>(VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO);
    create.pApplicationInfo = &application;
    if (is_validated) {
        create.enabledLayerCount = create.enabledExtensionCount = 1;
        create.ppEnabledLayerNames = &validation_layer;
        create.ppEnabledExtensionNames = &extension;
    }
    const VkResult result = loader.create_instance(&create, nullptr, &made->instance_);
    if (result != VK_SUCCESS) {
        reason = "vkCreateInstance: " + result_name(result);
        if (result == VK_ERROR_INCOMPATIBLE_DRIVER)
            reason = "no Vulkan driver is installed, or none can be loaded (" + reason + ")";
        return nullptr;
    }
    if (const char* const missing = made->api_.load(loader, made->instance_)) {
        reason = std::string(loader_library) + " has no function " + missing;
        return nullptr;
    }
    if (is_validated) {
        const VkResult heard =
            made->api_.create_messenger == nullptr
                ? VK_ERROR_EXTENSION_NOT_PRESENT
                : made->api_.create_messenger(made->instance_, &messages, nullptr, &made->messenger_);
        if (heard != VK_SUCCESS) {
            reason = "vkCreateDebugUtilsMessengerEXT: " + result_name(heard);
            return nullptr;
        }
    }
    return made;
}

Instance::~Instance() {
    if (messenger_ != nullptr) api_.destroy_messenger(instance_, messenger_, nullptr);
    if (instance_ != nullptr && api_.destroy_instance != nullptr) api_.destroy_instance(instance_, nullptr);
}

std::vector<VkPhysicalDevice> Instance::physical_devices() const {
    std::uint32_t count = 0;
    if (api_.enumerate_physical_devices(instance_, &count, nullptr) != VK_SUCCESS) return {};
    std::vector<VkPhysicalDevice> devices(count);
    const VkResult result = api_.enumerate_physical_devices(instance_, &count, devices.data());
    if (result != VK_SUCCESS && result != VK_INCOMPLETE) return {};
    devices.resize(count);
    return devices;
}

}  // namespace heddle::vulkan
