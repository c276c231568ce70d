// Atomics of a warp: one for all lanes where they meet on one address, a plain read and write in memory that
// only this thread works on, else one lane after the other.
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Module.h>

#include "warp_emitter.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// The operations that one atomic can do for all lanes: `reduction` is reduce_lanes' name of what joins the
// lanes' operands; empty for any other.
StringRef lanes_join_by(AtomicRMWInst::BinOp operation) {
    switch (operation) {
        case AtomicRMWInst::Add:
        case AtomicRMWInst::Sub:
            return "add";
        case AtomicRMWInst::And:
            return "and";
        case AtomicRMWInst::Or:
            return "or";
        case AtomicRMWInst::Xor:
            return "xor";
        case AtomicRMWInst::Max:
            return "max";
        case AtomicRMWInst::Min:
            return "min";
        case AtomicRMWInst::UMax:
            return "umax";
        case AtomicRMWInst::UMin:
            return "umin";
        default:
            return {};
    }
}

}  // namespace

// A block runs on one thread, so that its shared memory needs no atomic instruction.
Value* WarpEmitter::atomic_operation(AtomicRMWInst& atomic, Value* pointer, Value* value) {
    IRBuilder<>& b = *builder_;
    const AtomicRMWInst::BinOp operation = atomic.getOperation();
    if (!is_shared(atomic.getPointerOperand()) && !is_private(atomic.getPointerOperand())) {
        AtomicOrdering ordering = atomic.getOrdering();
        return b.CreateAtomicRMW(operation, pointer, value, atomic.getAlign(), ordering);
    }
    Type* type = value->getType();
    Value* old = b.CreateAlignedLoad(type, pointer, atomic.getAlign());
    Value* next = nullptr;
    const auto smaller = [&](CmpInst::Predicate predicate) {
        return b.CreateSelect(b.CreateICmp(predicate, old, value), old, value);
    };
    switch (operation) {
        case AtomicRMWInst::Xchg:
            next = value;
            break;
        case AtomicRMWInst::Add:
            next = b.CreateAdd(old, value);
            break;
        case AtomicRMWInst::Sub:
            next = b.CreateSub(old, value);
            break;
        case AtomicRMWInst::And:
            next = b.CreateAnd(old, value);
            break;
        case AtomicRMWInst::Nand:
            next = b.CreateNot(b.CreateAnd(old, value));
            break;
        case AtomicRMWInst::Or:
            next = b.CreateOr(old, value);
            break;
        case AtomicRMWInst::Xor:
            next = b.CreateXor(old, value);
            break;
        case AtomicRMWInst::Max:
            next = smaller(CmpInst::ICMP_SGT);
            break;
        case AtomicRMWInst::Min:
            next = smaller(CmpInst::ICMP_SLT);
            break;
        case AtomicRMWInst::UMax:
            next = smaller(CmpInst::ICMP_UGT);
            break;
        case AtomicRMWInst::UMin:
            next = smaller(CmpInst::ICMP_ULT);
            break;
        case AtomicRMWInst::FAdd:
            next = b.CreateFAdd(old, value);
            break;
        case AtomicRMWInst::FSub:
            next = b.CreateFSub(old, value);
            break;
        case AtomicRMWInst::FMax:
            next = b.CreateBinaryIntrinsic(Intrinsic::maxnum, old, value);
            break;
        case AtomicRMWInst::FMin:
            next = b.CreateBinaryIntrinsic(Intrinsic::minnum, old, value);
            break;
        case AtomicRMWInst::UIncWrap:
            next = b.CreateSelect(b.CreateICmpUGE(old, value), Constant::getNullValue(type),
                                  b.CreateAdd(old, ConstantInt::get(type, 1)));
            break;
        case AtomicRMWInst::UDecWrap: {
            Value* wraps =
                b.CreateOr(b.CreateICmpEQ(old, Constant::getNullValue(type)), b.CreateICmpUGT(old, value));
            next = b.CreateSelect(wraps, value, b.CreateSub(old, ConstantInt::get(type, 1)));
            break;
        }
        default:
            throw Unsupported(atomic, "this atomic operation is not supported");
    }
    b.CreateAlignedStore(next, pointer, atomic.getAlign());
    return old;
}

