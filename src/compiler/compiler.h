// The one door between the run time and the compiler: libheddle-compiler.so exports heddle_compiler_create(),
// which gives an object of this interface. No LLVM type passes through it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <heddle/package.h>
#include <heddle/program.h>

namespace heddle::compiler {

/// Source in, Kernel IR and what is known of its kernels out.
struct SourceRequest {
    std::string source;     ///< CUDA C++ text
    std::string file_name;  ///< for diagnostics, __FILE__ and relative includes
    CompileOptions options;
};
struct SourceResult {
    bool ok = false;
    std::string diagnostics;  ///< Clang's own text (plain, no colour); warnings even when ok
    Package package;          ///< kernels, globals, one payload "ir" (LLVM bitcode of Kernel IR)
    std::vector<std::string>
        dependencies;  ///< absolute paths of user files included: part of the cache's key
};

/// Kernel IR in, one target's code out.
struct TargetRequest {
    std::span<const std::byte> ir;     ///< the "ir" payload
    std::string target;                ///< "simd", "scalar", later "ptx", "spirv", ...; "ir" gives its text
    std::string variant;               ///< "x86-64-v2", "x86-64-v3", "x86-64-v4", "native", "aarch64"
    std::vector<std::string> kernels;  ///< source-level names; empty for all
    bool check = false;                ///< instrument for --check (scalar only)
    bool text = false;                 ///< give readable text (assembly for CPU targets) instead of a payload
    std::vector<std::uint32_t> rows = {};  ///< simd: only these of the forms that abi.h lists; empty for all
};
struct TargetResult {
    bool ok = false;
    std::string diagnostics;                    ///< why the whole target failed
    std::vector<TargetDiagnostic> unsupported;  ///< kernels this target cannot express, with the source line
    std::vector<std::byte> payload;             ///< ELF shared object for CPU targets, or text
};

/// A target and one variant of it.
struct TargetVariant {
    std::string target, variant;
};

class Compiler {
  public:
    virtual ~Compiler() = default;
    /// Identifies the compiler's build: part of every cache key and written into packages.
    virtual const std::string& build_id() const noexcept = 0;
    /// All targets it can make, with the variants that an ahead-of-time package holds.
    virtual std::vector<TargetVariant> targets() const = 0;
    /// Both may be called from several threads.
    virtual SourceResult compile_source(const SourceRequest& request) = 0;
    virtual TargetResult compile_target(const TargetRequest& request) = 0;
};

}  // namespace heddle::compiler

extern "C" heddle::compiler::Compiler*
heddle_compiler_create();  ///< owned by the caller for the process's life
