// A queue is a list of commands and a state that says who may run them: at most one thread at a time drains
// it, none while a split command runs or while it waits for an event. No worker ever blocks on a queue or an
// event.
#include "backends/cpu/queue.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "backends/cpu/launch_work.h"
#include "backends/cpu/print.h"
#include "backends/cpu/processor.h"
#include "runtime/log.h"

namespace heddle::cpu {

namespace {

/// How long a worker serves one queue while others wait.
constexpr std::uint64_t slice_ns = 1'000'000;

class QueueState;

/// A point in a queue. `parked` are queues that wait for it.
struct EventState {
    std::atomic<bool> ready{false};
    std::mutex mutex;
    std::uint64_t timestamp = 0;     // valid when ready, as is the failure
    std::optional<Failure> failure;  // of its queue, before it
    std::vector<std::shared_ptr<QueueState>> parked;
};

struct RecordCommand {
    std::shared_ptr<EventState> event;
};
struct WaitCommand {
    std::shared_ptr<EventState> event;
};
using Command = std::variant<std::shared_ptr<QueueWork>, TransferWork::Transfer, RecordCommand, WaitCommand>;

/// What a queue is, apart from its handle; kept alive by the pool's list and by events too. It does not own
/// the pool: its last owner may be a worker, which must not destroy the pool.
class QueueState final : public Task, public WorkOwner, public std::enable_shared_from_this<QueueState> {
  public:
    QueueState(Pool& pool, std::string device) : pool_(pool), device_(std::move(device)), output_(stdout) {}

    const std::string& device() const noexcept { return device_; }
    PrintBuffer& output() noexcept { return output_; }

    /// Gives the command's number.
    std::uint64_t enqueue(Command command) {
        std::uint64_t number = 0;
        bool idle = false;
        {
            const std::lock_guard lock(mutex_);
            commands_.push_back(std::move(command));
            number = ++enqueued_;
            idle = state_.load(std::memory_order_relaxed) == State::idle;
            if (idle) state_.store(State::ready, std::memory_order_relaxed);
        }
        if (idle) pool_.post(shared_from_this());
        return number;
    }

    std::uint64_t last_number() const {
        const std::lock_guard lock(mutex_);
        return enqueued_;
    }

    /// Returns when command `number` has ended; runs the queue itself where no other thread does.
    void wait_until(std::uint64_t number) {
        const std::uint64_t spin_ns = pool_.spin_ns();
        std::unique_lock lock(mutex_);
        while (completed_.load(std::memory_order_relaxed) < number) {
            if (state_.load(std::memory_order_relaxed) == State::ready) {
                state_.store(State::draining, std::memory_order_relaxed);
                lock.unlock();
                {
                    const Pool::Guest guest(pool_, *this);
                    drain(number);
                }
                lock.lock();
                continue;
            }
            lock.unlock();
            const std::uint32_t seen = pool_.epoch();
            const bool changed =
                pool_.try_help(static_cast<const WorkOwner*>(this)) || spin(number, seen, spin_ns);
            lock.lock();
            if (changed) continue;
            ++waiters_;
            changed_.wait(lock, [&] {
                return completed_.load(std::memory_order_relaxed) >= number ||
                       state_.load(std::memory_order_relaxed) == State::ready;
            });
            --waiters_;
        }
    }

    void run_task() noexcept override {
        {
            const std::lock_guard lock(mutex_);
            if (state_.load(std::memory_order_relaxed) != State::ready) return;  // another thread was faster
            state_.store(State::draining, std::memory_order_relaxed);
        }
        drain(std::numeric_limits<std::uint64_t>::max());
    }

    void work_ended(std::optional<Failure> failure) noexcept override { go_on(std::move(failure)); }

    /// The event that this queue is parked on has been reached.
    void unpark(const std::optional<Failure>& failure) noexcept { go_on(failure); }

    std::optional<Failure> take_failure() {
        const std::lock_guard lock(mutex_);
        return std::exchange(failure_, std::nullopt);
    }

  private:
    enum class State {
        idle,      ///< no commands
        ready,     ///< commands, and nobody runs them: on the pool's list
        draining,  ///< one thread runs them, or a split command or an event will make it go on
    };

    bool spin(std::uint64_t number, std::uint32_t seen, std::uint64_t spin_ns) const {
        if (spin_ns == 0) return false;
        const std::uint64_t start = now_ns();
        do {
            for (int i = 0; i < 16; ++i) {
                if (completed_.load(std::memory_order_acquire) >= number ||
                    state_.load(std::memory_order_relaxed) == State::ready || pool_.epoch() != seen)
                    return true;
                pause_cpu();
            }
            std::this_thread::yield();  // to a thread of the launch that has no processor of its own
        } while (now_ns() - start < spin_ns);
        return false;
    }

