// The parts of the package format: the manifest as JSON text, the rules that a package must keep, and writing
// without compression for the cache. docs/design/package.md is the description for others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/package.h>

#include "sha256.h"

namespace heddle::runtime {

/// Most entries of each list and longest text; far above what any program needs, small enough to keep memory
/// bounded.
struct PackageLimits {
    static constexpr std::size_t kernels = 65536, parameters = 4096, parameter_bytes = 65536, features = 256;
    static constexpr std::size_t payloads = 1024, symbols = 1 << 20, diagnostics = 1 << 20, text = 1 << 20;
    static constexpr std::size_t global_bytes = std::size_t{1} << 36, alignment = 1 << 20;
    static constexpr std::size_t manifest_bytes = 64 << 20, manifest_depth = 8;
};

/// A file inside the package, as the manifest declares it.
struct PackedFile {
    std::string file;  ///< name in the ZIP
    std::uint64_t bytes = 0;
    std::string sha256;
};

/// A package and where its data stands; in `package` the payloads' and globals' bytes are still empty.
struct Manifest {
    Package package;
    std::vector<PackedFile> payloads;   ///< one for each of package.payloads
    std::optional<PackedFile> globals;  ///< none when all zero
};

/// Parses and checks a manifest. Throws corrupt_package.
Manifest parse_manifest(std::string_view json);
std::string write_manifest(const Manifest& manifest);
/// What breaks the rules of a package, if anything: names not unique, ranges outside their block, ...
std::optional<std::string> find_defect(const Package& package);
/// True for the first bytes of a ZIP file.
bool is_zip(std::span<const std::byte> file) noexcept;

enum class Compression { store, deflate };
/// Package::write() with a choice.
std::vector<std::byte> write_package(const Package& package, Compression compression);

}  // namespace heddle::runtime
