// Values of the warp emitter: a scalar for what is uniform or affine, one base a group of lanes, or a vector;
// guards on what is assumed of them; and loops over lanes.
#include <llvm/ADT/STLExtras.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PatternMatch.h>

#include <algorithm>

#include "warp_emitter.h"

namespace heddle::compiler {

using namespace llvm;
using namespace llvm::PatternMatch;

Type* WarpEmitter::scalar_type(Type* type) const {
    return type->isPointerTy() ? PointerType::getUnqual(context_) : type;
}

Type* WarpEmitter::vector_type(Type* type) const {
    return options_.lanes == 1 ? scalar_type(type) : FixedVectorType::get(scalar_type(type), options_.lanes);
}

Value* WarpEmitter::constant(Constant* value) {
    if (!value->getType()->isPointerTy()) return value;
    if (isa<ConstantPointerNull>(value)) return ConstantPointerNull::get(PointerType::getUnqual(context_));
    if (isa<PoisonValue>(value)) return PoisonValue::get(PointerType::getUnqual(context_));
    if (isa<UndefValue>(value)) return UndefValue::get(PointerType::getUnqual(context_));
    if (auto* expression = dyn_cast<ConstantExpr>(value)) {
        if (expression->getOpcode() == Instruction::AddrSpaceCast) return constant(expression->getOperand(0));
        if (expression->getOpcode() == Instruction::IntToPtr)
            return ConstantExpr::getIntToPtr(expression->getOperand(0), PointerType::getUnqual(context_));
    }
    throw std::runtime_error("internal: unexpected constant in Kernel IR");
}

Value* WarpEmitter::scalar(Value* value) {
    if (auto* fixed = dyn_cast<Constant>(value)) return constant(fixed);
    auto found = scalars_.find(value);
    if (found == scalars_.end())
        throw std::runtime_error("internal: value '" + value->getName().str() + "' has no scalar form");
    return found->second;
}

Value* WarpEmitter::vector(Value* value) {
    if (options_.lanes == 1) return scalar(value);
    if (auto found = vectors_.find(value); found != vectors_.end()) return found->second;
    const Shape shape = shapes_.shape(value);
    if (shape.assumed) {
        // The lanes' own values, from the operands': whatever was assumed of the base.
        auto& instruction = *cast<Instruction>(value);
        if (auto* gep = dyn_cast<GetElementPtrInst>(&instruction)) return address_vector(*gep);
        if (isa<AddrSpaceCastInst>(instruction)) return vector(instruction.getOperand(0));
        std::vector<Value*> operands;
        for (Use& operand : instruction.operands()) {
            const bool keep_scalar = isa<SelectInst>(instruction) && operand.getOperandNo() == 0;
            operands.push_back(keep_scalar && shapes_.is_uniform(operand.get()) ? scalar(operand.get())
                                                                                : vector(operand.get()));
        }
        return compute(instruction, operands, nullptr, true, false);
    }
    if (auto found = bases_.find(value); found != bases_.end())
        return join_bases(found->second, shape.stride);
    Value* base = scalar(value);
    if (shape.stride == 0) return builder_->CreateVectorSplat(options_.lanes, base);
    if (base->getType()->isPointerTy())
        return builder_->CreateGEP(builder_->getInt8Ty(), base,
                                   lane_steps(builder_->getInt64Ty(), shape.stride));
    return builder_->CreateAdd(builder_->CreateVectorSplat(options_.lanes, base),
                               lane_steps(base->getType(), shape.stride));
}

Value* WarpEmitter::guard_of(const Value* value) {
    return shapes_.shape(value).assumed ? guards_.lookup(value) : nullptr;
}

// An extension's guard is that no group of lanes crosses the end of the 32-bit range; any other value's are
// its operands'.
void WarpEmitter::set_guard(Instruction& instruction) {
    IRBuilder<>& b = *builder_;
    const Shape shape = shapes_.shape(&instruction);
    if (!shape.assumed) return;
    Value* guard = nullptr;
    for (Use& operand : instruction.operands())
        if (Value* other = guard_of(operand.get())) guard = guard ? b.CreateAnd(guard, other) : other;
    if ((isa<ZExtInst>(instruction) || isa<SExtInst>(instruction)) &&
        !shapes_.shape(instruction.getOperand(0)).assumed) {
        Value* index = instruction.getOperand(0);
        const bool is_signed = isa<SExtInst>(instruction) || instruction.hasNonNeg();
        const auto last_step = static_cast<std::uint64_t>(shape.stride * (shape.group - 1));
        for (unsigned start = 0; start < options_.lanes; start += shape.group) {
            Value* first = at_lane(index, start);
            Value* last = b.CreateAdd(first, ConstantInt::get(first->getType(), last_step));
            const CmpInst::Predicate in_order = shape.stride > 0
                                                    ? (is_signed ? CmpInst::ICMP_SLE : CmpInst::ICMP_ULE)
                                                    : (is_signed ? CmpInst::ICMP_SGE : CmpInst::ICMP_UGE);
            Value* holds = b.CreateICmp(in_order, first, last);
            guard = guard ? b.CreateAnd(guard, holds) : holds;
        }
    }
    guards_[&instruction] = guard ? b.CreateFreeze(guard) : b.getTrue();
}

// Whether the condition is `wanted` in every lane, while all lanes run: from scalars where these decide it.
Value* WarpEmitter::holds_for_all(Value* condition, bool wanted) {
    IRBuilder<>& b = *builder_;
    if (shapes_.is_uniform(condition)) return wanted ? scalar(condition) : b.CreateNot(scalar(condition));
    Value *first = nullptr, *second = nullptr;
    if (wanted ? match(condition, m_LogicalAnd(m_Value(first), m_Value(second)))
               : match(condition, m_LogicalOr(m_Value(first), m_Value(second)))) {
        Value* holds = holds_for_all(first, wanted);
        return b.CreateLogicalAnd(holds, holds_for_all(second, wanted));
    }
    if (match(condition, m_Not(m_Value(first)))) return holds_for_all(first, !wanted);
    if (auto* comparison = dyn_cast<ICmpInst>(condition))
        if (Value* holds = holds_for_all(*comparison, wanted)) return holds;
    Value* lanes = vector(condition);
    return all(wanted ? lanes : b.CreateNot(lanes));
}

// The comparison of values that rise from lane to lane with a uniform one: the first or the last lane tells
// for all. May be false where it holds; null where scalars do not tell.
Value* WarpEmitter::holds_for_all(const ICmpInst& comparison, bool wanted) {
    IRBuilder<>& b = *builder_;
    Value *rising = comparison.getOperand(0), *bound = comparison.getOperand(1);
    CmpInst::Predicate predicate = wanted ? comparison.getPredicate() : comparison.getInversePredicate();
    if (shapes_.is_uniform(rising)) {
        std::swap(rising, bound);
        predicate = CmpInst::getSwappedPredicate(predicate);
    }
    const Shape shape = shapes_.shape(rising);
    auto* type = dyn_cast<IntegerType>(rising->getType());
    if (!type || type->getBitWidth() < 32 || !shape.is_affine() || shape.stride <= 0 ||
        shape.stride > (1 << 20) || !shapes_.is_uniform(bound) || predicate == CmpInst::ICMP_EQ)
        return nullptr;
    Value *first = scalar(rising), *limit = scalar(bound);
    Value* steps = ConstantInt::get(type, static_cast<std::uint64_t>(shape.stride) * (options_.lanes - 1));
    Value* holds = nullptr;
    if (predicate == CmpInst::ICMP_NE) {
        holds = b.CreateICmpUGT(b.CreateSub(limit, first), steps);
    } else {
        const bool is_signed = CmpInst::isSigned(predicate);
        Value* last = b.CreateAdd(first, steps);
        Value* in_order = is_signed ? b.CreateICmpSLE(first, last) : b.CreateICmpULE(first, last);
        const bool is_below = predicate == CmpInst::ICMP_ULT || predicate == CmpInst::ICMP_ULE ||
                              predicate == CmpInst::ICMP_SLT || predicate == CmpInst::ICMP_SLE;
        holds = b.CreateAnd(in_order, b.CreateICmp(predicate, is_below ? last : first, limit));
    }
    Value* guard = guard_of(rising);
    return guard ? b.CreateAnd(guard, holds) : holds;
}

// `usual` where the guard holds, else `rare`; merges their values when they have one.
Value* WarpEmitter::guarded(Value* guard, const std::function<Value*()>& usual,
                            const std::function<Value*()>& rare) {
    const auto as_parts = [](Value* value) { return value ? Parts{value} : Parts{}; };
    const Parts merged =
        guarded_parts(guard, [&] { return as_parts(usual()); }, [&] { return as_parts(rare()); });
    return merged.empty() ? nullptr : merged.front();
}

WarpEmitter::Parts WarpEmitter::guarded_parts(Value* guard, const std::function<Parts()>& usual,
                                              const std::function<Parts()>& rare) {
    if (!guard) return usual();
    IRBuilder<>& b = *builder_;
    BasicBlock *yes = new_block("in.order"), *no = new_block("one.by.one"), *after = new_block("accessed");
    b.CreateCondBr(guard, yes, no, MDBuilder(context_).createBranchWeights(64, 1));
    b.SetInsertPoint(yes);
    const Parts first = usual();
    BasicBlock* first_end = b.GetInsertBlock();
    b.CreateBr(after);
    b.SetInsertPoint(no);
    const Parts second = rare();
    BasicBlock* second_end = b.GetInsertBlock();
    b.CreateBr(after);
    b.SetInsertPoint(after);
    Parts merged;
    for (std::size_t i = 0; i < first.size(); ++i) {
        PHINode* phi = b.CreatePHI(first[i]->getType(), 2);
        phi->addIncoming(first[i], first_end);
        phi->addIncoming(second[i], second_end);
        merged.push_back(phi);
    }
    return merged;
}

void WarpEmitter::set_scalar(const Value* value, Value* emitted) {
    if (emitted && !emitted->hasName() && !isa<Constant>(emitted)) emitted->setName(value->getName());
    scalars_[value] = emitted;
}

// Conditions are better compared as vectors, which gives the mask at once; floats are mostly on their way to
// vector arithmetic.
bool WarpEmitter::keeps_bases(const Value* value) const {
    const Shape shape = shapes_.shape(value);
    Type* type = value->getType();
    if ((shape.group != 8 && shape.group != 16) || options_.lanes == 1) return false;
    return type->isPointerTy() || (type->isIntegerTy() && !type->isIntegerTy(1)) ||
           (type->isFloatingPointTy() && isa<LoadInst>(value));
}

Value* WarpEmitter::at_lane(Value* value, unsigned lane) {
    IRBuilder<>& b = *builder_;
    if (isa<Constant>(value)) return scalar(value);
    const Shape shape = shapes_.shape(value);
    Value* base = nullptr;
    unsigned distance = lane;
    if (shape.is_affine()) {
        base = scalar(value);
    } else if (auto found = bases_.find(value); found != bases_.end()) {
        base = found->second[lane / shape.group];
        distance = lane % shape.group;
    } else {
        return b.CreateExtractElement(vector(value), std::uint64_t{lane});
    }
    const std::int64_t step = shape.stride * distance;
    if (step == 0) return base;
    if (base->getType()->isPointerTy()) return b.CreateGEP(b.getInt8Ty(), base, b.getInt64(step));
    return b.CreateAdd(base, ConstantInt::get(base->getType(), static_cast<std::uint64_t>(step), true));
}

void WarpEmitter::set_bases(const Value* value, ArrayRef<Value*> bases) {
    for (Value* base : bases)
        if (!base->hasName() && !isa<Constant>(base)) base->setName(value->getName());
    bases_[value].assign(bases.begin(), bases.end());
    vectors_.erase(value);
}

Value* WarpEmitter::join_bases(ArrayRef<Value*> bases, std::int64_t stride) {
    IRBuilder<>& b = *builder_;
    const unsigned group = options_.lanes / static_cast<unsigned>(bases.size());
    Type* type = bases.front()->getType();
    Value* joined = nullptr;
    if (group < 8 || type->isIntegerTy(1)) {
        // Many small parts: one vector of the bases, of which each lane picks its group's. (LLVM 19 may never
        // finish a frozen tree of small splats.)
        joined = PoisonValue::get(FixedVectorType::get(type, static_cast<unsigned>(bases.size())));
        for (auto [i, base] : enumerate(bases)) joined = b.CreateInsertElement(joined, base, i);
        std::vector<int> picked;
        for (unsigned lane = 0; lane < options_.lanes; ++lane)
            picked.push_back(static_cast<int>(lane / group));
        joined = b.CreateShuffleVector(joined, picked);
    } else {
        // A few broadcasts.
        SmallVector<Value*, 4> parts;
        for (Value* base : bases) parts.push_back(b.CreateVectorSplat(group, base));
        joined = concatenated(b, parts);
    }
    if (stride == 0) return joined;
    const auto in_group = [&](unsigned lane) { return stride * (lane % group); };
    if (joined->getType()->getScalarType()->isPointerTy())
        return b.CreateGEP(b.getInt8Ty(), joined, lane_pattern(b.getInt64Ty(), in_group));
    return b.CreateAdd(joined, lane_pattern(joined->getType()->getScalarType(), in_group));
}

void WarpEmitter::set_vector(const Value* value, Value* emitted) {
    if (emitted && !emitted->hasName() && !isa<Constant>(emitted)) emitted->setName(value->getName());
    (options_.lanes == 1 ? scalars_ : vectors_)[value] = emitted;
}

Value* WarpEmitter::lane_pattern(Type* type, const std::function<std::int64_t(unsigned)>& of_lane) {
    std::vector<Constant*> lanes;
    for (unsigned lane = 0; lane < options_.lanes; ++lane)
        lanes.push_back(ConstantInt::get(
            context_, APInt(type->getIntegerBitWidth(), static_cast<std::uint64_t>(of_lane(lane)), true)));
    return ConstantVector::get(lanes);
}

Value* WarpEmitter::lane_steps(Type* type, std::int64_t stride) {
    return lane_pattern(type, [&](unsigned lane) { return stride * lane; });
}

// Elements of a vector stand bit by bit in memory, lane by lane they are read as bytes: truth values, and the
// odd integers that LLVM narrows arithmetic to, become the next whole ones.
Type* WarpEmitter::memory_type(Type* type) {
    auto* integer = dyn_cast<IntegerType>(type);
    if (!integer) return type;
    const auto bits = std::max(8u, static_cast<unsigned>(PowerOf2Ceil(integer->getBitWidth())));
    return IntegerType::get(type->getContext(), bits);
}

AllocaInst* WarpEmitter::spill(Value* vector, const Twine& name) {
    AllocaInst* slot = lane_slot(vector->getType()->getScalarType(), name);
    builder_->CreateStore(builder_->CreateZExtOrBitCast(vector, slot->getAllocatedType()), slot);
    return slot;
}

// An array with one element a lane.
AllocaInst* WarpEmitter::lane_slot(Type* element, const Twine& name) {
    return new_slot(vector_type(memory_type(element)), name);
}

Value* WarpEmitter::spilled_lane(AllocaInst* slot, Value* lane) {
    Type* element = cast<FixedVectorType>(slot->getAllocatedType())->getElementType();
    return builder_->CreateInBoundsGEP(element, slot, lane);
}

Value* WarpEmitter::spilled_value(AllocaInst* slot, Value* lane, Type* type) {
    return builder_->CreateTruncOrBitCast(builder_->CreateLoad(memory_type(type), spilled_lane(slot, lane)),
                                          type);
}

void WarpEmitter::set_spilled(AllocaInst* slot, Value* lane, Value* value) {
    builder_->CreateStore(builder_->CreateZExtOrBitCast(value, memory_type(value->getType())),
                          spilled_lane(slot, lane));
}

// All lanes' elements, of their own type.
Value* WarpEmitter::spilled_vector(AllocaInst* slot, Type* element) {
    return builder_->CreateTruncOrBitCast(builder_->CreateLoad(slot->getAllocatedType(), slot),
                                          vector_type(element));
}

// A loop over the active lanes, lowest first; `lane` is an i32.
void WarpEmitter::for_each_lane(Value* mask, const std::function<void(Value* lane)>& body) {
    BasicBlock *start = builder_->GetInsertBlock(), *each = new_block("each.lane"),
               *done = new_block("all.lanes");
    Value* all = lane_bits(mask);
    if (mask)
        builder_->CreateCondBr(builder_->CreateICmpNE(all, builder_->getInt32(0)), each, done);
    else
        builder_->CreateBr(each);
    builder_->SetInsertPoint(each);
    PHINode* bits = builder_->CreatePHI(builder_->getInt32Ty(), 2, "left");
    bits->addIncoming(all, start);
    Value* lane =
        builder_->CreateBinaryIntrinsic(Intrinsic::cttz, bits, builder_->getTrue(), nullptr, "lane");
    body(lane);
    Value* rest = builder_->CreateAnd(bits, builder_->CreateSub(bits, builder_->getInt32(1)));
    bits->addIncoming(rest, builder_->GetInsertBlock());
    builder_->CreateCondBr(builder_->CreateICmpNE(rest, builder_->getInt32(0)), each, done);
    builder_->SetInsertPoint(done);
}

}  // namespace heddle::compiler
