// In: a function as Clang emitted it, each variable an alloca with its name. Out: the same, where an
// unnamed-looking value that is stored into a variable carries the variable's name, which mem2reg would lose.
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>

#include "lowering/transforms.h"

namespace heddle::compiler {

void name_values(llvm::Function& function) {
    for (auto& argument : function.args())
        if (argument.getName().ends_with(".coerce")) argument.setName(argument.getName().drop_back(7));
    for (auto& instruction : llvm::instructions(function)) {
        auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
        if (!store) continue;
        const auto* variable = llvm::dyn_cast<llvm::AllocaInst>(store->getPointerOperand());
        auto* value = llvm::dyn_cast<llvm::Instruction>(store->getValueOperand());
        if (!variable || !value || llvm::isa<llvm::LoadInst>(value)) continue;
        llvm::StringRef name = variable->getName();
        name.consume_back(".addr");
        if (name.empty() || name.contains('.') || name == "retval" || name == "this" ||
            name.starts_with("ref.tmp"))
            continue;
        value->setName(name);
    }
}

void name_intrinsics(llvm::Function& function) {
    for (auto& instruction : llvm::instructions(function)) {
        auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
        const auto* callee = call ? call->getCalledFunction() : nullptr;
        if (!callee || call->getType()->isVoidTy()) continue;
        llvm::StringRef name = callee->getName();
        // A name that the source gave stays.
        const llvm::StringRef current = call->getName();
        if (!name.consume_front("heddle.") || !(current.empty() || current.starts_with("call"))) continue;
        call->setName(name);
    }
}

}  // namespace heddle::compiler
