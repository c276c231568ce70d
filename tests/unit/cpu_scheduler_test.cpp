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
    const heddle_cpu_launch* launch;
    heddle_cpu_block* block;
    std::uint32_t warp, round = 0;
    static BarrierWarp begin(const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t warp) {
        return {launch, block, warp};
    }
    std::uint32_t step(std::uint32_t) {
        std::uint32_t& counter = argument<std::uint32_t*>(launch, 0)[linear(*launch, *block)];
        std::uint32_t& wrong = *argument<std::uint32_t*>(launch, 1);
        const std::uint32_t warps = (launch->threads + 31) / 32;
        if (round != 0) {
            if (counter < round * warps) ++wrong;
            if (block->barrier_result_threads != launch->threads) ++wrong;
            if (block->barrier_result != launch->threads / 2) ++wrong;
        }
        if (round++ == linear(*launch, *block)) return HEDDLE_REGION_ENDED;
        ++counter;
        const std::uint32_t lanes = std::min(launch->threads - warp * 32, 32u);
        block->barrier_threads += lanes;
        block->barrier_count += lanes / 2;
        return HEDDLE_OP_BARRIER;
    }
};

TEST(Blocks, WarpsMeetAtBarriers) {
    for (const std::uint32_t threads : {32u, 64u, 1024u}) {
        Runner runner({3, 2, 2}, {threads, 1, 1});
        std::vector<std::uint32_t> counters(12);
        std::uint32_t wrong = 0;
        runner.arguments = {reinterpret_cast<std::uint64_t>(counters.data()),
                            reinterpret_cast<std::uint64_t>(&wrong)};
        runner.run_units<BarrierWarp>(0);
        EXPECT_EQ(wrong, 0u);
        for (std::uint32_t i = 0; i < counters.size(); ++i) EXPECT_EQ(counters[i], i * ((threads + 31) / 32));
    }
}

/// Units that end early, wait at two barriers in turn, or at one of two: every live one takes part in every
/// round, whatever the others do.
struct PartingUnit {
    const heddle_cpu_launch* launch;
    heddle_cpu_block* block;
    std::uint32_t unit, round = 0;
    static PartingUnit begin(const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t unit) {
        return {launch, block, unit};
    }
    std::uint32_t step(std::uint32_t) {
        argument<std::vector<std::uint32_t>*>(launch, 0)->push_back(round * 100 + unit);
        if (round++ == unit % 4) return HEDDLE_REGION_ENDED;
        return HEDDLE_OP_BARRIER + (unit % 2) * operations;
    }
};

TEST(Blocks, UnitsThatWaitAtDifferentBarriersGoOnTogether) {
    Runner runner({1, 1, 1}, {8, 1, 1});
    std::vector<std::uint32_t> order;
    runner.arguments = {reinterpret_cast<std::uint64_t>(&order)};
    runner.run_units<PartingUnit>(HEDDLE_KERNEL_SCALAR);
    EXPECT_EQ(order, (std::vector<std::uint32_t>{0,   1,   2,   3,   4,   5,   6,   7,   101, 102,
                                                 103, 105, 106, 107, 202, 203, 206, 207, 303, 307}));
}

TEST(Blocks, FramesAreAsLargeAsTheKernelSays) {
    struct Large {
        std::array<unsigned char, 20000> local;
        static Large begin(const heddle_cpu_launch*, heddle_cpu_block* block, std::uint32_t unit) {
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block->frames) % 128, 0u);
            Large made;
            made.local.fill(static_cast<unsigned char>(unit));
            return made;
        }
        std::uint32_t step(std::uint32_t) {
            const bool first = local[0] == local[19999];
            local[0] ^= 1;
            return first ? std::uint32_t{HEDDLE_OP_BARRIER} : HEDDLE_REGION_ENDED;
        }
    };
    Runner runner({50, 1, 1}, {1024, 1, 1});
    runner.run_units<Large>(0);
    EXPECT_FALSE(runner.services.stopped());
}

// --- scalar
// ---------------------------------------------------------------------------------------------------

