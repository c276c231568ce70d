// heddle-probe BACKEND: asks that backend's driver for its devices and tells on standard output how that went
// (src/runtime/probe_process.h says in which words). What a driver does to this process, it does to no other.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/probe_process.h"
#include "runtime/registry.h"

namespace {

using namespace heddle;

int output = STDOUT_FILENO;

/// Of what may be called while a signal is handled.
void say(std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t count = ::write(output, text.data(), text.size());
        if (count <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

void say_libraries() noexcept {
    const int maps = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (maps < 0) return;
    std::array<char, 4096> bytes;
    for (ssize_t count = 0; (count = ::read(maps, bytes.data(), bytes.size())) > 0;)
        say({bytes.data(), static_cast<std::size_t>(count)});
    ::close(maps);
}

[[noreturn]] void finish(int status) noexcept {
    say_libraries();
    say(runtime::probe_ends);
    // Without the drivers' destructors: those that hang or crash there did so after the answer.
    ::_exit(status);
}

void crash(int signal) noexcept {
    say(runtime::probe_crashed);
    const std::array<char, 3> digits = {static_cast<char>('0' + signal / 10 % 10),
                                        static_cast<char>('0' + signal % 10), '\n'};
    say({digits.data(), digits.size()});
    finish(1);
}

void watch_for_crashes() {
    // A stack of its own: a driver may have used up the other.
    static std::array<char, 65536> stack;
    stack_t alternative{};
    alternative.ss_sp = stack.data();
    alternative.ss_size = stack.size();
    ::sigaltstack(&alternative, nullptr);
    struct sigaction action{};
    action.sa_handler = crash;
    action.sa_flags = SA_ONSTACK | static_cast<int>(SA_RESETHAND);
    for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS})
        ::sigaction(signal, &action, nullptr);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

void probe(const runtime::BackendEntry& entry) {
    std::vector<std::shared_ptr<hal::Device>> devices;
    std::string reason;
    const std::unique_ptr<hal::Backend> backend = entry.make();
    backend->enumerate(devices, reason);
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    say(devices.empty() ? "none " + reason + "\n" : "devices " + std::to_string(devices.size()) + "\n");
    // While the backend and its devices keep their libraries loaded.
    finish(0);
}

}  // namespace

int main(int argc, char** argv) {
    const auto entries = runtime::backend_entries();
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const runtime::BackendEntry& each) {
        return argc == 2 && each.name == argv[1];
    });
    if (entry == entries.end()) {
        constexpr std::string_view usage =
            "usage: heddle-probe BACKEND\nTries out the driver of a backend. Heddle's library starts it.\n";
        return ::write(STDERR_FILENO, usage.data(), usage.size()) < 0 ? 1 : 2;
    }
    // Ends with who asked.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // What drivers print goes elsewhere.
    output = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (output < 0 || nowhere < 0 || ::dup2(nowhere, STDOUT_FILENO) < 0) return 1;
    watch_for_crashes();
    say(runtime::probe_begins);
    try {
        probe(*entry);
    } catch (const std::exception&) {
        // Only memory can be lacking here: the backends report all else themselves.
        return 1;
    }
}
