// Which values of a kernel stand in expressions and which get a variable; loop variables that share one with
// the value of their next iteration.
#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>

#include "structured_emitter.h"
#include "vectors.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

constexpr unsigned longest_expression = 10;  // operations

bool disturbs(const Instruction& instruction) {
    if (instruction.mayWriteToMemory()) return true;
    const auto* call = dyn_cast<CallBase>(&instruction);
    return call && call->isConvergent();
}

}  // namespace

bool StructuredEmitter::costs_nothing(const Instruction& instruction) const {
    return moves_elements(instruction) || is_free(instruction);
}

bool StructuredEmitter::can_fold(const Instruction& instruction) const {
    if (isa<PHINode>(instruction) || isa<AllocaInst>(instruction) || instruction.isTerminator()) return false;
    if (const auto* load = dyn_cast<LoadInst>(&instruction)) return load->isSimple();
    // What lanes do together stays where all of them come.
    if (const auto* call = dyn_cast<CallBase>(&instruction); call && call->isConvergent()) return false;
    if (instruction.mayReadOrWriteMemory() || instruction.mayHaveSideEffects()) return false;
    return !waits(instruction);
}

// The instruction whose statement evaluates `instruction`, which has one evaluation; null when that is the
// copy to a phi.
const Instruction* StructuredEmitter::root_of(const Instruction& instruction) const {
    const auto* user = cast<Instruction>(*instruction.user_begin());
    if (const auto* phi = dyn_cast<PHINode>(user)) {
        for (const Use& use : instruction.uses())
            if (use.getUser() == phi) return phi->getIncomingBlock(use)->getTerminator();
    }
    return is_folded(user) ? root_of(*user) : user;
}

bool StructuredEmitter::is_undisturbed(const Instruction& load, const Instruction& root) const {
    if (load.getParent() != root.getParent()) return false;
    for (const Instruction* at = load.getNextNode(); at && at != &root; at = at->getNextNode())
        if (disturbs(*at)) return false;
    return true;
}

void StructuredEmitter::choose_folded() {
    // Users before what they use.
    DenseMap<const Value*, unsigned> sizes;
    SmallVector<BasicBlock*, 32> blocks;
    ReversePostOrderTraversal<Function*> order(&kernel_);
    for (BasicBlock* block : order) blocks.push_back(block);
    for (BasicBlock* block : reverse(blocks))
        for (Instruction& instruction : reverse(*block)) {
            unsigned evaluations = 0;
            for (const User* user : instruction.users()) {
                const auto* used_by = dyn_cast<Instruction>(user);
                if (!used_by) continue;
                evaluations += is_folded(used_by) ? evaluations_.lookup(used_by) : 1;
            }
            evaluations_[&instruction] = evaluations;
            if (evaluations == 0 || !can_fold(instruction)) continue;
            if (costs_nothing(instruction)) {
                folded_.insert(&instruction);
                continue;
            }
            if (evaluations != 1) continue;
            const bool has_name = !SourceNames::source_name(instruction).empty() &&
                                  !instruction.getType()->isIntegerTy(1) && !isa<CallInst>(instruction);
            const Instruction* root = root_of(instruction);
            if (has_name && !isa<LoadInst>(instruction)) continue;
            if (waits(*root)) continue;
            const bool may_fail = instruction.isIntDivRem() || isa<LoadInst>(instruction);
            if (may_fail && !is_undisturbed(instruction, *root)) continue;
            if (loops_.getLoopFor(instruction.getParent()) != loops_.getLoopFor(root->getParent())) continue;
            folded_.insert(&instruction);
        }
    // Expressions that have grown too long are cut, from their leaves on.
    for (BasicBlock* block : blocks)
        for (Instruction& instruction : *block) {
            unsigned size = costs_nothing(instruction) ? 0 : 1;
            for (const Value* operand : instruction.operands())
                if (is_folded(operand)) size += sizes.lookup(operand);
            if (size > longest_expression && is_folded(&instruction) && !costs_nothing(instruction)) {
                folded_.erase(&instruction);
                size = 0;
            }
            sizes[&instruction] = size;
        }
}

// Whether everything that evaluates `value` in the loop of `latch` does so before `next`, an instruction of
// `latch`.
bool StructuredEmitter::is_read_only_before(const Value* value, const Instruction* next,
                                            const BasicBlock* latch, unsigned depth) const {
    if (depth > 16) return false;
    for (const Use& use : value->uses()) {
        const auto* user = dyn_cast<Instruction>(use.getUser());
        if (!user) return false;
        if (user == next) continue;
        if (const auto* phi = dyn_cast<PHINode>(user)) {
            if (phi->getIncomingBlock(use) == latch) return false;
            continue;
        }
        if (is_folded(user)) {
            if (!is_read_only_before(user, next, latch, depth + 1)) return false;
            continue;
        }
        if (user->getParent() == latch &&
            (user->isTerminator() || positions_.lookup(user) > positions_.lookup(next)))
            return false;
    }
    return true;
}

void StructuredEmitter::join_loop_variables() {
    unsigned number = 0;
    for (const Instruction& instruction : instructions(kernel_)) positions_[&instruction] = number++;
    for (Loop* loop : loops_.getLoopsInPreorder()) {
        const BasicBlock* latch = loop->getLoopLatch();
        if (!latch) continue;
        DenseSet<const Value*> used;
        for (const PHINode& phi : loop->getHeader()->phis()) {
            const auto* next = dyn_cast<Instruction>(phi.getIncomingValueForBlock(latch));
            if (!next || next->getParent() != latch || isa<PHINode>(next) || isa<AllocaInst>(next)) continue;
            if (waits(*next) || (costs_nothing(*next) && !isa<GetElementPtrInst>(next))) continue;
            if (uniformity_.is_known_to_all(&phi) != uniformity_.is_known_to_all(next)) continue;
            // Somebody else's variable would be read by the same name.
            bool is_read = true;
            for (const Use& use : next->uses())
                if (const auto* other = dyn_cast<PHINode>(use.getUser());
                    other && other != &phi && other->getParent() == loop->getHeader())
                    is_read = false;
            if (!is_read || !used.insert(next).second) continue;
            if (!is_read_only_before(&phi, next, latch, 0)) continue;
            folded_.erase(next);
            // What follows reads the variable itself, where it was a part of a longer expression before.
            if (names_.count(&phi) == 0) {
                const std::string from_next = SourceNames::source_name(*next);
                const std::string own = SourceNames::source_name(phi);
                names_[&phi] = own.empty() && !from_next.empty() ? source_names_.fresh(from_next)
                                                                 : source_names_.for_value(phi);
            }
            names_[next] = names_[&phi];
        }
    }
}

}  // namespace heddle::compiler
