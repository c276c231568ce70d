// --check with instrumented kernels written by hand: every kind of finding with its words, and silence about
// correct kernels.
#include "backends/cpu/check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backends/cpu/execution.h"
#include "backends/cpu/memory.h"
#include "cpu_kernels.h"

namespace heddle::cpu {
namespace {

using namespace testing_kernels;

// --------------------------------------------------------------------------------------------------

/// What an instrumented thread does: accesses, and barriers (a null address).
struct CheckedAccess {
    std::uintptr_t address;
    std::uint32_t bytes, kind;
    const char* location;
};
using Script = std::vector<CheckedAccess> (*)(const heddle_cpu_launch* launch, heddle_cpu_block* block,
                                              std::uint32_t thread);

struct CheckedThread {
    heddle_cpu_block* block;
    std::uint32_t thread;
    std::size_t next = 0;
    static CheckedThread begin(const heddle_cpu_launch*, heddle_cpu_block* block, std::uint32_t thread) {
        return {block, thread};
    }
    std::uint32_t step(std::uint32_t) {
        const std::vector<CheckedAccess> accesses =
            argument<Script>(block->launch, 1)(block->launch, block, thread);
        while (next < accesses.size()) {
            const CheckedAccess& access = accesses[next++];
            if (access.address == 0) {
                heddle_check_barrier(block->launch, block, thread, access.location);
                return HEDDLE_OP_BARRIER;
            }
            heddle_check_access(block->launch, block, thread, reinterpret_cast<const void*>(access.address),
                                access.bytes, access.kind, access.location);
        }
        return HEDDLE_REGION_ENDED;
    }
};

/// Runs `script` under --check with one buffer 'y' of 4096 bytes, and gives the findings.
std::string check(Script script, std::uint32_t blocks, std::uint32_t threads, std::size_t shared = 0) {
    Runner runner({blocks, 1, 1}, {threads, 1, 1}, shared);
    const auto list = std::make_shared<AllocationList>();
    const auto buffer = allocate_memory(list, 4096, 256, "scalar:0");
    const auto neighbour = allocate_memory(list, 4096, 256, "scalar:0");
    runner.arguments = {buffer->device_address(), reinterpret_cast<std::uint64_t>(script)};
    runner.launch.arguments = reinterpret_cast<const unsigned char*>(runner.arguments.data());
    const auto kernel = make_kernel(nullptr, 0, 0, {"y"});
    Checker checker(kernel->info(), runner.launch, 16, list->snapshot(), {}, nullptr);
    runner.services.set_checker(&checker);
    runner.run_units<CheckedThread>(HEDDLE_KERNEL_SCALAR | HEDDLE_KERNEL_CHECKED);
    EXPECT_EQ(runner.services.failure(), "");
    return checker.findings();
}

std::uintptr_t y(const heddle_cpu_launch* launch) {
    return argument<std::uint64_t>(launch, 0);
}
std::uintptr_t shared_memory(const heddle_cpu_block* block) {
    return reinterpret_cast<std::uintptr_t>(block->shared);
}

TEST(Check, FindsAccessesOutOfBounds) {
    EXPECT_EQ(
        check(
            [](const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t thread) {
                const std::uint64_t i = block->index[0] * 32 + thread;
                return std::vector<CheckedAccess>{{y(launch) + i * 32, 4, access_write, "saxpy.cu:7:5"}};
            },
            5, 32),
        "saxpy.cu:7:5: write of 4 bytes at y+4096 is out of bounds (buffer of 4096 bytes), block (4,0,0) "
        "thread "
        "(0,0,0)");
    EXPECT_EQ(check(
                  [](const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint32_t) {
                      return std::vector<CheckedAccess>{{y(launch) - 4, 4, access_read, "a.cu:1:1"}};
                  },
                  1, 1),
              "a.cu:1:1: read of 4 bytes at y-4 is out of bounds (buffer of 4096 bytes), block (0,0,0) "
              "thread (0,0,0)");
    EXPECT_EQ(
        check([](const heddle_cpu_launch*, heddle_cpu_block*,
                 std::uint32_t) { return std::vector<CheckedAccess>{{8, 4, access_read, "a.cu:1:1"}}; },
              1, 1),
        "a.cu:1:1: read of 4 bytes at 0x8 is out of bounds (a null pointer), block (0,0,0) thread (0,0,0)");
    EXPECT_EQ(
        check(
            [](const heddle_cpu_launch*, heddle_cpu_block* block, std::uint32_t) {
                return std::vector<CheckedAccess>{{shared_memory(block) + 64, 4, access_write, "a.cu:1:1"}};
            },
            1, 1, 64),
        "a.cu:1:1: write of 4 bytes at shared+64 is out of bounds (shared memory of 64 bytes), block (0,0,0) "
        "thread (0,0,0)");
}

TEST(Check, AcceptsCorrectKernels) {
    // Each thread writes shared memory, passes a barrier, reads its neighbour's value and writes its own
    // element.
    EXPECT_EQ(check(
                  [](const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t thread) {
                      return std::vector<CheckedAccess>{
                          {shared_memory(block) + thread * 4, 4, access_write, "a.cu:1:1"},
                          {0, 0, 0, "a.cu:2:1"},
                          {shared_memory(block) + (thread + 1) % 64 * 4, 4, access_read, "a.cu:3:1"},
                          {y(launch) + (block->index[0] * 64 + thread) * 4, 4, access_write, "a.cu:4:1"},
                          {y(launch), 4, access_read, "a.cu:5:1"}};
                  },
                  1, 64, 256)
                  .find("shared"),
              std::string::npos);
    EXPECT_EQ(check(
                  [](const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint32_t) {
                      return std::vector<CheckedAccess>{{y(launch), 4, access_atomic, "a.cu:1:1"}};
                  },
                  4, 64),
              "");
    // A lock built from atomics orders what it guards.
    EXPECT_EQ(check(
                  [](const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint32_t) {
                      return std::vector<CheckedAccess>{{y(launch), 4, access_atomic, "a.cu:1:1"},
                                                        {y(launch) + 4, 4, access_read, "a.cu:2:1"},
                                                        {y(launch) + 4, 4, access_write, "a.cu:2:1"},
                                                        {y(launch), 4, access_atomic, "a.cu:3:1"}};
                  },
                  4, 64),
              "");
}

TEST(Check, FindsUninitialisedSharedMemory) {
    EXPECT_EQ(
        check(
            [](const heddle_cpu_launch*, heddle_cpu_block* block, std::uint32_t) {
                return std::vector<CheckedAccess>{{shared_memory(block), 4, access_write, "a.cu:1:1"},
                                                  {shared_memory(block), 8, access_read, "a.cu:2:1"}};
            },
            2, 1, 64),
        "a.cu:2:1: read of 8 bytes of uninitialised shared memory at shared+0, block (0,0,0) thread (0,0,0)");
}

TEST(Check, FindsRacesWithinABlock) {
    EXPECT_EQ(check(
                  [](const heddle_cpu_launch*, heddle_cpu_block* block, std::uint32_t thread) {
                      return std::vector<CheckedAccess>{
                          {shared_memory(block) + thread * 4, 4, access_write, "a.cu:1:1"},
                          {shared_memory(block) + (thread ^ 1) * 4, 4, access_read, "a.cu:2:1"}};
                  },
                  1, 2, 64)
                  .substr(0, 20),
              "a.cu:2:1: read of 4 ");  // thread 0 reads what thread 1 has not written yet
    EXPECT_EQ(
        check(
            [](const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint32_t) {
                return std::vector<CheckedAccess>{{y(launch) + 16, 4, access_write, "a.cu:1:1"}};
            },
            1, 64),
        "a.cu:1:1: data race on global memory at y+16: write by block (0,0,0) thread (1,0,0), and write at "
        "a.cu:1:1 by block (0,0,0) thread (0,0,0), with no barrier between them");
    // Single bytes of one word belong to different threads.
    EXPECT_EQ(check(
                  [](const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint32_t thread) {
                      return std::vector<CheckedAccess>{{y(launch) + thread, 1, access_write, "a.cu:1:1"}};
                  },
                  1, 64),
              "");
}

TEST(Check, FindsRacesBetweenBlocks) {
    EXPECT_EQ(
        check(
            [](const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t) {
                return std::vector<CheckedAccess>{
                    {y(launch), 4, block->index[0] == 0 ? access_write : access_read, "a.cu:1:1"}};
            },
            2, 1),
        "a.cu:1:1: data race on global memory at y+0: read by block (1,0,0) thread (0,0,0), and write at "
        "a.cu:1:1 by block (0,0,0) thread (0,0,0), with nothing that orders them");
}

TEST(Check, FindsBarrierDivergence) {
    EXPECT_EQ(
        check(
            [](const heddle_cpu_launch*, heddle_cpu_block*, std::uint32_t thread) {
                return std::vector<CheckedAccess>{{0, 0, 0, thread < 30 ? "a.cu:1:1" : "a.cu:2:1"}};
            },
            1, 32),
        "a.cu:1:1: barrier divergence: 30 threads of the block wait here, and block (0,0,0) thread (30,0,0) "
        "waits at a.cu:2:1");
    EXPECT_EQ(check(
                  [](const heddle_cpu_launch*, heddle_cpu_block*, std::uint32_t thread) {
                      std::vector<CheckedAccess> accesses;
                      if (thread < 30) accesses.push_back({0, 0, 0, "a.cu:1:1"});
                      return accesses;
                  },
                  1, 32),
              "a.cu:1:1: barrier divergence: 30 threads of the block wait here, and 2 have ended without "
              "reaching it, "
              "the first block (0,0,0) thread (30,0,0)");
}

}  // namespace
}  // namespace heddle::cpu
