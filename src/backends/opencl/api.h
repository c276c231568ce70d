// The part of OpenCL that this backend uses, declared by itself: types, numbers and functions of the
// OpenCL 1.2 and 2.0 specifications, and the table that is filled from libOpenCL.so.1 when devices are looked
// for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace heddle::opencl {

using Status = std::int32_t;
using Bits = std::uint64_t;
using Name = std::uint32_t;  ///< what an information query asks for

struct PlatformObject;
struct DeviceObject;
struct ContextObject;
struct QueueObject;
struct ProgramObject;
struct KernelObject;
struct EventObject;
struct MemoryObject;
using PlatformId = PlatformObject*;
using DeviceId = DeviceObject*;
using ContextId = ContextObject*;
using QueueId = QueueObject*;
using ProgramId = ProgramObject*;
using KernelId = KernelObject*;
using EventId = EventObject*;
using MemoryId = MemoryObject*;

namespace constants {
inline constexpr Status success = 0, device_not_found = -1, device_not_available = -2,
                        allocation_failure = -4, out_of_resources = -5, out_of_host_memory = -6,
                        build_program_failure = -11, invalid_command_queue = -36,
                        invalid_work_group_size = -54, platform_not_found = -1001,
                        illegal_access = -9999;  // NVIDIA's: by a kernel
inline constexpr Bits type_cpu = 1U << 1, type_gpu = 1U << 2, type_accelerator = 1U << 3;
inline constexpr Bits queue_profiling = 1U << 1;
inline constexpr Bits svm_coarse_buffer = 1U << 0, svm_fine_buffer = 1U << 1;
inline constexpr Bits memory_read_write = 1U << 0, memory_use_host = 1U << 3, memory_allocate_host = 1U << 4,
                      memory_fine_grain = 1U << 10;
inline constexpr Bits map_read = 1U << 0, map_write = 1U << 1;
inline constexpr Bits divide_correctly_rounded = 1U << 7;
inline constexpr Bits atomic_add_in_global_memory = 1U << 1;  // CL_DEVICE_GLOBAL_FP_ATOMIC_ADD_EXT

inline constexpr Name platform_name = 0x0902, platform_version = 0x0901;
inline constexpr Name device_type = 0x1000, device_compute_units = 0x1002, device_work_group_size = 0x1004,
                      device_item_sizes = 0x1005, device_allocation_size = 0x1010,
                      device_address_bits = 0x100D, device_single_config = 0x101B,
                      device_memory_size = 0x101F, device_local_size = 0x1023,
                      device_is_little_endian = 0x1026, device_is_available = 0x1027,
                      device_has_compiler = 0x1028, device_name = 0x102B, device_vendor = 0x102C,
                      device_driver_version = 0x102D, device_version = 0x102F, device_extensions = 0x1030,
                      device_double_config = 0x1032, device_unified_memory = 0x1035,
                      device_svm_capabilities = 0x1053, device_uuid = 0x106A, device_single_atomics = 0x4231,
                      device_double_atomics = 0x4232, device_nv_overlaps_copies = 0x4004, device_pci = 0x410F,
                      device_nv_pci_bus = 0x4008, device_nv_pci_slot = 0x4009, device_nv_pci_domain = 0x400A,
                      device_nv_compute_capability_major = 0x4000,
                      device_nv_compute_capability_minor = 0x4001;
inline constexpr Name program_devices = 0x1163, program_binary_sizes = 0x1165, program_binaries = 0x1166,
                      build_log = 0x1183;
inline constexpr Name event_status = 0x11D3, profiling_end = 0x1283;
inline constexpr Name kernel_svm_pointers = 0x11B6;
inline constexpr std::int32_t event_complete = 0;
}  // namespace constants

