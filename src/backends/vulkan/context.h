// One logical device: what its memory, queues and programs share, how results become errors, and what
// remembers that the device has died.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/error.h>

#include "backends/vulkan/api.h"
#include "backends/vulkan/device_traits.h"
#include "backends/vulkan/instance.h"
#include "runtime/host_ranges.h"

namespace heddle::vulkan {

class MemoryBlock;
class MemoryPool;
class Stream;

/// What a queue of the driver's is for: compute work and all else, or copies beside it.
enum class QueueUse : std::uint8_t { compute, transfer };

/// A queue of the driver's, shared by as many of ours as it takes.
struct DriverQueue {
    VkQueue queue = nullptr;
    std::mutex mutex;  ///< held while it is given work
    unsigned users = 0;
};

/// A place for a time in one of the device's query pools.
struct TimestampSlot {
    VkQueryPool pool = nullptr;
    std::uint32_t index = 0;
};
class Context;

/// Such a place, given back in the end. Only where the device has timestamps.
class Timestamp {
  public:
    explicit Timestamp(Context& context);
    ~Timestamp();
    Timestamp(const Timestamp&) = delete;
    Timestamp& operator=(const Timestamp&) = delete;
    VkQueryPool pool() const noexcept { return slot_.pool; }
    std::uint32_t index() const noexcept { return slot_.index; }

  private:
    Context& context_;
    TimestampSlot slot_;
};

class Context : public std::enable_shared_from_this<Context> {
  public:
    /// `id` is the device's, for messages. Throws device_unavailable.
    Context(std::shared_ptr<const Instance> instance, DeviceTraits traits, std::string id);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    const Instance& instance() const noexcept { return *instance_; }
    const DeviceApi& api() const noexcept { return api_; }
    /// For tests that make calls fail.
    DeviceApi& changeable_api() noexcept { return api_; }
    VkDevice device() const noexcept { return device_; }
    const DeviceTraits& traits() const noexcept { return traits_; }
    const std::string& id() const noexcept { return id_; }

    /// Throws what `result` means unless it is success, and what the validation layer has said of this
    /// thread's calls. After the device's loss every call throws device_lost.
    void check(VkResult result, const char* call, std::string_view operation) const;
    void check_alive(std::string_view operation) const;
    bool is_lost() const noexcept { return is_lost_.load(std::memory_order_acquire); }
    /// The device does not answer any more: nothing is waited for, and nothing of it freed, from now on.
    void give_up(const std::string& why) const;

    MemoryPool& memory() noexcept { return *memory_; }
    /// Whether copies may go to queues of their own.
    bool has_transfer_queues() const noexcept { return traits_.transfer_queues != 0; }
    std::uint32_t family_of(QueueUse use) const noexcept {
        return use == QueueUse::transfer ? traits_.transfer_family : traits_.compute_family;
    }
    /// The driver's queue with the fewest users.
    DriverQueue& take_queue(QueueUse use);
    void return_queue(DriverQueue& queue) noexcept;
    /// Streams and staging memory are costly to make: idle ones come from here and go back.
    std::unique_ptr<Stream> take_stream(QueueUse use);
    void return_stream(std::unique_ptr<Stream> stream) noexcept;
    std::unique_ptr<MemoryBlock> take_staging();
    void return_staging(std::unique_ptr<MemoryBlock> block) noexcept;
    runtime::HostRanges& host_ranges() noexcept { return host_ranges_; }
    static constexpr std::uint64_t staging_bytes = std::uint64_t{4} << 20;

    TimestampSlot take_timestamp();
    void return_timestamp(TimestampSlot slot) noexcept;

  private:
    void make_device();

    const std::shared_ptr<const Instance> instance_;
    const DeviceTraits traits_;
    const std::string id_;
    DeviceApi api_;
    VkDevice device_ = nullptr;
    mutable std::atomic<bool> is_lost_{false};
    mutable std::mutex reason_mutex_;
    mutable std::string reason_;

    std::unique_ptr<MemoryPool> memory_;
    runtime::HostRanges host_ranges_;
    std::mutex mutex_;  // guards the rest
    std::vector<std::unique_ptr<DriverQueue>> queues_, transfer_queues_;
    std::vector<std::unique_ptr<Stream>> streams_, transfer_streams_;
    std::vector<std::unique_ptr<MemoryBlock>> staging_;
    std::vector<VkQueryPool> timestamp_pools_;
    std::vector<TimestampSlot> timestamps_;
};

}  // namespace heddle::vulkan
