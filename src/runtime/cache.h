// The cache on disk: bytes under a key, with the files they depend on. A damaged, stale or unreadable entry
// is a miss; a cache that cannot be written is no error. Several threads and processes may share a directory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "sha256.h"

namespace heddle::runtime {

/// A file that an entry was made from. The entry is a miss once the file's digest is another.
struct CacheDependency {
    enum class Kind : std::uint8_t {
        content = 0,   ///< digest of the bytes
        identity = 1,  ///< file_identity()
    };
    Kind kind = Kind::content;
    std::filesystem::path path;
    Sha256Digest digest{};

    /// Reads the file now. None when it cannot be read.
    static std::optional<CacheDependency> of(Kind kind, const std::filesystem::path& path);
};

class Cache {
  public:
    /// An empty `directory` makes a cache that is always empty. When the files are more than `max_bytes`
    /// together, the longest unused ones go.
    Cache(std::filesystem::path directory, std::uint64_t max_bytes);
    /// As the environment says; empty when switched off there or by `is_used`.
    static Cache from_environment(bool is_used);

    bool is_enabled() const noexcept { return !directory_.empty(); }
    std::optional<std::vector<std::byte>> find(const Sha256Digest& key) const;
    void store(const Sha256Digest& key, std::span<const CacheDependency> dependencies,
               std::span<const std::byte> data) const;
    /// Deletes the longest unused entries until all are within the limit. store() calls it now and then.
    void evict() const;
    /// Where an entry stands, or would.
    std::filesystem::path path_of(const Sha256Digest& key) const;

  private:
    std::filesystem::path directory_;
    std::uint64_t max_bytes_;
};

}  // namespace heddle::runtime
