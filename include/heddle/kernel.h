// Kernel and its arguments: a kernel knows its parameters, so a wrong call is an error that names the
// argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <heddle/buffer.h>
#include <heddle/export.h>
#include <heddle/types.h>

namespace heddle {

namespace hal {
class Kernel;
}

enum class ParameterKind : std::uint8_t { scalar, pointer, structure };
enum class Access : std::uint8_t { none, read, write, read_write };

/// One parameter of a kernel, as its source declares it.
struct Parameter {
    std::string name;
    ParameterKind kind = ParameterKind::scalar;
    std::optional<DType>
        type;  ///< of the scalar, or of what the pointer points to; none for structures and void*
    std::size_t bytes = 0;         ///< in the parameter buffer; 8 for pointers
    std::size_t offset = 0;        ///< in the parameter buffer
    Access access = Access::none;  ///< what the kernel does with the memory behind a pointer
};

/// Everything known about a kernel without running it.
struct KernelInfo {
    std::string name;    ///< as the source names it: "saxpy", "image::blur", "scale<float>"
    std::string symbol;  ///< mangled
    std::vector<Parameter> parameters;
    std::size_t parameter_bytes = 0;      ///< size of the packed parameter buffer
    std::size_t static_shared_bytes = 0;  ///< __shared__ arrays of fixed size
    bool uses_dynamic_shared = false;     ///< declares an extern __shared__ array
    bool uses_barriers = false;
    std::uint32_t max_threads = 1024;  ///< from __launch_bounds__, else 1024
    /// Where the hidden parameters of CompileOptions::grid_parts stand in the parameter buffer: the first
    /// block x, y, z and the whole grid x, y, z, each a u32. None in kernels that run whole grids only. They
    /// are not among `parameters`: launches fill them in.
    std::optional<std::size_t> grid_part_offset;
    std::vector<std::string> features;  ///< what a device must have, as DeviceInfo::features names it
};

/// One argument of a launch: a Buffer (passes its device address), nullptr, an arithmetic value or enumerator
/// (converted to the parameter's type, if it fits), or any trivially copyable structure by value. Device
/// addresses inside structures are the caller's business: the buffers they point into are not kept alive by
/// the launch. Arithmetic values are copied; buffers, structures and raw bytes are referred to, and must live
/// until the launch call.
class Argument {
  public:
    /// What was passed; the three arithmetic kinds are of bytes() bytes, as C++ stores them.
    enum class Kind : std::uint8_t {
        raw,
        structure,
        buffer,
        null,
        signed_integer,
        unsigned_integer,
        floating
    };

    Argument() = default;
    Argument(const Buffer& buffer) noexcept : buffer_(&buffer), kind_(Kind::buffer) {}
    Argument(std::nullptr_t) noexcept : kind_(Kind::null) {}
    template <class T>
        requires(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>)
    Argument(const T& value) noexcept : data_(&value), bytes_(sizeof(T)) {
        if constexpr (std::is_enum_v<T>) {
            *this = Argument(static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (std::is_arithmetic_v<T>) {
            static_assert(sizeof(T) <= sizeof(value_));
            std::memcpy(value_, &value, sizeof(T));
            data_ = nullptr;
            kind_ = std::is_floating_point_v<T> ? Kind::floating
                    : std::is_signed_v<T>       ? Kind::signed_integer
                                                : Kind::unsigned_integer;
            is_copied_ = true;
        } else {
            kind_ = Kind::structure;
        }
    }
    /// The memory of `buffer` from byte `offset` on; the launch throws when that lies outside.
    static Argument at(const Buffer& buffer, std::size_t offset) noexcept {
        Argument a(buffer);
        a.bytes_ = offset;
        return a;
    }
    /// `bytes` bytes at `data`, taken as they are, for any parameter of that size (a pointer: 8 bytes, a
    /// device address): for callers that know the type only at run time.
    static Argument raw(const void* data, std::size_t bytes) noexcept {
        return typed(Kind::raw, data, bytes);
    }
    /// A value whose C++ type is known only at run time; `kind` is an arithmetic one, structure or raw.
    static Argument typed(Kind kind, const void* data, std::size_t bytes) noexcept {
        Argument a;
        a.data_ = data;
        a.bytes_ = bytes;
        a.kind_ = kind;
        return a;
    }
    Kind kind() const noexcept { return kind_; }
    const Buffer* buffer() const noexcept { return buffer_; }  ///< null unless kind() is buffer
    /// The value's bytes; null for buffers and nullptr.
    const void* data() const noexcept { return is_copied_ ? value_ : data_; }
    std::size_t bytes() const noexcept { return kind_ == Kind::buffer ? 0 : bytes_; }
    std::size_t buffer_offset() const noexcept { return kind_ == Kind::buffer ? bytes_ : 0; }

  private:
    const Buffer* buffer_ = nullptr;
    const void* data_ = nullptr;
    std::size_t bytes_ = 0;  // of a buffer: the offset
    Kind kind_ = Kind::raw;
    bool is_copied_ = false;  // the value is in value_
    std::byte value_[16] = {};
};

/// A kernel of a loaded Program. Copying copies the handle.
class HEDDLE_API Kernel {
  public:
    Kernel(Device device, std::shared_ptr<hal::Kernel> impl) noexcept;
    const KernelInfo& info() const noexcept;
    const Device& device() const noexcept { return device_; }
    const std::shared_ptr<hal::Kernel>& impl() const noexcept { return impl_; }

  private:
    Device device_;
    std::shared_ptr<hal::Kernel> impl_;
};

}  // namespace heddle
