// Loads generated code: takes an ELF shared object's bytes, gives its kernels, and unloads it with its last
// owner.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/cpu/abi.h"

namespace heddle::cpu {

/// Finds what generated code imports; null when there is no such function.
using ImportLookup = void* (*)(std::string_view name);

/// A shared object in this process. Kernels' entries are valid while it lives.
class CodeObject {
  public:
    /// Loads from memory and binds the imports. `name` is for messages. Throws corrupt_package when it is not
    /// a shared object of this ABI and processor, and unsupported when it imports what `imports` does not
    /// know.
    static std::shared_ptr<const CodeObject> load(std::span<const std::byte> image, const std::string& name,
                                                  ImportLookup imports);
    ~CodeObject();
    CodeObject(const CodeObject&) = delete;
    CodeObject& operator=(const CodeObject&) = delete;

    /// The versions of the kernel of that mangled name, the widest row first; empty when there is none.
    std::vector<heddle_cpu_kernel> find(std::string_view symbol) const;

  private:
    CodeObject() = default;
    void* handle_ = nullptr;
    const heddle_cpu_kernel* kernels_ = nullptr;
};

}  // namespace heddle::cpu
