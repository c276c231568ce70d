// Block execution with kernels written by hand: warps in rounds, barriers, every warp operation of the scalar
// scheduler, hangs, assertions, and the findings of --check.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "backends/cpu/check.h"
#include "backends/cpu/execution.h"
#include "backends/cpu/memory.h"
#include "backends/cpu/print.h"
#include "backends/cpu/services.h"
#include "cpu_kernels.h"

namespace heddle::cpu {
namespace {

using namespace testing_kernels;

/// One launch run on this thread alone.
class Runner {
  public:
    Runner(std::array<std::uint32_t, 3> grid, std::array<std::uint32_t, 3> block, std::size_t shared = 0)
        : heap_(1 << 20), output_(stdout), services(&heap_, &output_), shared_(shared) {
        std::copy(grid.begin(), grid.end(), launch.grid);
        std::copy(block.begin(), block.end(), launch.block);
        launch.threads = block[0] * block[1] * block[2];
        launch.services = &services;
    }
    void run(void* entry, std::uint32_t flags) {
        launch.arguments = reinterpret_cast<const unsigned char*>(arguments.data());
        Scratch& scratch = Scratch::of_this_thread();
        scratch.prepare(launch, shared_);
        const heddle_cpu_kernel kernel{"kernel", entry, 1, flags};
        run_blocks(kernel, launch, scratch, 0,
                   static_cast<std::uint64_t>(launch.grid[0]) * launch.grid[1] * launch.grid[2]);
    }
    void run_scalar(heddle_cpu_start start) {
        run(reinterpret_cast<void*>(start), HEDDLE_KERNEL_SUSPENDS | HEDDLE_KERNEL_SCALAR);
    }

  private:
    Heap heap_;
    PrintBuffer output_;

  public:
    heddle_cpu_launch launch{};
    LaunchServices services;
    std::vector<std::uint64_t> arguments;

