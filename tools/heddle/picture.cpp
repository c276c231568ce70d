// The PNG reader and writer over libpng's simplified interface, see picture.h.
#include "picture.h"

#include <cstring>

#include <fmt/format.h>
#include <heddle/error.h>
#include <png.h>

#include "file.h"

namespace heddle::tool {

namespace {

/// libpng's control structure, freed on every way out.
struct Image {
    png_image value{};
    Image() { value.version = PNG_IMAGE_VERSION; }
    ~Image() { png_image_free(&value); }
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;
};

[[noreturn]] void fail(const std::filesystem::path& path, const char* doing, const char* reason) {
    throw Error(ErrorCode::io, fmt::format("{}: {}", path.string(), reason), doing);
}

}  // namespace

Array read_picture(const std::filesystem::path& path) {
    const std::vector<std::byte> file = read_file(path);
    Image image;
    if (!png_image_begin_read_from_memory(&image.value, file.data(), file.size()))
        fail(path, "reading PNG", image.value.message);
    const bool colour = (image.value.format & PNG_FORMAT_FLAG_COLOR) != 0;
    const bool alpha = (image.value.format & PNG_FORMAT_FLAG_ALPHA) != 0;
    image.value.format = alpha ? PNG_FORMAT_RGBA : colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    Shape shape{image.value.height, image.value.width};
    if (alpha || colour) shape.push_back(alpha ? 4 : 3);
    Array array(DType::u8, std::move(shape));
    if (!png_image_finish_read(&image.value, nullptr, array.data.data(), 0, nullptr))
        fail(path, "reading PNG", image.value.message);
    return array;
}

std::string picture_obstacle(DType type, const Shape& shape) {
    if (type != DType::u8) return fmt::format("a PNG needs u8, this buffer is {}", describe(type, shape));
    const std::size_t channels = shape.size() == 3 ? shape[2] : 1;
    if (shape.size() < 2 || shape.size() > 3 || (channels != 1 && channels != 3 && channels != 4))
        return fmt::format(
            "a PNG needs the shape rows x columns or rows x columns x 1, 3 or 4, this buffer is {}; give it "
            "a shape, "
            "e.g. zeros:u8:480x640x3",
            describe(type, shape));
    if (shape[0] == 0 || shape[1] == 0 || shape[0] > 0x7fffffff || shape[1] > 0x7fffffff)
        return fmt::format("{} is not a size that a PNG can have", describe(type, shape));
    return {};
}

void write_picture(const std::filesystem::path& path, const Array& array) {
    Image image;
    image.value.height = static_cast<png_uint_32>(array.shape[0]);
    image.value.width = static_cast<png_uint_32>(array.shape[1]);
    const std::size_t channels = array.shape.size() == 3 ? array.shape[2] : 1;
    image.value.format = channels == 4 ? PNG_FORMAT_RGBA : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    png_alloc_size_t bytes = 0;
    if (!png_image_write_get_memory_size(image.value, bytes, 0, array.data.data(), 0, nullptr))
        fail(path, "writing PNG", image.value.message);
    std::vector<std::byte> file(bytes);
    if (!png_image_write_to_memory(&image.value, file.data(), &bytes, 0, array.data.data(), 0, nullptr))
        fail(path, "writing PNG", image.value.message);
    file.resize(bytes);
    write_file(path, file);
}

}  // namespace heddle::tool
