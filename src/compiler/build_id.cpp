// Reads the GNU build id note of the shared object (or program) that this code was linked into.
#include "build_id.h"

#include <dlfcn.h>
#include <link.h>
#include <llvm/Config/llvm-config.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "frontend/embedded_headers.h"

namespace heddle::compiler {
namespace {

std::string hexadecimal(std::span<const unsigned char> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

struct Search {
    std::uintptr_t inside;  ///< an address of this code
    std::string found;
};

int visit(dl_phdr_info* info, std::size_t, void* argument) {
    auto& search = *static_cast<Search*>(argument);
    const std::span headers(info->dlpi_phdr, info->dlpi_phnum);
    bool is_ours = false;
    for (const auto& header : headers)
        if (header.p_type == PT_LOAD && search.inside - info->dlpi_addr - header.p_vaddr < header.p_memsz)
            is_ours = true;
    if (!is_ours) return 0;
    for (const auto& header : headers) {
        if (header.p_type != PT_NOTE) continue;
        const auto* at = reinterpret_cast<const unsigned char*>(info->dlpi_addr + header.p_vaddr);
        const auto* end = at + header.p_memsz;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            ElfW(Nhdr) note;
            std::memcpy(&note, at, sizeof note);
            const auto* name = at + sizeof note;
            const auto* content = name + (note.n_namesz + 3) / 4 * 4;
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0)
                search.found = hexadecimal({content, note.n_descsz});
            at = content + (note.n_descsz + 3) / 4 * 4;
        }
    }
    return 1;
}

/// FNV-1a, for hosts whose linker writes no build id.
void mix(std::uint64_t& hash, std::span<const unsigned char> bytes) {
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
}

std::string hash_of_file() {
    std::uint64_t hash = 0xcbf29ce484222325u;
    Dl_info object{};
    struct stat status{};
    if (dladdr(reinterpret_cast<const void*>(&find_build_id), &object) != 0 && object.dli_fname &&
        stat(object.dli_fname, &status) == 0) {
        const std::uint64_t facts[] = {static_cast<std::uint64_t>(status.st_size),
                                       static_cast<std::uint64_t>(status.st_mtime)};
        mix(hash, {reinterpret_cast<const unsigned char*>(facts), sizeof facts});
    }
    for (const auto& file : embedded_headers())
        mix(hash, {reinterpret_cast<const unsigned char*>(file.contents.data()), file.contents.size()});
    return hexadecimal({reinterpret_cast<const unsigned char*>(&hash), sizeof hash});
}

}  // namespace

std::string find_build_id() {
    Search search{reinterpret_cast<std::uintptr_t>(&find_build_id), {}};
    dl_iterate_phdr(visit, &search);
    if (search.found.empty()) search.found = hash_of_file();
    return "clang-" LLVM_VERSION_STRING " " + search.found;
}

}  // namespace heddle::compiler
