// Launch configuration against limits; arguments against parameters, converted and packed.
#include "arguments.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include <heddle/error.h>

#include "half.h"

namespace heddle::runtime {

namespace {

std::string operation_of(const KernelInfo& kernel) {
    return "launch of '" + kernel.name + "'";
}

[[noreturn]] [[gnu::cold]] void refuse_configuration(ErrorCode code, const Device& device,
                                                     const KernelInfo& kernel, std::string reason) {
    throw Error(code, std::move(reason), operation_of(kernel), device.id());
}

std::string text(const Dim3& d) {
    return std::to_string(d.x) + " x " + std::to_string(d.y) + " x " + std::to_string(d.z);
}

// x * y * z; saturates where that overflows.
std::uint64_t count(const Dim3& d) {
    std::uint64_t all = 0;
    if (__builtin_mul_overflow(std::uint64_t{d.x} * d.y, std::uint64_t{d.z}, &all)) return UINT64_MAX;
    return all;
}

[[gnu::cold]] std::string block_text(const Dim3& block) {
    const std::uint64_t threads = count(block);
    const bool is_flat = block.y == 1 && block.z == 1;
    const std::string number = threads == UINT64_MAX ? "2^64 or more" : std::to_string(threads);
    return "block of " + number + " threads" + (is_flat ? "" : " (" + text(block) + ")");
}

[[gnu::cold]] std::string describe(const Argument& argument) {
    const bool is_value =
        argument.kind() != Argument::Kind::buffer && argument.kind() != Argument::Kind::null;
    if (is_value && argument.data() == nullptr) return "nothing";
    const std::string bits = std::to_string(argument.bytes() * 8);
    switch (argument.kind()) {
        case Argument::Kind::buffer:
            return "a buffer";
        case Argument::Kind::null:
            return "nullptr";
        case Argument::Kind::signed_integer:
            return "a value (i" + bits + ")";
        case Argument::Kind::unsigned_integer:
            return "a value (u" + bits + ")";
        case Argument::Kind::floating:
            return "a value (f" + bits + ")";
        case Argument::Kind::structure:
            return "a structure of " + std::to_string(argument.bytes()) + " bytes";
        case Argument::Kind::raw:
            break;
    }
    return std::to_string(argument.bytes()) + " raw bytes";
}

[[gnu::cold]] std::string describe(const Parameter& parameter) {
    switch (parameter.kind) {
        case ParameterKind::pointer:
            return "a pointer";
        case ParameterKind::structure:
            return "a structure of " + std::to_string(parameter.bytes) + " bytes";
        case ParameterKind::scalar:
            break;
    }
    return parameter.type ? "a scalar of type " + std::string(name(*parameter.type))
                          : "a scalar of " + std::to_string(parameter.bytes) + " bytes";
}

// One argument on its way into the parameter buffer; knows how to complain about itself.
struct Conversion {
    const Device& device;
    const KernelInfo& kernel;
    std::size_t index;
    const Argument& argument;

    const Parameter& parameter() const { return kernel.parameters[index]; }

    [[noreturn]] [[gnu::cold]] void refuse(const std::string& problem) const {
        throw Error(ErrorCode::invalid_argument,
                    "argument " + std::to_string(index + 1) + " '" + parameter().name + "' " + problem,
                    operation_of(kernel), device.id());
    }
    [[noreturn]] [[gnu::cold]] void refuse_kind() const {
        refuse("is " + describe(parameter()) + ", got " + describe(argument));
    }
    [[noreturn]] [[gnu::cold]] void refuse_value(const std::string& value, const char* problem) const {
        refuse("is " + describe(parameter()) + ", " + problem + " " + value);
    }

    void raw(std::byte* to) const {
        if (argument.bytes() != parameter().bytes) {
            refuse("is " + describe(parameter()) + " (" + std::to_string(parameter().bytes) +
                   " bytes), got " + describe(argument));
        }
        std::memcpy(to, argument.data(), argument.bytes());
    }

    std::int64_t signed_value() const {
        switch (argument.bytes()) {
            case 1:
                return load<std::int8_t>();
            case 2:
                return load<std::int16_t>();
            case 4:
                return load<std::int32_t>();
            case 8:
                return load<std::int64_t>();
            default:
                refuse_kind();
        }
    }
    std::uint64_t unsigned_value() const {
        switch (argument.bytes()) {
            case 1:
                return load<std::uint8_t>();
            case 2:
                return load<std::uint16_t>();
            case 4:
                return load<std::uint32_t>();
            case 8:
                return load<std::uint64_t>();
            default:
                refuse_kind();
        }
    }
    double floating_value() const {
        if (argument.bytes() == sizeof(float)) return load<float>();
        if (argument.bytes() == sizeof(double)) return load<double>();
        if (argument.bytes() == sizeof(long double)) return static_cast<double>(load<long double>());
        refuse_kind();
    }
    template <class T>
    T load() const {
        T value;
        std::memcpy(&value, argument.data(), sizeof(T));
        return value;
    }
    template <class T>
    static void store(std::byte* to, T value) {
        std::memcpy(to, &value, sizeof(T));
    }

