// Package: ZIP bytes in, checked package out, and back. Nothing of the file is believed before it is checked.
#include <heddle/package.h>

#include <zip.h>
#include <algorithm>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <utility>

#include <heddle/error.h>

#include "package_format.h"
#include "sha256.h"

namespace heddle {

namespace runtime {

namespace {

constexpr const char* kReading = "reading a package";
constexpr const char* kManifest = "manifest.json";

[[noreturn]] void corrupt(std::string reason) {
    throw Error(ErrorCode::corrupt_package, std::move(reason), kReading);
}

struct DiscardArchive {
    void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
};
struct CloseFile {
    void operator()(zip_file_t* file) const noexcept { zip_fclose(file); }
};
struct FreeSource {
    void operator()(zip_source_t* source) const noexcept { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, DiscardArchive>;
using Source = std::unique_ptr<zip_source_t, FreeSource>;

std::string describe(zip_error_t& error) {
    std::string message = zip_error_strerror(&error);
    zip_error_fini(&error);
    return message;
}

// Reads files out of a ZIP in memory, with a budget: no honest file inflates beyond deflate's greatest ratio,
// 1032.
class ZipReader {
  public:
    explicit ZipReader(std::span<const std::byte> file) : budget_(file.size() * 1032 + 4096) {
        zip_error_t error;
        zip_error_init(&error);
        Source source(zip_source_buffer_create(file.data(), file.size(), 0, &error));
        if (!source) corrupt("not a ZIP file: " + describe(error));
        archive_.reset(zip_open_from_source(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, &error));
        if (!archive_) corrupt("not a readable ZIP file: " + describe(error));
        (void)source.release();  // the archive's now
        zip_error_fini(&error);
    }

    template <class Container>
    Container read(const std::string& name, std::uint64_t most) {
        const zip_int64_t index = zip_name_locate(archive_.get(), name.c_str(), ZIP_FL_ENC_GUESS);
        if (index < 0) corrupt("'" + name + "' is missing");
        zip_stat_t stat;
        if (zip_stat_index(archive_.get(), static_cast<zip_uint64_t>(index), 0, &stat) != 0) {
            corrupt("'" + name + "': " + zip_strerror(archive_.get()));
        }
        if (!(stat.valid & ZIP_STAT_SIZE) || !(stat.valid & ZIP_STAT_COMP_METHOD))
            corrupt("'" + name + "' has no size");
        if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
            corrupt("'" + name + "' is compressed in an unknown way");
        }
        if (stat.size > most || stat.size > budget_) {
            corrupt("'" + name + "' says it has " + std::to_string(stat.size) +
                    " bytes, more than it can have");
        }
        budget_ -= stat.size;
        const std::unique_ptr<zip_file_t, CloseFile> file(
            zip_fopen_index(archive_.get(), static_cast<zip_uint64_t>(index), 0));
        if (!file) corrupt("'" + name + "': " + zip_strerror(archive_.get()));
        Container contents(stat.size, typename Container::value_type{});
        // One byte past the end makes libzip compare the checksum.
        typename Container::value_type past{};
        const zip_int64_t got = zip_fread(file.get(), contents.data(), contents.size());
        if (got < 0 || static_cast<std::uint64_t>(got) != stat.size || zip_fread(file.get(), &past, 1) != 0) {
            corrupt("'" + name + "' is damaged: " + zip_file_strerror(file.get()));
        }
        return contents;
    }

  private:
    Archive archive_;
    std::uint64_t budget_;
};

std::vector<std::byte> read_file(ZipReader& zip, const PackedFile& packed) {
    auto bytes = zip.read<std::vector<std::byte>>(packed.file, packed.bytes);
    if (bytes.size() != packed.bytes)
        corrupt("'" + packed.file + "' has not the size that the manifest says");
    if (sha256_hex(bytes) != packed.sha256)
        corrupt("'" + packed.file + "' has not the SHA-256 that the manifest says");
    return bytes;
}

Package read_package(std::span<const std::byte> file) {
    if (!is_zip(file)) corrupt("not a Heddle package (no ZIP file)");
    ZipReader zip(file);
    Manifest manifest = parse_manifest(zip.read<std::string>(kManifest, PackageLimits::manifest_bytes));
    Package package = std::move(manifest.package);
    if (manifest.globals) package.globals.initial = read_file(zip, *manifest.globals);
    for (std::size_t i = 0; i < package.payloads.size(); ++i) {
        package.payloads[i].data = read_file(zip, manifest.payloads[i]);
    }
    return package;
}

// Adds files to a ZIP that grows in memory.
class ZipWriter {
  public:
    ZipWriter() {
        zip_error_t error;
        zip_error_init(&error);
        source_.reset(zip_source_buffer_create(nullptr, 0, 0, &error));
        if (!source_) fail(describe(error));
        archive_.reset(zip_open_from_source(source_.get(), ZIP_TRUNCATE, &error));
        if (!archive_) fail(describe(error));
        zip_source_keep(source_.get());  // one reference for the archive, one for finish()
        zip_error_fini(&error);
    }

