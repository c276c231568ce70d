// A queue is an in-order OpenCL queue and a list of what its commands keep alive. A kernel that may fail or
// print is waited for when the next command comes: what it says decides whether that command runs.
#include "backends/opencl/queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "backends/opencl/memory.h"
#include "backends/opencl/program.h"
#include "runtime/device_messages.h"
#include "runtime/environment.h"
#include "runtime/log.h"

namespace heddle::opencl {

namespace {

constexpr std::size_t longest_string = 4096;
constexpr unsigned most_in_group = 256;
/// The device gets a burst's launches after so many, twice as many, and so on: it should not idle while a
/// long burst comes, nor each launch pay for the way to it.
constexpr unsigned first_flush = 4, last_flush = 64;
/// A group that keeps more ends at once: memory that its owner has let go of is soon wanted again.
constexpr std::uint64_t most_bytes_in_group = std::uint64_t{64} << 20;

/// Launches that follow one another within this time are a burst, and so is a launch with the wait for it.
constexpr auto burst_gap = std::chrono::microseconds(30);
/// How long a launch that ends a burst may wait for its way to the device, if nobody waits for it.
constexpr auto watch_interval = std::chrono::microseconds(100);
constexpr unsigned most_naps = 64;

using Clock = std::chrono::steady_clock;

/// Why a command failed: the parts of an Error.
struct Failure {
    ErrorCode code = ErrorCode::internal;
    std::string reason, operation, device;
    [[noreturn]] void raise() const { throw Error(code, reason, operation, device); }
};

std::uint64_t host_ns() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

/// What a command keeps alive.
using Memory = std::array<std::shared_ptr<const void>, 2>;

/// What a queue is, apart from its handle: its events hold it too. All is guarded by one mutex.
class QueueState {
  public:
    explicit QueueState(std::shared_ptr<Context> context) : context_(std::move(context)) {
        // Without profiling, which makes each launch dearer.
        queue_ = make_queue(0);
    }
    ~QueueState() {
        if (!flusher_.joinable()) return;
        {
            const std::lock_guard lock(mutex_);
            is_stopping_ = true;
        }
        held_back_.notify_one();
        flusher_.join();
    }
    QueueState(const QueueState&) = delete;
    QueueState& operator=(const QueueState&) = delete;

    Context& context() noexcept { return *context_; }
    const Api& api() const noexcept { return context_->api(); }

    void launch(hal::Launch launch) {
        const auto kernel = std::static_pointer_cast<OpenClKernel>(launch.kernel);
        const std::string& operation = kernel->operation();
        context_->check_alive(operation);
        const std::lock_guard lock(mutex_);
        if (!is_open()) return;
        const bool speaks = kernel->description().messages;
        if (speaks) prepare_messages();
        for (const std::shared_ptr<hal::Allocation>& each : launch.allocations)
            open_bytes_ += each->size_bytes();
        const bool ends_group =
            speaks || open_commands_ + 1 >= most_in_group || open_bytes_ >= most_bytes_in_group;
        EventId event = nullptr;
        const Status status = enqueue(*kernel, launch, ends_group ? &event : nullptr);
        if (status != constants::success) {
            const Dim3& block = launch.config.block;
            fail_with(status,
                      status == constants::invalid_work_group_size
                          ? fmt::format("the driver cannot run blocks of {}x{}x{}: clEnqueueNDRangeKernel",
                                        block.x, block.y, block.z)
                          : "clEnqueueNDRangeKernel",
                      operation);
            return;
        }
        ++open_commands_;
        if (speaks) {
            speaking_ = kernel;
            speaking_memory_.assign(launch.allocations.begin(), launch.allocations.end());
        }
        open_.push_back(std::move(launch.kernel));
        open_.insert(open_.end(), std::make_move_iterator(launch.allocations.begin()),
                     std::make_move_iterator(launch.allocations.end()));
        if (ends_group) end_group(event);
        commit(ends_group);
    }