std::uint64_t& value_of(heddle_cpu_block* block, std::uint32_t thread) {
    return block->values[heddle_cpu_exchange_index(thread)];
}
std::uint64_t answer_of(const heddle_cpu_block* block, std::uint32_t thread) {
    return block->answers[heddle_cpu_exchange_index(thread)];
}

/// What a lane asks for: a warp operation at one of two places, with its mask and value.
struct Asked {
    std::uint32_t operation, mask;
    std::uint64_t value;
    std::uint32_t place = 0;
};
using Question = Asked (*)(std::uint32_t thread);

/// A lane that asks one question and stores the answer: of a shuffle, its neighbour's value.
struct AskingLane {
    const heddle_cpu_launch* launch;
    heddle_cpu_block* block;
    std::uint32_t thread;
    bool asked = false;
    static AskingLane begin(const heddle_cpu_launch* launch, heddle_cpu_block* block, std::uint32_t thread) {
        return {launch, block, thread};
    }
    std::uint32_t step(std::uint32_t group) {
        const Asked question = argument<Question>(launch, 1)(thread);
        if (!std::exchange(asked, true)) {
            if (question.operation == HEDDLE_OP_NONE) return HEDDLE_REGION_ENDED;
            value_of(block, thread) = question.value;
            block->masks[thread] = question.mask;
            return question.operation + question.place * operations;
        }
        const bool shuffles =
            question.operation == HEDDLE_OP_SHUFFLE_XOR && (group >> ((thread ^ 1) & 31) & 1) != 0;
        argument<std::uint64_t*>(launch, 0)[thread] =
            question.operation != HEDDLE_OP_SHUFFLE_XOR
                ? answer_of(block, thread)
                : block->offered[heddle_cpu_exchange_index(shuffles ? thread ^ 1 : thread)];
        return HEDDLE_REGION_ENDED;
    }
};

/// Runs one operation in each of `threads` lanes and gives the results.
std::vector<std::uint64_t> ask(std::uint32_t threads, Question question, std::string* failure = nullptr) {
    Runner runner({1, 1, 1}, {threads, 1, 1});
    std::vector<std::uint64_t> results(threads, 0xdead);
    runner.arguments = {reinterpret_cast<std::uint64_t>(results.data()),
                        reinterpret_cast<std::uint64_t>(question)};
    runner.run_scalar<AskingLane>();
    if (failure != nullptr)
        *failure = runner.services.failure();
    else
        EXPECT_EQ(runner.services.failure(), "");
    return results;
}

TEST(Scalar, ShufflesHandOverTheValuesOfTheLanesThatTakePart) {
    auto results = ask(64, [](std::uint32_t t) {
        return Asked{HEDDLE_OP_SHUFFLE_XOR, 0xffffffff, (std::uint64_t{t} << 40) | 7};
    });
    for (std::uint32_t t = 0; t < 64; ++t) EXPECT_EQ(results[t], (std::uint64_t{t ^ 1} << 40) | 7);
    results = ask(33, [](std::uint32_t t) {
        return t == 5 ? Asked{HEDDLE_OP_NONE, 0, 0} : Asked{HEDDLE_OP_SHUFFLE_XOR, 0xffffffff, t};
    });
    for (std::uint32_t t = 0; t < 33; ++t)
        EXPECT_EQ(results[t], t == 5 ? 0xdead : t == 4 || t == 32 ? t : t ^ 1);
}

/// A lane at a shuffle whose operand the run time knows: the first thread at one place, the others at
/// another.
struct KnownShuffle {
    heddle_cpu_block* block;
    std::uint64_t* results;
    std::uint32_t thread;
    bool asked = false;
    static KnownShuffle begin(const heddle_cpu_launch* launch, heddle_cpu_block* block,
                              std::uint32_t thread) {
        return {block, argument<std::uint64_t*>(launch, 0), thread};
    }
    std::uint32_t step(std::uint32_t) {
        if (!std::exchange(asked, true)) {
            value_of(block, thread) = 100 + thread;
            return thread == 0 ? 2 : 1;
        }
        results[thread] = answer_of(block, thread);
        return HEDDLE_REGION_ENDED;
    }
};

