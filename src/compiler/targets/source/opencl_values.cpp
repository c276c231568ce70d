// Types, literals, conditions and assigned values of OpenCL C. LLVM's integers have no sign: every value gets
// the one that most of its uses ask for, and casts stand only where C would compute something else.
// Arithmetic that may wrap is unsigned.
#include <llvm/ADT/SmallString.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/PatternMatch.h>
#include <llvm/Support/KnownBits.h>

#include "../unsupported.h"
#include "literals.h"
#include "opencl_emitter.h"
#include "precedence.h"

namespace heddle::compiler {

using namespace llvm;
using namespace llvm::PatternMatch;

namespace {

std::string floating_text(const APFloat& value, bool is_double) {
    SmallString<32> text;
    value.toString(text, is_double ? 17 : 9, 8);
    // The shortest text that reads back as the same number.
    for (unsigned digits = 1; digits <= (is_double ? 17u : 9u); ++digits) {
        SmallString<32> shorter;
        value.toString(shorter, digits, 8);
        APFloat back(value.getSemantics());
        if (auto status = back.convertFromString(shorter, APFloat::rmNearestTiesToEven);
            status && back.bitwiseIsEqual(value)) {
            text = shorter;
            break;
        }
    }
    std::string result(text);
    if (result.find_first_of(".eE") == std::string::npos) result += ".0";
    if (const auto exponent = result.find('E'); exponent != std::string::npos) result[exponent] = 'e';
    return is_double ? result : result + "f";
}

}  // namespace

void OpenClEmitter::choose_signs() {
    DenseMap<const Value*, int> votes;
    const auto vote = [&](const Value* value, int amount) {
        if (value->getType()->isIntegerTy() && !isa<Constant>(value)) votes[value] += amount;
    };
    for (const Instruction& instruction : instructions(kernel_)) {
        if (const auto* compare = dyn_cast<ICmpInst>(&instruction)) {
            if (compare->isRelational())
                for (const Value* operand : compare->operands()) vote(operand, compare->isSigned() ? 2 : -2);
            continue;
        }
        switch (instruction.getOpcode()) {
            case Instruction::SExt:
            case Instruction::SIToFP:
                vote(instruction.getOperand(0), 2);
                vote(&instruction, 1);
                break;
            case Instruction::ZExt:
                // An index that is never negative says nothing.
                if (!instruction.hasNonNeg()) vote(instruction.getOperand(0), -2);
                break;
            case Instruction::UIToFP:
                if (!instruction.hasNonNeg()) vote(instruction.getOperand(0), -2);
                break;
            case Instruction::AShr:
                vote(instruction.getOperand(0), 3);
                vote(&instruction, 1);
                break;
            case Instruction::LShr:
                vote(instruction.getOperand(0), -3);
                vote(&instruction, -1);
                break;
            case Instruction::SDiv:
            case Instruction::SRem:
                vote(instruction.getOperand(0), 3);
                vote(instruction.getOperand(1), 3);
                vote(&instruction, 2);
                break;
            case Instruction::UDiv:
            case Instruction::URem:
                vote(instruction.getOperand(0), -3);
                vote(instruction.getOperand(1), -3);
                vote(&instruction, -2);
                break;
            case Instruction::Add:
            case Instruction::Sub:
            case Instruction::Mul:
            case Instruction::Shl: {
                const int amount = instruction.hasNoSignedWrap() ? 1 : -1;
                vote(&instruction, amount);
                vote(instruction.getOperand(0), amount);
                if (instruction.getOpcode() != Instruction::Shl) vote(instruction.getOperand(1), amount);
                break;
            }
            case Instruction::Xor:
            case Instruction::And:
            case Instruction::Or:
                vote(&instruction, -1);
                break;
            default:
                break;
        }
        if (const auto* intrinsic = dyn_cast<IntrinsicInst>(&instruction)) {
            switch (intrinsic->getIntrinsicID()) {
                case Intrinsic::smin:
                case Intrinsic::smax:
                case Intrinsic::abs:
                case Intrinsic::fptosi_sat:
                    vote(&instruction, 2);
                    for (const Value* operand : intrinsic->args()) vote(operand, 2);
                    break;
                case Intrinsic::umin:
                case Intrinsic::umax:
                case Intrinsic::fptoui_sat:
                case Intrinsic::fshl:
                case Intrinsic::fshr:
                case Intrinsic::bswap:
                case Intrinsic::bitreverse:
                    vote(&instruction, -2);
                    for (const Value* operand : intrinsic->args()) vote(operand, -2);
                    break;
                default:
                    break;
            }
        }
    }
    // Values that flow into each other without an operation agree, as far as they can.
    for (unsigned round = 0; round < 3; ++round)
        for (const Instruction& instruction : instructions(kernel_)) {
            if (!isa<PHINode>(instruction) && !isa<SelectInst>(instruction)) continue;
            int sum = votes.lookup(&instruction);
            for (const Value* operand : instruction.operands())
                if (operand->getType() == instruction.getType()) sum += votes.lookup(operand);
            votes[&instruction] = sum;
            if (round == 0) continue;
            for (const Value* operand : instruction.operands())
                if (operand->getType() == instruction.getType() && isa<PHINode>(operand))
                    votes[operand] += sum / 2;
        }
    const auto decide = [&](const Value& value) {
        if (!value.getType()->isIntegerTy()) return;
        const int sum = votes.lookup(&value);
        signed_[&value] = value.getType()->getIntegerBitWidth() <= 16 ? sum > 0 : sum >= 0;
    };
    for (const llvm::Argument& argument : kernel_.args()) decide(argument);
    for (const Instruction& instruction : instructions(kernel_)) decide(instruction);
}

unsigned OpenClEmitter::container_bits(unsigned bits) {
    return bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 32 ? 32 : 64;
}

OpenClEmitter::Type OpenClEmitter::type_of(const llvm::Type* type, bool is_signed) const {
    if (type->isIntegerTy(1)) return {Type::Kind::boolean, 1, false};
    if (type->isIntegerTy())
        return {Type::Kind::integer, container_bits(type->getIntegerBitWidth()), is_signed};
    if (type->isHalfTy() || type->isFloatTy()) return {Type::Kind::floating, 32, true};
    if (type->isDoubleTy()) return {Type::Kind::floating, 64, true};
    if (type->isPointerTy()) return {Type::Kind::pointer, 64, false};
    return {};
}

OpenClEmitter::Type OpenClEmitter::type_of(const Value& value) const {
    return type_of(value.getType(), is_signed(value));
}

std::string OpenClEmitter::type_name(const Type& type) {
    switch (type.kind) {
        case Type::Kind::boolean:
            return "bool";
        case Type::Kind::floating:
            return type.bits == 64 ? "double" : "float";
        case Type::Kind::integer: {
            const char* name = type.bits == 8    ? "char"
                               : type.bits == 16 ? "short"
                               : type.bits == 32 ? "int"
                                                 : "long";
            return (type.is_signed ? "" : "u") + std::string(name);
        }
        default:
            return "ulong";
    }
}

std::string OpenClEmitter::scalar_name(const llvm::Type* type, bool is_signed) const {
    if (type->isHalfTy()) return "half";
    if (type->isVectorTy()) return vector_name(type);
    return type_name(type_of(type, is_signed));
}

// C takes memory of one type for memory of no other, and moves accesses past each other accordingly; CUDA's
// programs, and LLVM where it copies structures, do not keep to that. Bytes are exempt, vectors, and this
// type.
std::string OpenClEmitter::aliased_name(const llvm::Type* type, bool is_signed) const {
    const std::string name = scalar_name(type, is_signed);
    if (type->isHalfTy() || type->isVectorTy() || type->getScalarSizeInBits() <= 8) return name;
    return helpers_.use("aliased_" + name);
}

std::string OpenClEmitter::element_name(const Element& element) const {
    return element.is_aliased ? aliased_name(element.type, element.is_signed)
                              : scalar_name(element.type, element.is_signed);
}

std::string OpenClEmitter::at_least(const Expression& expression, int precedence) {
    return expression.precedence >= precedence ? expression.text : "(" + expression.text + ")";
}

OpenClEmitter::Expression OpenClEmitter::binary(const Expression& a, const char* operation,
                                                const Expression& b, int precedence, Type type) const {
    // Mixtures that C reads otherwise than most people are made plain.
    const auto side = [&](const Expression& e, int least) {
        const bool mixes = (precedence <= bit_and && precedence >= bit_or && e.precedence < unary &&
                            e.precedence != precedence) ||
                           (precedence == shifting && e.precedence < unary && e.precedence >= additive) ||
                           (precedence == logical_or && e.precedence == logical_and);
        return mixes ? "(" + e.text + ")" : at_least(e, least);
    };
    return {side(a, precedence) + " " + operation + " " + side(b, precedence + 1), precedence, type};
}

OpenClEmitter::Expression OpenClEmitter::call(const std::string& function,
                                              const std::vector<std::string>& arguments, Type type) const {
    std::string text = function + "(";
    for (const std::string& argument : arguments)
        text += (&argument == arguments.data() ? "" : ", ") + argument;
    return {text + ")", primary, type};
}

OpenClEmitter::Expression OpenClEmitter::cast_to(const Expression& value, const Type& to) const {
    if (value.type == to) return value;
    return {"(" + type_name(to) + ")" + at_least(value, unary), unary, to,
            value.bare.empty() ? value.text : value.bare};
}

// A result that C has computed in int, as the narrower type that LLVM has.
OpenClEmitter::Expression OpenClEmitter::narrowed(Expression wide, Type to) const {
    if (to.bits >= 32) return wide;
    const std::string bare = wide.text;
    return {"(" + type_name(to) + ")" + at_least(wide, unary), unary, to, bare};
}

OpenClEmitter::Expression OpenClEmitter::rounded_half(Expression value) {
    return call(helpers_.use("round_to_half"), {value.text}, {Type::Kind::floating, 32, true});
}

OpenClEmitter::Expression OpenClEmitter::constant(const Constant& value, bool is_signed, bool needs_type) {
    llvm::Type* type = value.getType();
    if (type->isIntegerTy(1))
        return {value.isNullValue() || isa<UndefValue>(value) ? "false" : "true",
                primary,
                {Type::Kind::boolean, 1, false}};
    if (const auto* integer = dyn_cast<ConstantInt>(&value)) {
        const unsigned bits = type->getIntegerBitWidth();
        const Type to = type_of(type, is_signed);
        if (bits > 64) return {integer->getValue().isZero() ? "0" : "1", primary, to};
        std::string text;
        if (is_signed) {
            const std::int64_t number = integer->getSExtValue();
            if (bits == 64 && number == INT64_MIN) return {"LONG_MIN", primary, to};
            if (bits == 32 && number == INT32_MIN) return {"INT_MIN", primary, to};
            text = std::to_string(number);
            if (bits == 64 && (needs_type || number > INT32_MAX || number < INT32_MIN)) text += "l";
        } else {
            const std::uint64_t number = integer->getZExtValue();
            const bool is_pattern = number > 0xffff && (number >> (bits - 1) != 0 || number > 0x7fffffff);
            text = is_pattern ? hexadecimal(number) : std::to_string(number);
            if (bits == 64 && (needs_type || number > INT32_MAX))
                text += "ul";
            else if (bits == 32 && (needs_type || number > INT32_MAX))
                text += "u";
        }
        if (needs_type && bits < 32) return {"(" + type_name(to) + ")" + text, unary, to};
        return {text, text[0] == '-' ? unary : primary, to};
    }
    if (const auto* number = dyn_cast<ConstantFP>(&value)) {
        const APFloat& exact = number->getValueAPF();
        const bool is_double = type->isDoubleTy();
        const Type to{Type::Kind::floating, is_double ? 64u : 32u, true};
        if (is_double) helpers_.uses_double = true;
        APFloat shown = exact;
        bool lost = false;
        if (type->isHalfTy()) shown.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &lost);
        if (shown.isNaN() || shown.isInfinity()) {
            if (shown.isInfinity())
                return {std::string(shown.isNegative() ? "-" : "") +
                            (is_double ? "(double)INFINITY" : "INFINITY"),
                        unary, to};
            const std::string bits = hexadecimal(shown.bitcastToAPInt().getZExtValue());
            return {(is_double ? "as_double(" + bits + "ul)" : "as_float(" + bits + "u)"), primary, to};
        }
        const std::string text = floating_text(shown, is_double);
        return {text, text[0] == '-' ? unary : primary, to};
    }
    if (isa<UndefValue>(value) || value.isNullValue()) {
        const Type to = type_of(type, is_signed);
        if (to.kind == Type::Kind::floating) return {to.bits == 64 ? "0.0" : "0.0f", primary, to};
        return {"0", primary, to};
    }
    throw std::runtime_error("a constant of this kind has no form in OpenCL C");
}

