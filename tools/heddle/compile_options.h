// The options that every subcommand that compiles has in common: -D, -I, --std, --fast-math, --no-cache.
#pragma once

#include <heddle/program.h>
#include <CLI/CLI.hpp>

namespace heddle::tool {

/// `options` must live as long as `command`.
void add_compile_options(CLI::App& command, CompileOptions& options);

}  // namespace heddle::tool
