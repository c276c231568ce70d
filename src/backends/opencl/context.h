// One OpenCL device with its context: what memory, queues and programs share, and how statuses become errors.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <heddle/error.h>

#include "backends/opencl/api.h"
#include "runtime/host_ranges.h"

namespace heddle::opencl {

/// An OpenCL object, released by the function that goes with it.
template <class T>
class Handle {
  public:
    using Release = Status (*)(T);
    Handle() = default;
    Handle(T value, Release release) : value_(value), release_(release) {}
    Handle(Handle&& other) noexcept
        : value_(std::exchange(other.value_, nullptr)), release_(other.release_) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(value_, other.value_);
        std::swap(release_, other.release_);
        return *this;
    }
    ~Handle() {
        if (value_ != nullptr) release_(value_);
    }
    T get() const noexcept { return value_; }
    explicit operator bool() const noexcept { return value_ != nullptr; }

  private:
    T value_ = nullptr;
    Release release_ = nullptr;
};

/// A range of a device's memory.
struct Range {
    std::uint64_t begin = 0;
    std::size_t bytes = 0;
};

/// Shared by everything of one device. Safe to use from several threads.
class Context {
  public:
    struct Traits {
        std::string key;                    ///< platform, device and driver, for the cache of programs
        std::string options;                ///< of building programs
        std::vector<std::string> variants;  ///< of the target opencl, best first
        std::uint64_t memory_bytes = 0, allocation_bytes = 0;  ///< in all; the most of one allocation
        bool is_fine_grained = false;  ///< the host may access memory while kernels run
        bool keeps_binaries = false;   ///< the driver has no cache of its own that makes ours pointless
    };
    Context(const Api& api, DeviceId device, Handle<ContextId> context, std::string id, Traits traits);

    const Api& api() const noexcept { return api_; }
    DeviceId device() const noexcept { return device_; }
    ContextId get() const noexcept { return context_.get(); }
    const std::string& id() const noexcept { return id_; }
    const Traits& traits() const noexcept { return traits_; }

    /// Throws what `status` means when it is no success; `operation` as Error has it. After a status that
    /// says that the device has died, every call throws device_lost.
    void check(Status status, const std::string& call, const std::string& operation) const;
    [[noreturn]] void refuse(Status status, const std::string& call, const std::string& operation) const;
    /// Throws device_lost when the device has died.
    void check_alive(const std::string& operation) const;
    bool is_lost() const noexcept { return is_lost_.load(std::memory_order_acquire); }
    /// The device does not answer any more: nothing is waited for, and nothing is released, from now on.
    void give_up(const std::string& why) const;
    /// Waits until `event` is reached, or until HEDDLE_TIMEOUT_MS has passed: then the device is given up and
    /// the error is `timeout`. Returns what stopped the event's command, or success.
    Status await(EventId event, const std::string& operation) const;
    /// Keeps what a lost device may still access, for the process's life.
    static void keep_for_ever(std::shared_ptr<void> used);

    /// To be held while shared virtual memory is allocated or freed: NVIDIA's driver refuses two threads at
    /// once.
    std::mutex& allocating() noexcept { return allocating_; }
    runtime::HostRanges& host_ranges() noexcept { return host_ranges_; }
    void add(Range range);
    void remove(std::uint64_t begin) noexcept;
    std::uint64_t held_bytes() const;
    std::vector<Range> ranges() const;
    /// The allocation that holds `address`; of no bytes when there is none.
    Range find(std::uint64_t address) const;

  private:
    const Api& api_;
    DeviceId device_;
    Handle<ContextId> context_;
    const std::string id_;
    const Traits traits_;
    mutable std::atomic<bool> is_lost_{false};
    mutable std::mutex mutex_, allocating_;
    mutable std::string lost_because_;
    runtime::HostRanges host_ranges_;
    std::map<std::uint64_t, std::size_t> ranges_;
    std::uint64_t held_ = 0;
};

}  // namespace heddle::opencl
