// Queues: order, events across queues, errors that stop a queue until they are asked for, printing, and
// launches of several queues at once.
#include "backends/cpu/queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include "backends/cpu/backend.h"
#include "backends/cpu/memory.h"
#include "cpu_kernels.h"

namespace heddle::cpu {
namespace {

using namespace testing_kernels;
using namespace std::chrono_literals;

std::shared_ptr<Pool> make_pool(unsigned threads) {
    PoolOptions options;
    options.threads = threads;
    return std::make_shared<Pool>(options);
}

/// y[i] += 1 for all threads of the grid.
void increment(const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint64_t first, std::uint64_t last) {
    auto* const values = argument<std::uint32_t*>(launch, 0);
    for (std::uint64_t i = first * launch->threads; i < last * launch->threads; ++i) ++values[i];
}

void sleep_and_set(const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint64_t, std::uint64_t) {
    std::this_thread::sleep_for(20ms);
    argument<std::atomic<int>*>(launch, 0)->store(1);
}

void fail_in_block_3(const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint64_t first,
                     std::uint64_t last) {
    if (first > 3 || last <= 3) return;
    block->index[0] = 3;
    using Trap = void (*)(const heddle_cpu_launch*, const heddle_cpu_block*);
    reinterpret_cast<Trap>(find_import("heddle_trap"))(launch, block);
}

void print_block(const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint64_t first,
                 std::uint64_t last) {
    using Print = std::int32_t (*)(const heddle_cpu_launch*, const char*, const void*);
    for (std::uint64_t i = first; i < last; ++i) {
        const auto number = static_cast<std::int32_t>(i);
        reinterpret_cast<Print>(find_import("heddle_printf"))(launch, "block %d\n", &number);
    }
}

template <class F>
std::shared_ptr<CpuKernel> plain(F* entry) {
    return make_kernel(reinterpret_cast<void*>(entry), 0);
}

class Queues : public testing::TestWithParam<unsigned> {};

TEST_P(Queues, CommandsRunInOrder) {
    const auto pool = make_pool(GetParam());
    const auto queue = make_queue(pool, "cpu:0");
    const auto kernel = plain(&increment);
    std::vector<std::uint32_t> values(64 * 1000), result(values.size());
    const auto list = std::make_shared<AllocationList>();
    const auto a = allocate_memory(list, values.size() * 4, 256, "cpu:0");
    const auto b = allocate_memory(list, values.size() * 4, 256, "cpu:0");
    std::iota(values.begin(), values.end(), 0u);
    queue->write(a, 0, values.data(), values.size() * 4);
    for (int i = 0; i < 100; ++i) queue->launch(make_launch(kernel, {1000}, {64}, a->device_address()));
    queue->fill(b, 0, 0xff, values.size() * 4);
    queue->copy(b, 4, a, 0, values.size() * 4 - 4);
    queue->read(b, 0, result.data(), result.size() * 4);
    queue->synchronize();
    EXPECT_EQ(result[0], 0xffffffffu);
    for (std::size_t i = 1; i < result.size(); ++i) ASSERT_EQ(result[i], i - 1 + 100);
}

TEST_P(Queues, LargeTransfersAreWhole) {
    const auto pool = make_pool(GetParam());
    const auto queue = make_queue(pool, "cpu:0");
    const auto list = std::make_shared<AllocationList>();
    const std::size_t bytes = (std::size_t{20} << 20) + 12345;
    std::vector<unsigned char> source(bytes), result(bytes);
    for (std::size_t i = 0; i < bytes; ++i) source[i] = static_cast<unsigned char>(i * 7 + i / 251);
    const auto a = allocate_memory(list, bytes, 256, "cpu:0");
    const auto b = allocate_memory(list, bytes, 256, "cpu:0");
    queue->write(a, 0, source.data(), bytes);
    queue->fill(b, 0, 9, bytes);
    queue->copy(b, 0, a, 0, bytes - 5);
    queue->read(b, 0, result.data(), bytes);
    queue->synchronize();
    EXPECT_TRUE(std::equal(source.begin(), source.end() - 5, result.begin()));
    EXPECT_TRUE(std::all_of(result.end() - 5, result.end(), [](unsigned char c) { return c == 9; }));
}

TEST_P(Queues, WorkRunsWithoutAWaitingHost) {
    const auto pool = make_pool(GetParam());
    const auto queue = make_queue(pool, "cpu:0");
    std::atomic<int> flag{0};
    queue->launch(make_launch(plain(&sleep_and_set), {1}, {1}, &flag));
    EXPECT_EQ(flag.load(), 0);
    const auto event = queue->record();
    EXPECT_FALSE(event->ready());
    while (!event->ready()) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(flag.load(), 1);
}

TEST_P(Queues, EventsOrderQueues) {
    const auto pool = make_pool(GetParam());
    for (int round = 0; round < 5; ++round) {
        const auto first = make_queue(pool, "cpu:0"), second = make_queue(pool, "cpu:0");
        std::atomic<int> flag{0};
        std::uint32_t seen = 0;
        first->launch(make_launch(plain(&sleep_and_set), {1}, {1}, &flag));
        const auto event = first->record();
        second->wait(event);
        const auto look =
            plain(+[](const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint64_t, std::uint64_t) {
                *argument<std::uint32_t*>(launch, 1) =
                    static_cast<std::uint32_t>(argument<std::atomic<int>*>(launch, 0)->load()) + 10;
            });
        second->launch(make_launch(look, {1}, {1}, &flag, &seen));
        second->synchronize();
        EXPECT_EQ(seen, 11u);
        EXPECT_TRUE(event->ready());
    }
}

TEST_P(Queues, AnEventOutlivesItsQueue) {
    const auto pool = make_pool(GetParam());
    std::shared_ptr<hal::Event> start, end;
    std::atomic<int> flag{0};
    {
        const auto queue = make_queue(pool, "cpu:0");
        start = queue->record();
        queue->launch(make_launch(plain(&sleep_and_set), {1}, {1}, &flag));
        end = queue->record();
    }
    EXPECT_TRUE(end->ready());
    end->wait();
    EXPECT_GE(end->timestamp_ns() - start->timestamp_ns(), 20'000'000u);
}

TEST_P(Queues, AFailureStopsTheQueueUntilItIsAskedFor) {
    const auto pool = make_pool(GetParam());
    const auto queue = make_queue(pool, "cpu:0");
    const auto other = make_queue(pool, "cpu:0");
    std::vector<std::uint32_t> values(64);
    const auto before = queue->record();
    queue->launch(make_launch(plain(&fail_in_block_3), {10}, {32}));
    queue->launch(make_launch(plain(&increment), {1}, {64}, values.data()));
    const auto after = queue->record();
    other->wait(after);
    EXPECT_NO_THROW(before->wait());
    EXPECT_THROW(after->wait(), Error);
    EXPECT_THROW(other->synchronize(), Error);
    try {
        queue->synchronize();
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::launch_failed);
        EXPECT_STREQ(error.what(),
                     "cpu:0: launch of 'kernel' failed: the kernel executed a trap in block [3,0,0]");
    }
    EXPECT_EQ(values[0], 0u);
    queue->launch(make_launch(plain(&increment), {1}, {64}, values.data()));
    EXPECT_NO_THROW(queue->synchronize());
    EXPECT_EQ(values[0], 1u);
}

TEST_P(Queues, KernelsPrintInWholeLinesAtSynchronize) {
    testing::internal::CaptureStdout();
    {
        const auto pool = make_pool(GetParam());
        const auto queue = make_queue(pool, "cpu:0");
        queue->launch(make_launch(plain(&print_block), {500}, {32}));
        queue->synchronize();
    }
    const std::string text = testing::internal::GetCapturedStdout();
    std::vector<int> seen(500);
    std::size_t at = 0;
    while (at < text.size()) {
        int number = -1;
        ASSERT_EQ(std::sscanf(text.c_str() + at, "block %d\n", &number), 1);
        ASSERT_TRUE(number >= 0 && number < 500);
        ++seen[static_cast<std::size_t>(number)];
        at = text.find('\n', at) + 1;
    }
    for (const int count : seen) EXPECT_EQ(count, 1);
}

TEST_P(Queues, ManyQueuesFromManyThreads) {
    const auto pool = make_pool(GetParam());
    constexpr std::size_t hosts = 4, queues_each = 3, launches = 50;
    std::vector<std::thread> threads;
    threads.reserve(hosts);
    std::atomic<int> wrong{0};
    for (std::size_t host = 0; host < hosts; ++host)
        threads.emplace_back([&] {
            const auto kernel = plain(&increment);
            std::vector<std::vector<std::uint32_t>> values(queues_each, std::vector<std::uint32_t>(32 * 200));
            std::vector<std::unique_ptr<hal::Queue>> queues;
            queues.reserve(queues_each);
            for (std::size_t q = 0; q < queues_each; ++q) queues.push_back(make_queue(pool, "cpu:0"));
            for (std::size_t i = 0; i < launches; ++i) {
                for (std::size_t q = 0; q < queues_each; ++q)
                    queues[q]->launch(make_launch(kernel, {200}, {32}, values[q].data()));
                if (i % 10 == 0) queues[i % queues_each]->synchronize();
                queues[i % queues_each]->wait(queues[(i + 1) % queues_each]->record());
            }
            for (auto& queue : queues) queue->synchronize();
            for (const auto& each : values)
                for (const std::uint32_t value : each) wrong += value != launches ? 1 : 0;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong.load(), 0);
}

TEST_P(Queues, OneQueueFromManyThreads) {
    const auto pool = make_pool(GetParam());
    const auto queue = make_queue(pool, "cpu:0");
    const auto kernel = plain(&increment);
    std::vector<std::uint32_t> values(32 * 10);
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int host = 0; host < 4; ++host)
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) {
                queue->launch(make_launch(kernel, {10}, {32}, values.data()));
                if (i % 7 == 0) queue->synchronize();
                if (i % 11 == 0) queue->record()->wait();
            }
        });
    for (std::thread& thread : threads) thread.join();
    queue->synchronize();
    for (const std::uint32_t value : values) EXPECT_EQ(value, 400u);
}

