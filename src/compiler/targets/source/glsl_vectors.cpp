// Vectors in GLSL: what lies in 2 to 16 bytes of memory, as one word or as a vector of words, which are
// floats where the elements are. Elements of other widths are parts of words or pairs of them.
#include <algorithm>

#include "glsl_emitter.h"
#include "vectors.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

unsigned bits_of(Type* type) {
    return type->getScalarSizeInBits();
}

unsigned count_of(Type* type) {
    return cast<FixedVectorType>(type)->getNumElements();
}

}  // namespace

std::string GlslEmitter::vector_type(Type* type) const {
    const unsigned words = count_of(type) * bits_of(type) / 32;
    if (words < 2) return "uint";
    return (type->getScalarType()->isFloatTy() ? "vec" : "uvec") + std::to_string(words);
}

// The `index`-th element of `vector`, a name or something in parentheses.
std::string GlslEmitter::element_text(const std::string& vector, Type* type, unsigned index) const {
    const unsigned bits = bits_of(type), words = count_of(type) * bits / 32;
    if (bits == 64) {
        const std::string pair = vector + (index == 0 ? ".xy" : ".zw");
        if (type->getScalarType()->isDoubleTy()) return "packDouble2x32(" + pair + ")";
        return profile_.wide_integers ? "packUint2x32(" + pair + ")" : pair;
    }
    const std::string word = words < 2 ? vector : vector + "." + "xyzw"[index * bits / 32];
    if (bits == 32) return word;
    const unsigned start = index * bits % 32;
    return "bitfieldExtract(" + word + ", " + std::to_string(start) + ", " + std::to_string(bits) + ")";
}

std::string GlslEmitter::element_text(const Value& vector, unsigned index) {
    const VectorElement element = element_of_vector(vector, index);
    if (element.scalar) return text_of(*element.scalar);
    if (!element.vector) return zero_text(vector.getType()->getScalarType());
    return element_text(text_of(*element.vector), element.vector->getType(), element.index);
}

std::string GlslEmitter::vector_of_words(const std::vector<std::string>& words, bool is_float) const {
    if (words.size() == 1) return words[0];
    return call((is_float ? "vec" : "uvec") + std::to_string(words.size()), words);
}

// A vector that is made of elements.
std::string GlslEmitter::vector_text(const Value& vector) {
    if (const Value* same = same_vector(vector)) return text_of(*same);
    Type *type = vector.getType(), *element = type->getScalarType();
    const unsigned bits = bits_of(type), count = count_of(type);
    std::vector<std::string> words;
    for (unsigned k = 0; k < count; ++k) {
        std::string part = element_text(vector, k);
        if (bits == 32) {
            words.push_back(part);
        } else if (bits == 64) {
            words.push_back(element->isDoubleTy()    ? "unpackDouble2x32(" + part + ")"
                            : profile_.wide_integers ? "unpackUint2x32(" + part + ")"
                                                     : part);
        } else {
            const unsigned start = k * bits % 32;
            if (start == 0)
                words.push_back(part);
            else
                words.back() += " | (" + part + " << " + std::to_string(start) + "u)";
        }
    }
    if (bits < 32)
        for (std::string& word : words) word = "(" + word + ")";
    if (bits == 64) return call("uvec" + std::to_string(2 * words.size()), words);
    return vector_of_words(words, element->isFloatTy());
}

}  // namespace heddle::compiler
