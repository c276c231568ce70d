// Finds the driver's functions. The library stays loaded for the life of the process: drivers do not survive
// being unloaded.
#include "backends/cuda/api.h"

#include <dlfcn.h>

namespace heddle::cuda {

bool Api::load(const char* library, std::string& reason) {
    void* const handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        reason = ::dlerror();
        return false;
    }
    const auto find = [&](auto& function, const char* name) {
        void* const address = ::dlsym(handle, name);
        if (address == nullptr && reason.empty())
            reason = std::string(library) + " has no function " + name + ": the driver is too old";
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(address);
    };
    reason.clear();
    find(init, "cuInit");
    find(driver_version, "cuDriverGetVersion");
    find(error_name, "cuGetErrorName");
    find(error_string, "cuGetErrorString");
    find(device_count, "cuDeviceGetCount");
    find(device_get, "cuDeviceGet");
    find(device_name, "cuDeviceGetName");
    find(device_uuid, "cuDeviceGetUuid");
    find(device_pci_bus_id, "cuDeviceGetPCIBusId");
    find(device_total_memory, "cuDeviceTotalMem_v2");
    find(device_attribute, "cuDeviceGetAttribute");
    find(primary_context_retain, "cuDevicePrimaryCtxRetain");
    find(primary_context_release, "cuDevicePrimaryCtxRelease_v2");
    find(primary_context_reset, "cuDevicePrimaryCtxReset_v2");
    find(context_current, "cuCtxGetCurrent");
    find(context_set_current, "cuCtxSetCurrent");
    find(context_synchronize, "cuCtxSynchronize");
    find(memory_info, "cuMemGetInfo_v2");
    find(memory_allocate, "cuMemAlloc_v2");
    find(memory_free, "cuMemFree_v2");
    find(pool_create, "cuMemPoolCreate");
    find(pool_set_attribute, "cuMemPoolSetAttribute");
    find(pool_trim, "cuMemPoolTrimTo");
    find(pool_allocate, "cuMemAllocFromPoolAsync");
    find(pool_free, "cuMemFreeAsync");
    find(host_allocate, "cuMemHostAlloc");
    find(host_free, "cuMemFreeHost");
    find(host_device_pointer, "cuMemHostGetDevicePointer_v2");
    find(copy_to_device, "cuMemcpyHtoD_v2");
    find(copy_to_device_async, "cuMemcpyHtoDAsync_v2");
    find(copy_to_host_async, "cuMemcpyDtoHAsync_v2");
    find(copy_on_device_async, "cuMemcpyDtoDAsync_v2");
    find(fill_async, "cuMemsetD8Async");
    find(stream_create, "cuStreamCreate");
    find(stream_destroy, "cuStreamDestroy_v2");
    find(stream_query, "cuStreamQuery");
    find(stream_synchronize, "cuStreamSynchronize");
    find(stream_wait_event, "cuStreamWaitEvent");
    find(event_create, "cuEventCreate");
    find(event_destroy, "cuEventDestroy_v2");
    find(event_record, "cuEventRecord");
    find(event_query, "cuEventQuery");
    find(event_synchronize, "cuEventSynchronize");
    find(event_elapsed_ms, "cuEventElapsedTime");
    find(module_load, "cuModuleLoadDataEx");
    find(module_unload, "cuModuleUnload");
    find(module_function, "cuModuleGetFunction");
    find(module_global, "cuModuleGetGlobal_v2");
    find(function_attribute, "cuFuncGetAttribute");
    find(function_set_attribute, "cuFuncSetAttribute");
    find(launch, "cuLaunchKernel");
    const auto find_optional = [&](auto& function, const char* name) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(handle, name));
    };
    find_optional(device_can_access_peer, "cuDeviceCanAccessPeer");
    find_optional(context_enable_peer, "cuCtxEnablePeerAccess");
    find_optional(pool_set_access, "cuMemPoolSetAccess");
    find_optional(copy_peer_async, "cuMemcpyPeerAsync");
    return reason.empty();
}

std::string Api::describe(CUresult error) const {
    const char *name = nullptr, *text = nullptr;
    if (error_name(error, &name) != cuda_success || name == nullptr)
        return "the driver's error " + std::to_string(error);
    std::string result = name;
    if (error_string(error, &text) == cuda_success && text != nullptr) result += std::string(": ") + text;
    return result;
}

}  // namespace heddle::cuda
