// One device of an executor: its queue, the kernels loaded on it, spare memory, and whether it can be used.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <heddle/buffer.h>
#include <heddle/device.h>
#include <heddle/executor.h>
#include <heddle/host_buffer.h>
#include <heddle/kernel.h>
#include <heddle/queue.h>

namespace heddle::detail {

using Clock = std::chrono::steady_clock;

/// Code and what loading it has told. Guarded by its mutex.
struct CodeState {
    std::string source, file_name;   // or
    std::vector<std::byte> package;  // this
    CompileOptions options;
    std::string key;  // digest of all that: what learned times are filed under

    std::mutex mutex;
    std::map<std::string, KernelInfo, std::less<>> infos;

    Program load(const Device& device) const;
    /// What is known of a kernel that some device has loaded; null before.
    const KernelInfo* info(std::string_view kernel);
    void remember(const KernelInfo& info, std::string_view kernel);
};

class DataState;

/// All functions are called with `mutex` held unless they say otherwise.
class DeviceSlot : public std::enable_shared_from_this<DeviceSlot> {
  public:
    DeviceSlot(Device device, const ExecutorOptions& options);
    ~DeviceSlot();
    DeviceSlot(const DeviceSlot&) = delete;
    DeviceSlot& operator=(const DeviceSlot&) = delete;

    std::mutex mutex;

    // ---- fixed, for anybody
    const std::string& id() const noexcept { return id_; }
    Method method() const noexcept { return method_; }
    const std::string& key() const noexcept { return key_; }
    /// Whether the device may work on the host's memory itself.
    bool imports() const noexcept { return method_ == Method::simd || method_ == Method::scalar; }

    // ---- for anybody
    /// Counts the device's losses: what was made before the last one is gone.
    std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }
    /// Why it must not be tried now; none when it may.
    std::optional<std::string> obstacle(Clock::time_point now) const;
    bool is_lost() const noexcept { return is_lost_.load(std::memory_order_acquire); }
    unsigned failures() const noexcept { return failures_.load(std::memory_order_relaxed); }
    std::uint64_t held_bytes() const noexcept { return held_.load(std::memory_order_relaxed); }
    /// Takes back a buffer of `generation`; the slot's mutex must not be held. Never throws.
    void give_back(Buffer buffer, std::uint64_t generation) noexcept;

    // ---- work
    /// Makes it ready: a lost device is opened again, the queue is made.
    void open();
    const Device& device() const noexcept { return device_; }
    Queue& queue() noexcept { return *queue_; }
    /// Loads it with its first use. `was_cold` is set when it did.
    const Kernel& kernel(const std::shared_ptr<CodeState>& code, const std::string& name, bool& was_cold);
    /// Memory of at least `bytes`, spare or new; `bytes_to_spare` of others are let go first where the limit
    /// asks for it. Throws out_of_memory.
    Buffer take(std::size_t bytes, bool& was_cold);
    /// Host memory for results that are copied from: pinned where there is some.
    struct Staging {
        HostBuffer pinned;
        std::vector<std::byte> pageable;
        std::size_t size_bytes() const noexcept { return pinned.size_bytes() + pageable.size(); }
        std::byte* data() noexcept {
            return pageable.empty() ? static_cast<std::byte*>(pinned.data()) : pageable.data();
        }
    };
    /// Frees a buffer that was taken.
    void discard(Buffer buffer) noexcept;
    Staging take_staging(std::size_t bytes);
    void give_back(Staging staging);
    /// Lets all spare memory go.
    void release_spares();
    /// Blocks until the queue's work has ended, at most as long as the limit from `start`; then throws
    /// timeout.
    void wait(Clock::time_point start, const std::string& operation);
    bool has_time_limit() const noexcept { return time_limit_.has_value(); }
    /// The device is not used again until a pause has gone by; what is on it is gone. `used` is kept for ever
    /// if work that uses it may still run.
    void lose(const Error& why, std::shared_ptr<void> used);
    void note_success() noexcept;
    /// Of `kernel`, or of anything if that is empty: it comes after the others for a while.
    void note_failure(std::string_view kernel);
    /// Whether it has failed lately, with anything or with this kernel. For anybody.
    bool is_avoided(std::string_view kernel, Clock::time_point now) const;

    /// Data with copies on this device; for eviction, and to tell what was lost.
    std::vector<std::weak_ptr<DataState>> residents;
    /// Takes copies that are elsewhere too from the device. Data in use is left alone.
    void evict();
    void add_resident(const std::shared_ptr<DataState>& data);

  private:
    Device device_;
    const std::string id_;
    const Method method_;
    const std::string key_;
    const std::optional<std::chrono::milliseconds> time_limit_;
    const std::optional<std::uint64_t> memory_limit_;
    const std::chrono::milliseconds first_pause_;

    std::optional<Queue> queue_;
    std::map<std::pair<const CodeState*, std::string>, std::pair<std::shared_ptr<CodeState>, Kernel>>
        kernels_;
    std::map<const CodeState*, Program> programs_;
    std::vector<Staging> stagings_;

    std::mutex spares_mutex_;
    std::multimap<std::size_t, Buffer> spares_;
    std::uint64_t spare_bytes_ = 0;

    std::atomic<std::uint64_t> generation_{1}, held_{0};
    std::atomic<bool> is_lost_{false};
    std::atomic<unsigned> failures_{0};
    std::atomic<bool> has_paused_{false};  // since it last worked
    /// A time in which it is not used, or used last; it doubles each time.
    struct Pause {
        Clock::time_point until{};
        std::chrono::milliseconds length{0};
        void extend(std::chrono::milliseconds first);
    };
    mutable std::mutex health_mutex_;
    Pause lost_pause_, failure_pause_;
    std::map<std::string, Pause, std::less<>> kernel_pauses_;
    std::atomic<bool> has_kernel_pauses_{false};
    std::string lost_because_;
};

}  // namespace heddle::detail
