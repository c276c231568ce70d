// Within a warp, lanes run one after the other until they suspend; an operation completes when all lanes of
// its mask have arrived at it. Lanes that only yield go on together, which gives code written for lockstep
// its order.
#include "backends/cpu/scalar_scheduler.h"

#include <algorithm>
#include <bit>
#include <span>
#include <string>
#include <string_view>

#include "backends/cpu/check.h"

namespace heddle::cpu {

namespace {

constexpr std::uint32_t warp_lanes = 32;

/// Rounds of yielding before another warp gets its turn, and before lanes at __activemask() no longer wait
/// for yielding ones that might join them.
constexpr int yield_rounds = 64;

std::string_view name(std::uint32_t operation) {
    switch (operation) {
        case HEDDLE_OP_BARRIER:
            return "__syncthreads";
        case HEDDLE_OP_WARP_SYNC:
            return "__syncwarp";
        case HEDDLE_OP_SHUFFLE_INDEX:
            return "__shfl_sync";
        case HEDDLE_OP_SHUFFLE_UP:
            return "__shfl_up_sync";
        case HEDDLE_OP_SHUFFLE_DOWN:
            return "__shfl_down_sync";
        case HEDDLE_OP_SHUFFLE_XOR:
            return "__shfl_xor_sync";
        case HEDDLE_OP_BALLOT:
            return "__ballot_sync";
        case HEDDLE_OP_ACTIVE_MASK:
            return "__activemask";
        case HEDDLE_OP_MATCH_ANY:
            return "__match_any_sync";
        case HEDDLE_OP_MATCH_ALL:
            return "__match_all_sync";
        case HEDDLE_OP_YIELD:
            return "a volatile access";
        default:
            return operation >= HEDDLE_OP_REDUCE_ADD && operation <= HEDDLE_OP_REDUCE_XOR
                       ? "__reduce_sync"
                       : "an unknown operation";
    }
}

std::uint32_t lane_bit(std::uint32_t lane) {
    return std::uint32_t{1} << lane;
}

template <class F>
void for_each_lane(std::uint32_t mask, F&& visit) {
    for (; mask != 0; mask &= mask - 1) visit(static_cast<std::uint32_t>(std::countr_zero(mask)));
}

std::uint32_t reduced(std::uint32_t operation, std::uint32_t a, std::uint32_t b) {
    const auto signed_a = static_cast<std::int32_t>(a), signed_b = static_cast<std::int32_t>(b);
    switch (operation) {
        case HEDDLE_OP_REDUCE_ADD:
            return a + b;
        case HEDDLE_OP_REDUCE_MIN:
            return signed_a < signed_b ? a : b;
        case HEDDLE_OP_REDUCE_MAX:
            return signed_a > signed_b ? a : b;
        case HEDDLE_OP_REDUCE_UMIN:
            return std::min(a, b);
        case HEDDLE_OP_REDUCE_UMAX:
            return std::max(a, b);
        case HEDDLE_OP_REDUCE_AND:
            return a & b;
        case HEDDLE_OP_REDUCE_OR:
            return a | b;
        default:
            return a ^ b;
    }
}

/// The lane whose value `lane` receives, as PTX ISA's shfl.sync computes it; `lane` itself when out of range.
std::uint32_t shuffle_source(const heddle_cpu_lane& request, std::uint32_t lane) {
    const std::uint32_t width = request.width == 0 || request.width > warp_lanes ? warp_lanes : request.width;
    const std::uint32_t operand = request.operand & 31u;
    const std::uint32_t segment = lane & ~(width - 1), last = segment + width - 1;
    switch (request.operation) {
        case HEDDLE_OP_SHUFFLE_INDEX:
            return segment | (operand & (width - 1));
        case HEDDLE_OP_SHUFFLE_UP:
            return lane >= segment + operand ? lane - operand : lane;
        case HEDDLE_OP_SHUFFLE_DOWN:
            return lane + operand <= last ? lane + operand : lane;
        default:
            return (lane ^ operand) <= last ? lane ^ operand : lane;
    }
}

/// Writes the results of one operation that all lanes of `group` have arrived at.
void answer(std::span<heddle_cpu_lane> lanes, std::uint32_t group) {
    const std::uint32_t operation = lanes[static_cast<std::size_t>(std::countr_zero(group))].operation;
    switch (operation) {
        case HEDDLE_OP_SHUFFLE_INDEX:
        case HEDDLE_OP_SHUFFLE_UP:
        case HEDDLE_OP_SHUFFLE_DOWN:
        case HEDDLE_OP_SHUFFLE_XOR:
            for_each_lane(group, [&](std::uint32_t lane) {
                const std::uint32_t source = shuffle_source(lanes[lane], lane);
                // The value of a lane that does not take part is undefined in CUDA: the lane's own here.
                lanes[lane].result = lanes[(group & lane_bit(source)) != 0 ? source : lane].value;
            });
            return;
        case HEDDLE_OP_BALLOT: {
            std::uint32_t votes = 0;
            for_each_lane(group,
                          [&](std::uint32_t lane) { votes |= lanes[lane].value != 0 ? lane_bit(lane) : 0; });
            for_each_lane(group, [&](std::uint32_t lane) { lanes[lane].result = votes; });
            return;
        }
        case HEDDLE_OP_ACTIVE_MASK:
            for_each_lane(group, [&](std::uint32_t lane) { lanes[lane].result = group; });
            return;
        case HEDDLE_OP_MATCH_ANY:
            for_each_lane(group, [&](std::uint32_t lane) {
                std::uint32_t same = 0;
                for_each_lane(group, [&](std::uint32_t other) {
                    same |= lanes[other].value == lanes[lane].value ? lane_bit(other) : 0;
                });
                lanes[lane].result = same;
            });
            return;
        case HEDDLE_OP_MATCH_ALL: {
            bool all = true;
            const std::uint64_t value = lanes[static_cast<std::size_t>(std::countr_zero(group))].value;
            for_each_lane(group, [&](std::uint32_t lane) { all = all && lanes[lane].value == value; });
            for_each_lane(group, [&](std::uint32_t lane) { lanes[lane].result = all ? group : 0; });
            return;
        }
        case HEDDLE_OP_WARP_SYNC:
            return;
        default: {
            std::uint32_t lane = static_cast<std::uint32_t>(std::countr_zero(group));
            auto value = static_cast<std::uint32_t>(lanes[lane].value);
            for_each_lane(group & (group - 1), [&](std::uint32_t next) {
                value = reduced(operation, value, static_cast<std::uint32_t>(lanes[next].value));
            });
            for_each_lane(group, [&](std::uint32_t each) { lanes[each].result = value; });
        }
    }
}

class ScalarBlock {
  public:
    ScalarBlock(heddle_cpu_start start, const heddle_cpu_launch& launch, Scratch& scratch)
        : start_(start),
          launch_(launch),
          services_(services_of(launch)),
          scratch_(scratch),
          lanes_(scratch.lanes(launch.threads)),
          frames_(scratch.frames()),
          checker_(services_.checker()) {
        frames_.assign(launch.threads, nullptr);
        std::fill_n(lanes_, launch.threads, heddle_cpu_lane{});
    }

