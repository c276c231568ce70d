// The processes write to pipes that one loop waits for; who has not answered in time is killed.
#include "probe_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace heddle::runtime {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

class Descriptor {
  public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }
    int get() const noexcept { return number_; }
    bool is_open() const noexcept { return number_ >= 0; }
    void close() noexcept {
        if (number_ >= 0) ::close(number_);
        number_ = -1;
    }

  private:
    int number_;
};

/// How a process of ours ended, as far as this process is told: another part of it may collect all children.
struct Ended {
    bool is_known = false;
    int status = 0;
};

/// None while it runs on.
std::optional<Ended> ended(pid_t process) {
    int status = 0;
    const pid_t result = ::waitpid(process, &status, WNOHANG);
    if (result == process) return Ended{true, status};
    if (result < 0 && errno != EINTR) return Ended{};
    return std::nullopt;
}

std::optional<Ended> ended_until(pid_t process, Clock::time_point end) {
    for (;;) {
        if (const auto how = ended(process)) return how;
        if (Clock::now() >= end) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

class Actions {
  public:
    explicit Actions(int output) {
        posix_spawn_file_actions_init(&files_);
        posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&files_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawnattr_init(&attributes_);
        // A program may have blocked or ignored what would end its driver.
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~Actions() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
    const posix_spawn_file_actions_t* files() const noexcept { return &files_; }
    const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

  private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

struct Running {
    pid_t process = -1;
    Descriptor output;
    std::string text;
    ProbeOutcome outcome;
};

void start(Running& running, const fs::path& program, std::string backend) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        running.outcome.reason = fmt::format("no pipe can be made: {}", std::strerror(errno));
        return;
    }
    running.output = Descriptor(ends[0]);
    const Descriptor input(ends[1]);
    const Actions actions(input.get());
    std::string name = program.string();
    const std::array<char*, 3> words = {name.data(), backend.data(), nullptr};
    const int failure = ::posix_spawn(&running.process, name.c_str(), actions.files(), actions.attributes(),
                                      words.data(), environ);
    if (failure != 0) {
        running.process = -1;
        running.output.close();
        running.outcome.reason = fmt::format("'{}' cannot be started: {}", name, std::strerror(failure));
    }
}

/// False when there is no more to read.
bool read_some(Running& running) {
    std::array<char, 16384> bytes;
    const ssize_t count = ::read(running.output.get(), bytes.data(), bytes.size());
    if (count > 0) running.text.append(bytes.data(), static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && errno == EINTR);
}

/// Reads until each has said all or the time is over.
void listen(std::span<Running> probes, Clock::time_point end) {
    for (;;) {
        std::vector<pollfd> waiting;
        std::vector<Running*> whose;
        for (Running& each : probes) {
            if (!each.output.is_open()) continue;
            waiting.push_back({each.output.get(), POLLIN, 0});
            whose.push_back(&each);
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        if (waiting.empty() || left <= 0) return;
        if (::poll(waiting.data(), static_cast<nfds_t>(waiting.size()), static_cast<int>(left)) < 0 &&
            errno != EINTR)
            return;
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (waiting[i].revents == 0) continue;
            if (!read_some(*whose[i]) || whose[i]->text.ends_with(probe_ends)) whose[i]->output.close();
        }
    }
}

std::string file_text(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void conclude(Running& running, std::chrono::milliseconds timeout, Clock::time_point end) {
    if (running.process < 0) return;
    ProbeOutcome& outcome = running.outcome;
    const bool has_said_all = running.text.ends_with(probe_ends);
    const bool is_silent = running.output.is_open();
    if (is_silent) {
        outcome.libraries = libraries_in(file_text(fmt::format("/proc/{}/maps", running.process)));
        ::kill(running.process, SIGKILL);
        end = Clock::now() + std::chrono::milliseconds(100);
    }
    // One that a driver holds inside of the kernel does not even die when killed.
    std::optional<Ended> how = ended_until(running.process, std::max(end, Clock::now()));
    if (!how) ::kill(running.process, SIGKILL);
    if (!is_silent || has_said_all) outcome.libraries = libraries_in(running.text);
    const std::string_view text = running.text;
    const bool has_begun = text.starts_with(probe_begins);
    const std::string_view answer = has_begun ? text.substr(probe_begins.size()) : std::string_view();
    outcome.kind = ProbeOutcome::Kind::failed;
    const bool is_signalled = how && how->is_known && WIFSIGNALED(how->status);
    if (answer.starts_with(probe_crashed) && !is_silent) {
        int number = 0;
        const std::string_view digits = answer.substr(probe_crashed.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        outcome.reason = fmt::format("its driver crashed while probed ({})", signal_name(number));
    } else if (has_begun && has_said_all) {
        outcome.kind = ProbeOutcome::Kind::answered;
    } else if (is_silent) {
        outcome.reason = fmt::format("its driver did not answer within {:g} s while probed",
                                     std::chrono::duration<double>(timeout).count());
    } else if (is_signalled) {
        outcome.reason =
            fmt::format("its driver crashed while probed ({})", signal_name(WTERMSIG(how->status)));
    } else if (has_begun) {
        outcome.reason = "its driver ended the process while probed";
        if (how && how->is_known && WIFEXITED(how->status))
            outcome.reason += fmt::format(" (exit status {})", WEXITSTATUS(how->status));
    }
    if (!has_begun && !is_silent) {
        outcome.kind = ProbeOutcome::Kind::not_started;
        outcome.reason = "the probe could not run";
        if (how && how->is_known && WIFEXITED(how->status))
            outcome.reason += fmt::format(" (exit status {})", WEXITSTATUS(how->status));
    }
}

}  // namespace

std::string signal_name(int signal) {
    const char* const name = ::sigabbrev_np(signal);
    return name != nullptr ? std::string("SIG") + name : fmt::format("signal {}", signal);
}

std::vector<fs::path> libraries_in(std::string_view maps) {
    std::vector<fs::path> files;
    for (std::size_t at = 0; at < maps.size();) {
        const std::size_t end = std::min(maps.find('\n', at), maps.size());
        const std::string_view line = maps.substr(at, end - at);
        at = end + 1;
        // "7f12-7f34 r-xp 00000000 08:01 1234      /usr/lib/libx.so"
        const std::size_t space = line.find(' '), slash = line.find(" /");
        if (space == std::string_view::npos || slash == std::string_view::npos || space + 4 >= line.size() ||
            line[space + 3] != 'x')
            continue;
        std::string_view path = line.substr(slash + 1);
        constexpr std::string_view gone = " (deleted)";
        if (path.ends_with(gone)) path.remove_suffix(gone.size());
        if (path.starts_with("/dev/") || path.starts_with("/memfd:")) continue;
        if (std::find(files.begin(), files.end(), fs::path(path)) == files.end()) files.emplace_back(path);
    }
    return files;
}

std::vector<ProbeOutcome> run_probes(const fs::path& program, std::span<const std::string> backends,
                                     std::chrono::milliseconds timeout) {
    const Clock::time_point end = Clock::now() + timeout;
    std::vector<Running> probes(backends.size());
    for (std::size_t i = 0; i < probes.size(); ++i) start(probes[i], program, backends[i]);
    listen(probes, end);
    std::vector<ProbeOutcome> outcomes;
    for (Running& each : probes) {
        conclude(each, timeout, end);
        outcomes.push_back(std::move(each.outcome));
    }
    return outcomes;
}

}  // namespace heddle::runtime
