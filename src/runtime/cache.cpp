// An entry is a file: magic, SHA-256 of the rest, key, dependencies, data. It is written under another name
// and renamed, so that a reader sees all of it or nothing.
#include "cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "environment.h"
#include "file_contents.h"
#include "log.h"

namespace heddle::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "HEDDLEC1";
constexpr std::string_view kExtension = ".entry", kTemporary = ".new";

void append(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void append(std::vector<std::byte>& to, std::uint64_t number) {
    for (int i = 0; i < 8; ++i) to.push_back(static_cast<std::byte>(number >> (8 * i)));
}

// Reads an entry's fields in order; a field that is not there makes it fail for good.
class Reader {
  public:
    explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}
    std::span<const std::byte> take(std::uint64_t bytes) {
        if (bytes > rest_.size()) {
            is_good_ = false;
            rest_ = {};
            return {};
        }
        const auto taken = rest_.first(bytes);
        rest_ = rest_.subspan(bytes);
        return taken;
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        std::size_t shift = 0;
        for (const std::byte b : take(8)) {
            value |= std::to_integer<std::uint64_t>(b) << shift;
            shift += 8;
        }
        return value;
    }
    Sha256Digest digest() {
        Sha256Digest digest{};
        const auto bytes = take(digest.size());
        std::copy(bytes.begin(), bytes.end(), digest.begin());
        return digest;
    }
    bool is_good() const noexcept { return is_good_; }
    std::span<const std::byte> rest() const noexcept { return rest_; }

  private:
    std::span<const std::byte> rest_;
    bool is_good_ = true;
};

void warn_once(const fs::path& path, const std::string& problem) {
    static std::atomic<bool> is_said{false};
    if (!is_said.exchange(true)) log().warn("the cache cannot be written: {}: {}", path.string(), problem);
}

bool write_new_file(const fs::path& path, std::span<const std::byte> bytes) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor < 0) return false;
    bool is_good = true;
    while (!bytes.empty() && is_good) {
        const ssize_t done = ::write(descriptor, bytes.data(), bytes.size());
        if (done > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(done));
        } else {
            is_good = done < 0 && errno == EINTR;
        }
    }
    const int problem = errno;
    if (::close(descriptor) != 0 && is_good) return false;
    errno = problem;
    return is_good;
}

std::string unique_suffix() {
    static std::atomic<std::uint64_t> counter{0};
    static const std::uint64_t start = std::random_device{}();  // tells processes of several machines apart
    return "." + std::to_string(::getpid()) + "-" + std::to_string(start) + "-" + std::to_string(counter++) +
           std::string(kTemporary);
}

// The data of an entry whose checksum, key and dependencies are right.
std::optional<std::vector<std::byte>> check(std::vector<std::byte> file, const Sha256Digest& key,
                                            const fs::path& path) {
    Reader reader(file);
    const auto magic = reader.take(kMagic.size());
    const Sha256Digest checksum = reader.digest();
    if (!reader.is_good() || !std::ranges::equal(magic, std::as_bytes(std::span(kMagic))) ||
        sha256(reader.rest()) != checksum || reader.digest() != key) {
        log().info("cache entry {} is damaged", path.string());
        return std::nullopt;
    }
    const std::uint64_t dependencies = reader.number();
    for (std::uint64_t i = 0; i < dependencies && reader.is_good(); ++i) {
        const auto kind = static_cast<CacheDependency::Kind>(reader.number());
        const auto name = reader.take(reader.number());
        const Sha256Digest expected = reader.digest();
        if (!reader.is_good()) return std::nullopt;
        const fs::path dependency(std::string(reinterpret_cast<const char*>(name.data()), name.size()));
        const auto now = CacheDependency::of(kind, dependency);
        if (!now || now->digest != expected) {
            log().debug("cache entry {} is stale: {} has changed", path.string(), dependency.string());
            return std::nullopt;
        }
    }
    const std::uint64_t bytes = reader.number();
    if (!reader.is_good() || bytes != reader.rest().size()) return std::nullopt;
    const auto header = static_cast<std::ptrdiff_t>(file.size() - bytes);
    file.erase(file.begin(), file.begin() + header);
    return file;
}

}  // namespace

