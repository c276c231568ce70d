// Types, literals and the emitter's answers to the walk: which variable a value has, what stands for it.
// Integers of up to 32 bits are kept in a uint with zeros above them, those of 64 bits in a uint64_t or,
// where the device has none, in a uvec2 (low word first). Halves are floats that have been rounded.
#include <llvm/ADT/SmallString.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/Support/KnownBits.h>

#include "../unsupported.h"
#include "glsl_emitter.h"
#include "literals.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// The shortest text that reads back as the same number.
std::string decimal(const APFloat& value, unsigned most_digits) {
    SmallString<32> text;
    for (unsigned digits = 1; digits <= most_digits; ++digits) {
        text.clear();
        value.toString(text, digits, 0);
        APFloat back(value.getSemantics());
        if (auto status = back.convertFromString(text, APFloat::rmNearestTiesToEven);
            status && back.bitwiseIsEqual(value))
            break;
    }
    std::string result(text);
    if (result.find_first_of(".eE") == std::string::npos) result += ".0";
    return result;
}

}  // namespace

void GlslEmitter::refuse(const Instruction& at, const std::string& what) const {
    throw Unsupported(at, what);
}

void GlslEmitter::need(vulkan::ModuleFeature feature) {
    description_.features |= static_cast<std::uint32_t>(feature);
}

void GlslEmitter::needs_double(const Instruction& at) {
    if (!profile_.doubles) refuse(at, "double precision, which this device does not have");
    need(vulkan::ModuleFeature::float64);
}

std::string GlslEmitter::call(const std::string& function, const std::vector<std::string>& arguments) const {
    std::string text = function + "(";
    for (std::size_t k = 0; k < arguments.size(); ++k) text += (k > 0 ? ", " : "") + arguments[k];
    return text + ")";
}

std::string GlslEmitter::type_name(Type* type) const {
    if (type->isIntegerTy(1)) return "bool";
    if (type->isIntegerTy() && type->getIntegerBitWidth() <= 32) return "uint";
    if (type->isFloatTy() || type->isHalfTy()) return "float";
    if (type->isDoubleTy()) return "double";
    if (type->isVectorTy()) return vector_type(type);
    return profile_.wide_integers ? "uint64_t" : "uvec2";
}

std::string GlslEmitter::integer_text(unsigned bits, std::uint64_t value) const {
    if (bits == 1) return value != 0 ? "true" : "false";
    const std::string low = value > 0xffff ? hexadecimal(value) : std::to_string(value);
    if (bits <= 32) return low + "u";
    if (profile_.wide_integers) return low + "ul";
    return "uvec2(" + integer_text(32, value & 0xffffffffU) + ", " + integer_text(32, value >> 32U) + ")";
}

std::string GlslEmitter::zero_text(Type* type) const {
    if (type->isFloatTy() || type->isHalfTy()) return "0.0";
    if (type->isDoubleTy()) return "0.0lf";
    return integer_text(type->isPointerTy() ? 64 : type->getIntegerBitWidth(), 0);
}

std::string GlslEmitter::constant_text(const Constant& value) {
    Type* type = value.getType();
    if (const auto* integer = dyn_cast<ConstantInt>(&value)) {
        if (integer->getBitWidth() > 64) throw std::runtime_error("an integer of more than 64 bits");
        return integer_text(integer->getBitWidth(), integer->getZExtValue());
    }
    if (const auto* number = dyn_cast<ConstantFP>(&value)) {
        APFloat shown = number->getValueAPF();
        bool lost = false;
        if (type->isHalfTy()) shown.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &lost);
        const bool is_double = type->isDoubleTy();
        if (is_double) need(vulkan::ModuleFeature::float64);
        const std::uint64_t bits = shown.bitcastToAPInt().getZExtValue();
        if (shown.isNaN() || shown.isInfinity() || shown.isDenormal() ||
            (shown.isZero() && shown.isNegative()))
            return is_double ? "uint64BitsToDouble(" + integer_text(64, bits) + ")"
                             : "uintBitsToFloat(" + integer_text(32, bits) + ")";
        const std::string text = decimal(shown, is_double ? 17 : 9) + (is_double ? "lf" : "");
        return text[0] == '-' ? "(" + text + ")" : text;
    }
    if (type->isIntegerTy() || type->isFloatingPointTy() || type->isPointerTy()) return zero_text(type);
    throw std::runtime_error("a constant of this kind has no form in GLSL");
}

std::string GlslEmitter::text_of(const Value& value) {
    if (value.getType()->isPointerTy()) return pointer_text(value);
    if (value.getType()->isVectorTy() && isa<Constant>(value)) return vector_text(value);
    if (const auto* literal = dyn_cast<Constant>(&value)) return constant_text(*literal);
    if (const auto* instruction = dyn_cast<Instruction>(&value);
        instruction && (is_folded(instruction) || instruction == defined_))
        return build(*instruction);
    return variable(&value);
}

