// The decorators: device, queue, program and event. Each call is a span on its thread's track; each command
// also is one on its queue's track, between two events whose times the device tells. Allocations and kernels
// are the wrapped device's own objects: backends cast them.
#include "traced_device.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "log.h"

namespace heddle::runtime {

namespace {

using trace::Args;
using trace::now_ns;
using trace::Span;
using trace::Track;
using trace::Writer;

constexpr std::uint64_t clock_age_ns = 1'000'000'000;  // then the clocks are compared again
constexpr std::size_t poll_from = 64;  // commands in flight from which a queue looks for ended ones
// Above every thread's number (at most 2^22 on Linux).
constexpr Track first_queue_track = Track{1} << 23;

/// Tracks of queues in the whole process; those of ended queues are given out again.
Track new_track_block() {
    static std::atomic<Track> next{first_queue_track};
    return next.fetch_add(1 << 12, std::memory_order_relaxed);
}

/// What the queues and the memory of one device share.
class DeviceTrace {
  public:
    DeviceTrace(Writer& writer, const DeviceInfo& info)
        : marks_starts(info.backend != "opencl"),
          writer_(writer),
          id_(info.id),
          first_track_(new_track_block()) {}

    /// Whether an event before a command tells when it starts. OpenCL's backend keeps times in a queue of its
    /// own, whose markers may come late; a command on an idle queue then starts when the host asks for it.
    const bool marks_starts;

    Writer& writer() const noexcept { return writer_; }
    const std::string& id() const noexcept { return id_; }

    Track take_track() {
        const std::lock_guard lock(mutex_);
        Track number = 0;
        while (tracks_.contains(number)) ++number;
        tracks_.insert(number);
        if (number == named_tracks_) {
            ++named_tracks_;
            writer_.name_track(first_track_ + number, fmt::format("{} queue {}", id_, number + 1));
        }
        return first_track_ + number;
    }
    void return_track(Track track) {
        const std::lock_guard lock(mutex_);
        tracks_.erase(track - first_track_);
    }

    /// Compares the device's clock with the host's on an idle queue, unless that was done lately: the best of
    /// three tries, each off by half of what it took at most.
    void compare_clocks(hal::Queue& queue) {
        {
            const std::lock_guard lock(mutex_);
            if (offset_ && now_ns() - compared_ns_ < clock_age_ns) return;
        }
        std::optional<std::int64_t> best;
        std::uint64_t best_window = 0;
        for (int i = 0; i < 3; ++i) {
            const std::uint64_t before = now_ns();
            const std::shared_ptr<hal::Event> event = queue.record();
            event->wait();
            const std::uint64_t after = now_ns(), device = event->timestamp_ns();
            if (best && after - before >= best_window) continue;
            best_window = after - before;
            // A device that keeps the host's time needs no estimate.
            best = device >= before && device <= after ? 0
                                                       : static_cast<std::int64_t>(before + best_window / 2) -
                                                             static_cast<std::int64_t>(device);
        }
        const std::lock_guard lock(mutex_);
        offset_ = best;
        compared_ns_ = now_ns();
    }
    std::optional<std::int64_t> clock_offset() {
        const std::lock_guard lock(mutex_);
        return offset_;
    }

    void count_memory(std::int64_t device_bytes, std::int64_t host_bytes) {
        const std::lock_guard lock(mutex_);
        device_bytes_ += device_bytes;
        host_bytes_ += host_bytes;
        // Written with the lock held, so that values stand in the file in their order.
        writer_.counter(id_ + " memory", now_ns(),
                        Args()
                            .add("device bytes", static_cast<std::uint64_t>(device_bytes_))
                            .add("pinned host bytes", static_cast<std::uint64_t>(host_bytes_)));
    }

