// Functions in OpenCL C that printed kernels call: only those that a program needs are written, each with
// what it needs itself.
#pragma once

#include <map>
#include <set>
#include <string>

namespace heddle::compiler {

class OpenClHelpers {
  public:
    /// `has_ptx`: the program is for NVIDIA's compiler, and functions with inline PTX come before others.
    explicit OpenClHelpers(bool has_ptx) : has_ptx_(has_ptx) {}
    bool has_ptx() const noexcept { return has_ptx_; }
    /// Notes that `name` is called, and gives it back. A name that is not in the table is a defect.
    const std::string& use(const std::string& name);
    /// The same for a function that stands for several types or memories: `kind` is its pattern in the table
    /// ("atomic_add_{T}_{space}"), in which {T}, {U} (the integer type of T's width) and {space} are
    /// replaced.
    const std::string& use(const std::string& kind, const std::string& type, const std::string& bits,
                           const std::string& space);
    /// Definitions in an order in which each stands before its use.
    std::string text() const;
    bool uses_double = false, uses_int64_atomics = false;
    /// Definitions of the program's structures, without their names, by name.
    std::map<std::string, std::string> structures;

  private:
    void need(const std::string& name, const std::string& definition);

    bool has_ptx_;
    std::set<std::string> names_;
    std::string definitions_;
};

/// Words that a variable must not be called: OpenCL C's, and the functions that printed code calls.
std::set<std::string, std::less<>> opencl_reserved_words(bool has_ptx);

}  // namespace heddle::compiler
