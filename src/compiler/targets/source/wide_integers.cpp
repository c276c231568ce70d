// Every value of 128 bits becomes two of 64, its lower and its upper half.
#include "wide_integers.h"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/InstSimplifyFolder.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/IntegerDivision.h>

#include <utility>
#include <vector>

#include "../unsupported.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

bool is_wide(const Value& value) {
    return value.getType()->isIntegerTy(128);
}

class Splitter {
  public:
    explicit Splitter(Function& kernel)
        : kernel_(kernel),
          layout_(kernel.getParent()->getDataLayout()),
          half_(Type::getInt64Ty(kernel.getContext())) {}

    bool run() {
        const bool is_needed = any_of(instructions(kernel_), [](const Instruction& instruction) {
            return is_wide(instruction) ||
                   any_of(instruction.operands(), [](const Use& use) { return is_wide(*use); });
        });
        if (!is_needed) return false;
        expand_divisions();
        std::vector<BasicBlock*> blocks;
        for (BasicBlock* block : ReversePostOrderTraversal<Function*>(&kernel_)) blocks.push_back(block);
        for (BasicBlock* block : blocks)
            for (PHINode& phi : block->phis())
                if (is_wide(phi)) {
                    Builder b(block, phi.getIterator(), InstSimplifyFolder(layout_));
                    halves_[&phi] = {b.CreatePHI(half_, phi.getNumIncomingValues(), phi.getName()),
                                     b.CreatePHI(half_, phi.getNumIncomingValues(), phi.getName())};
                }
        for (BasicBlock* block : blocks)
            for (Instruction& instruction : make_early_inc_range(*block)) split(instruction);
        for (auto& [value, halves] : halves_)
            if (auto* phi = dyn_cast<PHINode>(value))
                for (unsigned k = 0; k < phi->getNumIncomingValues(); ++k) {
                    const Halves incoming = of(*phi->getIncomingValue(k));
                    cast<PHINode>(halves.low)->addIncoming(incoming.low, phi->getIncomingBlock(k));
                    cast<PHINode>(halves.high)->addIncoming(incoming.high, phi->getIncomingBlock(k));
                }
        for (Instruction* instruction : dead_) instruction->dropAllReferences();
        for (Instruction* instruction : dead_) instruction->eraseFromParent();
        return true;
    }

  private:
    using Builder = IRBuilder<InstSimplifyFolder>;
    struct Halves {
        Value *low = nullptr, *high = nullptr;
    };

    Function& kernel_;
    const DataLayout& layout_;
    Type* half_;
    DenseMap<Value*, Halves> halves_;
    std::vector<Instruction*> dead_;

    void expand_divisions() {
        SmallVector<BinaryOperator*, 4> divisions;
        for (Instruction& instruction : instructions(kernel_))
            if (auto* operation = dyn_cast<BinaryOperator>(&instruction);
                operation && is_wide(*operation) && operation->isIntDivRem())
                divisions.push_back(operation);
        for (BinaryOperator* operation : divisions) {
            const bool is_quotient =
                operation->getOpcode() == Instruction::SDiv || operation->getOpcode() == Instruction::UDiv;
            if (is_quotient ? !expandDivision(operation) : !expandRemainder(operation))
                throw std::runtime_error("LLVM does not expand a division of 128 bits");
        }
    }

    Halves of(Value& value) const {
        if (const auto* number = dyn_cast<ConstantInt>(&value))
            return {ConstantInt::get(half_, number->getValue().trunc(64)),
                    ConstantInt::get(half_, number->getValue().lshr(64).trunc(64))};
        if (isa<PoisonValue>(value)) return {PoisonValue::get(half_), PoisonValue::get(half_)};
        if (isa<UndefValue>(value)) return {UndefValue::get(half_), UndefValue::get(half_)};
        const auto found = halves_.find(&value);
        if (found == halves_.end())
            throw Unsupported(kernel_.getEntryBlock().front(), "a parameter of 128 bits is not supported");
        return found->second;
    }

