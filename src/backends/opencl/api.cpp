// Fills the table of OpenCL's functions.
#include "backends/opencl/api.h"

#include <dlfcn.h>

#include <array>
#include <mutex>
#include <utility>

namespace heddle::opencl {

namespace {

constexpr const char* library_name = "libOpenCL.so.1";

template <class Function>
bool load(void* library, const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(dlsym(library, name));
    return function != nullptr;
}

struct Loaded {
    Api api;
    bool is_there = false;
    std::string reason;

    Loaded() {
        void* const library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            const char* const text = dlerror();
            reason = text != nullptr ? text : "libOpenCL.so.1 cannot be loaded";
            return;
        }
        const char* missing = nullptr;
        const auto get = [&](const char* name, auto*& function) {
            if (!load(library, name, function) && missing == nullptr) missing = name;
        };
        get("clGetPlatformIDs", api.get_platforms);
        get("clGetPlatformInfo", api.get_platform_info);
        get("clGetDeviceIDs", api.get_devices);
        get("clGetDeviceInfo", api.get_device_info);
        get("clCreateContext", api.create_context);
        get("clReleaseContext", api.release_context);
        get("clCreateCommandQueue", api.create_queue);
        get("clReleaseCommandQueue", api.release_queue);
        get("clFlush", api.flush);
        get("clFinish", api.finish);
        get("clCreateBuffer", api.create_buffer);
        get("clReleaseMemObject", api.release_memory);
        get("clEnqueueMapBuffer", api.map_buffer);
        get("clEnqueueUnmapMemObject", api.unmap);
        get("clSVMAlloc", api.allocate_svm);
        get("clSVMFree", api.free_svm);
        get("clEnqueueSVMMemcpy", api.copy_svm);
        get("clEnqueueSVMMemFill", api.fill_svm);
        get("clCreateProgramWithSource", api.create_program);
        get("clCreateProgramWithBinary", api.create_program_from_binary);
        get("clBuildProgram", api.build_program);
        get("clGetProgramInfo", api.get_program_info);
        get("clGetProgramBuildInfo", api.get_build_info);
        get("clReleaseProgram", api.release_program);
        get("clCreateKernel", api.create_kernel);
        get("clReleaseKernel", api.release_kernel);
        get("clSetKernelArg", api.set_argument);
        get("clSetKernelArgSVMPointer", api.set_pointer_argument);
        get("clSetKernelExecInfo", api.set_execution_info);
        get("clEnqueueNDRangeKernel", api.launch);
        get("clEnqueueMarkerWithWaitList", api.marker);
        get("clEnqueueBarrierWithWaitList", api.wait_before);
        get("clWaitForEvents", api.wait_for_events);
        get("clGetEventInfo", api.get_event_info);
        get("clGetEventProfilingInfo", api.get_profiling_info);
        get("clRetainEvent", api.retain_event);
        get("clReleaseEvent", api.release_event);
        if (missing != nullptr) {
            reason = std::string(library_name) + " has no function " + missing + "; OpenCL 2.0 is needed";
            return;
        }
        is_there = true;
    }
};

}  // namespace

const Api* load_api(std::string& reason) {
    static const Loaded loaded;
    if (!loaded.is_there) reason = loaded.reason;
    return loaded.is_there ? &loaded.api : nullptr;
}

std::string status_name(Status status) {
    static constexpr std::array<std::pair<Status, const char*>, 41> names{{
        {-1, "CL_DEVICE_NOT_FOUND"},
        {-2, "CL_DEVICE_NOT_AVAILABLE"},
        {-3, "CL_COMPILER_NOT_AVAILABLE"},
        {-4, "CL_MEM_OBJECT_ALLOCATION_FAILURE"},
        {-5, "CL_OUT_OF_RESOURCES"},
        {-6, "CL_OUT_OF_HOST_MEMORY"},
        {-7, "CL_PROFILING_INFO_NOT_AVAILABLE"},
        {-8, "CL_MEM_COPY_OVERLAP"},
        {-11, "CL_BUILD_PROGRAM_FAILURE"},
        {-12, "CL_MAP_FAILURE"},
        {-14, "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST"},
        {-30, "CL_INVALID_VALUE"},
        {-31, "CL_INVALID_DEVICE_TYPE"},
        {-32, "CL_INVALID_PLATFORM"},
        {-33, "CL_INVALID_DEVICE"},
        {-34, "CL_INVALID_CONTEXT"},
        {-35, "CL_INVALID_QUEUE_PROPERTIES"},
        {-36, "CL_INVALID_COMMAND_QUEUE"},
        {-37, "CL_INVALID_HOST_PTR"},
        {-38, "CL_INVALID_MEM_OBJECT"},
        {-42, "CL_INVALID_BINARY"},
        {-43, "CL_INVALID_BUILD_OPTIONS"},
        {-44, "CL_INVALID_PROGRAM"},
        {-45, "CL_INVALID_PROGRAM_EXECUTABLE"},
        {-46, "CL_INVALID_KERNEL_NAME"},
        {-47, "CL_INVALID_KERNEL_DEFINITION"},
        {-48, "CL_INVALID_KERNEL"},
        {-49, "CL_INVALID_ARG_INDEX"},
        {-50, "CL_INVALID_ARG_VALUE"},
        {-51, "CL_INVALID_ARG_SIZE"},
        {-52, "CL_INVALID_KERNEL_ARGS"},
        {-53, "CL_INVALID_WORK_DIMENSION"},
        {-54, "CL_INVALID_WORK_GROUP_SIZE"},
        {-55, "CL_INVALID_WORK_ITEM_SIZE"},
        {-57, "CL_INVALID_EVENT_WAIT_LIST"},
        {-58, "CL_INVALID_EVENT"},
        {-59, "CL_INVALID_OPERATION"},
        {-61, "CL_INVALID_BUFFER_SIZE"},
        {-63, "CL_INVALID_GLOBAL_WORK_SIZE"},
        {-1001, "CL_PLATFORM_NOT_FOUND_KHR"},
        {-9999, "an illegal access by a kernel"},
    }};
    for (const auto& [number, text] : names)
        if (number == status) return std::string(text) + " (" + std::to_string(status) + ")";
    return "OpenCL status " + std::to_string(status);
}

}  // namespace heddle::opencl
