// Output, colour and the JSON document of the command, see context.h.
#include "context.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

namespace heddle::tool {

namespace {

/// https://no-color.org, and terminals that cannot.
bool colour_wanted() {
    const char* refusal = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    return (refusal == nullptr || *refusal == '\0') &&
           (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

}  // namespace

Context::Context() {
    terminal_error_ = isatty(STDERR_FILENO) == 1;
    colour_error_ = terminal_error_ && colour_wanted();
    colour_output_ = isatty(STDOUT_FILENO) == 1 && colour_wanted();
}

void Context::start(std::string_view subcommand) {
    command = fmt::format("heddle {}", subcommand);
    if (!json) return;
    colour_output_ = false;
    std::fflush(stdout);
    const int kept = dup(STDOUT_FILENO);
    if (kept < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return;
    if (std::FILE* document_file = fdopen(kept, "w")) output_ = document_file;
}

void Context::print(std::string_view text) {
    if (!json) std::fwrite(text.data(), 1, text.size(), output_);
}

void Context::error(std::string_view text) const {
    const std::string line = colour_error_ ? fmt::format("{}: \033[1;31merror:\033[0m {}\n", command, text)
                                           : fmt::format("{}: error: {}\n", command, text);
    std::fflush(output_);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

void Context::diagnostics(std::string_view text) const {
    std::fflush(output_);
    std::fwrite(text.data(), 1, text.size(), stderr);
    if (!text.empty() && text.back() != '\n') std::fputc('\n', stderr);
}

void Context::note(std::string_view text) const {
    const std::string line = fmt::format("{}: {}\n", command, text);
    std::fflush(output_);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

bool Context::finish(std::string_view error_text) {
    if (json) {
        document["status"] = exit_code == exit_done ? "ok" : "failed";
        if (!error_text.empty()) document["error"] = error_text;
        // Texts of drivers and file names need not be UTF-8; JSON must be.
        const std::string text =
            document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
        std::fwrite(text.data(), 1, text.size(), output_);
    }
    if (std::ferror(output_) == 0 && std::fflush(output_) == 0) return true;
    error(fmt::format("standard output cannot be written: {}", std::strerror(errno)));
    return false;
}

}  // namespace heddle::tool
