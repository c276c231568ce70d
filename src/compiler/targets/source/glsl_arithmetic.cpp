// Operators in GLSL with Kernel IR's meaning: integers wrap around, shifts by their width or more give zero
// or the sign, comparisons know NaN.
#include <llvm/IR/PatternMatch.h>

#include "../unsupported.h"
#include "glsl_emitter.h"
#include "vectors.h"

namespace heddle::compiler {

using namespace llvm;
using namespace llvm::PatternMatch;

namespace {

const char* operator_of(unsigned opcode) {
    switch (opcode) {
        case Instruction::Add:
        case Instruction::FAdd:
            return " + ";
        case Instruction::Sub:
        case Instruction::FSub:
            return " - ";
        case Instruction::Mul:
        case Instruction::FMul:
            return " * ";
        case Instruction::And:
            return " & ";
        case Instruction::Or:
            return " | ";
        case Instruction::Xor:
            return " ^ ";
        case Instruction::Shl:
            return " << ";
        case Instruction::LShr:
        case Instruction::AShr:
            return " >> ";
        case Instruction::UDiv:
        case Instruction::SDiv:
        case Instruction::FDiv:
            return " / ";
        default:
            return " % ";
    }
}

}  // namespace

// Both are computed; a conditional expression would branch.
std::string GlslEmitter::chosen(const std::string& condition, const std::string& yes, const std::string& no,
                                Type* type) const {
    const bool is_pair = type_name(type) == "uvec2";
    return "mix(" + no + ", " + yes + ", " + (is_pair ? "bvec2(" + condition + ")" : condition) + ")";
}

std::string GlslEmitter::build_float(const BinaryOperator& operation) {
    Type* type = operation.getType();
    if (type->isDoubleTy()) needs_double(operation);
    const std::string a = text_of(*operation.getOperand(0)), b = text_of(*operation.getOperand(1));
    if (operation.getOpcode() == Instruction::FRem)
        refuse(operation, "a remainder of floating point is not lowered");
    std::string made = "(" + a + operator_of(operation.getOpcode()) + b + ")";
    if (operation.getOpcode() == Instruction::FDiv && type->isFloatTy() && profile_.fused_fma &&
        !operation.hasAllowReciprocal())
        made = use("divide") + "(" + a + ", " + b + ")";
    return type->isHalfTy() ? use("round_to_half") + "(" + made + ")" : made;
}

// 64 bits where the device has them.
std::string GlslEmitter::build_wide(const BinaryOperator& operation) {
    need(vulkan::ModuleFeature::int64);
    const Value &left = *operation.getOperand(0), &right = *operation.getOperand(1);
    const unsigned bits = operation.getType()->getIntegerBitWidth(), opcode = operation.getOpcode();
    const std::string name = operator_of(opcode);
    switch (opcode) {
        case Instruction::Shl:
        case Instruction::LShr: {
            const std::string count = word_of(right), value = text_of(left);
            const std::string shifted = "(" + value + name + count + ")";
            if (is_below(right, bits)) return masked(shifted, bits);
            return masked(chosen("(" + count + " < " + std::to_string(bits) + "u)",
                                 "(" + value + name + "(" + count + " & 63u))", integer_text(64, 0),
                                 operation.getType()),
                          bits);
        }
        case Instruction::AShr: {
            std::string count = word_of(right);
            if (!is_below(right, bits)) count = "min(" + count + ", " + std::to_string(bits - 1) + "u)";
            return masked("uint64_t(" + signed_text(left) + " >> " + count + ")", bits);
        }
        case Instruction::SDiv:
        case Instruction::SRem:
            return masked("uint64_t(" + signed_text(left) + name + signed_text(right) + ")", bits);
        default:
            return masked("(" + text_of(left) + name + text_of(right) + ")", bits);
    }
}

// 64 bits as pairs of words.
std::string GlslEmitter::build_pair(const BinaryOperator& operation) {
    const Value &left = *operation.getOperand(0), &right = *operation.getOperand(1);
    if (operation.getType()->getIntegerBitWidth() != 64)
        refuse(operation, "integers of this width are not supported on devices without 64-bit integers");
    const std::string a = text_of(left);
    switch (operation.getOpcode()) {
        case Instruction::Add:
            return call(use("add64"), {a, text_of(right)});
        case Instruction::Sub:
            return call(use("sub64"), {a, text_of(right)});
        case Instruction::Mul:
            return call(use("mul64"), {a, text_of(right)});
        case Instruction::Shl:
            return call(use("shl64"), {a, word_of(right)});
        case Instruction::LShr:
            return call(use("shr64"), {a, word_of(right)});
        case Instruction::AShr:
            return call(use("sar64"), {a, word_of(right)});
        case Instruction::UDiv:
            return call(use("div64"), {a, text_of(right)});
        case Instruction::URem:
            return call(use("rem64"), {a, text_of(right)});
        case Instruction::SDiv:
            return call(use("sdiv64"), {a, text_of(right)});
        case Instruction::SRem:
            return call(use("srem64"), {a, text_of(right)});
        default:
            return "(" + a + operator_of(operation.getOpcode()) + text_of(right) + ")";
    }
}

std::string GlslEmitter::build_binary(const BinaryOperator& operation) {
    Type* type = operation.getType();
    if (type->isVectorTy()) refuse(operation, "an operation on vectors is not supported");
    if (type->isFloatingPointTy()) return build_float(operation);
    const unsigned bits = type->getIntegerBitWidth(), opcode = operation.getOpcode();
    if (bits > 64) refuse(operation, "integers of more than 64 bits are not supported");
    const Value &left = *operation.getOperand(0), &right = *operation.getOperand(1);
    if (bits == 1) {
        const std::string a = text_of(left), b = text_of(right);
        switch (opcode) {
            case Instruction::And:
            case Instruction::Mul:
                return "mix(false, " + b + ", " + a + ")";
            case Instruction::Or:
                return "mix(" + b + ", true, " + a + ")";
            case Instruction::Xor:
                if (match(&right, m_One())) return "(!" + a + ")";
                return "(" + a + " != " + b + ")";
            case Instruction::Add:
            case Instruction::Sub:
                return "(" + a + " != " + b + ")";
            default:
                return a;  // shifts by less than one, divisions by one
        }
    }
    if (bits > 32) return profile_.wide_integers ? build_wide(operation) : build_pair(operation);
    const std::string name = operator_of(opcode);
    switch (opcode) {
        case Instruction::Shl:
        case Instruction::LShr: {
            const std::string value = text_of(left), count = text_of(right);
            if (is_below(right, bits)) {
                const std::string shifted = "(" + value + name + count + ")";
                return opcode == Instruction::Shl ? masked(shifted, bits) : shifted;
            }
            const std::string all = chosen("(" + count + " < " + std::to_string(bits) + "u)",
                                           "(" + value + name + "(" + count + " & 31u))", "0u", type);
            return opcode == Instruction::Shl ? masked(all, bits) : all;
        }
        case Instruction::AShr: {
            std::string count = text_of(right);
            if (!is_below(right, bits)) count = "min(" + count + ", " + std::to_string(bits - 1) + "u)";
            return masked("uint(" + signed_text(left) + " >> " + count + ")", bits);
        }
        case Instruction::SDiv:
        case Instruction::SRem: {
            const std::string a = signed_text(left), b = signed_text(right);
            // GLSL leaves remainders of negative numbers open.
            if (opcode == Instruction::SRem)
                return masked("uint(" + call(use("remainder_of"), {a, b}) + ")", bits);
            return masked("uint(" + a + name + b + ")", bits);
        }
        case Instruction::And:
        case Instruction::Or:
        case Instruction::Xor:
        case Instruction::UDiv:
        case Instruction::URem:
            return "(" + text_of(left) + name + text_of(right) + ")";
        default:
            return masked("(" + text_of(left) + name + text_of(right) + ")", bits);
    }
}

std::string GlslEmitter::build_comparison(const ICmpInst& comparison) {
    const Value &left = *comparison.getOperand(0), &right = *comparison.getOperand(1);
    const char* name = " == ";
    switch (comparison.getPredicate()) {
        case CmpInst::ICMP_NE:
            name = " != ";
            break;
        case CmpInst::ICMP_SLT:
        case CmpInst::ICMP_ULT:
            name = " < ";
            break;
        case CmpInst::ICMP_SLE:
        case CmpInst::ICMP_ULE:
            name = " <= ";
            break;
        case CmpInst::ICMP_SGT:
        case CmpInst::ICMP_UGT:
            name = " > ";
            break;
        case CmpInst::ICMP_SGE:
        case CmpInst::ICMP_UGE:
            name = " >= ";
            break;
        default:
            break;
    }
    Type* type = left.getType();
    std::string a, b;
    bool is_pair = false;
    if (type->isPointerTy()) {
        const Space sa = spaces_.of(&left), sb = spaces_.of(&right);
        const auto is_offset = [](Space space) { return space == Space::shared || space == Space::private_; };
        if (is_offset(sa) && is_offset(sb) && sa == sb && root_of(left) && root_of(left) == root_of(right)) {
            a = pointer_text(left);
            b = pointer_text(right);
        } else {
            a = generic_text(left);
            b = generic_text(right);
            is_pair = !profile_.wide_integers;
        }
    } else {
        const unsigned bits = type->getIntegerBitWidth();
        is_pair = bits > 32 && !profile_.wide_integers;
        const bool by_sign = comparison.isSigned() && bits > 1;
        a = by_sign ? signed_text(left) : text_of(left);
        b = by_sign ? signed_text(right) : text_of(right);
        if (bits == 1 && comparison.isRelational()) {
            // As a signed number, true is -1.
            const bool turned = comparison.isSigned();
            const std::string x = "uint(" + (turned ? b : a) + ")", y = "uint(" + (turned ? a : b) + ")";
            return "(" + x + name + y + ")";
        }
    }
    if (!is_pair || comparison.isEquality()) return "(" + a + name + b + ")";
    // Everything from "less": a > b is b < a, a <= b is not b < a.
    const bool less =
        comparison.getPredicate() == CmpInst::ICMP_ULT || comparison.getPredicate() == CmpInst::ICMP_SLT ||
        comparison.getPredicate() == CmpInst::ICMP_UGE || comparison.getPredicate() == CmpInst::ICMP_SGE;
    const bool negated = comparison.isNonStrictPredicate();
    const std::string test =
        call(use(comparison.isSigned() ? "less_signed64" : "less64"), {less ? a : b, less ? b : a});
    return negated ? "(!" + test + ")" : test;
}

std::string GlslEmitter::build_float_comparison(const FCmpInst& comparison) {
    if (comparison.getOperand(0)->getType()->isDoubleTy()) needs_double(comparison);
    const bool is_double = comparison.getOperand(0)->getType()->isDoubleTy();
    const std::string a = text_of(*comparison.getOperand(0)), b = text_of(*comparison.getOperand(1));
    const std::string is_nan = use(is_double ? "is_nan_double" : "is_nan");
    const auto ordered = [&](const char* name) { return "(" + a + name + b + ")"; };
    const auto unordered = [&](const char* name) { return "(!(" + a + name + b + "))"; };
    const std::string apart = "mix(" + is_nan + "(" + b + "), true, " + is_nan + "(" + a + "))";
    switch (comparison.getPredicate()) {
        case CmpInst::FCMP_OEQ:
            return ordered(" == ");
        case CmpInst::FCMP_UNE:
            return unordered(" == ");
        case CmpInst::FCMP_OLT:
            return ordered(" < ");
        case CmpInst::FCMP_OLE:
            return ordered(" <= ");
        case CmpInst::FCMP_OGT:
            return ordered(" > ");
        case CmpInst::FCMP_OGE:
            return ordered(" >= ");
        case CmpInst::FCMP_ULT:
            return unordered(" >= ");
        case CmpInst::FCMP_ULE:
            return unordered(" > ");
        case CmpInst::FCMP_UGT:
            return unordered(" <= ");
        case CmpInst::FCMP_UGE:
            return unordered(" < ");
        case CmpInst::FCMP_ONE:
            return "mix((" + a + " > " + b + "), true, (" + a + " < " + b + "))";
        case CmpInst::FCMP_UEQ:
            return "(!mix((" + a + " > " + b + "), true, (" + a + " < " + b + ")))";
        case CmpInst::FCMP_UNO:
            return comparison.getOperand(0) == comparison.getOperand(1) ||
                           isa<ConstantFP>(comparison.getOperand(1))
                       ? is_nan + "(" + a + ")"
                       : apart;
        case CmpInst::FCMP_ORD:
            return "(!" + apart + ")";
        case CmpInst::FCMP_TRUE:
            return "true";
        default:
            return "false";
    }
}

std::string GlslEmitter::build_cast(const CastInst& cast) {
    const Value& operand = *cast.getOperand(0);
    Type *from = operand.getType(), *to = cast.getType();
    if (from->isVectorTy() || to->isVectorTy()) refuse(cast, "a cast of vectors is not supported");
    if (from->isDoubleTy() || to->isDoubleTy()) needs_double(cast);
    const unsigned to_bits = to->isIntegerTy() ? to->getIntegerBitWidth() : 0;
    const unsigned from_bits = from->isIntegerTy() ? from->getIntegerBitWidth() : 0;
    if (to_bits > 64) refuse(cast, "integers of more than 64 bits are not supported");
    const bool wide_from = from_bits > 32, wide_to = to_bits > 32, pairs = !profile_.wide_integers;
    if ((wide_from || wide_to) && !pairs) need(vulkan::ModuleFeature::int64);
    switch (cast.getOpcode()) {
        case Instruction::Trunc: {
            if (from_bits > 64) {
                // The upper half of a product.
                const Value *a = nullptr, *b = nullptr;
                const APInt* shift = nullptr;
                const auto is_half = [&](const Value* x, const Value* y) {
                    return *shift == 64 && x->getType()->isIntegerTy(64) && y->getType() == x->getType();
                };
                if (match(&operand, m_LShr(m_Mul(m_ZExt(m_Value(a)), m_ZExt(m_Value(b))), m_APInt(shift))) &&
                    is_half(a, b))
                    return call(use(pairs ? "mul_high64" : "mul_high"), {text_of(*a), text_of(*b)});
                if (match(&operand, m_LShr(m_Mul(m_SExt(m_Value(a)), m_SExt(m_Value(b))), m_APInt(shift))) &&
                    is_half(a, b))
                    return call(use(pairs ? "mul_high_signed64" : "mul_high_signed"),
                                {text_of(*a), text_of(*b)});
                const APInt* factor = nullptr;
                if (match(&operand, m_LShr(m_Mul(m_ZExt(m_Value(a)), m_APInt(factor)), m_APInt(shift))) &&
                    is_half(a, a) && factor->isIntN(64))
                    return call(use(pairs ? "mul_high64" : "mul_high"),
                                {text_of(*a), integer_text(64, factor->trunc(64).getZExtValue())});
                refuse(cast, "integers of more than 64 bits are not supported");
            }
            if (wide_to) return masked(text_of(operand), to_bits);
            const std::string word = wide_from ? low_word(text_of(operand)) : text_of(operand);
            if (to_bits == 1) return "((" + word + " & 1u) != 0u)";
            return masked(word, to_bits);
        }
        case Instruction::ZExt: {
            const std::string word = from_bits == 1 ? "uint(" + text_of(operand) + ")" : text_of(operand);
            if (wide_from || !wide_to) return word;
            return widened(word);
        }
        case Instruction::SExt: {
            if (from_bits == 1) {
                const std::string condition = text_of(operand);
                return chosen(condition, integer_text(to_bits, maskTrailingOnes<std::uint64_t>(to_bits)),
                              integer_text(to_bits, 0), to);
            }
            if (!wide_to) return masked("uint(" + signed_text(operand) + ")", to_bits);
            if (!pairs) return masked("uint64_t(int64_t(" + signed_text(operand) + "))", to_bits);
            if (wide_from) refuse(cast, "integers of this width are not supported");
            return call(use("sign_extended64"), {word_of(operand, true)});
        }
        case Instruction::FPTrunc:
            if (to->isHalfTy())
                return call(use(from->isDoubleTy() ? "round_double_to_half" : "round_to_half"),
                            {text_of(operand)});
            return "float(" + text_of(operand) + ")";
        case Instruction::FPExt:
            return to->isFloatTy() ? text_of(operand) : "double(" + text_of(operand) + ")";
        case Instruction::SIToFP:
        case Instruction::UIToFP: {
            const bool by_sign = cast.getOpcode() == Instruction::SIToFP;
            const std::string name = to->isDoubleTy() ? "double" : "float";
            if (from_bits == 1) {
                const std::string dot = to->isDoubleTy() ? ".0lf" : ".0";
                return chosen(text_of(operand), (by_sign ? "-1" : "1") + dot, "0" + dot, to);
            }
            if (wide_from && pairs)
                return call(use(by_sign ? "float_of_signed64" : "float_of64"), {text_of(operand)});
            const std::string number = by_sign ? signed_text(operand) : text_of(operand);
            if (wide_from && !to->isDoubleTy())
                return to->isHalfTy() ? call(use("round_to_half"), {"float(" + number + ")"})
                                      : call(use(by_sign ? "float_of_int64" : "float_of_uint64"), {number});
            const std::string made = name + "(" + number + ")";
            return to->isHalfTy() ? call(use("round_to_half"), {made}) : made;
        }
        case Instruction::FPToSI:
        case Instruction::FPToUI: {
            const bool by_sign = cast.getOpcode() == Instruction::FPToSI;
            const std::string number = text_of(operand);
            if (wide_to && pairs)
                return call(use(by_sign ? "signed64_of_float" : "unsigned64_of_float"), {number});
            if (wide_to) return "uint64_t(" + std::string(by_sign ? "int64_t(" : "(") + number + "))";
            if (to_bits == 1) return "(" + number + " != " + zero_text(from) + ")";
            return masked("uint(" + std::string(by_sign ? "int(" : "(") + number + "))", to_bits);
        }
        case Instruction::BitCast: {
            const std::string value = text_of(operand);
            if (to == from) return value;
            if (from->isHalfTy() && to_bits == 16) return call(use("bits_of_half"), {value});
            if (to->isHalfTy() && from_bits == 16) return call(use("half_of_bits"), {value});
            if (from->isFloatTy()) return "floatBitsToUint(" + value + ")";
            if (to->isFloatTy()) return "uintBitsToFloat(" + value + ")";
            if (from->isDoubleTy()) return "doubleBitsToUint64(" + value + ")";
            if (to->isDoubleTy()) return "uint64BitsToDouble(" + value + ")";
            refuse(cast, "a cast between these types is not supported");
        }
        case Instruction::PtrToInt: {
            const std::string address = generic_text(operand);
            return to_bits == 64 ? address : masked(low_word(address), to_bits);
        }
        default:
            refuse(cast, std::string("'") + cast.getOpcodeName() + "' has no form here");
    }
}

std::string GlslEmitter::build_select(const SelectInst& select) {
    const Value &yes = *select.getTrueValue(), &no = *select.getFalseValue();
    if (select.getType()->isVectorTy()) refuse(select, "an operation on vectors is not supported");
    const std::string condition = text_of(*select.getCondition());
    if (select.getType()->isPointerTy()) {
        const std::string a = assigned_text(yes, select), b = assigned_text(no, select);
        const Space space = spaces_.of(&select);
        const bool is_pair = space != Space::shared && space != Space::private_ && !profile_.wide_integers;
        return "mix(" + b + ", " + a + ", " + (is_pair ? "bvec2(" + condition + ")" : condition) + ")";
    }
    return chosen(condition, text_of(yes), text_of(no), select.getType());
}

std::string GlslEmitter::build_extract(const ExtractValueInst& extract) {
    if (const auto* from = dyn_cast<IntrinsicInst>(extract.getAggregateOperand()))
        return build_overflow(*from, extract.getIndices()[0]);
    if (const auto* exchange = dyn_cast<AtomicCmpXchgInst>(extract.getAggregateOperand())) {
        if (extract.getIndices()[0] == 0) return variable(exchange);
        return "(" + variable(exchange) + " == " + text_of(*exchange->getCompareOperand()) + ")";
    }
    refuse(extract, "a structure as a value is not supported here");
}

// Member `index` of what an operation with overflow gives: the result, or whether it has wrapped.
std::string GlslEmitter::build_overflow(const CallInst& call, unsigned index) {
    const auto& intrinsic = cast<IntrinsicInst>(call);
    const Value &left = *call.getArgOperand(0), &right = *call.getArgOperand(1);
    const unsigned bits = left.getType()->getIntegerBitWidth();
    if (bits != 32 && (bits != 64 || !profile_.wide_integers))
        refuse(call, "an operation with overflow of this width is not supported");
    const std::string a = text_of(left), b = text_of(right), zero = integer_text(bits, 0);
    const std::string signed_type = bits == 64 ? "int64_t" : "int";
    const std::string sum = "(" + a + " + " + b + ")", difference = "(" + a + " - " + b + ")",
                      product = "(" + a + " * " + b + ")";
    const auto negative = [&](const std::string& bit_pattern) {
        return "(" + signed_type + "(" + bit_pattern + ") < " + signed_type + "(0))";
    };
    const std::string high = bits == 64 ? "mul_high" : "mul_high32",
                      high_signed = bits == 64 ? "mul_high_signed" : "mul_high_signed32";
    switch (intrinsic.getIntrinsicID()) {
        case Intrinsic::uadd_with_overflow:
            return index == 0 ? sum : "(" + sum + " < " + a + ")";
        case Intrinsic::usub_with_overflow:
            return index == 0 ? difference : "(" + a + " < " + b + ")";
        case Intrinsic::umul_with_overflow:
            return index == 0 ? product : "(" + this->call(use(high), {a, b}) + " != " + zero + ")";
        case Intrinsic::sadd_with_overflow:
            return index == 0 ? sum : negative("((" + sum + " ^ " + a + ") & (" + sum + " ^ " + b + "))");
        case Intrinsic::ssub_with_overflow:
            return index == 0 ? difference
                              : negative("((" + a + " ^ " + b + ") & (" + difference + " ^ " + a + "))");
        case Intrinsic::smul_with_overflow:
            return index == 0 ? product
                              : "(" + this->call(use(high_signed), {a, b}) +
                                    " != " + (bits == 64 ? "uint64_t(" : "uint(") + signed_type + "(" +
                                    product + ") >> " + std::to_string(bits - 1) + "))";
        default:
            refuse(call, "a structure as a value is not supported here");
    }
}

std::string GlslEmitter::build(const Instruction& instruction) {
    if (const auto* binary = dyn_cast<BinaryOperator>(&instruction)) return build_binary(*binary);
    if (const auto* comparison = dyn_cast<ICmpInst>(&instruction)) return build_comparison(*comparison);
    if (const auto* comparison = dyn_cast<FCmpInst>(&instruction)) return build_float_comparison(*comparison);
    if (const auto* select = dyn_cast<SelectInst>(&instruction)) return build_select(*select);
    if (const auto* made = dyn_cast<CallInst>(&instruction)) return build_call(*made);
    if (const auto* found = dyn_cast<LoadInst>(&instruction)) return load(*found);
    if (instruction.getType()->isPointerTy()) return pointer_text(instruction);
    if (const auto* cast = dyn_cast<CastInst>(&instruction)) return build_cast(*cast);
    if (const auto* extract = dyn_cast<ExtractValueInst>(&instruction)) return build_extract(*extract);
    if (const auto* frozen = dyn_cast<FreezeInst>(&instruction)) return text_of(*frozen->getOperand(0));
    if (const auto* element = dyn_cast<ExtractElementInst>(&instruction); element && moves_elements(*element))
        return element_text(
            *element->getVectorOperand(),
            static_cast<unsigned>(cast<ConstantInt>(element->getIndexOperand())->getZExtValue()));
    if (instruction.getType()->isVectorTy() && moves_elements(instruction)) return vector_text(instruction);
    if (instruction.getOpcode() == Instruction::FNeg) return "(-" + text_of(*instruction.getOperand(0)) + ")";
    refuse(instruction, std::string("'") + instruction.getOpcodeName() + "' has no form here");
}

}  // namespace heddle::compiler
