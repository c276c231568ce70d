// The files that the compiler carries in itself: Heddle's CUDA headers and the few of Clang's own (stddef.h,
// ...) that a translation unit needs. cmake/embed_headers.cmake writes the definition at build time.
#pragma once

#include <span>
#include <string_view>

namespace heddle::compiler {

/// One file. Both views refer to static storage; `contents` is followed by a null character.
struct EmbeddedFile {
    std::string_view path;  ///< absolute, below embedded_include_directory or embedded_resource_directory
    std::string_view contents;
};

/// Where Heddle's headers stand in the compiler's file system.
inline constexpr std::string_view embedded_include_directory = "/heddle/include";
/// Clang's resource directory in the compiler's file system; its headers stand below "include/".
inline constexpr std::string_view embedded_resource_directory = "/heddle/clang";

/// All embedded files.
std::span<const EmbeddedFile> embedded_headers();

}  // namespace heddle::compiler
