// How lanes of a scalar kernel's warp find each other's values: what a step hands to a region, and how a warp
// whose lanes have all arrived at a shuffle goes on without the run time.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include "barrier_regions.h"

namespace heddle::compiler {

/// What a region of a scalar kernel works with, besides its units.
struct LaneExchange {
    llvm::Value *offers = nullptr, *second = nullptr;  ///< the arrays that change places from step to step
    llvm::Value* answers = nullptr;
    llvm::Value* own = nullptr;  ///< where the units' last offers are
    llvm::Value* lane_flip = nullptr;
    llvm::Value* group = nullptr;
    llvm::Value* left = nullptr;  ///< i32: how many steps the warp may still go on by itself

    /// The same as phis, which come so from the block `from`.
    static LaneExchange make_phis(llvm::IRBuilder<>& b, const LaneExchange& given, llvm::BasicBlock* from);
    /// `this` are phis, which become `next` when control comes from the block `from`.
    void come_with(const LaneExchange& next, llvm::BasicBlock* from) const;
    /// For the step behind `suspension`, where all lanes of the warp from thread `first` on have arrived
    /// after this one. `free` is an array that nobody reads.
    LaneExchange after(llvm::IRBuilder<>& b, const Suspension& suspension, llvm::Value* first,
                       llvm::Value* free) const;
};

/// Whether all lanes of a whole warp are past a warp operation as soon as they have arrived at it, but for
/// the values that they exchange.
bool goes_on(const Suspension& suspension);

}  // namespace heddle::compiler