    void split(Instruction& instruction) {
        if (isa<PHINode>(instruction)) {
            if (is_wide(instruction)) dead_.push_back(&instruction);
            return;
        }
        const bool reads = any_of(instruction.operands(), [](const Use& use) { return is_wide(*use); });
        if (!is_wide(instruction) && !reads) return;
        Builder b(instruction.getParent(), instruction.getIterator(), InstSimplifyFolder(layout_));
        if (is_wide(instruction))
            halves_[&instruction] = value_of(b, instruction);
        else if (auto* store = dyn_cast<StoreInst>(&instruction))
            split_store(b, *store);
        else
            instruction.replaceAllUsesWith(narrow_value_of(b, instruction));
        dead_.push_back(&instruction);
    }

    [[noreturn]] static void refuse(const Instruction& instruction) {
        throw Unsupported(instruction, std::string("'") + instruction.getOpcodeName() +
                                           "' of an integer of 128 bits is not supported");
    }

    Halves value_of(Builder& b, Instruction& instruction) {
        switch (instruction.getOpcode()) {
            case Instruction::ZExt:
                return {b.CreateZExt(instruction.getOperand(0), half_), b.getInt64(0)};
            case Instruction::SExt: {
                Value* low = b.CreateSExt(instruction.getOperand(0), half_);
                return {low, b.CreateAShr(low, 63)};
            }
            case Instruction::Freeze: {
                const Halves value = of(*instruction.getOperand(0));
                return {b.CreateFreeze(value.low), b.CreateFreeze(value.high)};
            }
            case Instruction::Select: {
                Value* condition = instruction.getOperand(0);
                return chosen(b, condition, of(*instruction.getOperand(1)), of(*instruction.getOperand(2)));
            }
            case Instruction::Load:
                return split_load(b, cast<LoadInst>(instruction));
            case Instruction::BitCast: {
                Value* pair = b.CreateBitCast(instruction.getOperand(0), FixedVectorType::get(half_, 2));
                return {b.CreateExtractElement(pair, std::uint64_t{0}), b.CreateExtractElement(pair, 1)};
            }
            case Instruction::Call:
                return intrinsic_of(b, instruction);
            default:
                break;
        }
        if (!isa<BinaryOperator>(instruction)) refuse(instruction);
        const Halves x = of(*instruction.getOperand(0)), y = of(*instruction.getOperand(1));
        switch (instruction.getOpcode()) {
            case Instruction::And:
                return {b.CreateAnd(x.low, y.low), b.CreateAnd(x.high, y.high)};
            case Instruction::Or:
                return {b.CreateOr(x.low, y.low), b.CreateOr(x.high, y.high)};
            case Instruction::Xor:
                return {b.CreateXor(x.low, y.low), b.CreateXor(x.high, y.high)};
            case Instruction::Add: {
                Value* low = b.CreateAdd(x.low, y.low);
                Value* carry = b.CreateZExt(b.CreateICmpULT(low, x.low), half_);
                return {low, b.CreateAdd(b.CreateAdd(x.high, y.high), carry)};
            }
            case Instruction::Sub: {
                Value* borrow = b.CreateZExt(b.CreateICmpULT(x.low, y.low), half_);
                return {b.CreateSub(x.low, y.low), b.CreateSub(b.CreateSub(x.high, y.high), borrow)};
            }
            case Instruction::Mul:
                return product(b, instruction, x, y);
            case Instruction::Shl:
            case Instruction::LShr:
            case Instruction::AShr:
                return shifted(b, instruction.getOpcode(), x, y);
            default:
                refuse(instruction);
        }
    }

    Value* narrow_value_of(Builder& b, Instruction& instruction) {
        const auto operand = [&](unsigned index) { return of(*instruction.getOperand(index)); };
        if (isa<TruncInst>(instruction)) return b.CreateTrunc(operand(0).low, instruction.getType());
        if (const auto* comparison = dyn_cast<ICmpInst>(&instruction))
            return compared(b, comparison->getPredicate(), operand(0), operand(1));
        if (isa<BitCastInst>(instruction)) {
            const Halves value = operand(0);
            Value* pair = PoisonValue::get(FixedVectorType::get(half_, 2));
            pair = b.CreateInsertElement(pair, value.low, std::uint64_t{0});
            pair = b.CreateInsertElement(pair, value.high, 1);
            return b.CreateBitCast(pair, instruction.getType());
        }
        refuse(instruction);
    }

