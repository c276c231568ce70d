// Which loops run lane by lane: what they may contain, that no lane in them waits for another, and an
// estimate of the cycles of both forms.
#include "serial_loops.h"

#include <llvm/ADT/SetVector.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace heddle::compiler {
namespace {

using namespace llvm;

bool is_scalar(const Type* type) {
    return type->isIntegerTy() || type->isFloatingPointTy() || type->isPointerTy();
}

// Calls that mean the same for one lane as for the warp, and give the same bits.
bool is_free_of_lanes(const CallBase& call) {
    const Function* callee = call.getCalledFunction();
    if (!callee) return false;
    StringRef name = callee->getName();
    if (name.consume_front("heddle."))
        return name.starts_with("ntid.") || name.starts_with("nctaid.") || name.starts_with("ctaid.") ||
               name == "globals" || name == "shared.base" || name == "dynamic.shared.bytes";
    if (!callee->isIntrinsic()) return false;
    return call.doesNotAccessMemory() || callee->getIntrinsicID() == Intrinsic::assume ||
           isa<DbgInfoIntrinsic>(call) || call.isLifetimeStartOrEnd();
}

bool may_stand_in(const Instruction& instruction, const ShapeAnalysis& shapes) {
    if (const auto* phi = dyn_cast<PHINode>(&instruction)) return is_scalar(phi->getType());
    if (const auto* load = dyn_cast<LoadInst>(&instruction))
        return load->isSimple() && is_scalar(load->getType()) &&
               !shapes.is_interleaved(load->getPointerOperand());
    if (const auto* store = dyn_cast<StoreInst>(&instruction))
        return store->isSimple() && is_scalar(store->getValueOperand()->getType()) &&
               !shapes.is_interleaved(store->getPointerOperand());
    // One atomic serves all lanes on one address: far less than one a lane, which others contend for.
    if (const auto* atomic = dyn_cast<AtomicRMWInst>(&instruction))
        return !atomic->isVolatile() && !shapes.is_uniform(atomic->getPointerOperand());
    if (const auto* exchange = dyn_cast<AtomicCmpXchgInst>(&instruction)) return !exchange->isVolatile();
    if (const auto* call = dyn_cast<CallBase>(&instruction)) return is_free_of_lanes(*call);
    return !isa<FenceInst>(instruction) && !isa<AllocaInst>(instruction);
}

// Whether the number of rounds of `loop` may hang on what another lane does: then a lane that ran to its end
// first might wait for ever. Follows what decides the exits back through the loop.
bool waits_for_others(const Loop& loop, const DominatorTree& dominators) {
    if (none_of(loop.blocks(), [](const BasicBlock* block) {
            return any_of(*block, [](const Instruction& i) { return i.isAtomic(); });
        }))
        return false;
    SetVector<const Value*> deciding;
    const auto add_every_branch = [&] {
        for (const BasicBlock* block : loop.blocks())
            if (auto* branch = dyn_cast<BranchInst>(block->getTerminator());
                branch && branch->isConditional())
                deciding.insert(branch->getCondition());
    };
    SmallVector<BasicBlock*, 4> exiting;
    loop.getExitingBlocks(exiting);
    for (const BasicBlock* block : exiting) {
        auto* branch = dyn_cast<BranchInst>(block->getTerminator());
        if (!branch || !branch->isConditional()) return true;
        deciding.insert(branch->getCondition());
        // An exit that only some rounds reach hangs on the branches before it too.
        if (!loop.getLoopLatch() || !dominators.dominates(block, loop.getLoopLatch())) add_every_branch();
    }
    for (std::size_t at = 0; at < deciding.size(); ++at) {
        const auto* instruction = dyn_cast<Instruction>(deciding[at]);
        if (!instruction || !loop.contains(instruction)) continue;
        if (instruction->isAtomic()) return true;
        if (isa<PHINode>(instruction) && instruction->getParent() != loop.getHeader()) add_every_branch();
        for (const Use& operand : instruction->operands())
            if (!isa<BasicBlock>(operand.get())) deciding.insert(operand.get());
    }
    return false;
}

// Cycles of one round: of the warp's vectors, and of 32 lanes one after the other.
struct Cycles {
    double vector = 0, serial = 0;
};

// Measured on processors with AVX-512; with AVX2 gathers cost as much, without gathers more.
Cycles cost(const Instruction& instruction, const ShapeAnalysis& shapes, const DataLayout& layout) {
    constexpr double lanes = 32;
    constexpr double gather = 70, scatter = 90, shared_line = 3, groups = 10;
    const auto access = [&](const Value* pointer, Type* type, double scattered) -> double {
        const Shape shape = shapes.shape(pointer);
        if (shape.is_uniform()) return 1;
        const auto size = static_cast<std::int64_t>(layout.getTypeStoreSize(type).getFixedValue());
        if (shape.is_affine() && (shape.stride == size || shape.stride == -size)) return shared_line;
        return shape.group >= 4 && shape.group < 32 ? groups : scattered;
    };
    const double width = instruction.getType()->isSized() && !instruction.getType()->isVoidTy() &&
                                 layout.getTypeStoreSize(instruction.getType()) > 4
                             ? 2
                             : 1;
    if (const auto* load = dyn_cast<LoadInst>(&instruction))
        return {access(load->getPointerOperand(), load->getType(), gather), lanes / 2};
    if (const auto* store = dyn_cast<StoreInst>(&instruction))
        return {access(store->getPointerOperand(), store->getValueOperand()->getType(), scatter), lanes};
    if (instruction.isAtomic()) return {20, 0};  // one lane after the other in both forms
    if (isa<PHINode>(instruction) || isa<GetElementPtrInst>(instruction) ||
        isa<AddrSpaceCastInst>(instruction) || isa<ZExtInst>(instruction) || isa<BitCastInst>(instruction) ||
        isa<ExtractValueInst>(instruction) || isa<FreezeInst>(instruction) ||
        isa<DbgInfoIntrinsic>(instruction))
        return {shapes.is_uniform(&instruction) ? 0.0 : 1.0, 0};
    if (const auto* branch = dyn_cast<BranchInst>(&instruction))
        return branch->isConditional() ? Cycles{4, lanes / 2} : Cycles{0, 0};
    const bool is_uniform = shapes.is_uniform(&instruction);
    switch (instruction.getOpcode()) {
        case Instruction::SDiv:
        case Instruction::UDiv:
        case Instruction::SRem:
        case Instruction::URem:
            return {is_uniform ? 10.0 : 40 * width, 10 * lanes};
        case Instruction::FDiv:
        case Instruction::FRem:
            return {is_uniform ? 5.0 : 20 * width, 5 * lanes};
        case Instruction::Call:
            return {is_uniform ? 1.0 : 4 * width, 2 * lanes};
        default: {
            // Halves are computed as floats, with conversions around.
            const double steps = instruction.getType()->getScalarType()->isHalfTy() ? 4 : 1;
            return {is_uniform ? 1.0 : 2 * width * steps, lanes / 4 * steps};
        }
    }
}

bool pays(const Loop& loop, const DominatorTree& dominators, const LoopInfo& loops,
          const ShapeAnalysis& shapes, const DataLayout& layout) {
    // Lanes take different numbers of rounds: the warp takes the most. A lane's end costs a mispredicted
    // branch, here for loops of some eight rounds.
    constexpr double most_to_mean = 1.5, lane_end = 80, rounds = 8, gain = 1.25;
    Cycles total{0, lane_end};
    for (const BasicBlock* block : loop.blocks()) {
        const Loop* innermost = loops.getLoopFor(block);
        double weight = 1;
        for (unsigned depth = loop.getLoopDepth(); depth < innermost->getLoopDepth(); ++depth)
            weight *= rounds;
        if (innermost != &loop && block == innermost->getHeader()) total.serial += weight * lane_end;
        // Half of the lanes for each branch on the way from the loop's header; some lane always goes there.
        double taken = 1;
        for (const BasicBlock* at = block; at != innermost->getHeader();) {
            const BasicBlock* branching = dominators.getNode(at)->getIDom()->getBlock();
            if (!innermost->getLoopLatch() || !dominators.dominates(at, innermost->getLoopLatch()))
                taken /= 2;
            at = branching;
        }
        for (const Instruction& instruction : *block) {
            const Cycles one = cost(instruction, shapes, layout);
            total.vector += weight * one.vector;
            total.serial += weight * taken * one.serial;
        }
    }
    return total.vector * most_to_mean > gain * total.serial;
}

// Neighbouring lanes on neighbouring elements: what vectors are best at.
bool has_contiguous_access(const Loop& loop, const ShapeAnalysis& shapes, const DataLayout& layout) {
    for (const BasicBlock* block : loop.blocks())
        for (const Instruction& instruction : *block)
            if (const Value* pointer = getLoadStorePointerOperand(&instruction)) {
                if (loop.isLoopInvariant(pointer)) continue;  // the same place every round
                const Shape shape = shapes.shape(pointer);
                const auto size = static_cast<std::int64_t>(
                    layout.getTypeStoreSize(getLoadStoreType(const_cast<Instruction*>(&instruction)))
                        .getFixedValue());
                if (shape.is_uniform() || shape.group < 4) continue;
                if (shape.stride == 0 || std::abs(shape.stride) == size) return true;
            }
    return false;
}

}  // namespace