OpenClEmitter::Expression OpenClEmitter::expression(const Value& value) {
    if (value.getType()->isVectorTy() && isa<Constant>(value)) return vector_expression(value);
    if (const auto* literal = dyn_cast<Constant>(&value); literal && !value.getType()->isPointerTy())
        return constant(*literal,
                        value.getType()->isIntegerTy() && value.getType()->getIntegerBitWidth() > 16, false);
    if (value.getType()->isPointerTy()) return pointer(value);
    if (const auto* argument = dyn_cast<llvm::Argument>(&value)) {
        const std::string name = variable(argument);
        if (argument->getType()->isIntegerTy(1))
            return {name + " != 0", equality, {Type::Kind::boolean, 1, false}};
        if (argument->getType()->isHalfTy())
            return call(helpers_.use("half_of_bits"), {name}, {Type::Kind::floating, 32, true});
        return {name, primary, type_of(value)};
    }
    const auto& instruction = cast<Instruction>(value);
    if (is_folded(&instruction)) return build(instruction);
    return {variable(&instruction), primary, type_of(value)};
}

// An integer operand whose sign matters to what C does with it.
OpenClEmitter::Expression OpenClEmitter::integer(const Value& value, bool is_signed, bool needs_type) {
    if (const auto* literal = dyn_cast<Constant>(&value)) return constant(*literal, is_signed, needs_type);
    Expression found = expression(value);
    if (found.type.kind != Type::Kind::integer || found.type.is_signed == is_signed) {
        if (needs_type && found.is_promoted)
            return {"(" + type_name(found.type) + ")" + at_least(found, unary), unary, found.type};
        if (needs_type && found.type.bits < 32 && found.precedence < unary)
            return {"(" + type_name(found.type) + ")(" + found.text + ")", unary, found.type};
        return found;
    }
    const Type to{Type::Kind::integer, found.type.bits, is_signed};
    return cast_to(found, to);
}

