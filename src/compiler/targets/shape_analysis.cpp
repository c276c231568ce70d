// Computes shapes by an optimistic fixed point over the instructions, alternating with the search for
// divergent labels and loops in the control tree, until neither changes.
#include "shape_analysis.h"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include <algorithm>
#include <bit>

namespace heddle::compiler {
namespace {

using namespace llvm;
constexpr std::uint64_t largest_alignment = std::uint64_t{1} << 20;

Shape join(Shape a, Shape b) {
    if (a.stride != b.stride) return Shape::varying();
    const std::uint32_t group = std::min(a.group, b.group);
    if (group == 1) return Shape::varying();
    return {group, a.stride, std::min(a.alignment, b.alignment), a.assumed || b.assumed};
}

Shape make(std::uint32_t group, std::int64_t stride, std::uint64_t alignment) {
    if (group <= 1) return Shape::varying();
    return {group, stride, std::clamp<std::uint64_t>(alignment, 1, largest_alignment), false};
}

// A pure operation on values that are equal within groups gives values equal within groups.
Shape equal_within_groups(const Instruction& instruction, const ShapeAnalysis& shapes) {
    std::uint32_t group = 32;
    for (const Use& operand : instruction.operands()) {
        if (isa<BasicBlock>(operand.get()) || isa<Function>(operand.get())) continue;
        if (operand.get()->getType()->isMetadataTy()) continue;
        const Shape shape = shapes.shape(operand.get());
        if (shape.stride != 0) return Shape::varying();
        group = std::min(group, shape.group);
    }
    return make(group, 0, 1);
}

bool is_power_of_two_mask(std::uint64_t value) {
    return value != 0 && (value & (value + 1)) == 0;
}

}  // namespace

std::uint64_t alignment_of(std::uint64_t value) {
    return value == 0 ? largest_alignment
                      : std::min(largest_alignment, std::uint64_t{1} << std::countr_zero(value));
}

ShapeAnalysis::ShapeAnalysis(Function& kernel, const ControlSequence& tree, const LoopInfo& loops, Row row,
                             unsigned lanes)
    : row_(row), lanes_(lanes), layout_(kernel.getParent()->getDataLayout()) {
    if (lanes_ == 1) return;
    find_interleaved(kernel);
    const ReversePostOrderTraversal<Function*> order(&kernel);
    for (bool changed = true; changed;) {
        changed = false;
        for (BasicBlock* block : order) {
            for (Instruction& instruction : *block) {
                if (instruction.getType()->isVoidTy()) continue;
                Shape next;
                if (auto* phi = dyn_cast<PHINode>(&instruction)) {
                    next = phi_shape(*phi, loops);
                    if (next.group == 0) continue;  // no incoming value is known yet
                } else {
                    bool ready = true;
                    for (const Use& operand : instruction.operands())
                        if (isa<Instruction>(operand.get()) && !known(operand.get())) ready = false;
                    if (!ready) continue;
                    next = transfer(instruction);
                }
                auto [at, inserted] = shapes_.try_emplace(&instruction, next);
                if (inserted) {
                    changed = true;
                } else if (at->second != next) {
                    // Shapes only ever lose knowledge, so the search ends.
                    Shape lower = join(at->second, next);
                    if (lower != at->second) {
                        at->second = lower;
                        changed = true;
                    }
                }
            }
        }
        changed |= find_divergence(tree);
    }
}

bool ShapeAnalysis::known(const Value* value) const {
    return !isa<Instruction>(value) || shapes_.contains(value);
}

Shape ShapeAnalysis::shape(const Value* value) const {
    if (lanes_ == 1) return Shape::uniform();
    if (auto* integer = dyn_cast<ConstantInt>(value)) {
        const std::uint64_t bits = integer->getValue().getActiveBits() <= 64 ? integer->getZExtValue() : 1;
        return Shape::uniform(alignment_of(bits));
    }
    if (auto* argument = dyn_cast<Argument>(value)) {
        return Shape::uniform(argument->getType()->isPointerTy() ? 16 : 1);
    }
    if (!isa<Instruction>(value)) return Shape::uniform();
    auto found = shapes_.find(value);
    return found == shapes_.end() ? Shape::uniform() : found->second;
}

Shape ShapeAnalysis::phi_shape(const PHINode& phi, const LoopInfo& loops) const {
    const BasicBlock* block = phi.getParent();
    Shape result{0, 0, 1, false};
    const Value* only = nullptr;
    bool several = false;
    for (const Use& incoming : phi.incoming_values()) {
        if (isa<UndefValue>(incoming.get())) continue;
        if (only && only != incoming.get()) several = true;
        only = incoming.get();
        if (!known(incoming.get())) continue;
        const Shape next = shape(incoming.get());
        result = result.group == 0 ? next : join(result, next);
        if (result.assumed) return Shape::varying();  // a phi keeps the base alone, not the lanes' own values
    }
    if (result.group == 0 || !arrives_apart(block)) return result;
    // Lanes arrive along different edges or after different iterations: a value is the same for all of them
    // only when it is one value, defined outside every loop that they leave apart.
    if (several) return Shape::varying();
    if (auto* definition = dyn_cast_or_null<Instruction>(only)) {
        const BasicBlock* defined = definition->getParent();
        if (is_eager_exit(*defined)) defined = defined->getSinglePredecessor();
        for (const Loop* loop = loops.getLoopFor(defined); loop && !loop->contains(block);
             loop = loop->getParentLoop())
            if (leaves_apart(loop->getHeader())) return Shape::varying();
    }
    return result;
}

bool ShapeAnalysis::never_wraps(const Value* value, bool is_signed, unsigned depth) const {
    const Shape s = shape(value);
    if (s.stride == 0) return true;
    if (s.group == 1 || s.assumed || depth > 8) return false;
    if (s.stride > 0 && static_cast<std::uint64_t>(s.stride) * (s.group - 1) < s.alignment) return true;
    if (auto* call = dyn_cast<CallBase>(value))
        return call->getCalledFunction() != nullptr;  // threadIdx, lane
    if (auto* phi = dyn_cast<PHINode>(value))
        return std::all_of(phi->op_begin(), phi->op_end(), [&](const Use& incoming) {
            if (auto* step = dyn_cast<Instruction>(incoming.get()); step && step != phi) {
                // The step of an induction variable: its own operand is the phi, taken as proven.
                for (const Use& operand : step->operands())
                    if (operand.get() == phi) {
                        auto* arithmetic = dyn_cast<OverflowingBinaryOperator>(step);
                        return arithmetic &&
                               (is_signed ? arithmetic->hasNoSignedWrap() : arithmetic->hasNoUnsignedWrap());
                    }
            }
            return never_wraps(incoming.get(), is_signed, depth + 1);
        });
    if (auto* select = dyn_cast<SelectInst>(value))
        return never_wraps(select->getTrueValue(), is_signed, depth + 1) &&
               never_wraps(select->getFalseValue(), is_signed, depth + 1);
    if (isa<ZExtInst>(value) || isa<SExtInst>(value))
        return true;  // affine only because its operand never wraps
    if (auto* disjoint = dyn_cast<PossiblyDisjointInst>(value))
        return disjoint->isDisjoint() && never_wraps(disjoint->getOperand(0), is_signed, depth + 1) &&
               never_wraps(disjoint->getOperand(1), is_signed, depth + 1);
    if (auto* arithmetic = dyn_cast<OverflowingBinaryOperator>(value)) {
        if (!(is_signed ? arithmetic->hasNoSignedWrap() : arithmetic->hasNoUnsignedWrap())) return false;
        return never_wraps(arithmetic->getOperand(0), is_signed, depth + 1) &&
               never_wraps(arithmetic->getOperand(1), is_signed, depth + 1);
    }
    if (auto* binary = dyn_cast<BinaryOperator>(value))
        return binary->getOpcode() == Instruction::And;  // the low bits of a lane number
    return false;
}

Shape ShapeAnalysis::address_offset(const GetElementPtrInst& gep, bool& is_known) const {
    MapVector<Value*, APInt> scaled;
    APInt constant(64, 0);
    is_known = gep.collectOffset(layout_, 64, scaled, constant);
    Shape total = Shape::uniform(alignment_of(constant.getZExtValue()));
    for (auto& [index, scale] : scaled) {
        const Shape s = shape(index);
        if (s.stride != 0 && index->getType()->getIntegerBitWidth() < 64 && !never_wraps(index, true)) {
            is_known = false;
            break;
        }
        total = make(std::min(total.group, s.group), total.stride + s.stride * scale.getSExtValue(),
                     std::min(total.alignment, s.alignment * alignment_of(scale.getZExtValue())));
        if (total.is_varying()) break;
    }
    return total;
}

Shape ShapeAnalysis::call_shape(const CallBase& call) const {
    const Function* callee = call.getCalledFunction();
    if (!callee) return Shape::varying();
    StringRef name = callee->getName();
    const auto argument = [&](unsigned i) { return shape(call.getArgOperand(i)); };
    if (name.consume_front("heddle.")) {
        if (name.starts_with("tid.")) {
            const bool x = name == "tid.x";
            switch (row_) {
                case Row::full:
                    return x ? make(32, 1, 32) : Shape::uniform();
                case Row::linear:
                    return x ? make(32, 1, 32) : Shape::uniform(largest_alignment);
                case Row::half:
                    return make(16, x ? 1 : 0, x ? 16 : 1);
                case Row::any:
                    return Shape::varying();
            }
        }
        if (name == "lane") return make(32, 1, largest_alignment);
        if (name == "ntid.x") return Shape::uniform(row_ == Row::full ? 32 : row_ == Row::half ? 16 : 1);
        if (name.starts_with("ntid.") || name.starts_with("ctaid.") || name.starts_with("nctaid.") ||
            name.starts_with("dynamic.shared") || name.starts_with("barrier") || name == "activemask" ||
            name.starts_with("clock") || name == "globaltimer")
            return Shape::uniform();
        if (name == "globals" || name == "shared.base") return Shape::uniform(128);
        if (name.starts_with("shfl.")) {
            if (argument(1).is_uniform()) return Shape::uniform();
            const auto* width = dyn_cast<ConstantInt>(call.getArgOperand(3));
            return name.starts_with("shfl.idx") && argument(2).is_uniform() && width &&
                           width->getZExtValue() == 32
                       ? Shape::uniform()
                       : Shape::varying();
        }
        if (name.starts_with("ballot") || name.starts_with("reduce.") || name.starts_with("match.all"))
            return argument(0).is_uniform() ? Shape::uniform() : Shape::varying();
        if (name.starts_with("match.") || name.starts_with("malloc")) return Shape::varying();
        return equal_within_groups(call, *this);  // maths
    }
    if (isa<IntrinsicInst>(call)) return equal_within_groups(call, *this);
    return name == "vprintf" ? Shape::uniform() : Shape::varying();
}

// What is assumed of an operand is assumed of the result, unless that is the same in all lanes or known of
// none.
Shape ShapeAnalysis::transfer(const Instruction& instruction) const {
    Shape result = exact_transfer(instruction);
    if (result.stride == 0 || result.is_varying()) return result;
    for (const Use& operand : instruction.operands())
        if (!isa<BasicBlock>(operand.get()) && !isa<Function>(operand.get()) &&
            !operand.get()->getType()->isMetadataTy())
            result.assumed |= shape(operand.get()).assumed;
    return result;
}

Shape ShapeAnalysis::exact_transfer(const Instruction& instruction) const {
    const auto operand = [&](unsigned i) { return shape(instruction.getOperand(i)); };
    const auto constant = [&](unsigned i) { return dyn_cast<ConstantInt>(instruction.getOperand(i)); };
    switch (instruction.getOpcode()) {
        case Instruction::Alloca: {
            if (is_interleaved(&instruction)) return Shape::uniform(64);
            const auto bytes = cast<AllocaInst>(instruction).getAllocationSize(layout_);
            const std::uint64_t size = bytes ? bytes->getFixedValue() : 1;
            return make(32, static_cast<std::int64_t>(size), alignment_of(size));
        }
        case Instruction::Load: {
            const Value* pointer = cast<LoadInst>(instruction).getPointerOperand();
            if (is_interleaved(pointer)) return Shape::varying();
            const Shape s = shape(pointer);
            return s.stride == 0 ? make(s.group, 0, 1) : Shape::varying();
        }
        case Instruction::AtomicRMW:
        case Instruction::AtomicCmpXchg:
            return Shape::varying();
        case Instruction::Call:
            return call_shape(cast<CallBase>(instruction));
        case Instruction::GetElementPtr: {
            const Shape base = operand(0);
            bool is_known = false;
            const Shape offset = address_offset(cast<GetElementPtrInst>(instruction), is_known);
            // Rows of an interleaved array lie further apart than its elements do in the program.
            if (is_interleaved(&instruction) && !(is_known && base.is_uniform() && offset.is_uniform()))
                return Shape::varying();
            if (!is_known) return Shape::varying();
            return make(std::min(base.group, offset.group), base.stride + offset.stride,
                        std::min(base.alignment, offset.alignment));
        }
        case Instruction::Add: {
            const Shape a = operand(0), b = operand(1);
            return make(std::min(a.group, b.group), a.stride + b.stride, std::min(a.alignment, b.alignment));
        }
        case Instruction::Sub: {
            const Shape a = operand(0), b = operand(1);
            return make(std::min(a.group, b.group), a.stride - b.stride, std::min(a.alignment, b.alignment));
        }
        case Instruction::Or: {
            const Shape a = operand(0), b = operand(1);
            if (cast<PossiblyDisjointInst>(instruction).isDisjoint())
                return make(std::min(a.group, b.group), a.stride + b.stride,
                            std::min(a.alignment, b.alignment));
            return equal_within_groups(instruction, *this);
        }
        case Instruction::Mul: {
            const Shape a = operand(0), b = operand(1);
            const std::uint64_t alignment = std::min(largest_alignment, a.alignment * b.alignment);
            if (auto* factor = constant(1); factor && factor->getBitWidth() <= 64)
                return make(a.group, a.stride * factor->getSExtValue(), alignment);
            if (a.stride == 0 && b.stride == 0) return make(std::min(a.group, b.group), 0, alignment);
            return Shape::varying();
        }
        case Instruction::Shl:
            if (auto* amount = constant(1); amount && amount->getZExtValue() < 32) {
                const std::int64_t factor = std::int64_t{1} << amount->getZExtValue();
                const Shape a = operand(0);
                return make(a.group, a.stride * factor,
                            std::min(largest_alignment, a.alignment * static_cast<std::uint64_t>(factor)));
            }
            return equal_within_groups(instruction, *this);
        case Instruction::And: {
            const Shape a = operand(0);
            auto* mask = constant(1);
            if (mask && a.stride == 1 && mask->getBitWidth() <= 64) {
                const std::uint64_t bits = mask->getZExtValue();
                if (is_power_of_two_mask(bits) && a.alignment >= std::min<std::uint64_t>(a.group, bits + 1)) {
                    const std::uint64_t period = bits + 1;
                    if (period >= a.group) return make(a.group, 1, a.alignment);
                    return make(static_cast<std::uint32_t>(period), 1, largest_alignment);
                }
                // Rounding down to a multiple of the group clears the lane.
                const std::uint64_t low = alignment_of(bits);
                if (low >= a.group && a.alignment >= a.group) return make(a.group, 0, low);
            }
            Shape result = equal_within_groups(instruction, *this);
            if (mask && mask->getBitWidth() <= 64 && !result.is_varying())
                result.alignment = std::max(operand(0).alignment, alignment_of(mask->getZExtValue()));
            return result;
        }
        case Instruction::LShr: {
            const Shape a = operand(0);
            if (auto* amount = constant(1); amount && a.stride == 1 && amount->getZExtValue() < 20) {
                const std::uint64_t period = std::uint64_t{1} << amount->getZExtValue();
                if (a.alignment >= std::min<std::uint64_t>(a.group, period))
                    return make(static_cast<std::uint32_t>(std::min<std::uint64_t>(a.group, period)), 0,
                                std::max<std::uint64_t>(1, a.alignment / period));
            }
            return equal_within_groups(instruction, *this);
        }
        case Instruction::SExt:
        case Instruction::ZExt: {
            const Shape a = operand(0);
            if (a.stride == 0) return a;
            const bool is_signed = instruction.getOpcode() == Instruction::SExt || instruction.hasNonNeg();
            if (never_wraps(instruction.getOperand(0), is_signed)) return a;
            // An index that nothing is promised of: affine but for the one warp in 2^27 in which it wraps
            // around.
            const bool is_index = instruction.getOperand(0)->getType()->isIntegerTy(32) &&
                                  instruction.getType()->isIntegerTy(64) && a.stride >= -64 &&
                                  a.stride <= 64 && a.group >= 4;
            Shape assumed = is_index ? a : Shape::varying();
            assumed.assumed = is_index;
            return assumed;
        }
        case Instruction::Trunc: {
            Shape a = operand(0);
            const unsigned width = instruction.getType()->getScalarSizeInBits();
            if (width < 20) a.alignment = std::min(a.alignment, std::uint64_t{1} << width);
            return width >= 16 || a.stride == 0 ? a : Shape::varying();
        }
        case Instruction::PtrToInt:
        case Instruction::IntToPtr:
        case Instruction::AddrSpaceCast:
            return operand(0);
        case Instruction::Freeze:
            return operand(0);
        case Instruction::BitCast:
            return instruction.getType() == instruction.getOperand(0)->getType()
                       ? operand(0)
                       : equal_within_groups(instruction, *this);
        case Instruction::Select: {
            const Shape condition = operand(0);
            if (condition.is_uniform()) return join(operand(1), operand(2));
            if (instruction.getOperand(1) == instruction.getOperand(2)) return operand(1);
            return equal_within_groups(instruction, *this);
        }
        case Instruction::ExtractValue:
            return isa<AtomicCmpXchgInst>(instruction.getOperand(0))
                       ? Shape::varying()
                       : equal_within_groups(instruction, *this);
        default:
            return equal_within_groups(instruction, *this);
    }
}

void ShapeAnalysis::find_interleaved(Function& kernel) {
    for (Instruction& instruction : kernel.getEntryBlock()) {
        auto* array = dyn_cast<AllocaInst>(&instruction);
        if (!array) continue;
        std::vector<const Value*> pointers{array}, pending{array};
        std::uint64_t element = 0;
        bool simple = true;
        while (simple && !pending.empty()) {
            const Value* pointer = pending.back();
            pending.pop_back();
            for (const User* user : pointer->users()) {
                const auto access = [&](const Type* type) {
                    const std::uint64_t bytes =
                        layout_.getTypeStoreSize(const_cast<Type*>(type)).getFixedValue();
                    simple = simple && (element == 0 || element == bytes) && std::has_single_bit(bytes) &&
                             bytes <= 8 && !type->isVectorTy();
                    element = bytes;
                };
                if (auto* load = dyn_cast<LoadInst>(user)) {
                    access(load->getType());
                } else if (auto* store = dyn_cast<StoreInst>(user)) {
                    if (store->getValueOperand() == pointer) simple = false;
                    access(store->getValueOperand()->getType());
                } else if (auto* gep = dyn_cast<GetElementPtrInst>(user)) {
                    if (std::find(pointers.begin(), pointers.end(), gep) == pointers.end()) {
                        pointers.push_back(gep);
                        pending.push_back(gep);
                    }
                } else if (isa<AddrSpaceCastInst>(user)) {
                    pointers.push_back(user);
                    pending.push_back(user);
                } else {
                    simple = false;
                }
                if (!simple) break;
            }
        }
        if (!simple || element == 0) continue;
        // Every offset must be a multiple of the element's size, so that rows never overlap in part.
        for (const Value* pointer : pointers) {
            auto* gep = dyn_cast<GetElementPtrInst>(pointer);
            if (!gep) continue;
            MapVector<Value*, APInt> scaled;
            APInt constant(64, 0);
            if (!gep->collectOffset(layout_, 64, scaled, constant) || constant.getZExtValue() % element != 0)
                simple = false;
            for (auto& [index, scale] : scaled) simple = simple && scale.getZExtValue() % element == 0;
        }
        if (simple)
            for (const Value* pointer : pointers) interleaved_[pointer] = element;
    }
}

// Walks the tree as the emitter will, giving every divergent stretch a token of its own: a jump that is made
// under another token than its target's takes only some of the lanes.
struct ShapeAnalysis::Walk {
    ShapeAnalysis& analysis;
    bool changed = false;
    unsigned last_token = 0;
    struct Enclosing {
        const BasicBlock* block;
        unsigned token;
        bool is_loop;
    };
    std::vector<Enclosing> enclosing;

