// Formats events and appends them to the file.
#include "trace.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <heddle/error.h>

#include "environment.h"
#include "log.h"

namespace heddle::runtime::trace {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{64} << 10;
constexpr std::chrono::milliseconds longest_delay{100};

void append_text(std::string& to, std::string_view text) {
    bool is_plain = true;
    for (const char c : text) is_plain = is_plain && c >= ' ' && c <= '~' && c != '"' && c != '\\';
    if (is_plain) {
        to += '"';
        to += text;
        to += '"';
    } else {
        // A file's name need not be UTF-8; JSON must be.
        to += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
}

/// Microseconds, the format's unit.
void append_time(std::string& to, std::uint64_t ns) {
    fmt::format_to(std::back_inserter(to), "{}.{:03}", ns / 1000, ns % 1000);
}

// One a process; a pointer, so that threads may still trace while the process ends.
struct Current {
    std::mutex mutex;
    bool is_decided = false;
    Writer* writer = nullptr;
};
Current& the_current() {
    static Current& it = *std::make_unique<Current>().release();
    return it;
}

void close_current() {
    if (Writer* const writer = the_current().writer) writer->close();
}

void before_fork() {
    if (Writer* const writer = the_current().writer) writer->before_fork();
}
void after_fork_in_parent() {
    if (Writer* const writer = the_current().writer) writer->after_fork(false);
}
void after_fork_in_child() {
    if (Writer* const writer = the_current().writer) writer->after_fork(true);
}

}  // namespace

std::uint64_t now_ns() noexcept {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

void Args::key(std::string_view name) {
    if (!text_.empty()) text_ += ',';
    append_text(text_, name);
    text_ += ':';
}

Args& Args::add(std::string_view name, std::string_view value) {
    key(name);
    append_text(text_, value);
    return *this;
}

Args& Args::add(std::string_view name, std::uint64_t value) {
    key(name);
    fmt::format_to(std::back_inserter(text_), "{}", value);
    return *this;
}

Args& Args::add(std::string_view name, double value) {
    key(name);
    fmt::format_to(std::back_inserter(text_), "{:.6g}", value);
    return *this;
}

Writer::Writer(const std::filesystem::path& path) : process_(static_cast<std::uint64_t>(::getpid())) {
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file_ < 0)
        throw Error(ErrorCode::io, "HEDDLE_TRACE: '" + path.string() + "': " + std::strerror(errno));
    buffer_.reserve(buffer_bytes + 4096);
    buffer_ = "[";
    begin_event();
    buffer_ += R"("ph":"M","name":"process_name","args":{"name":)";
    append_text(buffer_, program_invocation_short_name);
    buffer_ += '}';
    end_event();
    write_out();
    flusher_ = std::thread([this] { flush_regularly(); });
}

Writer::~Writer() {
    close();
}

void Writer::begin_event() {
    buffer_ += is_first_ ? "\n{" : ",\n{";
    is_first_ = false;
    fmt::format_to(std::back_inserter(buffer_), R"("pid":{},)", process_);
}

void Writer::end_event() {
    buffer_ += '}';
    if (buffer_.size() >= buffer_bytes) write_out();
}

void Writer::write_out() {
    const char* data = buffer_.data();
    std::size_t left = buffer_.size();
    while (left != 0 && file_ >= 0) {
        const ssize_t written = ::write(file_, data, left);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            // The program is not to fail for its trace.
            log().error("the trace ends here: its file cannot be written: {}", std::strerror(errno));
            ::close(std::exchange(file_, -1));
            break;
        }
        data += written;
        left -= static_cast<std::size_t>(written);
    }
    buffer_.clear();
}

void Writer::flush_regularly() {
    ::pthread_setname_np(::pthread_self(), "heddle-trace");
    std::unique_lock lock(mutex_);
    while (!stopped_.wait_for(lock, longest_delay, [this] { return is_stopped_; }))
        if (!buffer_.empty()) write_out();
}