    void copy(void* destination, const void* source, std::size_t bytes, Memory memory) {
        context_->check_alive("copy");
        const std::lock_guard lock(mutex_);
        if (!is_open()) return;
        EventId event = nullptr;
        const Status status = api().copy_svm(queue_.get(), 0, destination, source, bytes, 0, nullptr, &event);
        finish_command(status, event, "clEnqueueSVMMemcpy", "copy", std::move(memory));
    }

    void fill(void* destination, std::uint8_t value, std::size_t bytes, std::shared_ptr<const void> memory) {
        context_->check_alive("fill");
        const std::lock_guard lock(mutex_);
        if (!is_open()) return;
        EventId event = nullptr;
        const Status status =
            api().fill_svm(queue_.get(), destination, &value, sizeof value, bytes, 0, nullptr, &event);
        finish_command(status, event, "clEnqueueSVMMemFill", "fill", {std::move(memory), nullptr});
    }

    void wait_for(EventId event, const std::optional<Failure>& failure) {
        context_->check_alive("wait for an event");
        const std::lock_guard lock(mutex_);
        if (!is_open()) return;
        if (failure) {
            failure_ = failure;
            return;
        }
        const Status status = api().wait_before(queue_.get(), 1, &event, nullptr);
        if (status != constants::success)
            fail_with(status, "clEnqueueBarrierWithWaitList", "wait for an event");
        flush();
    }

    /// A marker behind all commands so far, with the failure before it.
    struct Marker {
        EventId event = nullptr;
        EventId clock = nullptr;  ///< knows the time at which `event` was reached; none where drivers fail
    };
    Marker record(std::optional<Failure>& failure) {
        context_->check_alive("recording of an event");
        const std::lock_guard lock(mutex_);
        settle();
        failure = failure_;
        Marker marker;
        context_->check(api().marker(queue_.get(), 0, nullptr, &marker.event), "clEnqueueMarkerWithWaitList",
                        "recording of an event");
        if (open_commands_ != 0 && api().retain_event(marker.event) == constants::success)
            end_group(marker.event);
        flush();
        // Another queue keeps the time, so that launches need not.
        if (clock_queue_.get() == nullptr) clock_queue_ = make_queue(constants::queue_profiling);
        if (api().marker(clock_queue_.get(), 1, &marker.event, &marker.clock) != constants::success)
            marker.clock = nullptr;
        api().flush(clock_queue_.get());
        return marker;
    }

    std::optional<Failure> synchronize() {
        constexpr const char* operation = "waiting for a queue";
        context_->check_alive(operation);
        const std::lock_guard lock(mutex_);
        settle();
        waits_soon_ = Clock::now() - launched_at_ < burst_gap;
        Status status = constants::success;
        if (environment::timeout()) {
            EventId end = nullptr;
            status = api().marker(queue_.get(), 0, nullptr, &end);
            if (status == constants::success) {
                const Handle<EventId> held = event_handle(end);
                flush();
                status = context_->await(end, operation);
            }
        }
        is_held_back_ = false;
        held_back_launches_ = 0;
        if (status == constants::success) status = api().finish(queue_.get());
        if (status != constants::success) fail_with(status, "clFinish", operation);
        groups_.clear();
        open_.clear();
        open_commands_ = 0;
        open_bytes_ = 0;
        return std::exchange(failure_, std::nullopt);
    }

  private:
    Handle<QueueId> make_queue(Bits properties) const {
        Status status = constants::success;
        Handle<QueueId> made(api().create_queue(context_->get(), context_->device(), properties, &status),
                             api().release_queue);
        context_->check(status, "clCreateCommandQueue", "making of a queue");
        return made;
    }

    void flush() {
        is_held_back_ = false;
        held_back_launches_ = 0;
        api().flush(queue_.get());
    }

