// Which values are the same for all threads of a block, and which branches all of them take together.
#pragma once

#include <llvm/ADT/DenseSet.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/PostDominators.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Function.h>

namespace heddle::compiler {

class BlockUniformity {
  public:
    BlockUniformity(llvm::Function& kernel, const llvm::LoopInfo& loops);

    /// All threads that compute `value` get the same, in the same iteration of the loops around it.
    bool is_uniform(const llvm::Value* value) const { return divergent_.count(value) == 0; }
    /// `block` ends in a branch that some threads may take and others not.
    bool diverges(const llvm::BasicBlock* block) const;
    /// Some threads of the block may come to `block` while others go another way or have gone for good.
    bool parts_at(const llvm::BasicBlock* block) const { return apart_.count(block) != 0; }
    /// `value` is uniform, and even threads that take no part where it stands may compute it: it neither
    /// reads memory nor can it fail, and what it is made of is of that kind too.
    bool is_known_to_all(const llvm::Value* value) const;

  private:
    bool is_source(const llvm::Instruction& instruction) const;
    void mark(const llvm::Value* value);
    void spread_control(const llvm::BasicBlock* block);
    void part_behind(const llvm::BasicBlock* block);

    const llvm::LoopInfo& loops_;
    llvm::PostDominatorTree post_dominators_;
    llvm::DenseMap<const llvm::BasicBlock*, unsigned> number_;
    std::vector<const llvm::BasicBlock*> order_;
    llvm::DenseSet<const llvm::Value*> divergent_, not_known_;
    llvm::DenseSet<const llvm::BasicBlock*> spread_, apart_;
    std::vector<const llvm::Value*> work_;
};

}  // namespace heddle::compiler
