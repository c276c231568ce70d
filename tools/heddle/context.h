// Context: what every subcommand is handed: where output goes, whether it is JSON, and the exit code to give.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace heddle::tool {

/// The command's exit codes.
enum ExitCode : int { exit_done = 0, exit_failed = 1, exit_usage = 2, exit_no_device = 3 };

/// One a process, made by main(). A subcommand that offers --json binds its flag to `json`, calls start()
/// first, and fills `document`; main() prints it, with "status" and "error" added, however the subcommand
/// ends.
class Context {
  public:
    Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    bool json = false;
    nlohmann::ordered_json document = nlohmann::ordered_json::object();
    int exit_code = exit_done;
    std::string command = "heddle";  ///< "heddle run", for messages

    /// Begins a subcommand. With --json, whatever else writes to standard output from now on (a kernel's
    /// printf, a driver) goes to standard error.
    void start(std::string_view subcommand);

    /// A person's output: standard output, unless --json keeps that for the document.
    void print(std::string_view text);
    /// "heddle run: error: ..." on standard error.
    void error(std::string_view text) const;
    /// The compiler's own text on standard error, unchanged, so that editors find file, line and column in
    /// it.
    void diagnostics(std::string_view text) const;
    /// A line on standard error that is no error.
    void note(std::string_view text) const;

    /// Prints the JSON document, if asked for, and flushes. Gives false, with a message, when standard output
    /// could not be written.
    bool finish(std::string_view error_text);

    bool colours_output() const noexcept { return colour_output_; }
    /// Standard error is a terminal: progress may be shown.
    bool shows_progress() const noexcept { return terminal_error_; }

  private:
    std::FILE* output_ = stdout;
    bool colour_output_ = false, colour_error_ = false, terminal_error_ = false;
};

}  // namespace heddle::tool