    /// Gives a launch to the device. Within a burst that has its price, so the launches of one go together; a
    /// thread sees to it that what comes to no end of its group goes soon.
    void commit(bool ends_group) {
        const Clock::time_point now = Clock::now();
        const bool is_burst = waits_soon_ || now - launched_at_ < burst_gap;
        launched_at_ = now;
        if (!is_burst) flush_after_ = first_flush;
        ++held_back_launches_;
        if (ends_group || !is_burst || held_back_launches_ >= flush_after_) {
            flush_after_ = std::min(2 * flush_after_, last_flush);
            flush();
            return;
        }
        is_held_back_ = true;
        if (std::exchange(is_watched_, true)) return;
        if (!flusher_.joinable()) flusher_ = std::thread([this] { flush_in_time(); });
        held_back_.notify_one();
    }
    /// What the thread does. It looks after the queue from time to time while it is used: to be woken for
    /// each launch would cost more than the driver's call. Where it finds the lock taken, a launch is under
    /// way and nothing late: to wait for it would make each unlock of that thread a system call.
    void flush_in_time() {
        std::unique_lock lock(mutex_);
        for (;;) {
            held_back_.wait(lock, [this] { return is_stopping_ || is_watched_; });
            if (is_stopping_) return;
            lock.unlock();
            unsigned naps = 0;
            do std::this_thread::sleep_for(watch_interval);
            while (!lock.try_lock() && ++naps < most_naps);
            if (!lock.owns_lock()) lock.lock();  // nor is the end of a long wait asked for all the time
            const auto idle = Clock::now() - launched_at_;
            if (is_held_back_ && idle >= burst_gap) flush();
            if (!is_held_back_ && idle >= 10 * watch_interval) is_watched_ = false;
        }
    }

    /// A group of commands: the event of its last one, and what all of them keep alive. An event for each
    /// launch would cost more than the launch.
    struct Group {
        Handle<EventId> event;
        std::vector<std::shared_ptr<const void>> kept;
    };

    void end_group(EventId event) {
        groups_.push_back({event_handle(event), std::exchange(open_, {})});
        open_commands_ = 0;
        open_bytes_ = 0;
    }

    Handle<EventId> event_handle(EventId event) const { return {event, api().release_event}; }

    void fail_with(Status status, const std::string& call, const std::string& operation) {
        if (failure_) return;
        try {
            context_->refuse(status, call, operation);
        } catch (const Error& error) {
            failure_ = Failure{error.code(), error.reason(), error.operation(), error.device()};
        }
    }

    /// Whether commands still run: not once one has failed.
    bool is_open() {
        settle();
        // Not in the middle of a group: asking has its price too.
        if (open_commands_ == 0)
            while (!groups_.empty() && is_complete(groups_.front().event.get())) groups_.pop_front();
        return !failure_;
    }

    bool is_complete(EventId event) const {
        std::int32_t state = 1;
        return api().get_event_info(event, constants::event_status, sizeof state, &state, nullptr) ==
                   constants::success &&
               state <= constants::event_complete;
    }

    void finish_command(Status status, EventId event, const char* call, const char* operation,
                        Memory memory) {
        if (status != constants::success) {
            fail_with(status, call, operation);
            return;
        }
        for (std::shared_ptr<const void>& each : memory)
            if (each) open_.push_back(std::move(each));
        end_group(event);
        flush();
    }

    void prepare_messages() {
        if (messages_ == nullptr)
            messages_ = allocate(context_, sizeof(runtime::MessageHeader) + runtime::message_capacity);
        static const runtime::MessageHeader empty = [] {
            runtime::MessageHeader header;
            header.capacity = runtime::message_capacity;
            return header;
        }();
        const Status status =
            api().copy_svm(queue_.get(), 0, messages_->memory(), &empty, sizeof empty, 0, nullptr, nullptr);
        if (status != constants::success) fail_with(status, "clEnqueueSVMMemcpy", "launch");
    }

