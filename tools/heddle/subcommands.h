// The subcommands: each function adds one to the command line. A new one is a file with such a function, a
// line here and a line in main.cpp.
#pragma once

#include <CLI/CLI.hpp>

#include "context.h"

namespace heddle::tool {

void add_devices(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_compile(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);
void add_tune(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
/// Reads the whole command line to write the completion script: added last.
void add_completion(CLI::App& app, Context& context);

}  // namespace heddle::tool