// Brings what an operation on uints has left above `bits` to zero.
std::string GlslEmitter::masked(const std::string& text, unsigned bits) const {
    if (bits == 32 || bits == 64) return text;
    if (bits < 32) return "(" + text + " & " + integer_text(32, (std::uint64_t{1} << bits) - 1) + ")";
    const std::string mask = integer_text(64, (std::uint64_t{1} << bits) - 1);
    return "(" + text + " & " + mask + ")";
}

// The same number as a signed integer: int or int64_t. Pairs stay pairs.
std::string GlslEmitter::signed_text(const Value& value) {
    const unsigned bits = value.getType()->getIntegerBitWidth();
    if (const auto* number = dyn_cast<ConstantInt>(&value); number && bits <= 32 && bits > 1) {
        const std::int64_t exact = number->getSExtValue();
        if (exact == INT32_MIN) return "int(0x80000000u)";
        return exact < 0 ? "(" + std::to_string(exact) + ")" : std::to_string(exact);
    }
    const std::string text = text_of(value);
    if (bits == 32) return "int(" + text + ")";
    if (bits < 32) return "bitfieldExtract(int(" + text + "), 0, " + std::to_string(bits) + ")";
    if (!profile_.wide_integers) return text;
    if (bits == 64) return "int64_t(" + text + ")";
    const std::string up = std::to_string(64 - bits);
    return "(int64_t(" + text + " << " + up + ") >> " + up + ")";
}

std::string GlslEmitter::low_word(const std::string& wide) const {
    return profile_.wide_integers ? "uint(" + wide + ")" : wide + ".x";
}

std::string GlslEmitter::widened(const std::string& word) const {
    return profile_.wide_integers ? "uint64_t(" + word + ")" : "uvec2(" + word + ", 0u)";
}

// The low 32 bits of an integer, sign-extended where it is shorter and `by_sign`.
std::string GlslEmitter::word_of(const Value& value, bool by_sign) {
    const unsigned bits = value.getType()->getIntegerBitWidth();
    if (bits == 1) return "uint(" + text_of(value) + ")";
    if (bits == 32 || (bits < 32 && !by_sign)) return text_of(value);
    if (bits < 32) return "uint(" + signed_text(value) + ")";
    if (const auto* number = dyn_cast<ConstantInt>(&value))
        return integer_text(32, number->getZExtValue() & 0xffffffffU);
    if (const auto* cast = dyn_cast<CastInst>(&value); cast && is_folded(cast)) {
        if (isa<SExtInst>(cast) && cast->getOperand(0)->getType()->getIntegerBitWidth() <= 32)
            return word_of(*cast->getOperand(0), true);
        if (isa<ZExtInst>(cast) && cast->getOperand(0)->getType()->getIntegerBitWidth() <= 32)
            return word_of(*cast->getOperand(0));
    }
    return low_word(text_of(value));
}

bool GlslEmitter::is_below(const Value& value, std::uint64_t limit) const {
    return computeKnownBits(&value, layout_).getMaxValue().ult(limit);
}

StructuredEmitter::Condition GlslEmitter::condition(const Value& value) {
    const std::string text = text_of(value);
    if (text == "true") return {"true", "false"};
    if (text == "false") return {"false", "true"};
    return {text, "!" + text};
}

std::string GlslEmitter::assigned_text(const Value& value, const Value& to) {
    if (to.getType()->isPointerTy() && spaces_.of(&to) == Space::generic) return generic_text(value);
    // Null among pointers to shared or private memory is an offset like any other.
    if (to.getType()->isPointerTy() && isa<Constant>(value) && !isa<GlobalVariable>(value) &&
        (spaces_.of(&to) == Space::shared || spaces_.of(&to) == Space::private_))
        return "0u";
    return text_of(value);
}

Variable GlslEmitter::variable_of(const Value& value) {
    Variable made;
    if (value.getType()->isPointerTy()) {
        const Space space = spaces_.of(&value);
        const bool is_offset = space == Space::shared || space == Space::private_;
        made.type = is_offset ? "uint" : type_name(Type::getInt64Ty(value.getContext()));
    } else if (const auto* exchange = dyn_cast<AtomicCmpXchgInst>(&value)) {
        made.type = type_name(exchange->getCompareOperand()->getType());
    } else {
        made.type = type_name(value.getType());
    }
    if (made.type.find("vec") != std::string::npos)
        made.initial = made.type + (made.type[0] == 'u' ? "(0u)" : "(0.0)");
    return made;
}

}  // namespace heddle::compiler
