// Short vectors in the source that is printed: which accesses to memory passes join to one (and which loops
// they unroll), and what the elements of a vector value are.
#pragma once

#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Instructions.h>

#include "pointer_spaces.h"

namespace heddle::compiler {

/// What passes ask of a target: accesses to neighbours in global and shared memory, aligned as a whole, may
/// become one of up to 16 bytes; loops are unrolled as for PTX. `spaces` must live as long as the result.
llvm::TargetTransformInfo source_costs(const llvm::DataLayout& layout, const PointerSpaces& spaces);

/// An element of a vector: a value of its own, or an element of another vector, or anything (neither).
struct VectorElement {
    const llvm::Value* scalar = nullptr;
    const llvm::Value* vector = nullptr;
    unsigned index = 0;
};
VectorElement element_of_vector(const llvm::Value& vector, unsigned index);

/// The vector whose elements, in their order, `vector` is made of; null where it is none.
const llvm::Value* same_vector(const llvm::Value& vector);

/// Taking vectors apart and putting them together, which is no operation of its own.
bool moves_elements(const llvm::Instruction& instruction);

}  // namespace heddle::compiler
