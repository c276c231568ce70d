// The worker threads of the CPU device: they run queues' commands, and split the blocks of a launch among
// themselves by stealing halves of ranges. Threads that wait for a queue may join in.
//
// A launch starts on one thread, which owns all of its blocks as one range. Only when it proves long is it
// published; then each thread that joins takes the upper half of the widest range and works upwards from its
// start. So a range always has an owner that is running, and blocks that wait for blocks before them always
// make progress.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace heddle::cpu {

/// What a queue hands the pool: "take me up". Runs on a worker, without any lock held.
class Task {
  public:
    virtual ~Task() = default;
    virtual void run_task() noexcept = 0;

  private:
    friend class Pool;
    bool listed_ = false;  // stands in the pool's list; guarded by the pool's mutex
};

/// Divisible work: indices [0, total). run() is called from several threads at once, each time for other
/// indices.
class Work {
  public:
    virtual ~Work() = default;
    virtual void run(std::uint64_t first, std::uint64_t last) noexcept = 0;
    /// True when what is left need not be run.
    virtual bool stopped() const noexcept = 0;
    /// Called once, by the thread that ended last, when that is not the one that called Pool::execute().
    /// `busy_ns` is the time that all threads together spent in run().
    virtual void finished(std::uint64_t busy_ns) noexcept = 0;
};

/// How a pool behaves; the defaults are for production, tests set others.
struct PoolOptions {
    unsigned threads = 1;  ///< workers, and the most threads that run one launch
    std::uint64_t spin_ns =
        100'000;  ///< how long an idle thread looks for work before it sleeps; 0 on one thread
    std::uint64_t solo_ns = 10'000;         ///< a launch that takes less stays on one thread
    std::uint64_t chunk_ns = 50'000;        ///< how long a worker runs blocks before it looks round
    std::vector<unsigned> processors = {};  ///< that the workers are bound to; empty: not bound
};

class Pool {
  public:
    explicit Pool(PoolOptions options);
    /// Waits for the workers; all queues must have ended.
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    unsigned threads() const noexcept { return options_.threads; }
    std::uint64_t spin_ns() const noexcept { return options_.spin_ns; }

    /// Puts a task on the list, unless it stands there already. With `wake_worker` false the caller is a
    /// worker that will look at the list itself at once.
    void post(std::shared_ptr<Task> task, bool wake_worker = true);
    /// True when tasks wait for a worker: one that has run long for one queue should make room.
    bool has_tasks() const noexcept { return waiting_tasks_.load(std::memory_order_relaxed) != 0; }

    /// What execute() did.
    struct Outcome {
        bool complete = false;      ///< all has run; otherwise work->finished() will be or has been called
        std::uint64_t busy_ns = 0;  ///< when complete: time spent in run() by all threads
    };
    /// Runs `work` on this thread and on others that join. `expected_ns` is the time that it is believed to
    /// take on one thread, 0 when unknown. `owner` is what try_help() asks for.
    Outcome execute(std::shared_ptr<Work> work, std::uint64_t total, std::uint64_t expected_ns,
                    const void* owner);

    /// Joins published work of `owner` if there is any with room; returns when none of it is left to take.
    bool try_help(const void* owner);

    /// Raised whenever there is something new to look at.
    std::uint32_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }

    /// Counts this thread among those that run, for the time that it does the work of `task`, which is taken
    /// off the list.
    class Guest {
      public:
        Guest(Pool& pool, const Task& task) : pool_(pool) { pool_.enter(task); }
        ~Guest() { pool_.leave(); }
        Guest(const Guest&) = delete;
        Guest& operator=(const Guest&) = delete;

      private:
        Pool& pool_;
    };

  private:
    struct Job;
    void enter(const Task& task);
    void leave();
    void start_threads();  // with the mutex held
    void worker(unsigned index);
    /// Runs ranges until none can be taken; true when this was the last thread in the job.
    bool participate(Job& job, unsigned seat);
    bool take(Job& job, unsigned seat, std::uint64_t most, std::uint64_t& first, std::uint64_t& last);
    bool steal(Job& job, unsigned seat);
    // With the mutex held:
    std::shared_ptr<Job> joinable(const void* owner) const;
    void wake(unsigned wanted);

    const PoolOptions options_;
    std::mutex mutex_;
    std::condition_variable sleep_;
    std::deque<std::shared_ptr<Task>> tasks_;
    std::vector<std::shared_ptr<Job>> jobs_;  // published and not exhausted
    std::vector<std::thread> workers_;        // started with the first work
    unsigned running_ = 0;                    // threads that run tasks or blocks
    unsigned sleepers_ = 0;
    bool stop_ = false;
    std::atomic<unsigned> spinners_{0};
    std::atomic<unsigned> waiting_tasks_{0};
    std::atomic<std::uint32_t> epoch_{0};  // raised whenever there is something new to look at
};

/// One short wait of a spinning thread.
inline void pause_cpu() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

}  // namespace heddle::cpu
