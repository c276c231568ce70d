// SharedObject: a peer's library, loaded when it is asked for.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace heddle::tool::bench {

/// Loads the first of `paths` that can be; stays loaded for the life of the process, since OpenMP and OpenCL
/// run times keep threads. Throws heddle::Error (device_unavailable) with the loader's reasons.
class SharedObject {
  public:
    explicit SharedObject(const std::vector<std::string>& paths);
    /// Throws heddle::Error (device_unavailable) when the library has no such function.
    void* symbol(const std::string& name) const;

  private:
    std::string path_;
    void* handle_ = nullptr;
};

}  // namespace heddle::tool::bench
