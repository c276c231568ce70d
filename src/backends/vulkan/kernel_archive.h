// The payload of target `spirv`: one SPIR-V module a kernel, and what the backend must know to run it.
// Written by the compiler, read by the backend. docs/design/spirv-target.md has the layout in bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace heddle::vulkan {

/// What a module asks of a device beyond Vulkan 1.2 with buffer device addresses: bits of
/// ArchivedKernel::features.
enum class ModuleFeature : std::uint32_t {
    int64 = 1U << 0U,                       ///< shaderInt64
    float64 = 1U << 1U,                     ///< shaderFloat64
    int8 = 1U << 2U,                        ///< shaderInt8
    int16 = 1U << 3U,                       ///< shaderInt16
    storage8 = 1U << 4U,                    ///< storageBuffer8BitAccess
    storage16 = 1U << 5U,                   ///< storageBuffer16BitAccess
    int64_buffer_atomics = 1U << 6U,        ///< shaderBufferInt64Atomics
    int64_shared_atomics = 1U << 7U,        ///< shaderSharedInt64Atomics
    float32_buffer_atomic_add = 1U << 8U,   ///< VK_EXT_shader_atomic_float
    float32_shared_atomic_add = 1U << 9U,   ///< VK_EXT_shader_atomic_float
    float64_buffer_atomic_add = 1U << 10U,  ///< VK_EXT_shader_atomic_float
    float64_shared_atomic_add = 1U << 11U,  ///< VK_EXT_shader_atomic_float
    warp32 = 1U << 12U,        ///< subgroups of 32 (or a multiple), full, in the order of threads
    shader_clock = 1U << 13U,  ///< VK_KHR_shader_clock, subgroup and device
    device_scope = 1U << 14U,  ///< vulkanMemoryModelDeviceScope
};

/// Where a kernel's hidden parameters lie behind its own, in this order, each aligned to its size.
struct HiddenParameters {
    bool globals = false;       ///< u64: address of the block of globals
    bool messages = false;      ///< u64: address of the buffer for failures and printed text
    bool shared_bytes = false;  ///< u32: bytes of dynamic shared memory
    bool grid = false;          ///< 3 x u32: the grid's extents, which one dispatch may not cover
    /// 3 x u32: the first block of this dispatch, which WorkgroupId counts from. Without it a grid must fit
    /// into one dispatch.
    bool first_block = false;
};

/// One kernel. Its entry point is called "main", it uses no descriptor sets. Specialisation constants: 0, 1,
/// 2 are the block's extents, 3 is their product (the workgroup is that long and one-dimensional), 4 the
/// dynamic shared memory in units of 4 bytes, at least 1.
///
/// Parameters are laid out as KernelInfo says, the hidden ones behind them. They are the push constants where
/// all of them take at most `most_push_bytes`; otherwise the push constants are the u64 address of a buffer
/// that holds them.
struct ArchivedKernel {
    static constexpr std::size_t most_push_bytes = 128;

    std::string symbol;
    std::uint32_t features = 0;             ///< of ModuleFeature
    std::uint32_t static_shared_bytes = 0;  ///< with what warp operations need for themselves
    std::uint32_t parameter_bytes = 0;      ///< with the hidden ones
    bool parameters_in_buffer = false;
    bool follows_pointers = false;  ///< reaches memory that no argument names
    HiddenParameters hidden;
    std::vector<std::uint32_t> words;  ///< the SPIR-V module

    bool needs(ModuleFeature feature) const noexcept {
        return (features & static_cast<std::uint32_t>(feature)) != 0;
    }
};

/// Never fails but for want of memory.
std::vector<std::byte> encode_archive(std::span<const ArchivedKernel> kernels);

/// Throws std::runtime_error saying what is wrong with `bytes`.
std::vector<ArchivedKernel> decode_archive(std::span<const std::byte> bytes);

}  // namespace heddle::vulkan
