// Calls in OpenCL C: indices, maths, bits, fences, printing and failures.
#include <llvm/ADT/StringSwitch.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PatternMatch.h>

#include "../reciprocals.h"
#include "../unsupported.h"
#include "kernel_calls.h"
#include "opencl_emitter.h"
#include "precedence.h"

namespace heddle::compiler {

using namespace llvm;
using namespace llvm::PatternMatch;

namespace {

// Indices of threads and blocks: what OpenCL calls them.
StringRef index_function(StringRef name) {
    return StringSwitch<StringRef>(name.split('.').first)
        .Case("tid", "get_local_id")
        .Case("ntid", "get_local_size")
        .Case("ctaid", "get_group_id")
        .Case("nctaid", "get_num_groups")
        .Default("");
}

std::string dimension_of(StringRef name) {
    return name.ends_with(".x") ? "0" : name.ends_with(".y") ? "1" : "2";
}

// Functions of OpenCL whose bound in the full profile lies within CUDA's; `fast` ones have CUDA's looser
// bounds. All others are code of the device maths library by now.
StringRef builtin_maths(StringRef function) {
    return StringSwitch<StringRef>(function)
        .Case("fmod", "fmod")
        .Case("remainder", "remainder")
        .Case("nextafter", "nextafter")
        .Case("fdim", "fdim")
        .Case("logb", "logb")
        .Case("ldexp", "ldexp")
        .Case("ilogb", "ilogb")
        .Case("fast.sin", "sin")
        .Case("fast.cos", "cos")
        .Case("fast.log", "log")
        .Case("fast.rsqrt", "rsqrt")
        .Case("fast.div", "/")
        .Default("");
}

// NVIDIA's own instructions for CUDA's looser bounds: functions with inline PTX.
StringRef ptx_maths(StringRef function) {
    return StringSwitch<StringRef>(function)
        .Case("fast.sin", "fast_sin")
        .Case("fast.cos", "fast_cos")
        .Case("fast.tan", "fast_tan")
        .Case("fast.exp", "fast_exp")
        .Case("fast.exp10", "fast_exp10")
        .Case("fast.log", "fast_log")
        .Case("fast.log2", "fast_log2")
        .Case("fast.log10", "fast_log10")
        .Case("fast.pow", "fast_pow")
        .Case("fast.div", "fast_divide")
        .Default("");
}

// In front of the name of a function that OpenCL has, so that the device maths library leaves it alone:
// heddle.own.f32.fmod.
constexpr StringRef own_prefix = "own.";

}  // namespace

void keep_own_maths(Module& ir, bool has_ptx) {
    use_reciprocal_roots(ir);
    for (Function& function : ir) {
        StringRef name = function.getName();
        if (!function.isDeclaration() || !name.consume_front("heddle.")) continue;
        const StringRef type = name.take_back(4);
        if (type != ".f32" && type != ".f64") continue;
        const bool is_instruction = has_ptx && type == ".f32" && !ptx_maths(name.drop_back(4)).empty();
        if (!is_instruction && builtin_maths(name.drop_back(4)).empty()) continue;
        function.setName("heddle." + own_prefix.str() + type.drop_front(1).str() + "." +
                         name.drop_back(4).str());
    }
}

bool OpenClEmitter::is_free(const Instruction& instruction) const {
    if (isa<AddrSpaceCastInst>(instruction) || isa<FreezeInst>(instruction)) return true;
    if (isa<GetElementPtrInst>(instruction)) return true;
    if (isa<BitCastInst>(instruction) && instruction.getType()->isPointerTy()) return true;
    if (instruction.getType()->isIntegerTy() && instruction.getType()->getIntegerBitWidth() > 64) return true;
    if (isa<ExtractValueInst>(instruction)) return isa<AtomicCmpXchgInst>(instruction.getOperand(0));
    if (const auto* intrinsic = dyn_cast<IntrinsicInst>(&instruction))
        return intrinsic->getType()->isStructTy();
    if (const auto* call = dyn_cast<CallInst>(&instruction)) return intrinsic_name(*call) == "globals";
    if (isa<SExtInst>(instruction) || isa<ZExtInst>(instruction))
        return instruction.getType()->isIntegerTy(64) &&
               !instruction.getOperand(0)->getType()->isIntegerTy(1);
    return false;
}

bool OpenClEmitter::is_dropped(const Instruction& instruction) const {
    return isa<AllocaInst>(instruction);
}

void OpenClEmitter::emit(const Instruction& instruction) {
    if (const auto* stored = dyn_cast<StoreInst>(&instruction)) return store(*stored);
    if (const auto* atomic = dyn_cast<AtomicRMWInst>(&instruction)) return emit_atomic(*atomic);
    if (const auto* exchanged = dyn_cast<AtomicCmpXchgInst>(&instruction))
        return emit_compare_exchange(*exchanged);
    if (isa<AllocaInst>(instruction)) return;
    if (isa<FenceInst>(instruction))
        return line(helpers_.has_ptx() ? helpers_.use("fence_device") + "();"
                                       : "mem_fence(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);");
    if (const auto* call = dyn_cast<CallInst>(&instruction)) {
        const StringRef name = intrinsic_name(*call);
        if (is_warp_operation(name) || name.starts_with("barrier")) return emit_together(*call, name);
        if (call->mayHaveSideEffects() || call->getType()->isVoidTy()) return emit_call(*call);
    }
    defined_ = &instruction;
    std::string text;
    if (instruction.getType()->isPointerTy() && !isa<SelectInst>(instruction)) {
        if (spaces_.of(&instruction) == Space::generic) {
            text = isa<GetElementPtrInst>(instruction) ? generic_text(instruction) : build(instruction).text;
        } else {
            const Element element = element_of(instruction);
            text = isa<LoadInst>(instruction)
                       ? build(instruction).text
                       : pointer_to(instruction, element.type, element.is_signed, instruction);
        }
    } else {
        const Expression value = build(instruction);
        text = value.bare.empty() || instruction.getType()->isHalfTy() ? value.text : value.bare;
    }
    defined_ = nullptr;
    assign(instruction, text);
}

void OpenClEmitter::emit_call(const CallInst& call) {
    const Function* callee = call.getCalledFunction();
    if (!callee) throw Unsupported(call, "a call through a pointer is not supported here");
    if (callee->getName() == "vprintf") {
        hidden_.messages = true;
        line(print_call(call) + ";");
        if (!call.use_empty()) {
            const auto* arguments = dyn_cast<AllocaInst>(&without_casts(*call.getArgOperand(1)));
            const auto* type = arguments ? dyn_cast<StructType>(arguments->getAllocatedType()) : nullptr;
            assign(call, std::to_string(type ? type->getNumElements() : arguments ? 1 : 0));
        }
        return;
    }
    const StringRef name = intrinsic_name(call);
    const auto address = [&](unsigned index) {
        const Expression place = pointer(*call.getArgOperand(index));
        return place.text == "0" ? std::string("0") : "(ulong)" + at_least(place, unary);
    };
    if (name == "assert.fail") {
        hidden_.messages = true;
        return line(helpers_.use("fail") + "(messages, 2, " + integer(*call.getArgOperand(2), false).text +
                    ", " + address(0) + ", " + address(1) + ", " + address(3) + ");");
    }
    if (name == "trap") {
        hidden_.messages = true;
        return line(helpers_.use("fail") + "(messages, 1, 0, 0, 0, 0);");
    }
    if (helpers_.has_ptx() && name.starts_with("fence."))
        return line(helpers_.use("fence_" + name.drop_front(6).str()) + "();");
    if (helpers_.has_ptx() && name == "nanosleep")
        return line(helpers_.use("pause_thread") + "(" + converted_text(*call.getArgOperand(0)) + ");");
    if (name == "fence.block") return line("mem_fence(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);");
    if (name == "fence.device" || name == "fence.system") return line("mem_fence(CLK_GLOBAL_MEM_FENCE);");
    if (name == "nanosleep") return;
    if (name == "clock64" || name == "globaltimer") return assign(call, helpers_.use(name.str()) + "()");
    if (name == "malloc" || name == "free")
        throw Unsupported(call, "OpenCL has no memory that kernels allocate");
    throw Unsupported(call, "a call of '" + callee->getName().str() + "' has no form in OpenCL C");
}

std::string OpenClEmitter::print_call(const CallInst& call) {
    const Expression format = pointer(*call.getArgOperand(0));
    const Value& arguments = without_casts(*call.getArgOperand(1));
    std::string place = "0";
    std::uint64_t bytes = 0;
    if (const auto* array = dyn_cast<AllocaInst>(&arguments)) {
        place = pointer_to(*array, llvm::Type::getInt8Ty(call.getContext()), false, call);
        bytes = layout_.getTypeAllocSize(array->getAllocatedType()).getFixedValue();
    } else if (!isa<ConstantPointerNull>(arguments) && !isa<UndefValue>(arguments)) {
        throw Unsupported(call, "the arguments of this printf are not known");
    }
    return helpers_.use("print") + "(messages, (ulong)" + at_least(format, unary) + ", " + place + ", " +
           std::to_string(bytes) + ")";
}

OpenClEmitter::Expression OpenClEmitter::build_call(const CallInst& call) {
    const StringRef name = intrinsic_name(call);
    if (name.empty()) {
        if (isa<IntrinsicInst>(call)) return build_intrinsic(call);
        throw Unsupported(
            call, "a call of '" + call.getCalledFunction()->getName().str() + "' has no form in OpenCL C");
    }
    const Type word{Type::Kind::integer, 32, false};
    if (const StringRef function = index_function(name); !function.empty()) {
        const std::string text = function.str() + "(" + dimension_of(name) + ")";
        return {"(uint)" + text, unary, word, text};
    }
    if (name == "lane") return this->call(helpers_.use("lane_of_warp"), {}, word);
    if (name == "dynamic.shared.bytes") {
        hidden_.shared_bytes = true;
        return {"dynamic_shared_bytes", primary, word};
    }
    if (name == "globals") {
        hidden_.globals = true;
        return {"globals", primary, {Type::Kind::pointer, 64, false}};
    }
    if (name.starts_with("is.")) {
        const Space asked = name == "is.shared"  ? Space::shared
                            : name == "is.local" ? Space::private_
                                                 : Space::none;
        const Value& place = *call.getArgOperand(0);
        const Type result{Type::Kind::integer, 32, true};
        if (spaces_.of(&place) == Space::generic) {
            if (asked == Space::none) return {"0", primary, result};
            return {"(" + generic_text(place) + ") >> 62 == " + (asked == Space::shared ? "1" : "2"), 9,
                    result};
        }
        return {spaces_.of(&place) == asked && asked != Space::none ? "1" : "0", primary, result};
    }
    return build_maths(call, name);
}

OpenClEmitter::Expression OpenClEmitter::build_maths(const CallInst& call, StringRef name) {
    const bool is_own = name.consume_front(own_prefix);
    const bool is_double = is_own ? name.consume_front("f64.") : name.ends_with(".f64");
    if (!is_own || (!is_double && !name.consume_front("f32.")))
        throw Unsupported(call, "the function '" + name.str() + "' has no form in OpenCL C");
    if (is_double) helpers_.uses_double = true;
    const Type result{Type::Kind::floating, is_double ? 64u : 32u, true};
    if (helpers_.has_ptx() && !is_double && !ptx_maths(name).empty()) {
        std::vector<std::string> arguments;
        for (const Value* argument : call.args()) arguments.push_back(expression(*argument).text);
        return this->call(helpers_.use(ptx_maths(name).str()), arguments, result);
    }
    if (name == "fast.div") {
        const Expression a = expression(*call.getArgOperand(0)), b = expression(*call.getArgOperand(1));
        return binary(a, "/", b, multiplicative, result);
    }
    if (name == "ldexp")
        return this->call(
            "ldexp", {expression(*call.getArgOperand(0)).text, integer(*call.getArgOperand(1), true).text},
            result);
    if (name == "ilogb") {
        // Zero and NaN give INT_MIN, infinity INT_MAX, as in CUDA; OpenCL leaves the first two open.
        const Expression x = expression(*call.getArgOperand(0));
        return {at_least(x, equality) + " == 0 || isnan(" + x.text + ") ? INT_MIN : ilogb(" + x.text + ")",
                conditional,
                {Type::Kind::integer, 32, true}};
    }
    std::vector<std::string> arguments;
    for (const Value* argument : call.args()) arguments.push_back(expression(*argument).text);
    return this->call(builtin_maths(name).str(), arguments, result);
}

OpenClEmitter::Expression OpenClEmitter::build_intrinsic(const CallInst& call) {
    const auto& intrinsic = cast<IntrinsicInst>(call);
    llvm::Type* type = call.getType();
    if (type->isVectorTy()) throw Unsupported(call, "an operation on vectors is not supported");
    const bool with_sign = is_signed(call);
    const Type own = type_of(type, with_sign);
    const bool is_half = type->isHalfTy();
    if (type->isDoubleTy()) helpers_.uses_double = true;
    const auto floating = [&](const std::string& function, bool rounds) {
        std::vector<std::string> arguments;
        for (const Value* argument : call.args()) arguments.push_back(expression(*argument).text);
        const Expression made = this->call(function, arguments, own);
        return is_half && rounds ? rounded_half(made) : made;
    };
    const unsigned bits = type->isIntegerTy() ? type->getIntegerBitWidth() : 0;
    const unsigned width = container_bits(bits);
    const auto exact_width = [&] {
        if (bits != width) throw Unsupported(call, "an operation on integers of this width is not supported");
    };
    const auto integers = [&](const std::string& function, bool as_signed, bool result_signed) {
        exact_width();
        std::vector<std::string> arguments;
        for (const Value* argument : call.args())
            if (argument->getType() == type) arguments.push_back(integer(*argument, as_signed, true).text);
        return this->call(function, arguments, {Type::Kind::integer, width, result_signed});
    };
    const Type word{Type::Kind::integer, 32, false};
    switch (intrinsic.getIntrinsicID()) {
        case Intrinsic::fma:
        case Intrinsic::fmuladd:
            if (is_half) {
                helpers_.uses_double = true;
                return this->call(helpers_.use("round_double_to_half"),
                                  {"fma((double)" + at_least(expression(*call.getArgOperand(0)), unary) +
                                   ", (double)" + at_least(expression(*call.getArgOperand(1)), unary) +
                                   ", (double)" + at_least(expression(*call.getArgOperand(2)), unary) + ")"},
                                  own);
            }
            return floating("fma", false);
        case Intrinsic::sqrt:
            return floating("sqrt", true);
        case Intrinsic::fabs:
            return floating("fabs", false);
        case Intrinsic::floor:
            return floating("floor", false);
        case Intrinsic::ceil:
            return floating("ceil", false);
        case Intrinsic::trunc:
            return floating("trunc", false);
        case Intrinsic::rint:
        case Intrinsic::nearbyint:
        case Intrinsic::roundeven:
            return floating("rint", false);
        case Intrinsic::round:
            return floating("round", false);
        case Intrinsic::copysign:
            return floating("copysign", false);
        case Intrinsic::minnum:
            return floating("fmin", false);
        case Intrinsic::maxnum:
            return floating("fmax", false);
        case Intrinsic::minimum:
            return floating(helpers_.use(type->isDoubleTy() ? "minimum_double" : "minimum_float"), false);
        case Intrinsic::maximum:
            return floating(helpers_.use(type->isDoubleTy() ? "maximum_double" : "maximum_float"), false);
        case Intrinsic::canonicalize:
            return expression(*call.getArgOperand(0));
        case Intrinsic::fptosi_sat:
        case Intrinsic::fptoui_sat: {
            exact_width();
            const bool s = intrinsic.getIntrinsicID() == Intrinsic::fptosi_sat;
            const Type to{Type::Kind::integer, width, s};
            const Expression x = expression(*call.getArgOperand(0));
            // OpenCL only recommends what a NaN gives.
            if (isa<ConstantFP>(call.getArgOperand(0)))
                return this->call("convert_" + type_name(to) + "_sat", {x.text}, to);
            return this->call(helpers_.use("to_{T}_{S}", "", type_name(to), type_name(x.type)), {x.text}, to);
        }
        case Intrinsic::ctpop:
            if (width < 32)
                return narrowed(
                    {"popcount((uint)" + at_least(integer(*call.getArgOperand(0), false), unary) + ")",
                     primary, word},
                    {Type::Kind::integer, width, false});
            return integers("popcount", false, false);
        case Intrinsic::ctlz:
            exact_width();
            if (width < 32)
                return {"clz((uint)" + at_least(integer(*call.getArgOperand(0), false), unary) + ") - " +
                            std::to_string(32 - width),
                        12,
                        {Type::Kind::integer, width, false}};
            return integers("clz", false, false);
        case Intrinsic::cttz: {
            exact_width();
            const std::string x = integer(*call.getArgOperand(0), false, true).text;
            if (width < 32)
                return narrowed({"popcount(~(uint)" + parenthesized(x) + " & (uint)" + parenthesized(x) +
                                     " - 1 & " + (width == 8 ? "0xffu" : "0xffffu") + ")",
                                 primary, word},
                                {Type::Kind::integer, width, false});
            const std::string p = parenthesized(x);
            return {"popcount(~" + p + " & (" + p + " - 1))", primary, {Type::Kind::integer, width, false}};
        }
        case Intrinsic::bitreverse: {
            const std::string x = integer(*call.getArgOperand(0), false).text;
            if (width == 64)
                return this->call(helpers_.use("reverse_bits_ulong"), {x}, {Type::Kind::integer, 64, false});
            const Expression whole =
                this->call(helpers_.use("reverse_bits_uint"), {x}, {Type::Kind::integer, 32, false});
            if (bits == 32) return whole;
            return {whole.text + " >> " + std::to_string(32 - bits), 11, {Type::Kind::integer, width, false}};
        }
        case Intrinsic::bswap: {
            exact_width();
            const std::string x = integer(*call.getArgOperand(0), false, true).text;
            const std::string lanes = width == 16 ? "yx" : width == 32 ? "wzyx" : "s76543210";
            const std::string count = std::to_string(width / 8);
            const Type to{Type::Kind::integer, width, false};
            return {"as_" + type_name(to) + "(as_uchar" + count + "(" + x + ")." + lanes + ")", primary, to};
        }
        case Intrinsic::fshl:
        case Intrinsic::fshr: {
            exact_width();
            const bool left = intrinsic.getIntrinsicID() == Intrinsic::fshl;
            const Type to{Type::Kind::integer, width, false};
            const std::string a = integer(*call.getArgOperand(0), false, true).text,
                              b = integer(*call.getArgOperand(1), false, true).text,
                              count = integer(*call.getArgOperand(2), false, true).text;
            if (call.getArgOperand(0) == call.getArgOperand(1)) {
                if (left) return this->call("rotate", {a, count}, to);
                if (const auto* number = dyn_cast<ConstantInt>(call.getArgOperand(2)))
                    return this->call(
                        "rotate",
                        {a, constant(*ConstantInt::get(number->getType(),
                                                       (width - number->getZExtValue() % width) % width),
                                     false, true)
                                .text},
                        to);
                return this->call("rotate", {a, "(" + type_name(to) + ")-" + parenthesized(count)}, to);
            }
            return this->call(
                helpers_.use(left ? "funnel_left_{T}" : "funnel_right_{T}", "", type_name(to), ""),
                {a, b, count}, to);
        }
        case Intrinsic::abs:
            exact_width();
            return this->call("abs", {integer(*call.getArgOperand(0), true, true).text},
                              {Type::Kind::integer, width, false});
        case Intrinsic::smin:
            return integers("min", true, true);
        case Intrinsic::smax:
            return integers("max", true, true);
        case Intrinsic::umin:
            return integers("min", false, false);
        case Intrinsic::umax:
            return integers("max", false, false);
        case Intrinsic::uadd_sat:
            return integers("add_sat", false, false);
        case Intrinsic::usub_sat:
            return integers("sub_sat", false, false);
        case Intrinsic::sadd_sat:
            return integers("add_sat", true, true);
        case Intrinsic::ssub_sat:
            return integers("sub_sat", true, true);
        case Intrinsic::ucmp:
        case Intrinsic::scmp: {
            const bool s = intrinsic.getIntrinsicID() == Intrinsic::scmp;
            const Expression a = integer(*call.getArgOperand(0), s), b = integer(*call.getArgOperand(1), s);
            return {"(" + at_least(a, 11) + " > " + at_least(b, 11) + ") - (" + at_least(a, 11) + " < " +
                        at_least(b, 11) + ")",
                    12,
                    {Type::Kind::integer, width, true}};
        }
        case Intrinsic::is_fpclass:
            return build_class_test(call);
        default:
            throw Unsupported(call, "the intrinsic '" + call.getCalledFunction()->getName().str() +
                                        "' has no form in OpenCL C");
    }
}

// Member `index` of what an operation with overflow gives: the result, or whether it has wrapped.
OpenClEmitter::Expression OpenClEmitter::build_overflow(const CallInst& call, unsigned index) {
    const auto& intrinsic = cast<IntrinsicInst>(call);
    const Value &left = *call.getArgOperand(0), &right = *call.getArgOperand(1);
    const unsigned bits = left.getType()->getIntegerBitWidth();
    if (bits != 32 && bits != 64)
        throw Unsupported(call, "an operation with overflow of this width is not supported");
    const Type wide{Type::Kind::integer, bits, false}, boolean{Type::Kind::boolean, 1, false};
    const std::string a = parenthesized(integer(left, false, true).text),
                      b = parenthesized(integer(right, false, true).text);
    const std::string sa = integer(left, true, true).text, sb = integer(right, true, true).text;
    const std::string name = type_name(wide);
    const auto choose = [&](const std::string& operation, const std::string& overflow) -> Expression {
        if (index == 0) return {a + " " + operation + " " + b, operation == "*" ? 13 : 12, wide};
        return {overflow, 9, boolean};
    };
    switch (intrinsic.getIntrinsicID()) {
        case Intrinsic::uadd_with_overflow:
            return choose("+", a + " + " + b + " < " + a);
        case Intrinsic::usub_with_overflow:
            return choose("-", a + " < " + b);
        case Intrinsic::umul_with_overflow:
            return choose("*", "mul_hi(" + a + ", " + b + ") != 0");
        case Intrinsic::sadd_with_overflow:
            return choose(
                "+", "add_sat(" + sa + ", " + sb + ") != (" + name.substr(1) + ")(" + a + " + " + b + ")");
        case Intrinsic::ssub_with_overflow:
            return choose(
                "-", "sub_sat(" + sa + ", " + sb + ") != (" + name.substr(1) + ")(" + a + " - " + b + ")");
        case Intrinsic::smul_with_overflow:
            return choose("*", "mul_hi(" + sa + ", " + sb + ") != (" + name.substr(1) + ")(" + a + " * " + b +
                                   ") >> " + std::to_string(bits - 1));
        default:
            throw Unsupported(call, "a structure as a value is not supported here");
    }
}

OpenClEmitter::Expression OpenClEmitter::build_class_test(const CallInst& call) {
    const auto classes = static_cast<unsigned>(cast<ConstantInt>(call.getArgOperand(1))->getZExtValue());
    const Expression x = expression(*call.getArgOperand(0));
    const std::string name = x.text;
    std::vector<std::string> tests;
    unsigned rest = classes;
    const auto take = [&](unsigned mask, const std::string& test) {
        if ((rest & mask) != mask) return;
        tests.push_back(test);
        rest &= ~mask;
    };
    const std::string p = parenthesized(name);
    take(0x003, "isnan(" + name + ")");
    take(0x1f8, "isfinite(" + name + ")");
    take(0x204, "isinf(" + name + ")");
    take(0x108, "isnormal(" + name + ")");
    take(0x060, p + " == 0");
    const bool is_double = x.type.bits == 64;
    const std::string least = is_double ? "0x1p-1022" : "0x1p-126f";
    take(0x090, "(" + p + " != 0 && fabs(" + name + ") < " + least + ")");
    take(0x200, p + " == INFINITY");
    take(0x004, p + " == -INFINITY");
    take(0x100, "(isnormal(" + name + ") && " + p + " > 0)");
    take(0x008, "(isnormal(" + name + ") && " + p + " < 0)");
    take(0x040, "(" + p + " == 0 && !signbit(" + name + "))");
    take(0x020, "(" + p + " == 0 && signbit(" + name + "))");
    take(0x080, "(" + p + " > 0 && " + p + " < " + least + ")");
    take(0x010, "(" + p + " < 0 && " + p + " > -" + least + ")");
    if (rest != 0) throw Unsupported(call, "a test of this class of numbers is not supported");
    std::string text;
    for (const std::string& test : tests) text += (text.empty() ? "" : " || ") + test;
    if (tests.empty()) text = "false";
    return {text, tests.size() > 1 ? 4 : 9, {Type::Kind::boolean, 1, false}};
}

}  // namespace heddle::compiler