std::optional<CacheDependency> CacheDependency::of(Kind kind, const fs::path& path) {
    if (kind == Kind::identity) {
        if (const auto digest = file_identity(path)) return CacheDependency{kind, path, *digest};
        return std::nullopt;
    }
    if (const auto bytes = try_read_file(path)) return CacheDependency{kind, path, sha256(*bytes)};
    return std::nullopt;
}

Cache::Cache(fs::path directory, std::uint64_t max_bytes)
    : directory_(std::move(directory)), max_bytes_(max_bytes) {}

Cache Cache::from_environment(bool is_used) {
    if (!is_used || !environment::cache_enabled()) return Cache({}, 0);
    return Cache(environment::cache_directory(), environment::cache_max_bytes());
}

fs::path Cache::path_of(const Sha256Digest& key) const {
    const std::string name = hex(key);
    return directory_ / name.substr(0, 2) / (name.substr(2) + std::string(kExtension));
}

std::optional<std::vector<std::byte>> Cache::find(const Sha256Digest& key) const {
    if (!is_enabled()) return std::nullopt;
    const fs::path path = path_of(key);
    auto file = try_read_file(path);
    if (!file) return std::nullopt;
    auto data = check(std::move(*file), key, path);
    // Marks the entry as used just now; where that is not permitted, it only ages sooner.
    if (data) (void)::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
    return data;
}

void Cache::store(const Sha256Digest& key, std::span<const CacheDependency> dependencies,
                  std::span<const std::byte> data) const {
    if (!is_enabled()) return;
    std::vector<std::byte> body;
    append(body, key);
    append(body, std::uint64_t{dependencies.size()});
    for (const CacheDependency& dependency : dependencies) {
        const std::string& name = dependency.path.native();
        append(body, static_cast<std::uint64_t>(dependency.kind));
        append(body, std::uint64_t{name.size()});
        append(body, std::as_bytes(std::span(name)));
        append(body, dependency.digest);
    }
    append(body, std::uint64_t{data.size()});
    append(body, data);
    std::vector<std::byte> file;
    append(file, std::as_bytes(std::span(kMagic)));
    append(file, sha256(body));
    append(file, body);

    const fs::path path = path_of(key);
    std::error_code code;
    fs::create_directories(path.parent_path(), code);
    if (code) return warn_once(path.parent_path(), code.message());
    fs::path temporary = path;
    temporary += unique_suffix();
    if (!write_new_file(temporary, file)) {
        warn_once(temporary, std::generic_category().message(errno));
        fs::remove(temporary, code);
        return;
    }
    fs::rename(temporary, path, code);
    if (code) {
        warn_once(path, code.message());
        fs::remove(temporary, code);
        return;
    }
    static std::atomic<unsigned> stores{0};
    if (stores++ % 64 == 0) evict();
}

void Cache::evict() const {
    struct Entry {
        fs::file_time_type used;
        std::uint64_t bytes;
        fs::path path;
    };
    std::vector<Entry> entries;
    std::uint64_t total = 0;
    std::error_code code;
    const auto now = fs::file_time_type::clock::now();
    for (fs::recursive_directory_iterator at(directory_, fs::directory_options::skip_permission_denied, code),
         end;
         !code && at != end; at.increment(code)) {
        // Another process may delete any file meanwhile: what cannot be asked is passed over.
        std::error_code gone;
        const fs::path& path = at->path();
        const std::string extension = path.extension().string();
        if ((extension != kExtension && extension != kTemporary) || !at->is_regular_file(gone) || gone)
            continue;
        const auto used = at->last_write_time(gone);
        if (gone) continue;
        const std::uint64_t bytes = at->file_size(gone);
        if (gone) continue;
        if (extension == kTemporary) {
            // Left behind by a process that died while writing.
            if (now - used > std::chrono::hours(1)) fs::remove(path, gone);
            continue;
        }
        total += bytes;
        entries.push_back({used, bytes, path});
    }
    if (total <= max_bytes_) return;
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
    // A little more than needed, so that not every store has to evict.
    const std::uint64_t goal = max_bytes_ / 10 * 9;
    for (const Entry& entry : entries) {
        if (total <= goal) break;
        std::error_code gone;
        fs::remove(entry.path, gone);
        total -= entry.bytes;
    }
}

}  // namespace heddle::runtime
