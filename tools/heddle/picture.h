// PNG pictures to and from Array: u8, rows x columns (grey) or rows x columns x 3 or 4 (RGB, RGBA).
#pragma once

#include <filesystem>
#include <string>

#include "array.h"

namespace heddle::tool {

/// Reads any PNG as 8 bits a channel: grey as rows x columns, colour (palettes included) as rows x columns x
/// 3, anything with transparency as rows x columns x 4. Throws heddle::Error (io) with libpng's reason.
Array read_picture(const std::filesystem::path& path);

/// Why an array of this type and shape is no picture, or empty when it is one.
std::string picture_obstacle(DType type, const Shape& shape);

/// Writes a picture; picture_obstacle() must be empty. Throws heddle::Error (io).
void write_picture(const std::filesystem::path& path, const Array& array);

}  // namespace heddle::tool
