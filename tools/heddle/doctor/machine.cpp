// The real machine: files, nodes, libraries, and programs run with a time limit.
#include "machine.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

extern char** environ;

namespace heddle::tool::doctor {

namespace {

using Clock = std::chrono::steady_clock;

/// Closes a file descriptor at its end.
class Descriptor {
  public:
    explicit Descriptor(int number = -1) noexcept : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const noexcept { return number_; }
    void set(int number) noexcept {
        close();
        number_ = number;
    }
    void close() noexcept {
        if (number_ >= 0) ::close(number_);
        number_ = -1;
    }

  private:
    int number_;
};

bool make_pipe(Descriptor& read_end, Descriptor& write_end) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read_end.set(ends[0]);
    write_end.set(ends[1]);
    return true;
}

/// Reads both pipes until their ends or `deadline`; false when that came first.
bool read_until(Clock::time_point deadline, Descriptor& output, std::string& output_text, Descriptor& errors,
                std::string& errors_text) {
    while (output.get() >= 0 || errors.get() >= 0) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        std::array<pollfd, 2> waiting{pollfd{output.get(), POLLIN, 0}, pollfd{errors.get(), POLLIN, 0}};
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<long long>(left, 1000))) < 0 &&
            errno != EINTR)
            return true;
        const auto take = [](const pollfd& ready, Descriptor& from, std::string& to) {
            if (ready.fd < 0 || ready.revents == 0) return;
            std::array<char, 4096> block{};
            const ssize_t bytes = ::read(ready.fd, block.data(), block.size());
            if (bytes > 0)
                to.append(block.data(), static_cast<std::size_t>(bytes));
            else if (bytes == 0 || errno != EINTR)
                from.close();
        };
        take(waiting[0], output, output_text);
        take(waiting[1], errors, errors_text);
    }
    return true;
}

std::vector<std::string> environment_with(const Variables& more) {
    std::vector<std::string> list;
    for (char** at = environ; *at != nullptr; ++at) {
        const std::string entry = *at;
        const std::string name = entry.substr(0, entry.find('='));
        const bool is_replaced = std::any_of(more.begin(), more.end(),
                                             [&](const auto& variable) { return variable.first == name; });
        // A child would write over this process's trace.
        if (!is_replaced && name != "HEDDLE_TRACE") list.push_back(entry);
    }
    for (const auto& [name, value] : more) list.push_back(name + "=" + value);
    return list;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (std::string& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

CommandResult run_command(const std::vector<std::string>& command, const Variables& more,
                          std::chrono::seconds limit) {
    CommandResult result;
    Descriptor output, output_end, errors, errors_end;
    if (!make_pipe(output, output_end) || !make_pipe(errors, errors_end)) return result;
    std::vector<std::string> words = command, variables = environment_with(more);
    const std::vector<char*> arguments = pointers(words), values = pointers(variables);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (::posix_spawn_file_actions_init(&actions) != 0) return result;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output_end.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, errors_end.get(), STDERR_FILENO);
    // A group of its own, so that what it starts ends with it.
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t child = 0;
    const int code =
        ::posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), values.data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (code != 0) {
        result.errors = std::strerror(code);
        return result;
    }
    result.is_started = true;
    output_end.close();
    errors_end.close();
    if (!read_until(Clock::now() + limit, output, result.output, errors, result.errors)) {
        result.is_timed_out = true;
        ::kill(-child, SIGKILL);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    return result;
}

NodeAccess access_to(const std::string& path) {
    NodeAccess access;
    struct ::stat info{};
    if (::stat(path.c_str(), &info) != 0) return access;
    access.exists = true;
    access.is_usable = ::access(path.c_str(), R_OK | W_OK) == 0;
    if (const ::group* const owner = ::getgrgid(info.st_gid)) access.group = owner->gr_name;
    return access;
}

std::string load_library(const std::string& library) {
    // Never unloaded: drivers do not expect it.
    if (::dlopen(library.c_str(), RTLD_LAZY | RTLD_LOCAL) != nullptr) return {};
    const char* const message = ::dlerror();
    return message != nullptr ? message : library + " cannot be loaded";
}

}  // namespace

Machine this_machine() {
    Machine machine;
    machine.environment = [](const std::string& name) -> std::optional<std::string> {
        const char* const value = std::getenv(name.c_str());
        if (value == nullptr) return std::nullopt;
        return std::string(value);
    };
    machine.node = access_to;
    machine.load = load_library;
    machine.run = run_command;
    std::error_code code;
    machine.heddle = std::filesystem::read_symlink("/proc/self/exe", code).string();
    if (const ::passwd* const user = ::getpwuid(::geteuid())) machine.user = user->pw_name;
    return machine;
}

std::vector<std::string> library_directories(const Machine& machine) {
    std::vector<std::string> directories;
    std::istringstream own(machine.variable("LD_LIBRARY_PATH"));
    for (std::string directory; std::getline(own, directory, ':');)
        if (!directory.empty()) directories.push_back(directory);
    for (const char* directory :
         {"/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
          "/lib/aarch64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib", "/lib", "/usr/local/lib",
          "/usr/local/lib64", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64",
          "/usr/lib/x86_64-linux-gnu/nvidia/current", "/opt/rocm/lib"})
        directories.emplace_back(directory);
    return directories;
}

std::optional<std::string> find_library(const Machine& machine, const std::string& name) {
    for (const std::string& directory : library_directories(machine))
        if (machine.files.exists(directory + "/" + name)) return directory + "/" + name;
    return std::nullopt;
}

}  // namespace heddle::tool::doctor