    template <class To>
    void integer(std::byte* to) const {
        if (argument.kind() == Argument::Kind::signed_integer) {
            const std::int64_t value = signed_value();
            if (!std::in_range<To>(value)) refuse_value(std::to_string(value), "which cannot hold");
            return store(to, static_cast<To>(value));
        }
        if (argument.kind() == Argument::Kind::unsigned_integer) {
            const std::uint64_t value = unsigned_value();
            if (!std::in_range<To>(value)) refuse_value(std::to_string(value), "which cannot hold");
            return store(to, static_cast<To>(value));
        }
        // A whole number in range is the same value; anything else would change it silently.
        const double value = floating_value();
        const double beyond = std::ldexp(1.0, std::numeric_limits<To>::digits);
        const bool fits = value < beyond && (std::is_signed_v<To> ? value >= -beyond : value >= 0);
        if (!fits || value != std::trunc(value)) refuse_value(std::to_string(value), "which cannot hold");
        store(to, static_cast<To>(value));
    }

    double real() const {
        switch (argument.kind()) {
            case Argument::Kind::signed_integer:
                return static_cast<double>(signed_value());
            case Argument::Kind::unsigned_integer:
                return static_cast<double>(unsigned_value());
            default:
                return floating_value();
        }
    }
    // Rounding is fine, a finite number that becomes infinite is not.
    void check_finite(double value, bool became_infinite) const {
        if (became_infinite && std::isfinite(value))
            refuse_value(std::to_string(value), "whose range ends before");
    }

    void scalar(std::byte* to) const {
        if (argument.kind() == Argument::Kind::raw || argument.kind() == Argument::Kind::structure ||
            !parameter().type) {
            return raw(to);
        }
        switch (*parameter().type) {
            case DType::i8:
                return integer<std::int8_t>(to);
            case DType::u8:
                return integer<std::uint8_t>(to);
            case DType::i16:
                return integer<std::int16_t>(to);
            case DType::u16:
                return integer<std::uint16_t>(to);
            case DType::i32:
                return integer<std::int32_t>(to);
            case DType::u32:
                return integer<std::uint32_t>(to);
            case DType::i64:
                return integer<std::int64_t>(to);
            case DType::u64:
                return integer<std::uint64_t>(to);
            case DType::f64:
                return store(to, real());
            case DType::f32: {
                const double value = real();
                const auto rounded = static_cast<float>(value);
                check_finite(value, std::isinf(rounded));
                return store(to, rounded);
            }
            case DType::f16: {
                const double value = real();
                const std::uint16_t rounded = f16_from_double(value);
                check_finite(value, (rounded & 0x7fffU) == 0x7c00U);
                return store(to, rounded);
            }
            case DType::bf16: {
                const double value = real();
                const std::uint16_t rounded = bf16_from_double(value);
                check_finite(value, (rounded & 0x7fffU) == 0x7f80U);
                return store(to, rounded);
            }
        }
    }

