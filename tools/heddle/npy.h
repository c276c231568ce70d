// NumPy's .npy files (format versions 1.0 to 3.0, numpy.lib.format) to and from Array.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "array.h"

namespace heddle::tool {

/// Decodes a whole file's bytes. Every type that Heddle has is taken, of either byte order, in C or Fortran
/// order; bool becomes u8 and the two-byte void type (how ml_dtypes writes bfloat16) becomes bf16.
/// `file_name` is for messages. Throws heddle::Error (io) saying what is wrong with the file.
Array decode_npy(std::span<const std::byte> file, const std::string& file_name);

/// Version 1.0, C order, little endian. NumPy has no bfloat16: such arrays are written as 'u2', the bits as
/// they are.
std::vector<std::byte> encode_npy(const Array& array);

Array read_npy(const std::filesystem::path& path);
void write_npy(const std::filesystem::path& path, const Array& array);

}  // namespace heddle::tool
