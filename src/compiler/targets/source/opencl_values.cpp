// Types, literals and arithmetic of OpenCL C. LLVM's integers have no sign: every value gets the one that
// most of its uses ask for, and casts stand only where C would compute something else. Arithmetic that may
// wrap is unsigned.
#include <llvm/ADT/SmallString.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/PatternMatch.h>
#include <llvm/Support/KnownBits.h>

#include "../warp_emitter.h"
#include "opencl_emitter.h"

namespace heddle::compiler {

using namespace llvm;
using namespace llvm::PatternMatch;

namespace {

// Precedences of C's operators.
constexpr int primary = 16, unary = 14, multiplicative = 13, additive = 12, shifting = 11, relational = 10,
              equality = 9, bit_and = 8, bit_xor = 7, bit_or = 6, logical_and = 5, logical_or = 4,
              conditional = 3;

std::string hexadecimal(std::uint64_t value) {
    std::string text;
    do {
        text.insert(text.begin(), "0123456789abcdef"[value & 15]);
        value >>= 4;
    } while (value != 0);
    return "0x" + text;
}

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
    return type_name(type_of(type, is_signed));
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

OpenClEmitter::Expression OpenClEmitter::build_modular(const BinaryOperator& operation, const char* text,
                                                       int precedence) {
    const Value &left = *operation.getOperand(0), &right = *operation.getOperand(1);
    const unsigned bits = operation.getType()->getIntegerBitWidth();
    const unsigned width = container_bits(bits);
    if (width < 32 || bits != width) {
        Expression sum = binary(integer(left, false), text, integer(right, false), precedence,
                                {Type::Kind::integer, std::max(32u, width), width < 64});
        if (bits != width) {
            const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
            const std::string literal = hexadecimal(mask) + (bits > 32 ? "ul" : "u");
            return {at_least(sum, additive) + " & " + literal, bit_and, {Type::Kind::integer, width, false}};
        }
        return narrowed(sum, {Type::Kind::integer, width, is_signed(operation)});
    }
    // "a - 4" for "a + -4".
    if (operation.getOpcode() == Instruction::Add)
        if (const auto* number = dyn_cast<ConstantInt>(&right);
            number && number->isNegative() && !number->isMinValue(true)) {
            Expression a = expression(left);
            const bool keeps = operation.hasNoSignedWrap() && a.type.is_signed;
            const Constant* positive = ConstantInt::get(number->getType(), -number->getValue());
            Expression b = constant(*positive, keeps || !a.type.is_signed, !keeps && a.type.is_signed);
            if (!keeps && a.type.is_signed) b = constant(*positive, false, true);
            return binary(a, "-", b, additive, {Type::Kind::integer, width, keeps});
        }
    const bool may_be_signed = operation.hasNoSignedWrap();
    Expression a = isa<Constant>(left) ? Expression{} : expression(left);
    Expression b = isa<Constant>(right) ? Expression{} : expression(right);
    const bool a_signed = isa<Constant>(left) || a.type.is_signed;
    const bool b_signed = isa<Constant>(right) || b.type.is_signed;
    const bool signed_result = a_signed && b_signed && may_be_signed;
    if (isa<Constant>(left)) a = constant(*cast<Constant>(&left), signed_result, !signed_result && b_signed);
    if (isa<Constant>(right))
        b = constant(*cast<Constant>(&right), signed_result, !signed_result && a_signed);
    if (!signed_result && a_signed && b_signed && !isa<Constant>(left) && !isa<Constant>(right))
        a = cast_to(a, {Type::Kind::integer, width, false});
    return binary(a, text, b, precedence, {Type::Kind::integer, width, signed_result});
}

// blockIdx.x * blockDim.x + threadIdx.x has a name in OpenCL.
std::optional<OpenClEmitter::Expression> OpenClEmitter::global_index(const BinaryOperator& sum) const {
    const auto name_of = [](const Value* value) -> StringRef {
        const auto* call = dyn_cast<CallInst>(value);
        return call && call->getCalledFunction() ? call->getCalledFunction()->getName() : StringRef();
    };
    for (const unsigned side : {0u, 1u}) {
        const auto* product = dyn_cast<BinaryOperator>(sum.getOperand(side));
        const StringRef thread = name_of(sum.getOperand(1 - side));
        if (!product || product->getOpcode() != Instruction::Mul || !thread.starts_with("heddle.tid."))
            continue;
        const std::string dimension = thread.take_back(1).str();
        const StringRef a = name_of(product->getOperand(0)), b = name_of(product->getOperand(1));
        const std::string block = "heddle.ctaid." + dimension, size = "heddle.ntid." + dimension;
        if (!(a == block && b == size) && !(a == size && b == block)) continue;
        const std::string text = std::string("get_global_id(") +
                                 (dimension == "x"   ? "0"
                                  : dimension == "y" ? "1"
                                                     : "2") +
                                 ")";
        return Expression{"(uint)" + text, unary, {Type::Kind::integer, 32, false}, text};
    }
    return std::nullopt;
}

OpenClEmitter::Expression OpenClEmitter::build_logic(const BinaryOperator& operation) {
    const Value &left = *operation.getOperand(0), &right = *operation.getOperand(1);
    const unsigned opcode = operation.getOpcode();
    if (operation.getType()->isIntegerTy(1)) {
        const Type boolean{Type::Kind::boolean, 1, false};
        if (opcode == Instruction::Xor && match(&right, m_One())) {
            const Condition turned = condition(left);
            return {turned.opposite, turned.opposite[0] == '!' ? unary : logical_or, boolean};
        }
        if (opcode == Instruction::And)
            return binary(expression(left), "&&", expression(right), logical_and, boolean);
        if (opcode == Instruction::Or)
            return binary(expression(left), "||", expression(right), logical_or, boolean);
        Expression a = expression(left), b = expression(right);
        return {at_least(a, relational) + " != " + at_least(b, relational), equality, boolean};
    }
    const unsigned width = container_bits(operation.getType()->getIntegerBitWidth());
    if (opcode == Instruction::Xor && match(&right, m_AllOnes()) &&
        width == operation.getType()->getIntegerBitWidth()) {
        Expression a = expression(left);
        return narrowed(
            {"~" + at_least(a, unary), unary, {Type::Kind::integer, std::max(32u, width), a.type.is_signed}},
            {Type::Kind::integer, width, is_signed(operation)});
    }
    const char* text = opcode == Instruction::And ? "&" : opcode == Instruction::Or ? "|" : "^";
    const int precedence = opcode == Instruction::And  ? bit_and
                           : opcode == Instruction::Or ? bit_or
                                                       : bit_xor;
    if (width < 32 || width != operation.getType()->getIntegerBitWidth())
        return binary(integer(left, false), text, integer(right, false), precedence,
                      {Type::Kind::integer, width, false});
    Expression a = expression(left);
    // A mask that fits into an int changes no sign.
    const auto* mask = dyn_cast<ConstantInt>(&right);
    const bool is_small = mask && mask->getValue().isNonNegative();
    Expression b = mask ? constant(*mask, is_small && a.type.is_signed, false) : expression(right);
    return binary(a, text, b, precedence, {Type::Kind::integer, width, a.type.is_signed && b.type.is_signed});
}

OpenClEmitter::Expression OpenClEmitter::build_shift(const BinaryOperator& operation) {
    const Value &left = *operation.getOperand(0), &amount = *operation.getOperand(1);
    const unsigned bits = operation.getType()->getIntegerBitWidth(), width = container_bits(bits);
    const unsigned opcode = operation.getOpcode();
    const bool arithmetic = opcode == Instruction::AShr;
    if (bits == 1) return expression(left);
    Expression value;
    if (opcode == Instruction::Shl) {
        value = expression(left);
        if (isa<Constant>(left) || (value.type.is_signed && width >= 32))
            value = operation.hasNoSignedWrap() && !isa<Constant>(left) ? value : integer(left, false, true);
    } else {
        value = integer(left, arithmetic, isa<Constant>(left));
        if (arithmetic && bits != width) {
            const std::string up = std::to_string(64 - bits);
            value = {"(long)(" + value.text + ") << " + up + " >> " + up,
                     shifting,
                     {Type::Kind::integer, 64, true}};
            value = {"(" + value.text + ")", primary, value.type};
        }
    }
    const Type type{Type::Kind::integer, width,
                    opcode == Instruction::Shl ? value.type.is_signed : arithmetic};
    const Type computed{Type::Kind::integer, std::max(32u, width), width < 32 || type.is_signed};
    Expression count = integer(amount, false);
    const bool is_in_range = is_below(amount, bits);
    Expression shifted;
    if (is_in_range) {
        shifted = binary(value, opcode == Instruction::Shl ? "<<" : ">>", count, shifting, computed);
    } else if (arithmetic) {
        const std::string most = std::to_string(bits - 1);
        const Expression counted = integer(amount, false, true);
        const Expression limited = call(
            "min", {counted.text, constant(*ConstantInt::get(amount.getType(), bits - 1), false, true).text},
            count.type);
        shifted = binary(value, ">>", limited, shifting, computed);
    } else {
        const Expression plain =
            binary(value, opcode == Instruction::Shl ? "<<" : ">>", count, shifting, computed);
        shifted = {
            at_least(count, relational + 1) + " < " + std::to_string(bits) + " ? " + plain.text + " : 0",
            conditional, computed};
    }
    if (opcode == Instruction::Shl && bits != width)
        return {"(" + shifted.text + ") & " + hexadecimal((std::uint64_t{1} << bits) - 1) +
                    (bits > 32 ? "ul" : "u"),
                bit_and,
                {Type::Kind::integer, width, false}};
    if (arithmetic && bits != width)
        return {"(" + shifted.text + ") & " + hexadecimal((std::uint64_t{1} << bits) - 1) +
                    (bits > 32 ? "ul" : "u"),
                bit_and,
                {Type::Kind::integer, width, false}};
    // What is shifted right stays within its type.
    if (opcode != Instruction::Shl) {
        shifted.type = type;
        return shifted;
    }
    return width < 32 ? narrowed(shifted, {Type::Kind::integer, width, is_signed(operation)})
                      : Expression{shifted.text, shifted.precedence, type};
}

OpenClEmitter::Expression OpenClEmitter::build_division(const BinaryOperator& operation) {
    const Value &left = *operation.getOperand(0), &right = *operation.getOperand(1);
    const unsigned opcode = operation.getOpcode();
    const bool with_sign = opcode == Instruction::SDiv || opcode == Instruction::SRem;
    const bool quotient = opcode == Instruction::SDiv || opcode == Instruction::UDiv;
    const unsigned bits = operation.getType()->getIntegerBitWidth(), width = container_bits(bits);
    if (with_sign && bits != width)
        throw Unsupported(operation, "signed division of this width is not supported");
    const Expression a = integer(left, with_sign, true), b = integer(right, with_sign);
    const Type computed{Type::Kind::integer, std::max(32u, width), width < 32 || with_sign};
    // The lowering has guarded what could fail, and nothing here evaluates more than the Kernel IR does.
    const Type type{Type::Kind::integer, width, with_sign};
    const Expression result = binary(a, quotient ? "/" : "%", b, multiplicative, computed);
    return width < 32 ? narrowed(result, type) : Expression{result.text, result.precedence, type};
}

OpenClEmitter::Expression OpenClEmitter::build_binary(const BinaryOperator& operation) {
    llvm::Type* type = operation.getType();
    if (type->isFloatingPointTy()) {
        const char* text = "+";
        int precedence = additive;
        switch (operation.getOpcode()) {
            case Instruction::FSub:
                text = "-";
                break;
            case Instruction::FMul:
                text = "*";
                precedence = multiplicative;
                break;
            case Instruction::FDiv:
                text = "/";
                precedence = multiplicative;
                break;
            case Instruction::FRem:
                throw Unsupported(operation, "a remainder of floating point is not lowered");
            default:
                break;
        }
        const Expression result =
            binary(expression(*operation.getOperand(0)), text, expression(*operation.getOperand(1)),
                   precedence, type_of(type, true));
        return type->isHalfTy() ? rounded_half(result) : result;
    }
    if (type->isIntegerTy() && type->getIntegerBitWidth() > 64)
        throw Unsupported(operation, "integers of more than 64 bits are not supported");
    switch (operation.getOpcode()) {
        case Instruction::Add:
            if (type->isIntegerTy(1)) break;
            if (type->isIntegerTy(32))
                if (const auto index = global_index(operation)) return *index;
            return build_modular(operation, "+", additive);
        case Instruction::Sub:
            if (match(operation.getOperand(0), m_Zero()) &&
                container_bits(type->getIntegerBitWidth()) >= 32 && operation.hasNoSignedWrap()) {
                const Expression a = integer(*operation.getOperand(1), true);
                return {"-" + at_least(a, unary), unary, a.type};
            }
            return build_modular(operation, "-", additive);
        case Instruction::Mul:
            return build_modular(operation, "*", multiplicative);
        case Instruction::And:
        case Instruction::Or:
        case Instruction::Xor:
            return build_logic(operation);
        case Instruction::Shl:
        case Instruction::LShr:
        case Instruction::AShr:
            return build_shift(operation);
        default:
            return build_division(operation);
    }
    const Expression a = expression(*operation.getOperand(0)), b = expression(*operation.getOperand(1));
    return {at_least(a, relational) + " != " + at_least(b, relational),
            equality,
            {Type::Kind::boolean, 1, false}};
}

OpenClEmitter::Expression OpenClEmitter::build_comparison(const ICmpInst& comparison) {
    const Type boolean{Type::Kind::boolean, 1, false};
    const Value &left = *comparison.getOperand(0), &right = *comparison.getOperand(1);
    const char* text = "==";
    switch (comparison.getPredicate()) {
        case CmpInst::ICMP_NE:
            text = "!=";
            break;
        case CmpInst::ICMP_SLT:
        case CmpInst::ICMP_ULT:
            text = "<";
            break;
        case CmpInst::ICMP_SLE:
        case CmpInst::ICMP_ULE:
            text = "<=";
            break;
        case CmpInst::ICMP_SGT:
        case CmpInst::ICMP_UGT:
            text = ">";
            break;
        case CmpInst::ICMP_SGE:
        case CmpInst::ICMP_UGE:
            text = ">=";
            break;
        default:
            break;
    }
    const int precedence = comparison.isEquality() ? equality : relational;
    if (left.getType()->isPointerTy()) {
        const auto number = [&](const Value& value) -> Expression {
            if (isa<ConstantPointerNull>(value)) return {"0", primary, {}};
            const Expression place = pointer(value);
            return {"(ulong)" + at_least(place, unary), unary, {Type::Kind::integer, 64, false}};
        };
        const bool is_null = isa<ConstantPointerNull>(right);
        if (is_null) return {at_least(pointer(left), precedence) + " " + text + " 0", precedence, boolean};
        if (spaces_.of(&left) == spaces_.of(&right) && spaces_.of(&left) != Space::generic) {
            const Element a = element_of(*address_of(left).base), b = element_of(*address_of(right).base);
            if (a.type == b.type && a.is_signed == b.is_signed)
                return binary(pointer(left), text, pointer(right), precedence, boolean);
        }
        if (spaces_.of(&left) == Space::generic || spaces_.of(&right) == Space::generic)
            return {generic_text(left) + " " + text + " " + generic_text(right), precedence, boolean};
        return binary(number(left), text, number(right), precedence, boolean);
    }
    if (left.getType()->isIntegerTy(1)) {
        if (comparison.isEquality())
            return {at_least(expression(left), relational) + " " + text + " " +
                        at_least(expression(right), relational),
                    equality, boolean};
        return {at_least(expression(left), relational + 1) + " " + text + " " +
                    at_least(expression(right), relational + 1),
                relational, boolean};
    }
    const unsigned bits = left.getType()->getIntegerBitWidth();
    if (bits > 64) throw Unsupported(comparison, "integers of more than 64 bits are not supported");
    if (comparison.isEquality()) {
        if (bits < 32) return binary(integer(left, false), text, integer(right, false), precedence, boolean);
        const Expression a = expression(left);
        const Expression b = isa<Constant>(right) ? constant(cast<Constant>(right), a.type.is_signed, false)
                                                  : expression(right);
        return binary(a, text, b, precedence, boolean);
    }
    const bool with_sign = comparison.isSigned();
    if (with_sign && bits != container_bits(bits))
        throw Unsupported(comparison, "a signed comparison of this width is not supported");
    // A constant between them makes the sign of a value that is never negative irrelevant.
    Expression a = integer(left, with_sign), b = integer(right, with_sign);
    return binary(a, text, b, precedence, boolean);
}

OpenClEmitter::Expression OpenClEmitter::build_float_comparison(const FCmpInst& comparison) {
    const Type boolean{Type::Kind::boolean, 1, false};
    const Expression a = expression(*comparison.getOperand(0)), b = expression(*comparison.getOperand(1));
    const auto plain = [&](const char* text, int precedence) {
        return binary(a, text, b, precedence, boolean);
    };
    const auto turned = [&](const char* text, int precedence) -> Expression {
        return {"!(" + plain(text, precedence).text + ")", unary, boolean};
    };
    switch (comparison.getPredicate()) {
        case CmpInst::FCMP_OEQ:
            return plain("==", equality);
        case CmpInst::FCMP_UNE:
            return plain("!=", equality);
        case CmpInst::FCMP_OLT:
            return plain("<", relational);
        case CmpInst::FCMP_OLE:
            return plain("<=", relational);
        case CmpInst::FCMP_OGT:
            return plain(">", relational);
        case CmpInst::FCMP_OGE:
            return plain(">=", relational);
        case CmpInst::FCMP_ULT:
            return turned(">=", relational);
        case CmpInst::FCMP_ULE:
            return turned(">", relational);
        case CmpInst::FCMP_UGT:
            return turned("<=", relational);
        case CmpInst::FCMP_UGE:
            return turned("<", relational);
        case CmpInst::FCMP_ONE:
            return call("islessgreater", {a.text, b.text}, {Type::Kind::integer, 32, true});
        case CmpInst::FCMP_UEQ:
            return {"!islessgreater(" + a.text + ", " + b.text + ")", unary, boolean};
        case CmpInst::FCMP_ORD:
        case CmpInst::FCMP_UNO: {
            const bool one = isa<ConstantFP>(comparison.getOperand(1)) ||
                             comparison.getOperand(0) == comparison.getOperand(1);
            const std::string test =
                one ? "isnan(" + a.text + ")" : "isunordered(" + a.text + ", " + b.text + ")";
            return comparison.getPredicate() == CmpInst::FCMP_UNO ? Expression{test, primary, boolean}
                                                                  : Expression{"!" + test, unary, boolean};
        }
        case CmpInst::FCMP_TRUE:
            return {"true", primary, boolean};
        default:
            return {"false", primary, boolean};
    }
}

OpenClEmitter::Expression OpenClEmitter::build_cast(const CastInst& cast) {
    const Value& operand = *cast.getOperand(0);
    llvm::Type *from = operand.getType(), *to = cast.getType();
    const bool with_sign = is_signed(cast);
    const Type target = type_of(to, with_sign);
    if (to->isIntegerTy() && to->getIntegerBitWidth() > 64)
        throw Unsupported(cast, "integers of more than 64 bits are not supported");
    switch (cast.getOpcode()) {
        case Instruction::Trunc: {
            if (from->getIntegerBitWidth() > 64) {
                // The upper half of a product.
                const Value *a = nullptr, *b = nullptr;
                const APInt* shift = nullptr;
                if (match(&operand, m_LShr(m_Mul(m_ZExt(m_Value(a)), m_ZExt(m_Value(b))), m_APInt(shift))) &&
                    *shift == 64 && a->getType()->isIntegerTy(64) && b->getType() == a->getType())
                    return call("mul_hi", {integer(*a, false, true).text, integer(*b, false, true).text},
                                {Type::Kind::integer, 64, false});
                if (match(&operand, m_LShr(m_Mul(m_SExt(m_Value(a)), m_SExt(m_Value(b))), m_APInt(shift))) &&
                    *shift == 64 && a->getType()->isIntegerTy(64) && b->getType() == a->getType())
                    return call("mul_hi", {integer(*a, true, true).text, integer(*b, true, true).text},
                                {Type::Kind::integer, 64, true});
                throw Unsupported(cast, "integers of more than 64 bits are not supported");
            }
            const Expression value = expression(operand);
            if (to->isIntegerTy(1))
                return {
                    "(" + binary(value, "&", {"1", primary, value.type}, bit_and, value.type).text + ") != 0",
                    equality, target};
            const unsigned bits = to->getIntegerBitWidth();
            if (bits != target.bits)
                return {"(" + type_name({Type::Kind::integer, target.bits, false}) + ")" +
                            at_least(value, unary) + " & " + hexadecimal((std::uint64_t{1} << bits) - 1) +
                            (bits > 32 ? "ul" : "u"),
                        bit_and,
                        {Type::Kind::integer, target.bits, false}};
            return {"(" + type_name(target) + ")" + at_least(value, unary), unary, target,
                    value.bare.empty() ? value.text : value.bare};
        }
        case Instruction::ZExt:
        case Instruction::SExt: {
            if (from->isIntegerTy(1)) {
                const Expression value = expression(operand);
                const bool is_negative = cast.getOpcode() == Instruction::SExt;
                const std::string wide = target.bits == 64 ? "l" : "";
                return {
                    at_least(value, logical_or) + " ? " + (is_negative ? "-1" : "1") + wide + " : 0" + wide,
                    conditional,
                    {target.kind, target.bits, target.bits >= 32 || is_negative}};
            }
            const bool extends_sign = cast.getOpcode() == Instruction::SExt && !cast.hasNonNeg();
            const unsigned bits = from->getIntegerBitWidth();
            if (extends_sign && bits != container_bits(bits)) {
                const std::string up = std::to_string(64 - bits);
                const Expression value = integer(operand, false);
                return {"(" + type_name({target.kind, target.bits, true}) + ")((long)" +
                            at_least(value, unary) + " << " + up + " >> " + up + ")",
                        unary,
                        {target.kind, target.bits, true}};
            }
            const Expression value = cast.getOpcode() == Instruction::ZExt && cast.hasNonNeg()
                                         ? expression(operand)
                                         : integer(operand, extends_sign);
            const Type result{Type::Kind::integer, target.bits, with_sign};
            // Of 8 and 16 bits C makes an int by itself.
            if (value.type.bits < 32 && result.bits == 32 && value.precedence >= additive &&
                (result.is_signed || !value.type.is_signed))
                return {value.text, value.precedence, {Type::Kind::integer, 32, true}, value.bare};
            if (value.type.bits == result.bits) return cast_to(value, result);
            return {"(" + type_name(result) + ")" + at_least(value, unary), unary, result, value.text};
        }
        case Instruction::FPTrunc:
            if (to->isHalfTy()) {
                const Expression value = expression(operand);
                return from->isDoubleTy() ? call(helpers_.use("round_double_to_half"), {value.text},
                                                 {Type::Kind::floating, 32, true})
                                          : rounded_half(value);
            }
            return {"(float)" + at_least(expression(operand), unary), unary, target,
                    expression(operand).text};
        case Instruction::FPExt:
            if (to->isFloatTy()) return expression(operand);
            helpers_.uses_double = true;
            return {"(double)" + at_least(expression(operand), unary), unary, target,
                    expression(operand).text};
        case Instruction::SIToFP:
        case Instruction::UIToFP: {
            const bool source_signed = cast.getOpcode() == Instruction::SIToFP;
            if (from->isIntegerTy(1)) {
                const std::string one = source_signed ? "-1" : "1", dot = target.bits == 64 ? ".0" : ".0f";
                return {at_least(expression(operand), logical_or) + " ? " + one + dot + " : 0" + dot,
                        conditional, target};
            }
            const Expression value = cast.getOpcode() == Instruction::UIToFP && cast.hasNonNeg()
                                         ? expression(operand)
                                         : integer(operand, source_signed);
            const Expression made{"(" + type_name(target) + ")" + at_least(value, unary), unary, target,
                                  value.text};
            return to->isHalfTy() ? rounded_half(made) : made;
        }
        case Instruction::FPToSI:
        case Instruction::FPToUI: {
            const bool s = cast.getOpcode() == Instruction::FPToSI;
            const Type result{Type::Kind::integer, target.bits, s};
            return call("convert_" + type_name(result) + "_sat", {expression(operand).text}, result);
        }
        case Instruction::BitCast: {
            if (from->isHalfTy() && to->isIntegerTy(16))
                return call(helpers_.use("bits_of_half"), {expression(operand).text},
                            {Type::Kind::integer, 16, false});
            if (to->isHalfTy() && from->isIntegerTy(16))
                return call(helpers_.use("half_of_bits"), {integer(operand, false).text}, target);
            if (to->isPointerTy() || to == from) return expression(operand);
            if (from->isVectorTy() || to->isVectorTy())
                throw Unsupported(cast, "a cast of vectors is not supported");
            const Type as = to->isIntegerTy() ? Type{Type::Kind::integer, target.bits, with_sign} : target;
            return call("as_" + type_name(as), {argument_text(operand)}, as);
        }
        case Instruction::PtrToInt: {
            const Expression place =
                spaces_.stores_other_pointers()
                    ? Expression{generic_text(operand), unary, {Type::Kind::integer, 64, false}}
                    : pointer(operand);
            const Type wide{Type::Kind::integer, 64, false};
            const Expression whole =
                place.type == wide ? place : Expression{"(ulong)" + at_least(place, unary), unary, wide};
            return to->isIntegerTy(64)
                       ? whole
                       : Expression{"(" + type_name(target) + ")" + at_least(whole, unary), unary, target};
        }
        default:
            return pointer(cast);
    }
}

// An argument of a function that C chooses by its arguments' types.
std::string OpenClEmitter::argument_text(const Value& value) {
    if (value.getType()->isIntegerTy()) return integer(value, is_signed(value), true).text;
    return expression(value).text;
}

// An argument of a function that has one type only: C converts by itself.
std::string OpenClEmitter::converted_text(const Value& value) {
    const Expression found = expression(value);
    return found.bare.empty() || value.getType()->isHalfTy() ? found.text : found.bare;
}

OpenClEmitter::Expression OpenClEmitter::build_select(const SelectInst& select) {
    const Value &yes = *select.getTrueValue(), &no = *select.getFalseValue();
    const Type boolean{Type::Kind::boolean, 1, false};
    const Expression chosen_by = expression(*select.getCondition());
    if (select.getType()->isIntegerTy(1)) {
        if (match(&no, m_Zero())) return binary(chosen_by, "&&", expression(yes), logical_and, boolean);
        if (match(&yes, m_One())) return binary(chosen_by, "||", expression(no), logical_or, boolean);
        if (match(&yes, m_Zero())) {
            const Condition turned = condition_of(chosen_by);
            return binary({turned.opposite, turned.opposite[0] == '!' ? unary : relational, boolean}, "&&",
                          expression(no), logical_and, boolean);
        }
    }
    const auto join = [&](const std::string& a, const std::string& b, Type type) {
        return Expression{at_least(chosen_by, logical_or) + " ? " + a + " : " + b, conditional, type};
    };
    if (select.getType()->isPointerTy()) {
        if (spaces_.of(&select) == Space::generic)
            return join(generic_text(yes), generic_text(no), type_of(select));
        const Element element = element_of(select);
        return join(pointer_to(yes, element.type, element.is_signed, select),
                    pointer_to(no, element.type, element.is_signed, select), type_of(select));
    }
    if (select.getType()->isIntegerTy() && !select.getType()->isIntegerTy(1)) {
        const bool with_sign = is_signed(select);
        // Two literals alone would make an int of the whole.
        const bool needs_type = isa<Constant>(yes) && isa<Constant>(no);
        const Expression a = integer(yes, with_sign, needs_type), b = integer(no, with_sign, needs_type);
        const Type type = type_of(select);
        return join(at_least(a, conditional + 1), at_least(b, conditional), type);
    }
    const Expression a = expression(yes), b = expression(no);
    return join(at_least(a, conditional + 1), at_least(b, conditional), type_of(select));
}

OpenClEmitter::Expression OpenClEmitter::build_extract(const ExtractValueInst& extract) {
    const auto* from = dyn_cast<CallInst>(extract.getAggregateOperand());
    if (from && isa<IntrinsicInst>(from)) return build_overflow(*from, extract.getIndices()[0]);
    const auto* exchange = dyn_cast<AtomicCmpXchgInst>(extract.getAggregateOperand());
    if (exchange) {
        if (extract.getIndices()[0] == 0)
            return {variable(exchange), primary, type_of(extract.getType(), false)};
        const Expression expected = integer(*exchange->getCompareOperand(), false);
        return {variable(exchange) + " == " + at_least(expected, relational),
                equality,
                {Type::Kind::boolean, 1, false}};
    }
    throw Unsupported(extract, "a structure as a value is not supported here");
}

OpenClEmitter::Expression OpenClEmitter::build(const Instruction& instruction) {
    if (instruction.getType()->isPointerTy() && !isa<SelectInst>(instruction) &&
        !isa<LoadInst>(instruction) && !isa<CallInst>(instruction))
        return pointer(instruction);
    if (const auto* binary = dyn_cast<BinaryOperator>(&instruction)) return build_binary(*binary);
    if (const auto* comparison = dyn_cast<ICmpInst>(&instruction)) return build_comparison(*comparison);
    if (const auto* comparison = dyn_cast<FCmpInst>(&instruction)) return build_float_comparison(*comparison);
    if (const auto* cast = dyn_cast<CastInst>(&instruction)) return build_cast(*cast);
    if (const auto* select = dyn_cast<SelectInst>(&instruction)) return build_select(*select);
    if (const auto* call = dyn_cast<CallInst>(&instruction)) return build_call(*call);
    if (const auto* found = dyn_cast<LoadInst>(&instruction)) return load(*found);
    if (const auto* extract = dyn_cast<ExtractValueInst>(&instruction)) return build_extract(*extract);
    if (const auto* frozen = dyn_cast<FreezeInst>(&instruction)) return expression(*frozen->getOperand(0));
    if (instruction.getOpcode() == Instruction::FNeg) {
        const Expression value = expression(*instruction.getOperand(0));
        return {"-" + at_least(value, value.text.starts_with('-') ? primary : unary), unary, value.type};
    }
    throw Unsupported(instruction,
                      std::string("'") + instruction.getOpcodeName() + "' has no form in OpenCL C");
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
        return {name + (name.empty() ? "" : " ") + scalar_name(element.type, element.is_signed) + "*",
                {},
                false,
                {}};
    }
    if (const auto* exchange = dyn_cast<AtomicCmpXchgInst>(&value))
        return {type_name(type_of(exchange->getCompareOperand()->getType(), false)), {}, false, {}};
    return {type_name(type_of(value)), {}, false, {}};
}

}  // namespace heddle::compiler