void Writer::span(Track track, std::string_view category, std::string_view name, std::uint64_t start_ns,
                  std::uint64_t end_ns, const Args& args, Flow flow) {
    const std::lock_guard lock(mutex_);
    if (file_ < 0) return;
    begin_event();
    fmt::format_to(std::back_inserter(buffer_), R"("tid":{},"ph":"X","cat":"{}","name":)", track, category);
    append_text(buffer_, name);
    buffer_ += R"(,"ts":)";
    append_time(buffer_, start_ns);
    buffer_ += R"(,"dur":)";
    append_time(buffer_, end_ns - start_ns);
    if (flow.id != 0)
        fmt::format_to(std::back_inserter(buffer_), R"(,"bind_id":"{:#x}","flow_{}":true)", flow.id,
                       flow.is_start ? "out" : "in");
    if (!args.text().empty()) {
        buffer_ += R"(,"args":{)";
        buffer_ += args.text();
        buffer_ += '}';
    }
    end_event();
}

void Writer::counter(std::string_view name, std::uint64_t time_ns, const Args& values) {
    const std::lock_guard lock(mutex_);
    if (file_ < 0) return;
    begin_event();
    buffer_ += R"("ph":"C","name":)";
    append_text(buffer_, name);
    buffer_ += R"(,"ts":)";
    append_time(buffer_, time_ns);
    buffer_ += R"(,"args":{)";
    buffer_ += values.text();
    buffer_ += '}';
    end_event();
}

void Writer::note(Track track, std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (file_ < 0) return;
    begin_event();
    fmt::format_to(std::back_inserter(buffer_), R"("tid":{},"ph":"i","s":"t","cat":"note","name":)", track);
    append_text(buffer_, text);
    buffer_ += R"(,"ts":)";
    append_time(buffer_, now_ns());
    end_event();
}

void Writer::name_track(Track track, std::string_view name) {
    const std::lock_guard lock(mutex_);
    if (file_ < 0) return;
    begin_event();
    fmt::format_to(std::back_inserter(buffer_), R"("tid":{},"ph":"M","name":"thread_name","args":{{"name":)",
                   track);
    append_text(buffer_, name);
    buffer_ += '}';
    end_event();
}

Track Writer::thread() {
    thread_local const Track number = static_cast<Track>(::gettid());
    thread_local const Writer* named_in = nullptr;
    if (named_in != this) {
        named_in = this;
        char name[16] = {};
        if (number != process_ && ::pthread_getname_np(::pthread_self(), name, sizeof name) == 0)
            name_track(number, name);
        else
            name_track(number, "main thread");
    }
    return number;
}

std::uint64_t Writer::new_flow() {
    const std::lock_guard lock(mutex_);
    // Of a process: several traces may be shown together.
    return (process_ << 40) | ++flows_;
}

void Writer::flush() {
    const std::lock_guard lock(mutex_);
    if (file_ >= 0) write_out();
}

void Writer::close() {
    {
        const std::lock_guard lock(mutex_);
        if (is_stopped_) return;
        is_stopped_ = true;
        buffer_ += "\n]\n";
        write_out();
        if (file_ >= 0) ::close(std::exchange(file_, -1));
    }
    stopped_.notify_all();
    flusher_.join();
}

void Writer::before_fork() {
    mutex_.lock();
}

void Writer::after_fork(bool is_child) noexcept {
    if (is_child) {
        // close() then does nothing: there is no thread to wait for.
        is_stopped_ = true;
        if (file_ >= 0) ::close(std::exchange(file_, -1));
        buffer_.clear();
    }
    mutex_.unlock();
}

Writer* current() {
    Current& now = the_current();
    const std::lock_guard lock(now.mutex);
    if (now.is_decided) return now.writer;
    if (const auto path = environment::trace_file()) {
        now.writer = std::make_unique<Writer>(*path).release();
        std::atexit(&close_current);
        ::pthread_atfork(&before_fork, &after_fork_in_parent, &after_fork_in_child);
    }
    now.is_decided = true;
    return now.writer;
}

Span::Span(Writer* writer, std::string_view category, std::string name, Flow flow)
    : writer_(writer), category_(category), name_(std::move(name)), flow_(flow) {
    if (writer_ == nullptr) return;
    exceptions_ = std::uncaught_exceptions();
    start_ns_ = now_ns();
}

Span::~Span() {
    if (writer_ == nullptr) return;
    try {
        const bool is_failed = std::uncaught_exceptions() > exceptions_;
        if (is_failed) args_.add("failed", "true");
        writer_->span(writer_->thread(), category_, name_, start_ns_, now_ns(), args_, flow_);
        // What failed may be about to end the process.
        if (is_failed) writer_->flush();
    } catch (const std::exception& error) {
        log().warn("an event of the trace is missing: {}", error.what());
    }
}

}  // namespace heddle::runtime::trace