    void run() {
        const std::uint32_t warps = (launch_.threads + warp_lanes - 1) / warp_lanes;
        for (std::uint32_t thread = 0; thread < launch_.threads; ++thread)
            frames_[thread] = static_cast<heddle_cpu_frame*>(start_(&launch_, &scratch_.block(), thread));
        while (!services_.stopped()) {
            bool moved = false;
            for (std::uint32_t warp = 0; warp < warps && !services_.stopped(); ++warp) moved |= advance(warp);
            if (moved) continue;
            // Nobody can go on by itself: either all wait at the barrier, or the block hangs.
            std::uint32_t live = 0, waiting = 0, votes = 0;
            for (std::uint32_t thread = 0; thread < launch_.threads; ++thread) {
                if (!is_live(thread)) continue;
                ++live;
                if (lanes_[thread].operation != HEDDLE_OP_BARRIER) continue;
                ++waiting;
                votes += lanes_[thread].value != 0 ? 1 : 0;
            }
            if (live == 0) return;
            if (waiting != live) {
                services_.fail(describe_hang());
                return;
            }
            open_barrier(votes, waiting);
        }
    }

  private:
    bool is_live(std::uint32_t thread) const {
        return frames_[thread] != nullptr && frames_[thread]->resume != nullptr;
    }

    /// Runs the lanes of `mask` of a warp to their next suspension.
    void resume(std::uint32_t base, std::uint32_t mask) {
        for_each_lane(mask, [&](std::uint32_t lane) {
            heddle_cpu_frame* const frame = frames_[base + lane];
            frame->resume(frame);
        });
    }

