// Kernel arguments as the command line gives them: text -> ArgumentSpec (grammar alone) -> BoundArgument
// (checked against the kernel's parameter, ready to be put on a device).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <heddle/kernel.h>

#include "array.h"

namespace heddle::tool {

/// `3`, `-1e-3`, `0x10`, `inf`: converted when the parameter's type is known.
struct ScalarSpec {
    std::string text;
};
/// `zeros:f32:1024`, `iota:i32:16x16`, `rand:f32:1024:7`.
struct GeneratedSpec {
    enum class Fill { zeros, iota, random };
    Fill fill = Fill::zeros;
    DType type = DType::f32;
    Shape shape;
    std::uint64_t seed = 0;
};
/// `x.npy`, `x.png`.
struct FileSpec {
    std::filesystem::path path;
};
/// `local:1024`: device memory of that many bytes, unknown contents, never compared.
struct ScratchSpec {
    std::size_t bytes = 0;
};
/// `bytes:00ff10`: a structure passed by value, as it lies in memory.
struct BytesSpec {
    std::vector<std::byte> value;
};
/// `null`: a null pointer.
struct NullSpec {};

struct ArgumentSpec {
    std::string text;  ///< as the user wrote it, for messages
    std::variant<ScalarSpec, GeneratedSpec, FileSpec, ScratchSpec, BytesSpec, NullSpec> form;
};

/// Throws UsageError that names `--arg <text>` and the forms there are. Looks at no file.
ArgumentSpec parse_argument(std::string_view text);

/// An argument that fits its parameter. Buffers are generated or read when host() is first called, so that a
/// request that no device can hold fails on the device, with the device's numbers, before host memory is
/// spent on it.
class BoundArgument {
  public:
    enum class Kind { value, buffer, scratch };

    Kind kind() const noexcept { return kind_; }
    /// How messages and outputs call it: the parameter's name, or its number where it has none.
    const std::string& label() const noexcept { return label_; }
    const Parameter& parameter() const noexcept { return parameter_; }
    /// Of a value: the bytes as they stand in the parameter buffer.
    const std::vector<std::byte>& value() const noexcept { return value_; }
    /// Of a buffer or scratch memory.
    std::size_t bytes() const noexcept { return bytes_; }
    /// Of a buffer.
    DType type() const noexcept { return array_.type; }
    const Shape& shape() const noexcept { return array_.shape; }
    /// The buffer begins as zeros, which a device can make by itself.
    bool is_zeros() const noexcept;
    /// The buffer's first contents, made on the first call.
    const Array& host();

  private:
    friend BoundArgument bind_argument(const ArgumentSpec&, const Parameter&, std::size_t);

    Kind kind_ = Kind::value;
    std::string label_;
    Parameter parameter_;
    std::vector<std::byte> value_;
    std::size_t bytes_ = 0;
    ArgumentSpec spec_;
    Array array_;  ///< type and shape from the start, data once filled
    bool filled_ = false;
};

/// Checks `spec` against parameter number `index` (from 0). Throws UsageError that names the parameter, its
/// type and what was given; heddle::Error (io) for a file that cannot be decoded.
BoundArgument bind_argument(const ArgumentSpec& spec, const Parameter& parameter, std::size_t index);

/// All arguments of a kernel. Throws UsageError with the kernel's signature when their number is wrong.
std::vector<BoundArgument> bind_arguments(const std::vector<ArgumentSpec>& specs, const KernelInfo& kernel);

/// "f32* y", "i32 n", "structure of 24 bytes p"
std::string describe(const Parameter& parameter);
/// "saxpy(f32 a, f32* x, f32* y, i32 n)"
std::string signature(const KernelInfo& kernel);

/// Converts a number's text to the bytes of one element. Throws UsageError ("... is not an integer", "... is
/// out of range of i32"), each beginning with `who`.
std::vector<std::byte> parse_scalar(std::string_view text, DType type, const std::string& who);

}  // namespace heddle::tool
