// Which accesses may be joined, and the walk from an element of a vector to where it comes from.
#include "vectors.h"

#include <llvm/Analysis/TargetTransformInfoImpl.h>
#include <llvm/IR/Constants.h>

namespace heddle::compiler {

using namespace llvm;

namespace {

constexpr unsigned most_bytes = 16;

class VectorCosts final : public TargetTransformInfoImplCRTPBase<VectorCosts> {
  public:
    VectorCosts(const DataLayout& layout, const PointerSpaces& spaces)
        : TargetTransformInfoImplCRTPBase(layout), layout_(layout), spaces_(spaces) {}

    unsigned getLoadStoreVecRegBitWidth(unsigned) const { return 8 * most_bytes; }
    bool isLegalToVectorizeLoad(LoadInst* load) const {
        return may_join(*load->getPointerOperand(), *load->getType());
    }
    bool isLegalToVectorizeStore(StoreInst* store) const {
        return may_join(*store->getPointerOperand(), *store->getValueOperand()->getType());
    }
    bool isLegalToVectorizeLoadChain(unsigned bytes, Align alignment, unsigned) const {
        return is_legal(bytes, alignment);
    }
    bool isLegalToVectorizeStoreChain(unsigned bytes, Align alignment, unsigned) const {
        return is_legal(bytes, alignment);
    }

  private:
    static bool is_legal(unsigned bytes, Align alignment) {
        return bytes <= most_bytes && isPowerOf2_32(bytes) && alignment.value() >= bytes;
    }

    // Private arrays stay what they are, so that they can become registers; neighbouring bytes of shared
    // memory too, since an array of words would have to be written with atomic operations.
    bool may_join(const Value& pointer, Type& type) const {
        const bool is_whole = type.isFloatTy() || type.isDoubleTy() || type.isIntegerTy(8) ||
                              type.isIntegerTy(16) || type.isIntegerTy(32) || type.isIntegerTy(64);
        if (!is_whole) return false;
        const Space space = spaces_.of(&pointer);
        return space == Space::global ||
               (space == Space::shared && layout_.getTypeStoreSize(&type).getFixedValue() >= 4);
    }

    const DataLayout& layout_;
    const PointerSpaces& spaces_;
};

const ConstantInt* constant_index(const Value& index) {
    return dyn_cast<ConstantInt>(&index);
}

}  // namespace

TargetTransformInfo vector_costs(const DataLayout& layout, const PointerSpaces& spaces) {
    return TargetTransformInfo(VectorCosts(layout, spaces));
}

VectorElement element_of_vector(const Value& vector, unsigned index) {
    const Value* at = &vector;
    while (true) {
        if (const auto* literal = dyn_cast<Constant>(at)) {
            const Constant* element = literal->getAggregateElement(index);
            return !element || isa<UndefValue>(element) ? VectorElement{} : VectorElement{element};
        }
        if (const auto* insert = dyn_cast<InsertElementInst>(at)) {
            const ConstantInt* place = constant_index(*insert->getOperand(2));
            if (!place) return {nullptr, at, index};
            if (place->getZExtValue() != index) {
                at = insert->getOperand(0);
                continue;
            }
            const Value* scalar = insert->getOperand(1);
            const auto* extract = dyn_cast<ExtractElementInst>(scalar);
            const ConstantInt* from = extract ? constant_index(*extract->getIndexOperand()) : nullptr;
            if (!from) return {scalar};
            at = extract->getVectorOperand();
            index = static_cast<unsigned>(from->getZExtValue());
            continue;
        }
        if (const auto* shuffle = dyn_cast<ShuffleVectorInst>(at)) {
            const int from = shuffle->getMaskValue(index);
            if (from < 0) return {};
            const auto width =
                static_cast<int>(cast<FixedVectorType>(shuffle->getOperand(0)->getType())->getNumElements());
            at = shuffle->getOperand(from < width ? 0 : 1);
            index = static_cast<unsigned>(from < width ? from : from - width);
            continue;
        }
        return {nullptr, at, index};
    }
}

const Value* same_vector(const Value& vector) {
    const unsigned count = cast<FixedVectorType>(vector.getType())->getNumElements();
    const Value* same = nullptr;
    for (unsigned k = 0; k < count; ++k) {
        const VectorElement element = element_of_vector(vector, k);
        if (!element.vector || element.index != k || (same && same != element.vector)) return nullptr;
        same = element.vector;
    }
    return same && same->getType() == vector.getType() ? same : nullptr;
}

bool moves_elements(const Instruction& instruction) {
    if (const auto* extract = dyn_cast<ExtractElementInst>(&instruction))
        return constant_index(*extract->getIndexOperand()) != nullptr;
    if (const auto* insert = dyn_cast<InsertElementInst>(&instruction))
        return constant_index(*insert->getOperand(2)) != nullptr;
    return isa<ShuffleVectorInst>(instruction);
}

}  // namespace heddle::compiler
