// Fills the tables of Vulkan's functions and names its results.
#include "backends/vulkan/api.h"

#include <dlfcn.h>

namespace heddle::vulkan {

namespace {

/// Asks `find` for functions by name and remembers the first that is missing.
template <class Find>
class Loading {
  public:
    explicit Loading(Find find) : find_(find) {}
    template <class Function>
    void get(const char* name, Function& function) {
        function = reinterpret_cast<Function>(find_(name));
        if (function == nullptr && missing_ == nullptr) missing_ = name;
    }
    const char* missing() const noexcept { return missing_; }

  private:
    Find find_;
    const char* missing_ = nullptr;
};

}  // namespace

std::string result_name(VkResult result) {
    switch (result) {
        case VK_SUCCESS:
            return "VK_SUCCESS";
        case VK_NOT_READY:
            return "VK_NOT_READY";
        case VK_TIMEOUT:
            return "VK_TIMEOUT";
        case VK_INCOMPLETE:
            return "VK_INCOMPLETE";
        case VK_ERROR_OUT_OF_HOST_MEMORY:
            return "VK_ERROR_OUT_OF_HOST_MEMORY";
        case VK_ERROR_OUT_OF_DEVICE_MEMORY:
            return "VK_ERROR_OUT_OF_DEVICE_MEMORY";
        case VK_ERROR_INITIALIZATION_FAILED:
            return "VK_ERROR_INITIALIZATION_FAILED";
        case VK_ERROR_DEVICE_LOST:
            return "VK_ERROR_DEVICE_LOST";
        case VK_ERROR_MEMORY_MAP_FAILED:
            return "VK_ERROR_MEMORY_MAP_FAILED";
        case VK_ERROR_LAYER_NOT_PRESENT:
            return "VK_ERROR_LAYER_NOT_PRESENT";
        case VK_ERROR_EXTENSION_NOT_PRESENT:
            return "VK_ERROR_EXTENSION_NOT_PRESENT";
        case VK_ERROR_FEATURE_NOT_PRESENT:
            return "VK_ERROR_FEATURE_NOT_PRESENT";
        case VK_ERROR_INCOMPATIBLE_DRIVER:
            return "VK_ERROR_INCOMPATIBLE_DRIVER";
        case VK_ERROR_TOO_MANY_OBJECTS:
            return "VK_ERROR_TOO_MANY_OBJECTS";
        case VK_ERROR_INVALID_SHADER_NV:
            return "VK_ERROR_INVALID_SHADER_NV";
        case VK_ERROR_UNKNOWN:
            return "VK_ERROR_UNKNOWN";
        default:
            return "VkResult " + std::to_string(static_cast<int>(result));
    }
}

bool LoaderApi::load(const char* library, std::string& reason) {
    void* const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        const char* const text = dlerror();
        reason = text != nullptr ? text : std::string(library) + " cannot be loaded";
        return false;
    }
    get_instance_function =
        reinterpret_cast<PFN_vkGetInstanceProcAddr>(dlsym(handle, "vkGetInstanceProcAddr"));
    if (get_instance_function == nullptr) {
        reason = std::string(library) + " has no function vkGetInstanceProcAddr";
        return false;
    }
    Loading loading([this](const char* name) { return get_instance_function(nullptr, name); });
    loading.get("vkEnumerateInstanceVersion", enumerate_instance_version);
    loading.get("vkEnumerateInstanceLayerProperties", enumerate_layers);
    loading.get("vkCreateInstance", create_instance);
    if (loading.missing() == nullptr) return true;
    reason =
        std::string(library) + " has no function " + loading.missing() + "; a loader of Vulkan 1.2 is needed";
    return false;
}