  private:
    Writer& writer_;
    const std::string id_;
    const Track first_track_;
    std::mutex mutex_;
    std::set<Track> tracks_;
    Track named_tracks_ = 0;
    std::optional<std::int64_t> offset_;  // host's nanoseconds less the device's
    std::uint64_t compared_ns_ = 0;
    std::int64_t device_bytes_ = 0, host_bytes_ = 0;
};

/// The same object, whose end is noticed: backends cast it to their own type.
template <class Memory>
std::shared_ptr<Memory> watched(std::shared_ptr<Memory> memory, std::shared_ptr<DeviceTrace> trace,
                                bool is_device_memory) {
    const std::int64_t bytes = static_cast<std::int64_t>(memory->size_bytes());
    trace->count_memory(is_device_memory ? bytes : 0, is_device_memory ? 0 : bytes);
    Memory* const object = memory.get();
    return {object,
            [memory = std::move(memory), trace = std::move(trace), bytes, is_device_memory](Memory*) mutable {
                try {
                    Span span(&trace->writer(), "memory", is_device_memory ? "free" : "free pinned");
                    span.args().add("bytes", static_cast<std::uint64_t>(bytes));
                    memory.reset();
                    trace->count_memory(is_device_memory ? -bytes : 0, is_device_memory ? 0 : -bytes);
                } catch (const std::exception& error) {
                    log().warn("an event of the trace is missing: {}", error.what());
                }
            }};
}

/// The commands of one queue whose times are not known yet. Outlives the queue with its events.
class QueueTrace {
  public:
    explicit QueueTrace(std::shared_ptr<DeviceTrace> device)
        : device_(std::move(device)), track_(device_->take_track()) {}
    ~QueueTrace() { device_->return_track(track_); }
    QueueTrace(const QueueTrace&) = delete;
    QueueTrace& operator=(const QueueTrace&) = delete;

    struct Command {
        std::string category, name;
        Args args;
        std::uint64_t bytes = 0;  // of a transfer
        trace::Flow flow;
        std::uint64_t call_ns = 0;          // when the host asked for it
        std::shared_ptr<hal::Event> start;  // null: starts where the one before it ends
        std::shared_ptr<hal::Event> end;
    };

    /// Whether something is known to be running, so that the next command starts where the last one ends.
    bool is_busy() {
        const std::lock_guard lock(mutex_);
        return !commands_.empty() && !commands_.back().end->ready();
    }
    void add(Command command) {
        std::size_t waiting = 0;
        {
            const std::lock_guard lock(mutex_);
            commands_.push_back(std::move(command));
            waiting = commands_.size();
        }
        if (waiting >= poll_from) collect();
    }
    /// Writes the spans of the commands that have ended.
    void collect() {
        const std::lock_guard lock(mutex_);
        const auto offset = device_->clock_offset();
        try {
            while (!commands_.empty() && commands_.front().end->ready()) {
                if (offset) write(commands_.front(), *offset);
                commands_.pop_front();
            }
        } catch (const std::exception& error) {
            device_->writer().note(
                track_, fmt::format("the times of {} commands are lost: {}", commands_.size(), error.what()));
            commands_.clear();
        }
    }
    Track track() const noexcept { return track_; }

  private:
    void write(Command& command, std::int64_t offset) {
        const auto host_time = [offset](std::uint64_t device) {
            return static_cast<std::uint64_t>(static_cast<std::int64_t>(device) + offset);
        };
        const std::uint64_t end = host_time(command.end->timestamp_ns());
        std::uint64_t start = command.start ? host_time(command.start->timestamp_ns()) : last_end_ns_;
        // The clocks agree to a few microseconds only; the order of things is known exactly.
        start = std::max({start, command.call_ns, last_end_ns_});
        last_end_ns_ = std::max(end, start);
        if (command.bytes != 0 && last_end_ns_ > start)
            command.args.add("GB/s",
                             static_cast<double>(command.bytes) / static_cast<double>(last_end_ns_ - start));
        device_->writer().span(track_, command.category, command.name, start, last_end_ns_, command.args,
                               command.flow);
    }

    const std::shared_ptr<DeviceTrace> device_;
    const Track track_;
    std::mutex mutex_;
    std::deque<Command> commands_;
    std::uint64_t last_end_ns_ = 0;
};

class TracedEvent : public hal::Event {
  public:
    TracedEvent(std::shared_ptr<hal::Event> inner, std::shared_ptr<QueueTrace> queue, Writer& writer)
        : inner_(std::move(inner)), queue_(std::move(queue)), writer_(writer) {}
    bool ready() const override { return inner_->ready(); }
    void wait() override {
        {
            Span span(&writer_, "wait", "wait for event");
            inner_->wait();
        }
        queue_->collect();
    }
    std::uint64_t timestamp_ns() const override { return inner_->timestamp_ns(); }
    const std::shared_ptr<hal::Event>& inner() const noexcept { return inner_; }

