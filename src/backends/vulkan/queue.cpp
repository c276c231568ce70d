// The contract's queue and event over a queue's state.
#include "backends/vulkan/queue.h"

#include <chrono>
#include <cmath>
#include <exception>
#include <optional>
#include <utility>

#include "backends/vulkan/queue_state.h"
#include "runtime/log.h"

namespace heddle::vulkan {

namespace {

std::uint64_t host_ns() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

[[noreturn]] void raise(const Failure& failure, const Context& context) {
    throw Error(ErrorCode::launch_failed, failure.reason, failure.operation, context.id());
}

class VulkanEvent final : public hal::Event {
  public:
    VulkanEvent(std::shared_ptr<QueueState> queue, Mark mark)
        : queue_(std::move(queue)), mark_(std::move(mark)), recorded_ns_(host_ns()) {}

    bool ready() const override { return queue_->has_reached(mark_); }
    void wait() override {
        queue_->await(mark_);
        if (mark_.failure) raise(*mark_.failure, queue_->context());
    }
    std::uint64_t timestamp_ns() const override {
        // Where the device has no clock, the host's is the nearest there is.
        if (mark_.time == nullptr) return recorded_ns_;
        const Context& context = queue_->context();
        std::uint64_t ticks = 0;
        context.check(context.api().query_results(context.device(), mark_.time->pool(), mark_.time->index(),
                                                  1, sizeof ticks, &ticks, sizeof ticks,
                                                  VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
                      "vkGetQueryPoolResults", "reading an event's time");
        const std::uint32_t bits = context.traits().timestamp_bits;
        if (bits < 64) ticks &= (std::uint64_t{1} << bits) - 1;
        // In long double, so that the nanoseconds of a clock that has run for years stay exact.
        return static_cast<std::uint64_t>(static_cast<long double>(ticks) *
                                          static_cast<long double>(context.traits().timestamp_period_ns));
    }
    const std::shared_ptr<QueueState>& queue() const noexcept { return queue_; }
    const Mark& mark() const noexcept { return mark_; }

  private:
    std::shared_ptr<QueueState> queue_;
    Mark mark_;
    std::uint64_t recorded_ns_;
};

class VulkanQueue final : public hal::Queue {
  public:
    explicit VulkanQueue(std::shared_ptr<Context> context)
        : state_(std::make_shared<QueueState>(std::move(context))) {}
    ~VulkanQueue() override {
        if (state_->context().is_lost()) return;  // there is nothing left to wait for
        try {
            if (const auto failure = state_->synchronize())
                runtime::log().warn(
                    "{}: a queue was destroyed before its failure was asked for: {} failed: {}",
                    state_->context().id(), failure->operation, failure->reason);
        } catch (const std::exception& error) {
            runtime::log().error("destroying a queue: {}", error.what());
        }
    }
    VulkanQueue(const VulkanQueue&) = delete;
    VulkanQueue& operator=(const VulkanQueue&) = delete;

    void launch(hal::Launch launch) override { state_->launch(std::move(launch)); }
    void write(std::shared_ptr<hal::Allocation> destination, std::size_t offset, const void* source,
               std::size_t bytes) override {
        state_->write(std::move(destination), offset, source, bytes);
    }
    void read(std::shared_ptr<hal::Allocation> source, std::size_t offset, void* destination,
              std::size_t bytes) override {
        state_->read(std::move(source), offset, destination, bytes);
    }
    void copy(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
              std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
              std::size_t bytes) override {
        state_->copy(std::move(destination), destination_offset, std::move(source), source_offset, bytes);
    }
    void fill(std::shared_ptr<hal::Allocation> destination, std::size_t offset, std::uint8_t value,
              std::size_t bytes) override {
        state_->fill(std::move(destination), offset, value, bytes);
    }
    std::shared_ptr<hal::Event> record() override {
        return std::make_shared<VulkanEvent>(state_, state_->record());
    }
    void wait(std::shared_ptr<hal::Event> event) override {
        // All events of this device are made above.
        const auto& other = static_cast<const VulkanEvent&>(*event);
        state_->wait_for(other.queue(), other.mark());
    }
    void synchronize() override {
        if (const auto failure = state_->synchronize()) raise(*failure, state_->context());
    }

  private:
    std::shared_ptr<QueueState> state_;
};

}  // namespace

std::unique_ptr<hal::Queue> make_queue(std::shared_ptr<Context> context) {
    return std::make_unique<VulkanQueue>(std::move(context));
}

}  // namespace heddle::vulkan