// Values of a width that C has not (i24) are kept with zeros above them; `is_below` tells what is known of a
// value.
bool OpenClEmitter::is_below(const Value& value, std::uint64_t limit) const {
    const KnownBits known = computeKnownBits(&value, layout_);
    return known.getMaxValue().ult(limit);
}

StructuredEmitter::Condition OpenClEmitter::condition_of(const Expression& expression) const {
    if (expression.text == "true") return {"true", "false"};
    if (expression.text == "false") return {"false", "true"};
    if (expression.text.starts_with('!') && expression.precedence >= unary) {
        std::string inner = expression.text.substr(1);
        if (inner.starts_with('(') && inner.ends_with(')')) {
            int depth = 0;
            bool is_whole = true;
            for (std::size_t k = 0; k + 1 < inner.size(); ++k) {
                depth += inner[k] == '(' ? 1 : inner[k] == ')' ? -1 : 0;
                is_whole &= depth > 0;
            }
            if (is_whole) inner = inner.substr(1, inner.size() - 2);
        }
        return {expression.text, inner};
    }
    return {expression.text, "!" + at_least(expression, unary)};
}

StructuredEmitter::Condition OpenClEmitter::condition(const Value& value) {
    const Expression text = expression(value);
    Condition result = condition_of(text);
    // The opposite of a comparison of integers is one too.
    const auto* comparison = dyn_cast<ICmpInst>(&value);
    if (!comparison || !is_folded(comparison)) return result;
    Instruction* turned = comparison->clone();
    cast<ICmpInst>(turned)->setPredicate(comparison->getInversePredicate());
    result.opposite = build_comparison(*cast<ICmpInst>(turned)).text;
    turned->deleteValue();
    return result;
}