  private:
    std::size_t shared_;
};

TEST(Blocks, PlainKernelsGetWholeRanges) {
    Runner runner({5, 3, 2}, {32, 1, 1});
    std::array<std::uint64_t, 2> range{};
    runner.arguments = {reinterpret_cast<std::uint64_t>(&range)};
    const heddle_cpu_plain entry = [](const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint64_t first,
                                      std::uint64_t last) {
        *argument<std::array<std::uint64_t, 2>*>(launch, 0) = {first, last};
    };
    runner.run(reinterpret_cast<void*>(entry), 0);
    EXPECT_EQ(range[0], 0u);
    EXPECT_EQ(range[1], 30u);
}

// A warp that adds its number to a counter, passes a barrier, and checks that all had done so; as many times
// as its block's index says.
struct BarrierWarp {
    heddle_cpu_block* block;
    std::uint32_t* counters;
    std::uint32_t* wrong;
    std::uint32_t warp, warps, threads, rounds, round = 0;
    bool step() {
        std::uint32_t& counter = counters[linear(*block->launch, *block)];
        if (round != 0) {
            if (counter < round * warps) ++*wrong;
            if (block->barrier_result_threads != threads) ++*wrong;
            if (block->barrier_result != threads / 2) ++*wrong;
        }
        if (round++ == rounds) return false;
        ++counter;
        const std::uint32_t lanes = std::min(threads - warp * 32, 32u);
        block->barrier_threads += lanes;
        block->barrier_count += lanes / 2;
        return true;
    }
};

TEST(Blocks, WarpsMeetAtBarriers) {
    for (const std::uint32_t threads : {32u, 64u, 1024u}) {
        Runner runner({3, 2, 2}, {threads, 1, 1});
        std::vector<std::uint32_t> counters(12);
        std::uint32_t wrong = 0;
        runner.arguments = {reinterpret_cast<std::uint64_t>(counters.data()),
                            reinterpret_cast<std::uint64_t>(&wrong)};
        const heddle_cpu_start start = [](const heddle_cpu_launch* launch, heddle_cpu_block* block,
                                          std::uint32_t warp) {
            const auto rounds = static_cast<std::uint32_t>(linear(*launch, *block));
            return Frame<BarrierWarp>::start(
                block, {block, argument<std::uint32_t*>(launch, 0), argument<std::uint32_t*>(launch, 1), warp,
                        (launch->threads + 31) / 32, launch->threads, rounds});
        };
        runner.run(reinterpret_cast<void*>(start), HEDDLE_KERNEL_SUSPENDS);
        EXPECT_EQ(wrong, 0u);
        for (std::uint32_t i = 0; i < counters.size(); ++i) EXPECT_EQ(counters[i], i * ((threads + 31) / 32));
    }
}

// One warp yields several times before it arrives at the barrier where the others wait.
struct YieldingWarp {
    heddle_cpu_block* block;
    std::uint32_t* order;
    std::uint32_t warp, turn = 0;
    bool step() {
        const std::uint32_t yields = warp == 1 ? 3 : 0;
        if (turn < yields) {
            ++turn;
            return true;
        }
        if (turn == yields) {
            ++turn;
            ++*order;
            block->barrier_threads += 32;
            return true;
        }
        if (*order != 4) *order = 1000;
        return false;
    }
};

TEST(Blocks, AWarpThatYieldsDoesNotOpenTheBarrier) {
    Runner runner({1, 1, 1}, {128, 1, 1});
    std::uint32_t order = 0;
    runner.arguments = {reinterpret_cast<std::uint64_t>(&order)};
    const heddle_cpu_start start = [](const heddle_cpu_launch* launch, heddle_cpu_block* block,
                                      std::uint32_t warp) {
        return Frame<YieldingWarp>::start(block, {block, argument<std::uint32_t*>(launch, 0), warp});
    };
    runner.run(reinterpret_cast<void*>(start), HEDDLE_KERNEL_SUSPENDS);
    EXPECT_EQ(order, 4u);
}

TEST(Blocks, TheArenaGrowsAndIsReused) {
    Runner runner({50, 1, 1}, {1024, 1, 1});
    struct Large {
        heddle_cpu_block* block;
        std::array<unsigned char, 20000> local{};
        int turn = 0;
        bool step() {
            block->barrier_threads += turn == 0 ? 32 : 0;
            return turn++ == 0;
        }
    };
    const heddle_cpu_start start = [](const heddle_cpu_launch*, heddle_cpu_block* block, std::uint32_t) {
        return Frame<Large>::start(block, Large{block});
    };
    runner.run(reinterpret_cast<void*>(start), HEDDLE_KERNEL_SUSPENDS);
    EXPECT_FALSE(runner.services.stopped());
}

// --- scalar
// ---------------------------------------------------------------------------------------------------

/// A lane that asks one warp operation and stores the answer.
struct AskingLane {
    heddle_cpu_block* block;
    std::uint64_t* results;
    std::uint32_t thread;
    heddle_cpu_lane question;
    int turn = 0;
    bool step() {
        heddle_cpu_lane& lane = block->lanes[thread];
        if (turn++ == 0) {
            lane = question;
            return true;
        }
        results[thread] = lane.result;
        return false;
    }
};

using Question = heddle_cpu_lane (*)(std::uint32_t thread);

/// Runs one operation in each of `threads` lanes and gives the results.
std::vector<std::uint64_t> ask(std::uint32_t threads, Question question, std::string* failure = nullptr) {
    Runner runner({1, 1, 1}, {threads, 1, 1});
    std::vector<std::uint64_t> results(threads, 0xdead);
    runner.arguments = {reinterpret_cast<std::uint64_t>(results.data()),
                        reinterpret_cast<std::uint64_t>(question)};
    runner.run_scalar([](const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t thread) {
        return Frame<AskingLane>::start(block, {block, argument<std::uint64_t*>(launch, 0), thread,
                                                argument<Question>(launch, 1)(thread)});
    });
    if (failure != nullptr)
        *failure = runner.services.failure();
    else
        EXPECT_EQ(runner.services.failure(), "");
    return results;
}

heddle_cpu_lane shuffle(std::uint32_t operation, std::uint32_t thread, std::uint32_t operand,
                        std::uint32_t width, std::uint32_t mask = 0xffffffff) {
    return {operation, mask, std::uint64_t{100} + thread, operand, width, 0, 0, 0};
}

TEST(Scalar, ShuffleIndex) {
    auto results = ask(64, [](std::uint32_t t) { return shuffle(HEDDLE_OP_SHUFFLE_INDEX, t, 5, 32); });
    for (std::uint32_t t = 0; t < 64; ++t) EXPECT_EQ(results[t], 100u + t / 32 * 32 + 5);
    results =
        ask(32, [](std::uint32_t t) { return shuffle(HEDDLE_OP_SHUFFLE_INDEX, t, 11, 8); });  // 11 mod 8
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], 100u + t / 8 * 8 + 3);
    results = ask(32, [](std::uint32_t t) { return shuffle(HEDDLE_OP_SHUFFLE_INDEX, t, 31 - t, 32); });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], 100u + 31 - t);
}

