// Hands out chunks of a range of elements to devices that ask: large ones to fast devices, smaller ones
// towards the end, none to a device that would be the last to finish.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <heddle/chunked_map.h>
#include <heddle/error.h>
#include <heddle/export.h>

namespace heddle::runtime {

/// Elements [first, first + count).
struct Chunk {
    std::uint64_t first = 0, count = 0;
};

/// Safe to use from several threads, one for each device.
class HEDDLE_API ChunkDispenser {
  public:
    using Progress = std::function<bool(std::uint64_t, std::uint64_t)>;

    /// Chunks are multiples of `granule`, but for the last.
    ChunkDispenser(std::uint64_t elements, std::uint64_t granule, std::size_t devices, Progress progress);

    /// A chunk of at most `most` elements (a multiple of the granule) for a device, which counts as at work
    /// until finished() or failed(). None: there is nothing for it now; when it `waits`, nothing will come
    /// any more.
    std::optional<Chunk> take(std::size_t device, std::uint64_t most, bool waits);
    /// The chunk's results are on the host. `elapsed_ms` is the time since the device's first take().
    void finished(std::size_t device, const Chunk& chunk, double elapsed_ms);
    /// The device takes no more; what it had goes to the others. An error that is the caller's or the
    /// kernel's ends everything, and so does any when the chunks' inputs are `damaged`.
    void failed(std::size_t device, const std::vector<Chunk>& chunks, const Error& error, bool damaged);

    /// After all threads have ended: throws what ended the map early, if anything but cancelling did.
    void check() const;
    std::uint64_t done() const noexcept { return done_; }
    bool was_cancelled() const noexcept { return is_cancelled_; }
    /// Why the device stopped before the end; empty where it did not.
    const std::string& reason(std::size_t device) const { return devices_[device].reason; }

  private:
    struct Entry {
        std::uint64_t done = 0;
        double rate = 0;  // elements a millisecond
        bool has_failed = false, has_retired = false;
        std::string reason;
    };
    bool is_over() const noexcept;
    std::uint64_t open() const noexcept;
    bool pays(std::size_t device, std::uint64_t count);
    std::uint64_t size_for(std::size_t device, std::uint64_t most) const;

    const std::uint64_t elements_, granule_;
    const Progress progress_;
    mutable std::mutex mutex_;
    std::mutex progress_mutex_;  // held around the caller's function, which mutex_ is not
    std::condition_variable changed_;
    std::vector<Entry> devices_;
    std::vector<Chunk> returned_;
    std::uint64_t next_ = 0, done_ = 0;
    bool is_cancelled_ = false;
    std::optional<std::size_t> kernel_failed_on_;
    std::optional<Error> fatal_, last_;
    std::exception_ptr thrown_;
};

}  // namespace heddle::runtime