    /// Sets the kernel's arguments, unless they are.
    Status set_arguments(const OpenClKernel& kernel, const hal::Launch& launch) {
        const KernelDescription& description = kernel.description();
        const std::uint64_t messages = description.messages ? messages_->device_address() : 0,
                            generation = context_->generation();
        const std::size_t shared = launch.config.shared_bytes;
        std::optional<OpenClKernel::Arguments>& known = kernel.arguments();
        if (known && known->generation == generation && known->messages == messages &&
            known->shared_bytes == shared &&
            std::equal(known->parameters.begin(), known->parameters.end(), launch.parameters.begin(),
                       launch.parameters.end()))
            return constants::success;
        known.reset();
        std::uint32_t index = 0;
        Status status = constants::success;
        const auto value = [&](std::size_t bytes, const void* data) {
            const Status set = api().set_argument(kernel.get(), index++, bytes, data);
            if (status == constants::success) status = set;
        };
        const auto pointer = [&](std::uint64_t address) {
            // Null is no shared virtual memory to some drivers, but a buffer that is not there to all.
            if (address == 0) {
                value(sizeof(void*), nullptr);
                return;
            }
            for (const std::shared_ptr<hal::Allocation>& each : launch.allocations)
                if (const MemoryId buffer = static_cast<const SharedAllocation&>(*each).buffer();
                    buffer != nullptr && each->device_address() == address) {
                    value(sizeof buffer, &buffer);
                    return;
                }
            const Status set =
                api().set_pointer_argument(kernel.get(), index++, reinterpret_cast<const void*>(address));
            if (status == constants::success) status = set;
        };
        for (const Parameter& parameter : kernel.info().parameters) {
            const std::byte* const place = launch.parameters.data() + parameter.offset;
            if (parameter.kind == ParameterKind::pointer) {
                std::uint64_t address = 0;
                std::memcpy(&address, place, sizeof address);
                pointer(address);
            } else {
                value(parameter.bytes, place);
            }
        }
        if (const auto part = kernel.info().grid_part_offset)
            for (std::size_t k = 0; k < 6; ++k)
                value(sizeof(std::uint32_t), launch.parameters.data() + *part + k * sizeof(std::uint32_t));
        if (description.globals) pointer(kernel.program().globals()->device_address());
        if (description.messages) pointer(messages);
        if (description.shared) value(std::max<std::size_t>((shared + 15) / 16 * 16, 16), nullptr);
        if (description.shared_bytes) {
            const auto size = static_cast<std::uint32_t>(shared);
            value(sizeof size, &size);
        }
        if (status == constants::success && description.pointers && !context_->traits().is_fine_grained) {
            // Memory that no argument names, but pointers in memory may.
            std::vector<void*> all;
            for (const Range& range : context_->ranges()) all.push_back(reinterpret_cast<void*>(range.begin));
            status = api().set_execution_info(kernel.get(), constants::kernel_svm_pointers,
                                              all.size() * sizeof(void*), all.data());
        }
        if (status != constants::success) return status;
        known = OpenClKernel::Arguments{
            {launch.parameters.begin(), launch.parameters.end()}, messages, generation, shared};
        return status;
    }

    Status enqueue(const OpenClKernel& kernel, const hal::Launch& launch, EventId* event) {
        const std::lock_guard lock(kernel.mutex());
        if (const Status status = set_arguments(kernel, launch); status != constants::success) return status;
        const Dim3 &grid = launch.config.grid, &block = launch.config.block;
        const std::array<std::size_t, 3> local{block.x, block.y, block.z};
        const std::array<std::size_t, 3> global{std::size_t{block.x} * grid.x, std::size_t{block.y} * grid.y,
                                                std::size_t{block.z} * grid.z};
        return api().launch(queue_.get(), kernel.get(), 3, nullptr, global.data(), local.data(), 0, nullptr,
                            event);
    }

