// Workers, their list of tasks, and the splitting of published work.
#include "backends/cpu/pool.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>

#include "backends/cpu/limits.h"
#include "backends/cpu/processor.h"

namespace heddle::cpu {

namespace {

/// A range of units as one word, so that owner and thief change it by compare and exchange: the low half is
/// its begin, the high half its end. A unit is one block, or several where the grid has more than 2^32
/// blocks. A value that comes back after being replaced means the same blocks again, so the exchange needs no
/// version number.
struct UnitRange {
    std::uint32_t begin = 0, end = 0;
    std::uint32_t size() const noexcept { return end - begin; }
};

constexpr std::uint64_t pack(UnitRange range) noexcept {
    return (static_cast<std::uint64_t>(range.end) << 32) | range.begin;
}

constexpr UnitRange unpack(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(word >> 32)};
}

}  // namespace

/// Published work. Lives until its last thread has left it.
struct Pool::Job {
    struct alignas(64) Seat {
        std::atomic<std::uint64_t> range{0};
    };

    Job(std::shared_ptr<Work> the_work, std::uint64_t first_block, std::uint64_t end_block, unsigned seats,
        const void* the_owner)
        : work(std::move(the_work)), first(first_block), end(end_block), owner(the_owner), ranges(seats) {
        unit = (end - first) / 0xffffffffu + 1;
        ranges[0].range.store(pack({0, static_cast<std::uint32_t>((end - first + unit - 1) / unit)}),
                              std::memory_order_relaxed);
    }

    std::shared_ptr<Work> work;
    std::uint64_t first, end, unit = 1;
    const void* owner;
    std::vector<Seat> ranges;  // one a thread that may join
    std::atomic<std::uint64_t> block_ns{
        0};  // the last measured time of a unit: where a joining thread starts
    // Guarded by the pool's mutex:
    unsigned joined = 0, active = 0;
    std::uint64_t busy_ns = 0;
};

Pool::Pool(PoolOptions options)
    : options_{std::max(options.threads, 1u),
               // A thread that spins on the only processor keeps the work from running.
               usable_threads() > 1 ? options.spin_ns : 0, options.solo_ns, options.chunk_ns,
               std::move(options.processors)} {}

Pool::~Pool() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        epoch_.fetch_add(1, std::memory_order_release);
    }
    sleep_.notify_all();
    for (std::thread& thread : workers_) thread.join();
}

void Pool::start_threads() {
    if (!workers_.empty()) return;
    workers_.reserve(options_.threads);
    for (unsigned i = 0; i < options_.threads; ++i) workers_.emplace_back([this, i] { worker(i); });
}

void Pool::wake(unsigned wanted) {
    epoch_.fetch_add(1, std::memory_order_release);
    // Spinning threads see the epoch and need no system call. Whoever takes work wakes further threads for
    // what is left.
    const unsigned spinning = spinners_.load(std::memory_order_seq_cst);
    const unsigned room = options_.threads - std::min(running_, options_.threads);
    const unsigned sleeping = std::min({wanted - std::min(wanted, spinning), sleepers_, room});
    for (unsigned i = 0; i < sleeping; ++i) sleep_.notify_one();
}

void Pool::post(std::shared_ptr<Task> task, bool wake_worker) {
    const std::lock_guard lock(mutex_);
    start_threads();
    if (!std::exchange(task->listed_, true)) {
        tasks_.push_back(std::move(task));
        waiting_tasks_.store(static_cast<unsigned>(tasks_.size()), std::memory_order_relaxed);
    }
    if (wake_worker) wake(1);
}

void Pool::enter(const Task& task) {
    std::shared_ptr<Task> listed;  // released after the mutex
    const std::lock_guard lock(mutex_);
    ++running_;
    if (!task.listed_) return;
    const auto found = std::find_if(tasks_.begin(), tasks_.end(),
                                    [&task](const std::shared_ptr<Task>& t) { return t.get() == &task; });
    listed = std::move(*found);
    listed->listed_ = false;
    tasks_.erase(found);
    waiting_tasks_.store(static_cast<unsigned>(tasks_.size()), std::memory_order_relaxed);
}

void Pool::leave() {
    const std::lock_guard lock(mutex_);
    --running_;
    if (!tasks_.empty() || !jobs_.empty()) wake(1);
}

