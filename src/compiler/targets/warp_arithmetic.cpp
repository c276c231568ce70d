// Instructions without memory: arithmetic with CUDA's meaning where LLVM leaves a hole, conversions,
// comparisons, addresses.
#include <llvm/Analysis/SimplifyQuery.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/Analysis/VectorUtils.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Module.h>

#include <bit>
#include <cmath>

#include "warp_emitter.h"

namespace heddle::compiler {

using namespace llvm;

void WarpEmitter::emit_instruction(Instruction& instruction, Value* mask) {
    if (isa<DbgInfoIntrinsic>(instruction)) return;
    switch (instruction.getOpcode()) {
        case Instruction::Load:
            emit_load(cast<LoadInst>(instruction), mask);
            return;
        case Instruction::Store:
            emit_store(cast<StoreInst>(instruction), mask);
            return;
        case Instruction::Alloca:
            emit_alloca(cast<AllocaInst>(instruction));
            return;
        case Instruction::AtomicRMW:
            emit_atomic(cast<AtomicRMWInst>(instruction), mask);
            return;
        case Instruction::AtomicCmpXchg:
            emit_compare_exchange(cast<AtomicCmpXchgInst>(instruction), mask);
            return;
        case Instruction::Call:
            emit_call(cast<CallInst>(instruction), mask);
            return;
        case Instruction::GetElementPtr:
            emit_address(cast<GetElementPtrInst>(instruction));
            set_guard(instruction);
            return;
        case Instruction::Fence:
            builder_->CreateFence(AtomicOrdering::SequentiallyConsistent);
            return;
        case Instruction::ExtractElement:
        case Instruction::InsertElement:
            if (emit_tuple_part(instruction)) return;
            break;
        case Instruction::ExtractValue: {
            auto& extract = cast<ExtractValueInst>(instruction);
            if (auto found = exchanges_.find(extract.getAggregateOperand()); found != exchanges_.end()) {
                set_vector(&instruction,
                           extract.getIndices()[0] == 0 ? found->second.first : found->second.second);
                return;
            }
            break;
        }
        default:
            break;
    }
    if (instruction.getType()->isVoidTy())
        throw Unsupported(instruction,
                          std::string("instruction '") + instruction.getOpcodeName() + "' is not supported");
    emit_pure(instruction, mask);
    set_guard(instruction);
}

// A uniform value is computed once; an affine one by its base; any other lane by lane.
void WarpEmitter::emit_pure(Instruction& instruction, Value* mask) {
    const Shape shape = shapes_.shape(&instruction);
    const bool is_vector = !shape.is_affine();
    if (is_vector && (instruction.getType()->isAggregateType() || instruction.getType()->isVectorTy()))
        throw Unsupported(instruction,
                          "an aggregate value that varies between threads is not supported here");
    // Casts between address spaces do nothing here.
    if (isa<AddrSpaceCastInst>(instruction) && !keeps_bases(&instruction)) {
        if (is_vector)
            set_vector(&instruction, vector(instruction.getOperand(0)));
        else
            set_scalar(&instruction, scalar(instruction.getOperand(0)));
        return;
    }
    // A choice between one value and itself, which the optimiser leaves now and then, varies as that value
    // does.
    if (auto* select = dyn_cast<SelectInst>(&instruction);
        select && select->getTrueValue() == select->getFalseValue() && shape.is_affine()) {
        set_scalar(&instruction, scalar(select->getTrueValue()));
        return;
    }
    std::vector<Value*> operands;
    // A division could trap on what a group's first lane holds when it is inactive.
    if (keeps_bases(&instruction) && !instruction.isIntDivRem()) {
        SmallVector<Value*, 4> bases;
        for (unsigned lane = 0; lane < options_.lanes; lane += shape.group) {
            operands.clear();
            for (Use& operand : instruction.operands()) operands.push_back(at_lane(operand.get(), lane));
            bases.push_back(linear_base(instruction, operands, mask));
        }
        set_bases(&instruction, bases);
        return;
    }
    if (is_vector) {
        for (Use& operand : instruction.operands()) {
            Value* value = operand.get();
            const bool keep_scalar =
                isa<SelectInst>(instruction) && operand.getOperandNo() == 0 && shapes_.is_uniform(value);
            operands.push_back(keep_scalar ? scalar(value) : vector(value));
        }
        // A division keeps from inactive lanes what could trap; but any lane of a group speaks for the group.
        if (mask && instruction.isIntDivRem() && !shape.is_varying()) mask = whole_groups(mask, shape.group);
        set_vector(&instruction, compute(instruction, operands, mask, true, true));
        return;
    }
    if (shape.stride != 0) {
        for (Use& operand : instruction.operands()) operands.push_back(scalar(operand.get()));
        set_scalar(&instruction, linear_base(instruction, operands, mask));
        return;
    }
    bool from_lanes = false;
    for (Use& operand : instruction.operands()) from_lanes |= !shapes_.is_uniform(operand.get());
    for (Use& operand : instruction.operands()) {
        Value* value = operand.get();
        if (shapes_.shape(value).is_affine()) {
            operands.push_back(scalar(value));
        } else {
            // Equal in all lanes by construction (lane / 32, say): any lane's value serves.
            operands.push_back(builder_->CreateExtractElement(vector(value), std::uint64_t{0}));
        }
    }
    set_scalar(&instruction, compute(instruction, operands, mask, false, !from_lanes));
}

// The mask of all lanes in whose group of lanes one is active.
Value* WarpEmitter::whole_groups(Value* mask, unsigned group) {
    IRBuilder<>& b = *builder_;
    Value* bits = lane_bits(mask);
    SmallVector<Value*, 16> present;
    for (unsigned start = 0; start < options_.lanes; start += group)
        present.push_back(
            b.CreateICmpNE(b.CreateAnd(bits, b.getInt32(((1u << group) - 1u) << start)), b.getInt32(0)));
    return join_bases(present, 0);
}

// The base is what the first lane would hold, whether or not it is active: nothing may be promised about
// overflow. What flags promise holds for active lanes only: their values follow from the base when it is
// computed by the operation that is linear whatever it holds.
Value* WarpEmitter::linear_base(Instruction& instruction, ArrayRef<Value*> operands, Value* mask) {
    if (instruction.getOpcode() == Instruction::ZExt && instruction.hasNonNeg())
        return builder_->CreateSExt(operands[0], instruction.getType());
    if (instruction.getOpcode() == Instruction::Or && cast<PossiblyDisjointInst>(instruction).isDisjoint())
        return builder_->CreateAdd(operands[0], operands[1]);
    if (isa<AddrSpaceCastInst>(instruction)) return operands[0];
    return compute(instruction, operands, mask, false, false);
}

Value* WarpEmitter::compute(Instruction& instruction, ArrayRef<Value*> operands, Value* mask, bool is_vector,
                            bool keeps_flags) {
    IRBuilder<>& b = *builder_;
    Type* type = is_vector ? vector_type(instruction.getType()) : scalar_type(instruction.getType());
    if (!variant_.has_half || type->getScalarType()->isHalfTy() ||
        (!operands.empty() && operands[0]->getType()->getScalarType()->isHalfTy()))
        if (Value* value = half_arithmetic(instruction, operands)) return value;
    Value* result = nullptr;
    switch (instruction.getOpcode()) {
        case Instruction::UDiv:
        case Instruction::SDiv:
        case Instruction::URem:
        case Instruction::SRem:
            return divide(instruction, operands[0], operands[1], is_vector ? mask : nullptr);
        case Instruction::Shl:
        case Instruction::LShr:
        case Instruction::AShr:
            result = shift(instruction, operands[0], operands[1]);
            break;
        case Instruction::FRem:
            return maths(instruction.getType()->isDoubleTy() ? "fmod.f64" : "fmod.f32", operands, type);
        case Instruction::ICmp:
        case Instruction::FCmp:
            result = b.CreateCmp(cast<CmpInst>(instruction).getPredicate(), operands[0], operands[1]);
            break;
        case Instruction::Select:
            result = b.CreateSelect(operands[0], operands[1], operands[2]);
            break;
        case Instruction::FNeg:
            result = b.CreateFNeg(operands[0]);
            break;
        case Instruction::Freeze:
            result = b.CreateFreeze(operands[0]);
            break;
        case Instruction::FPToSI:
        case Instruction::FPToUI:
            return saturating_conversion(operands[0], type, instruction.getOpcode() == Instruction::FPToSI);
        case Instruction::ExtractElement:
            result = b.CreateExtractElement(operands[0], operands[1]);
            break;
        case Instruction::InsertElement:
            result = b.CreateInsertElement(operands[0], operands[1], operands[2]);
            break;
        case Instruction::ExtractValue:
            result = b.CreateExtractValue(operands[0], cast<ExtractValueInst>(instruction).getIndices());
            break;
        case Instruction::InsertValue:
            result = b.CreateInsertValue(operands[0], operands[1],
                                         cast<InsertValueInst>(instruction).getIndices());
            break;
        case Instruction::ShuffleVector:
            result = b.CreateShuffleVector(operands[0], operands[1],
                                           cast<ShuffleVectorInst>(instruction).getShuffleMask());
            break;
        default:
            if (instruction.isBinaryOp()) {
                result =
                    b.CreateBinOp(cast<BinaryOperator>(instruction).getOpcode(), operands[0], operands[1]);
            } else if (instruction.isCast()) {
                result = b.CreateCast(cast<CastInst>(instruction).getOpcode(), operands[0], type);
            } else {
                throw Unsupported(instruction, std::string("instruction '") + instruction.getOpcodeName() +
                                                   "' is not supported");
            }
    }
    if (auto* made = dyn_cast<Instruction>(result); made && made->getOpcode() == instruction.getOpcode()) {
        made->copyIRFlags(&instruction);
        if (!keeps_flags) made->dropPoisonGeneratingFlags();
        // LLVM's estimates are wrong for zero and infinity.
        if (made->getOpcode() == Instruction::FDiv && !made->hasNoInfs()) made->setHasAllowReciprocal(false);
    }
    return result;
}

// CUDA's hardware: quotient all ones and remainder the dividend for a zero divisor, INT_MIN / -1 wraps.
// 32-bit lanes are divided as doubles, which is exact: the quotient differs from an integer by more than a
// double's rounding.
Value* WarpEmitter::divide(Instruction& instruction, Value* a, Value* b, Value* mask) {
    IRBuilder<>& at = *builder_;
    const unsigned opcode = instruction.getOpcode();
    const bool is_signed = opcode == Instruction::SDiv || opcode == Instruction::SRem;
    const bool is_quotient = opcode == Instruction::SDiv || opcode == Instruction::UDiv;
    Type* type = a->getType();
    const unsigned bits = type->getScalarSizeInBits();
    auto* fixed = dyn_cast<ConstantInt>(instruction.getOperand(1));
    if (fixed && !fixed->isZero() && !(is_signed && fixed->isMinusOne()))
        return at.CreateBinOp(static_cast<Instruction::BinaryOps>(opcode), a, b);
    Constant* one = ConstantInt::get(type, 1);
    // The front end has guarded what it could not prove; a mask can still hide anything in the lanes it
    // leaves out.
    Value* by_zero = isKnownNonZero(instruction.getOperand(1), SimplifyQuery(layout_))
                         ? static_cast<Value*>(ConstantInt::getFalse(CmpInst::makeCmpResultType(type)))
                         : at.CreateICmpEQ(b, Constant::getNullValue(type));
    Value* unsafe = by_zero;
    if (is_signed) {
        Value* lowest = ConstantInt::get(type, APInt::getSignedMinValue(bits));
        unsafe = at.CreateOr(by_zero, at.CreateAnd(at.CreateICmpEQ(a, lowest),
                                                   at.CreateICmpEQ(b, Constant::getAllOnesValue(type))));
    }
    if (mask && type->isVectorTy()) unsafe = at.CreateNot(at.CreateLogicalAnd(mask, at.CreateNot(unsafe)));
    Value* divisor = at.CreateFreeze(at.CreateSelect(unsafe, one, b));
    Value* quotient;
    if (type->isVectorTy() && bits <= 32) {
        Type* real = type->getWithNewType(at.getDoubleTy());
        Value* x = is_signed ? at.CreateSIToFP(a, real) : at.CreateUIToFP(a, real);
        Value* y = is_signed ? at.CreateSIToFP(divisor, real) : at.CreateUIToFP(divisor, real);
        Value* q = at.CreateFDiv(x, y);
        quotient = is_signed ? at.CreateFPToSI(q, type) : at.CreateFPToUI(q, type);
    } else {
        quotient = is_signed ? at.CreateSDiv(a, divisor) : at.CreateUDiv(a, divisor);
    }
    // INT_MIN / -1 was divided by one: the quotient is INT_MIN, the remainder 0.
    if (is_quotient) return at.CreateSelect(by_zero, Constant::getAllOnesValue(type), quotient);
    Value* remainder = at.CreateSub(a, at.CreateMul(quotient, divisor));
    return at.CreateSelect(by_zero, a, remainder);
}

// Over-wide amounts give 0, or the sign for an arithmetic shift.
Value* WarpEmitter::shift(Instruction& instruction, Value* a, Value* b) {
    IRBuilder<>& at = *builder_;
    const auto opcode = static_cast<Instruction::BinaryOps>(instruction.getOpcode());
    const unsigned bits = a->getType()->getScalarSizeInBits();
    if (auto* amount = dyn_cast<ConstantInt>(instruction.getOperand(1));
        amount && amount->getValue().ult(bits))
        return at.CreateBinOp(opcode, a, b);
    Constant* width = ConstantInt::get(b->getType(), bits);
    Value* fits = at.CreateICmpULT(b, width);
    if (opcode == Instruction::AShr)
        return at.CreateAShr(a, at.CreateSelect(fits, b, ConstantInt::get(b->getType(), bits - 1)));
    // `and` with a width-1 mask keeps the shift defined; where the machine has CUDA's shift, LLVM folds both
    // away.
    Value* shifted =
        at.CreateBinOp(opcode, a, at.CreateSelect(fits, b, Constant::getNullValue(b->getType())));
    return at.CreateSelect(fits, shifted, Constant::getNullValue(a->getType()));
}

// Float to integer that saturates, NaN to 0. Scalars have LLVM's own; vectors would be taken apart by it.
Value* WarpEmitter::saturating_conversion(Value* value, Type* to, bool is_signed) {
    IRBuilder<>& b = *builder_;
    if (value->getType()->getScalarType()->isHalfTy())
        value = extend_half(value, value->getType()->getWithNewType(b.getFloatTy()));
    Type* from = value->getType();
    if (!from->isVectorTy())
        return b.CreateIntrinsic(is_signed ? Intrinsic::fptosi_sat : Intrinsic::fptoui_sat, {to, from},
                                 {value});
    const unsigned bits = to->getScalarSizeInBits();
    const APInt lowest = is_signed ? APInt::getSignedMinValue(bits) : APInt(bits, 0);
    const APInt highest = is_signed ? APInt::getSignedMaxValue(bits) : APInt::getMaxValue(bits);
    // 2^(bits-1) or 2^bits is exact in every float type; what is not below it saturates.
    const double limit = std::ldexp(1.0, static_cast<int>(is_signed ? bits - 1 : bits));
    Constant* zero = ConstantFP::get(from, 0.0);
    Value* too_large = b.CreateFCmpOGE(value, ConstantFP::get(from, limit));
    Value* too_small =
        is_signed ? b.CreateFCmpOLT(value, ConstantFP::get(from, -limit)) : b.CreateFCmpOLT(value, zero);
    Value* unordered = b.CreateFCmpUNO(value, value);
    Value* outside = b.CreateOr(b.CreateOr(too_large, too_small), unordered);
    Value* inside = b.CreateSelect(outside, zero, value);
    Value* result = is_signed ? b.CreateFPToSI(inside, to) : b.CreateFPToUI(inside, to);
    result = b.CreateSelect(too_large, ConstantInt::get(to, highest), result);
    return b.CreateSelect(too_small, ConstantInt::get(to, lowest), result);
}

// Addresses: constants and uniform indices go into a scalar base, one varying index keeps its own scale so
// that the machine's gather can apply it.
void WarpEmitter::emit_address(GetElementPtrInst& gep) {
    const Shape shape = shapes_.shape(&gep);
    const bool has_bases = keeps_bases(&gep);
    if (!shape.is_affine() && !has_bases) {
        set_vector(&gep, address_vector(gep));
        return;
    }
    IRBuilder<>& b = *builder_;
    MapVector<Value*, APInt> scaled;
    APInt constant(64, 0);
    if (!gep.collectOffset(layout_, 64, scaled, constant))
        throw Unsupported(gep, "an address computation of this kind is not supported");
    const std::int64_t row = shapes_.is_interleaved(&gep) ? options_.lanes : 1;
    Type* word = b.getInt64Ty();
    const auto address = [&](const std::function<Value*(Value*)>& part) {
        Value* offset = ConstantInt::get(word, static_cast<std::uint64_t>(constant.getSExtValue() * row));
        for (auto& [index, scale] : scaled) {
            Constant* bytes = ConstantInt::get(word, static_cast<std::uint64_t>(scale.getSExtValue() * row));
            offset = b.CreateAdd(offset, b.CreateMul(b.CreateSExtOrTrunc(part(index), word), bytes));
        }
        return b.CreateGEP(b.getInt8Ty(), part(gep.getPointerOperand()), offset);
    };
    if (!has_bases) {
        set_scalar(&gep, address([&](Value* value) { return scalar(value); }));
        return;
    }
    SmallVector<Value*, 4> bases;
    for (unsigned lane = 0; lane < options_.lanes; lane += shape.group)
        bases.push_back(address([&](Value* value) { return at_lane(value, lane); }));
    set_bases(&gep, bases);
}

// The addresses of all lanes, one by one.
Value* WarpEmitter::address_vector(GetElementPtrInst& gep) {
    IRBuilder<>& b = *builder_;
    MapVector<Value*, APInt> scaled;
    APInt constant(64, 0);
    if (!gep.collectOffset(layout_, 64, scaled, constant))
        throw Unsupported(gep, "an address computation of this kind is not supported");
    const std::int64_t row = shapes_.is_interleaved(&gep) ? options_.lanes : 1;
    Type* word = b.getInt64Ty();
    // A uniform base stays a scalar; any other becomes a pointer a lane.
    const bool base_is_uniform = shapes_.is_uniform(gep.getPointerOperand());
    Value* base = base_is_uniform ? scalar(gep.getPointerOperand()) : nullptr;
    Value* pointers = base_is_uniform ? nullptr : vector(gep.getPointerOperand());
    const auto widen = [&](Value* index) {
        return b.CreateSExtOrTrunc(index, index->getType()->getWithNewType(word));
    };
    // The uniform part.
    Value* offset = ConstantInt::get(word, constant.getSExtValue() * row);
    std::vector<std::pair<Value*, std::int64_t>> varying;
    for (auto& [index, scale] : scaled) {
        const Shape shape = shapes_.shape(index);
        const std::int64_t bytes = scale.getSExtValue() * row;
        if (shape.is_uniform())
            offset = b.CreateAdd(offset, b.CreateMul(widen(scalar(index)), ConstantInt::get(word, bytes)));
        else
            varying.emplace_back(vector(index), bytes);
    }
    if (base) base = b.CreateGEP(b.getInt8Ty(), base, offset);
    if (base && varying.size() == 1 && varying[0].second > 0 && varying[0].second <= 8 &&
        std::has_single_bit(static_cast<std::uint64_t>(varying[0].second))) {
        Type* element = b.getIntNTy(static_cast<unsigned>(varying[0].second) * 8);
        return b.CreateGEP(element, base, widen(varying[0].first));
    }
    Value* sum = pointers ? b.CreateVectorSplat(options_.lanes, offset) : nullptr;
    for (auto& [index, bytes] : varying) {
        Value* part =
            b.CreateMul(widen(index), ConstantInt::get(index->getType()->getWithNewType(word), bytes, true));
        sum = sum ? b.CreateAdd(sum, part) : part;
    }
    if (!sum) sum = Constant::getNullValue(FixedVectorType::get(word, options_.lanes));
    return b.CreateGEP(b.getInt8Ty(), pointers ? pointers : base, sum);
}

// Half precision where the machine computes it as float: one float operation and one rounding are exactly the
// half operation, since a float has more than twice a half's digits.
Value* WarpEmitter::half_arithmetic(Instruction& instruction, ArrayRef<Value*> operands) {
    IRBuilder<>& b = *builder_;
    const auto is_half = [](Value* value) { return value->getType()->getScalarType()->isHalfTy(); };
    Type* type = instruction.getType();
    const auto widened = [&](Value* value) {
        return extend_half(value, value->getType()->getWithNewType(b.getFloatTy()));
    };
    switch (instruction.getOpcode()) {
        case Instruction::FAdd:
        case Instruction::FSub:
        case Instruction::FMul:
        case Instruction::FDiv:
            if (!is_half(operands[0])) return nullptr;
            return truncate_to_half(b.CreateBinOp(cast<BinaryOperator>(instruction).getOpcode(),
                                                  widened(operands[0]), widened(operands[1])));
        case Instruction::FCmp:
            if (!is_half(operands[0])) return nullptr;
            return b.CreateFCmp(cast<FCmpInst>(instruction).getPredicate(), widened(operands[0]),
                                widened(operands[1]));
        case Instruction::FNeg: {
            if (!is_half(operands[0])) return nullptr;
            Type* bits = operands[0]->getType()->getWithNewType(b.getInt16Ty());
            return b.CreateBitCast(
                b.CreateXor(b.CreateBitCast(operands[0], bits), ConstantInt::get(bits, 0x8000)),
                operands[0]->getType());
        }
        case Instruction::FPExt:
            if (!is_half(operands[0])) return nullptr;
            {
                Value* value = widened(operands[0]);
                return type->isDoubleTy()
                           ? b.CreateFPExt(value, value->getType()->getWithNewType(b.getDoubleTy()))
                           : value;
            }
        case Instruction::FPTrunc:
            if (!type->isHalfTy()) return nullptr;
            return truncate_to_half(operands[0]);
        case Instruction::SIToFP:
        case Instruction::UIToFP: {
            if (!type->isHalfTy()) return nullptr;
            // 32 bits fit a double; wider ones are beyond half's range long before a double rounds them.
            Type* real = operands[0]->getType()->getWithNewType(b.getDoubleTy());
            return truncate_to_half(instruction.getOpcode() == Instruction::SIToFP
                                        ? b.CreateSIToFP(operands[0], real)
                                        : b.CreateUIToFP(operands[0], real));
        }
        default:
            return nullptr;
    }
}

Value* WarpEmitter::extend_half(Value* value, Type* to) {
    IRBuilder<>& b = *builder_;
    if (variant_.has_half) return b.CreateFPExt(value, to);
    // Shift into a float's place and rescale by 2^112, which also makes subnormals right; infinities and NaNs
    // apart.
    Type* word = to->getWithNewType(b.getInt32Ty());
    Value* bits = b.CreateZExt(b.CreateBitCast(value, to->getWithNewType(b.getInt16Ty())), word);
    Value* magnitude =
        b.CreateShl(b.CreateAnd(bits, ConstantInt::get(word, 0x7fff)), ConstantInt::get(word, 13));
    Value* scaled = b.CreateFMul(b.CreateBitCast(magnitude, to), ConstantFP::get(to, std::ldexp(1.0, 112)));
    Value* special = b.CreateICmpUGE(magnitude, ConstantInt::get(word, 0x7c00u << 13));
    Value* result = b.CreateSelect(special, b.CreateOr(magnitude, ConstantInt::get(word, 0x7f800000)),
                                   b.CreateBitCast(scaled, word));
    Value* sign = b.CreateShl(b.CreateAnd(bits, ConstantInt::get(word, 0x8000)), ConstantInt::get(word, 16));
    return b.CreateBitCast(b.CreateOr(result, sign), to);
}

Value* WarpEmitter::truncate_to_half(Value* value) {
    IRBuilder<>& b = *builder_;
    Type* from = value->getType();
    Type* half = from->getWithNewType(b.getHalfTy());
    if (from->getScalarType()->isDoubleTy()) {
        // Round to odd on the way to float, so that the second rounding is the only one.
        Type* real = from->getWithNewType(b.getFloatTy());
        Type* word = from->getWithNewType(b.getInt32Ty());
        Value* nearest = b.CreateFPTrunc(value, real);
        Value* back = b.CreateFPExt(nearest, from);
        Value* bits = b.CreateBitCast(nearest, word);
        Value* absolute = b.CreateUnaryIntrinsic(Intrinsic::fabs, value);
        Value* over = b.CreateFCmpOGT(b.CreateUnaryIntrinsic(Intrinsic::fabs, back), absolute);
        Value* inexact = b.CreateFCmpONE(back, value);
        Value* towards_zero = b.CreateSub(bits, b.CreateZExt(over, word));
        Value* odd = b.CreateOr(towards_zero, ConstantInt::get(word, 1));
        value = b.CreateBitCast(b.CreateSelect(inexact, odd, bits), real);
        from = real;
    }
    if (variant_.has_half) return b.CreateFPTrunc(value, half);
    // In integers: normal results by adding the rounding increment, subnormal ones by a float addition that
    // aligns them.
    Type* word = from->getWithNewType(b.getInt32Ty());
    const auto integer = [&](std::uint32_t x) { return ConstantInt::get(word, x); };
    Value* bits = b.CreateBitCast(value, word);
    Value* magnitude = b.CreateAnd(bits, integer(0x7fffffff));
    Value* odd = b.CreateAnd(b.CreateLShr(magnitude, integer(13)), integer(1));
    Value* normal = b.CreateLShr(
        b.CreateAdd(b.CreateAdd(b.CreateSub(magnitude, integer(112u << 23)), integer(0xfff)), odd),
        integer(13));
    Value* aligned = b.CreateFAdd(b.CreateBitCast(magnitude, from), ConstantFP::get(from, 0.5));
    Value* subnormal = b.CreateSub(b.CreateBitCast(aligned, word), integer(0x3f000000));
    Value* result = b.CreateSelect(b.CreateICmpULT(magnitude, integer(113u << 23)), subnormal, normal);
    result = b.CreateSelect(b.CreateICmpUGE(magnitude, integer(143u << 23)), integer(0x7c00), result);
    result = b.CreateSelect(b.CreateICmpUGT(magnitude, integer(0x7f800000)), integer(0x7e00), result);
    Value* sign = b.CreateAnd(b.CreateLShr(bits, integer(16)), integer(0x8000));
    return b.CreateBitCast(b.CreateTrunc(b.CreateOr(result, sign), from->getWithNewType(b.getInt16Ty())),
                           half);
}

}  // namespace heddle::compiler
