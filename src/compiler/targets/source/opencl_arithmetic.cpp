// Operators of OpenCL C: arithmetic that may wrap is unsigned, shifts and conversions have CUDA's meaning,
// and casts stand only where C would compute something else.
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/PatternMatch.h>

#include "../unsupported.h"
#include "literals.h"
#include "opencl_emitter.h"
#include "precedence.h"
#include "vectors.h"

namespace heddle::compiler {

using namespace llvm;
using namespace llvm::PatternMatch;

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
                const APInt* factor = nullptr;
                if (match(&operand, m_LShr(m_Mul(m_ZExt(m_Value(a)), m_APInt(factor)), m_APInt(shift))) &&
                    *shift == 64 && a->getType()->isIntegerTy(64) && factor->isIntN(64))
                    return call(
                        "mul_hi",
                        {integer(*a, false, true).text,
                         constant(*ConstantInt::get(a->getType(), factor->trunc(64)), false, true).text},
                        {Type::Kind::integer, 64, false});
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
                return {value.text, value.precedence, {Type::Kind::integer, 32, true}, {}, true};
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
    if (const auto* element = dyn_cast<ExtractElementInst>(&instruction); element && moves_elements(*element))
        return vector_element(
            *element->getVectorOperand(),
            static_cast<unsigned>(cast<ConstantInt>(element->getIndexOperand())->getZExtValue()));
    if (instruction.getType()->isVectorTy() && moves_elements(instruction))
        return vector_expression(instruction);
    if (instruction.getOpcode() == Instruction::FNeg) {
        const Expression value = expression(*instruction.getOperand(0));
        return {"-" + at_least(value, value.text.starts_with('-') ? primary : unary), unary, value.type};
    }
    throw Unsupported(instruction,
                      std::string("'") + instruction.getOpcodeName() + "' has no form in OpenCL C");
}

}  // namespace heddle::compiler
