// Vulkan's functions as tables of pointers, loaded at run time from libvulkan.so.1. Types and numbers are
// those of Khronos's own header; nothing is linked.
#pragma once

#ifndef VK_NO_PROTOTYPES
#define VK_NO_PROTOTYPES
#endif
#include <vulkan/vulkan_core.h>

#include <string>

namespace heddle::vulkan {

/// A structure of Vulkan's: all zero but for its type.
template <class T>
T make(VkStructureType type) {
    T structure{};
    structure.sType = type;
    return structure;
}

/// "VK_ERROR_DEVICE_LOST".
std::string result_name(VkResult result);

/// What the loader offers before there is an instance.
struct LoaderApi {
    PFN_vkGetInstanceProcAddr get_instance_function = nullptr;
    PFN_vkEnumerateInstanceVersion enumerate_instance_version = nullptr;
    PFN_vkEnumerateInstanceLayerProperties enumerate_layers = nullptr;
    PFN_vkCreateInstance create_instance = nullptr;

    /// Loads the library, which stays for the life of the process. False: `reason` says what is wrong.
    bool load(const char* library, std::string& reason);
};

/// Functions of an instance and of its physical devices.
struct InstanceApi {
    PFN_vkDestroyInstance destroy_instance = nullptr;
    PFN_vkEnumeratePhysicalDevices enumerate_physical_devices = nullptr;
    PFN_vkEnumerateDeviceExtensionProperties enumerate_extensions = nullptr;
    PFN_vkGetPhysicalDeviceProperties properties = nullptr;
    PFN_vkGetPhysicalDeviceProperties2 properties2 = nullptr;
    PFN_vkGetPhysicalDeviceFeatures2 features2 = nullptr;
    PFN_vkGetPhysicalDeviceMemoryProperties2 memory_properties2 = nullptr;
    PFN_vkGetPhysicalDeviceQueueFamilyProperties queue_families = nullptr;
    PFN_vkCreateDevice create_device = nullptr;
    PFN_vkGetDeviceProcAddr get_device_function = nullptr;
    // Of VK_EXT_debug_utils: null without it.
    PFN_vkCreateDebugUtilsMessengerEXT create_messenger = nullptr;
    PFN_vkDestroyDebugUtilsMessengerEXT destroy_messenger = nullptr;

    /// The name of a function that is missing; null when all are there.
    const char* load(const LoaderApi& loader, VkInstance instance);
};

/// Functions of a device.
struct DeviceApi {
    PFN_vkDestroyDevice destroy_device = nullptr;
    PFN_vkGetDeviceQueue get_queue = nullptr;
    PFN_vkQueueSubmit queue_submit = nullptr;
    PFN_vkDeviceWaitIdle device_wait_idle = nullptr;
    PFN_vkAllocateMemory allocate_memory = nullptr;
    PFN_vkFreeMemory free_memory = nullptr;
    PFN_vkMapMemory map_memory = nullptr;
    PFN_vkCreateBuffer create_buffer = nullptr;
    PFN_vkDestroyBuffer destroy_buffer = nullptr;
    PFN_vkGetBufferMemoryRequirements buffer_requirements = nullptr;
    PFN_vkBindBufferMemory bind_buffer = nullptr;
    PFN_vkGetBufferDeviceAddress buffer_address = nullptr;
    PFN_vkCreateShaderModule create_module = nullptr;
    PFN_vkDestroyShaderModule destroy_module = nullptr;
    PFN_vkCreatePipelineLayout create_layout = nullptr;
    PFN_vkDestroyPipelineLayout destroy_layout = nullptr;
    PFN_vkCreatePipelineCache create_pipeline_cache = nullptr;
    PFN_vkDestroyPipelineCache destroy_pipeline_cache = nullptr;
    PFN_vkGetPipelineCacheData pipeline_cache_data = nullptr;
    PFN_vkCreateComputePipelines create_pipelines = nullptr;
    PFN_vkDestroyPipeline destroy_pipeline = nullptr;
    PFN_vkCreateCommandPool create_command_pool = nullptr;
    PFN_vkDestroyCommandPool destroy_command_pool = nullptr;
    PFN_vkAllocateCommandBuffers allocate_commands = nullptr;
    PFN_vkBeginCommandBuffer begin_commands = nullptr;
    PFN_vkEndCommandBuffer end_commands = nullptr;
    PFN_vkResetCommandBuffer reset_commands = nullptr;
    PFN_vkCmdPipelineBarrier barrier = nullptr;
    PFN_vkCmdBindPipeline bind_pipeline = nullptr;
    PFN_vkCmdPushConstants push_constants = nullptr;
    PFN_vkCmdDispatch dispatch = nullptr;
    PFN_vkCmdCopyBuffer copy_buffer = nullptr;
    PFN_vkCmdFillBuffer fill_buffer = nullptr;
    PFN_vkCmdUpdateBuffer update_buffer = nullptr;
    PFN_vkCmdResetQueryPool reset_queries = nullptr;
    PFN_vkCmdWriteTimestamp write_timestamp = nullptr;
    PFN_vkCreateQueryPool create_query_pool = nullptr;
    PFN_vkDestroyQueryPool destroy_query_pool = nullptr;
    PFN_vkGetQueryPoolResults query_results = nullptr;
    PFN_vkCreateSemaphore create_semaphore = nullptr;
    PFN_vkDestroySemaphore destroy_semaphore = nullptr;
    PFN_vkWaitSemaphores wait_semaphores = nullptr;
    PFN_vkGetSemaphoreCounterValue semaphore_value = nullptr;

    /// As InstanceApi::load.
    const char* load(const InstanceApi& instance, VkDevice device);
};

}  // namespace heddle::vulkan