    // `contents` must live until finish().
    void add(const std::string& name, std::span<const std::byte> contents, Compression compression) {
        Source source(zip_source_buffer(archive_.get(), contents.data(), contents.size(), 0));
        if (!source) fail(zip_strerror(archive_.get()));
        const zip_int64_t index = zip_file_add(archive_.get(), name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
        if (index < 0) fail(zip_strerror(archive_.get()));
        (void)source.release();
        const auto entry = static_cast<zip_uint64_t>(index);
        const bool deflate = compression == Compression::deflate && contents.size() >= 256;
        constexpr zip_uint16_t kFirstOfJanuary1980 = 1U << 5 | 1U;  // the same package, the same bytes
        if (zip_set_file_compression(archive_.get(), entry, deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) !=
                0 ||
            zip_file_set_dostime(archive_.get(), entry, 0, kFirstOfJanuary1980, 0) != 0) {
            fail(zip_strerror(archive_.get()));
        }
    }

    std::vector<std::byte> finish() {
        if (zip_close(archive_.get()) != 0) fail(zip_strerror(archive_.get()));
        (void)archive_.release();  // zip_close() freed it
        zip_stat_t stat;
        if (zip_source_open(source_.get()) != 0 || zip_source_stat(source_.get(), &stat) != 0)
            fail("cannot read back");
        std::vector<std::byte> bytes(stat.size);
        const zip_int64_t got = zip_source_read(source_.get(), bytes.data(), bytes.size());
        zip_source_close(source_.get());
        if (got < 0 || static_cast<std::size_t>(got) != bytes.size()) fail("cannot read back");
        return bytes;
    }

  private:
    [[noreturn]] static void fail(const std::string& reason) {
        throw Error(ErrorCode::internal, "libzip: " + reason, "writing a package");
    }
    Source source_;  // before the archive: freed after it
    Archive archive_;
};

std::string safe_name(std::string_view text) {
    std::string name(text.substr(0, 40));
    std::replace_if(
        name.begin(), name.end(),
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '.');
        },
        '-');
    return name;
}

}  // namespace

bool is_zip(std::span<const std::byte> file) noexcept {
    constexpr std::byte kMagic[] = {std::byte{'P'}, std::byte{'K'}, std::byte{3}, std::byte{4}};
    return file.size() >= 4 && std::equal(std::begin(kMagic), std::end(kMagic), file.begin());
}

std::vector<std::byte> write_package(const Package& package, Compression compression) {
    if (const auto defect = find_defect(package)) {
        throw Error(ErrorCode::invalid_argument, *defect, "writing a package");
    }
    Manifest manifest;
    manifest.package.compiler = package.compiler;
    manifest.package.source = package.source;
    manifest.package.kernels = package.kernels;
    manifest.package.diagnostics = package.diagnostics;
    manifest.package.globals = package.globals;
    for (std::size_t i = 0; i < package.payloads.size(); ++i) {
        const Payload& payload = package.payloads[i];
        manifest.package.payloads.push_back({payload.target, payload.variant, {}});
        std::string name = "payloads/" + std::to_string(i) + "-" + safe_name(payload.target);
        if (!payload.variant.empty()) name += "-" + safe_name(payload.variant);
        manifest.payloads.push_back({name, payload.data.size(), sha256_hex(payload.data)});
    }
    const std::vector<std::byte>& initial = package.globals.initial;
    if (!initial.empty()) manifest.globals = PackedFile{"globals.bin", initial.size(), sha256_hex(initial)};
    const std::string text = write_manifest(manifest);
    ZipWriter zip;
    zip.add(kManifest, std::as_bytes(std::span(text)), compression);
    if (manifest.globals) zip.add(manifest.globals->file, initial, compression);
    for (std::size_t i = 0; i < package.payloads.size(); ++i) {
        zip.add(manifest.payloads[i].file, package.payloads[i].data, compression);
    }
    return zip.finish();
}

}  // namespace runtime

Package Package::read(std::span<const std::byte> file) {
    try {
        return runtime::read_package(file);
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::out_of_memory, "not enough memory", runtime::kReading);
    } catch (const std::length_error&) {
        throw Error(ErrorCode::corrupt_package, "a size is impossible", runtime::kReading);
    }
}

std::vector<std::byte> Package::write() const {
    return runtime::write_package(*this, runtime::Compression::deflate);
}

const Payload* Package::find(std::string_view target, std::string_view variant) const noexcept {
    const auto found = std::find_if(payloads.begin(), payloads.end(), [&](const Payload& payload) {
        return payload.target == target && payload.variant == variant;
    });
    return found == payloads.end() ? nullptr : &*found;
}

const KernelInfo* Package::find_kernel(std::string_view name) const noexcept {
    const auto found = std::find_if(kernels.begin(), kernels.end(),
                                    [&](const KernelInfo& kernel) { return kernel.name == name; });
    return found == kernels.end() ? nullptr : &*found;
}

}  // namespace heddle