    /// Runs commands until none is left, `limit` have ended, or one will go on elsewhere.
    void drain(std::uint64_t limit) noexcept {
        std::uint64_t start = 0;
        std::unique_lock lock(mutex_);
        for (;;) {
            if (commands_.empty()) {
                state_.store(State::idle, std::memory_order_relaxed);
                return;
            }
            bool enough = completed_.load(std::memory_order_relaxed) >= limit;
            if (pool_.has_tasks()) {
                const std::uint64_t now = now_ns();
                if (start == 0) start = now;
                enough =
                    enough || (limit == std::numeric_limits<std::uint64_t>::max() && now - start > slice_ns);
            }
            if (enough) {
                state_.store(State::ready, std::memory_order_relaxed);
                lock.unlock();
                pool_.post(shared_from_this());
                return;
            }
            std::optional<Command> command = std::move(commands_.front());
            commands_.pop_front();
            const bool dropped = failure_.has_value();
            lock.unlock();
            std::optional<Failure> failure;
            const bool ended = run(*command, dropped, failure);
            command.reset();  // before the command counts as ended: what it kept alive is free then
            if (!ended) return;
            lock.lock();
            count_ended(std::move(failure));
        }
    }

    /// False when the command goes on elsewhere; this object may then be in another thread's hands.
    bool run(Command& command, bool dropped, std::optional<Failure>& failure) noexcept {
        if (auto* const record = std::get_if<RecordCommand>(&command)) {
            reach(*record->event);
            return true;
        }
        if (dropped) return true;
        if (const auto* const transfer = std::get_if<TransferWork::Transfer>(&command)) {
            TransferWork::run_all(*transfer);
            return true;
        }
        if (auto* const wait = std::get_if<WaitCommand>(&command)) {
            EventState& event = *wait->event;
            const std::lock_guard lock(event.mutex);
            if (!event.ready.load(std::memory_order_relaxed)) {
                event.parked.push_back(shared_from_this());
                return false;
            }
            failure = event.failure;
            return true;
        }
        const std::shared_ptr<QueueWork> work = std::move(std::get<std::shared_ptr<QueueWork>>(command));
        try {
            const QueueWork::Extent extent = work->begin();
            work->set_owner(shared_from_this());
            const Pool::Outcome outcome =
                pool_.execute(work, extent.total, extent.expected_ns, static_cast<const WorkOwner*>(this));
            if (!outcome.complete) return false;
            failure = work->end(outcome.busy_ns);
        } catch (const std::exception& error) {
            static_cast<void>(work->end(0));
            failure = Failure{ErrorCode::out_of_memory, error.what(), "launch", device_};
        }
        return true;
    }

    void reach(EventState& event) noexcept {
        std::vector<std::shared_ptr<QueueState>> parked;
        std::optional<Failure> failure;
        {
            const std::lock_guard mine(mutex_);
            failure = failure_;
        }
        {
            const std::lock_guard lock(event.mutex);
            event.timestamp = now_ns();
            event.failure = failure;
            event.ready.store(true, std::memory_order_release);
            parked = std::move(event.parked);
        }
        for (const std::shared_ptr<QueueState>& queue : parked) queue->unpark(failure);
    }

    void count_ended(std::optional<Failure> failure) noexcept {
        if (failure && !failure_) failure_ = std::move(failure);
        completed_.fetch_add(1, std::memory_order_release);
        if (waiters_ != 0) changed_.notify_all();
    }

    /// The command that ran elsewhere has ended: the rest is to be taken up.
    void go_on(std::optional<Failure> failure) noexcept {
        bool more = false;
        {
            const std::lock_guard lock(mutex_);
            more = !commands_.empty();
            state_.store(more ? State::ready : State::idle, std::memory_order_relaxed);
            count_ended(std::move(failure));
        }
        if (more) pool_.post(shared_from_this());
    }

    Pool& pool_;
    const std::string device_;
    PrintBuffer output_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Command> commands_;
    std::uint64_t enqueued_ = 0;
    unsigned waiters_ = 0;
    std::optional<Failure> failure_;
    // Written with the mutex held; read without it by spinning threads.
    std::atomic<std::uint64_t> completed_{0};
    std::atomic<State> state_{State::idle};
};

class QueueEvent final : public hal::Event {
  public:
    QueueEvent(std::shared_ptr<Pool> pool, std::shared_ptr<QueueState> queue,
               std::shared_ptr<EventState> state, std::uint64_t number)
        : pool_(std::move(pool)), queue_(std::move(queue)), state_(std::move(state)), number_(number) {}

