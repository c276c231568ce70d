// Divergence over a block, as a fixed point: it starts at thread indices, atomics and what lanes exchange,
// goes along data, and from a branch that threads take apart to the phis where they meet again and to the
// values that leave a loop in different iterations.
#include "uniformity.h"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

namespace heddle::compiler {

using namespace llvm;

BlockUniformity::BlockUniformity(Function& kernel, const LoopInfo& loops)
    : loops_(loops), post_dominators_(kernel) {
    ReversePostOrderTraversal<Function*> order(&kernel);
    for (BasicBlock* block : order) {
        number_[block] = static_cast<unsigned>(order_.size());
        order_.push_back(block);
    }
    for (const Instruction& instruction : instructions(kernel))
        if (is_source(instruction)) mark(&instruction);
    while (!work_.empty()) {
        const Value* value = work_.back();
        work_.pop_back();
        for (const User* user : value->users()) {
            const auto* instruction = dyn_cast<Instruction>(user);
            if (!instruction) continue;
            if (instruction->isTerminator())
                spread_control(instruction->getParent());
            else
                mark(instruction);
        }
    }
    for (const BasicBlock* block : order_)
        if (diverges(block)) part_behind(block);
    // What all may compute: the greatest set that is closed under operands.
    for (const Instruction& instruction : instructions(kernel)) {
        bool is_safe = is_uniform(&instruction) && !instruction.mayReadOrWriteMemory() &&
                       (isa<PHINode>(instruction) || isSafeToSpeculativelyExecute(&instruction) ||
                        isa<CallInst>(instruction));
        if (const auto* call = dyn_cast<CallInst>(&instruction))
            is_safe = is_safe && call->doesNotAccessMemory() && !call->isConvergent();
        if (const auto* phi = dyn_cast<PHINode>(&instruction)) {
            const Loop* loop = loops_.getLoopFor(phi->getParent());
            is_safe = is_safe && loop && loop->getHeader() == phi->getParent();
        }
        if (!is_safe) not_known_.insert(&instruction);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (const Instruction& instruction : instructions(kernel)) {
            if (not_known_.count(&instruction) != 0) continue;
            for (const Value* operand : instruction.operands())
                if (isa<Instruction>(operand) && not_known_.count(operand) != 0) {
                    not_known_.insert(&instruction);
                    changed = true;
                    break;
                }
        }
    }
}

bool BlockUniformity::is_source(const Instruction& instruction) const {
    if (isa<AtomicRMWInst>(instruction) || isa<AtomicCmpXchgInst>(instruction) ||
        isa<AllocaInst>(instruction))
        return true;
    if (const auto* load = dyn_cast<LoadInst>(&instruction)) return load->isVolatile() || load->isAtomic();
    const auto* call = dyn_cast<CallBase>(&instruction);
    if (!call || !call->getCalledFunction() || isa<IntrinsicInst>(call)) return false;
    StringRef name = call->getCalledFunction()->getName();
    if (!name.consume_front("heddle.")) return true;
    const bool is_uniform_function = name.starts_with("ntid.") || name.starts_with("ctaid.") ||
                                     name.starts_with("nctaid.") || name.starts_with("barrier") ||
                                     name == "dynamic.shared.bytes" || name == "globals";
    if (is_uniform_function) return false;
    // Maths of uniform values is uniform.
    return !(call->doesNotAccessMemory() && !call->isConvergent() && !name.starts_with("tid.") &&
             name != "lane");
}

void BlockUniformity::mark(const Value* value) {
    if (divergent_.insert(value).second) work_.push_back(value);
}

bool BlockUniformity::diverges(const BasicBlock* block) const {
    const auto* branch = dyn_cast<BranchInst>(block->getTerminator());
    return branch && branch->isConditional() && !is_uniform(branch->getCondition());
}

bool BlockUniformity::is_known_to_all(const Value* value) const {
    return !isa<Instruction>(value) || not_known_.count(value) == 0;
}

// From a branch that threads take apart to where all of them meet again.
void BlockUniformity::part_behind(const BasicBlock* block) {
    const auto* node = post_dominators_.getNode(block);
    const auto* meeting = node ? node->getIDom() : nullptr;
    const BasicBlock* end = meeting ? meeting->getBlock() : nullptr;
    DenseSet<const BasicBlock*> seen;
    SmallVector<const BasicBlock*, 16> open(successors(block));
    while (!open.empty()) {
        const BasicBlock* current = open.pop_back_val();
        if (current == end || !seen.insert(current).second) continue;
        apart_.insert(current);
        open.append(succ_begin(current), succ_end(current));
    }
}

void BlockUniformity::spread_control(const BasicBlock* block) {
    if (!spread_.insert(block).second) return;
    const Loop* own = loops_.getLoopFor(block);
    const auto is_back_edge = [&](const BasicBlock* from, const BasicBlock* to) {
        const Loop* loop = loops_.getLoopFor(to);
        return loop && loop->getHeader() == to && loop->contains(from);
    };
    // Each block gets the label of the way by which threads come to it; where two ways meet a new one begins.
    DenseMap<const BasicBlock*, const BasicBlock*> label;
    for (const BasicBlock* successor : successors(block))
        if (!is_back_edge(block, successor)) {
            const auto [place, is_new] = label.try_emplace(successor, successor);
            if (!is_new) place->second = successor;
        }
    unsigned start = number_.lookup(block) + 1;
    for (unsigned at = start; at < order_.size(); ++at) {
        const BasicBlock* current = order_[at];
        const BasicBlock* mine = nullptr;
        bool meets = false;
        for (const BasicBlock* predecessor : predecessors(current)) {
            if (is_back_edge(predecessor, current)) continue;
            const BasicBlock* theirs = predecessor == block ? current : label.lookup(predecessor);
            if (!theirs) continue;
            if (mine && mine != theirs) meets = true;
            mine = theirs;
        }
        if (!mine) continue;
        label[current] = meets ? current : mine;
        if (meets)
            for (const PHINode& phi : current->phis()) mark(&phi);
    }
    // Loops that threads leave in different iterations.
    for (const Loop* loop = own; loop; loop = loop->getParentLoop()) {
        bool leaves_apart = false;
        SmallVector<std::pair<BasicBlock*, BasicBlock*>, 4> exits;
        loop->getExitEdges(exits);
        for (const auto& [from, to] : exits)
            if (from == block || (label.count(from) != 0 && !post_dominators_.dominates(from, block)))
                leaves_apart = true;
        if (!leaves_apart) continue;
        for (const auto& [from, to] : exits)
            for (const PHINode& phi : to->phis()) mark(&phi);
    }
}

}  // namespace heddle::compiler
