// The part of the CUDA driver's interface that this backend uses, declared by hand and loaded at run time
// from libcuda.so.1. Names, types and numbers are those of the CUDA Driver API reference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace heddle::cuda {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = std::uint64_t;
using CUcontext = struct CUctx_st*;
using CUmodule = struct CUmod_st*;
using CUfunction = struct CUfunc_st*;
using CUstream = struct CUstream_st*;
using CUevent = struct CUevent_st*;
using CUmemoryPool = struct CUmemPoolHandle_st*;

struct CUuuid {
    unsigned char bytes[16];
};

/// CUmemPoolProps.
struct CUmemPoolProps {
    int alloc_type;     ///< 1: pinned to a device
    int handle_types;   ///< 0: not shared with other processes
    int location_type;  ///< 1: a device
    int location_id;    ///< which
    void* win32_security;
    std::size_t max_size;
    unsigned short usage;
    unsigned char reserved[54];
};

/// CUmemAccessDesc.
struct CUmemAccessDesc {
    int location_type;  ///< 1: a device
    int location_id;    ///< which
    int flags;          ///< 3: reads and writes
};

inline constexpr CUresult cuda_success = 0, cuda_error_out_of_memory = 2, cuda_error_deinitialized = 4,
                          cuda_error_no_device = 100, cuda_error_invalid_ptx = 218,
                          cuda_error_unsupported_ptx_version = 222, cuda_error_not_found = 500,
                          cuda_error_not_ready = 600, cuda_error_illegal_address = 700,
                          cuda_error_launch_out_of_resources = 701, cuda_error_launch_timeout = 702,
                          cuda_error_peer_access_enabled = 704, cuda_error_assert = 710,
                          cuda_error_launch_failed = 719, cuda_error_unknown = 999;

/// CUdevice_attribute.
enum class DeviceAttribute : int {
    max_threads_per_block = 1,
    max_block_dim_x = 2,
    max_block_dim_y = 3,
    max_block_dim_z = 4,
    max_grid_dim_x = 5,
    max_grid_dim_y = 6,
    max_grid_dim_z = 7,
    warp_size = 10,
    multiprocessors = 16,
    integrated = 18,
    compute_mode = 20,
    async_engines = 40,
    compute_capability_major = 75,
    compute_capability_minor = 76,
    double_precision_ratio = 87,
    cooperative_launch = 95,
    max_shared_bytes_per_block_opt_in = 97,
    pageable_memory_uses_host_tables = 100,
    memory_pools_supported = 115,
};

/// CUfunction_attribute.
enum class FunctionAttribute : int { max_threads_per_block = 0, max_dynamic_shared_bytes = 8 };

inline constexpr unsigned stream_non_blocking = 1, event_default = 0, event_blocking_sync = 1,
                          host_memory_portable = 1, host_memory_device_map = 2;
inline constexpr int compute_mode_prohibited = 2;
inline constexpr int pool_release_threshold = 4;                  ///< CUmemPool_attribute
inline constexpr int jit_error_log = 5, jit_error_log_bytes = 6;  ///< CUjit_option
/// What ends and introduces the list that cuLaunchKernel takes arguments in as one buffer.
inline void* const launch_buffer_end = nullptr;
inline void* const launch_buffer_pointer = reinterpret_cast<void*>(std::uintptr_t{1});
inline void* const launch_buffer_bytes = reinterpret_cast<void*>(std::uintptr_t{2});

