// What code that waits must keep: where a unit's code is cut, what lives across the suspensions, which of it
// is computed again instead, where the rest lies in the unit's frame, and what all units have in common.
#pragma once

#include <llvm/ADT/BitVector.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Instructions.h>

#include <cstdint>
#include <vector>

namespace heddle::compiler {

/// The type that a value has in the frame: masks are kept as bytes, bits would be gathered one by one.
llvm::Type* frame_type(llvm::Type* type);

/// Region 0 begins at the start, region k at `starts[k]` behind the suspension `markers[k]`. Values are
/// numbered.
struct RegionFrame {
    /// Ends a block of `unit` behind every marker. `varying` and `in_rounds` as in split_at_suspensions.
    RegionFrame(llvm::Function& unit, llvm::ArrayRef<unsigned> varying, bool in_rounds);

    std::vector<llvm::CallInst*> markers{nullptr};
    std::vector<llvm::BasicBlock*> starts;
    llvm::DenseMap<const llvm::BasicBlock*, unsigned> suspends;  ///< blocks that end with a marker
    std::vector<llvm::Instruction*> values;                      ///< those that live beyond their block
    llvm::DenseMap<const llvm::Value*, unsigned> numbers;
    llvm::DenseMap<const llvm::BasicBlock*, llvm::BitVector> live_in;
    std::vector<llvm::BitVector> kept;  ///< for each region, the values that lie in the frame
    /// For each region, the value that the unit has offered when it suspended and that is needed after it,
    /// which lies there and not in the frame, and the index of the place; or no_offer.
    struct Offer {
        unsigned number;
        llvm::Value* index;
    };
    static constexpr unsigned no_offer = ~0u;
    std::vector<Offer> offers;
    std::vector<std::uint64_t> offsets;                             ///< of kept values
    llvm::DenseMap<const llvm::AllocaInst*, std::uint64_t> arrays;  ///< those in the frame
    std::uint64_t bytes = 0, alignment = 8;
    llvm::BitVector common;  ///< values that are the same in all units of a step; empty when there are none
    /// Blocks that units of one step may leave for different places, and where they meet again (null:
    /// nowhere); with `in_lockstep` only.
    llvm::DenseMap<const llvm::BasicBlock*, const llvm::BasicBlock*> parts;
    /// Units that wait at one suspension have come there the same way.
    bool in_lockstep = false;

    unsigned regions() const { return static_cast<unsigned>(markers.size()); }
    const llvm::BitVector& live_at(unsigned region) const { return live_in.find(starts[region])->second; }

  private:
    void cut();
    bool waits_in_lockstep() const;
    void find_live_values();
    void place(std::uint64_t& at, std::uint64_t size, std::uint64_t alignment);
    void place_arrays();
    void place_array(const llvm::AllocaInst& array);
    bool lives_across(llvm::AllocaInst& array) const;
    bool is_cheap(const llvm::Value* value, const llvm::BitVector& at_hand, bool is_root,
                  unsigned& budget) const;
    llvm::BitVector used_in(unsigned region) const;
    void choose_kept();
    Offer find_offer(unsigned region) const;
    void place_values();
    void find_common(llvm::ArrayRef<unsigned> varying);

    llvm::Function& unit_;
    const llvm::DataLayout& layout_;
};

}  // namespace heddle::compiler