// All lanes on one address: one atomic with what the lanes' operands come to. A lane's old value is what the
// lanes before it have made of the one that the atomic gives.
bool WarpEmitter::combine_atomics(AtomicRMWInst& atomic, Value* mask) {
    if (!shapes_.is_uniform(atomic.getPointerOperand())) return false;
    const AtomicRMWInst::BinOp operation = atomic.getOperation();
    const StringRef join = lanes_join_by(operation);
    if (join.empty()) return false;
    IRBuilder<>& b = *builder_;
    Value *address = scalar(atomic.getPointerOperand()), *operand = atomic.getValOperand();
    const bool is_sum = join == "add", wants_old = !atomic.use_empty();
    if (is_sum && shapes_.is_uniform(operand)) {
        Value* one = scalar(operand);
        Type* type = one->getType();
        Value* active = b.CreateUnaryIntrinsic(Intrinsic::ctpop, lane_bits(mask));
        Value* old = atomic_operation(atomic, address, b.CreateMul(one, b.CreateZExtOrTrunc(active, type)));
        if (!wants_old) return true;
        Value* before = lane_steps(b.getInt32Ty(), 1);
        if (mask) {
            Value* lower = lane_pattern(b.getInt32Ty(), [](unsigned lane) { return (1u << lane) - 1u; });
            before = b.CreateUnaryIntrinsic(
                Intrinsic::ctpop, b.CreateAnd(b.CreateVectorSplat(options_.lanes, lane_bits(mask)), lower));
        }
        Value* passed = b.CreateMul(b.CreateZExtOrTrunc(before, vector_type(type)),
                                    b.CreateVectorSplat(options_.lanes, one));
        Value* start = b.CreateVectorSplat(options_.lanes, old);
        set_vector(&atomic,
                   operation == AtomicRMWInst::Sub ? b.CreateSub(start, passed) : b.CreateAdd(start, passed));
        return true;
    }
    Value* values = vector(operand);
    Value* total = reduce_lanes(join, values, mask);
    Value* old = atomic_operation(atomic, address, total);
    if (!wants_old) return true;
    // The scan of the lanes before: inclusive, in five doubling steps, then one lane up.
    Type* type = values->getType();
    Constant* neutral = neutral_element(join, type);
    if (mask) values = b.CreateSelect(mask, values, neutral);
    const auto lanes_below = [&](Value* of, unsigned distance) {
        std::vector<int> from;
        for (unsigned lane = 0; lane < options_.lanes; ++lane)
            from.push_back(static_cast<int>(lane < distance ? options_.lanes + lane : lane - distance));
        return b.CreateShuffleVector(of, neutral, from);
    };
    const auto joined = [&](Value* x, Value* y) -> Value* {
        switch (operation) {
            case AtomicRMWInst::And:
                return b.CreateAnd(x, y);
            case AtomicRMWInst::Or:
                return b.CreateOr(x, y);
            case AtomicRMWInst::Xor:
                return b.CreateXor(x, y);
            case AtomicRMWInst::Max:
                return b.CreateBinaryIntrinsic(Intrinsic::smax, x, y);
            case AtomicRMWInst::Min:
                return b.CreateBinaryIntrinsic(Intrinsic::smin, x, y);
            case AtomicRMWInst::UMax:
                return b.CreateBinaryIntrinsic(Intrinsic::umax, x, y);
            case AtomicRMWInst::UMin:
                return b.CreateBinaryIntrinsic(Intrinsic::umin, x, y);
            default:
                return b.CreateAdd(x, y);
        }
    };
    for (unsigned distance = 1; distance < options_.lanes; distance *= 2)
        values = joined(values, lanes_below(values, distance));
    Value *before = lanes_below(values, 1), *start = b.CreateVectorSplat(options_.lanes, old);
    set_vector(&atomic, operation == AtomicRMWInst::Sub ? b.CreateSub(start, before) : joined(start, before));
    return true;
}