std::shared_ptr<Pool::Job> Pool::joinable(const void* owner) const {
    for (const std::shared_ptr<Job>& job : jobs_)
        if (job->joined < job->ranges.size() && (owner == nullptr || job->owner == owner)) return job;
    return nullptr;
}

void Pool::worker(unsigned index) {
    pthread_setname_np(pthread_self(), ("heddle-" + std::to_string(index)).c_str());
    bind_thread(options_.processors);
    std::unique_lock lock(mutex_);
    std::uint64_t idle_since = 0;
    for (;;) {
        if (stop_) return;
        if (running_ < options_.threads) {
            if (!tasks_.empty()) {
                const std::shared_ptr<Task> task = std::move(tasks_.front());
                tasks_.pop_front();
                task->listed_ = false;
                waiting_tasks_.store(static_cast<unsigned>(tasks_.size()), std::memory_order_relaxed);
                ++running_;
                if (!tasks_.empty()) wake(1);
                lock.unlock();
                task->run_task();
                lock.lock();
                --running_;
                idle_since = 0;
                continue;
            }
            if (const std::shared_ptr<Job> job = joinable(nullptr)) {
                const unsigned seat = job->joined++;
                ++job->active;
                ++running_;
                if (joinable(nullptr) != nullptr) wake(2);
                lock.unlock();
                if (participate(*job, seat)) job->work->finished(job->busy_ns);
                lock.lock();
                --running_;
                idle_since = 0;
                continue;
            }
        }
        const std::uint32_t seen = epoch_.load(std::memory_order_acquire);
        // Threads that look for work and threads that run must not be more than there are processors for: one
        // that looks would take the processor of one that runs.
        if (options_.spin_ns != 0 &&
            running_ + spinners_.load(std::memory_order_relaxed) < options_.threads) {
            spinners_.fetch_add(1, std::memory_order_seq_cst);
            lock.unlock();
            if (idle_since == 0) idle_since = now_ns();
            bool news = false;
            for (std::uint64_t now = idle_since; !news && now - idle_since < options_.spin_ns;
                 now = now_ns()) {
                for (int i = 0; i < 16 && !news; ++i) {
                    pause_cpu();
                    news = epoch_.load(std::memory_order_acquire) != seen;
                }
            }
            // Counted out before the list is looked at again: a post that still saw this spinner is then on
            // the list.
            spinners_.fetch_sub(1, std::memory_order_seq_cst);
            lock.lock();
            if (news || epoch_.load(std::memory_order_acquire) != seen) {
                idle_since = 0;
                continue;
            }
        }
        ++sleepers_;
        sleep_.wait(lock, [&] { return stop_ || epoch_.load(std::memory_order_acquire) != seen; });
        --sleepers_;
        idle_since = 0;
    }
}

Pool::Outcome Pool::execute(std::shared_ptr<Work> work, std::uint64_t total, std::uint64_t expected_ns,
                            const void* owner) {
    const std::uint64_t start = now_ns();
    std::uint64_t done = 0, now = start;
    const bool alone = options_.threads == 1 || total == 1;
    if (alone || expected_ns < 2 * options_.solo_ns) {
        // Run here until it proves long. What is known of the time decides how much is tried at once; so an
        // expectation that is far too low delays the others by no more than its own size.
        std::uint64_t step = 1;
        if (expected_ns != 0)
            step = std::max<std::uint64_t>(total / (4 * expected_ns / options_.solo_ns + 1), 1);
        while (done < total && !work->stopped()) {
            const std::uint64_t last = done + std::min(step, total - done);
            work->run(done, last);
            done = last;
            if (done == total) break;
            const std::uint64_t before = now;
            now = now_ns();
            if (!alone && now - start >= options_.solo_ns) break;
            if (now - before < options_.chunk_ns) step *= 2;
        }
        if (done == total || work->stopped()) return {true, now_ns() - start};
    }
    const std::uint64_t solo_ns = now_ns() - start;
    const unsigned seats = static_cast<unsigned>(std::min<std::uint64_t>(options_.threads, total - done));
    const auto job = std::make_shared<Job>(std::move(work), done, total, seats, owner);
    job->joined = job->active = 1;
    job->busy_ns = solo_ns;
    const std::uint64_t block_ns = done != 0 ? solo_ns / done : expected_ns / total;
    job->block_ns.store(block_ns * job->unit, std::memory_order_relaxed);
    {
        const std::lock_guard lock(mutex_);
        start_threads();
        if (seats > 1) {
            jobs_.push_back(job);
            wake(std::min(seats - 1, 2u));
        }
    }
    if (participate(*job, 0)) return {true, job->busy_ns};
    return {};
}

