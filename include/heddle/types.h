// Element types and launch geometry: the small values that the rest of the interface speaks in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <heddle/export.h>

namespace heddle {

/// Element type of a buffer or scalar, named as the command line names it ("f32", "i64", ...).
enum class DType : std::uint8_t { i8, u8, i16, u16, i32, u32, i64, u64, f16, bf16, f32, f64 };

HEDDLE_API std::size_t size_of(DType type) noexcept;    ///< bytes of one element
HEDDLE_API std::string_view name(DType type) noexcept;  ///< "f32"
HEDDLE_API std::optional<DType> dtype_from_name(std::string_view name) noexcept;

/// Extent of a grid (in blocks) or of a block (in threads).
struct Dim3 {
    std::uint32_t x = 1, y = 1, z = 1;
    std::uint64_t count() const noexcept { return std::uint64_t{x} * y * z; }
    friend bool operator==(const Dim3&, const Dim3&) = default;
};

/// How a kernel is launched. `shared_bytes` is the size of its `extern __shared__` array.
struct LaunchConfig {
    Dim3 grid, block;
    std::size_t shared_bytes = 0;
};

/// The blocks of a larger grid from `first` on, `blocks` along each axis.
struct GridPart {
    Dim3 first{0, 0, 0}, blocks;
};

}  // namespace heddle
