// Array: a typed, shaped block of host memory in C order; what files, generators and kernels' results look
// like here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <heddle/types.h>

namespace heddle::tool {

using Shape = std::vector<std::size_t>;

/// Elements in a shape; an empty shape is one element (a scalar). The caller knows that it fits (see
/// checked_bytes).
std::size_t element_count(const Shape& shape) noexcept;

/// Bytes that an array of this type and shape takes. Throws UsageError when that is more than an address can
/// count.
std::size_t checked_bytes(DType type, const Shape& shape);

/// "f32[480x640]"
std::string describe(DType type, const Shape& shape);

/// Elements lie in C order (last index fastest), in the host's byte order, without padding.
struct Array {
    DType type = DType::u8;
    Shape shape;
    std::vector<std::byte> data;

    Array() = default;
    Array(DType element_type, Shape extents);  ///< zeroed

    std::size_t count() const noexcept { return data.size() / size_of(type); }
    /// The elements as T, whose size must be the element's.
    template <class T>
    std::span<T> as() noexcept {
        return {reinterpret_cast<T*>(data.data()), data.size() / sizeof(T)};
    }
    template <class T>
    std::span<const T> as() const noexcept {
        return {reinterpret_cast<const T*>(data.data()), data.size() / sizeof(T)};
    }
};

bool is_floating(DType type) noexcept;

/// Element `index` as a double: exact for every type except 64-bit integers of more than 53 bits.
double element_as_double(const Array& array, std::size_t index) noexcept;

/// Element `index` written so that reading it back gives the same value: "3", "0.1", "nan".
std::string element_text(const Array& array, std::size_t index);

/// "[12, 7]", the position of linear element `index` in an array of this shape.
std::string position_text(const Shape& shape, std::size_t index);

/// What a person wants to know of a result at a glance. NaNs are counted and left out of the rest.
struct Summary {
    double min = 0, max = 0, mean = 0;
    std::size_t nans = 0;
};
Summary summarise(const Array& array);

}  // namespace heddle::tool
