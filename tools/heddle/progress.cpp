// The progress line, see progress.h.
#include "progress.h"

#include <chrono>
#include <cstdio>

#include <fmt/format.h>

namespace heddle::tool {

Progress::Progress(const Context& context) {
    if (context.shows_progress()) thread_ = std::thread([this] { show(); });
}

Progress::~Progress() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        end_ = true;
    }
    ended_.notify_all();
    thread_.join();
}

void Progress::say(std::string what) {
    const std::lock_guard lock(mutex_);
    what_ = std::move(what);
}

void Progress::show() {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    bool shown = false;
    std::unique_lock lock(mutex_);
    for (auto wait = std::chrono::milliseconds(1000); !ended_.wait_for(lock, wait, [this] { return end_; });
         wait = std::chrono::milliseconds(200)) {
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        fmt::print(stderr, "\r\033[K{} ... {:.0f} s", what_, seconds);
        std::fflush(stderr);
        shown = true;
    }
    if (shown) fmt::print(stderr, "\r\033[K");
}

}  // namespace heddle::tool