const char* InstanceApi::load(const LoaderApi& loader, VkInstance instance) {
    const auto find = [&](const char* name) { return loader.get_instance_function(instance, name); };
    Loading loading(find);
    loading.get("vkDestroyInstance", destroy_instance);
    loading.get("vkEnumeratePhysicalDevices", enumerate_physical_devices);
    loading.get("vkEnumerateDeviceExtensionProperties", enumerate_extensions);
    loading.get("vkGetPhysicalDeviceProperties", properties);
    loading.get("vkGetPhysicalDeviceProperties2", properties2);
    loading.get("vkGetPhysicalDeviceFeatures2", features2);
    loading.get("vkGetPhysicalDeviceMemoryProperties2", memory_properties2);
    loading.get("vkGetPhysicalDeviceQueueFamilyProperties", queue_families);
    loading.get("vkCreateDevice", create_device);
    loading.get("vkGetDeviceProcAddr", get_device_function);
    const char* const missing = loading.missing();
    loading.get("vkCreateDebugUtilsMessengerEXT", create_messenger);
    loading.get("vkDestroyDebugUtilsMessengerEXT", destroy_messenger);
    return missing;
}

const char* DeviceApi::load(const InstanceApi& instance, VkDevice device) {
    Loading loading([&](const char* name) { return instance.get_device_function(device, name); });
    loading.get("vkDestroyDevice", destroy_device);
    loading.get("vkGetDeviceQueue", get_queue);
    loading.get("vkQueueSubmit", queue_submit);
    loading.get("vkDeviceWaitIdle", device_wait_idle);
    loading.get("vkAllocateMemory", allocate_memory);
    loading.get("vkFreeMemory", free_memory);
    loading.get("vkMapMemory", map_memory);
    loading.get("vkCreateBuffer", create_buffer);
    loading.get("vkDestroyBuffer", destroy_buffer);
    loading.get("vkGetBufferMemoryRequirements", buffer_requirements);
    loading.get("vkBindBufferMemory", bind_buffer);
    loading.get("vkGetBufferDeviceAddress", buffer_address);
    loading.get("vkCreateShaderModule", create_module);
    loading.get("vkDestroyShaderModule", destroy_module);
    loading.get("vkCreatePipelineLayout", create_layout);
    loading.get("vkDestroyPipelineLayout", destroy_layout);
    loading.get("vkCreatePipelineCache", create_pipeline_cache);
    loading.get("vkDestroyPipelineCache", destroy_pipeline_cache);
    loading.get("vkGetPipelineCacheData", pipeline_cache_data);
    loading.get("vkCreateComputePipelines", create_pipelines);
    loading.get("vkDestroyPipeline", destroy_pipeline);
    loading.get("vkCreateCommandPool", create_command_pool);
    loading.get("vkDestroyCommandPool", destroy_command_pool);
    loading.get("vkAllocateCommandBuffers", allocate_commands);
    loading.get("vkBeginCommandBuffer", begin_commands);
    loading.get("vkEndCommandBuffer", end_commands);
    loading.get("vkResetCommandBuffer", reset_commands);
    loading.get("vkCmdPipelineBarrier", barrier);
    loading.get("vkCmdBindPipeline", bind_pipeline);
    loading.get("vkCmdPushConstants", push_constants);
    loading.get("vkCmdDispatch", dispatch);
    loading.get("vkCmdCopyBuffer", copy_buffer);
    loading.get("vkCmdFillBuffer", fill_buffer);
    loading.get("vkCmdUpdateBuffer", update_buffer);
    loading.get("vkCmdResetQueryPool", reset_queries);
    loading.get("vkCmdWriteTimestamp", write_timestamp);
    loading.get("vkCreateQueryPool", create_query_pool);
    loading.get("vkDestroyQueryPool", destroy_query_pool);
    loading.get("vkGetQueryPoolResults", query_results);
    loading.get("vkCreateSemaphore", create_semaphore);
    loading.get("vkDestroySemaphore", destroy_semaphore);
    loading.get("vkWaitSemaphores", wait_semaphores);
    loading.get("vkGetSemaphoreCounterValue", semaphore_value);
    return loading.missing();
}

}  // namespace heddle::vulkan
