// HEDDLE_TRACE: writes what happens to a file in Chrome's trace event format (a JSON array), which Perfetto
// and chrome://tracing show. docs/reference/tracing.md says what is in it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <heddle/export.h>

namespace heddle::runtime::trace {

/// Nanoseconds of the monotonic clock, which all processes of a machine share.
std::uint64_t now_ns() noexcept;

/// The members of an event's "args" object.
class HEDDLE_API Args {
  public:
    Args& add(std::string_view key, std::string_view value);
    Args& add(std::string_view key, const char* value) { return add(key, std::string_view(value)); }
    Args& add(std::string_view key, std::uint64_t value);
    Args& add(std::string_view key, double value);
    const std::string& text() const noexcept { return text_; }  ///< without the braces

  private:
    void key(std::string_view name);
    std::string text_;
};

/// One thread's row in the trace, or one device queue's.
using Track = std::uint64_t;

/// What an arrow between two spans is known by; 0: none.
struct Flow {
    std::uint64_t id = 0;
    bool is_start = false;
};

/// A trace file. Whole events are appended, so that the file can be read whenever the process dies; what is
/// not yet in it is then at most what happened in a tenth of a second. Safe to use from several threads.
class HEDDLE_API Writer {
  public:
    /// Throws io when the file cannot be made.
    explicit Writer(const std::filesystem::path& path);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// A span of time on a track.
    void span(Track track, std::string_view category, std::string_view name, std::uint64_t start_ns,
              std::uint64_t end_ns, const Args& args, Flow flow = {});
    /// A value that changes over time; each argument is one line of its graph.
    void counter(std::string_view name, std::uint64_t time_ns, const Args& values);
    /// Something that a reader of the trace has to know.
    void note(Track track, std::string_view text);
    void name_track(Track track, std::string_view name);
    /// The calling thread's track.
    Track thread();
    /// A number for a new Flow.
    std::uint64_t new_flow();
    /// Brings everything into the file.
    void flush();
    /// Ends the file's array; later events are dropped.
    void close();
    /// Around fork(): the child has neither the flusher nor, from then on, the file, which is the parent's.
    void before_fork();
    void after_fork(bool is_child) noexcept;

  private:
    void begin_event();  // with the mutex held
    void end_event();
    void write_out();
    void flush_regularly();

    std::mutex mutex_;
    std::condition_variable stopped_;
    bool is_stopped_ = false;
    int file_ = -1;
    bool is_first_ = true;
    std::string buffer_;
    std::uint64_t flows_ = 0;
    const std::uint64_t process_;
    std::thread flusher_;
};

/// The trace of this process; null when HEDDLE_TRACE is not set. Opens it at the first call; throws io when
/// that fails. Ended when the process exits.
HEDDLE_API Writer* current();

/// A span on the calling thread's track, from construction to destruction. Nothing when `writer` is null. One
/// that ends with an exception is marked as failed.
class HEDDLE_API Span {
  public:
    Span(Writer* writer, std::string_view category, std::string name, Flow flow = {});
    ~Span();
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;
    /// To be filled only when is_on().
    Args& args() noexcept { return args_; }
    bool is_on() const noexcept { return writer_ != nullptr; }
    std::uint64_t start_ns() const noexcept { return start_ns_; }

  private:
    Writer* const writer_;
    std::string_view category_;
    std::string name_;
    Flow flow_;
    Args args_;
    std::uint64_t start_ns_ = 0;
    int exceptions_ = 0;
};

}  // namespace heddle::runtime::trace
