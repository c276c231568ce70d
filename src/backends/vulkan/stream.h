// An in-order way to a device: command buffers that are recorded, submitted and used again, what their work
// keeps alive, and a timeline semaphore whose value tells how far the device has come. Its owner guards it
// with a lock; reached() and await() need none.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/vulkan/context.h"

namespace heddle::vulkan {

class Stream {
  public:
    Stream(Context& context, QueueUse use);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    QueueUse use() const noexcept { return use_; }
    /// The command buffer to record the next command into, behind a barrier that orders it after all commands
    /// before.
    VkCommandBuffer next_command();
    /// The same without a barrier: for commands that touch other memory than the last one.
    VkCommandBuffer same_command() const noexcept { return open_.commands; }
    /// Kept alive until what is being recorded has run.
    void keep(std::shared_ptr<const void> object) { open_.kept.push_back(std::move(object)); }
    /// What is submitted next waits until `other` has reached `value`. `owner` keeps `other` alive; null
    /// where it lives as long as this.
    void wait_for(const Stream& other, std::uint64_t value, std::shared_ptr<const void> owner);
    /// Gives what has been recorded to the device; nothing when nothing has.
    void submit(std::string_view operation);

    bool is_recording() const noexcept { return open_.commands != nullptr || !waits_.empty(); }
    /// The value that is reached when all has run that was recorded so far.
    std::uint64_t value_of_all() const noexcept { return is_recording() ? submitted_ + 1 : submitted_; }
    std::uint64_t submitted() const noexcept { return submitted_; }
    /// Commands recorded and not submitted.
    unsigned open_commands() const noexcept { return open_commands_; }
    /// Submissions that have not ended, as of the last reap().
    std::size_t in_flight() const noexcept { return running_.size(); }
    /// Whether all has run.
    bool is_idle() const { return !is_recording() && reached(submitted_); }
    bool reached(std::uint64_t value) const;
    /// Blocks. When the time limit for a GPU's work runs out the device is given up.
    void await(std::uint64_t value, std::string_view operation) const;
    /// Waits for `most_ns` at most, and says whether waiting longer might help.
    bool is_pending_after(std::uint64_t value, std::uint64_t most_ns) const noexcept;
    /// Lets go of what finished work has kept.
    void reap();

  private:
    struct Batch {
        VkCommandBuffer commands = nullptr;
        std::uint64_t value = 0;
        std::vector<std::shared_ptr<const void>> kept;
    };

    void begin();

    void order(VkPipelineStageFlags stages, VkAccessFlags access) const;

    Context& context_;
    const QueueUse use_;
    DriverQueue& queue_;
    VkCommandPool pool_ = nullptr;
    VkSemaphore semaphore_ = nullptr;
    std::uint64_t submitted_ = 0;
    mutable std::atomic<std::uint64_t> reached_{0};
    Batch open_;
    unsigned open_commands_ = 0;
    std::deque<Batch> running_;
    std::vector<Batch> spare_;  // empty, with command buffers that may be begun
    std::vector<VkSemaphore> waits_;
    std::vector<std::uint64_t> wait_values_;
};

}  // namespace heddle::vulkan
