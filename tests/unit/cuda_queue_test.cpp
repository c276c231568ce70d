// The CUDA backend against a stand-in for its driver: memory, launches, events, programs, and threads that
// use them at once.
#include <array>
#include <numeric>
#include <thread>

#include "backends/cuda/failure.h"
#include "unit/cuda_standin.h"

namespace heddle::cuda::testing {
namespace {

class CudaQueue : public CudaStandin {};

TEST_F(CudaQueue, RunsCommandsInOrderAndLeavesNothingBehind) {
    for (const bool has_pools : {true, false}) {
        control().has_pools = has_pools;
        {
            const auto queue = device().create_queue();
            const auto memory = upload(device(), *queue, {1, 2, 3, 4}), other = device().allocate(16);
            const auto scale = kernel("scale");
            queue->launch(launch_of(scale, memory, 10, {{2}, {2}, 0}));
            queue->copy(other, 4, memory, 0, 12);
            queue->fill(other, 0, 0xff, 4);
            queue->launch(launch_of(scale, memory, 0, {{1}, {4}, 0}));
            EXPECT_EQ(download(*queue, other), (std::vector<int>{-1, 10, 20, 30}));
            EXPECT_EQ(download(*queue, memory), std::vector<int>(4, 0));
        }
        EXPECT_EQ(control().calls(has_pools ? "cuMemAlloc_v2" : "cuMemAllocFromPoolAsync"), 0U);
        drop_devices();
        const standins::CudaObjects alive = control().alive();
        EXPECT_EQ(alive.streams, 0U);
        EXPECT_EQ(alive.events, 0U);
        EXPECT_EQ(alive.modules, 0U);
        EXPECT_EQ(alive.allocations, 0U);
        EXPECT_EQ(alive.host_allocations, 0U);
        EXPECT_EQ(alive.contexts, 0U);
        control().reset();
        SetUp();
    }
}

TEST_F(CudaQueue, MemoryIsFreedBehindTheWorkThatUsesIt) {
    control().kernels["slow"].run = [this](const CudaLaunch& launch) {
        control().wait_for_release();
        *reinterpret_cast<int*>(parameter<std::uint64_t>(launch, 0)) = 5;  // still there
        return 0;
    };
    const auto queue = device().create_queue();
    auto memory = device().allocate(64);
    const auto slow = kernel("slow");
    queue->launch(launch_of(slow, memory, 1, {{1}, {1}, 0}));
    memory.reset();
    EXPECT_EQ(control().alive().allocated_bytes, 64U);
    control().release();
    queue->synchronize();
    const auto next = device().allocate(4);  // waits for what is being freed
    EXPECT_EQ(control().alive().allocated_bytes, 4U);
}

TEST_F(CudaQueue, SharedMemoryBeyondTheUsualIsAskedFor) {
    const auto queue = device().create_queue();
    const auto memory = upload(device(), *queue, {1});
    const auto scale = kernel("scale");
    queue->launch(launch_of(scale, memory, 2, {{1}, {1}, 48 << 10}));
    EXPECT_EQ(control().calls("cuFuncSetAttribute"), 0U);
    queue->launch(launch_of(scale, memory, 2, {{1}, {1}, 100 << 10}));
    queue->launch(launch_of(scale, memory, 2, {{1}, {1}, 90 << 10}));
    EXPECT_EQ(control().calls("cuFuncSetAttribute"), 1U);
    EXPECT_EQ(download(*queue, memory), std::vector<int>{8});
}

TEST_F(CudaQueue, EventsAreReachedInOrderAndTellTheTime) {
    const auto first = device().create_queue(), second = device().create_queue();
    const auto memory = upload(device(), *first, {3});
    control().kernels["slow"].run = [this](const CudaLaunch&) {
        control().wait_for_release();
        return 0;
    };
    const auto slow = kernel("slow"), scale = kernel("scale");
    const auto start = first->record();
    start->wait();
    EXPECT_TRUE(start->ready());
    first->launch(launch_of(slow, memory, 1, {{1}, {1}, 0}));
    const auto end = first->record();
    second->wait(end);
    second->launch(launch_of(scale, memory, 7, {{1}, {1}, 0}));
    EXPECT_FALSE(end->ready());
    control().release();
    EXPECT_EQ(download(*second, memory), std::vector<int>{21});
    EXPECT_TRUE(end->ready());
    EXPECT_GE(end->timestamp_ns(), start->timestamp_ns());
}

TEST_F(CudaQueue, PinnedMemoryIsReadWhenTheCopyRuns) {
    const auto queue = device().create_queue();
    const auto memory = upload(device(), *queue, {1, 2});
    auto pinned = device().allocate_host(2 * sizeof(int));
    auto* values = static_cast<int*>(pinned->data());
    const auto endless = kernel("endless");
    queue->launch(launch_of(endless, memory, 1, {{1}, {1}, 0}));
    queue->write(memory, 0, values, 2 * sizeof(int));
    values[0] = 40;
    values[1] = 50;
    pinned.reset();  // the queue keeps it
    control().release();
    EXPECT_EQ(download(*queue, memory), (std::vector<int>{40, 50}));
}

TEST_F(CudaQueue, GlobalsAreThereForEveryModule) {
    Package package = package_of("scale");
    package.globals.bytes = 24;
    package.globals.initial.assign(24, std::byte{7});
    package.globals.relocations = {{8, 16}};
    const auto program = device().load(package, {});
    std::uint64_t seen = 0;
    control().kernels["scale"].run = [&](const CudaLaunch&) { return 0; };
    const auto scale =
        program->kernel(package.kernels[0], bytes_of("kernel scale\nglobal heddle_globals 8\n"));
    const auto queue = device().create_queue();
    std::vector<std::byte> bytes(24);
    queue->read(program->globals(), 0, bytes.data(), bytes.size());
    queue->synchronize();
    EXPECT_EQ(bytes[0], std::byte{7});
    std::memcpy(&seen, bytes.data() + 8, sizeof seen);
    EXPECT_EQ(seen, program->globals()->device_address() + 16);
    package.globals.relocations = {{20, 0}};
    expect_error(ErrorCode::corrupt_package, {"probe.cu", "byte 20 of 24"},
                 [&] { device().load(package, {}); });
}

TEST_F(CudaQueue, AFailedAssertionStopsTheQueueUntilItIsHeard) {
    const std::string text = "x > 0";
    Package package = package_of("check");
    package.globals.bytes = 64;
    package.globals.initial.resize(64);
    std::memcpy(package.globals.initial.data(), text.c_str(), text.size() + 1);
    std::memcpy(package.globals.initial.data() + 16, "probe.cu", 9);
    std::memcpy(package.globals.initial.data() + 32, "check", 6);
    const auto program = device().load(package, bytes_of("kernel check\nglobal heddle_fails_check 1\n"));
    const std::uint64_t base = program->globals()->device_address();
    control().kernels["check"].run = [base](const CudaLaunch& launch) {
        // The address of the record is one more parameter, aligned.
        auto* record = reinterpret_cast<FailureRecord*>(parameter<std::uint64_t>(launch, 16));
        *record = {2,         static_cast<std::uint32_t>(parameter<int>(launch, 8)),
                   base,      base,
                   base + 16, base + 32,
                   77,        {1, 2, 3},
                   {4, 5, 6}};
        return 0;
    };
    const auto check = program->kernel(package.kernels[0], {}), scale = kernel("scale");
    const auto queue = device().create_queue();
    const auto memory = upload(device(), *queue, {3});
    queue->launch(launch_of(check, memory, 1, {{1}, {1}, 0}));
    queue->launch(launch_of(scale, memory, 100, {{1}, {1}, 0}));  // dropped
    const auto event = queue->record();
    const std::vector<std::string> parts = {
        "cuda:0", "launch of 'check'",
        "probe.cu:77: check: block: [1,2,3], thread: [4,5,6] Assertion `x > 0` "
        "failed."};
    expect_error(ErrorCode::launch_failed, parts, [&] { event->wait(); });
    const auto second = device().create_queue();
    second->wait(event);  // what waits for it has failed too
    expect_error(ErrorCode::launch_failed, parts, [&] { second->synchronize(); });
    expect_error(ErrorCode::launch_failed, parts, [&] { queue->synchronize(); });
    queue->synchronize();
    queue->launch(launch_of(scale, memory, 2, {{1}, {1}, 0}));
    EXPECT_EQ(download(*queue, memory), std::vector<int>{6});
    queue->launch(launch_of(check, memory, 2, {{1}, {1}, 0}));
    expect_error(ErrorCode::launch_failed, {"the kernel executed a trap in block [1,2,3]"},
                 [&] { queue->synchronize(); });
}

TEST_F(CudaQueue, ThreadsUseOneDeviceAtOnce) {
    const auto scale = kernel("scale");
    std::vector<std::thread> threads;
    std::array<std::vector<int>, 4> results;
    for (std::size_t k = 0; k < results.size(); ++k)
        threads.emplace_back([&, k] {
            const auto queue = device().create_queue();
            for (int round = 0; round < 20; ++round) {
                const auto memory = upload(device(), *queue, {static_cast<int>(k), round});
                const auto pinned = device().allocate_host(2 * sizeof(int));
                queue->launch(launch_of(scale, memory, 3, {{1}, {2}, 0}));
                const auto event = queue->record();
                queue->read(memory, 0, pinned->data(), 2 * sizeof(int));
                queue->synchronize();
                event->wait();
                const int* got = static_cast<const int*>(pinned->data());
                results[k].insert(results[k].end(), got, got + 2);
                (void)event->timestamp_ns();
            }
        });
    for (std::thread& thread : threads) thread.join();
    for (std::size_t k = 0; k < results.size(); ++k)
        for (int round = 0; round < 20; ++round) {
            EXPECT_EQ(results[k][2 * static_cast<std::size_t>(round)], 3 * static_cast<int>(k));
            EXPECT_EQ(results[k][2 * static_cast<std::size_t>(round) + 1], 3 * round);
        }
}

class CudaPeers : public CudaStandin {
  protected:
    void SetUp() override {
        CudaStandin::SetUp();
        control().device_count = 2;
    }
    /// Copies 3 values of the first device's memory into the second's; whether that was taken.
    bool copy(std::vector<int>& got) {
        const auto first = devices().at(0)->create_queue(), second = devices().at(1)->create_queue();
        const auto source = upload(*devices()[0], *first, {1, 2, 3, 4});
        const auto destination = upload(*devices()[1], *second, {0, 0, 0, 0});
        first->synchronize();
        const bool is_taken = second->copy_from_peer(destination, 0, source, 4, 12);
        got = download(*second, destination);
        return is_taken;
    }
};

TEST_F(CudaPeers, CopyDirectly) {
    control().has_peers = true;
    for (const bool has_pools : {true, false}) {
        drop_devices();
        control().has_pools = has_pools;
        std::vector<int> got;
        EXPECT_TRUE(copy(got));
        EXPECT_EQ(got, (std::vector<int>{2, 3, 4, 0}));
    }
    EXPECT_EQ(control().calls("cuMemPoolSetAccess"), 1U);
    EXPECT_EQ(control().calls("cuCtxEnablePeerAccess"), 1U);
    EXPECT_EQ(control().calls("cuMemcpyPeerAsync"), 2U);
}

TEST_F(CudaPeers, ThatDoNotReachEachOtherSaySo) {
    std::vector<int> got;
    EXPECT_FALSE(copy(got));
    EXPECT_EQ(got, (std::vector<int>{0, 0, 0, 0}));
    drop_devices();
    control().has_peers = true;
    control().fail("cuMemPoolSetAccess", 801);
    EXPECT_FALSE(copy(got));
}

TEST_F(CudaPeers, MemoryOfOnesOwnIsNoPeers) {
    control().has_peers = true;
    const auto queue = device().create_queue();
    const auto source = upload(device(), *queue, {1, 2}), destination = upload(device(), *queue, {0, 0});
    EXPECT_FALSE(queue->copy_from_peer(destination, 0, source, 0, 8));
}

}  // namespace
}  // namespace heddle::cuda::testing