    void pointer(std::byte* to, hal::Launch& launch) const {
        switch (argument.kind()) {
            case Argument::Kind::null:
                return store(to, std::uint64_t{0});
            case Argument::Kind::raw:
                return raw(to);
            case Argument::Kind::buffer:
                break;
            default:
                refuse_kind();
        }
        const Buffer& buffer = *argument.buffer();
        const auto& allocation = buffer.allocation();
        if (!allocation) refuse("is a pointer, got an empty buffer (for a null pointer, pass nullptr)");
        if (buffer.device() != device) refuse("is a buffer of " + buffer.device().id());
        const std::size_t offset = argument.buffer_offset();
        if (offset > allocation->size_bytes()) {
            refuse("starts " + std::to_string(offset) + " bytes into a buffer of " +
                   std::to_string(allocation->size_bytes()));
        }
        store(to, std::uint64_t{allocation->device_address() + offset});
        launch.allocations.push_back(allocation);
    }
};

}  // namespace

void check_configuration(const Device& device, const KernelInfo& kernel, const LaunchConfig& config) {
    const DeviceLimits& limits = device.info().limits;
    const auto& [grid, block, dynamic_shared] = config;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0) {
        refuse_configuration(ErrorCode::invalid_argument, device, kernel,
                             "the grid, " + text(grid) + ", is empty");
    }
    if (block.x == 0 || block.y == 0 || block.z == 0) {
        refuse_configuration(ErrorCode::invalid_argument, device, kernel,
                             "the block, " + text(block) + ", is empty");
    }
    const std::uint64_t threads = count(block);
    const auto over = [&](const std::string& what, std::uint64_t limit, const char* whose) {
        refuse_configuration(ErrorCode::launch_failed, device, kernel,
                             what + " is over " + whose + " of " + std::to_string(limit));
    };
    constexpr const char* kDevice = "this device's limit";
    if (threads > limits.threads) over(block_text(block), limits.threads, kDevice);
    if (threads > kernel.max_threads)
        over(block_text(block), kernel.max_threads, "the kernel's __launch_bounds__");
    const std::uint32_t block_extent[] = {block.x, block.y, block.z},
                        grid_extent[] = {grid.x, grid.y, grid.z};
    for (std::size_t i = 0; i < 3; ++i) {
        if (block_extent[i] > limits.block[i]) {
            over(std::string("block extent ") + "xyz"[i] + " of " + std::to_string(block_extent[i]),
                 limits.block[i], kDevice);
        }
        if (grid_extent[i] > limits.grid[i]) {
            over(std::string("grid extent ") + "xyz"[i] + " of " + std::to_string(grid_extent[i]),
                 limits.grid[i], kDevice);
        }
    }
    // Dynamic shared memory follows the static at the next multiple of 16.
    const std::uint64_t fixed = dynamic_shared == 0
                                    ? kernel.static_shared_bytes
                                    : (std::uint64_t{kernel.static_shared_bytes} + 15) / 16 * 16;
    if (dynamic_shared > limits.shared_bytes || fixed > limits.shared_bytes - dynamic_shared) {
        refuse_configuration(ErrorCode::launch_failed, device, kernel,
                             "shared memory of " + std::to_string(fixed) + " bytes (static) and " +
                                 std::to_string(dynamic_shared) +
                                 " bytes (dynamic) is over this device's limit of " +
                                 std::to_string(limits.shared_bytes));
    }
}

void check_grid_part(const Device& device, const KernelInfo& kernel, const Dim3& grid, const GridPart& part) {
    const auto is_inside = [](std::uint32_t first, std::uint32_t count, std::uint32_t all) {
        return first <= all && count <= all - first;
    };
    const auto& [first, blocks] = part;
    if (!is_inside(first.x, blocks.x, grid.x) || !is_inside(first.y, blocks.y, grid.y) ||
        !is_inside(first.z, blocks.z, grid.z)) {
        refuse_configuration(ErrorCode::invalid_argument, device, kernel,
                             "the part, " + text(blocks) + " blocks from block " + text(first) +
                                 ", is not inside of the grid, " + text(grid));
    }
    if (!kernel.grid_part_offset && blocks != grid) {
        refuse_configuration(ErrorCode::unsupported, device, kernel,
                             "the kernel was compiled to run whole grids; compile it with --grid-parts "
                             "(CompileOptions::grid_parts)");
    }
}

void pack_grid_part(const KernelInfo& kernel, const Dim3& grid, const Dim3& first, hal::Launch& launch) {
    if (!kernel.grid_part_offset) return;
    const std::uint32_t hidden[] = {first.x, first.y, first.z, grid.x, grid.y, grid.z};
    std::memcpy(launch.parameters.data() + *kernel.grid_part_offset, hidden, sizeof hidden);
}

void pack_arguments(const Device& device, const KernelInfo& kernel, std::span<const Argument> arguments,
                    hal::Launch& launch) {
    if (arguments.size() != kernel.parameters.size()) {
        std::string names;
        for (const Parameter& parameter : kernel.parameters)
            names += (names.empty() ? "" : ", ") + parameter.name;
        throw Error(ErrorCode::invalid_argument,
                    "it takes " + std::to_string(kernel.parameters.size()) + " arguments (" + names +
                        "), got " + std::to_string(arguments.size()),
                    operation_of(kernel), device.id());
    }
    launch.parameters.resize(kernel.parameter_bytes);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const Conversion conversion{device, kernel, i, arguments[i]};
        const Parameter& parameter = kernel.parameters[i];
        std::byte* to = launch.parameters.data() + parameter.offset;
        const Argument::Kind kind = arguments[i].kind();
        const bool is_value = kind != Argument::Kind::buffer && kind != Argument::Kind::null;
        if (is_value && arguments[i].data() == nullptr) conversion.refuse_kind();
        switch (parameter.kind) {
            case ParameterKind::pointer:
                conversion.pointer(to, launch);
                break;
            case ParameterKind::structure:
                if (kind != Argument::Kind::structure && kind != Argument::Kind::raw)
                    conversion.refuse_kind();
                conversion.raw(to);
                break;
            case ParameterKind::scalar:
                if (kind == Argument::Kind::buffer || kind == Argument::Kind::null) conversion.refuse_kind();
                conversion.scalar(to);
                break;
        }
    }
    pack_grid_part(kernel, launch.config.grid, {0, 0, 0}, launch);
}

}  // namespace heddle::runtime