// Takes an address apart into one base and the lanes' indices, which are narrower than pointers: cheaper to
// hand from vector registers to scalar ones.
WarpEmitter::LaneAddresses WarpEmitter::lane_addresses(Value* pointer) {
    IRBuilder<>& b = *builder_;
    while (auto* cast = dyn_cast<AddrSpaceCastInst>(pointer)) pointer = cast->getOperand(0);
    auto* gep = dyn_cast<GetElementPtrInst>(pointer);
    MapVector<Value*, APInt> scaled;
    APInt constant(64, 0);
    if (!gep || !shapes_.is_uniform(gep->getPointerOperand()) || shapes_.is_interleaved(gep) ||
        !gep->collectOffset(layout_, 64, scaled, constant))
        return {vector(pointer)};
    LaneAddresses result;
    Value* offset = b.getInt64(constant.getZExtValue());
    for (auto& [index, scale] : scaled) {
        if (shapes_.is_uniform(index)) {
            Value* wide = b.CreateSExtOrTrunc(scalar(index), b.getInt64Ty());
            offset = b.CreateAdd(offset, b.CreateMul(wide, b.getInt64(scale.getZExtValue())));
            continue;
        }
        if (result.index) return {vector(pointer)};
        Value* narrow = index;
        if (auto* extension = dyn_cast<CastInst>(index);
            extension && (isa<ZExtInst>(extension) || isa<SExtInst>(extension)) &&
            extension->getType()->isIntegerTy(64) && !extension->getSrcTy()->isIntegerTy(1)) {
            narrow = extension->getOperand(0);
            result.is_unsigned = isa<ZExtInst>(extension);
        }
        result.index = vector(narrow);
        result.scale = scale.getZExtValue();
    }
    if (!result.index) return {vector(pointer)};
    result.base = b.CreateGEP(b.getInt8Ty(), scalar(gep->getPointerOperand()), offset);
    return result;
}

Value* WarpEmitter::lane_address(const LaneAddresses& addresses, Value* of_lane) {
    IRBuilder<>& b = *builder_;
    if (!addresses.base) return of_lane;
    Value* wide = addresses.is_unsigned ? b.CreateZExtOrTrunc(of_lane, b.getInt64Ty())
                                        : b.CreateSExtOrTrunc(of_lane, b.getInt64Ty());
    return b.CreateGEP(b.getInt8Ty(), addresses.base, b.CreateMul(wide, b.getInt64(addresses.scale)));
}

// One lane of a vector. Small integers leave the vector register by eights or twos and are shifted out of the
// 64-bit word: cheaper than an extraction each.
Value* WarpEmitter::fixed_lane(Value* vector, unsigned lane) {
    IRBuilder<>& b = *builder_;
    Type* element = vector->getType()->getScalarType();
    const unsigned bits = element->isIntegerTy() ? element->getIntegerBitWidth() : 64;
    if (bits != 8 && bits != 16 && bits != 32) return b.CreateExtractElement(vector, std::uint64_t{lane});
    const unsigned in_word = 64 / bits;
    Value* words = b.CreateBitCast(vector, FixedVectorType::get(b.getInt64Ty(), options_.lanes / in_word));
    Value* word = b.CreateExtractElement(words, std::uint64_t{lane / in_word});
    return b.CreateTrunc(b.CreateLShr(word, std::uint64_t{lane % in_word * bits}), element);
}

void WarpEmitter::emit_atomic(AtomicRMWInst& atomic, Value* mask) {
    IRBuilder<>& b = *builder_;
    Value *pointer = atomic.getPointerOperand(), *operand = atomic.getValOperand();
    Type* type = scalar_type(atomic.getType());
    if (options_.lanes == 1) {
        Value *address = scalar(pointer), *value = scalar(operand);
        if (options_.check)
            checked(atomic, address, layout_.getTypeStoreSize(atomic.getType()).getFixedValue(), check_atomic,
                    [&] { return atomic_operation(atomic, address, value); });
        else
            set_scalar(&atomic, atomic_operation(atomic, address, value));
        return;
    }
    if (combine_atomics(atomic, mask)) return;
    const bool same_address = shapes_.is_uniform(pointer), same_value = shapes_.is_uniform(operand);
    LaneAddresses addresses;
    Value *one_address = nullptr, *one_value = nullptr, *values = nullptr;
    if (same_address)
        one_address = scalar(pointer);
    else
        addresses = lane_addresses(pointer);
    if (same_value)
        one_value = scalar(operand);
    else
        values = vector(operand);
    AllocaInst* olds = atomic.use_empty() ? nullptr : new_slot(vector_type(atomic.getType()), "olds");
    const auto straight = [&] {
        Value* gathered = PoisonValue::get(vector_type(atomic.getType()));
        for (unsigned lane = 0; lane < options_.lanes; ++lane) {
            Value* address =
                same_address ? one_address : lane_address(addresses, fixed_lane(addresses.vector(), lane));
            Value* old = atomic_operation(atomic, address, same_value ? one_value : fixed_lane(values, lane));
            if (olds) gathered = b.CreateInsertElement(gathered, old, std::uint64_t{lane});
        }
        if (olds) b.CreateStore(gathered, olds);
    };
    const auto one_by_one = [&] {
        AllocaInst* spilled = same_address ? nullptr : spill(addresses.vector(), "addresses");
        AllocaInst* operands = same_value ? nullptr : spill(values, "operands");
        for_each_lane(mask, [&](Value* lane) {
            Value* address = one_address;
            if (!same_address) {
                Type* stored = addresses.vector()->getType()->getScalarType();
                address = lane_address(addresses, b.CreateLoad(stored, spilled_lane(spilled, lane)));
            }
            Value* value = same_value ? one_value : b.CreateLoad(type, spilled_lane(operands, lane));
            Value* old = atomic_operation(atomic, address, value);
            if (olds) b.CreateStore(old, spilled_lane(olds, lane));
        });
    };
    // What needs no atomic instruction is quick enough for the loop over the lanes to count: all lanes in a
    // row where all are active.
    if (!is_shared(pointer) && !is_private(pointer)) {
        one_by_one();
    } else if (!mask) {
        straight();
    } else {
        BasicBlock *all = new_block("all"), *some = new_block("some"), *after = new_block("after");
        b.CreateCondBr(b.CreateICmpEQ(lane_bits(mask), lane_bits(nullptr)), all, some);
        b.SetInsertPoint(all);
        straight();
        b.CreateBr(after);
        b.SetInsertPoint(some);
        one_by_one();
        b.CreateBr(after);
        b.SetInsertPoint(after);
    }
    if (olds) set_vector(&atomic, b.CreateLoad(olds->getAllocatedType(), olds));
}