/// The functions. All of libOpenCL.so.1's are C functions without exceptions.
struct Api {
    Status (*get_platforms)(std::uint32_t, PlatformId*, std::uint32_t*) = nullptr;
    Status (*get_platform_info)(PlatformId, Name, std::size_t, void*, std::size_t*) = nullptr;
    Status (*get_devices)(PlatformId, Bits, std::uint32_t, DeviceId*, std::uint32_t*) = nullptr;
    Status (*get_device_info)(DeviceId, Name, std::size_t, void*, std::size_t*) = nullptr;
    ContextId (*create_context)(const std::intptr_t*, std::uint32_t, const DeviceId*,
                                void (*)(const char*, const void*, std::size_t, void*), void*,
                                Status*) = nullptr;
    Status (*release_context)(ContextId) = nullptr;
    QueueId (*create_queue)(ContextId, DeviceId, Bits, Status*) = nullptr;
    Status (*release_queue)(QueueId) = nullptr;
    Status (*flush)(QueueId) = nullptr;
    Status (*finish)(QueueId) = nullptr;
    MemoryId (*create_buffer)(ContextId, Bits, std::size_t, void*, Status*) = nullptr;
    Status (*release_memory)(MemoryId) = nullptr;
    void* (*map_buffer)(QueueId, MemoryId, std::uint32_t, Bits, std::size_t, std::size_t, std::uint32_t,
                        const EventId*, EventId*, Status*) = nullptr;
    Status (*unmap)(QueueId, MemoryId, void*, std::uint32_t, const EventId*, EventId*) = nullptr;
    void* (*allocate_svm)(ContextId, Bits, std::size_t, std::uint32_t) = nullptr;
    void (*free_svm)(ContextId, void*) = nullptr;
    Status (*copy_svm)(QueueId, std::uint32_t, void*, const void*, std::size_t, std::uint32_t, const EventId*,
                       EventId*) = nullptr;
    Status (*fill_svm)(QueueId, void*, const void*, std::size_t, std::size_t, std::uint32_t, const EventId*,
                       EventId*) = nullptr;
    ProgramId (*create_program)(ContextId, std::uint32_t, const char**, const std::size_t*,
                                Status*) = nullptr;
    ProgramId (*create_program_from_binary)(ContextId, std::uint32_t, const DeviceId*, const std::size_t*,
                                            const unsigned char**, Status*, Status*) = nullptr;
    Status (*build_program)(ProgramId, std::uint32_t, const DeviceId*, const char*,
                            void (*)(ProgramId, void*), void*) = nullptr;
    Status (*get_program_info)(ProgramId, Name, std::size_t, void*, std::size_t*) = nullptr;
    Status (*get_build_info)(ProgramId, DeviceId, Name, std::size_t, void*, std::size_t*) = nullptr;
    Status (*release_program)(ProgramId) = nullptr;
    KernelId (*create_kernel)(ProgramId, const char*, Status*) = nullptr;
    Status (*release_kernel)(KernelId) = nullptr;
    Status (*set_argument)(KernelId, std::uint32_t, std::size_t, const void*) = nullptr;
    Status (*set_pointer_argument)(KernelId, std::uint32_t, const void*) = nullptr;
    Status (*set_execution_info)(KernelId, Name, std::size_t, const void*) = nullptr;
    Status (*launch)(QueueId, KernelId, std::uint32_t, const std::size_t*, const std::size_t*,
                     const std::size_t*, std::uint32_t, const EventId*, EventId*) = nullptr;
    Status (*marker)(QueueId, std::uint32_t, const EventId*, EventId*) = nullptr;
    Status (*wait_before)(QueueId, std::uint32_t, const EventId*, EventId*) = nullptr;
    Status (*wait_for_events)(std::uint32_t, const EventId*) = nullptr;
    Status (*get_event_info)(EventId, Name, std::size_t, void*, std::size_t*) = nullptr;
    Status (*get_profiling_info)(EventId, Name, std::size_t, void*, std::size_t*) = nullptr;
    Status (*retain_event)(EventId) = nullptr;
    Status (*release_event)(EventId) = nullptr;
};

/// Loads the library, once a process; it stays for the process's life, as drivers do not survive unloading.
/// Null when it is not there, `reason` then says why.
const Api* load_api(std::string& reason);

/// The name that the specification gives a status: "CL_OUT_OF_RESOURCES".
std::string status_name(Status status);

}  // namespace heddle::opencl