SerialLoops::SerialLoops(Function& kernel, const ControlSequence& tree, const DominatorTree& dominators,
                         const LoopInfo& loops, const ShapeAnalysis& shapes, Row row)
    : lane_shapes_(kernel, tree, loops, row, 1) {
    const DataLayout& layout = kernel.getParent()->getDataLayout();
    // Blocks of odd widths have most lanes on neighbouring elements too, only no proof of it. What the loop
    // is good for is judged by the shapes of whole rows; lanes that stride through memory one after the
    // other would fetch every line anew.
    std::optional<ShapeAnalysis> of_whole_rows;
    const auto judged_by = [&]() -> const ShapeAnalysis& {
        if (row == Row::full) return shapes;
        if (!of_whole_rows) of_whole_rows.emplace(kernel, tree, loops, Row::full, 32);
        return *of_whole_rows;
    };
    const auto consider = [&](const ControlNode& node) {
        const Loop* loop = loops.getLoopFor(node.block);
        if (!shapes.leaves_apart(node.block)) return false;
        SmallVector<BasicBlock*, 4> exits;
        loop->getUniqueExitBlocks(exits);
        if (exits.empty()) return false;
        // Only the loop's own blocks, left by jumps to the labels behind it.
        const std::function<bool(const ControlSequence&)> is_closed = [&](const ControlSequence& sequence) {
            return all_of(sequence, [&](const std::unique_ptr<ControlNode>& inner) {
                if (inner->kind == ControlNode::Kind::end || !loop->contains(inner->block)) return false;
                if (inner->kind == ControlNode::Kind::jump && !loop->contains(inner->target) &&
                    (inner->is_back_edge || !is_contained(exits, inner->target)))
                    return false;
                return is_closed(inner->body) && is_closed(inner->otherwise);
            });
        };
        if (!is_closed(node.body)) return false;
        SetVector<Value*> inputs;
        const auto take = [&](Value* value) {
            auto* definition = dyn_cast<Instruction>(value);
            if (definition ? loop->contains(definition) : !isa<Argument>(value)) return true;
            inputs.insert(value);
            return is_scalar(value->getType()) && !shapes.is_interleaved(value);
        };
        for (BasicBlock* block : loop->blocks())
            for (Instruction& instruction : *block) {
                if (!may_stand_in(instruction, shapes)) return false;
                auto* phi = dyn_cast<PHINode>(&instruction);
                for (Use& operand : instruction.operands())
                    if ((!phi || loop->contains(phi->getIncomingBlock(operand))) && !take(operand.get()))
                        return false;
            }
        for (BasicBlock* exit : exits) {
            if (!shapes.arrives_apart(exit)) return false;
            for (PHINode& phi : exit->phis())
                for (Use& incoming : phi.incoming_values()) {
                    if (!loop->contains(phi.getIncomingBlock(incoming))) return false;
                    auto* value = dyn_cast<Instruction>(incoming.get());
                    if (value && loop->contains(value) && !shapes.shape(&phi).is_varying()) return false;
                    if (!is_scalar(phi.getType()) || !take(incoming.get())) return false;
                }
        }
        if (has_contiguous_access(*loop, judged_by(), layout) ||
            !pays(*loop, dominators, loops, judged_by(), layout))
            return false;
        for (const Loop* inner : loop->getLoopsInPreorder())
            if (waits_for_others(*inner, dominators)) return false;
        loops_[node.block] = {SmallVector<Value*, 8>(inputs.begin(), inputs.end()),
                              SmallVector<BasicBlock*, 2>(exits.begin(), exits.end())};
        return true;
    };
    const std::function<void(const ControlSequence&)> search = [&](const ControlSequence& sequence) {
        for (const auto& node : sequence) {
            if (node->kind == ControlNode::Kind::loop && consider(*node)) continue;
            search(node->body);
            search(node->otherwise);
        }
    };
    search(tree);
}

}  // namespace heddle::compiler