TEST(Scalar, ShuffleUpAndDownKeepTheirOwnValueAtTheEdge) {
    auto results = ask(32, [](std::uint32_t t) { return shuffle(HEDDLE_OP_SHUFFLE_UP, t, 3, 16); });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], 100u + (t % 16 >= 3 ? t - 3 : t));
    results = ask(32, [](std::uint32_t t) { return shuffle(HEDDLE_OP_SHUFFLE_DOWN, t, 3, 16); });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], 100u + (t % 16 + 3 < 16 ? t + 3 : t));
}

TEST(Scalar, ShuffleXorMayReachEarlierSegmentsOnly) {
    auto results = ask(32, [](std::uint32_t t) { return shuffle(HEDDLE_OP_SHUFFLE_XOR, t, 1, 32); });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], 100u + (t ^ 1));
    results = ask(32, [](std::uint32_t t) { return shuffle(HEDDLE_OP_SHUFFLE_XOR, t, 8, 8); });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], 100u + ((t ^ 8) < t ? t ^ 8 : t));
}

TEST(Scalar, SixtyFourBitValuesPassWhole) {
    const auto results = ask(32, [](std::uint32_t t) {
        heddle_cpu_lane lane = shuffle(HEDDLE_OP_SHUFFLE_XOR, t, 16, 32);
        lane.value = (std::uint64_t{t} << 40) | 7;
        return lane;
    });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], (std::uint64_t{t ^ 16} << 40) | 7);
}

TEST(Scalar, BallotOfAFullAndOfAPartialWarp) {
    auto results = ask(48, [](std::uint32_t t) {
        return heddle_cpu_lane{HEDDLE_OP_BALLOT, 0xffffffff, t % 3 == 0 ? 1u : 0u, 0, 0, 0, 0, 0};
    });
    std::uint32_t first = 0, second = 0;
    for (std::uint32_t t = 0; t < 32; ++t) first |= t % 3 == 0 ? 1u << t : 0;
    for (std::uint32_t t = 32; t < 48; ++t) second |= t % 3 == 0 ? 1u << (t - 32) : 0;
    for (std::uint32_t t = 0; t < 48; ++t) EXPECT_EQ(results[t], t < 32 ? first : second);
}

TEST(Scalar, DisjointMasksAreSeparateOperations) {
    const auto results = ask(32, [](std::uint32_t t) {
        return heddle_cpu_lane{
            HEDDLE_OP_REDUCE_ADD, t % 2 == 0 ? 0x55555555u : 0xaaaaaaaau, t, 0, 0, 0, 0, 0};
    });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], t % 2 == 0 ? 240u : 256u);
}

TEST(Scalar, Reductions) {
    const auto reduce = [](std::uint32_t operation) {
        static std::uint32_t current;
        current = operation;
        return ask(32, [](std::uint32_t t) {
            const auto value = static_cast<std::uint32_t>(static_cast<std::int32_t>(t) - 10);
            return heddle_cpu_lane{current, 0xffffffff, value, 0, 0, 0, 0, 0};
        })[7];
    };
    EXPECT_EQ(reduce(HEDDLE_OP_REDUCE_ADD), 176u);
    EXPECT_EQ(reduce(HEDDLE_OP_REDUCE_MIN), 0xfffffff6u);
    EXPECT_EQ(reduce(HEDDLE_OP_REDUCE_MAX), 21u);
    EXPECT_EQ(reduce(HEDDLE_OP_REDUCE_UMIN), 0u);
    EXPECT_EQ(reduce(HEDDLE_OP_REDUCE_UMAX), 0xffffffffu);
    EXPECT_EQ(reduce(HEDDLE_OP_REDUCE_AND), 0u);
    EXPECT_EQ(reduce(HEDDLE_OP_REDUCE_OR), 0xffffffffu);
    std::uint32_t parity = 0;
    for (std::int32_t t = -10; t < 22; ++t) parity ^= static_cast<std::uint32_t>(t);
    EXPECT_EQ(reduce(HEDDLE_OP_REDUCE_XOR), parity);
}

