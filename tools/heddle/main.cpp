// The `heddle` command: builds the command line, runs one subcommand, and turns what it throws into a
// message, a JSON document and an exit code.
#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <heddle/error.h>
#include <heddle/version.h>
#include <CLI/CLI.hpp>

#include "context.h"
#include "subcommands.h"
#include "usage_error.h"

namespace {

using namespace heddle::tool;

int exit_code_of(heddle::ErrorCode code) {
    switch (code) {
        case heddle::ErrorCode::device_unavailable:
            return exit_no_device;
        case heddle::ErrorCode::invalid_argument:
        case heddle::ErrorCode::not_found:
            return exit_usage;
        default:
            return exit_failed;
    }
}

/// The words after the program's name. `--arg -1e-3` becomes `--arg=-1e-3`: the parser would take a value
/// that begins with a dash for an option.
std::vector<std::string> words(int count, char** values) {
    std::vector<std::string> list;
    for (int i = 1; i < count; ++i) {
        std::string word = values[i];
        if (word == "--") {
            list.insert(list.end(), values + i, values + count);
            break;
        }
        if (word == "--arg" && i + 1 < count) word += std::string("=") + values[++i];
        list.push_back(std::move(word));
    }
    return list;
}

/// The subcommand that the command line names, for messages about one that does not parse; null when none.
const CLI::App* subcommand_of(const CLI::App& app, const std::vector<std::string>& list) {
    for (const std::string& word : list)
        for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
            if (command->get_name() == word) return command;
    return nullptr;
}

/// Whether `list` asks `command` for a JSON document on standard output (where --json takes no file).
bool asks_for_json(const CLI::App& command, const std::vector<std::string>& list) {
    const CLI::Option* option = command.get_option_no_throw("--json");
    return option != nullptr && option->get_items_expected_max() == 0 &&
           std::find(list.begin(), list.end(), "--json") != list.end();
}

/// Parses, which runs the chosen subcommand's callback. Gives the error's text, empty when there was none.
std::string run(CLI::App& app, Context& context, const std::vector<std::string>& list) {
    try {
        std::vector<std::string> reversed(list.rbegin(), list.rend());  // the order that CLI11 takes
        app.parse(std::move(reversed));
        return {};
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {  // --help, --version
            context.exit_code = app.exit(error);
            return {};
        }
        context.json = false;
        if (const CLI::App* command = subcommand_of(app, list)) {
            context.json = asks_for_json(*command, list);
            context.start(command->get_name());
        }
        context.exit_code = exit_usage;
        const std::string text = fmt::format("{}; see '{} --help'", error.what(), context.command);
        context.error(text);
        return text;
    } catch (const UsageError& error) {
        context.exit_code = exit_usage;
        context.error(error.what());
        return error.what();
    } catch (const heddle::Error& error) {
        context.exit_code = exit_code_of(error.code());
        if (error.code() == heddle::ErrorCode::compile_failed) {
            context.diagnostics(error.reason());
            context.error("the source does not compile");
            return error.reason();
        }
        context.error(error.what());
        return error.what();
    } catch (const std::bad_alloc&) {
        context.exit_code = exit_failed;
        context.error("the host's memory is exhausted");
        return "the host's memory is exhausted";
    } catch (const std::exception& error) {
        context.exit_code = exit_failed;
        context.error(error.what());
        return error.what();
    }
}

}  // namespace

int main(int count, char** values) {
    Context context;
    CLI::App app("Compiles CUDA C++ kernels and runs them on any accelerator.", "heddle");
    app.set_version_flag("--version", "heddle " HEDDLE_VERSION);
    app.get_formatter()->column_width(36);
    app.footer("'heddle COMMAND --help' says more about one command.");
    add_devices(app, context);
    add_run(app, context);
    add_compile(app, context);
    add_bench(app, context);
    add_tune(app, context);
    add_doctor(app, context);
    add_completion(app, context);

    // PoCL 3.1's usual way of making blocks of threads crashes in its code generator on some kernels; its
    // other way does not. Set before any thread runs; a value from outside stays, and benchmarks measure PoCL
    // as it is.
    if (count > 1 && std::string_view(values[1]) != "bench") setenv("POCL_WORK_GROUP_METHOD", "loops", 0);

    if (count < 2) {
        fmt::print(stderr, "{}", app.help());
        return exit_usage;
    }
    const std::string error = run(app, context, words(count, values));
    if (!context.finish(error) && context.exit_code == exit_done) context.exit_code = exit_failed;
    return context.exit_code;
}
