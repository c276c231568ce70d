// Compiling ahead of time: source in, a package for several targets or one target's readable text out. Loads
// libheddle-compiler.so; no device is needed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/export.h>
#include <heddle/package.h>
#include <heddle/program.h>

namespace heddle {

/// What compile_package() gives.
struct CompiledPackage {
    Package package;          ///< package.diagnostics: kernels that a target cannot express, and why
    std::string diagnostics;  ///< the compiler's warnings; empty when there were none or the cache answered
    CompileStatistics statistics;
};

/// Compiles `source` for `targets`, each "simd", "scalar", "ir", ..., one variant of a target
/// ("simd:x86-64-v3", "simd:aarch64"), or "all". A target alone means its variants for the x86-64 family
/// ("aarch64" joins by name and with "all"). Kernel IR is part of the package only when "ir" or "all" is
/// asked for. Throws compile_failed (the compiler's diagnostics); unsupported when a target asked for by name
/// does not exist (lists what there is) or cannot express a kernel; invalid_argument for an empty list or
/// options.check.
HEDDLE_API CompiledPackage compile_package(std::string_view source, std::string_view file_name,
                                           const CompileOptions& options,
                                           std::span<const std::string> targets);

/// The readable text of one target ("ir", "simd", "simd:x86-64-v4", "scalar", ...): IR, assembly or source.
/// Throws as compile_package().
HEDDLE_API std::string emit_text(std::string_view source, std::string_view file_name,
                                 const CompileOptions& options, std::string_view target);

/// Every "target" or "target:variant" that compile_package() takes by name. Throws not_found when there is no
/// compiler.
HEDDLE_API std::vector<std::string> available_targets();

}  // namespace heddle
