// heddle/language.h, parsed once at build time: reading Clang's own form of it takes a quarter of the time of
// its text.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <heddle/program.h>

namespace heddle::compiler {

/// A precompiled heddle/language.h for one combination of language options.
struct PrecompiledHeader {
    std::string_view standard;  ///< as in CompileOptions
    bool fast_math;
    std::string_view contents;  ///< static storage; no null character follows
};

/// What was made at build time; may be empty.
std::span<const PrecompiledHeader> precompiled_headers();

/// The one for `options`, or null: then the text is parsed.
const PrecompiledHeader* find_precompiled_header(const CompileOptions& options);

/// Makes one and writes it to the file `output`. Throws std::runtime_error with Clang's diagnostics.
void precompile_header(const std::string& standard, bool fast_math, const std::string& output);

}  // namespace heddle::compiler
