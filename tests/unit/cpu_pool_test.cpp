// The worker pool: every index runs exactly once, uneven work balances, short work stays on one thread, tasks
// run.
#include "backends/cpu/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <set>
#include <thread>
#include <vector>

#include "backends/cpu/processor.h"

namespace heddle::cpu {
namespace {

using namespace std::chrono_literals;

class FunctionWork final : public Work {
  public:
    explicit FunctionWork(std::function<void(std::uint64_t, std::uint64_t)> body) : body_(std::move(body)) {}
    void run(std::uint64_t first, std::uint64_t last) noexcept override { body_(first, last); }
    bool stopped() const noexcept override { return stop.load(); }
    void finished(std::uint64_t) noexcept override { done.set_value(); }

    std::atomic<bool> stop{false};
    std::promise<void> done;

  private:
    std::function<void(std::uint64_t, std::uint64_t)> body_;
};

void execute(Pool& pool, const std::shared_ptr<FunctionWork>& work, std::uint64_t total,
             std::uint64_t expected = 0) {
    if (!pool.execute(work, total, expected, &pool).complete) work->done.get_future().wait();
}

void busy_for(std::chrono::nanoseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) pause_cpu();
}

PoolOptions with_threads(unsigned threads) {
    PoolOptions options;
    options.threads = threads;
    return options;
}

class PoolOfThreads : public testing::TestWithParam<unsigned> {};

TEST_P(PoolOfThreads, RunsEveryIndexOnce) {
    Pool pool(with_threads(GetParam()));
    for (const std::uint64_t total : {1, 2, 3, 7, 64, 1000, 100000}) {
        for (const std::uint64_t expected : {std::uint64_t{0}, std::uint64_t{100}, std::uint64_t{1} << 40}) {
            std::vector<std::atomic<int>> counts(total);
            const auto work = std::make_shared<FunctionWork>([&](std::uint64_t first, std::uint64_t last) {
                ASSERT_LT(first, last);
                for (std::uint64_t i = first; i < last; ++i) counts[i].fetch_add(1);
            });
            execute(pool, work, total, expected);
            for (const auto& count : counts) ASSERT_EQ(count.load(), 1);
        }
    }
}

TEST_P(PoolOfThreads, RunsUnevenWorkOnce) {
    Pool pool(with_threads(GetParam()));
    std::vector<std::atomic<int>> counts(300);
    const auto work = std::make_shared<FunctionWork>([&](std::uint64_t first, std::uint64_t last) {
        for (std::uint64_t i = first; i < last; ++i) {
            busy_for(i % 37 == 0 ? 500us : 2us);
            counts[i].fetch_add(1);
        }
    });
    execute(pool, work, counts.size());
    for (const auto& count : counts) ASSERT_EQ(count.load(), 1);
}

INSTANTIATE_TEST_SUITE_P(Threads, PoolOfThreads, testing::Values(1u, 2u, 3u, 8u));

TEST(Pool, RangesBeyond32BitsOfBlocks) {
    Pool pool(with_threads(4));
    const std::uint64_t total = (std::uint64_t{1} << 34) + 12345;
    std::atomic<std::uint64_t> sum{0}, calls{0};
    const auto work = std::make_shared<FunctionWork>([&](std::uint64_t first, std::uint64_t last) {
        sum += last - first;
        ++calls;
    });
    execute(pool, work, total, 1'000'000'000);
    EXPECT_EQ(sum.load(), total);
    EXPECT_LT(calls.load(), 1'000'000u);
}

TEST(Pool, SeveralThreadsShareLongWork) {
    Pool pool(with_threads(4));
    std::mutex mutex;
    std::set<std::thread::id> threads;
    const auto work = std::make_shared<FunctionWork>([&](std::uint64_t first, std::uint64_t last) {
        // Sleeping, not computing: so it does not matter how many processors there are.
        for (std::uint64_t i = first; i < last; ++i) std::this_thread::sleep_for(2ms);
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
    });
    execute(pool, work, 64);
    EXPECT_GE(threads.size(), 2u);
    EXPECT_LE(threads.size(), 4u);
}

TEST(Pool, ShortWorkStaysOnTheCallingThread) {
    PoolOptions options = with_threads(4);
    options.solo_ns = 1'000'000'000;
    Pool pool(options);
    const auto caller = std::this_thread::get_id();
    const auto work = std::make_shared<FunctionWork>(
        [&](std::uint64_t, std::uint64_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(pool.execute(work, 50, 0, &pool).complete);
}

// Blocks that spin until the block before them is done must not hang, whatever is stolen by whom.
TEST(Pool, BlocksMayWaitForEarlierBlocks) {
    for (const unsigned threads : {1u, 2u, 4u}) {
        Pool pool(with_threads(threads));
        constexpr std::uint64_t total = 2000;
        std::vector<std::atomic<int>> done(total);
        const auto work = std::make_shared<FunctionWork>([&](std::uint64_t first, std::uint64_t last) {
            for (std::uint64_t i = first; i < last; ++i) {
                while (i != 0 && done[i - 1].load() == 0) std::this_thread::yield();
                done[i].store(1);
            }
        });
        execute(pool, work, total, std::uint64_t{1} << 40);
        EXPECT_EQ(done.back().load(), 1);
    }
}

TEST(Pool, StoppedWorkLeavesTheRestOut) {
    Pool pool(with_threads(4));
    std::atomic<std::uint64_t> ran{0};
    std::shared_ptr<FunctionWork> work;
    work = std::make_shared<FunctionWork>([&](std::uint64_t first, std::uint64_t last) {
        ran += last - first;
        busy_for(100us);
        if (ran > 10) work->stop = true;
    });
    execute(pool, work, 1'000'000);
    EXPECT_LT(ran.load(), 100'000u);
}

class CountingTask final : public Task {
  public:
    void run_task() noexcept override { ++count; }
    std::atomic<int> count{0};
};

TEST(Pool, RunsPostedTasks) {
    Pool pool(with_threads(2));
    std::vector<std::shared_ptr<CountingTask>> tasks;
    tasks.reserve(100);
    for (int i = 0; i < 100; ++i) tasks.push_back(std::make_shared<CountingTask>());
    for (const auto& task : tasks) pool.post(task);
    for (const auto& task : tasks)
        while (task->count.load() == 0) std::this_thread::sleep_for(100us);
    for (const auto& task : tasks) EXPECT_EQ(task->count.load(), 1);
}

TEST(Pool, WakesFromSleepForEachTask) {
    PoolOptions options = with_threads(2);
    options.spin_ns = 0;
    Pool pool(options);
    for (int i = 0; i < 50; ++i) {
        const auto task = std::make_shared<CountingTask>();
        pool.post(task);
        while (task->count.load() == 0) std::this_thread::sleep_for(20us);
    }
}

TEST(Processor, KnowsThisMachine) {
    const Processor processor = identify_processor();
    EXPECT_FALSE(processor.name.empty());
    EXPECT_FALSE(processor.variants.empty());
    EXPECT_GE(usable_threads(), 1u);
    const MemoryState memory = memory_state();
    EXPECT_GT(memory.total, std::uint64_t{1} << 26);
    EXPECT_LE(memory.available, memory.total);
    EXPECT_GT(memory.available, 0u);
}

}  // namespace
}  // namespace heddle::cpu
