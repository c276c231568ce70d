// In: a kernel whose pointer parameters are generic. Out: the same where they, and pointers read from
// structures passed by value, are known to be global (a kernel can be given nothing else), and structures
// that it changes are copied first.
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

constexpr unsigned global_space = 1;

void qualify(llvm::Value& pointer, llvm::Instruction& before) {
    // Uses that already say so stay as they are.
    const bool has_generic_use = llvm::any_of(pointer.users(), [](const llvm::User* user) {
        const auto* cast = llvm::dyn_cast<llvm::AddrSpaceCastInst>(user);
        return !cast || cast->getDestAddressSpace() != global_space;
    });
    if (!has_generic_use) return;
    llvm::IRBuilder<> builder(&before);
    builder.SetCurrentDebugLocation({});
    auto* global = builder.CreateAddrSpaceCast(
        &pointer, llvm::PointerType::get(pointer.getContext(), global_space), pointer.getName() + ".global");
    auto* generic = builder.CreateAddrSpaceCast(global, pointer.getType());
    pointer.replaceUsesWithIf(generic, [&](llvm::Use& use) {
        const auto* cast = llvm::dyn_cast<llvm::AddrSpaceCastInst>(use.getUser());
        return !cast || cast->getDestAddressSpace() != global_space;
    });
}

/// Collects the loads through `pointer`; false when it is used in any other way than to read.
bool only_read(llvm::Value& pointer, std::vector<llvm::LoadInst*>& loads) {
    for (auto* user : pointer.users()) {
        if (auto* load = llvm::dyn_cast<llvm::LoadInst>(user)) {
            loads.push_back(load);
        } else if (llvm::isa<llvm::GetElementPtrInst, llvm::AddrSpaceCastInst>(user)) {
            if (!only_read(*user, loads)) return false;
        } else if (const auto* copy = llvm::dyn_cast<llvm::MemTransferInst>(user)) {
            if (copy->getRawDest() == &pointer || copy->isVolatile()) return false;
        } else if (const auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(user)) {
            if (!intrinsic->isLifetimeStartOrEnd()) return false;
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

void qualify_arguments(llvm::Function& kernel) {
    llvm::Instruction& entry = *kernel.getEntryBlock().getFirstNonPHIOrDbgOrAlloca();
    for (auto& argument : kernel.args()) {
        if (!argument.getType()->isPointerTy()) continue;
        if (!argument.hasByValAttr()) {
            qualify(argument, entry);
            continue;
        }
        std::vector<llvm::LoadInst*> loads;
        if (only_read(argument, loads)) {
            for (auto* load : loads)
                if (load->getType()->isPointerTy() && load->getType()->getPointerAddressSpace() == 0)
                    qualify(*load, *load->getNextNode());
            continue;
        }
        const auto& layout = kernel.getParent()->getDataLayout();
        llvm::Type* type = argument.getParamByValType();
        const llvm::Align alignment = argument.getParamAlign().value_or(layout.getABITypeAlign(type));
        llvm::IRBuilder<> builder(&kernel.getEntryBlock(), kernel.getEntryBlock().begin());
        auto* copy = builder.CreateAlloca(type, nullptr, argument.getName());
        copy->setAlignment(alignment);
        argument.replaceAllUsesWith(copy);
        builder.CreateMemCpy(copy, alignment, &argument, alignment,
                             layout.getTypeAllocSize(type).getFixedValue());
    }
}

}  // namespace heddle::compiler
