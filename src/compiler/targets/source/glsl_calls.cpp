// Calls in GLSL: indices, maths, bits, fences, printing and failures.
#include <llvm/ADT/StringSwitch.h>
#include <llvm/IR/PatternMatch.h>

#include "../unsupported.h"
#include "glsl_emitter.h"

namespace heddle::compiler {

using namespace llvm;
using namespace llvm::PatternMatch;

void GlslEmitter::emit_call(const CallInst& call) {
    const Function* callee = call.getCalledFunction();
    if (!callee) refuse(call, "a call through a pointer is not supported here");
    StringRef name = callee->getName();
    if (name == "vprintf") return emit_print(call);
    const auto address = [&](unsigned index) { return generic_text(*call.getArgOperand(index)); };
    if (name.consume_front("heddle.")) {
        if (name == "assert.fail" || name == "trap") {
            description_.hidden.messages = true;
            const std::string zero = integer_text(64, 0);
            return line(
                this->call(use("fail"), name == "trap"
                                            ? std::vector<std::string>{"1u", "0u", zero, zero, zero}
                                            : std::vector<std::string>{"2u", text_of(*call.getArgOperand(2)),
                                                                       address(0), address(1), address(3)}) +
                ";");
        }
        if (name == "fence.block") return line("BLOCK_FENCE;");
        if (name == "fence.device" || name == "fence.system") return line("DEVICE_FENCE;");
        if (name == "nanosleep") return;
        if (name == "clock64" || name == "globaltimer") {
            if (!profile_.wide_integers) refuse(call, "a clock, which this device does not have");
            need(vulkan::ModuleFeature::int64);
            need(vulkan::ModuleFeature::shader_clock);
            return assign(call, name == "clock64" ? "clockARB()" : "clockRealtimeEXT()");
        }
        if (name == "malloc" || name == "free") refuse(call, "Vulkan has no memory that kernels allocate");
    }
    refuse(call, "a call of '" + callee->getName().str() + "' has no form here");
}

void GlslEmitter::emit_print(const CallInst& call) {
    description_.hidden.messages = true;
    const Value& arguments = without_casts(*call.getArgOperand(1));
    const auto* array = dyn_cast<AllocaInst>(&arguments);
    if (!array && !isa<ConstantPointerNull>(arguments) && !isa<UndefValue>(arguments))
        refuse(call, "the arguments of this printf are not known");
    std::uint64_t bytes = 0;
    std::string body;
    const std::string record = names().fresh("record");
    if (array) {
        const Storage& storage = storage_of(*array, call);
        bytes = layout_.getTypeAllocSize(array->getAllocatedType()).getFixedValue();
        const std::uint64_t start = storage.start / 4;
        for (std::uint64_t k = 0; k < (bytes + 3) / 4; ++k)
            body += " " + reference(4, false, Access::plain) + "(AT(" + record + ", " +
                    std::to_string(16 + 4 * k) + "u)).v = " + storage.name + "[" + std::to_string(start + k) +
                    "];";
    }
    line("{ ADDRESS " + record + " = " +
         this->call(use("print_begin"), {generic_text(*call.getArgOperand(0)), std::to_string(bytes) + "u"}) +
         "; if (" + record + " != " + integer_text(64, 0) + ") {" + body + " } }");
    if (call.use_empty()) return;
    const auto* type = array ? dyn_cast<StructType>(array->getAllocatedType()) : nullptr;
    assign(call, std::to_string(type ? type->getNumElements() : array ? 1 : 0) + "u");
}

std::string GlslEmitter::build_index(const CallInst& call, StringRef name) {
    const std::string axis = name.take_back(1).str(), upper = StringRef(axis).upper();
    const StringRef kind = name.split('.').first;
    if (kind == "tid") return "THREAD_" + upper;
    if (kind == "ntid") return "block_" + axis;
    if (kind == "ctaid") return "BLOCK_" + upper;
    if (kind == "nctaid") {
        uses_grid_ = true;
        return "GRID_" + upper;
    }
    refuse(call, "a call of '" + call.getCalledFunction()->getName().str() + "' has no form here");
}

std::string GlslEmitter::build_call(const CallInst& call) {
    if (const auto* intrinsic = dyn_cast<IntrinsicInst>(&call)) return build_intrinsic(*intrinsic);
    const Function* callee = call.getCalledFunction();
    if (!callee) refuse(call, "a call through a pointer is not supported here");
    StringRef name = callee->getName();
    if (!name.consume_front("heddle."))
        refuse(call, "a call of '" + callee->getName().str() + "' has no form here");
    if (name == "lane") return "LANE";
    if (name == "dynamic.shared.bytes") {
        description_.hidden.shared_bytes = true;
        return "SHARED_BYTES";
    }
    if (name == "globals") {
        description_.hidden.globals = true;
        return "GLOBALS";
    }
    if (name.starts_with("is.")) {
        const Value& pointer = *call.getArgOperand(0);
        const Space asked = name == "is.shared"  ? Space::shared
                            : name == "is.local" ? Space::private_
                                                 : Space::none;
        if (asked == Space::none) return "0u";
        if (spaces_.of(&pointer) != Space::generic) return spaces_.of(&pointer) == asked ? "1u" : "0u";
        return "uint((HIGH(" + generic_text(pointer) +
               ") >> 30) == " + (asked == Space::shared ? "1u" : "2u") + ")";
    }
    const bool is_double = name.ends_with(".f64");
    if (is_double) needs_double(call);
    const StringRef function = name.drop_back(std::min<std::size_t>(4, name.size()));
    std::vector<std::string> arguments;
    for (const Value* argument : call.args()) arguments.push_back(text_of(*argument));
    if (function == "exact.fma") {
        need(vulkan::ModuleFeature::int64);
        return this->call(use("fused_double"), arguments);
    }
    if (function == "native.div") return "(" + arguments[0] + " / " + arguments[1] + ")";
    const StringRef own = StringSwitch<StringRef>(function)
                              .Case("native.rsqrt", "inversesqrt")
                              .Case("native.sin", "sin")
                              .Case("native.cos", "cos")
                              .Case("native.log2", "log2")
                              .Default("");
    if (!own.empty()) return this->call(own.str(), arguments);
    if (function == "native.exp") return "exp2(" + arguments[0] + " * 1.44269502)";
    if (function == "native.exp10") return "exp2(" + arguments[0] + " * 3.32192802)";
    if (function == "native.log") return "(log2(" + arguments[0] + ") * 0.693147182)";
    if (function == "native.log10") return "(log2(" + arguments[0] + ") * 0.301029987)";
    if (function == "native.pow") return "exp2(" + arguments[1] + " * log2(" + arguments[0] + "))";
    if (function == "native.tan") return "(sin(" + arguments[0] + ") / cos(" + arguments[0] + "))";
    if (name.contains('.') && (is_double || name.ends_with(".f32")))
        refuse(call, "the function '" + function.str() + "' is not there");
    return build_index(call, name);
}

std::string GlslEmitter::build_fma(const CallInst& call) {
    Type* type = call.getType();
    const std::string a = text_of(*call.getArgOperand(0)), b = text_of(*call.getArgOperand(1)),
                      c = text_of(*call.getArgOperand(2));
    if (type->isHalfTy()) {
        // A product of halves is exact in single precision; the sum is rounded once, to an odd last bit.
        return this->call(use("half_multiply_add"), {a, b, c});
    }
    if (profile_.fused_fma || !profile_.doubles) return this->call("fma", {a, b, c});
    need(vulkan::ModuleFeature::float64);
    need(vulkan::ModuleFeature::int64);
    return this->call(use(type->isDoubleTy() ? "fused_double_near" : "fused"), {a, b, c});
}

std::string GlslEmitter::build_intrinsic(const IntrinsicInst& call) {
    Type* type = call.getType();
    if (type->isVectorTy() || (call.arg_size() > 0 && call.getArgOperand(0)->getType()->isVectorTy()))
        refuse(call, "an operation on vectors is not supported");
    const bool is_double = type->isDoubleTy();
    if (is_double) needs_double(call);
    const unsigned bits = type->isIntegerTy() ? type->getIntegerBitWidth() : 0;
    const bool is_pair = bits > 32 && !profile_.wide_integers;
    if (bits > 32 && !is_pair) need(vulkan::ModuleFeature::int64);
    const auto argument = [&](unsigned index) { return text_of(*call.getArgOperand(index)); };
    const auto floating = [&](const std::string& function) {
        std::vector<std::string> arguments;
        for (const Value* value : call.args()) arguments.push_back(text_of(*value));
        return this->call(function, arguments);
    };
    const auto rounded = [&](const std::string& text) {
        return type->isHalfTy() ? this->call(use("round_to_half"), {text}) : text;
    };
    const auto exact_width = [&] {
        if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
            refuse(call, "an operation on integers of this width is not supported");
    };
    const auto extreme = [&](const char* name, bool by_sign) {
        exact_width();
        const std::string a = argument(0), b = argument(1);
        if (is_pair) {
            const std::string less = this->call(use(by_sign ? "less_signed64" : "less64"), {a, b});
            return name[1] == 'i' ? chosen(less, a, b, type) : chosen(less, b, a, type);
        }
        if (!by_sign) return this->call(name, {a, b});
        const std::string made =
            this->call(name, {signed_text(*call.getArgOperand(0)), signed_text(*call.getArgOperand(1))});
        return masked((bits == 64 ? "uint64_t(" : "uint(") + made + ")", bits);
    };
    switch (call.getIntrinsicID()) {
        case Intrinsic::fma:
        case Intrinsic::fmuladd:
            return build_fma(call);
        case Intrinsic::sqrt:
            if (type->isFloatTy() && profile_.fused_fma && !call.hasApproxFunc())
                return floating(use("square_root"));
            return rounded(floating("sqrt"));
        case Intrinsic::fabs:
            return floating("abs");
        case Intrinsic::floor:
            return floating("floor");
        case Intrinsic::ceil:
            return floating("ceil");
        case Intrinsic::trunc:
            return floating("trunc");
        case Intrinsic::rint:
        case Intrinsic::nearbyint:
        case Intrinsic::roundeven:
            return floating("roundEven");
        case Intrinsic::round:
            return floating(use(is_double ? "round_away_double" : "round_away"));
        case Intrinsic::copysign:
            return floating(use(is_double ? "with_sign_double" : "with_sign"));
        case Intrinsic::minnum:
            return floating(use(is_double ? "lesser_double" : "lesser"));
        case Intrinsic::maxnum:
            return floating(use(is_double ? "greater_double" : "greater"));
        case Intrinsic::minimum:
            return floating(use(is_double ? "minimum_double" : "minimum"));
        case Intrinsic::maximum:
            return floating(use(is_double ? "maximum_double" : "maximum"));
        case Intrinsic::canonicalize:
            return argument(0);
        case Intrinsic::ldexp:
            return this->call("ldexp", {argument(0), signed_text(*call.getArgOperand(1))});
        case Intrinsic::fptosi_sat:
        case Intrinsic::fptoui_sat: {
            const bool by_sign = call.getIntrinsicID() == Intrinsic::fptosi_sat;
            const bool from_double = call.getArgOperand(0)->getType()->isDoubleTy();
            if (from_double) needs_double(call);
            const std::string suffix = from_double ? "_of_double" : "";
            if (is_pair) return floating(use(by_sign ? "signed64_of_float" : "unsigned64_of_float"));
            if (bits == 64) return floating(use((by_sign ? "to_int64" : "to_uint64") + suffix));
            const std::string whole = floating(use((by_sign ? "to_int32" : "to_uint32") + suffix));
            if (bits == 32) return whole;
            if (!by_sign)
                return "min(" + whole + ", " + integer_text(32, maskTrailingOnes<std::uint64_t>(bits)) + ")";
            const std::string most = std::to_string((1 << (bits - 1)) - 1),
                              least = std::to_string(1 << (bits - 1));
            return masked("uint(clamp(int(" + whole + "), -" + least + ", " + most + "))", bits);
        }
        case Intrinsic::ctpop:
            if (is_pair)
                return widened("uint(bitCount(" + argument(0) + ".x) + bitCount(" + argument(0) + ".y))");
            if (bits == 64) return "uint64_t(" + this->call(use("count_bits_wide"), {argument(0)}) + ")";
            return "uint(bitCount(" + argument(0) + "))";
        case Intrinsic::ctlz:
            exact_width();
            if (is_pair) return widened(this->call(use("leading_zeros_pair"), {argument(0)}));
            if (bits == 64) return "uint64_t(" + this->call(use("leading_zeros_wide"), {argument(0)}) + ")";
            return "uint(" + std::to_string(static_cast<int>(bits) - 1) + " - findMSB(" + argument(0) + "))";
        case Intrinsic::cttz:
            exact_width();
            if (is_pair) return widened(this->call(use("trailing_zeros_pair"), {argument(0)}));
            if (bits == 64) return "uint64_t(" + this->call(use("trailing_zeros_wide"), {argument(0)}) + ")";
            return "min(uint(findLSB(" + argument(0) + ")), " + std::to_string(bits) + "u)";
        case Intrinsic::bitreverse:
            exact_width();
            if (is_pair) return "bitfieldReverse(" + argument(0) + ").yx";
            if (bits == 64) return "packUint2x32(bitfieldReverse(unpackUint2x32(" + argument(0) + ")).yx)";
            return "(bitfieldReverse(" + argument(0) + ") >> " + std::to_string(32 - bits) + ")";
        case Intrinsic::bswap:
            exact_width();
            if (is_pair)
                return "uvec2(" + this->call(use("swap_bytes"), {argument(0) + ".y"}) + ", " +
                       this->call(use("swap_bytes"), {argument(0) + ".x"}) + ")";
            if (bits == 64) return this->call(use("swap_bytes_wide"), {argument(0)});
            return "(" + this->call(use("swap_bytes"), {argument(0)}) + " >> " + std::to_string(32 - bits) +
                   ")";
        case Intrinsic::fshl:
        case Intrinsic::fshr: {
            exact_width();
            const bool left = call.getIntrinsicID() == Intrinsic::fshl;
            const std::string a = argument(0), b = argument(1), width = std::to_string(bits) + "u";
            const std::string count =
                "(" + word_of(*call.getArgOperand(2)) + " & " + std::to_string(bits - 1) + "u)";
            // Shifts by the whole width must not be computed: by one and the rest instead.
            const std::string rest = "(" + std::to_string(bits - 1) + "u - " + count + ")";
            const std::string one = bits == 64 ? "1" : "1u";
            if (is_pair && left)
                return "(" + this->call(use("shl64"), {a, count}) + " | " +
                       this->call(use("shr64"), {this->call(use("shr64"), {b, "1u"}), rest}) + ")";
            if (is_pair)
                return "(" + this->call(use("shl64"), {this->call(use("shl64"), {a, "1u"}), rest}) + " | " +
                       this->call(use("shr64"), {b, count}) + ")";
            if (left)
                return masked("((" + a + " << " + count + ") | ((" + b + " >> " + one + ") >> " + rest + "))",
                              bits);
            return masked("((" + masked("(" + a + " << " + one + ")", bits) + " << " + rest + ") | (" + b +
                              " >> " + count + "))",
                          bits);
        }
        case Intrinsic::abs:
            exact_width();
            if (is_pair) return this->call(use("absolute64"), {argument(0)});
            return masked(
                (bits == 64 ? "uint64_t(abs(" : "uint(abs(") + signed_text(*call.getArgOperand(0)) + "))",
                bits);
        case Intrinsic::smin:
            return extreme("min", true);
        case Intrinsic::smax:
            return extreme("max", true);
        case Intrinsic::umin:
            return extreme("min", false);
        case Intrinsic::umax:
            return extreme("max", false);
        case Intrinsic::uadd_sat: {
            exact_width();
            if (is_pair) refuse(call, "a saturating sum of 64 bits on a device without them");
            const std::string a = argument(0), sum = masked("(" + a + " + " + argument(1) + ")", bits);
            return chosen("(" + sum + " < " + a + ")",
                          integer_text(bits, maskTrailingOnes<std::uint64_t>(bits)), sum, type);
        }
        case Intrinsic::usub_sat: {
            exact_width();
            if (is_pair)
                return chosen(this->call(use("less64"), {argument(0), argument(1)}), "uvec2(0u)",
                              this->call(use("sub64"), {argument(0), argument(1)}), type);
            const std::string a = argument(0), b = argument(1);
            return chosen("(" + a + " < " + b + ")", integer_text(bits, 0), "(" + a + " - " + b + ")", type);
        }
        case Intrinsic::sadd_sat:
        case Intrinsic::ssub_sat: {
            exact_width();
            const bool is_sum = call.getIntrinsicID() == Intrinsic::sadd_sat;
            if (bits < 32) {
                const std::string most = std::to_string((1 << (bits - 1)) - 1),
                                  least = std::to_string(1 << (bits - 1));
                return masked("uint(clamp(" + signed_text(*call.getArgOperand(0)) + (is_sum ? " + " : " - ") +
                                  signed_text(*call.getArgOperand(1)) + ", -" + least + ", " + most + "))",
                              bits);
            }
            if (bits == 64) refuse(call, "a saturating sum of 64 bits is not supported");
            return this->call(use(is_sum ? "add_saturated" : "subtract_saturated"),
                              {argument(0), argument(1)});
        }
        case Intrinsic::ucmp:
        case Intrinsic::scmp: {
            const bool by_sign = call.getIntrinsicID() == Intrinsic::scmp;
            const auto side = [&](unsigned index) {
                return by_sign ? signed_text(*call.getArgOperand(index)) : argument(index);
            };
            if (call.getArgOperand(0)->getType()->getIntegerBitWidth() > 32 && !profile_.wide_integers)
                refuse(call, "a comparison of 64 bits in three ways on a device without them");
            return masked(
                "uint(int(" + side(0) + " > " + side(1) + ") - int(" + side(0) + " < " + side(1) + "))",
                bits);
        }
        case Intrinsic::is_fpclass:
            return build_class_test(call);
        default:
            refuse(call,
                   "the intrinsic '" + call.getCalledFunction()->getName().str() + "' has no form here");
    }
}

// By the bits alone, so that nothing a compiler assumes of NaN or denormals matters.
std::string GlslEmitter::build_class_test(const CallInst& call) {
    const auto classes = static_cast<unsigned>(cast<ConstantInt>(call.getArgOperand(1))->getZExtValue());
    Type* type = call.getArgOperand(0)->getType();
    if (type->isDoubleTy()) needs_double(call);
    const std::string function = use(type->isDoubleTy() ? "class_of_double"
                                     : type->isHalfTy() ? "class_of_half"
                                                        : "class_of");
    return "((" + this->call(function, {text_of(*call.getArgOperand(0))}) + " & " + std::to_string(classes) +
           "u) != 0u)";
}

}  // namespace heddle::compiler
