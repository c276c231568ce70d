// In: code that takes functions' addresses (function pointers, vtables) and calls through them. Out: an
// address is an integer id (1, 2, ...), and such a call is a switch over the functions whose address is taken
// and whose type fits.
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include <map>
#include <optional>
#include <set>

#include "lowering/stop_lane.h"
#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

constexpr std::uint64_t pointer_bytes = 8;

/// For each slot of a vtable after its address point: the functions that stand there in any class.
using VirtualSlots = std::map<std::uint64_t, std::set<llvm::Function*>>;

VirtualSlots collect_slots(llvm::Module& module) {
    VirtualSlots slots;
    for (auto& variable : module.globals()) {
        if (!variable.getName().starts_with("_ZTV") || !variable.hasInitializer()) continue;
        const llvm::Constant* groups = variable.getInitializer();
        for (unsigned group = 0; group < groups->getNumOperands(); ++group) {
            const auto* entries = llvm::dyn_cast<llvm::ConstantArray>(groups->getOperand(group));
            if (!entries) continue;
            // The address point follows offset-to-top and RTTI, and the offsets of virtual bases before them:
            // the first function ends the prefix at the latest, whatever its length.
            unsigned first = 0;
            while (first < entries->getNumOperands() &&
                   !llvm::isa<llvm::Function>(entries->getOperand(first)->stripPointerCasts()))
                ++first;
            if (first > 2) {
                // Virtual bases, or pure virtual functions before the first one: every distance is possible.
                for (unsigned i = first; i < entries->getNumOperands(); ++i)
                    if (auto* function =
                            llvm::dyn_cast<llvm::Function>(entries->getOperand(i)->stripPointerCasts()))
                        for (unsigned slot = 0; slot + 2 <= i; ++slot) slots[slot].insert(function);
                continue;
            }
            for (unsigned i = 2; i < entries->getNumOperands(); ++i)
                if (auto* function =
                        llvm::dyn_cast<llvm::Function>(entries->getOperand(i)->stripPointerCasts()))
                    slots[i - 2].insert(function);
        }
    }
    return slots;
}

/// The vtable slot that a virtual call reads its callee from: load (vtable + slot * 8) of a loaded vtable
/// pointer.
std::optional<std::uint64_t> virtual_slot(const llvm::CallBase& call, const llvm::DataLayout& layout) {
    const auto* entry = llvm::dyn_cast<llvm::LoadInst>(call.getCalledOperand());
    if (!entry) return std::nullopt;
    llvm::APInt offset(64, 0);
    const llvm::Value* table = entry->getPointerOperand()->stripAndAccumulateConstantOffsets(
        layout, offset, /*AllowNonInbounds=*/true);
    const auto* pointer = llvm::dyn_cast<llvm::LoadInst>(table);
    // Clang marks the load of a vtable pointer with the type "vtable pointer" of its alias analysis.
    const auto* tag = pointer ? pointer->getMetadata(llvm::LLVMContext::MD_tbaa) : nullptr;
    if (!tag || tag->getNumOperands() == 0) return std::nullopt;
    const auto* type = llvm::dyn_cast<llvm::MDNode>(tag->getOperand(0));
    const auto* name =
        type && type->getNumOperands() != 0 ? llvm::dyn_cast<llvm::MDString>(type->getOperand(0)) : nullptr;
    if (!name || name->getString() != "vtable pointer") return std::nullopt;
    return offset.getZExtValue() / pointer_bytes;
}

