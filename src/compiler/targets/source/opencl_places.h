// What the emitter's files on memory ask of the types of variables.
#pragma once

#include <llvm/IR/DataLayout.h>
#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/GlobalVariable.h>

#include <cstdint>
#include <vector>

namespace heddle::compiler {

inline bool is_dynamic_shared(const llvm::GlobalVariable& variable, const llvm::DataLayout& layout) {
    return variable.isDeclaration() || layout.getTypeAllocSize(variable.getValueType()).isZero();
}

// The type of the innermost elements of an array, and the number of elements along each dimension.
inline llvm::Type* innermost(llvm::Type* type, std::vector<std::uint64_t>* extents = nullptr) {
    while (auto* array = llvm::dyn_cast<llvm::ArrayType>(type)) {
        if (extents) extents->push_back(array->getNumElements());
        type = array->getElementType();
    }
    return type;
}

// What an array in memory is declared as: pointers are kept as integers, halves as their bits.
inline llvm::Type* declared_element(llvm::Type* type, std::vector<std::uint64_t>* extents = nullptr) {
    llvm::Type* inner = innermost(type, extents);
    if (inner->isPointerTy()) return llvm::Type::getInt64Ty(inner->getContext());
    if (inner->isHalfTy()) return llvm::Type::getInt16Ty(inner->getContext());
    return inner;
}

inline bool is_scalar(const llvm::Type* type) {
    return type->isIntegerTy() || type->isFloatingPointTy();
}

}  // namespace heddle::compiler
