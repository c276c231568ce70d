// Loop fission at suspensions: the code of one unit (a warp, or a thread with one lane) is cut where it
// waits, into functions that each run one unit from one suspension to the next and keep what lives across in
// the unit's frame. A loop over units around such a function takes a whole block past a barrier.
#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/IRBuilder.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heddle::compiler {

/// What a unit's code calls where it suspends: i32 (i32 operation, i32 flags, i32 mask, i32 operand),
/// constants that become a Suspension; gives the lanes that took part.
inline constexpr const char* suspension_marker = "heddle.suspend";

/// Where one lane's code puts what it gives to a warp operation, and finds the answer: ptr (), arrays indexed
/// by unit that may differ from step to step. i32 (): what a shuffle by a known lane mask flips in the index
/// of its answer; 0 when the answer is in its own place.
inline constexpr const char *offers_marker = "heddle.offers", *answers_marker = "heddle.answers",
                            *lane_flip_marker = "heddle.lane_flip";

/// A region's outcome when the unit has ended, and a step's when its units have gone different ways: numbers
/// of src/backends/cpu/abi.h.
inline constexpr std::uint32_t region_ended = 0, region_mixed = 0xffffffff;

/// heddle_cpu_suspension.
struct Suspension {
    static constexpr std::uint32_t has_mask = 1, has_operand = 2;
    static constexpr std::uint32_t barrier = 1, warp_sync = 2, shuffle_index = 3, shuffle_up = 4,
                                   shuffle_down = 5, shuffle_xor = 6;
    std::uint32_t operation = 0, flags = 0, mask = 0, operand = 0;

    bool is_shuffle() const { return operation >= shuffle_index && operation <= shuffle_xor; }
    /// A shuffle whose lanes pick the values that they ask for.
    bool is_pick() const { return is_shuffle() && (flags & has_operand) == 0; }
    /// Whether an operation names the lanes that take part: all but barriers, __activemask() and yielding.
    static constexpr bool takes_mask(std::uint64_t operation) {
        return operation != barrier && operation != 8 && operation != 19;
    }
};

/// A value that all units have in common: read once from the frame of any of them.
struct CommonValue {
    std::uint64_t offset;
    llvm::Type* type;  ///< as it lies in the frame
};

/// One or several regions as i32 f(parameters of the unit's code..., ptr frame, i32 group, ptr offers, ptr
/// answers, i32 lane flip, ptr own[, i32 region], common values...), which gives the region that the unit
/// goes on with. `own` are the offers that units have made before they suspended.
struct RegionFunction {
    llvm::Function* function = nullptr;
    std::vector<std::uint32_t> regions;  ///< which it runs; with more than one it takes `region`
    std::vector<CommonValue> common;
    std::vector<std::uint32_t> outcomes;   ///< that there may be
    std::optional<std::uint32_t> outcome;  ///< when there is only one
    bool has_common_outcome = false;       ///< all units of a step go on with the same region
};

struct BarrierRegions {
    std::vector<RegionFunction> functions;
    std::vector<Suspension> suspensions;  ///< what each region's units have waited for
    std::uint64_t frame_bytes = 0;        ///< a unit's, a multiple of frame_alignment
    std::uint64_t frame_alignment = 1;
    llvm::MDNode* frame_scope = nullptr;  ///< alias scopes of what the regions' own bookkeeping accesses
};

/// Splits `unit` and deletes it. `varying` are the parameters that differ between the units of a block; with
/// `in_rounds`, all units of a block that have not ended suspend equally often, so that what does not depend
/// on `varying` is the same in all of them.
BarrierRegions split_at_suspensions(llvm::Function& unit, llvm::ArrayRef<unsigned> varying, bool in_rounds);

}  // namespace heddle::compiler
