// Reading and writing whole files, see file.h.
#include "file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <heddle/error.h>

#include "usage_error.h"

namespace heddle::tool {

namespace {

struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void fail(const std::filesystem::path& path, const char* doing, int code) {
    throw Error(ErrorCode::io, fmt::format("{}: {}", path.string(), std::strerror(code)), doing);
}

}  // namespace

void require_readable_file(const std::filesystem::path& path, const std::string& what) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
        throw UsageError(fmt::format(
            "{} '{}' does not exist{}", what, path.string(),
            path.is_relative() ? fmt::format(" (looked in {})", std::filesystem::current_path(error).string())
                               : ""));
    if (std::filesystem::is_directory(status))
        throw UsageError(fmt::format("{} '{}' is a directory; a file is needed", what, path.string()));
    if (const File file{std::fopen(path.c_str(), "rb")}; !file)
        throw UsageError(
            fmt::format("{} '{}' cannot be read: {}", what, path.string(), std::strerror(errno)));
}

void require_writable_place(const std::filesystem::path& path, const std::string& what) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        throw UsageError(fmt::format("{} '{}' is a directory; name a file", what, path.string()));
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    if (!std::filesystem::is_directory(folder, error))
        throw UsageError(fmt::format("{} '{}' cannot be written: there is no directory '{}'", what,
                                     path.string(), folder.string()));
}

std::vector<std::byte> read_file(const std::filesystem::path& path) {
    const File file{std::fopen(path.c_str(), "rb")};
    if (!file) fail(path, "reading", errno);
    std::vector<std::byte> bytes;
    std::error_code error;
    if (const auto size = std::filesystem::file_size(path, error); !error) bytes.reserve(size);
    std::byte block[65536];
    while (const std::size_t got = std::fread(block, 1, sizeof block, file.get()))
        bytes.insert(bytes.end(), block, block + got);
    if (std::ferror(file.get())) fail(path, "reading", errno);
    return bytes;
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    File file{std::fopen(path.c_str(), "wb")};
    if (!file) fail(path, "writing", errno);
    if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size()) fail(path, "writing", errno);
    if (std::fclose(file.release()) != 0) fail(path, "writing", errno);
}

}  // namespace heddle::tool
