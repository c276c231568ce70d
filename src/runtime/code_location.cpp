// Asks the dynamic loader.
#include "code_location.h"

#include <dlfcn.h>

#include <system_error>

namespace heddle::runtime {

namespace fs = std::filesystem;

fs::path file_that_holds(const void* address) {
    Dl_info info{};
    if (::dladdr(address, &info) == 0 || info.dli_fname == nullptr) return {};
    std::error_code code;
    fs::path path = info.dli_fname;
    // Of the program itself the loader knows only how it was called.
    if (!path.is_absolute()) path = fs::read_symlink("/proc/self/exe", code);
    if (code) return {};
    path = fs::weakly_canonical(path, code);
    return code ? fs::path() : path;
}

}  // namespace heddle::runtime
