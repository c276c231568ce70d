// A library with all functions that the backends look for, under the names of CUDA's driver, of OpenCL's
// loader and of Vulkan's. The first that a backend calls fails; no other may be called after that.
#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <cstring>

namespace {

constexpr int cuda_error_system_not_ready = 802, cl_out_of_host_memory = -6;

VKAPI_ATTR VkResult VKAPI_CALL instance_version(std::uint32_t* version) {
    *version = VK_API_VERSION_1_3;
    return VK_SUCCESS;
}
VKAPI_ATTR VkResult VKAPI_CALL no_layers(std::uint32_t* count, VkLayerProperties*) {
    *count = 0;
    return VK_SUCCESS;
}
VKAPI_ATTR VkResult VKAPI_CALL no_instance(const VkInstanceCreateInfo*, const VkAllocationCallbacks*,
                                           VkInstance*) {
    return VK_ERROR_INITIALIZATION_FAILED;
}

}  // namespace

extern "C" {

#pragma GCC visibility push(default)

int cuInit(unsigned) {
    return cuda_error_system_not_ready;
}
int cuGetErrorName(int, const char** text) {
    *text = "CUDA_ERROR_SYSTEM_NOT_READY";
    return 0;
}
int cuGetErrorString(int, const char** text) {
    *text = "system not yet initialized";
    return 0;
}
int clGetPlatformIDs(unsigned, void*, unsigned*) {
    return cl_out_of_host_memory;
}
PFN_vkVoidFunction vkGetInstanceProcAddr(VkInstance, const char* name) {
    const auto is = [&](const char* other) { return std::strcmp(name, other) == 0; };
    if (is("vkEnumerateInstanceVersion")) return reinterpret_cast<PFN_vkVoidFunction>(&instance_version);
    if (is("vkEnumerateInstanceLayerProperties")) return reinterpret_cast<PFN_vkVoidFunction>(&no_layers);
    if (is("vkCreateInstance")) return reinterpret_cast<PFN_vkVoidFunction>(&no_instance);
    return nullptr;
}

// All other names, which tests/CMakeLists.txt takes from the backends' sources: a name is all that is needed.
#define HEDDLE_NEVER_CALLED(name) \
    void name() {                 \
        __builtin_trap();         \
    }
#include "never_called.inc"
#undef HEDDLE_NEVER_CALLED

#pragma GCC visibility pop
}
