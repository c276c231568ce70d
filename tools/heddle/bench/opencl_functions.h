// The functions of OpenCL that the peers use, loaded from its loader when they are asked for.
#pragma once

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include "case_builder.h"
#include "shared_object.h"

namespace heddle::tool::bench {

struct OpenClFunctions {
    /// Throws heddle::Error (device_unavailable) when one is missing.
    explicit OpenClFunctions(const SharedObject& library) {
        const auto load = [&]<class Function>(Function*& function, const char* name) {
            function = as<Function>(library.symbol(name));
        };
        load(get_platforms, "clGetPlatformIDs");
        load(get_devices, "clGetDeviceIDs");
        load(get_device_info, "clGetDeviceInfo");
        load(create_context, "clCreateContext");
        load(release_context, "clReleaseContext");
        load(create_queue, "clCreateCommandQueue");
        load(release_queue, "clReleaseCommandQueue");
        load(create_buffer, "clCreateBuffer");
        load(release_buffer, "clReleaseMemObject");
        load(map, "clEnqueueMapBuffer");
        load(unmap, "clEnqueueUnmapMemObject");
        load(write, "clEnqueueWriteBuffer");
        load(read, "clEnqueueReadBuffer");
        load(create_program, "clCreateProgramWithSource");
        load(build_program, "clBuildProgram");
        load(release_program, "clReleaseProgram");
        load(create_kernel, "clCreateKernel");
        load(release_kernel, "clReleaseKernel");
        load(set_argument, "clSetKernelArg");
        load(enqueue, "clEnqueueNDRangeKernel");
        load(flush, "clFlush");
        load(finish, "clFinish");
        load(get_platform_info, "clGetPlatformInfo");
        load(get_build_info, "clGetProgramBuildInfo");
    }

    decltype(::clGetPlatformIDs)* get_platforms = nullptr;
    decltype(::clGetDeviceIDs)* get_devices = nullptr;
    decltype(::clGetDeviceInfo)* get_device_info = nullptr;
    decltype(::clCreateContext)* create_context = nullptr;
    decltype(::clReleaseContext)* release_context = nullptr;
    decltype(::clCreateCommandQueue)* create_queue = nullptr;
    decltype(::clReleaseCommandQueue)* release_queue = nullptr;
    decltype(::clCreateBuffer)* create_buffer = nullptr;
    decltype(::clReleaseMemObject)* release_buffer = nullptr;
    decltype(::clEnqueueMapBuffer)* map = nullptr;
    decltype(::clEnqueueUnmapMemObject)* unmap = nullptr;
    decltype(::clEnqueueWriteBuffer)* write = nullptr;
    decltype(::clEnqueueReadBuffer)* read = nullptr;
    decltype(::clCreateProgramWithSource)* create_program = nullptr;
    decltype(::clBuildProgram)* build_program = nullptr;
    decltype(::clReleaseProgram)* release_program = nullptr;
    decltype(::clCreateKernel)* create_kernel = nullptr;
    decltype(::clReleaseKernel)* release_kernel = nullptr;
    decltype(::clSetKernelArg)* set_argument = nullptr;
    decltype(::clEnqueueNDRangeKernel)* enqueue = nullptr;
    decltype(::clFlush)* flush = nullptr;
    decltype(::clFinish)* finish = nullptr;
    decltype(::clGetPlatformInfo)* get_platform_info = nullptr;
    decltype(::clGetProgramBuildInfo)* get_build_info = nullptr;
};

}  // namespace heddle::tool::bench