/// The driver's functions. All are there once load() has succeeded, but for those marked optional.
struct Api {
    CUresult (*init)(unsigned flags);
    CUresult (*driver_version)(int* version);
    CUresult (*error_name)(CUresult error, const char** text);
    CUresult (*error_string)(CUresult error, const char** text);
    CUresult (*device_count)(int* count);
    CUresult (*device_get)(CUdevice* device, int ordinal);
    CUresult (*device_name)(char* name, int bytes, CUdevice device);
    CUresult (*device_uuid)(CUuuid* uuid, CUdevice device);
    CUresult (*device_pci_bus_id)(char* text, int bytes, CUdevice device);
    CUresult (*device_total_memory)(std::size_t* bytes, CUdevice device);
    CUresult (*device_attribute)(int* value, DeviceAttribute attribute, CUdevice device);
    CUresult (*primary_context_retain)(CUcontext* context, CUdevice device);
    CUresult (*primary_context_release)(CUdevice device);
    CUresult (*primary_context_reset)(CUdevice device);
    CUresult (*context_current)(CUcontext* context);
    CUresult (*context_set_current)(CUcontext context);
    CUresult (*context_synchronize)();
    CUresult (*memory_info)(std::size_t* free, std::size_t* total);
    CUresult (*memory_allocate)(CUdeviceptr* address, std::size_t bytes);
    CUresult (*memory_free)(CUdeviceptr address);
    CUresult (*pool_create)(CUmemoryPool* pool, const CUmemPoolProps* properties);
    CUresult (*pool_set_attribute)(CUmemoryPool pool, int attribute, void* value);
    CUresult (*pool_trim)(CUmemoryPool pool, std::size_t keep);
    CUresult (*pool_allocate)(CUdeviceptr* address, std::size_t bytes, CUmemoryPool pool, CUstream stream);
    CUresult (*pool_free)(CUdeviceptr address, CUstream stream);
    CUresult (*host_allocate)(void** memory, std::size_t bytes, unsigned flags);
    CUresult (*host_free)(void* memory);
    CUresult (*host_device_pointer)(CUdeviceptr* address, void* memory, unsigned flags);
    CUresult (*copy_to_device)(CUdeviceptr to, const void* from, std::size_t bytes);
    CUresult (*copy_to_device_async)(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream);
    CUresult (*copy_to_host_async)(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream);
    CUresult (*copy_on_device_async)(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream);
    CUresult (*fill_async)(CUdeviceptr to, unsigned char value, std::size_t count, CUstream stream);
    CUresult (*stream_create)(CUstream* stream, unsigned flags);
    CUresult (*stream_destroy)(CUstream stream);
    CUresult (*stream_query)(CUstream stream);
    CUresult (*stream_synchronize)(CUstream stream);
    CUresult (*stream_wait_event)(CUstream stream, CUevent event, unsigned flags);
    CUresult (*event_create)(CUevent* event, unsigned flags);
    CUresult (*event_destroy)(CUevent event);
    CUresult (*event_record)(CUevent event, CUstream stream);
    CUresult (*event_query)(CUevent event);
    CUresult (*event_synchronize)(CUevent event);
    CUresult (*event_elapsed_ms)(float* milliseconds, CUevent start, CUevent end);
    CUresult (*module_load)(CUmodule* module, const void* image, unsigned options, int* names, void** values);
    CUresult (*module_unload)(CUmodule module);
    CUresult (*module_function)(CUfunction* function, CUmodule module, const char* name);
    CUresult (*module_global)(CUdeviceptr* address, std::size_t* bytes, CUmodule module, const char* name);
    CUresult (*function_attribute)(int* value, FunctionAttribute attribute, CUfunction function);
    CUresult (*function_set_attribute)(CUfunction function, FunctionAttribute attribute, int value);
    CUresult (*launch)(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                       unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                       CUstream stream, void** parameters, void** extra);

    // Optional, null where the driver lacks them: memory of other devices.
    CUresult (*device_can_access_peer)(int* can, CUdevice device, CUdevice peer);
    CUresult (*context_enable_peer)(CUcontext peer, unsigned flags);
    CUresult (*pool_set_access)(CUmemoryPool pool, const CUmemAccessDesc* access, std::size_t count);
    CUresult (*copy_peer_async)(CUdeviceptr to, CUcontext to_context, CUdeviceptr from,
                                CUcontext from_context, std::size_t bytes, CUstream stream);

    /// Loads the driver library and every function. False: `reason` says what is missing.
    bool load(const char* library, std::string& reason);
    /// "CUDA_ERROR_OUT_OF_MEMORY: out of memory".
    std::string describe(CUresult error) const;
};

}  // namespace heddle::cuda