    void leave_loops(unsigned token, const BasicBlock* target) {
        for (auto at = enclosing.rbegin(); at != enclosing.rend(); ++at) {
            if (!at->is_loop && at->block == target) return;
            if (at->is_loop && at->token != token)
                changed |= analysis.divergent_loops_.insert(at->block).second;
        }
    }

    void run(const ControlSequence& sequence, unsigned token) {
        for (const auto& node : sequence) {
            switch (node->kind) {
                case ControlNode::Kind::block:
                case ControlNode::Kind::enter:
                    break;
                case ControlNode::Kind::branch: {
                    auto* condition = cast<BranchInst>(node->block->getTerminator())->getCondition();
                    const bool uniform = analysis.is_uniform(condition);
                    run(node->body, uniform ? token : ++last_token);
                    run(node->otherwise, uniform ? token : ++last_token);
                    break;
                }
                case ControlNode::Kind::loop: {
                    const unsigned inner = analysis.leaves_apart(node->block) ? ++last_token : token;
                    enclosing.push_back({node->block, inner, true});
                    run(node->body, inner);
                    enclosing.pop_back();
                    break;
                }
                case ControlNode::Kind::scope: {
                    enclosing.push_back({node->block, token, false});
                    run(node->body, token);
                    enclosing.pop_back();
                    const bool apart = analysis.arrives_apart(node->block);
                    run(node->otherwise, apart && !node->all_arrive ? ++last_token : token);
                    break;
                }
                case ControlNode::Kind::jump: {
                    auto target = std::find_if(enclosing.rbegin(), enclosing.rend(), [&](const Enclosing& e) {
                        return e.block == node->target && e.is_loop == node->is_back_edge;
                    });
                    if (node->is_back_edge) {
                        if (target->token != token)
                            changed |= analysis.divergent_loops_.insert(target->block).second;
                        // A jump to an outer loop leaves the inner ones.
                        for (auto at = enclosing.rbegin(); at != target; ++at)
                            if (at->is_loop && at->token != token)
                                changed |= analysis.divergent_loops_.insert(at->block).second;
                    } else {
                        leave_loops(token, node->target);
                        if (target->token != token) changed |= analysis.apart_.insert(node->target).second;
                    }
                    break;
                }
                case ControlNode::Kind::end:
                    leave_loops(token, nullptr);
                    break;
            }
        }
    }
};

bool ShapeAnalysis::find_divergence(const ControlSequence& tree) {
    Walk walk{*this, false, 0, {}};
    walk.run(tree, 0);
    return walk.changed;
}

}  // namespace heddle::compiler