bool Pool::try_help(const void* owner) {
    std::shared_ptr<Job> job;
    unsigned seat = 0;
    {
        const std::lock_guard lock(mutex_);
        if (running_ >= options_.threads) return false;
        job = joinable(owner);
        if (job == nullptr) return false;
        seat = job->joined++;
        ++job->active;
        ++running_;
    }
    if (participate(*job, seat)) job->work->finished(job->busy_ns);
    leave();
    return true;
}

bool Pool::take(Job& job, unsigned seat, std::uint64_t most, std::uint64_t& first, std::uint64_t& last) {
    std::atomic<std::uint64_t>& range = job.ranges[seat].range;
    std::uint64_t word = range.load(std::memory_order_relaxed);
    for (;;) {
        const UnitRange mine = unpack(word);
        if (mine.size() == 0) return false;
        // Never more than a half, so that there is always something to steal until the last block.
        const std::uint32_t half = (mine.size() + 1) / 2;
        const std::uint32_t count = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(most, 1, half));
        if (range.compare_exchange_weak(word, pack({mine.begin + count, mine.end}),
                                        std::memory_order_relaxed)) {
            first = job.first + mine.begin * job.unit;
            last = std::min(job.end, first + count * job.unit);
            return true;
        }
    }
}

bool Pool::steal(Job& job, unsigned seat) {
    for (;;) {
        unsigned victim = 0;
        std::uint64_t word = 0;
        std::uint32_t widest = 0;
        for (unsigned i = 0; i < job.ranges.size(); ++i) {
            const std::uint64_t candidate = job.ranges[i].range.load(std::memory_order_relaxed);
            if (unpack(candidate).size() > widest) {
                widest = unpack(candidate).size();
                victim = i;
                word = candidate;
            }
        }
        if (widest == 0) return false;
        const UnitRange theirs = unpack(word);
        const std::uint32_t middle = theirs.begin + theirs.size() / 2;
        if (job.ranges[victim].range.compare_exchange_strong(word, pack({theirs.begin, middle}),
                                                             std::memory_order_relaxed)) {
            job.ranges[seat].range.store(pack({middle, theirs.end}), std::memory_order_relaxed);
            return true;
        }
    }
}

bool Pool::participate(Job& job, unsigned seat) {
    std::uint64_t busy = 0, first = 0, last = 0;
    const std::uint64_t expected = job.block_ns.load(std::memory_order_relaxed);
    std::uint64_t most = expected == 0 ? 1 : std::max<std::uint64_t>(options_.chunk_ns / expected, 1);
    std::uint64_t before = now_ns();
    for (;;) {
        while (take(job, seat, most, first, last)) {
            if (job.work->stopped()) break;
            job.work->run(first, last);
            const std::uint64_t now = now_ns(), spent = now - before;
            before = now;
            busy += spent;
            // Halve or double towards the wanted time: one unusual block does not throw the estimate off.
            if (spent < options_.chunk_ns / 2)
                most = std::min<std::uint64_t>(most * 2, 0xffffffffu);
            else if (spent > options_.chunk_ns * 2)
                most = std::max<std::uint64_t>(most / 2, 1);
        }
        if (job.work->stopped()) {
            job.ranges[seat].range.store(0, std::memory_order_relaxed);
            break;
        }
        if (!steal(job, seat)) break;
        before = now_ns();
    }
    const std::lock_guard lock(mutex_);
    // Nothing is left to take, so nobody need join any more; what others hold they finish themselves.
    std::erase_if(jobs_, [&job](const std::shared_ptr<Job>& other) { return other.get() == &job; });
    job.busy_ns += busy;
    return --job.active == 0;
}

}  // namespace heddle::cpu
