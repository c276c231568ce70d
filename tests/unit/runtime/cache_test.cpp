// The cache on disk: hits, staleness, damage, eviction, and many writers at once.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <heddle/error.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "example_package.h"
#include "runtime/cache.h"
#include "runtime/environment.h"
#include "runtime/file_contents.h"
#include "temporary_directory.h"

namespace heddle::runtime {
namespace {

namespace fs = std::filesystem;
using testing::bytes_of;
using testing::ScopedVariable;
using testing::TemporaryDirectory;

constexpr std::uint64_t kLarge = 1 << 30;

Sha256Digest key_of(std::string_view text) {
    return sha256(std::as_bytes(std::span(text)));
}

void write_text(const fs::path& path, std::string_view text) {
    std::ofstream(path) << text;
}

CacheDependency content_of(const fs::path& path) {
    return CacheDependency::of(CacheDependency::Kind::content, path).value();
}

TEST(Cache, StoresAndFinds) {
    const TemporaryDirectory directory;
    const Cache cache(directory.path() / "deep" / "er", kLarge);
    EXPECT_FALSE(cache.find(key_of("a")));
    cache.store(key_of("a"), {}, bytes_of("data"));
    cache.store(key_of("empty"), {}, {});
    EXPECT_EQ(cache.find(key_of("a")), bytes_of("data"));
    EXPECT_EQ(cache.find(key_of("empty")), std::vector<std::byte>());
    EXPECT_FALSE(cache.find(key_of("b")));
    cache.store(key_of("a"), {}, bytes_of("newer"));
    EXPECT_EQ(cache.find(key_of("a")), bytes_of("newer"));
}

TEST(Cache, DisabledAndUnwritable) {
    const Cache none({}, kLarge);
    none.store(key_of("a"), {}, bytes_of("data"));
    EXPECT_FALSE(none.find(key_of("a")));
    const TemporaryDirectory directory;
    write_text(directory.path() / "file", "in the way");
    const Cache blocked(directory.path() / "file", kLarge);
    blocked.store(key_of("a"), {}, bytes_of("data"));
    EXPECT_FALSE(blocked.find(key_of("a")));
}

TEST(Cache, DependenciesAreRechecked) {
    const TemporaryDirectory directory;
    const Cache cache(directory.path() / "cache", kLarge);
    const fs::path header = directory.path() / "a.h", library = directory.path() / "lib.so";
    write_text(header, "one");
    write_text(library, "library");
    const std::vector<CacheDependency> dependencies = {
        content_of(header), CacheDependency::of(CacheDependency::Kind::identity, library).value()};
    cache.store(key_of("a"), dependencies, bytes_of("data"));
    EXPECT_TRUE(cache.find(key_of("a")));
    write_text(header, "two");
    EXPECT_FALSE(cache.find(key_of("a")));
    write_text(header, "one");
    EXPECT_TRUE(cache.find(key_of("a")));
    fs::last_write_time(library, fs::last_write_time(library) + std::chrono::seconds(2));
    EXPECT_FALSE(cache.find(key_of("a")));
    fs::remove(header);
    EXPECT_FALSE(cache.find(key_of("a")));
    EXPECT_FALSE(CacheDependency::of(CacheDependency::Kind::content, header));
}

TEST(Cache, DamagedEntriesAreMissesAndReplaced) {
    const TemporaryDirectory directory;
    const Cache cache(directory.path() / "cache", kLarge);
    write_text(directory.path() / "a.h", "header");
    const std::vector<CacheDependency> dependencies = {content_of(directory.path() / "a.h")};
    const Sha256Digest key = key_of("a");
    cache.store(key, dependencies, bytes_of("data"));
    const fs::path path = cache.path_of(key);
    const std::vector<std::byte> good = read_file(path);
    const auto put = [&](std::span<const std::byte> bytes) {
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    };
    for (std::size_t size = 0; size < good.size(); ++size) {
        put(std::span(good).first(size));
        ASSERT_FALSE(cache.find(key)) << size;
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::vector<std::byte> bad = good;
        bad[at] ^= std::byte{0x10};
        put(bad);
        ASSERT_FALSE(cache.find(key)) << at;
    }
    // A good entry under another key's name.
    put(good);
    ASSERT_TRUE(cache.find(key));
    const fs::path other = cache.path_of(key_of("b"));
    fs::create_directories(other.parent_path());
    fs::copy_file(path, other);
    EXPECT_FALSE(cache.find(key_of("b")));
    put(std::span(good).first(3));
    cache.store(key, dependencies, bytes_of("again"));
    EXPECT_EQ(cache.find(key), bytes_of("again"));
}

TEST(Cache, EvictsTheLongestUnused) {
    const TemporaryDirectory directory;
    const Cache cache(directory.path(), 50000);
    const std::vector<std::byte> data(10000, std::byte{1});
    const auto now = fs::file_time_type::clock::now();
    for (int i = 0; i < 6; ++i) {
        const Sha256Digest key = key_of(std::to_string(i));
        cache.store(key, {}, data);
        fs::last_write_time(cache.path_of(key), now - std::chrono::hours(10 - i));
    }
    EXPECT_TRUE(cache.find(key_of("0")));  // used just now, so no longer the oldest
    write_text(directory.path() / "00.1-2-3.new", "left behind");
    fs::last_write_time(directory.path() / "00.1-2-3.new", now - std::chrono::hours(2));
    write_text(directory.path() / "README", "not ours");
    cache.evict();
    EXPECT_TRUE(cache.find(key_of("0")));
    EXPECT_FALSE(cache.find(key_of("1")));
    EXPECT_FALSE(cache.find(key_of("2")));
    EXPECT_TRUE(cache.find(key_of("3")));
    EXPECT_TRUE(cache.find(key_of("5")));
    EXPECT_FALSE(fs::exists(directory.path() / "00.1-2-3.new"));
    EXPECT_TRUE(fs::exists(directory.path() / "README"));
}

// Stores and reads the same few keys; false when a wrong value ever comes out.
bool hammer(const Cache& cache, int seed) {
    for (int i = 0; i < 200; ++i) {
        const std::string name = std::to_string((i * 7 + seed) % 5);
        const std::vector<std::byte> data = bytes_of(std::string(1000, name[0]));
        if (i % 3 == 0) cache.store(key_of(name), {}, data);
        if (const auto found = cache.find(key_of(name)); found && *found != data) return false;
        if (i % 50 == 0) cache.evict();
    }
    return true;
}

TEST(Cache, ManyThreads) {
    const TemporaryDirectory directory;
    const Cache cache(directory.path(), 3000);
    std::vector<std::thread> threads;
    std::array<bool, 4> fine{};
    for (std::size_t i = 0; i < fine.size(); ++i) {
        threads.emplace_back([&, i] { fine[i] = hammer(cache, static_cast<int>(i)); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(std::all_of(fine.begin(), fine.end(), [](bool b) { return b; }));
}

TEST(Cache, ManyProcesses) {
    const TemporaryDirectory directory;
    const Cache cache(directory.path(), kLarge);
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) ::_exit(hammer(cache, i) ? 0 : 1);
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(cache.find(key_of(std::to_string(i)))) << i;
    for (const auto& entry : fs::recursive_directory_iterator(directory.path())) {
        EXPECT_NE(entry.path().extension(), ".new") << "a temporary file was left behind";
    }
}

TEST(Environment, CacheVariables) {
    const ScopedVariable directory("HEDDLE_CACHE_DIR", "");
    const ScopedVariable xdg("XDG_CACHE_HOME", "/x");
    EXPECT_EQ(environment::cache_directory(), "/x/heddle");
    {
        const ScopedVariable no_xdg("XDG_CACHE_HOME", "");
        const ScopedVariable home("HOME", "/h");
        EXPECT_EQ(environment::cache_directory(), "/h/.cache/heddle");
        const ScopedVariable given("HEDDLE_CACHE_DIR", "/d");
        EXPECT_EQ(environment::cache_directory(), "/d");
    }
    EXPECT_TRUE(environment::cache_enabled());
    {
        const ScopedVariable off("HEDDLE_CACHE", "off");
        EXPECT_FALSE(environment::cache_enabled());
        EXPECT_FALSE(Cache::from_environment(true).is_enabled());
    }
    EXPECT_TRUE(Cache::from_environment(true).is_enabled());
    EXPECT_FALSE(Cache::from_environment(false).is_enabled());
    const ScopedVariable size("HEDDLE_CACHE_MAX_MB", "2");
    EXPECT_EQ(environment::cache_max_bytes(), 2U << 20);
    const ScopedVariable wrong("HEDDLE_CACHE_MAX_MB", "2 GB");
    try {
        (void)environment::cache_max_bytes();
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(error.reason().find("HEDDLE_CACHE_MAX_MB is '2 GB'"), std::string::npos);
    }
}

TEST(FileContents, Failures) {
    const TemporaryDirectory directory;
    try {
        (void)read_file(directory.path() / "missing");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
        EXPECT_NE(error.reason().find("missing"), std::string::npos);
    }
    try {
        (void)read_file(directory.path());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::io);
    }
    EXPECT_FALSE(try_read_file(directory.path()));
    EXPECT_FALSE(file_identity(directory.path()));
    EXPECT_TRUE(file_identity("/proc/self/exe"));
}

}  // namespace
}  // namespace heddle::runtime
