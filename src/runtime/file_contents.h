// Whole files as bytes, and what tells one version of a file from another.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "sha256.h"

namespace heddle::runtime {

/// Throws not_found when there is no such file, io when it cannot be read.
std::vector<std::byte> read_file(const std::filesystem::path& path);
/// As read_file(), none for any failure.
std::optional<std::vector<std::byte>> try_read_file(const std::filesystem::path& path);
/// Identifies a library's build without reading all of it: size, time of last change and, for ELF files, the
/// linker's build id. None when the file cannot be read.
std::optional<Sha256Digest> file_identity(const std::filesystem::path& path);

}  // namespace heddle::runtime