void switch_over(llvm::CallBase& call, const std::vector<llvm::Function*>& candidates,
                 const std::map<llvm::Function*, std::uint64_t>& ids) {
    llvm::Function& function = *call.getFunction();
    llvm::Module& module = *function.getParent();
    llvm::LLVMContext& context = module.getContext();
    llvm::BasicBlock* before = call.getParent();
    llvm::BasicBlock* after = before->splitBasicBlock(std::next(call.getIterator()), "called");
    before->getTerminator()->eraseFromParent();

    llvm::IRBuilder<> builder(before);
    builder.SetCurrentDebugLocation(call.getDebugLoc());
    auto* id = builder.CreatePtrToInt(call.getCalledOperand(), builder.getInt64Ty(), "function");
    auto* unknown = llvm::BasicBlock::Create(context, "call.unknown", &function, after);
    auto* choice = builder.CreateSwitch(id, unknown, static_cast<unsigned>(candidates.size()));

    const bool has_result = !call.getType()->isVoidTy();
    llvm::PHINode* result = nullptr;
    if (has_result) {
        result = llvm::PHINode::Create(call.getType(), static_cast<unsigned>(candidates.size() + 1), "");
        result->insertBefore(after->begin());
    }
    builder.SetInsertPoint(unknown);
    stop_lane(builder, "call through a pointer that is no device function's");
    builder.CreateBr(after);
    if (result) result->addIncoming(llvm::Constant::getNullValue(call.getType()), unknown);

    for (auto* candidate : candidates) {
        auto* block = llvm::BasicBlock::Create(context, "call." + candidate->getName(), &function, after);
        choice->addCase(builder.getInt64(ids.at(candidate)), block);
        builder.SetInsertPoint(block);
        auto* direct = llvm::cast<llvm::CallBase>(call.clone());
        direct->setCalledFunction(candidate);
        direct->setMetadata(llvm::LLVMContext::MD_callees, nullptr);
        direct->setMetadata(through_pointer, llvm::MDNode::get(context, {}));
        builder.Insert(direct);
        builder.CreateBr(after);
        if (result) result->addIncoming(direct, block);
    }
    if (result) {
        result->takeName(&call);
        call.replaceAllUsesWith(result);
    }
    call.eraseFromParent();
}

bool is_called_by(const llvm::Use& use) {
    const auto* call = llvm::dyn_cast<llvm::CallBase>(use.getUser());
    return call && call->isCallee(&use);
}

}  // namespace

void devirtualize_calls(llvm::Module& module) {
    std::vector<llvm::CallBase*> calls;
    for (auto& function : module)
        for (auto& instruction : llvm::instructions(function))
            if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction))
                if (call->isIndirectCall()) calls.push_back(call);

    std::vector<llvm::Function*> taken;
    std::map<llvm::Function*, std::uint64_t> ids;
    for (auto& function : module) {
        function.removeDeadConstantUsers();
        if (function.isIntrinsic() || llvm::all_of(function.uses(), is_called_by)) continue;
        // The list of kernels does not count: metadata has no use.
        taken.push_back(&function);
        ids[&function] = taken.size();
    }
    if (taken.empty() && calls.empty()) return;

    const VirtualSlots slots = collect_slots(module);
    for (auto* call : calls) {
        const auto slot = virtual_slot(*call, module.getDataLayout());
        std::vector<llvm::Function*> candidates;
        for (auto* function : taken) {
            if (function->getFunctionType() != call->getFunctionType() || function->isDeclaration()) continue;
            if (slot && (slots.count(*slot) == 0 || slots.at(*slot).count(function) == 0)) continue;
            candidates.push_back(function);
        }
        switch_over(*call, candidates, ids);
    }
    auto* integer = llvm::Type::getInt64Ty(module.getContext());
    for (auto* function : taken) {
        auto* id = llvm::ConstantExpr::getIntToPtr(llvm::ConstantInt::get(integer, ids[function]),
                                                   function->getType());
        function->replaceUsesWithIf(id, [](llvm::Use& use) {
            return !is_called_by(use) && !llvm::isa<llvm::Constant>(use.getUser());
        });
        // Uses inside constants (vtables, initial values) are unique objects of the context: each is rebuilt.
        while (true) {
            llvm::Constant* holder = nullptr;
            for (auto* user : function->users())
                if ((holder = llvm::dyn_cast<llvm::Constant>(user))) break;
            if (!holder) break;
            if (llvm::isa<llvm::GlobalVariable>(holder))
                llvm::cast<llvm::GlobalVariable>(holder)->setInitializer(id);
            else
                holder->handleOperandChange(function, id);
        }
    }
}

}  // namespace heddle::compiler