    bool ready() const override { return state_->ready.load(std::memory_order_acquire); }
    void wait() override {
        queue_->wait_until(number_);
        queue_->output().flush();
        std::optional<Failure> failure;
        {
            const std::lock_guard lock(state_->mutex);
            failure = state_->failure;
        }
        if (failure) failure->raise();
    }
    std::uint64_t timestamp_ns() const override {
        const std::lock_guard lock(state_->mutex);
        return state_->timestamp;
    }
    const std::shared_ptr<EventState>& state() const noexcept { return state_; }

  private:
    std::shared_ptr<Pool> pool_;  // before the queue: destroyed after it
    std::shared_ptr<QueueState> queue_;
    std::shared_ptr<EventState> state_;
    std::uint64_t number_;
};

class CpuQueue final : public hal::Queue {
  public:
    CpuQueue(std::shared_ptr<Pool> pool, std::string device, std::shared_ptr<runtime::HostRanges> ranges)
        : pool_(std::move(pool)),
          ranges_(std::move(ranges)),
          state_(std::make_shared<QueueState>(*pool_, std::move(device))) {}

    ~CpuQueue() override {
        state_->wait_until(state_->last_number());
        state_->output().flush();
        if (const auto failure = state_->take_failure())
            runtime::log().warn("{}: a queue was destroyed before its failure was asked for: {} failed: {}",
                                failure->device, failure->operation, failure->reason);
    }
    CpuQueue(const CpuQueue&) = delete;
    CpuQueue& operator=(const CpuQueue&) = delete;

    void launch(hal::Launch launch) override {
        state_->enqueue(
            std::make_shared<LaunchWork>(std::move(launch), &state_->output(), &state_->device()));
    }
    void write(std::shared_ptr<hal::Allocation> destination, std::size_t offset, const void* source,
               std::size_t bytes) override {
        auto* const to = bytes_of(*destination) + offset;
        transfer({std::move(destination), nullptr, to, static_cast<const unsigned char*>(source), bytes, 0,
                  host_memory(source, bytes)});
    }
    void read(std::shared_ptr<hal::Allocation> source, std::size_t offset, void* destination,
              std::size_t bytes) override {
        const auto* const from = bytes_of(*source) + offset;
        transfer({nullptr, std::move(source), static_cast<unsigned char*>(destination), from, bytes, 0,
                  host_memory(destination, bytes)});
    }
    void copy(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
              std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
              std::size_t bytes) override {
        auto* const to = bytes_of(*destination) + destination_offset;
        const auto* const from = bytes_of(*source) + source_offset;
        transfer({std::move(destination), std::move(source), to, from, bytes, 0, nullptr});
    }
    void fill(std::shared_ptr<hal::Allocation> destination, std::size_t offset, std::uint8_t value,
              std::size_t bytes) override {
        auto* const to = bytes_of(*destination) + offset;
        transfer({std::move(destination), nullptr, to, nullptr, bytes, value, nullptr});
    }
    std::shared_ptr<hal::Event> record() override {
        auto event = std::make_shared<EventState>();
        const std::uint64_t number = state_->enqueue(RecordCommand{event});
        return std::make_shared<QueueEvent>(pool_, state_, std::move(event), number);
    }
    void wait(std::shared_ptr<hal::Event> event) override {
        // All events of this device are made above.
        state_->enqueue(WaitCommand{static_cast<const QueueEvent&>(*event).state()});
    }
    void synchronize() override {
        state_->wait_until(state_->last_number());
        state_->output().flush();
        if (const auto failure = state_->take_failure()) failure->raise();
    }

  private:
    static unsigned char* bytes_of(const hal::Allocation& allocation) {
        return static_cast<unsigned char*>(allocation.host_pointer());
    }
    std::shared_ptr<const void> host_memory(const void* pointer, std::size_t bytes) const {
        return ranges_ != nullptr ? ranges_->find(pointer, bytes) : nullptr;
    }
    void transfer(TransferWork::Transfer transfer) {
        if (transfer.bytes >= TransferWork::split_from && pool_->threads() > 1)
            state_->enqueue(std::make_shared<TransferWork>(std::move(transfer)));
        else
            state_->enqueue(std::move(transfer));
    }

    std::shared_ptr<Pool> pool_;  // before the state: destroyed after it
    std::shared_ptr<runtime::HostRanges> ranges_;
    std::shared_ptr<QueueState> state_;
};

}  // namespace

std::unique_ptr<hal::Queue> make_queue(std::shared_ptr<Pool> pool, std::string device,
                                       std::shared_ptr<runtime::HostRanges> ranges) {
    return std::make_unique<CpuQueue>(std::move(pool), std::move(device), std::move(ranges));
}

}  // namespace heddle::cpu
