// Vectors in OpenCL C: accesses to neighbours that have been joined to one, and their elements.
#include "opencl_emitter.h"
#include "precedence.h"
#include "vectors.h"

namespace heddle::compiler {

using namespace llvm;

std::string OpenClEmitter::vector_name(const llvm::Type* type) const {
    const auto* vector = cast<FixedVectorType>(type);
    return scalar_name(vector->getElementType(), false) + std::to_string(vector->getNumElements());
}

OpenClEmitter::Expression OpenClEmitter::vector_element(const Value& vector, unsigned index) {
    const VectorElement element = element_of_vector(vector, index);
    llvm::Type* type = vector.getType()->getScalarType();
    if (element.scalar) return expression(*element.scalar);
    if (!element.vector) return constant(*Constant::getNullValue(type), false, false);
    const unsigned count = cast<FixedVectorType>(element.vector->getType())->getNumElements();
    const std::string name = count <= 4 ? std::string(1, "xyzw"[element.index])
                                        : "s" + std::string(1, "0123456789abcdef"[element.index]);
    if (type->isDoubleTy()) helpers_.uses_double = true;
    return {at_least(expression(*element.vector), primary) + "." + name, primary, type_of(type, false)};
}

// A vector that is made of elements.
OpenClEmitter::Expression OpenClEmitter::vector_expression(const Value& vector) {
    if (const Value* same = same_vector(vector)) return expression(*same);
    std::string text;
    for (unsigned k = 0; k < cast<FixedVectorType>(vector.getType())->getNumElements(); ++k) {
        const Expression element = vector_element(vector, k);
        text += (k > 0 ? ", " : "") + (element.bare.empty() ? element.text : element.bare);
    }
    return {"(" + vector_name(vector.getType()) + ")(" + text + ")", unary, {}};
}

}  // namespace heddle::compiler
