// The .npy reader and writer, see npy.h.
#include "npy.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <heddle/error.h>

#include "file.h"
#include "usage_error.h"

namespace heddle::tool {

namespace {

static_assert(std::endian::native == std::endian::little,
              "encode_npy writes the host's bytes as little endian");

constexpr std::string_view magic = "\x93NUMPY";

[[noreturn]] void refuse(const std::string& file_name, const std::string& reason) {
    throw Error(ErrorCode::io, fmt::format("{}: {}", file_name, reason), "reading .npy");
}

struct Header {
    std::string descr;
    std::optional<bool> fortran_order;
    std::optional<Shape> shape;
};

/// Reads the header's Python dictionary: string keys, and values that are a string, a boolean or a tuple of
/// integers.
class HeaderParser {
  public:
    HeaderParser(std::string_view text, const std::string& file_name) : text_(text), file_name_(file_name) {}

    Header parse() {
        Header header;
        expect('{');
        while (!accept('}')) {
            const std::string key = string();
            expect(':');
            if (key == "descr") {
                skip_space();
                if (peek() == '[')
                    refuse(file_name_,
                           "it holds a structured type; only plain numbers can be a kernel's buffer");
                header.descr = string();
            } else if (key == "fortran_order") {
                header.fortran_order = boolean();
            } else if (key == "shape") {
                header.shape = tuple();
            } else {
                refuse(file_name_, fmt::format("the header has an unknown key '{}'", key));
            }
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        if (header.descr.empty() || !header.fortran_order || !header.shape)
            refuse(file_name_, "the header lacks 'descr', 'fortran_order' or 'shape'");
        return header;
    }

  private:
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
    }
    bool accept(char wanted) {
        skip_space();
        if (peek() != wanted) return false;
        ++at_;
        return true;
    }
    void expect(char wanted) {
        if (!accept(wanted))
            refuse(file_name_,
                   fmt::format("the header is damaged: '{}' expected at character {}", wanted, at_));
    }
    std::string string() {
        skip_space();
        const char quote = peek();
        const std::size_t end =
            quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : std::string_view::npos;
        if (end == std::string_view::npos)
            refuse(file_name_, fmt::format("the header is damaged: a string expected at character {}", at_));
        const std::string value(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return value;
    }
    bool boolean() {
        skip_space();
        for (const auto& [word, value] : {std::pair{std::string_view("True"), true}, {"False", false}}) {
            if (text_.substr(at_, word.size()) == word) {
                at_ += word.size();
                return value;
            }
        }
        refuse(file_name_, fmt::format("the header is damaged: True or False expected at character {}", at_));
    }
    Shape tuple() {
        Shape shape;
        expect('(');
        while (!accept(')')) {
            skip_space();
            std::size_t extent = 0;
            const auto [end, error] =
                std::from_chars(text_.data() + at_, text_.data() + text_.size(), extent);
            if (error != std::errc())
                refuse(file_name_,
                       fmt::format("the header is damaged: an extent expected at character {}", at_));
            shape.push_back(extent);
            at_ = static_cast<std::size_t>(end - text_.data());
            if (peek() == 'L') ++at_;  // Python 2 wrote long integers so
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return shape;
    }

    std::string_view text_;
    const std::string& file_name_;
    std::size_t at_ = 0;
};

struct Element {
    DType type;
    bool swapped;  ///< the file's byte order is not the host's
};

Element element_of(const std::string& descr, const std::string& file_name) {
    static constexpr std::pair<std::string_view, DType> types[] = {
        {"i1", DType::i8},   {"u1", DType::u8},  {"b1", DType::u8},  {"i2", DType::i16}, {"u2", DType::u16},
        {"i4", DType::i32},  {"u4", DType::u32}, {"i8", DType::i64}, {"u8", DType::u64}, {"f2", DType::f16},
        {"V2", DType::bf16}, {"f4", DType::f32}, {"f8", DType::f64}};
    const bool has_order =
        !descr.empty() && std::string_view("<>|=").find(descr[0]) != std::string_view::npos;
    const std::string_view kind = std::string_view(descr).substr(has_order ? 1 : 0);
    for (const auto& [text, type] : types)
        if (kind == text) return {type, descr[0] == '>' && size_of(type) > 1};
    refuse(file_name,
           fmt::format("its type '{}' is none that a kernel's buffer can have (NumPy's int8 to int64, uint8 "
                       "to uint64, bool, float16, float32, float64); convert it with .astype()",
                       descr));
}

/// Puts data that lies first index fastest into C order.
std::vector<std::byte> c_order(std::span<const std::byte> fortran, const Shape& shape, std::size_t width) {
    std::vector<std::byte> out(fortran.size());
    Shape stride(shape.size(), 1);
    for (std::size_t axis = 1; axis < shape.size(); ++axis) stride[axis] = stride[axis - 1] * shape[axis - 1];
    Shape position(shape.size(), 0);
    std::size_t from = 0;
    for (std::size_t to = 0; to < out.size(); to += width) {
        std::memcpy(&out[to], &fortran[from * width], width);
        for (std::size_t axis = shape.size(); axis-- > 0;) {
            from += stride[axis];
            if (++position[axis] < shape[axis]) break;
            from -= stride[axis] * shape[axis];
            position[axis] = 0;
        }
    }
    return out;
}

}  // namespace

Array decode_npy(std::span<const std::byte> file, const std::string& file_name) {
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    if (!text.starts_with(magic) || text.size() < 10)
        refuse(file_name, "it is not a .npy file (it does not begin with \\x93NUMPY)");
    const unsigned version = static_cast<unsigned char>(text[6]);
    if (version < 1 || version > 3) refuse(file_name, fmt::format("format version {} is unknown", version));
    const std::size_t length_bytes = version == 1 ? 2 : 4;
    std::size_t header_bytes = 0;
    if (text.size() < 8 + length_bytes) refuse(file_name, "the header is cut off");
    for (std::size_t i = 0; i < length_bytes; ++i)
        header_bytes |= static_cast<std::size_t>(static_cast<unsigned char>(text[8 + i])) << (8 * i);
    const std::size_t data_at = 8 + length_bytes + header_bytes;
    if (data_at > text.size()) refuse(file_name, "the header is cut off");

    const Header header = HeaderParser(text.substr(8 + length_bytes, header_bytes), file_name).parse();
    const Element element = element_of(header.descr, file_name);
    const std::span<const std::byte> data = file.subspan(data_at);
    std::size_t bytes = 0;
    try {
        bytes = checked_bytes(element.type, *header.shape);
    } catch (const UsageError& error) {
        refuse(file_name, fmt::format("the header is damaged: {}", error.what()));
    }
    if (data.size() != bytes)
        refuse(file_name,
               fmt::format("{} needs {} bytes of data, but {} stand after the header: the file is {}",
                           describe(element.type, *header.shape), bytes, data.size(),
                           data.size() < bytes ? "cut off" : "not one array alone"));
    Array array;
    array.type = element.type;
    array.shape = *header.shape;
    const std::size_t width = size_of(element.type);
    if (*header.fortran_order && array.shape.size() > 1)
        array.data = c_order(data, array.shape, width);
    else
        array.data.assign(data.begin(), data.end());
    if (element.swapped)
        for (std::size_t at = 0; at < array.data.size(); at += width)
            std::reverse(array.data.begin() + static_cast<std::ptrdiff_t>(at),
                         array.data.begin() + static_cast<std::ptrdiff_t>(at + width));
    return array;
}

std::vector<std::byte> encode_npy(const Array& array) {
    const auto descr = [&]() -> std::string_view {
        switch (array.type) {
            case DType::i8:
                return "|i1";
            case DType::u8:
                return "|u1";
            case DType::i16:
                return "<i2";
            case DType::u16:
                return "<u2";
            case DType::i32:
                return "<i4";
            case DType::u32:
                return "<u4";
            case DType::i64:
                return "<i8";
            case DType::u64:
                return "<u8";
            case DType::f16:
                return "<f2";
            case DType::bf16:
                return "<u2";
            case DType::f32:
                return "<f4";
            case DType::f64:
                return "<f8";
        }
        return "";
    }();
    std::string shape;
    for (const std::size_t extent : array.shape)
        shape += fmt::format("{}{}", shape.empty() ? "" : " ", extent) + ",";
    if (array.shape.size() > 1) shape.pop_back();
    std::string header =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, shape);
    // The data begins at a multiple of 64 bytes, as NumPy does it; the header ends with a line feed.
    constexpr std::size_t prefix = 10;
    header.append(63 - (prefix + header.size()) % 64, ' ');
    header += '\n';

    std::string head(magic);
    head += '\x01';
    head += '\x00';
    head += static_cast<char>(header.size() & 0xff);
    head += static_cast<char>(header.size() >> 8);
    head += header;
    std::vector<std::byte> file(head.size() + array.data.size());
    std::memcpy(file.data(), head.data(), head.size());
    if (!array.data.empty()) std::memcpy(file.data() + head.size(), array.data.data(), array.data.size());
    return file;
}

Array read_npy(const std::filesystem::path& path) {
    return decode_npy(read_file(path), path.string());
}

void write_npy(const std::filesystem::path& path, const Array& array) {
    write_file(path, encode_npy(array));
}

}  // namespace heddle::tool
