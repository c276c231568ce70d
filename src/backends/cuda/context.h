// One GPU's primary context: every call of the driver on behalf of the device goes through here, where errors
// are turned into heddle::Error and a dead device is remembered.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <heddle/error.h>

#include "backends/cuda/api.h"
#include "runtime/host_ranges.h"

namespace heddle::cuda {

/// Makes a context current on this thread and puts back what was there: a program may use CUDA beside Heddle.
class Current {
  public:
    Current(const Api& api, CUcontext context) noexcept : api_(api) {
        if (api_.context_current(&before_) != cuda_success) before_ = nullptr;
        is_changed_ = before_ != context;
        if (is_changed_) api_.context_set_current(context);
    }
    ~Current() {
        if (is_changed_ && before_ != nullptr) api_.context_set_current(before_);
    }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

  private:
    const Api& api_;
    CUcontext before_ = nullptr;
    bool is_changed_ = false;
};

/// A point on the device's clock from which events are measured. Bases form a chain, so that the driver's
/// single-precision milliseconds stay exact however long a process runs.
struct ClockBase;

class Context : public std::enable_shared_from_this<Context> {
  public:
    /// `id` is the device's, for messages. Throws device_unavailable.
    Context(const Api& api, CUdevice device, std::string id);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    const Api& api() const noexcept { return api_; }
    const std::string& id() const noexcept { return id_; }
    [[nodiscard]] Current make_current() const noexcept { return {api_, context_}; }

    /// Throws what `result` means, unless it is success. After an error that kills the context every call
    /// throws device_lost.
    void check(CUresult result, const char* operation) const;
    /// Throws device_lost when the device has died.
    void check_alive(const char* operation) const;
    bool is_lost() const noexcept { return is_lost_.load(std::memory_order_acquire); }
    /// The device does not answer any more: nothing is waited for from now on.
    void give_up(const std::string& why) const;
    /// Makes way for a new context of this lost one's device. A dead primary context is reset, for the whole
    /// process: nobody can use it. Throws device_unavailable while the work that was given up still runs.
    void prepare_reopening() const;

    /// Whether copy_from() takes memory of `source`; the first question opens the way, if there is one.
    bool reaches(const Context& source);
    /// Queues a copy from memory of `source`, which reaches() has said yes to, into this device's. The
    /// context is current.
    CUresult copy_from(const Context& source, CUdeviceptr from, CUdeviceptr to, std::size_t bytes,
                       CUstream stream) const;

    /// Device memory, usable by every stream. Throws out_of_memory.
    CUdeviceptr allocate(std::size_t bytes);
    /// Frees it once the streams in `users` have run what they hold so far.
    void free(CUdeviceptr address, const std::vector<CUstream>& users) noexcept;
    std::size_t free_bytes() const noexcept;
    /// Pinned host memory. Throws out_of_memory.
    void* allocate_host(std::size_t bytes);
    /// Frees it once the streams in `users` have run what they hold so far: at once, or when host memory is
    /// next allocated or freed.
    void free_host(void* memory, const std::vector<CUstream>& users) noexcept;
    runtime::HostRanges& host_ranges() noexcept { return host_ranges_; }

    /// Streams that have work for the device: all of them are waited for before code is unloaded.
    void add_stream(CUstream stream);
    void remove_stream(CUstream stream) noexcept;
    /// Waits for all streams; false when one has failed, which its queue shall tell. Throws timeout.
    bool await_streams(const char* operation);

    /// Events are costly to make: they come from here and go back.
    CUevent take_event();
    void return_event(CUevent event) noexcept;
    /// The newest base, renewed on `stream` when it is older than a second.
    std::shared_ptr<const ClockBase> clock_base(CUstream stream);
    /// Nanoseconds of `event`, which has been reached, recorded after `base`.
    std::uint64_t timestamp_ns(const ClockBase& base, CUevent event) const;

  private:
    /// Host memory that is still in use, and the events that end that.
    struct HostInUse {
        void* memory = nullptr;
        std::vector<CUevent> events;
    };

    bool open_way_from(const Context& source) const;
    CUresult try_allocate(std::size_t bytes, CUdeviceptr& address);
    void free_unused_host() noexcept;

    const Api& api_;
    const CUdevice device_;
    const std::string id_;
    CUcontext context_ = nullptr;
    CUmemoryPool pool_ = nullptr;  // null: plain allocations
    CUstream memory_stream_ = nullptr;
    mutable std::atomic<bool> is_lost_{false};
    mutable std::mutex reason_mutex_;
    mutable std::string reason_;
    std::mutex events_mutex_;
    std::vector<CUevent> events_;
    mutable std::mutex streams_mutex_;
    std::vector<CUstream> streams_;
    runtime::HostRanges host_ranges_;
    std::mutex host_mutex_;
    std::vector<HostInUse> host_in_use_;
    std::mutex peers_mutex_;
    std::map<CUdevice, bool> peers_;  ///< whether their memory is reached
    std::mutex clock_mutex_;
    std::shared_ptr<ClockBase> base_;
};

struct ClockBase {
    ClockBase(Context& the_context, CUevent the_event) : context(the_context), event(the_event) {}
    ~ClockBase() { context.return_event(event); }
    ClockBase(const ClockBase&) = delete;
    ClockBase& operator=(const ClockBase&) = delete;

    Context& context;  ///< kept alive by whoever holds the base
    const CUevent event;
    std::uint64_t host_ns = 0;    ///< when it was recorded
    mutable std::once_flag once;  ///< guards the rest
    mutable std::shared_ptr<const ClockBase> previous;
    mutable std::uint64_t offset_ns = 0;  ///< from the chain's first base
};

}  // namespace heddle::cuda
