// Block execution with kernels written by hand: warps in rounds, barriers, every warp operation of the scalar
// scheduler, lockstep, and hangs.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "backends/cpu/execution.h"
#include "cpu_kernels.h"

namespace heddle::cpu {
namespace {

using namespace testing_kernels;

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

}  // namespace
}  // namespace heddle::cpu
