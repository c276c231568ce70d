// Sizes, element access and summaries of Array, see array.h.
#include "array.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "half.h"
#include "usage_error.h"

namespace heddle::tool {

std::size_t element_count(const Shape& shape) noexcept {
    std::size_t count = 1;
    for (const std::size_t extent : shape) count *= extent;
    return count;
}

std::size_t checked_bytes(DType type, const Shape& shape) {
    constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max();
    std::size_t bytes = size_of(type);
    for (const std::size_t extent : shape) {
        if (extent != 0 && bytes > most / extent)
            throw UsageError(
                fmt::format("{} is more memory than any machine can address", describe(type, shape)));
        bytes *= extent;
    }
    return bytes;
}

std::string describe(DType type, const Shape& shape) {
    return fmt::format("{}[{}]", name(type), fmt::join(shape, "x"));
}

Array::Array(DType element_type, Shape extents) : type(element_type), shape(std::move(extents)) {
    data.resize(checked_bytes(type, shape));
}

bool is_floating(DType type) noexcept {
    return type == DType::f16 || type == DType::bf16 || type == DType::f32 || type == DType::f64;
}

double element_as_double(const Array& array, std::size_t index) noexcept {
    switch (array.type) {
        case DType::i8:
            return array.as<std::int8_t>()[index];
        case DType::u8:
            return array.as<std::uint8_t>()[index];
        case DType::i16:
            return array.as<std::int16_t>()[index];
        case DType::u16:
            return array.as<std::uint16_t>()[index];
        case DType::i32:
            return array.as<std::int32_t>()[index];
        case DType::u32:
            return array.as<std::uint32_t>()[index];
        case DType::i64:
            return static_cast<double>(array.as<std::int64_t>()[index]);
        case DType::u64:
            return static_cast<double>(array.as<std::uint64_t>()[index]);
        case DType::f16:
            return static_cast<double>(float_from_half(array.as<std::uint16_t>()[index]));
        case DType::bf16:
            return static_cast<double>(float_from_bfloat16(array.as<std::uint16_t>()[index]));
        case DType::f32:
            return static_cast<double>(array.as<float>()[index]);
        case DType::f64:
            return array.as<double>()[index];
    }
    return 0;
}

std::string element_text(const Array& array, std::size_t index) {
    switch (array.type) {
        case DType::i64:
            return fmt::format("{}", array.as<std::int64_t>()[index]);
        case DType::u64:
            return fmt::format("{}", array.as<std::uint64_t>()[index]);
        case DType::f64:
            return fmt::format("{}", array.as<double>()[index]);
        case DType::f16:
        case DType::bf16:
        case DType::f32:
            return fmt::format("{}", static_cast<float>(element_as_double(array, index)));
        default:
            return fmt::format("{}", static_cast<long>(element_as_double(array, index)));
    }
}

std::string position_text(const Shape& shape, std::size_t index) {
    std::vector<std::size_t> position(std::max<std::size_t>(shape.size(), 1), index);
    for (std::size_t axis = shape.size(); axis-- > 1;) {
        position[axis] = index % shape[axis];
        index /= shape[axis];
        position[axis - 1] = index;
    }
    return fmt::format("[{}]", fmt::join(position, ", "));
}

Summary summarise(const Array& array) {
    Summary summary;
    summary.min = std::numeric_limits<double>::infinity();
    summary.max = -summary.min;
    double sum = 0;
    const std::size_t count = array.count();
    for (std::size_t i = 0; i < count; ++i) {
        const double value = element_as_double(array, i);
        if (std::isnan(value)) {
            ++summary.nans;
            continue;
        }
        summary.min = std::min(summary.min, value);
        summary.max = std::max(summary.max, value);
        sum += value;
    }
    const std::size_t numbers = count - summary.nans;
    if (numbers == 0) {
        summary.min = summary.max = summary.mean = std::numeric_limits<double>::quiet_NaN();
    } else {
        summary.mean = sum / static_cast<double>(numbers);
    }
    return summary;
}

}  // namespace heddle::tool