  private:
    const std::shared_ptr<hal::Event> inner_;
    const std::shared_ptr<QueueTrace> queue_;
    Writer& writer_;
};

std::string extent(const Dim3& size) {
    return fmt::format("{} x {} x {}", size.x, size.y, size.z);
}

class TracedQueue : public hal::Queue {
  public:
    TracedQueue(std::unique_ptr<hal::Queue> inner, const std::shared_ptr<DeviceTrace>& device)
        : inner_(std::move(inner)), device_(device), commands_(std::make_shared<QueueTrace>(device)) {
        compare_clocks();
    }
    ~TracedQueue() override {
        inner_.reset();  // waits for the work to end
        commands_->collect();
    }
    TracedQueue(const TracedQueue&) = delete;
    TracedQueue& operator=(const TracedQueue&) = delete;

    void launch(hal::Launch launch) override {
        Args args;
        args.add("grid", extent(launch.config.grid)).add("block", extent(launch.config.block));
        args.add("blocks", launch.config.grid.count()).add("threads a block", launch.config.block.count());
        if (launch.config.shared_bytes != 0)
            args.add("dynamic shared bytes", std::uint64_t{launch.config.shared_bytes});
        const std::string name = launch.kernel->info().name;
        command("kernel", "launch " + name, name, std::move(args), 0,
                [&] { inner_->launch(std::move(launch)); });
    }
    void write(std::shared_ptr<hal::Allocation> destination, std::size_t offset, const void* source,
               std::size_t bytes) override {
        transfer("write", bytes, [&] { inner_->write(std::move(destination), offset, source, bytes); });
    }
    void read(std::shared_ptr<hal::Allocation> source, std::size_t offset, void* destination,
              std::size_t bytes) override {
        transfer("read", bytes, [&] { inner_->read(std::move(source), offset, destination, bytes); });
    }
    void copy(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
              std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
              std::size_t bytes) override {
        transfer("copy", bytes, [&] {
            inner_->copy(std::move(destination), destination_offset, std::move(source), source_offset, bytes);
        });
    }
    bool copy_from_peer(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
                        std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
                        std::size_t bytes) override {
        // The call alone: whether the device copies is known afterwards only.
        Span span(&device_->writer(), "queue", "copy from peer");
        return inner_->copy_from_peer(std::move(destination), destination_offset, std::move(source),
                                      source_offset, bytes);
    }
    void fill(std::shared_ptr<hal::Allocation> destination, std::size_t offset, std::uint8_t value,
              std::size_t bytes) override {
        transfer("fill", bytes, [&] { inner_->fill(std::move(destination), offset, value, bytes); });
    }
    std::shared_ptr<hal::Event> record() override {
        Span span(&device_->writer(), "queue", "record event");
        return std::make_shared<TracedEvent>(inner_->record(), commands_, device_->writer());
    }
    void wait(std::shared_ptr<hal::Event> event) override {
        Span span(&device_->writer(), "queue", "wait in queue");
        const auto* traced = dynamic_cast<const TracedEvent*>(event.get());
        inner_->wait(traced != nullptr ? traced->inner() : std::move(event));
    }
    void synchronize() override {
        {
            Span span(&device_->writer(), "wait", "synchronize");
            span.args().add("device", device_->id());
            inner_->synchronize();
        }
        commands_->collect();
        compare_clocks();
    }

  private:
    void compare_clocks() {
        try {
            device_->compare_clocks(*inner_);
        } catch (const std::exception& error) {
            device_->writer().note(commands_->track(), fmt::format("the device's clock could not be compared "
                                                                   "with the host's: {}",
                                                                   error.what()));
        }
    }

    /// An event for the trace's own use; null, with a note, when the device gives none: the program's own
    /// call then tells what is wrong.
    std::shared_ptr<hal::Event> mark() {
        try {
            return inner_->record();
        } catch (const std::exception& error) {
            device_->writer().note(commands_->track(),
                                   fmt::format("a command's time is not known: {}", error.what()));
            return nullptr;
        }
    }

    template <class Call>
    void transfer(const char* name, std::size_t bytes, Call call) {
        command("transfer", name, name, Args().add("bytes", std::uint64_t{bytes}), bytes, call);
    }