    static Halves chosen(Builder& b, Value* condition, const Halves& yes, const Halves& no) {
        return {b.CreateSelect(condition, yes.low, no.low), b.CreateSelect(condition, yes.high, no.high)};
    }

    static Value* compared(Builder& b, CmpInst::Predicate predicate, const Halves& x, const Halves& y) {
        Value* same_high = b.CreateICmpEQ(x.high, y.high);
        if (predicate == CmpInst::ICMP_EQ) return b.CreateAnd(b.CreateICmpEQ(x.low, y.low), same_high);
        if (predicate == CmpInst::ICMP_NE)
            return b.CreateOr(b.CreateICmpNE(x.low, y.low), b.CreateICmpNE(x.high, y.high));
        return b.CreateSelect(same_high,
                              b.CreateICmp(ICmpInst::getUnsignedPredicate(predicate), x.low, y.low),
                              b.CreateICmp(predicate, x.high, y.high));
    }

    // The upper half of the product of two numbers of 64 bits.
    static Value* upper_half(Builder& b, Value* x, Value* y, bool by_sign) {
        Type* wide = b.getInt128Ty();
        Value* both = by_sign ? b.CreateMul(b.CreateSExt(x, wide), b.CreateSExt(y, wide))
                              : b.CreateMul(b.CreateZExt(x, wide), b.CreateZExt(y, wide));
        return b.CreateTrunc(b.CreateLShr(both, 64), b.getInt64Ty());
    }

    static Halves product(Builder& b, const Instruction& instruction, const Halves& x, const Halves& y) {
        const bool are_signed =
            isa<SExtInst>(instruction.getOperand(0)) && isa<SExtInst>(instruction.getOperand(1));
        Value* low = b.CreateMul(x.low, y.low);
        if (are_signed) return {low, upper_half(b, x.low, y.low, true)};
        Value* high = upper_half(b, x.low, y.low, false);
        high = b.CreateAdd(high, b.CreateMul(x.low, y.high));
        return {low, b.CreateAdd(high, b.CreateMul(x.high, y.low))};
    }

    // Kernel IR's meaning: by 128 or more nothing is left but the sign.
    static Halves shifted(Builder& b, unsigned opcode, const Halves& x, const Halves& count) {
        Type* half = b.getInt64Ty();
        Value* zero = b.getInt64(0);
        Value* few = b.CreateAnd(count.low, 63);
        Value* is_half = b.CreateICmpUGT(count.low, b.getInt64(63));
        Value* is_over =
            b.CreateOr(b.CreateICmpUGT(count.low, b.getInt64(127)), b.CreateICmpNE(count.high, zero));
        const auto funnel = [&](Intrinsic::ID id) {
            return b.CreateIntrinsic(id, {half}, {x.high, x.low, few});
        };
        Halves near, far, over;
        if (opcode == Instruction::Shl) {
            Value* moved = b.CreateShl(x.low, few);
            near = {moved, funnel(Intrinsic::fshl)};
            far = {zero, moved};
            over = {zero, zero};
        } else {
            const bool by_sign = opcode == Instruction::AShr;
            Value* fill = by_sign ? b.CreateAShr(x.high, 63) : zero;
            Value* moved = by_sign ? b.CreateAShr(x.high, few) : b.CreateLShr(x.high, few);
            near = {funnel(Intrinsic::fshr), moved};
            far = {moved, fill};
            over = {fill, fill};
        }
        return chosen(b, is_over, over, chosen(b, is_half, far, near));
    }

