// The search for reciprocals, see reciprocals.h.
#include "reciprocals.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/PatternMatch.h>

namespace heddle::compiler {

using namespace llvm;

bool is_inexact_reciprocal(const Instruction& instruction) {
    return instruction.getOpcode() == Instruction::FDiv && instruction.getType()->isFloatTy() &&
           instruction.hasAllowReciprocal() &&
           PatternMatch::match(instruction.getOperand(0), PatternMatch::m_FPOne());
}

void use_reciprocal_roots(Module& ir) {
    Type* type = Type::getFloatTy(ir.getContext());
    for (Function& function : ir) {
        for (Instruction& instruction : make_early_inc_range(instructions(function))) {
            if (!is_inexact_reciprocal(instruction)) continue;
            auto* root = dyn_cast<IntrinsicInst>(instruction.getOperand(1));
            if (!root || root->getIntrinsicID() != Intrinsic::sqrt) continue;
            FunctionCallee inverse =
                ir.getOrInsertFunction("heddle.fast.rsqrt.f32", FunctionType::get(type, {type}, false));
            auto* callee = cast<Function>(inverse.getCallee());
            callee->setDoesNotThrow();
            callee->setDoesNotAccessMemory();
            callee->setWillReturn();
            IRBuilder<> b(&instruction);
            Value* made = b.CreateCall(inverse, {root->getArgOperand(0)}, instruction.getName());
            instruction.replaceAllUsesWith(made);
            instruction.eraseFromParent();
            if (root->use_empty()) root->eraseFromParent();
        }
    }
}

}  // namespace heddle::compiler
