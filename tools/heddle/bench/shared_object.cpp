// Loading of peers' libraries, see shared_object.h.
#include "shared_object.h"

#include <dlfcn.h>

#include <fmt/format.h>
#include <heddle/error.h>

namespace heddle::tool::bench {

SharedObject::SharedObject(const std::vector<std::string>& paths) {
    std::string reasons;
    for (const std::string& path : paths) {
        handle_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle_ != nullptr) {
            path_ = path;
            return;
        }
        const char* reason = ::dlerror();
        if (!reasons.empty()) reasons += "; ";
        reasons += reason == nullptr ? path + ": cannot be loaded" : reason;
    }
    throw Error(ErrorCode::device_unavailable, reasons);
}

void* SharedObject::symbol(const std::string& name) const {
    void* address = ::dlsym(handle_, name.c_str());
    if (address == nullptr)
        throw Error(ErrorCode::device_unavailable, fmt::format("{} has no function '{}'", path_, name));
    return address;
}

}  // namespace heddle::tool::bench
