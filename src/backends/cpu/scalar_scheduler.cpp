// A warp whose lanes all wait at one operation takes one step; otherwise an operation completes when all
// lanes of its mask have arrived at it. Lanes that only yield go on together, which gives code written for
// lockstep its order.
#include "backends/cpu/scalar_scheduler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <string>
#include <string_view>

#include "backends/cpu/check.h"

namespace heddle::cpu {

namespace {

constexpr std::uint32_t warp_lanes = 32;
constexpr std::size_t most_warps = 32;  // of a block

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

std::uint32_t lowest(std::uint32_t lanes) {
    return static_cast<std::uint32_t>(std::countr_zero(lanes));
}

template <class F>
void for_each_lane(std::uint32_t mask, F&& visit) {
    for (; mask != 0; mask &= mask - 1) visit(lowest(mask));
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

bool is_shuffle(std::uint32_t operation) {
    return operation >= HEDDLE_OP_SHUFFLE_INDEX && operation <= HEDDLE_OP_SHUFFLE_XOR;
}

/// The lane whose value `lane` receives: itself when the other is out of range, or when it picks one itself.
std::uint32_t shuffle_source(const heddle_cpu_suspension& suspension, std::uint32_t lane) {
    if ((suspension.flags & HEDDLE_SUSPENSION_OPERAND) == 0) return lane;
    const std::uint32_t operand = suspension.operand & 31u;
    switch (suspension.operation) {
        case HEDDLE_OP_SHUFFLE_INDEX:
            return operand;
        case HEDDLE_OP_SHUFFLE_UP:
            return lane >= operand ? lane - operand : lane;
        case HEDDLE_OP_SHUFFLE_DOWN:
            return lane + operand < warp_lanes ? lane + operand : lane;
        default:
            return lane ^ operand;
    }
}

/// All lanes of a whole warp at one shuffle.
void answer_whole_shuffle(const heddle_cpu_suspension& suspension, const std::uint64_t* __restrict values,
                          std::uint64_t* __restrict answers, std::uint64_t* __restrict offered) {
    const std::uint32_t operand = suspension.operand & 31u;
    if ((suspension.flags & HEDDLE_SUSPENSION_OPERAND) == 0) {
        std::copy_n(values, warp_lanes, offered);
    } else if (suspension.operation == HEDDLE_OP_SHUFFLE_INDEX) {
        std::fill_n(answers, warp_lanes, values[operand]);
    } else if (suspension.operation == HEDDLE_OP_SHUFFLE_XOR) {
        for (std::uint32_t lane = 0; lane < warp_lanes; ++lane) answers[lane] = values[lane ^ operand];
    } else if (suspension.operation == HEDDLE_OP_SHUFFLE_UP) {
        std::copy_n(values, operand, answers);
        std::copy_n(values, warp_lanes - operand, answers + operand);
    } else {
        std::copy_n(values + operand, warp_lanes - operand, answers);
        std::copy_n(values + warp_lanes - operand, operand, answers + warp_lanes - operand);
    }
}

class ScalarBlock {
  public:
    ScalarBlock(const heddle_cpu_kernel& kernel, const heddle_cpu_launch& launch, Scratch& scratch)
        : kernel_(kernel),
          step_(reinterpret_cast<heddle_cpu_step>(kernel.entry)),
          launch_(launch),
          services_(services_of(launch)),
          scratch_(scratch),
          block_(scratch.block()),
          checker_(services_.checker()),
          warps_((launch.threads + warp_lanes - 1) / warp_lanes) {}

    void run() {
        pass_barrier(block_);
        std::fill_n(exchanges_.begin(), warps_, Exchange{block_.values, block_.answers});
        for (std::uint32_t warp = 0; warp < warps_; ++warp) {
            const Turn turn(block_, exchanges_[warp]);
            together_[warp] = step(0, first_of(warp), last_of(warp), 0);
            advance(warp);
        }
        while (!services_.stopped()) {
            // Nobody can go on by itself: either all wait at the barrier, or the block hangs.
            bool live = false, waits = true;
            const auto look_at = [&](std::uint32_t region) {
                if (region == HEDDLE_REGION_ENDED) return;
                live = true;
                waits = waits && kernel_.suspensions[region].operation == HEDDLE_OP_BARRIER;
            };
            for (std::uint32_t warp = 0; warp < warps_; ++warp) {
                if (together_[warp] != HEDDLE_REGION_MIXED)
                    look_at(together_[warp]);
                else
                    std::for_each(block_.regions + first_of(warp), block_.regions + last_of(warp), look_at);
            }
            if (!live) return;
            bool moved = waits;
            if (waits) open_barrier();
            for (std::uint32_t warp = 0; warp < warps_ && !services_.stopped(); ++warp) {
                const Turn turn(block_, exchanges_[warp]);
                if (waits) leave_barrier(warp);
                moved |= advance(warp);
            }
            if (moved) continue;
            services_.fail(describe_hang());
        }
    }

  private:
    const heddle_cpu_kernel& kernel_;
    const heddle_cpu_step step_;
    const heddle_cpu_launch& launch_;
    LaunchServices& services_;
    Scratch& scratch_;
    heddle_cpu_block& block_;
    Checker* const checker_;
    const std::uint32_t warps_;
    // The region of all lanes of a warp; when it is mixed, block_.regions has each lane's.
    std::array<std::uint32_t, most_warps> together_;

    // Steps exchange the arrays, each for its warp.
    struct Exchange {
        std::uint64_t *values, *answers;
    };
    std::array<Exchange, most_warps> exchanges_;

    /// While a warp runs, the block has its arrays.
    class Turn {
      public:
        Turn(heddle_cpu_block& block, Exchange& exchange) : block_(block), exchange_(exchange) {
            block_.values = exchange_.values;
            block_.answers = exchange_.answers;
        }
        ~Turn() { exchange_ = {block_.values, block_.answers}; }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

      private:
        heddle_cpu_block& block_;
        Exchange& exchange_;
    };

    static std::uint32_t first_of(std::uint32_t warp) { return warp * warp_lanes; }
    std::uint32_t last_of(std::uint32_t warp) const {
        return std::min(launch_.threads, (warp + 1) * warp_lanes);
    }
    std::uint32_t region_of(std::uint32_t thread) const {
        const std::uint32_t all = together_[thread / warp_lanes];
        return all == HEDDLE_REGION_MIXED ? block_.regions[thread] : all;
    }
    bool is_live(std::uint32_t thread) const { return region_of(thread) != HEDDLE_REGION_ENDED; }
    std::uint32_t operation_of(std::uint32_t thread) const {
        return kernel_.suspensions[region_of(thread)].operation;
    }
    std::uint32_t mask_of(std::uint32_t thread) const {
        const heddle_cpu_suspension& suspension = kernel_.suspensions[region_of(thread)];
        return (suspension.flags & HEDDLE_SUSPENSION_MASK) != 0 ? suspension.mask : block_.masks[thread];
    }
    std::uint32_t step(std::uint32_t region, std::uint32_t first, std::uint32_t last, std::uint32_t group) {
        return step_(&launch_, &block_, region, first, last, group);
    }

    /// Lets a warp run as far as it gets without the others; true when any lane ran.
    bool advance(std::uint32_t warp) {
        const std::uint32_t first = first_of(warp), last = last_of(warp);
        const std::uint32_t all = ~std::uint32_t{0} >> (warp_lanes - (last - first));
        std::uint32_t& region = together_[warp];
        bool moved = false;
        int rounds = 0;
        while (region != HEDDLE_REGION_ENDED && !services_.stopped()) {
            if (region == HEDDLE_REGION_MIXED) {
                if (!advance_apart(warp, rounds)) break;
                moved = true;
                const std::uint32_t* const regions = block_.regions + first;
                if (std::all_of(regions, regions + (last - first),
                                [&](std::uint32_t each) { return each == regions[0]; }))
                    region = regions[0];
                continue;
            }
            const heddle_cpu_suspension& suspension = kernel_.suspensions[region];
            if (suspension.operation == HEDDLE_OP_BARRIER) break;
            if (suspension.operation == HEDDLE_OP_YIELD) {
                if (rounds++ == yield_rounds) break;
            } else if (suspension.operation != HEDDLE_OP_ACTIVE_MASK &&
                       (suspension.flags & HEDDLE_SUSPENSION_MASK) == 0 &&
                       std::any_of(block_.masks + first, block_.masks + last,
                                   [&](std::uint32_t mask) { return mask != block_.masks[first]; })) {
                std::fill(block_.regions + first, block_.regions + last, region);
                region = HEDDLE_REGION_MIXED;
                continue;
            } else {
                answer(suspension, first, all);
            }
            pass_warp_sync(warp);
            region = step(region, first, last, all);
            moved = true;
        }
        return moved;
    }

    /// One turn of a warp whose lanes wait at different places: false when none of them can go on.
    bool advance_apart(std::uint32_t warp, int& rounds) {
        const std::uint32_t first = first_of(warp), count = last_of(warp) - first;
        std::uint32_t yielding = 0, counting = 0, open = 0;
        for (std::uint32_t lane = 0; lane < count; ++lane) {
            if (!is_live(first + lane)) continue;
            const std::uint32_t operation = operation_of(first + lane);
            if (operation == HEDDLE_OP_YIELD)
                yielding |= lane_bit(lane);
            else if (operation == HEDDLE_OP_ACTIVE_MASK)
                counting |= lane_bit(lane);
            else if (operation != HEDDLE_OP_BARRIER)
                open |= lane_bit(lane);
        }
        bool moved = complete(warp, open);
        if (!moved && counting != 0 && (yielding == 0 || rounds >= yield_rounds - 1)) {
            // Lanes at one place in the source are active together.
            const std::uint32_t place = region_of(first + lowest(counting));
            std::uint32_t here = 0;
            for_each_lane(counting, [&](std::uint32_t lane) {
                if (region_of(first + lane) == place) here |= lane_bit(lane);
            });
            pass_warp_sync(warp);
            go_on(warp, HEDDLE_OP_ACTIVE_MASK, here);
            moved = true;
        }
        if (!moved && yielding != 0 && rounds++ < yield_rounds) {
            pass_warp_sync(warp);
            go_on(warp, HEDDLE_OP_YIELD, yielding);
            moved = true;
        }
        return moved;
    }

    /// The lanes of a warp that go on have synchronised with each other.
    void pass_warp_sync(std::uint32_t warp) {
        if (checker_ != nullptr) checker_->pass_warp_sync(scratch_, warp);
    }

    /// Completes every operation of the lanes `open` whose lanes have all arrived; true when there is one.
    bool complete(std::uint32_t warp, std::uint32_t open) {
        const std::uint32_t first = first_of(warp), count = last_of(warp) - first;
        std::uint32_t live = 0;
        for (std::uint32_t lane = 0; lane < count; ++lane)
            if (is_live(first + lane)) live |= lane_bit(lane);
        struct Completed {
            std::uint32_t operation, lanes;
        };
        std::array<Completed, warp_lanes> completed;
        std::size_t number = 0;
        while (open != 0) {
            const std::uint32_t asking = first + lowest(open), operation = operation_of(asking),
                                mask = mask_of(asking);
            std::uint32_t arrived = 0;
            for_each_lane(open, [&](std::uint32_t lane) {
                if (operation_of(first + lane) == operation && mask_of(first + lane) == mask)
                    arrived |= lane_bit(lane);
            });
            open &= ~arrived;
            // A lane outside its own mask is undefined in CUDA; it takes part.
            if ((mask & live & ~arrived) == 0) completed[number++] = {operation, arrived};
        }
        if (number != 0) pass_warp_sync(warp);
        for (std::size_t i = 0; i < number; ++i) go_on(warp, completed[i].operation, completed[i].lanes);
        return number != 0;
    }

    /// Answers the operation that all lanes of `group` have arrived at, and takes them a step further.
    void go_on(std::uint32_t warp, std::uint32_t operation, std::uint32_t group) {
        const std::uint32_t first = first_of(warp);
        if (is_shuffle(operation))  // lanes at different places may shuffle differently
            for_each_lane(group, [&](std::uint32_t lane) {
                answer_shuffle(kernel_.suspensions[block_.regions[first + lane]], first, lane, group);
            });
        else if (operation != HEDDLE_OP_YIELD)
            answer(kernel_.suspensions[block_.regions[first + lowest(group)]], first, group);
        step_lanes(first, group, group);
    }

    /// Lanes that go on, by runs of neighbours at one place.
    void step_lanes(std::uint32_t first, std::uint32_t lanes, std::uint32_t group) {
        while (lanes != 0) {
            const std::uint32_t begin = lowest(lanes), region = block_.regions[first + begin];
            std::uint32_t end = begin;
            while (end < warp_lanes && (lanes & lane_bit(end)) != 0 && block_.regions[first + end] == region)
                lanes &= ~lane_bit(end++);
            const std::uint32_t next = step(region, first + begin, first + end, group);
            if (next != HEDDLE_REGION_MIXED)
                std::fill(block_.regions + first + begin, block_.regions + first + end, next);
        }
    }

    /// What one lane receives from a shuffle.
    void answer_shuffle(const heddle_cpu_suspension& suspension, std::uint32_t first, std::uint32_t lane,
                        std::uint32_t group) {
        // The value of a lane that does not take part is undefined in CUDA: the lane's own here.
        const std::uint32_t source = shuffle_source(suspension, lane), at = heddle_cpu_exchange_index(first);
        block_.answers[at + lane] = block_.values[at + ((group & lane_bit(source)) != 0 ? source : lane)];
        block_.offered[at + lane] = block_.values[at + lane];
    }

    /// Writes the results of one operation that all lanes of `group` have arrived at, at one place.
    void answer(const heddle_cpu_suspension& suspension, std::uint32_t first, std::uint32_t group) {
        const std::uint32_t at = heddle_cpu_exchange_index(first);
        const std::uint64_t* const values = block_.values + at;
        std::uint64_t* const answers = block_.answers + at;
        const auto answer_all = [&](std::uint64_t result) {
            for_each_lane(group, [&](std::uint32_t lane) { answers[lane] = result; });
        };
        if (is_shuffle(suspension.operation)) {
            if (group == ~std::uint32_t{0})
                answer_whole_shuffle(suspension, values, answers, block_.offered + at);
            else
                for_each_lane(group,
                              [&](std::uint32_t lane) { answer_shuffle(suspension, first, lane, group); });
            return;
        }
        switch (suspension.operation) {
            case HEDDLE_OP_WARP_SYNC:
                return;
            case HEDDLE_OP_BALLOT: {
                std::uint32_t votes = 0;
                for_each_lane(group,
                              [&](std::uint32_t lane) { votes |= values[lane] != 0 ? lane_bit(lane) : 0; });
                answer_all(votes);
                return;
            }
            case HEDDLE_OP_ACTIVE_MASK:
                answer_all(group);
                return;
            case HEDDLE_OP_MATCH_ANY:
                for_each_lane(group, [&](std::uint32_t lane) {
                    std::uint32_t same = 0;
                    for_each_lane(group, [&](std::uint32_t other) {
                        same |= values[other] == values[lane] ? lane_bit(other) : 0;
                    });
                    answers[lane] = same;
                });
                return;
            case HEDDLE_OP_MATCH_ALL: {
                bool all = true;
                const std::uint64_t value = values[lowest(group)];
                for_each_lane(group, [&](std::uint32_t lane) { all = all && values[lane] == value; });
                answer_all(all ? group : 0);
                return;
            }
            default: {
                auto value = static_cast<std::uint32_t>(values[lowest(group)]);
                for_each_lane(group & (group - 1), [&](std::uint32_t next) {
                    value = reduced(suspension.operation, value, static_cast<std::uint32_t>(values[next]));
                });
                answer_all(value);
            }
        }
    }

    void open_barrier() {
        if (checker_ != nullptr)
            checker_->pass_barrier(scratch_, [this](std::uint32_t thread) { return is_live(thread); });
        pass_barrier(block_);
    }

    /// The first step of a warp behind the barrier.
    void leave_barrier(std::uint32_t warp) {
        const std::uint32_t first = first_of(warp), last = last_of(warp);
        std::uint32_t& region = together_[warp];
        if (region == HEDDLE_REGION_ENDED) return;
        if (region != HEDDLE_REGION_MIXED) {
            region = step(region, first, last, 0);
            return;
        }
        std::uint32_t live = 0;
        for (std::uint32_t lane = 0; lane < last - first; ++lane)
            if (is_live(first + lane)) live |= lane_bit(lane);
        step_lanes(first, live, 0);
    }

    std::string thread_name(std::uint32_t thread) const { return triple(coordinates(thread, launch_.block)); }

    std::string describe_hang() const {
        std::string text = "block " + triple({block_.index[0], block_.index[1], block_.index[2]}) + " hangs:";
        int listed = 0;
        for (std::uint32_t thread = 0; thread < launch_.threads; ++thread) {
            if (!is_live(thread) || operation_of(thread) == HEDDLE_OP_BARRIER) continue;
            if (++listed > 4) {
                text += " ...";
                break;
            }
            const std::uint32_t base = thread / warp_lanes * warp_lanes;
            char mask[16];
            std::snprintf(mask, sizeof mask, "0x%08x", mask_of(thread));
            text += std::string(listed > 1 ? ";" : "") + " thread " + thread_name(thread) + " waits at " +
                    std::string(name(operation_of(thread))) + " with mask " + mask;
            for (std::uint32_t lane = 0; lane < warp_lanes && base + lane < launch_.threads; ++lane) {
                const std::uint32_t other = base + lane;
                if ((mask_of(thread) & lane_bit(lane)) == 0 || !is_live(other)) continue;
                if (operation_of(other) == operation_of(thread) && mask_of(other) == mask_of(thread))
                    continue;
                text += " for thread " + thread_name(other) + ", which waits at " +
                        std::string(name(operation_of(other)));
                break;
            }
        }
        return text;
    }
};

}  // namespace

void run_scalar_block(const heddle_cpu_kernel& kernel, const heddle_cpu_launch& launch, Scratch& scratch) {
    ScalarBlock(kernel, launch, scratch).run();
}

}  // namespace heddle::cpu