std::string OpenClEmitter::assigned_text(const Value& value, const Value& to) {
    if (to.getType()->isPointerTy()) {
        if (spaces_.of(&to) == Space::generic) return generic_text(value);
        const Element element = element_of(to);
        const auto* at = isa<Instruction>(to) ? cast<Instruction>(&to) : &kernel_.getEntryBlock().front();
        return pointer_to(value, element.type, element.is_signed, *at);
    }
    if (value.getType()->isIntegerTy() && !value.getType()->isIntegerTy(1)) {
        if (const auto* literal = dyn_cast<Constant>(&value))
            return constant(*literal, is_signed(to), false).text;
        const Expression found = expression(value);
        // An assignment converts by itself.
        const bool fits = !found.bare.empty();
        return fits ? found.bare : found.text;
    }
    const Expression found = expression(value);
    return found.bare.empty() || value.getType()->isHalfTy() ? found.text : found.bare;
}

Variable OpenClEmitter::variable_of(const Value& value) {
    if (value.getType()->isPointerTy()) {
        const Space space = spaces_.of(&value);
        if (space == Space::generic) return {"ulong", {}, false, {}};
        const Element element = element_of(value);
        const std::string name = space_name(space);
        return {name + (name.empty() ? "" : " ") + element_name(element) + "*", {}, false, {}};
    }
    if (const auto* exchange = dyn_cast<AtomicCmpXchgInst>(&value))
        return {type_name(type_of(exchange->getCompareOperand()->getType(), false)), {}, false, {}};
    if (value.getType()->isVectorTy()) return {vector_name(value.getType()), {}, false, {}};
    return {type_name(type_of(value)), {}, false, {}};
}

}  // namespace heddle::compiler