TEST(Scalar, Match) {
    auto results = ask(32, [](std::uint32_t t) {
        return heddle_cpu_lane{HEDDLE_OP_MATCH_ANY, 0xffffffff, t % 4, 0, 0, 0, 0, 0};
    });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], 0x11111111u << (t % 4));
    results = ask(32, [](std::uint32_t t) {
        return heddle_cpu_lane{
            HEDDLE_OP_MATCH_ALL, t < 8 ? 0xffu : 0xffffff00u, t < 8 ? 3u : t, 0, 0, 0, 0, 0};
    });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], t < 8 ? 0xffu : 0u);
}

TEST(Scalar, ActiveMaskGroupsLanesByPlace) {
    const auto results = ask(32, [](std::uint32_t t) {
        return heddle_cpu_lane{HEDDLE_OP_ACTIVE_MASK, 0, 0, 0, 0, 0, t < 20 ? 1u : 2u, 0};
    });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], t < 20 ? 0x000fffffu : 0xfff00000u);
}

TEST(Scalar, BarrierCountsVotes) {
    const auto results = ask(100, [](std::uint32_t t) {
        return heddle_cpu_lane{HEDDLE_OP_BARRIER, 0, t < 70 ? 1u : 0u, 0, 0, 0, 0, 0};
    });
    for (const std::uint64_t result : results) EXPECT_EQ(result, 70u | (std::uint64_t{100} << 32));
}

TEST(Scalar, AHangNamesWhatTheThreadsWaitFor) {
    std::string failure;
    ask(
        32,
        [](std::uint32_t t) {
            return t == 3 ? heddle_cpu_lane{HEDDLE_OP_BARRIER, 0, 0, 0, 0, 0, 0, 0}
                          : shuffle(HEDDLE_OP_SHUFFLE_DOWN, t, 1, 32);
        },
        &failure);
    EXPECT_NE(
        failure.find("block (0,0,0) hangs: thread (0,0,0) waits at __shfl_down_sync with mask 0xffffffff for "
                     "thread (3,0,0), which waits at __syncthreads"),
        std::string::npos)
        << failure;
}

TEST(Scalar, LanesThatEndedAreNotWaitedFor) {
    Runner runner({1, 1, 1}, {32, 1, 1});
    std::vector<std::uint64_t> results(32, 0xdead);
    runner.arguments = {reinterpret_cast<std::uint64_t>(results.data())};
    runner.run_scalar(
        [](const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t thread) -> void* {
            if (thread >= 16) return nullptr;
            return Frame<AskingLane>::start(
                block, {block, argument<std::uint64_t*>(launch, 0), thread,
                        heddle_cpu_lane{HEDDLE_OP_REDUCE_ADD, 0xffffffff, 1, 0, 0, 0, 0, 0}});
        });
    EXPECT_EQ(runner.services.failure(), "");
    for (std::uint32_t t = 0; t < 16; ++t) EXPECT_EQ(results[t], 16u);
}

/// The last steps of a sum in shared memory as old code writes it: no barrier, only lockstep, here as yields
/// before each access: read the partner's value and one's own, then write the sum.
struct LockstepLane {
    heddle_cpu_block* block;
    std::uint32_t thread;
    std::uint32_t distance = 16, turn = 0, mine = 0, other = 0;
    bool step() {
        auto* const values = reinterpret_cast<std::uint32_t*>(block->shared);
        for (;;) {
            switch (turn++ % 4) {
                case 0:
                    if (distance == 0) return false;
                    break;
                case 1:
                    other = values[thread + distance];
                    break;
                case 2:
                    mine = values[thread];
                    break;
                default:
                    values[thread] = mine + other;
                    distance /= 2;
                    continue;
            }
            block->lanes[thread].operation = HEDDLE_OP_YIELD;
            return true;
        }
    }
};

