// In: Clang's code, where an over-wide shift or a conversion out of range is poison. Out: the same with
// CUDA's results, safe to optimise: saturating conversion intrinsics, and shifts guarded by a select, which
// drop_shift_guards() takes away again after optimisation.
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

}  // namespace

void make_arithmetic_total(llvm::Module& module) {
    std::vector<llvm::Instruction*> work;
    for (auto& function : module)
        for (auto& instruction : llvm::instructions(function))
            if (llvm::isa<llvm::FPToSIInst, llvm::FPToUIInst>(instruction) || instruction.isShift())
                work.push_back(&instruction);
    for (auto* instruction : work) {
        if (auto* conversion = llvm::dyn_cast<llvm::CastInst>(instruction))
            saturate(*conversion);
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
