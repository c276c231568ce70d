// What a queue is, apart from its handle: its events hold it too. Commands are recorded in order; a kernel
// that may fail or print is waited for when the next command comes, since what it says decides whether that
// command runs.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "backends/vulkan/context.h"
#include "backends/vulkan/memory.h"
#include "backends/vulkan/program.h"
#include "backends/vulkan/staging.h"
#include "backends/vulkan/stream.h"
#include "runtime/hal.h"

namespace heddle::vulkan {

/// Why a launch failed: the parts of an Error.
struct Failure {
    std::string reason, operation;
};

/// A point in a queue's work.
struct Mark {
    std::uint64_t value = 0;
    std::optional<Failure> failure;         ///< that stopped the queue before it
    std::shared_ptr<const Timestamp> time;  ///< null where the device has no clock
};

/// Safe to use from several threads.
class QueueState : public std::enable_shared_from_this<QueueState> {
  public:
    explicit QueueState(std::shared_ptr<Context> context);
    ~QueueState();
    QueueState(const QueueState&) = delete;
    QueueState& operator=(const QueueState&) = delete;

    Context& context() const noexcept { return *context_; }

    void launch(hal::Launch launch);
    void write(std::shared_ptr<hal::Allocation> destination, std::size_t offset, const void* source,
               std::size_t bytes);
    void read(std::shared_ptr<hal::Allocation> source, std::size_t offset, void* destination,
              std::size_t bytes);
    void copy(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
              std::shared_ptr<hal::Allocation> source, std::size_t source_offset, std::size_t bytes);
    void fill(std::shared_ptr<hal::Allocation> destination, std::size_t offset, std::uint8_t value,
              std::size_t bytes);
    Mark record();
    /// What comes next waits for `mark` of `other`.
    void wait_for(const std::shared_ptr<QueueState>& other, const Mark& mark);
    /// The first failure since the last call.
    std::optional<Failure> synchronize();

    /// Of a mark of this queue.
    bool has_reached(const Mark& mark);
    void await(const Mark& mark);

  private:
    bool is_open(std::string_view operation);
    bool is_idle() const { return compute_->is_idle() && (transfer_ == nullptr || transfer_->is_idle()); }
    void go_to(Stream& stream, std::string_view operation);
    void go_to_copies_of(std::size_t bytes, std::string_view operation);
    bool copy_pinned(const Slice& device, std::size_t offset, const void* host, std::size_t bytes,
                     bool is_write, std::shared_ptr<hal::Allocation> memory, std::string_view operation);
    void commit(std::string_view operation);
    void submit_in_time();
    void reap();
    void finish(std::string_view operation);
    using ParameterBytes = hal::InlineVector<std::byte, 256, 8>;
    ParameterBytes parameters_of(const VulkanKernel& kernel, const hal::Launch& launch, const Dim3& first);
    void dispatch(const VulkanKernel& kernel, VkPipeline pipeline, const hal::Launch& launch,
                  const Dim3& first, const Dim3& count);
    void record_copy(const Slice& from, std::uint64_t from_offset, const Slice& to, std::uint64_t to_offset,
                     std::uint64_t bytes);
    void prepare_messages(std::string_view operation);
    void hear();
    void read_now(const Slice& source, std::uint64_t offset, void* destination, std::size_t bytes,
                  std::string_view operation);
    std::optional<std::string> string_at(std::uint64_t address, std::string_view operation);

    std::shared_ptr<Context> context_;
    std::mutex mutex_;
    // Copies that pay for it go another way than the rest, where the device has one; each waits for the other
    // when the queue changes over, so that all stay in order.
    std::unique_ptr<Stream> compute_, transfer_;  // the second is made with its first use
    Stream* stream_ = nullptr;                    // the one in use; nothing is recorded in the other
    Staging staging_;
    std::shared_ptr<VulkanAllocation> messages_;
    std::shared_ptr<VulkanKernel> speaking_;  // the last kernel that may speak, while nobody has listened
    std::vector<std::shared_ptr<hal::Allocation>> speaking_memory_;
    std::optional<Failure> failure_;  // since the last synchronize()

    std::thread submitter_;  // started when commands are first held back
    std::condition_variable held_back_;
    bool is_stopping_ = false;
    std::exception_ptr late_error_;  // what it met; the next call throws it
};

}  // namespace heddle::vulkan