    Halves split_load(Builder& b, LoadInst& load) {
        if (load.isAtomic()) refuse(load);
        const auto part = [&](unsigned offset) {
            Value* place = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), load.getPointerOperand(), offset);
            return b.CreateAlignedLoad(half_, place, commonAlignment(load.getAlign(), offset),
                                       load.isVolatile());
        };
        Value* low = part(0);
        return {low, part(8)};
    }

    void split_store(Builder& b, StoreInst& store) {
        if (store.isAtomic()) refuse(store);
        const Halves value = of(*store.getValueOperand());
        unsigned offset = 0;
        for (Value* half : {value.low, value.high}) {
            Value* place = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), store.getPointerOperand(), offset);
            b.CreateAlignedStore(half, place, commonAlignment(store.getAlign(), offset), store.isVolatile());
            offset += 8;
        }
    }

    Halves intrinsic_of(Builder& b, Instruction& instruction) {
        const auto* call = dyn_cast<IntrinsicInst>(&instruction);
        if (!call) refuse(instruction);
        const auto single = [&](Value* value) {
            return b.CreateUnaryIntrinsic(call->getIntrinsicID(), value);
        };
        const auto counted = [&](Value* value) {
            return b.CreateIntrinsic(call->getIntrinsicID(), {half_}, {value, b.getFalse()});
        };
        const Halves x = of(*call->getArgOperand(0));
        Value* zero = b.getInt64(0);
        switch (call->getIntrinsicID()) {
            case Intrinsic::ctpop:
                return {b.CreateAdd(single(x.low), single(x.high)), zero};
            case Intrinsic::ctlz:
                return {b.CreateSelect(b.CreateICmpEQ(x.high, zero),
                                       b.CreateAdd(counted(x.low), b.getInt64(64)), counted(x.high)),
                        zero};
            case Intrinsic::cttz:
                return {b.CreateSelect(b.CreateICmpEQ(x.low, zero),
                                       b.CreateAdd(counted(x.high), b.getInt64(64)), counted(x.low)),
                        zero};
            case Intrinsic::bswap:
            case Intrinsic::bitreverse:
                return {single(x.high), single(x.low)};
            case Intrinsic::smin:
            case Intrinsic::smax:
            case Intrinsic::umin:
            case Intrinsic::umax: {
                const Halves y = of(*call->getArgOperand(1));
                const CmpInst::Predicate predicate = MinMaxIntrinsic::getPredicate(call->getIntrinsicID());
                return chosen(b, compared(b, predicate, x, y), x, y);
            }
            case Intrinsic::abs: {
                Value* borrow = b.CreateZExt(b.CreateICmpNE(x.low, zero), half_);
                const Halves negative{b.CreateNeg(x.low), b.CreateSub(b.CreateNeg(x.high), borrow)};
                return chosen(b, b.CreateICmpSLT(x.high, zero), negative, x);
            }
            case Intrinsic::fshl:
            case Intrinsic::fshr: {
                // (x:y) moved by what the count keeps of 128; the other part goes the other way by the rest,
                // in two steps, since the rest may be all 128.
                const bool is_left = call->getIntrinsicID() == Intrinsic::fshl;
                const Halves y = of(*call->getArgOperand(1));
                Value* count = b.CreateAnd(of(*call->getArgOperand(2)).low, 127);
                const Halves rest{b.CreateSub(b.getInt64(127), count), zero}, by{count, zero},
                    one{b.getInt64(1), zero};
                const Halves left =
                    is_left ? shifted(b, Instruction::Shl, x, by)
                            : shifted(b, Instruction::Shl, shifted(b, Instruction::Shl, x, one), rest);
                const Halves right =
                    is_left ? shifted(b, Instruction::LShr, shifted(b, Instruction::LShr, y, one), rest)
                            : shifted(b, Instruction::LShr, y, by);
                return {b.CreateOr(left.low, right.low), b.CreateOr(left.high, right.high)};
            }
            default:
                throw Unsupported(instruction, "'" + call->getCalledFunction()->getName().str() +
                                                   "' of 128 bits is not supported");
        }
    }
};

}  // namespace

bool split_wide_integers(Function& kernel) {
    return Splitter(kernel).run();
}

}  // namespace heddle::compiler