TEST(Scalar, ShufflesByAKnownOperandAreAnswered) {
    const auto shuffle = [](std::uint32_t operation, std::uint32_t threads, std::uint32_t operand,
                            std::uint32_t first_operand) {
        Runner runner({1, 1, 1}, {threads, 1, 1});
        std::vector<std::uint64_t> results(threads);
        runner.arguments = {reinterpret_cast<std::uint64_t>(results.data())};
        constexpr std::uint32_t known = HEDDLE_SUSPENSION_MASK | HEDDLE_SUSPENSION_OPERAND;
        const std::array<heddle_cpu_suspension, 3> suspensions{
            {{0, 0, 0, 0}, {operation, known, ~0u, operand}, {operation, known, ~0u, first_operand}}};
        runner.run_units<KnownShuffle>(HEDDLE_KERNEL_SCALAR | HEDDLE_KERNEL_WARP_OPERATIONS, suspensions);
        EXPECT_EQ(runner.services.failure(), "");
        return results;
    };
    for (const std::uint32_t threads : {64u, 41u}) {
        const auto has = [&](std::uint32_t t, std::uint32_t lane) { return t / 32 * 32 + lane < threads; };
        const auto index = shuffle(HEDDLE_OP_SHUFFLE_INDEX, threads, 5, 7);
        const auto up = shuffle(HEDDLE_OP_SHUFFLE_UP, threads, 3, 3);
        const auto down = shuffle(HEDDLE_OP_SHUFFLE_DOWN, threads, 3, 4);
        const auto other = shuffle(HEDDLE_OP_SHUFFLE_XOR, threads, 6, 1);
        for (std::uint32_t t = 0; t < threads; ++t) {
            const std::uint32_t lane = t % 32, base = t - lane;
            EXPECT_EQ(index[t], 100 + base + (t == 0 ? 7 : 5));
            EXPECT_EQ(up[t], 100 + (lane >= 3 ? t - 3 : t));
            const std::uint32_t far = lane + (t == 0 ? 4 : 3);
            EXPECT_EQ(down[t], 100 + (far < 32 && has(t, far) ? base + far : t));
            const std::uint32_t partner = lane ^ (t == 0 ? 1 : 6);
            EXPECT_EQ(other[t], 100 + (has(t, partner) ? base + partner : t));
        }
    }
}

TEST(Scalar, BallotOfAFullAndOfAPartialWarp) {
    auto results =
        ask(48, [](std::uint32_t t) { return Asked{HEDDLE_OP_BALLOT, 0xffffffff, t % 3 == 0 ? 1u : 0u}; });
    std::uint32_t first = 0, second = 0;
    for (std::uint32_t t = 0; t < 32; ++t) first |= t % 3 == 0 ? 1u << t : 0;
    for (std::uint32_t t = 32; t < 48; ++t) second |= t % 3 == 0 ? 1u << (t - 32) : 0;
    for (std::uint32_t t = 0; t < 48; ++t) EXPECT_EQ(results[t], t < 32 ? first : second);
}

TEST(Scalar, DisjointMasksAreSeparateOperations) {
    const auto results = ask(32, [](std::uint32_t t) {
        return Asked{HEDDLE_OP_REDUCE_ADD, t % 2 == 0 ? 0x55555555u : 0xaaaaaaaau, t};
    });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], t % 2 == 0 ? 240u : 256u);
}

TEST(Scalar, Reductions) {
    const auto reduce = [](std::uint32_t operation) {
        static std::uint32_t current;
        current = operation;
        return ask(32, [](std::uint32_t t) {
            const auto value = static_cast<std::uint32_t>(static_cast<std::int32_t>(t) - 10);
            return Asked{current, 0xffffffff, value};
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
    auto results = ask(32, [](std::uint32_t t) { return Asked{HEDDLE_OP_MATCH_ANY, 0xffffffff, t % 4}; });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], 0x11111111u << (t % 4));
    results = ask(32, [](std::uint32_t t) {
        return Asked{HEDDLE_OP_MATCH_ALL, t < 8 ? 0xffu : 0xffffff00u, t < 8 ? 3u : t};
    });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], t < 8 ? 0xffu : 0u);
}

