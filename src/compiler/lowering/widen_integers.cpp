// In: code whose arithmetic LLVM has narrowed to odd widths (`(a * b) & 7` to three bits). Out: the same on
// whole bytes. Odd integers have no type in the languages that targets write, and no reliable vectors in code
// generators. A widened value's upper bits are of no meaning: whoever sees them clears them first.
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/Support/MathExtras.h>

#include <algorithm>
#include <vector>

#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

using namespace llvm;

bool is_odd(const Type* type) {
    const auto* integer = dyn_cast<IntegerType>(type);
    if (!integer) return false;
    const unsigned bits = integer->getBitWidth();
    return bits != 1 && bits < 64 && (bits < 8 || !isPowerOf2_32(bits));
}

class Widening {
  public:
    explicit Widening(Function& function) : function_(function) {}

    void run() {
        std::vector<Instruction*> all;
        for (BasicBlock* block : ReversePostOrderTraversal<Function*>(&function_))
            for (Instruction& instruction : *block) all.push_back(&instruction);
        std::vector<Instruction*> replaced;
        for (Instruction* instruction : all)
            if (auto* phi = dyn_cast<PHINode>(instruction); phi && is_odd(phi->getType())) {
                IRBuilder<> b(phi);
                wide_[phi] = b.CreatePHI(wide_type(phi->getType()), phi->getNumIncomingValues());
                replaced.push_back(phi);
            }
        for (Instruction* instruction : all) {
            if (isa<PHINode>(instruction)) continue;
            const bool gives_odd = is_odd(instruction->getType());
            const bool takes_odd = any_of(instruction->operands(), [](const Use& operand) {
                return is_odd(operand->getType()) && !isa<Constant>(operand.get());
            });
            if (!gives_odd && !takes_odd) continue;
            IRBuilder<> b(instruction);
            if (Value* made = gives_odd ? widened(b, *instruction) : narrowed(b, *instruction)) {
                if (gives_odd)
                    wide_[instruction] = made;
                else
                    instruction->replaceAllUsesWith(made);
                replaced.push_back(instruction);
                continue;
            }
            // Whatever else takes an odd integer gets it as such.
            for (Use& operand : instruction->operands())
                if (is_odd(operand->getType()) && !isa<Constant>(operand.get()) &&
                    wide_.contains(operand.get()))
                    operand.set(b.CreateTrunc(wide(operand.get()), operand->getType()));
        }
        for (Instruction* instruction : all)
            if (auto* phi = dyn_cast<PHINode>(instruction); phi && is_odd(phi->getType()))
                for (unsigned i = 0; i < phi->getNumIncomingValues(); ++i)
                    cast<PHINode>(wide_[phi])
                        ->addIncoming(wide(phi->getIncomingValue(i)), phi->getIncomingBlock(i));
        for (Instruction* instruction : reverse(replaced)) {
            instruction->replaceAllUsesWith(PoisonValue::get(instruction->getType()));
            instruction->eraseFromParent();
        }
    }

  private:
    Function& function_;
    DenseMap<const Value*, Value*> wide_;

    static Type* wide_type(Type* type) {
        const auto bits = std::max(8u, static_cast<unsigned>(PowerOf2Ceil(type->getIntegerBitWidth())));
        return IntegerType::get(type->getContext(), bits);
    }

    Value* wide(Value* value) {
        Type* type = wide_type(value->getType());
        if (auto* number = dyn_cast<ConstantInt>(value))
            return ConstantInt::get(type, number->getZExtValue());
        if (isa<PoisonValue>(value)) return PoisonValue::get(type);
        if (isa<UndefValue>(value)) return UndefValue::get(type);
        Value*& known = wide_[value];
        if (known) return known;
        // It comes from something that stays as it is.
        BasicBlock& entry = function_.getEntryBlock();
        auto* definition = dyn_cast<Instruction>(value);
        IRBuilder<> b(&entry, entry.getFirstInsertionPt());
        if (definition) b.SetInsertPoint(definition->getParent(), *definition->getInsertionPointAfterDef());
        return known = b.CreateZExt(value, type);
    }
    Value* cleared(IRBuilder<>& b, Value* value) {
        const unsigned bits = value->getType()->getIntegerBitWidth();
        Value* whole = wide(value);
        return b.CreateAnd(whole, ConstantInt::get(whole->getType(), maskTrailingOnes<std::uint64_t>(bits)));
    }
    Value* extended(IRBuilder<>& b, Value* value) {
        Value* whole = wide(value);
        const unsigned spare =
            whole->getType()->getIntegerBitWidth() - value->getType()->getIntegerBitWidth();
        return b.CreateAShr(b.CreateShl(whole, spare), spare);
    }