    /// Waits for the last kernel that may speak, and hears what it says.
    void settle() {
        const std::shared_ptr<OpenClKernel> kernel = std::exchange(speaking_, nullptr);
        if (kernel == nullptr) return;
        const std::string& operation = kernel->operation();
        runtime::MessageHeader header;
        std::vector<std::byte> records;
        // It is the last command.
        if (!groups_.empty())
            if (const Status status = context_->await(groups_.back().event.get(), operation);
                status != constants::success) {
                speaking_memory_.clear();
                fail_with(status, "clWaitForEvents", operation);
                return;
            }
        Status status =
            api().copy_svm(queue_.get(), 1, &header, messages_->memory(), sizeof header, 0, nullptr, nullptr);
        if (status == constants::success && header.used != 0) {
            records.resize(std::min<std::size_t>(header.used, runtime::message_capacity));
            status = api().copy_svm(queue_.get(), 1, records.data(), messages_->memory() + sizeof header,
                                    records.size(), 0, nullptr, nullptr);
        }
        speaking_memory_.clear();
        if (status != constants::success) {
            fail_with(status, "clEnqueueSVMMemcpy", operation);
            return;
        }
        const runtime::StringReader read = [&](std::uint64_t address) { return string_at(address); };
        if (!records.empty()) {
            const std::string text = runtime::printed_text(records, read);
            // A closed standard output loses the text, as it does for the host's own printf.
            std::fwrite(text.data(), 1, text.size(), stdout);
            std::fflush(stdout);
            if (header.used > runtime::message_capacity)
                runtime::log().warn("{}: {} printed more than {} bytes at once; the rest is lost",
                                    context_->id(), operation, runtime::message_capacity);
        }
        const std::string reason = runtime::failure_text(header, read);
        if (!reason.empty() && !failure_)
            failure_ = Failure{ErrorCode::launch_failed, reason, operation, context_->id()};
    }

    std::optional<std::string> string_at(std::uint64_t address) {
        const Range range = context_->find(address);
        if (range.bytes == 0) return std::nullopt;
        std::string text(std::min<std::size_t>(longest_string, range.begin + range.bytes - address), '\0');
        if (api().copy_svm(queue_.get(), 1, text.data(), reinterpret_cast<const void*>(address), text.size(),
                           0, nullptr, nullptr) != constants::success)
            return std::nullopt;
        const std::size_t end = text.find('\0');
        if (end == std::string::npos) return std::nullopt;
        text.resize(end);
        return text;
    }

    std::shared_ptr<Context> context_;
    std::mutex mutex_;
    std::shared_ptr<SharedAllocation> messages_;
    Handle<QueueId> queue_;
    std::deque<Group> groups_;
    std::vector<std::shared_ptr<const void>> open_;  // kept by the commands that no group has yet
    unsigned open_commands_ = 0;
    std::uint64_t open_bytes_ = 0;
    std::shared_ptr<OpenClKernel> speaking_;
    std::vector<std::shared_ptr<const void>> speaking_memory_;
    std::optional<Failure> failure_;

    Handle<QueueId> clock_queue_;
    Clock::time_point launched_at_{};
    unsigned held_back_launches_ = 0, flush_after_ = first_flush;
    bool waits_soon_ = false;    // the last launch was waited for at once
    bool is_held_back_ = false;  // the driver has commands that the device has not
    bool is_watched_ = false;    // by the thread
    bool is_stopping_ = false;
    std::condition_variable held_back_;
    std::thread flusher_;
};

class OpenClEvent final : public hal::Event {
  public:
    OpenClEvent(std::shared_ptr<QueueState> queue, QueueState::Marker marker, std::optional<Failure> failure)
        : queue_(std::move(queue)),
          event_(marker.event, queue_->api().release_event),
          clock_(marker.clock, queue_->api().release_event),
          failure_(std::move(failure)),
          recorded_ns_(host_ns()) {}

