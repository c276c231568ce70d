// In: Clang's code, where an over-wide shift or a conversion out of range is poison and an integer division
// by zero is undefined. Out: the same with CUDA's results, safe to optimise: saturating conversion
// intrinsics, divisions and shifts guarded by a select; drop_shift_guards() takes those of shifts away again
// after optimisation.
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PatternMatch.h>

#include <llvm/Transforms/Utils/Local.h>

#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

using namespace llvm::PatternMatch;

void saturate(llvm::CastInst& conversion) {
    llvm::IRBuilder<> builder(&conversion);
    const auto intrinsic = conversion.getOpcode() == llvm::Instruction::FPToSI ? llvm::Intrinsic::fptosi_sat
                                                                               : llvm::Intrinsic::fptoui_sat;
    auto* value = builder.CreateIntrinsic(intrinsic, {conversion.getType(), conversion.getSrcTy()},
                                          {conversion.getOperand(0)});
    value->takeName(&conversion);
    conversion.replaceAllUsesWith(value);
    conversion.eraseFromParent();
}

void guard(llvm::BinaryOperator& shift) {
    llvm::Type* type = shift.getType();
    const unsigned width = type->getScalarSizeInBits();
    llvm::Value* amount = shift.getOperand(1);
    // Clang's own masks (OpenCL-like `x << (n & 31)`) and small constants need no guard.
    const llvm::APInt* constant = nullptr;
    if (match(amount, m_APInt(constant)) && constant->ult(width)) return;
    if (match(amount, m_c_And(m_Value(), m_APInt(constant))) && constant->ult(width)) return;
    llvm::IRBuilder<> builder(&shift);
    if (shift.getOpcode() == llvm::Instruction::AShr) {
        shift.setOperand(1, builder.CreateBinaryIntrinsic(llvm::Intrinsic::umin, amount,
                                                          llvm::ConstantInt::get(type, width - 1)));
        return;
    }
    // A poison shift must not leak through flags either.
    shift.dropPoisonGeneratingFlags();
    builder.SetInsertPoint(shift.getNextNode());
    auto* in_range = builder.CreateICmpULT(amount, llvm::ConstantInt::get(type, width));
    auto* guarded = builder.CreateSelect(in_range, &shift, llvm::Constant::getNullValue(type));
    shift.replaceUsesWithIf(guarded, [&](llvm::Use& use) { return use.getUser() != guarded; });
}

// Without the guard LLVM would conclude from `x / y` that y is not zero, wherever y is used.
void guard_division(llvm::BinaryOperator& division) {
    llvm::Type* type = division.getType();
    llvm::Value *dividend = division.getOperand(0), *divisor = division.getOperand(1);
    const bool is_signed =
        division.getOpcode() == llvm::Instruction::SDiv || division.getOpcode() == llvm::Instruction::SRem;
    const bool is_quotient =
        division.getOpcode() == llvm::Instruction::SDiv || division.getOpcode() == llvm::Instruction::UDiv;
    const llvm::APInt* constant = nullptr;
    if (match(divisor, m_APInt(constant)) && !constant->isZero() && !(is_signed && constant->isAllOnes()))
        return;
    llvm::IRBuilder<> builder(&division);
    auto* by_zero = builder.CreateICmpEQ(divisor, llvm::Constant::getNullValue(type));
    auto* unsafe = by_zero;
    if (is_signed) {
        auto* lowest =
            llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(type->getScalarSizeInBits()));
        auto* overflows =
            builder.CreateAnd(builder.CreateICmpEQ(dividend, lowest),
                              builder.CreateICmpEQ(divisor, llvm::Constant::getAllOnesValue(type)));
        unsafe = builder.CreateOr(by_zero, overflows);
    }
    // INT_MIN / -1 is INT_MIN with remainder 0, which is what dividing by one gives.
    division.setOperand(1, builder.CreateSelect(unsafe, llvm::ConstantInt::get(type, 1), divisor));
    division.dropPoisonGeneratingFlags();
    builder.SetInsertPoint(division.getNextNode());
    auto* guarded = builder.CreateSelect(
        by_zero, is_quotient ? llvm::Constant::getAllOnesValue(type) : dividend, &division);
    division.replaceUsesWithIf(guarded, [&](llvm::Use& use) { return use.getUser() != guarded; });
}

}  // namespace

void make_arithmetic_total(llvm::Module& module) {
    std::vector<llvm::Instruction*> work;
    for (auto& function : module)
        for (auto& instruction : llvm::instructions(function))
            if (llvm::isa<llvm::FPToSIInst, llvm::FPToUIInst>(instruction) || instruction.isShift() ||
                instruction.isIntDivRem())
                work.push_back(&instruction);
    for (auto* instruction : work) {
        if (auto* conversion = llvm::dyn_cast<llvm::CastInst>(instruction))
            saturate(*conversion);
        else if (instruction->isIntDivRem())
            guard_division(*llvm::cast<llvm::BinaryOperator>(instruction));
        else
            guard(*llvm::cast<llvm::BinaryOperator>(instruction));
    }
}

void drop_shift_guards(llvm::Function& function) {
    std::vector<llvm::Instruction*> dead, unused;
    for (auto& instruction : llvm::instructions(function)) {
        llvm::ICmpInst::Predicate predicate{};
        llvm::Value *amount = nullptr, *value = nullptr, *base = nullptr;
        const llvm::APInt* limit = nullptr;
        // select (amount < width), (base shift amount), 0
        if (match(&instruction,
                  m_Select(m_ICmp(predicate, m_Value(amount), m_APInt(limit)), m_Value(value), m_Zero()))) {
            const unsigned width = instruction.getType()->getScalarSizeInBits();
            const bool in_range = predicate == llvm::ICmpInst::ICMP_ULT && *limit == width;
            if (in_range && (match(value, m_Shl(m_Value(base), m_Specific(amount))) ||
                             match(value, m_LShr(m_Value(base), m_Specific(amount))))) {
                llvm::cast<llvm::Instruction>(value)->dropPoisonGeneratingFlags();
                value->takeName(&instruction);
                instruction.replaceAllUsesWith(value);
                dead.push_back(&instruction);
            }
            continue;
        }
        // base >> min(amount, width - 1)
        if (match(&instruction, m_AShr(m_Value(base), m_UMin(m_Value(amount), m_APInt(limit)))) &&
            *limit == instruction.getType()->getScalarSizeInBits() - 1) {
            if (auto* minimum = llvm::dyn_cast<llvm::Instruction>(instruction.getOperand(1));
                minimum->hasOneUse())
                unused.push_back(minimum);
            instruction.setOperand(1, amount);
            instruction.dropPoisonGeneratingFlags();
        }
    }
    for (auto* instruction : dead) llvm::RecursivelyDeleteTriviallyDeadInstructions(instruction);
    for (auto* instruction : unused) llvm::RecursivelyDeleteTriviallyDeadInstructions(instruction);
}

}  // namespace heddle::compiler
