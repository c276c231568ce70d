// Divides copies among threads.
#include "host_copier.h"

#include <algorithm>
#include <cstring>
#include <system_error>

#include "log.h"

namespace heddle::runtime {

namespace {

constexpr std::size_t least_shared = std::size_t{1} << 20, part = std::size_t{1} << 17;

}  // namespace

HostCopier::~HostCopier() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    begun_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

unsigned HostCopier::usual_helpers() noexcept {
    // Four threads fill most ways; more would only take processors from the program.
    return std::min(3U, std::thread::hardware_concurrency() / 4);
}

void HostCopier::copy(void* to, const void* from, std::size_t bytes) {
    if (bytes == 0) return;
    std::unique_lock user(user_mutex_, std::defer_lock);
    if (helpers_ == 0 || bytes < least_shared || !user.try_lock()) {
        std::memcpy(to, from, bytes);
        return;
    }
    try {
        while (threads_.size() < helpers_) threads_.emplace_back([this] { help(); });
    } catch (const std::system_error& error) {
        log().debug("copies have {} helping threads, not {}: {}", threads_.size(), helpers_, error.what());
    }
    {
        const std::lock_guard lock(mutex_);
        to_ = static_cast<std::byte*>(to);
        from_ = static_cast<const std::byte*>(from);
        bytes_ = bytes;
        ++copy_;
        next_.store(0, std::memory_order_relaxed);
    }
    begun_.notify_all();
    copy_parts(static_cast<std::byte*>(to), static_cast<const std::byte*>(from), bytes);
    std::unique_lock lock(mutex_);
    bytes_ = 0;  // who comes now comes too late
    ended_.wait(lock, [this] { return helping_ == 0; });
}

void HostCopier::copy_parts(std::byte* to, const std::byte* from, std::size_t bytes) {
    for (;;) {
        const std::size_t begin = next_.fetch_add(part, std::memory_order_relaxed);
        if (begin >= bytes) return;
        std::memcpy(to + begin, from + begin, std::min(part, bytes - begin));
    }
}

void HostCopier::help() {
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
        begun_.wait(lock, [&] { return is_stopping_ || (bytes_ != 0 && copy_ != seen); });
        if (is_stopping_) return;
        seen = copy_;
        std::byte* const to = to_;
        const std::byte* const from = from_;
        const std::size_t bytes = bytes_;
        ++helping_;
        lock.unlock();
        copy_parts(to, from, bytes);
        lock.lock();
        if (--helping_ == 0) ended_.notify_one();
    }
}

}  // namespace heddle::runtime