    bool ready() const override {
        std::int32_t state = 1;
        queue_->context().check_alive("query of an event");
        queue_->context().check(queue_->api().get_event_info(event_.get(), constants::event_status,
                                                             sizeof state, &state, nullptr),
                                "clGetEventInfo", "query of an event");
        return state <= constants::event_complete;
    }
    void wait() override {
        constexpr const char* operation = "waiting for an event";
        queue_->context().check_alive(operation);
        queue_->context().check(queue_->context().await(event_.get(), operation), "clWaitForEvents",
                                operation);
        if (failure_) failure_->raise();
    }
    std::uint64_t timestamp_ns() const override {
        std::uint64_t time = 0;
        if (clock_.get() == nullptr) return recorded_ns_;
        const Api& api = queue_->api();
        const EventId clock = clock_.get();
        Status status = queue_->context().await(clock, "reading an event's time");
        if (status == constants::success)
            status = api.get_profiling_info(clock, constants::profiling_end, sizeof time, &time, nullptr);
        // Some drivers keep no time of markers; the host's is then the nearest there is.
        return status == constants::success && time != 0 ? time : recorded_ns_;
    }
    EventId get() const noexcept { return event_.get(); }
    const std::optional<Failure>& failure() const noexcept { return failure_; }

  private:
    std::shared_ptr<QueueState> queue_;
    Handle<EventId> event_, clock_;
    std::optional<Failure> failure_;
    std::uint64_t recorded_ns_;
};

class OpenClQueue final : public hal::Queue {
  public:
    explicit OpenClQueue(std::shared_ptr<Context> context)
        : state_(std::make_shared<QueueState>(std::move(context))) {}
    ~OpenClQueue() override {
        try {
            if (!state_->context().is_lost())
                if (const auto failure = state_->synchronize())
                    runtime::log().warn(
                        "{}: a queue was destroyed before its failure was asked for: {} failed: {}",
                        failure->device, failure->operation, failure->reason);
        } catch (const Error& error) {
            runtime::log().warn("a queue was destroyed: {}", error.what());
        }
        // Its commands may still run: what they use stays, and so does the driver's queue.
        if (state_->context().is_lost()) Context::keep_for_ever(std::move(state_));
    }
    OpenClQueue(const OpenClQueue&) = delete;
    OpenClQueue& operator=(const OpenClQueue&) = delete;

    void launch(hal::Launch launch) override { state_->launch(std::move(launch)); }
    void write(std::shared_ptr<hal::Allocation> destination, std::size_t offset, const void* source,
               std::size_t bytes) override {
        void* const to = bytes_of(*destination) + offset;
        state_->copy(to, source, bytes, {std::move(destination), host_memory(source, bytes)});
    }
    void read(std::shared_ptr<hal::Allocation> source, std::size_t offset, void* destination,
              std::size_t bytes) override {
        const void* const from = bytes_of(*source) + offset;
        state_->copy(destination, from, bytes, {std::move(source), host_memory(destination, bytes)});
    }
    void copy(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
              std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
              std::size_t bytes) override {
        void* const to = bytes_of(*destination) + destination_offset;
        const void* const from = bytes_of(*source) + source_offset;
        state_->copy(to, from, bytes, {std::move(destination), std::move(source)});
    }
    void fill(std::shared_ptr<hal::Allocation> destination, std::size_t offset, std::uint8_t value,
              std::size_t bytes) override {
        void* const to = bytes_of(*destination) + offset;
        state_->fill(to, value, bytes, std::move(destination));
    }
    std::shared_ptr<hal::Event> record() override {
        std::optional<Failure> failure;
        const QueueState::Marker marker = state_->record(failure);
        return std::make_shared<OpenClEvent>(state_, marker, std::move(failure));
    }
    void wait(std::shared_ptr<hal::Event> event) override {
        // All events of this device are made above.
        const auto& other = static_cast<const OpenClEvent&>(*event);
        state_->wait_for(other.get(), other.failure());
    }
    void synchronize() override {
        if (const auto failure = state_->synchronize()) failure->raise();
    }

  private:
    static unsigned char* bytes_of(const hal::Allocation& allocation) {
        return static_cast<const SharedAllocation&>(allocation).memory();
    }

    std::shared_ptr<const void> host_memory(const void* pointer, std::size_t bytes) const {
        return state_->context().host_ranges().find(pointer, bytes);
    }

    std::shared_ptr<QueueState> state_;
};

}  // namespace

std::unique_ptr<hal::Queue> make_queue(std::shared_ptr<Context> context) {
    return std::make_unique<OpenClQueue>(std::move(context));
}

}  // namespace heddle::opencl
