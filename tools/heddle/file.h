// Whole files in and out, with errors that name the path and the system's reason.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace heddle::tool {

/// Throws UsageError when `path` does not exist or is not a file that can be opened; `what` names its role
/// ("kernel file", "argument 2").
void require_readable_file(const std::filesystem::path& path, const std::string& what);

/// Throws UsageError when `path` cannot be created: its directory is missing, or it is a directory itself.
void require_writable_place(const std::filesystem::path& path, const std::string& what);

/// The file's bytes. Throws heddle::Error (io).
std::vector<std::byte> read_file(const std::filesystem::path& path);

/// Replaces the file. Throws heddle::Error (io), also when the disk is full.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace heddle::tool
