// The walk along casts and address computations.
#include "addresses.h"

#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/GetElementPtrTypeIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Operator.h>

#include <algorithm>

namespace heddle::compiler {

using namespace llvm;

const Value& without_casts(const Value& pointer) {
    const Value* at = &pointer;
    while (true) {
        if (const auto* cast = dyn_cast<AddrSpaceCastOperator>(at))
            at = cast->getPointerOperand();
        else if (const auto* same = dyn_cast<BitCastOperator>(at); same && same->getType()->isPointerTy())
            at = same->getOperand(0);
        else if (const auto* frozen = dyn_cast<FreezeInst>(at))
            at = frozen->getOperand(0);
        else
            return *at;
    }
}

Address address_of(const Value& pointer, const DataLayout& layout,
                   function_ref<bool(const Value&)> has_variable) {
    Address address;
    const Value* at = &without_casts(pointer);
    while (true) {
        const auto* element = dyn_cast<GEPOperator>(at);
        // One that has a variable of its own is where the address starts.
        if (!element || has_variable(*at)) break;
        for (auto type = gep_type_begin(element); type != gep_type_end(element); ++type) {
            const Value* index = type.getOperand();
            if (StructType* structure = type.getStructTypeOrNull()) {
                const auto field = static_cast<unsigned>(cast<ConstantInt>(index)->getZExtValue());
                address.bytes += static_cast<std::int64_t>(
                    layout.getStructLayout(structure)->getElementOffset(field).getFixedValue());
                continue;
            }
            const auto size =
                static_cast<std::int64_t>(type.getSequentialElementStride(layout).getFixedValue());
            if (const auto* number = dyn_cast<ConstantInt>(index)) {
                address.bytes += number->getSExtValue() * size;
                continue;
            }
            bool is_known = false;
            for (Address::Term& term : address.terms)
                if (term.index == index) {
                    term.bytes += size;
                    is_known = true;
                }
            if (!is_known) address.terms.push_back({index, size});
        }
        at = &without_casts(*element->getPointerOperand());
    }
    address.base = at;
    std::stable_sort(address.terms.begin(), address.terms.end(),
                     [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
    return address;
}

bool is_only_read(const Value& pointer) {
    SmallVector<const Value*, 16> open = {&pointer};
    SmallPtrSet<const Value*, 16> seen;
    while (!open.empty()) {
        const Value* at = open.pop_back_val();
        if (!seen.insert(at).second) continue;
        for (const User* user : at->users()) {
            if (const auto* load = dyn_cast<LoadInst>(user); load && load->isSimple()) continue;
            if (isa<ICmpInst>(user)) continue;
            const bool is_derived = isa<GEPOperator>(user) || isa<AddrSpaceCastOperator>(user) ||
                                    isa<BitCastOperator>(user) || isa<FreezeInst>(user) ||
                                    isa<PHINode>(user) || isa<SelectInst>(user);
            if (!is_derived) return false;
            open.push_back(user);
        }
    }
    return true;
}

}  // namespace heddle::compiler