TEST_P(Queues, BuffersAreFreeOnceTheQueueIsIdle) {
    const auto pool = make_pool(GetParam());
    const auto queue = make_queue(pool, "cpu:0");
    const auto list = std::make_shared<AllocationList>();
    for (int i = 0; i < 50; ++i) {
        auto memory = allocate_memory(list, 32 * 2000 * 4, 256, "cpu:0");
        hal::Launch launch = make_launch(plain(&increment), {2000}, {32}, memory->device_address());
        launch.allocations.push_back(std::move(memory));
        queue->launch(std::move(launch));
        queue->synchronize();
        EXPECT_EQ(list->bytes(), 0u);
    }
}

INSTANTIATE_TEST_SUITE_P(Threads, Queues, testing::Values(1u, 2u, 5u));

TEST(CpuBackend, DescribesItsDevices) {
    for (const bool scalar : {false, true}) {
        const auto backend = scalar ? make_scalar_backend() : make_cpu_backend();
        std::vector<std::shared_ptr<hal::Device>> devices;
        std::string reason;
        backend->enumerate(devices, reason);
        ASSERT_EQ(devices.size(), 1u) << reason;
        const DeviceInfo& info = devices[0]->info();
        EXPECT_EQ(info.id, scalar ? "scalar:0" : "cpu:0");
        EXPECT_EQ(info.backend, backend->name());
        EXPECT_EQ(info.kind, DeviceKind::cpu);
        EXPECT_EQ(info.limits.threads, 1024u);
        EXPECT_EQ(devices[0]->code_target().target, scalar ? "scalar" : "simd");
        EXPECT_FALSE(devices[0]->code_target().variants.empty());
        const auto queue = devices[0]->create_queue();
        const auto memory = devices[0]->allocate(100);
        std::array<unsigned char, 100> data{};
        queue->fill(memory, 0, 7, 100);
        queue->read(memory, 0, data.data(), 100);
        queue->synchronize();
        EXPECT_EQ(data[99], 7);
    }
}

}  // namespace
}  // namespace heddle::cpu
