// Gives the dynamic loader a file that exists only in memory (memfd), or a temporary one where the system has
// no such files, after checking that the image is whole: the dynamic loader itself trusts what it reads.
#include "backends/cpu/loader.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <heddle/error.h>

namespace heddle::cpu {

namespace {

#if defined(__x86_64__)
constexpr unsigned machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned machine = EM_AARCH64;
#else
constexpr unsigned machine = EM_NONE;
#endif

[[noreturn]] void corrupt(const std::string& name, const std::string& reason) {
    throw Error(ErrorCode::corrupt_package, reason, "loading of the code of '" + name + "'");
}

/// Checks headers and segment bounds: a truncated or foreign image must not reach the dynamic loader.
void check_image(std::span<const std::byte> image, const std::string& name) {
    Elf64_Ehdr header;
    if (image.size() < sizeof header) corrupt(name, "the code is shorter than an ELF header");
    std::memcpy(&header, image.data(), sizeof header);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) corrupt(name, "the code is not an ELF file");
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_type != ET_DYN)
        corrupt(name, "the code is not a 64-bit little-endian shared object");
    if (header.e_machine != machine) corrupt(name, "the code is for another processor family");
    if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 || header.e_phoff > image.size() ||
        (image.size() - header.e_phoff) / sizeof(Elf64_Phdr) < header.e_phnum)
        corrupt(name, "the code's program headers lie outside the file");
    bool has_dynamic = false, has_load = false;
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        std::memcpy(&segment, image.data() + header.e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type != PT_LOAD && segment.p_type != PT_DYNAMIC) continue;
        if (segment.p_offset > image.size() || segment.p_filesz > image.size() - segment.p_offset ||
            segment.p_filesz > segment.p_memsz || segment.p_vaddr > std::uint64_t{1} << 40 ||
            segment.p_memsz > std::uint64_t{1} << 40)
            corrupt(name, "the code is truncated: a segment lies outside the file");
        has_dynamic = has_dynamic || segment.p_type == PT_DYNAMIC;
        has_load = has_load || segment.p_type == PT_LOAD;
    }
    if (!has_dynamic || !has_load) corrupt(name, "the code has no loadable segments or no dynamic section");
}

/// A file that holds the image while the dynamic loader maps it.
class ImageFile {
  public:
    ImageFile(std::span<const std::byte> image, const std::string& name) {
        descriptor_ = memfd_create("heddle-code", MFD_CLOEXEC);
        if (descriptor_ >= 0) {
            // The dynamic loader takes two equal path names for the same library, and descriptor numbers are
            // reused: a count, spelled in redundant "/." pieces, makes every name differ and still mean the
            // same file.
            static std::atomic<std::uint64_t> loaded{0};
            path_ = "/proc/self/fd";
            for (std::uint64_t count = ++loaded; count != 0; count >>= 1)
                path_ += (count & 1) != 0 ? "/." : "/";
            path_ += "/" + std::to_string(descriptor_);
        } else {
            std::error_code ignored;  // an empty path then makes mkostemp fail, which is reported
            path_ = (std::filesystem::temp_directory_path(ignored) / "heddle-XXXXXX").string();
            descriptor_ = mkostemp(path_.data(), O_CLOEXEC);
            if (descriptor_ < 0)
                throw Error(
                    ErrorCode::io,
                    "neither a file in memory nor '" + path_ + "' can be made: " + std::strerror(errno),
                    "loading of the code of '" + name + "'");
            temporary_ = true;
        }
        for (std::size_t done = 0; done < image.size();) {
            const ssize_t count = write(descriptor_, image.data() + done, image.size() - done);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) {
                const std::string reason = std::strerror(errno);
                remove();
                throw Error(ErrorCode::io, "the code cannot be written to '" + path_ + "': " + reason,
                            "loading of the code of '" + name + "'");
            }
            done += static_cast<std::size_t>(count);
        }
    }
    ~ImageFile() { remove(); }
    ImageFile(const ImageFile&) = delete;
    ImageFile& operator=(const ImageFile&) = delete;
    const char* path() const noexcept { return path_.c_str(); }

  private:
    void remove() noexcept {
        if (descriptor_ < 0) return;
        close(std::exchange(descriptor_, -1));
        if (temporary_) unlink(path_.c_str());
    }

    std::string path_;
    int descriptor_ = -1;
    bool temporary_ = false;
};

}  // namespace

std::shared_ptr<const CodeObject> CodeObject::load(std::span<const std::byte> image, const std::string& name,
                                                   ImportLookup imports) {
    check_image(image, name);
    // The constructor is private, so make_shared cannot be used.
    const std::shared_ptr<CodeObject> code(new CodeObject);
    {
        const ImageFile file(image, name);
        code->handle_ = dlopen(file.path(), RTLD_NOW | RTLD_LOCAL);
    }
    if (code->handle_ == nullptr) {
        const char* const reason = dlerror();
        corrupt(name, std::string("the dynamic loader refuses it: ") +
                          (reason != nullptr ? reason : "no reason given"));
    }
    const auto* const version = static_cast<const std::uint32_t*>(dlsym(code->handle_, "heddle_abi"));
    if (version == nullptr) corrupt(name, "it does not say for which ABI it was made (no symbol heddle_abi)");
    if (*version != HEDDLE_CPU_ABI)
        corrupt(name, "it was made for ABI " + std::to_string(*version) + ", this library has ABI " +
                          std::to_string(HEDDLE_CPU_ABI) + "; compile it again");
    code->kernels_ = static_cast<const heddle_cpu_kernel*>(dlsym(code->handle_, "heddle_kernels"));
    if (code->kernels_ == nullptr) corrupt(name, "it has no table of kernels (no symbol heddle_kernels)");
    auto* import = static_cast<heddle_cpu_import*>(dlsym(code->handle_, "heddle_imports"));
    for (; import != nullptr && import->name != nullptr; ++import) {
        import->address = imports(import->name);
        if (import->address == nullptr)
            throw Error(
                ErrorCode::unsupported,
                std::string("it needs the function '") + import->name + "', which this library does not have",
                "loading of the code of '" + name + "'");
    }
    return code;
}

CodeObject::~CodeObject() {
    if (handle_ != nullptr) dlclose(handle_);
}

std::vector<heddle_cpu_kernel> CodeObject::find(std::string_view symbol) const {
    std::vector<heddle_cpu_kernel> versions;
    for (const heddle_cpu_kernel* kernel = kernels_; kernel->name != nullptr; ++kernel)
        if (symbol == kernel->name) versions.push_back(*kernel);
    std::stable_sort(versions.begin(), versions.end(),
                     [](const heddle_cpu_kernel& a, const heddle_cpu_kernel& b) { return a.row > b.row; });
    return versions;
}

}  // namespace heddle::cpu
