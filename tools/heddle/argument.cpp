// The grammar of --arg, see argument.h; binding to parameters is in bind.cpp.
#include "argument.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "half.h"
#include "usage_error.h"

namespace heddle::tool {

namespace {

constexpr std::string_view forms =
    "a number, zeros:TYPE:SHAPE, iota:TYPE:SHAPE, rand:TYPE:SHAPE[:SEED], FILE.npy, FILE.png, local:BYTES, "
    "bytes:HEX or "
    "null";

[[noreturn]] void refuse(std::string_view text, const std::string& reason) {
    throw UsageError(fmt::format("--arg {}: {}", text, reason));
}

template <class Integer>
std::optional<Integer> whole(std::string_view text, int base = 10) {
    Integer value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

GeneratedSpec parse_generated(std::string_view text, GeneratedSpec::Fill fill) {
    const auto parts = split(text, ':');
    const bool random = fill == GeneratedSpec::Fill::random;
    if (parts.size() < 3 || parts.size() > (random ? 4u : 3u))
        refuse(text, fmt::format("must be {}:TYPE:SHAPE{}, e.g. {}:f32:1024", parts[0],
                                 random ? "[:SEED]" : "", parts[0]));
    GeneratedSpec spec;
    spec.fill = fill;
    const auto type = dtype_from_name(parts[1]);
    if (!type)
        refuse(text, fmt::format("'{}' is no type; types are i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 f64",
                                 parts[1]));
    spec.type = *type;
    for (const std::string_view extent : split(parts[2], 'x')) {
        const auto number = whole<std::size_t>(extent);
        if (!number || *number == 0)
            refuse(text,
                   fmt::format("'{}' is no shape; give a count of elements (1024) or extents (480x640x3)",
                               parts[2]));
        spec.shape.push_back(*number);
    }
    if (parts.size() == 4) {
        const auto seed = whole<std::uint64_t>(parts[3]);
        if (!seed)
            refuse(text, fmt::format("'{}' is no seed; give a whole number from 0 to 2^64-1", parts[3]));
        spec.seed = *seed;
    }
    checked_bytes(spec.type, spec.shape);
    return spec;
}

BytesSpec parse_bytes(std::string_view text, std::string_view hex) {
    if (hex.empty() || hex.size() % 2 != 0)
        refuse(text, "needs an even, non-zero number of hexadecimal digits");
    BytesSpec spec;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const auto byte = whole<std::uint8_t>(hex.substr(i, 2), 16);
        if (!byte) refuse(text, fmt::format("'{}' are no hexadecimal digits", hex.substr(i, 2)));
        spec.value.push_back(static_cast<std::byte>(*byte));
    }
    return spec;
}

bool ends_with_any_case(std::string_view text, std::string_view suffix) {
    if (text.size() < suffix.size()) return false;
    return std::equal(suffix.begin(), suffix.end(), text.end() - static_cast<std::ptrdiff_t>(suffix.size()),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

/// A number in C's notation, decimal or hexadecimal, "inf" and "nan" included; nothing but the number.
bool looks_numeric(const std::string& text) {
    if (text.empty() || text.front() == ' ' || text.front() == '\t' || text.front() == '\n') return false;
    char* end = nullptr;
    std::strtod(text.c_str(), &end);
    return *end == '\0' && end != text.c_str();
}

template <class T>
std::vector<std::byte> bytes_of(T value) {
    std::vector<std::byte> bytes(sizeof value);
    std::copy_n(reinterpret_cast<const std::byte*>(&value), sizeof value, bytes.begin());
    return bytes;
}

/// Sign and magnitude of an integer's text; nothing when it is not one or has more than 64 bits.
struct Integer {
    bool negative = false;
    std::uint64_t magnitude = 0;
    bool too_large = false;
};

std::optional<Integer> parse_integer(std::string_view text) {
    Integer integer;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        integer.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    if (text.empty()) return std::nullopt;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), integer.magnitude, base);
    if (end != text.data() + text.size()) return std::nullopt;
    integer.too_large = error == std::errc::result_out_of_range;
    if (error != std::errc() && !integer.too_large) return std::nullopt;
    return integer;
}

template <class T>
std::vector<std::byte> integer_bytes(std::string_view text, DType type, const std::string& who) {
    const auto integer = parse_integer(text);
    if (!integer)
        throw UsageError(fmt::format("{} is {}, but '{}' is not an integer", who, name(type), text));
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    const std::uint64_t limit = !integer->negative ? most : std::numeric_limits<T>::is_signed ? most + 1 : 0;
    if (integer->too_large || integer->magnitude > limit)
        throw UsageError(fmt::format("{} is {}, but {} is out of its range, {} to {}", who, name(type), text,
                                     std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    const std::uint64_t bits = integer->negative ? ~integer->magnitude + 1 : integer->magnitude;
    return bytes_of(static_cast<T>(bits));
}

std::vector<std::byte> float_bytes(std::string_view text, DType type, const std::string& who) {
    const std::string number(text);
    if (!looks_numeric(number))
        throw UsageError(fmt::format("{} is {}, but '{}' is not a number", who, name(type), text));
    // Each width is read directly: reading a double first and narrowing it would round twice.
    const bool wide = type == DType::f64;
    const double value = wide ? std::strtod(number.c_str(), nullptr)
                              : static_cast<double>(std::strtof(number.c_str(), nullptr));
    const bool infinity_meant = number.find_first_of("iI") != std::string::npos;
    const auto narrow = static_cast<float>(value);
    const std::uint16_t sixteen = type == DType::f16 ? half_from_float(narrow) : bfloat16_from_float(narrow);
    const double result = type == DType::f16    ? static_cast<double>(float_from_half(sixteen))
                          : type == DType::bf16 ? static_cast<double>(float_from_bfloat16(sixteen))
                                                : value;
    if (std::isinf(result) && !infinity_meant)
        throw UsageError(
            fmt::format("{} is {}, but {} is larger than the largest of that type", who, name(type), text));
    if (wide) return bytes_of(value);
    if (type == DType::f32) return bytes_of(narrow);
    return bytes_of(sixteen);
}

}  // namespace

ArgumentSpec parse_argument(std::string_view text) {
    ArgumentSpec spec;
    spec.text = text;
    const auto rest = [&](std::string_view prefix) { return text.substr(prefix.size()); };
    if (text == "null") {
        spec.form = NullSpec{};
    } else if (text.starts_with("zeros:")) {
        spec.form = parse_generated(text, GeneratedSpec::Fill::zeros);
    } else if (text.starts_with("iota:")) {
        spec.form = parse_generated(text, GeneratedSpec::Fill::iota);
    } else if (text.starts_with("rand:")) {
        spec.form = parse_generated(text, GeneratedSpec::Fill::random);
    } else if (text.starts_with("local:")) {
        const auto bytes = whole<std::size_t>(rest("local:"));
        if (!bytes || *bytes == 0) refuse(text, "needs a number of bytes, e.g. local:1024");
        spec.form = ScratchSpec{*bytes};
    } else if (text.starts_with("bytes:")) {
        spec.form = parse_bytes(text, rest("bytes:"));
    } else if (ends_with_any_case(text, ".npy") || ends_with_any_case(text, ".png")) {
        spec.form = FileSpec{std::filesystem::path(text)};
    } else if (looks_numeric(spec.text)) {
        spec.form = ScalarSpec{spec.text};
    } else {
        refuse(text, fmt::format("is none of the forms of an argument: {}", forms));
    }
    return spec;
}

std::vector<std::byte> parse_scalar(std::string_view text, DType type, const std::string& who) {
    switch (type) {
        case DType::i8:
            return integer_bytes<std::int8_t>(text, type, who);
        case DType::u8:
            return integer_bytes<std::uint8_t>(text, type, who);
        case DType::i16:
            return integer_bytes<std::int16_t>(text, type, who);
        case DType::u16:
            return integer_bytes<std::uint16_t>(text, type, who);
        case DType::i32:
            return integer_bytes<std::int32_t>(text, type, who);
        case DType::u32:
            return integer_bytes<std::uint32_t>(text, type, who);
        case DType::i64:
            return integer_bytes<std::int64_t>(text, type, who);
        case DType::u64:
            return integer_bytes<std::uint64_t>(text, type, who);
        default:
            return float_bytes(text, type, who);
    }
}

}  // namespace heddle::tool