    /// Lets a warp run as far as it gets without the others; true when any lane ran.
    bool advance(std::uint32_t warp) {
        const std::uint32_t base = warp * warp_lanes;
        const std::uint32_t count = std::min(launch_.threads - base, warp_lanes);
        bool moved = false;
        for (int round = 0; round < yield_rounds && !services_.stopped();) {
            const std::span<heddle_cpu_lane> lanes(lanes_ + base, count);
            std::uint32_t live = 0, yielding = 0, counting = 0;
            for (std::uint32_t lane = 0; lane < count; ++lane) {
                if (!is_live(base + lane)) continue;
                live |= lane_bit(lane);
                if (lanes[lane].operation == HEDDLE_OP_YIELD) yielding |= lane_bit(lane);
                if (lanes[lane].operation == HEDDLE_OP_ACTIVE_MASK) counting |= lane_bit(lane);
            }
            std::uint32_t ready = complete(lanes, live);
            if (ready == 0 && counting != 0 && (yielding == 0 || round == yield_rounds - 1)) {
                // Lanes at one place in the source are active together.
                const std::uint32_t place =
                    lanes[static_cast<std::size_t>(std::countr_zero(counting))].location;
                for_each_lane(counting, [&](std::uint32_t lane) {
                    if (lanes[lane].location == place) ready |= lane_bit(lane);
                });
                answer(lanes, ready);
            }
            if (ready == 0 && yielding != 0) {
                ready = yielding;
                ++round;
            }
            if (ready == 0) break;
            if (checker_ != nullptr) checker_->pass_warp_sync(scratch_, warp);
            resume(base, ready);
            moved = true;
        }
        return moved;
    }

    /// Answers every warp operation whose lanes have all arrived, and gives the lanes that may go on.
    std::uint32_t complete(std::span<heddle_cpu_lane> lanes, std::uint32_t live) {
        std::uint32_t ready = 0, open = 0;
        for_each_lane(live, [&](std::uint32_t lane) {
            switch (lanes[lane].operation) {
                case HEDDLE_OP_NONE:  // suspended without a question
                    ready |= lane_bit(lane);
                    break;
                case HEDDLE_OP_BARRIER:
                case HEDDLE_OP_YIELD:
                case HEDDLE_OP_ACTIVE_MASK:
                    break;
                default:
                    open |= lane_bit(lane);
            }
        });
        while (open != 0) {
            const auto first = static_cast<std::uint32_t>(std::countr_zero(open));
            const heddle_cpu_lane& asked = lanes[first];
            std::uint32_t arrived = 0;
            for_each_lane(open, [&](std::uint32_t lane) {
                if (lanes[lane].operation == asked.operation && lanes[lane].mask == asked.mask)
                    arrived |= lane_bit(lane);
            });
            open &= ~arrived;
            // A lane outside its own mask is undefined in CUDA; it takes part.
            if ((asked.mask & live & ~arrived) != 0) continue;
            answer(lanes, arrived);
            ready |= arrived;
        }
        return ready;
    }

    void open_barrier(std::uint32_t votes, std::uint32_t arrived) {
        if (checker_ != nullptr)
            checker_->pass_barrier(scratch_, [this](std::uint32_t t) { return is_live(t); });
        for (std::uint32_t thread = 0; thread < launch_.threads; ++thread) {
            if (!is_live(thread)) continue;
            lanes_[thread].result = votes | (static_cast<std::uint64_t>(arrived) << 32);
            frames_[thread]->resume(frames_[thread]);
        }
    }

    std::string thread_name(std::uint32_t thread) const { return triple(coordinates(thread, launch_.block)); }

    std::string describe_hang() const {
        const heddle_cpu_block& block = scratch_.block();
        std::string text = "block " + triple({block.index[0], block.index[1], block.index[2]}) + " hangs:";
        int listed = 0;
        for (std::uint32_t thread = 0; thread < launch_.threads; ++thread) {
            if (!is_live(thread) || lanes_[thread].operation == HEDDLE_OP_BARRIER) continue;
            if (++listed > 4) {
                text += " ...";
                break;
            }
            const std::uint32_t base = thread / warp_lanes * warp_lanes;
            char mask[16];
            std::snprintf(mask, sizeof mask, "0x%08x", lanes_[thread].mask);
            text += std::string(listed > 1 ? ";" : "") + " thread " + thread_name(thread) + " waits at " +
                    std::string(name(lanes_[thread].operation)) + " with mask " + mask;
            for (std::uint32_t lane = 0; lane < warp_lanes && base + lane < launch_.threads; ++lane) {
                const std::uint32_t other = base + lane;
                if ((lanes_[thread].mask & lane_bit(lane)) == 0 || !is_live(other)) continue;
                if (lanes_[other].operation == lanes_[thread].operation &&
                    lanes_[other].mask == lanes_[thread].mask)
                    continue;
                text += " for thread " + thread_name(other) + ", which waits at " +
                        std::string(name(lanes_[other].operation));
                break;
            }
        }
        return text;
    }

    heddle_cpu_start start_;
    const heddle_cpu_launch& launch_;
    LaunchServices& services_;
    Scratch& scratch_;
    heddle_cpu_lane* lanes_;
    std::vector<heddle_cpu_frame*>& frames_;
    Checker* checker_;
};

}  // namespace

void run_scalar_block(heddle_cpu_start start, const heddle_cpu_launch& launch, Scratch& scratch) {
    ScalarBlock(start, launch, scratch).run();
}

}  // namespace heddle::cpu