TEST(Scalar, YieldsGiveLockstep) {
    Runner runner({1, 1, 1}, {32, 1, 1}, 64 * 4);
    std::uint32_t sum = 0;
    runner.arguments = {reinterpret_cast<std::uint64_t>(&sum)};
    runner.run_scalar([](const heddle_cpu_launch*, heddle_cpu_block* block, std::uint32_t thread) {
        auto* const values = reinterpret_cast<std::uint32_t*>(block->shared);
        values[thread] = thread + 1;
        values[thread + 32] = 0;
        return Frame<LockstepLane>::start(block, {block, thread});
    });
    EXPECT_EQ(*reinterpret_cast<std::uint32_t*>(Scratch::of_this_thread().block().shared), 528u);
}

/// Lane 1 of warp 0 spins until the last thread of the block has set a flag.
struct SpinningLane {
    heddle_cpu_block* block;
    volatile std::uint32_t* flag;
    std::uint32_t thread;
    int turns = 0;
    bool step() {
        if (thread == block->launch->threads - 1 && turns++ == 3) *flag = 1;
        if (*flag != 0) return false;
        block->lanes[thread].operation = HEDDLE_OP_YIELD;
        return true;
    }
};

TEST(Scalar, SpinningThreadsLetOtherWarpsRun) {
    Runner runner({1, 1, 1}, {256, 1, 1});
    std::uint32_t flag = 0;
    runner.arguments = {reinterpret_cast<std::uint64_t>(&flag)};
    runner.run_scalar([](const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t thread) {
        return Frame<SpinningLane>::start(block,
                                          {block, argument<volatile std::uint32_t*>(launch, 0), thread});
    });
    EXPECT_EQ(flag, 1u);
    EXPECT_FALSE(runner.services.stopped());
}

// --- services
// -------------------------------------------------------------------------------------------------

TEST(Services, AssertionsAndTrapsFailTheLaunch) {
    Runner runner({4, 1, 1}, {32, 1, 1});
    const heddle_cpu_plain entry = [](const heddle_cpu_launch* launch, heddle_cpu_block* block,
                                      std::uint64_t first, std::uint64_t) {
        block->index[0] = static_cast<std::uint32_t>(first) + 2;
        using Fail = void (*)(const heddle_cpu_launch*, const heddle_cpu_block*, const char*, const char*,
                              std::uint32_t, const char*, std::uint32_t, std::uint32_t, std::uint32_t);
        reinterpret_cast<Fail>(find_import("heddle_assert_fail"))(launch, block, "n > 0", "a.cu", 12,
                                                                  "void f(int)", 3, 0, 0);
        using Trap = void (*)(const heddle_cpu_launch*, const heddle_cpu_block*);
        reinterpret_cast<Trap>(find_import("heddle_trap"))(launch, block);
    };
    runner.run(reinterpret_cast<void*>(entry), 0);
    EXPECT_TRUE(runner.services.stopped());
    EXPECT_EQ(runner.services.failure(),
              "a.cu:12: void f(int): block: [2,0,0], thread: [3,0,0] Assertion `n > 0` failed.");
}

template <class... T>
std::string formatted(const char* format, std::int32_t expected, const T&... values) {
    std::vector<unsigned char> packed(256);
    std::size_t at = 0;
    const auto put = [&](const auto& value) {
        at = (at + sizeof value - 1) / sizeof value * sizeof value;
        std::memcpy(packed.data() + at, &value, sizeof value);
        at += sizeof value;
    };
    (put(values), ...);
    std::int32_t count = 0;
    const std::string text = format_device_text(format, packed.data(), count);
    EXPECT_EQ(count, expected) << format;
    return text;
}

