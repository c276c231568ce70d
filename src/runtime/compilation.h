// The two steps of compiling, each answered by the cache where it can: source to a package with Kernel IR,
// and Kernel IR to one target's code. The compiler library is loaded only when the cache has no answer.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/package.h>
#include <heddle/program.h>

namespace heddle::runtime {

/// What the front end gives.
struct FrontEndResult {
    Package package;          ///< with one payload, "ir"
    std::string diagnostics;  ///< warnings; empty when the cache answered
    bool is_from_cache = false;
};
/// Throws compile_failed (the compiler's diagnostics), not_found (no compiler).
FrontEndResult compile_front_end(std::string_view source, std::string_view file_name,
                                 const CompileOptions& options);

/// What is to be made of Kernel IR.
struct CodeRequest {
    std::span<const std::byte> ir;
    std::string target, variant;
    std::string kernel;  ///< source-level name
    bool check = false;
    bool use_cache = true;
};
struct CodeResult {
    std::vector<std::byte> code;
    bool is_from_cache = false;
};
/// Throws unsupported when the target cannot express the kernel, compile_failed when the target fails.
CodeResult compile_kernel(const CodeRequest& request);

}  // namespace heddle::runtime