TEST(Scalar, ActiveMaskGroupsLanesByPlace) {
    const auto results =
        ask(32, [](std::uint32_t t) { return Asked{HEDDLE_OP_ACTIVE_MASK, 0, 0, t < 20 ? 0u : 1u}; });
    for (std::uint32_t t = 0; t < 32; ++t) EXPECT_EQ(results[t], t < 20 ? 0x000fffffu : 0xfff00000u);
}

TEST(Scalar, AHangNamesWhatTheThreadsWaitFor) {
    std::string failure;
    ask(
        32,
        [](std::uint32_t t) {
            return t == 3 ? Asked{HEDDLE_OP_BARRIER, 0, 0} : Asked{HEDDLE_OP_SHUFFLE_DOWN, 0xffffffff, t};
        },
        &failure);
    EXPECT_NE(
        failure.find("block (0,0,0) hangs: thread (0,0,0) waits at __shfl_down_sync with mask 0xffffffff for "
                     "thread (3,0,0), which waits at __syncthreads"),
        std::string::npos)
        << failure;
}

TEST(Scalar, LanesThatEndedAreNotWaitedFor) {
    const auto results = ask(32, [](std::uint32_t t) {
        return t < 16 ? Asked{HEDDLE_OP_REDUCE_ADD, 0xffffffff, 1} : Asked{HEDDLE_OP_NONE, 0, 0};
    });
    for (std::uint32_t t = 0; t < 16; ++t) EXPECT_EQ(results[t], 16u);
}

/// The last steps of a sum in shared memory as old code writes it: no barrier, only lockstep, here as yields
/// before each access: read the partner's value and one's own, then write the sum.
struct LockstepLane {
    heddle_cpu_block* block;
    std::uint32_t thread;
    std::uint32_t distance = 16, turn = 0, mine = 0, other = 0;
    static LockstepLane begin(const heddle_cpu_launch*, heddle_cpu_block* block, std::uint32_t thread) {
        auto* const values = reinterpret_cast<std::uint32_t*>(block->shared);
        values[thread] = thread + 1;
        values[thread + 32] = 0;
        return {block, thread};
    }
    std::uint32_t step(std::uint32_t) {
        auto* const values = reinterpret_cast<std::uint32_t*>(block->shared);
        for (;;) {
            switch (turn++ % 4) {
                case 0:
                    if (distance == 0) return HEDDLE_REGION_ENDED;
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
            return HEDDLE_OP_YIELD;
        }
    }
};

TEST(Scalar, YieldsGiveLockstep) {
    Runner runner({1, 1, 1}, {32, 1, 1}, 64 * 4);
    runner.run_scalar<LockstepLane>();
    EXPECT_EQ(*reinterpret_cast<std::uint32_t*>(Scratch::of_this_thread().block().shared), 528u);
}

/// Threads that spin until the last thread of the block has set a flag.
struct SpinningLane {
    const heddle_cpu_launch* launch;
    std::uint32_t thread;
    int turns = 0;
    static SpinningLane begin(const heddle_cpu_launch* launch, heddle_cpu_block*, std::uint32_t thread) {
        return {launch, thread};
    }
    std::uint32_t step(std::uint32_t) {
        volatile std::uint32_t& flag = *argument<volatile std::uint32_t*>(launch, 0);
        if (thread == launch->threads - 1 && turns++ == 3) flag = 1;
        return flag != 0 ? HEDDLE_REGION_ENDED : std::uint32_t{HEDDLE_OP_YIELD};
    }
};

TEST(Scalar, SpinningThreadsLetOtherWarpsRun) {
    Runner runner({1, 1, 1}, {256, 1, 1});
    std::uint32_t flag = 0;
    runner.arguments = {reinterpret_cast<std::uint64_t>(&flag)};
    runner.run_scalar<SpinningLane>();
    EXPECT_EQ(flag, 1u);
    EXPECT_FALSE(runner.services.stopped());
}

}  // namespace
}  // namespace heddle::cpu
