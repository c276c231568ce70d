// Starts processes and waits for them.
#include "faults/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include <heddle/error.h>

namespace heddle::faults {

namespace {

const std::vector<std::string>& first_variables() {
    static const std::vector<std::string> variables = [] {
        std::vector<std::string> all;
        for (char** variable = environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
        return all;
    }();
    return variables;
}

std::vector<std::string> variables_with(const Environment& changes) {
    std::vector<std::string> all;
    for (const std::string& text : first_variables())
        if (!changes.contains(text.substr(0, text.find('=')))) all.push_back(text);
    for (const auto& [name, value] : changes) all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// What the process does with its files, for posix_spawn.
class FileActions {
  public:
    explicit FileActions(const std::string& errors) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, errors.c_str(),
                                         O_WRONLY | O_CREAT | O_TRUNC, 0600);
        posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
    }
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

}  // namespace

void remember_environment() {
    first_variables();
}

Ended run_process(const std::vector<std::string>& arguments, const Environment& environment,
                  const std::filesystem::path& errors, std::chrono::milliseconds limit) {
    std::vector<std::string> words = arguments, variables = variables_with(environment);
    const std::vector<char*> word_pointers = pointers_to(words), variable_pointers = pointers_to(variables);
    const FileActions actions(errors.string());
    pid_t process = 0;
    const int failure = posix_spawn(&process, words.front().c_str(), actions.get(), nullptr,
                                    word_pointers.data(), variable_pointers.data());
    if (failure != 0)
        throw Error(ErrorCode::io,
                    fmt::format("'{}' cannot be started: {}", words.front(), strerror(failure)));
    const auto end = std::chrono::steady_clock::now() + limit;
    int status = 0;
    while (waitpid(process, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > end) {
            kill(process, SIGKILL);
            waitpid(process, &status, 0);
            return {false, -1, fmt::format("did not end within {} ms and was killed", limit.count())};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (WIFSIGNALED(status))
        return {true, -1,
                fmt::format("died of signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)))};
    return {true, WEXITSTATUS(status), fmt::format("exit status {}", WEXITSTATUS(status))};
}

}  // namespace heddle::faults
