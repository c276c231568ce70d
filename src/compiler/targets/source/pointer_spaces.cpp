// The memory that pointers point to, as a fixed point over what they are made of.
#include "pointer_spaces.h"

#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Operator.h>

namespace heddle::compiler {

using namespace llvm;

namespace {

Space join(Space a, Space b) {
    if (a == Space::none) return b;
    if (b == Space::none || a == b) return a;
    return Space::generic;
}

bool is_elsewhere(Space space) {
    return space != Space::none && space != Space::global;
}

}  // namespace

PointerSpaces::PointerSpaces(Function& kernel) {
    for (bool changed = true; changed;) {
        changed = false;
        for (const Instruction& instruction : instructions(kernel)) {
            const auto* store = dyn_cast<StoreInst>(&instruction);
            const Value* kept = store ? store->getValueOperand() : nullptr;
            if (const auto* cast = dyn_cast<PtrToIntInst>(&instruction)) kept = cast->getPointerOperand();
            if (kept && kept->getType()->isPointerTy() && is_elsewhere(of(kept)) && !stores_other_pointers_)
                changed = stores_other_pointers_ = true;
            if (!instruction.getType()->isPointerTy()) continue;
            if (isa<LoadInst>(instruction) || isa<IntToPtrInst>(instruction)) follows_pointers_ = true;
            const Space space = compute(&instruction);
            Space& known = spaces_[&instruction];
            if (known != space) {
                known = space;
                changed = true;
            }
        }
    }
}

Space PointerSpaces::of(const Value* pointer) const {
    if (const auto* instruction = dyn_cast<Instruction>(pointer)) return spaces_.lookup(instruction);
    return compute(pointer);
}

Space PointerSpaces::compute(const Value* pointer) const {
    switch (pointer->getType()->getPointerAddressSpace()) {
        case 1:
        case 4:
            return Space::global;
        case 3:
            return Space::shared;
        case 5:
            return Space::private_;
        default:
            break;
    }
    if (const auto* argument = dyn_cast<llvm::Argument>(pointer))
        return argument->hasByValAttr() ? Space::private_ : Space::global;
    if (isa<GlobalVariable>(pointer)) return Space::shared;
    if (isa<ConstantPointerNull>(pointer) || isa<UndefValue>(pointer)) return Space::none;
    if (isa<AllocaInst>(pointer)) return Space::private_;
    if (const auto* cast = dyn_cast<AddrSpaceCastOperator>(pointer)) return of(cast->getPointerOperand());
    if (const auto* element = dyn_cast<GEPOperator>(pointer)) return of(element->getPointerOperand());
    if (const auto* phi = dyn_cast<PHINode>(pointer)) {
        Space space = Space::none;
        for (const Value* incoming : phi->incoming_values()) space = join(space, of(incoming));
        return space;
    }
    if (const auto* choice = dyn_cast<SelectInst>(pointer))
        return join(of(choice->getTrueValue()), of(choice->getFalseValue()));
    if (const auto* frozen = dyn_cast<FreezeInst>(pointer)) return of(frozen->getOperand(0));
    if (isa<LoadInst>(pointer) || isa<IntToPtrInst>(pointer))
        return stores_other_pointers_ ? Space::generic : Space::global;
    return Space::global;  // heddle.globals, heddle.malloc, constants cast to pointers
}

}  // namespace heddle::compiler