TEST(Services, PrintfFormatsAsCDoes) {
    EXPECT_EQ(formatted("plain 100%%\n", 0), "plain 100%\n");
    EXPECT_EQ(formatted("%d|%5d|%-5d|%05d|%+d", 5, 1, 2, 3, 4, 5), "1|    2|3    |00004|+5");
    EXPECT_EQ(formatted("%u %x %#X %o", 4, 1u, 255u, 255u, 8u), "1 ff 0XFF 10");
    EXPECT_EQ(formatted("%ld %lld %zu %llx", 4, -1L, -2LL, std::size_t{3}, 1ULL << 40),
              "-1 -2 3 10000000000");
    EXPECT_EQ(formatted("%d %lld %d", 3, 1, 2LL, 3), "1 2 3");
    EXPECT_EQ(formatted("%hd %hhd", 2, 70000, 300), "4464 44");
    EXPECT_EQ(formatted("%f %.2f %8.3e %g %a", 5, 1.5, 2.345, 12345.678, 0.1, 1.0),
              "1.500000 2.35 1.235e+04 0.1 0x1p+0");
    EXPECT_EQ(formatted("%*d|%-*d|%.*f", 6, 4, 7, 3, 8, 1, 2.25), "   7|8  |2.2");
    EXPECT_EQ(formatted("%c%c%s%10s", 4, int{'a'}, int{'b'}, "cd", "ef"), "abcd        ef");
    EXPECT_EQ(formatted("%s", 1, std::string(5000, 'x').c_str()), std::string(5000, 'x'));
    EXPECT_EQ(formatted("%p", 1, reinterpret_cast<void*>(0x1234)), "0x1234");
    EXPECT_EQ(formatted("%k %", 0), "%k %");
}

TEST(Services, HeapHasALimitAndKnowsItsBlocks) {
    Heap heap(1000);
    void* const a = heap.allocate(600);
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a) % 16, 0u);
    EXPECT_EQ(heap.allocate(600), nullptr);
    EXPECT_TRUE(heap.contains(reinterpret_cast<std::uintptr_t>(a) + 599, 1));
    EXPECT_FALSE(heap.contains(reinterpret_cast<std::uintptr_t>(a) + 599, 2));
    EXPECT_TRUE(heap.free(a));
    EXPECT_FALSE(heap.free(a));
    EXPECT_TRUE(heap.free(nullptr));
    EXPECT_NE(heap.allocate(1000), nullptr);  // freed with the heap
}

TEST(Services, UnknownImportsAreNotFound) {
    EXPECT_EQ(find_import("heddle_no_such_function"), nullptr);
}

// --- --check
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
    Script script;
    std::size_t next = 0;
    bool step() {
        const std::vector<CheckedAccess> accesses = script(block->launch, block, thread);
        while (next < accesses.size()) {
            const CheckedAccess& access = accesses[next++];
            if (access.address == 0) {
                heddle_check_barrier(block->launch, block, thread, access.location);
                block->lanes[thread].operation = HEDDLE_OP_BARRIER;
                return true;
            }
            heddle_check_access(block->launch, block, thread, reinterpret_cast<const void*>(access.address),
                                access.bytes, access.kind, access.location);
        }
        return false;
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
    runner.run(reinterpret_cast<void*>(+[](const heddle_cpu_launch* launch, heddle_cpu_block* block,
                                           std::uint32_t thread) {
                   return Frame<CheckedThread>::start(block, {block, thread, argument<Script>(launch, 1)});
               }),
               HEDDLE_KERNEL_SUSPENDS | HEDDLE_KERNEL_SCALAR | HEDDLE_KERNEL_CHECKED);
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

TEST(Memory, AllocationsAreAlignedZeroedAndApart) {
    const auto list = std::make_shared<AllocationList>();
    for (const std::size_t bytes :
         {std::size_t{0}, std::size_t{1}, std::size_t{4096}, (std::size_t{2} << 20) - 1, std::size_t{2} << 20,
          std::size_t{17} << 20}) {
        const auto memory = allocate_memory(list, bytes, 256, "cpu:0");
        EXPECT_EQ(memory->size_bytes(), bytes);
        EXPECT_EQ(memory->device_address() % 256, 0u);
        const auto* const data = static_cast<const unsigned char*>(memory->host_pointer());
        EXPECT_TRUE(std::all_of(data, data + bytes, [](unsigned char c) { return c == 0; }));
        EXPECT_EQ(list->bytes(), bytes);
    }
    EXPECT_EQ(list->bytes(), 0u);
}

TEST(Memory, MoreThanThereIsIsRefused) {
    const auto list = std::make_shared<AllocationList>();
    try {
        allocate_memory(list, std::size_t{1} << 50, 256, "cpu:0");
        FAIL() << "a petabyte was allocated";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::out_of_memory);
        EXPECT_NE(std::string(error.what()).find("1125899906842624 bytes were asked, "), std::string::npos)
            << error.what();
        EXPECT_NE(std::string(error.what()).find("cpu:0"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace heddle::cpu
