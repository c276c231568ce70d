// Packages: writing and reading back, and every way of being damaged.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "example_package.h"
#include "fake_device.h"
#include "runtime/file_contents.h"
#include "runtime/package_format.h"
#include "runtime/sha256.h"

namespace heddle {
namespace {

using runtime::Compression;
using testing::bytes_of;
using testing::error_of;
using testing::example_package;

// All that a package holds, as text: equal text, equal packages.
std::string text_of(const Package& package) {
    runtime::Manifest manifest;
    manifest.package = package;
    for (const Payload& payload : package.payloads) {
        manifest.payloads.push_back({"f", payload.data.size(), runtime::sha256_hex(payload.data)});
    }
    manifest.globals = runtime::PackedFile{"g", package.globals.initial.size(),
                                           runtime::sha256_hex(package.globals.initial)};
    return runtime::write_manifest(manifest);
}

TEST(Package, RoundTrip) {
    const Package package = example_package();
    for (const Compression compression : {Compression::store, Compression::deflate}) {
        const std::vector<std::byte> file = runtime::write_package(package, compression);
        const Package back = Package::read(file);
        EXPECT_EQ(text_of(back), text_of(package));
        EXPECT_EQ(runtime::write_package(back, compression), file) << "the same package, the same bytes";
    }
    EXPECT_LT(package.write().size(), runtime::write_package(package, Compression::store).size());
}

TEST(Package, EmptyPackage) {
    const Package back = Package::read(Package().write());
    EXPECT_TRUE(back.kernels.empty());
    EXPECT_TRUE(back.payloads.empty());
    EXPECT_EQ(back.find("simd", ""), nullptr);
    EXPECT_EQ(back.find_kernel("k"), nullptr);
}

TEST(Package, LargeCompressiblePayload) {
    Package package = example_package();
    package.payloads[0].data.assign(8 << 20, std::byte{0});  // deflate's greatest ratio
    const Package back = Package::read(package.write());
    EXPECT_EQ(back.payloads[0].data, package.payloads[0].data);
}

TEST(Package, Finds) {
    const Package package = example_package();
    ASSERT_NE(package.find("simd", "x86-64-v2"), nullptr);
    EXPECT_EQ(package.find("simd", "x86-64-v2")->data.size(), 1000U);
    EXPECT_EQ(package.find("simd", ""), nullptr);
    ASSERT_NE(package.find_kernel("scale<float>"), nullptr);
}

TEST(Package, TextThatIsNotUtf8IsReplaced) {
    Package package = example_package();
    package.diagnostics[0].message = "caf\xe9";
    EXPECT_EQ(Package::read(package.write()).diagnostics[0].message, "caf\xef\xbf\xbd");
}

TEST(Package, TruncationAtEveryByteIsCorrupt) {
    const std::vector<std::byte> file = example_package().write();
    for (std::size_t size = 0; size < file.size(); ++size) {
        const Error error = error_of([&] { (void)Package::read(std::span(file).first(size)); });
        ASSERT_EQ(error.code(), ErrorCode::corrupt_package) << size << ": " << error.what();
    }
}

TEST(Package, EveryFlippedBitIsNoticedOrHarmless) {
    const Package package = example_package();
    const std::string expected = text_of(package);
    for (const Compression compression : {Compression::store, Compression::deflate}) {
        std::vector<std::byte> file = runtime::write_package(package, compression);
        std::size_t noticed = 0;
        // The stored file is larger, and more alike: one bit a byte will do.
        const std::size_t step = compression == Compression::store ? 9 : 1;
        for (std::size_t bit = 0; bit < file.size() * 8; bit += step) {
            const std::byte mask{static_cast<unsigned char>(1U << (bit % 8))};
            file[bit / 8] ^= mask;
            try {
                ASSERT_EQ(text_of(Package::read(file)), expected) << "bit " << bit;
            } catch (const Error& error) {
                ASSERT_EQ(error.code(), ErrorCode::corrupt_package) << error.what();
                ++noticed;
            }
            file[bit / 8] ^= mask;
        }
        EXPECT_GT(noticed, file.size() * 4 / step);
    }
}

// The fuzzer's seeds are written by another program, from the description of the format alone.
TEST(Package, ReadsPackagesOfAnotherWriter) {
    std::size_t packages = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(HEDDLE_SOURCE_DIR "/tests/fuzz/corpus/package_fuzzer")) {
        if (entry.path().extension() != ".heddle") continue;
        const Package package = Package::read(runtime::read_file(entry.path()));
        ASSERT_EQ(package.kernels.size(), 1U);
        EXPECT_EQ(package.kernels[0].parameters.size(), 3U);
        ++packages;
    }
    EXPECT_EQ(packages, 3U);
}

TEST(Package, BytesThatAreNoZip) {
    for (const char* text : {"", "P", "PK", "PK\3\4", "PK\5\6", "__global__ void k() {}"}) {
        EXPECT_EQ(error_of([&] { (void)Package::read(bytes_of(text)); }).code(), ErrorCode::corrupt_package);
    }
}

TEST(Package, WriteRefusesWhatReadWould) {
    const std::pair<const char*, std::function<void(Package&)>> defects[] = {
        {"kernel twice", [](Package& p) { p.kernels.push_back(p.kernels[0]); }},
        {"kernel without a name", [](Package& p) { p.kernels[0].name.clear(); }},
        {"payload twice", [](Package& p) { p.payloads.push_back(p.payloads[0]); }},
        {"payload without a target", [](Package& p) { p.payloads[0].target.clear(); }},
        {"parameter outside", [](Package& p) { p.kernels[0].parameters[2].offset = 24; }},
        {"parameter far outside", [](Package& p) { p.kernels[0].parameters[3].offset = SIZE_MAX - 4; }},
        {"parameters overlap", [](Package& p) { p.kernels[0].parameters[1].offset = 2; }},
        {"pointer of 4 bytes", [](Package& p) { p.kernels[0].parameters[2].bytes = 4; }},
        {"f32 of 2 bytes", [](Package& p) { p.kernels[0].parameters[1].bytes = 2; }},
        {"parameter buffer too large", [](Package& p) { p.kernels[0].parameter_bytes = 1 << 20; }},
        {"no thread", [](Package& p) { p.kernels[0].max_threads = 0; }},
        {"global outside", [](Package& p) { p.globals.symbols[0].bytes = 513; }},
        {"global twice", [](Package& p) { p.globals.symbols[1].name = "table"; }},
        {"alignment", [](Package& p) { p.globals.alignment = 3; }},
        {"initial bytes", [](Package& p) { p.globals.initial.pop_back(); }},
        {"relocation outside", [](Package& p) { p.globals.relocations[0].at = 505; }},
        {"relocation to outside", [](Package& p) { p.globals.relocations[0].to = 513; }},
    };
    for (const auto& [what, damage] : defects) {
        Package package = example_package();
        damage(package);
        EXPECT_EQ(error_of([&] { (void)package.write(); }).code(), ErrorCode::invalid_argument) << what;
    }
}

// The manifest of the example with one piece of its text replaced.
std::string manifest_with(const std::string& from, const std::string& to) {
    const Package package = example_package();
    runtime::Manifest manifest;
    manifest.package = package;
    for (const Payload& payload : package.payloads)
        manifest.payloads.push_back({payload.variant + "f", 1, "00"});
    std::string text = runtime::write_manifest(manifest);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Manifest, UnknownKeysAreIgnored) {
    const auto manifest =
        runtime::parse_manifest(manifest_with("\"kernels\"", "\"later\": [1, {}], \"kernels\""));
    EXPECT_EQ(manifest.package.kernels.size(), 2U);
}

TEST(Manifest, SaysWhatIsWrong) {
    const auto reason = [](const std::string& json) {
        const Error error = error_of([&] { (void)runtime::parse_manifest(json); });
        EXPECT_EQ(error.code(), ErrorCode::corrupt_package);
        return error.reason();
    };
    EXPECT_NE(reason(manifest_with("heddle-package/1", "heddle-package/2")).find("'heddle-package/2'"),
              std::string::npos);
    EXPECT_NE(reason(manifest_with("\"max_threads\": 256", "\"max_threads\": -1")).find("max_threads"),
              std::string::npos);
    EXPECT_NE(reason(manifest_with("\"max_threads\": 256", "\"max_threads\": 1e3")).find("max_threads"),
              std::string::npos);
    EXPECT_NE(
        reason(manifest_with("\"max_threads\": 256", "\"max_threads\": 4294967296")).find("max_threads"),
        std::string::npos);
    EXPECT_NE(reason(manifest_with("\"scalar\"", "\"vector\"")).find("'vector'"), std::string::npos);
    EXPECT_NE(reason(manifest_with("\"i32\"", "\"i33\"")).find("'i33'"), std::string::npos);
    EXPECT_NE(reason(manifest_with("\"name\": \"n\"", "\"name\": 3")).find("name"), std::string::npos);
    EXPECT_NE(
        reason(manifest_with("\"file\": \"x86-64-v2f\"", "\"file\": \"x86-64-v3f\"")).find("used twice"),
        std::string::npos);
    EXPECT_NE(reason(manifest_with("\"file\": \"x86-64-v2f\"", "\"file\": \"manifest.json\""))
                  .find("manifest.json"),
              std::string::npos);
    EXPECT_NE(reason(manifest_with("\"bytes\": 512", "\"bytes\": 99999999999999")).find("globals"),
              std::string::npos);
    EXPECT_NE(reason("[]").find("object"), std::string::npos);
    EXPECT_NE(reason("{").find("parse"), std::string::npos);
    EXPECT_FALSE(reason(std::string(100000, '[')).empty());
    EXPECT_FALSE(reason("{\"format\": \"heddle-package/1\", \"a\": [[[[[[[[[[[]]]]]]]]]]]}").empty());
}

}  // namespace
}  // namespace heddle