    template <class Call>
    void command(const char* category, const std::string& call_name, const std::string& name, Args args,
                 std::uint64_t bytes, Call call) {
        // Held for the whole call, so that the marks stand around this command and no other thread's.
        const std::lock_guard lock(mutex_);
        Writer& writer = device_->writer();
        const std::uint64_t flow = writer.new_flow();
        QueueTrace::Command entry;
        entry.category = category;
        entry.name = name;
        entry.args = args;
        entry.bytes = bytes;
        entry.flow = {flow, false};
        {
            Span span(&writer, category, call_name, {flow, true});
            span.args() = std::move(args);
            span.args().add("device", device_->id());
            if (device_->marks_starts && !is_busy()) entry.start = mark();
            entry.call_ns = now_ns();
            call();
            entry.end = mark();
        }
        if (entry.end != nullptr) commands_->add(std::move(entry));
    }
    bool is_busy() {
        try {
            return commands_->is_busy();
        } catch (const std::exception&) {
            return false;  // asked again, and then told, when the times are collected
        }
    }

    std::mutex mutex_;
    std::unique_ptr<hal::Queue> inner_;
    const std::shared_ptr<DeviceTrace> device_;
    const std::shared_ptr<QueueTrace> commands_;
};

class TracedProgram : public hal::Program {
  public:
    TracedProgram(std::shared_ptr<hal::Program> inner, std::shared_ptr<DeviceTrace> device)
        : inner_(std::move(inner)), device_(std::move(device)) {}
    std::shared_ptr<hal::Kernel> kernel(const KernelInfo& info, std::span<const std::byte> code) override {
        Span span(&device_->writer(), "load", "load kernel " + info.name);
        span.args().add("device", device_->id()).add("code bytes", std::uint64_t{code.size()});
        return inner_->kernel(info, code);
    }
    std::shared_ptr<hal::Allocation> globals() const noexcept override { return inner_->globals(); }

  private:
    const std::shared_ptr<hal::Program> inner_;
    const std::shared_ptr<DeviceTrace> device_;
};

class TracedDevice : public hal::Device {
  public:
    TracedDevice(std::shared_ptr<hal::Device> inner, Writer& writer)
        : inner_(std::move(inner)), trace_(std::make_shared<DeviceTrace>(writer, inner_->info())) {}
    const DeviceInfo& info() const noexcept override { return inner_->info(); }
    hal::CodeTarget code_target() const override { return inner_->code_target(); }
    std::shared_ptr<hal::Allocation> allocate(std::size_t bytes) override {
        Span span(&trace_->writer(), "memory", "allocate");
        span.args().add("device", trace_->id()).add("bytes", std::uint64_t{bytes});
        return watched(inner_->allocate(bytes), trace_, true);
    }
    std::shared_ptr<hal::HostMemory> allocate_host(std::size_t bytes) override {
        Span span(&trace_->writer(), "memory", "allocate pinned");
        span.args().add("device", trace_->id()).add("bytes", std::uint64_t{bytes});
        return watched(inner_->allocate_host(bytes), trace_, false);
    }
    std::unique_ptr<hal::Queue> create_queue() override {
        Span span(&trace_->writer(), "queue", "create queue");
        span.args().add("device", trace_->id());
        return std::make_unique<TracedQueue>(inner_->create_queue(), trace_);
    }
    std::shared_ptr<hal::Allocation> import_host(void* memory, std::size_t bytes) override {
        return inner_->import_host(memory, bytes);
    }
    bool abandon(const std::string& why) noexcept override { return inner_->abandon(why); }
    std::shared_ptr<hal::Device> reopened() override {
        Span span(&trace_->writer(), "load", "open again");
        span.args().add("device", trace_->id());
        std::shared_ptr<hal::Device> again = inner_->reopened();
        return again != nullptr ? with_trace(std::move(again), trace_->writer()) : nullptr;
    }
    std::shared_ptr<hal::Program> load(const Package& package, std::span<const std::byte> payload) override {
        Span span(&trace_->writer(), "load", "load program " + package.source);
        span.args().add("device", trace_->id()).add("code bytes", std::uint64_t{payload.size()});
        return std::make_shared<TracedProgram>(inner_->load(package, payload), trace_);
    }

  private:
    const std::shared_ptr<hal::Device> inner_;
    const std::shared_ptr<DeviceTrace> trace_;
};

}  // namespace

std::shared_ptr<hal::Device> with_trace(std::shared_ptr<hal::Device> device, trace::Writer& writer) {
    return std::make_shared<TracedDevice>(std::move(device), writer);
}

}  // namespace heddle::runtime