void WarpEmitter::emit_compare_exchange(AtomicCmpXchgInst& atomic, Value* mask) {
    IRBuilder<>& b = *builder_;
    Type* type = scalar_type(atomic.getCompareOperand()->getType());
    const auto exchange = [&](Value* address, Value* expected, Value* desired) -> std::pair<Value*, Value*> {
        if (is_shared(atomic.getPointerOperand()) || is_private(atomic.getPointerOperand())) {
            Value* old = b.CreateAlignedLoad(type, address, atomic.getAlign());
            Value* equal = b.CreateICmpEQ(old, expected);
            b.CreateAlignedStore(b.CreateSelect(equal, desired, old), address, atomic.getAlign());
            return {old, equal};
        }
        Value* pair = b.CreateAtomicCmpXchg(address, expected, desired, atomic.getAlign(),
                                            atomic.getSuccessOrdering(), atomic.getFailureOrdering());
        return {b.CreateExtractValue(pair, 0), b.CreateExtractValue(pair, 1)};
    };
    if (options_.lanes == 1) {
        Value* address = scalar(atomic.getPointerOperand());
        if (options_.check) {
            AllocaInst* success = new_slot(b.getInt1Ty(), "success");
            b.CreateStore(b.getFalse(), success);
            checked(atomic, address, layout_.getTypeStoreSize(type).getFixedValue(), check_atomic, [&] {
                auto [old, equal] =
                    exchange(address, scalar(atomic.getCompareOperand()), scalar(atomic.getNewValOperand()));
                b.CreateStore(equal, success);
                return old;
            });
            exchanges_[&atomic] = {scalar(&atomic), b.CreateLoad(b.getInt1Ty(), success)};
            return;
        }
        exchanges_[&atomic] =
            exchange(address, scalar(atomic.getCompareOperand()), scalar(atomic.getNewValOperand()));
        return;
    }
    AllocaInst* addresses = spill(vector(atomic.getPointerOperand()), "addresses");
    AllocaInst* expected = spill(vector(atomic.getCompareOperand()), "expected");
    AllocaInst* desired = spill(vector(atomic.getNewValOperand()), "desired");
    AllocaInst* olds = new_slot(FixedVectorType::get(type, options_.lanes), "olds");
    AllocaInst* successes = new_slot(FixedVectorType::get(b.getInt8Ty(), options_.lanes), "successes");
    for_each_lane(mask, [&](Value* lane) {
        auto [old, equal] = exchange(b.CreateLoad(b.getPtrTy(), spilled_lane(addresses, lane)),
                                     b.CreateLoad(type, spilled_lane(expected, lane)),
                                     b.CreateLoad(type, spilled_lane(desired, lane)));
        b.CreateStore(old, spilled_lane(olds, lane));
        b.CreateStore(b.CreateZExt(equal, b.getInt8Ty()), spilled_lane(successes, lane));
    });
    Value* success = b.CreateLoad(successes->getAllocatedType(), successes);
    exchanges_[&atomic] = {b.CreateLoad(olds->getAllocatedType(), olds),
                           b.CreateICmpNE(success, Constant::getNullValue(success->getType()))};
}

}  // namespace heddle::compiler
