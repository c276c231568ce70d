// Fuzzes the package reader: bytes that begin like a ZIP file are read as a package, others as a manifest
// (whose checksum inside a ZIP would stop most mutations). What is read must be writable and read back the
// same. tests/fuzz/make_package_seeds.py makes the seeds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include <heddle/error.h>
#include <heddle/package.h>

#include "runtime/package_format.h"

namespace {

void check(bool condition) {
    if (!condition) std::abort();
}

void fuzz_package(std::span<const std::byte> bytes) {
    const heddle::Package package = heddle::Package::read(bytes);
    check(!heddle::runtime::find_defect(package));
    const std::vector<std::byte> written =
        heddle::runtime::write_package(package, heddle::runtime::Compression::store);
    const heddle::Package back = heddle::Package::read(written);
    check(heddle::runtime::write_package(back, heddle::runtime::Compression::store) == written);
}

void fuzz_manifest(std::string_view text) {
    const heddle::runtime::Manifest manifest = heddle::runtime::parse_manifest(text);
    check(manifest.payloads.size() == manifest.package.payloads.size());
    const std::string written = heddle::runtime::write_manifest(manifest);
    check(heddle::runtime::write_manifest(heddle::runtime::parse_manifest(written)) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
    try {
        if (heddle::runtime::is_zip(bytes)) {
            fuzz_package(bytes);
        } else {
            fuzz_manifest({reinterpret_cast<const char*>(data), size});
        }
    } catch (const heddle::Error& error) {
        // Refusing is the reader's right; any other exception ends the program here.
        check(error.code() == heddle::ErrorCode::corrupt_package ||
              error.code() == heddle::ErrorCode::out_of_memory);
    }
    return 0;
}
