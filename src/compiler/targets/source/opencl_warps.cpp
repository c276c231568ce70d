// What threads do together, in OpenCL C. With inline PTX a warp is what CUDA calls one: its operations are
// instructions, and control flow stays as it is. Elsewhere every warp operation is a function of the whole
// block through local memory, and all its threads come to it (docs/design/opencl-target.md tells how code is
// masked for that).
#include <llvm/IR/Instructions.h>
#include <llvm/IR/PatternMatch.h>

#include "../unsupported.h"
#include "kernel_calls.h"
#include "opencl_emitter.h"

namespace heddle::compiler {

using namespace llvm;
using namespace llvm::PatternMatch;

namespace {

constexpr const char* block_barrier = "barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);";

}  // namespace

bool OpenClEmitter::waits(const Instruction& instruction) const {
    if (helpers_.has_ptx()) return false;
    if (const auto* call = dyn_cast<CallBase>(&instruction)) {
        const StringRef name = intrinsic_name(*call);
        return name.starts_with("barrier") || is_warp_operation(name);
    }
    // Code that counts on lockstep: the other lanes come first to each access.
    const bool is_volatile = (isa<LoadInst>(instruction) && cast<LoadInst>(instruction).isVolatile()) ||
                             (isa<StoreInst>(instruction) && cast<StoreInst>(instruction).isVolatile());
    return is_volatile && spaces_.of(getLoadStorePointerOperand(&instruction)) == Space::shared;
}

std::string OpenClEmitter::exchange() {
    uses_exchange_ = true;
    return exchanges_longs_ ? "(local uint*)exchange" : "exchange";
}

std::string OpenClEmitter::any_active(const std::string& active) {
    return helpers_.use("any_of_block") + "(" + exchange() + ", " + active + ")";
}

OpenClEmitter::Condition OpenClEmitter::holds(const Value& value) {
    if (const auto* literal = dyn_cast<ConstantInt>(&value))
        return literal->isZero() ? Condition{"false", "true"} : Condition{"true", "false"};
    if (const auto* wide = dyn_cast<ZExtInst>(&value); wide && wide->getOperand(0)->getType()->isIntegerTy(1))
        return condition(*wide->getOperand(0));
    const Expression text = expression(value);
    return {at_least(text, 10) + " != 0", at_least(text, 10) + " == 0"};
}

void OpenClEmitter::emit_waiting(const Instruction& instruction, const std::string& active) {
    const bool is_masked = active != "true";
    if (!isa<CallBase>(instruction)) {
        // A volatile access to shared memory: all lanes have done it before any goes on.
        const auto access = [&] {
            if (const auto* loaded = dyn_cast<LoadInst>(&instruction))
                assign(*loaded, load(*loaded).text);
            else
                store(cast<StoreInst>(instruction));
        };
        if (is_masked)
            append_guarded(active, access);
        else
            access();
        return line("barrier(CLK_LOCAL_MEM_FENCE);");
    }
    const auto& call = cast<CallInst>(instruction);
    const StringRef name = intrinsic_name(call);
    const auto argument = [&](unsigned index) { return integer(*call.getArgOperand(index), false).text; };
    const auto with = [&](const std::string& condition) {
        return is_masked ? active + " && " + parenthesized(condition) : condition;
    };
    if (name == "barrier" || name == "warp.sync") return line(block_barrier);
    if (name == "barrier.count.i32")
        return assign(call, helpers_.use("count_of_block") + "(" + exchange() + ", " +
                                with(holds(*call.getArgOperand(0)).text) + ")");
    if (name == "barrier.or.i32")
        return assign(call, helpers_.use("any_of_block") + "(" + exchange() + ", " +
                                with(holds(*call.getArgOperand(0)).text) + ")");
    if (name == "barrier.and.i32")
        return assign(call, "!" + helpers_.use("any_of_block") + "(" + exchange() + ", " +
                                with(holds(*call.getArgOperand(0)).opposite) + ")");
    if (name == "activemask")
        return assign(call, helpers_.use("ballot") + "(" + exchange() + ", " + active + ")");
    const auto masked = [&](const std::string& bits, const Value& mask) {
        return match(&mask, m_AllOnes()) ? bits : bits + " & " + parenthesized(integer(mask, false).text);
    };
    if (name == "ballot")
        return assign(call, masked(helpers_.use("ballot") + "(" + exchange() + ", " +
                                       with(holds(*call.getArgOperand(1)).text) + ")",
                                   *call.getArgOperand(0)));
    if (name.starts_with("shfl.")) {
        const bool is_long = name.ends_with(".i64");
        const StringRef kind = name.split('.').second.split('.').first;
        const std::string lane = helpers_.use(kind == "idx"    ? "lane_at"
                                              : kind == "up"   ? "lane_below"
                                              : kind == "down" ? "lane_above"
                                                               : "lane_across");
        if (is_long) exchanges_longs_ = true;
        return assign(call, helpers_.use(is_long ? "shuffle_ulong" : "shuffle_uint") + "(" +
                                (is_long ? (exchange(), std::string("exchange")) : exchange()) + ", " +
                                converted_text(*call.getArgOperand(1)) + ", " + lane + "(" +
                                converted_text(*call.getArgOperand(2)) + ", " +
                                converted_text(*call.getArgOperand(3)) + "))");
    }
    if (name.starts_with("match.")) {
        const bool is_long = name.ends_with(".i64");
        if (is_long) exchanges_longs_ = true;
        const std::string mask = argument(0);
        const std::string found = helpers_.use(is_long ? "match_ulong" : "match_uint") + "(" +
                                  (is_long ? (exchange(), std::string("exchange")) : exchange()) + ", " +
                                  active + ", " + mask + ", " + converted_text(*call.getArgOperand(1)) + ")";
        if (name.starts_with("match.any")) return assign(call, found);
        // All lanes of the mask, or none.
        assign(call, found);
        if (!call.use_empty())
            line("if (" + variable(&call) + " != " + parenthesized(mask) + ") " + variable(&call) + " = 0;");
        return;
    }
    if (name.starts_with("reduce.")) {
        const StringRef kind = name.split('.').second.split('.').first;
        const bool with_sign = kind == "min" || kind == "max";
        return assign(call, helpers_.use("reduce_{K}", kind.str(), with_sign ? "int" : "uint", "local") +
                                "(" + exchange() + ", " + active + ", " + argument(0) + ", " +
                                converted_text(*call.getArgOperand(1)) + ")");
    }
    throw Unsupported(instruction, "this operation of a warp is not supported");
}

// By NVIDIA's instructions. The threads that a warp operation's mask names wait for each other at it,
// wherever they are; a barrier counts threads as they come.
void OpenClEmitter::emit_together(const CallInst& call, StringRef name) {
    const auto argument = [&](unsigned index) { return converted_text(*call.getArgOperand(index)); };
    const auto made = [&](const std::string& function, const std::vector<std::string>& arguments) {
        std::string text = helpers_.use(function) + "(";
        for (const std::string& each : arguments) text += (text.back() == '(' ? "" : ", ") + each;
        return text + ")";
    };
    if (name == "barrier") {
        // OpenCL's own asks that all threads come to it together.
        if (threads_come_together(*call.getParent())) return line(block_barrier);
        return line(made("block_barrier", {}) + ";");
    }
    if (name.starts_with("barrier.")) {
        const std::string vote = holds(*call.getArgOperand(0)).text;
        return assign(call, made(name == "barrier.count.i32" ? "count_of_block"
                                 : name == "barrier.or.i32"  ? "any_of_block"
                                                             : "all_of_block",
                                 {vote}));
    }
    if (name == "activemask") return assign(call, made("active_lanes", {}));
    const std::string mask = integer(*call.getArgOperand(0), false, true).text;
    if (name == "warp.sync") return line(made("warp_barrier", {mask}) + ";");
    if (name == "ballot") return assign(call, made("ballot", {mask, holds(*call.getArgOperand(1)).text}));
    const StringRef kind = name.split('.').second.split('.').first;
    const bool is_long = name.ends_with(".i64");
    if (name.starts_with("shfl.")) {
        const std::string way = kind == "idx" ? "from" : kind == "xor" ? "across" : kind.str();
        const std::string function =
            is_long ? helpers_.use("shuffle_{K}_ulong", way, "ulong", "") : helpers_.use("shuffle_" + way);
        return assign(
            call, function + "(" + mask + ", " + argument(1) + ", " + argument(2) + ", " + argument(3) + ")");
    }
    if (name.starts_with("match."))
        return assign(call,
                      made("match_" + kind.str() + (is_long ? "_ulong" : "_uint"), {mask, argument(1)}));
    if (name.starts_with("reduce.")) {
        const bool with_sign = kind == "min" || kind == "max";
        return assign(call, helpers_.use("reduce_{K}", kind.str(), with_sign ? "int" : "uint", "") + "(" +
                                mask + ", " + argument(1) + ")");
    }
    throw Unsupported(call, "this operation of a warp is not supported");
}

}  // namespace heddle::compiler
