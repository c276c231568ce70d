// The compiler's options on the command line, see compile_options.h.
#include "compile_options.h"

namespace heddle::tool {

void add_compile_options(CLI::App& command, CompileOptions& options) {
    command.add_option("-D", options.defines, "Define a macro")
        ->type_name("NAME[=VALUE]")
        ->allow_extra_args(false);
    command.add_option("-I", options.include_directories, "Search this directory for headers")
        ->type_name("DIR")
        ->allow_extra_args(false)
        ->check(CLI::Validator(CLI::ExistingDirectory).description(""));
    command.add_option("--std", options.standard, "Language standard (default: c++20)")
        ->type_name("STD")
        ->check(CLI::IsMember({"c++11", "c++14", "c++17", "c++20", "c++23"}));
    command.add_flag("--fast-math", options.fast_math,
                     "Allow fast, less exact floating point, as nvcc's --use_fast_math");
    command.add_flag("--grid-parts", options.grid_parts,
                     "Let kernels run a part of a larger grid, for launches over several devices");
    command.add_flag_callback(
        "--no-cache", [&options] { options.use_cache = false; }, "Neither read nor write the cache");
}

}  // namespace heddle::tool