    // The instruction on whole bytes; null when it has to stay.
    Value* widened(IRBuilder<>& b, Instruction& instruction) {
        Type* type = wide_type(instruction.getType());
        const auto operand = [&](unsigned i) { return instruction.getOperand(i); };
        switch (instruction.getOpcode()) {
            case Instruction::Trunc:
            case Instruction::ZExt:
            case Instruction::SExt: {
                Value* from = operand(0);
                const bool is_signed = instruction.getOpcode() == Instruction::SExt;
                if (is_odd(from->getType()))
                    from = instruction.getOpcode() == Instruction::Trunc ? wide(from)
                           : is_signed                                   ? extended(b, from)
                                                                         : cleared(b, from);
                return is_signed ? b.CreateSExtOrTrunc(from, type) : b.CreateZExtOrTrunc(from, type);
            }
            case Instruction::Add:
                return b.CreateAdd(wide(operand(0)), wide(operand(1)));
            case Instruction::Sub:
                return b.CreateSub(wide(operand(0)), wide(operand(1)));
            case Instruction::Mul:
                return b.CreateMul(wide(operand(0)), wide(operand(1)));
            case Instruction::And:
                return b.CreateAnd(wide(operand(0)), wide(operand(1)));
            case Instruction::Or:
                return b.CreateOr(wide(operand(0)), wide(operand(1)));
            case Instruction::Xor:
                return b.CreateXor(wide(operand(0)), wide(operand(1)));
            case Instruction::Shl:
                return b.CreateShl(wide(operand(0)), cleared(b, operand(1)));
            case Instruction::LShr:
                return b.CreateLShr(cleared(b, operand(0)), cleared(b, operand(1)));
            case Instruction::AShr:
                return b.CreateAShr(extended(b, operand(0)), cleared(b, operand(1)));
            case Instruction::UDiv:
                return b.CreateUDiv(cleared(b, operand(0)), cleared(b, operand(1)));
            case Instruction::URem:
                return b.CreateURem(cleared(b, operand(0)), cleared(b, operand(1)));
            case Instruction::Select:
                return b.CreateSelect(operand(0), wide(operand(1)), wide(operand(2)));
            case Instruction::Freeze:
                return b.CreateFreeze(wide(operand(0)));
            default:
                return nullptr;
        }
    }

    // An instruction that takes odd integers and gives something else; null when it has to stay.
    Value* narrowed(IRBuilder<>& b, Instruction& instruction) {
        if (auto* compare = dyn_cast<ICmpInst>(&instruction)) {
            Value *left = compare->getOperand(0), *right = compare->getOperand(1);
            return compare->isSigned()
                       ? b.CreateICmp(compare->getPredicate(), extended(b, left), extended(b, right))
                       : b.CreateICmp(compare->getPredicate(), cleared(b, left), cleared(b, right));
        }
        auto* cast = dyn_cast<CastInst>(&instruction);
        if (!cast || !cast->getType()->isIntegerTy()) return nullptr;
        Value* from = cast->getOperand(0);
        if (isa<TruncInst>(cast)) return b.CreateTrunc(wide(from), cast->getType());
        if (isa<ZExtInst>(cast)) return b.CreateZExtOrTrunc(cleared(b, from), cast->getType());
        if (isa<SExtInst>(cast)) return b.CreateSExtOrTrunc(extended(b, from), cast->getType());
        return nullptr;
    }
};

}  // namespace

void widen_odd_integers(Function& kernel) {
    const bool has_odd = any_of(instructions(kernel),
                                [](const Instruction& instruction) { return is_odd(instruction.getType()); });
    if (has_odd) Widening(kernel).run();
}

}  // namespace heddle::compiler
