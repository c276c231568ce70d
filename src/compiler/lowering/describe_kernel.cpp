// In: a kernel in Kernel IR. Out: what its manifest says: access through each pointer parameter, shared
// memory, barriers, and the features that a device must have.
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include <algorithm>
#include <set>

#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

constexpr unsigned shared_space = 3;

struct Uses {
    bool read = false, written = false;
};

/// Follows `pointer` through address computations to every access; one that cannot be followed counts as
/// both.
void follow(const llvm::Value& pointer, Uses& uses, std::set<const llvm::Value*>& seen) {
    if (!seen.insert(&pointer).second) return;
    for (const auto& use : pointer.uses()) {
        const auto* user = use.getUser();
        if (llvm::isa<llvm::GetElementPtrInst, llvm::AddrSpaceCastInst, llvm::PHINode, llvm::SelectInst,
                      llvm::FreezeInst>(user)) {
            follow(*user, uses, seen);
        } else if (llvm::isa<llvm::LoadInst>(user)) {
            uses.read = true;
        } else if (const auto* store = llvm::dyn_cast<llvm::StoreInst>(user)) {
            uses.written = true;
            if (store->getValueOperand() == &pointer) uses.read = true;
        } else if (llvm::isa<llvm::ICmpInst>(user)) {
            continue;
        } else if (const auto* call = llvm::dyn_cast<llvm::CallBase>(user);
                   call && call->getCalledFunction() && call->doesNotAccessMemory()) {
            continue;
        } else {
            uses.read = uses.written = true;
        }
    }
}

Access access_of(const Uses& uses) {
    if (uses.read && uses.written) return Access::read_write;
    if (uses.written) return Access::write;
    return uses.read ? Access::read : Access::none;
}

void describe_shared(const llvm::Function& kernel, KernelInfo& info) {
    std::set<const llvm::GlobalVariable*> used;
    for (const auto& instruction : llvm::instructions(kernel))
        for (const auto& operand : instruction.operands())
            if (const auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(operand)) used.insert(variable);
    const auto& layout = kernel.getParent()->getDataLayout();
    for (const auto& variable : kernel.getParent()->globals()) {
        if (used.count(&variable) == 0 || variable.getAddressSpace() != shared_space) continue;
        if (variable.isDeclaration()) {
            info.uses_dynamic_shared = true;
            continue;
        }
        const std::size_t alignment =
            std::max(variable.getAlign().valueOrOne(), layout.getABITypeAlign(variable.getValueType()))
                .value();
        info.static_shared_bytes = (info.static_shared_bytes + alignment - 1) / alignment * alignment;
        info.static_shared_bytes += layout.getTypeAllocSize(variable.getValueType()).getFixedValue();
    }
}

class Features {
  public:
    void add(const llvm::Instruction& instruction) {
        note(instruction.getType());
        for (const auto& operand : instruction.operands()) note(operand->getType());
        if (computes_wide_integer(instruction)) found_.insert("int64");
        if (const auto* atomic = llvm::dyn_cast<llvm::AtomicRMWInst>(&instruction))
            add_atomic(atomic->getType(), atomic->isFloatingPointOperation());
        else if (const auto* exchange = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(&instruction))
            add_atomic(exchange->getCompareOperand()->getType(), false);
        else if (instruction.isAtomic() && !llvm::isa<llvm::FenceInst>(instruction))
            add_atomic(llvm::isa<llvm::StoreInst>(instruction) ? instruction.getOperand(0)->getType()
                                                               : instruction.getType(),
                       false);
        else if (const auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
                 call && call->getCalledFunction())
            add_call(call->getCalledFunction()->getName());
    }
    std::vector<std::string> list() const { return {found_.begin(), found_.end()}; }

  private:
    void note(const llvm::Type* type) {
        if (type->isDoubleTy()) found_.insert("fp64");
        if (type->isHalfTy() || type->isBFloatTy()) found_.insert("fp16");
    }
    void add_atomic(const llvm::Type* type, bool is_floating) {
        found_.insert("atomics");
        if (type->isIntegerTy(64)) found_.insert("int64_atomics");
        if (is_floating || type->isFloatingPointTy()) found_.insert("float_atomics");
    }
    void add_call(llvm::StringRef name) {
        for (const char* prefix :
             {"heddle.shfl.", "heddle.ballot", "heddle.match.", "heddle.reduce.", "heddle.activemask"})
            if (name.starts_with(prefix)) found_.insert("subgroups");
        if (name == "vprintf") found_.insert("printf");
        if (name == "heddle.malloc" || name == "heddle.free") found_.insert("heap");
    }
    /// 64-bit integers as data. Those that only index memory do not count: a target may index with 32 bits.
    static bool computes_wide_integer(const llvm::Instruction& instruction) {
        if (llvm::isa<llvm::LoadInst>(instruction)) return instruction.getType()->isIntegerTy(64);
        if (const auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction))
            return store->getValueOperand()->getType()->isIntegerTy(64);
        if (llvm::isa<llvm::SIToFPInst, llvm::UIToFPInst, llvm::TruncInst>(instruction))
            return instruction.getOperand(0)->getType()->isIntegerTy(64);
        return llvm::isa<llvm::BitCastInst>(instruction) && instruction.getType()->isIntegerTy(64);
    }

    std::set<std::string> found_;
};

}  // namespace

void describe_kernel(llvm::Function& kernel, KernelInfo& info) {
    for (unsigned i = 0; i < info.parameters.size() && i < kernel.arg_size(); ++i) {
        if (info.parameters[i].kind != ParameterKind::pointer) continue;
        Uses uses;
        std::set<const llvm::Value*> seen;
        follow(*kernel.getArg(i), uses, seen);
        info.parameters[i].access = access_of(uses);
    }
    describe_shared(kernel, info);
    Features features;
    for (const auto& instruction : llvm::instructions(kernel)) {
        features.add(instruction);
        const auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
        if (call && call->getCalledFunction() &&
            call->getCalledFunction()->getName().starts_with("heddle.barrier"))
            info.uses_barriers = true;
    }
    info.features = features.list();
}

}  // namespace heddle::compiler
