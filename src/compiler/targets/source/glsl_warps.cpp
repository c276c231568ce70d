// What threads do together, in GLSL. Where subgroups are CUDA's warps, warp operations are subgroup
// operations and only barriers of the block wait; elsewhere every warp operation is a function of the whole
// block through shared memory, and all its threads come to it (docs/design/opencl-target.md tells how code is
// masked for that).
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/PatternMatch.h>

#include "../unsupported.h"
#include "glsl_emitter.h"
#include "kernel_calls.h"

namespace heddle::compiler {

using namespace llvm;
using namespace llvm::PatternMatch;

namespace {

bool is_volatile(const Instruction& instruction) {
    return (isa<LoadInst>(instruction) && cast<LoadInst>(instruction).isVolatile()) ||
           (isa<StoreInst>(instruction) && cast<StoreInst>(instruction).isVolatile());
}

constexpr const char* block_barrier = "BLOCK_BARRIER;";

}  // namespace

bool GlslEmitter::waits(const Instruction& instruction) const {
    if (const auto* call = dyn_cast<CallBase>(&instruction)) {
        const StringRef name = intrinsic_name(*call);
        return name.starts_with("barrier") || (is_warp_operation(name) && !profile_.warps);
    }
    // Code that counts on lockstep: the other lanes come first to each access.
    return !profile_.warps && is_volatile(instruction) &&
           spaces_.of(getLoadStorePointerOperand(&instruction)) == Space::shared;
}

std::string GlslEmitter::any_active(const std::string& active) {
    return call(use("any_of_block"), {active});
}

std::string GlslEmitter::holds(const Value& value) {
    if (const auto* literal = dyn_cast<ConstantInt>(&value)) return literal->isZero() ? "false" : "true";
    if (const auto* wide = dyn_cast<ZExtInst>(&value);
        wide && wide->getOperand(0)->getType()->isIntegerTy(1) && is_folded(wide))
        return text_of(*wide->getOperand(0));
    return "(" + text_of(value) + " != 0u)";
}

void GlslEmitter::emit_waiting(const Instruction& instruction, const std::string& active) {
    const bool is_masked = active != "true";
    if (!isa<CallBase>(instruction)) {
        // A volatile access to shared memory: all lanes have done it before any goes on.
        const auto access = [&] {
            if (const auto* loaded = dyn_cast<LoadInst>(&instruction))
                assign(*loaded, load(*loaded));
            else
                store(cast<StoreInst>(instruction));
        };
        if (is_masked)
            append_guarded(active, access);
        else
            access();
        return line(block_barrier);
    }
    const auto& call = cast<CallInst>(instruction);
    const StringRef name = intrinsic_name(call);
    const auto with = [&](const std::string& condition) {
        return is_masked ? "mix(false, " + condition + ", " + active + ")" : condition;
    };
    if (name == "barrier") return line(block_barrier);
    if (name == "barrier.count.i32")
        return assign(call, this->call(use("count_of_block"), {with(holds(*call.getArgOperand(0)))}));
    if (name == "barrier.or.i32")
        return assign(call,
                      "uint(" + this->call(use("any_of_block"), {with(holds(*call.getArgOperand(0)))}) + ")");
    if (name == "barrier.and.i32")
        return assign(
            call, "uint(!" +
                      this->call(use("any_of_block"), {with("(!" + holds(*call.getArgOperand(0)) + ")")}) +
                      ")");
    emit_warp(call, name, active);
}

void GlslEmitter::emit_warp(const CallInst& call, StringRef name, const std::string& active) {
    const bool is_masked = active != "true";
    const std::string prefix = warp_prefix();
    const auto argument = [&](unsigned index) { return text_of(*call.getArgOperand(index)); };
    if (name == "warp.sync") {
        if (profile_.warps) return line(use("warp_sync") + "();");
        return line(block_barrier);
    }
    if (name == "activemask") return assign(call, this->call(use(prefix + "ballot"), {active}));
    if (name == "ballot") {
        const std::string vote = holds(*call.getArgOperand(1));
        const std::string bits = this->call(use(prefix + "ballot"),
                                            {is_masked ? "mix(false, " + vote + ", " + active + ")" : vote});
        const Value& mask = *call.getArgOperand(0);
        return assign(call, match(&mask, m_AllOnes()) ? bits : "(" + bits + " & " + text_of(mask) + ")");
    }
    if (name.starts_with("shfl.")) {
        const bool is_wide = name.ends_with(".i64");
        const StringRef kind = name.split('.').second.split('.').first;
        const std::string value = argument(1), operand = argument(2), width = argument(3);
        const auto* whole = dyn_cast<ConstantInt>(call.getArgOperand(3));
        std::string lane;
        const bool is_whole = whole && whole->getZExtValue() == 32;
        if (kind == "xor" && is_whole && profile_.warps && !is_wide) {
            const auto* distance = dyn_cast<ConstantInt>(call.getArgOperand(2));
            return assign(call, this->call("subgroupShuffleXor",
                                           {value, distance ? integer_text(32, distance->getZExtValue() & 31U)
                                                            : "(" + operand + " & 31u)"}));
        }
        if (kind == "xor" && is_whole)
            lane = "(LANE ^ (" + operand + " & 31u))";
        else
            lane = this->call(use(kind == "idx"    ? "lane_at"
                                  : kind == "up"   ? "lane_below"
                                  : kind == "down" ? "lane_above"
                                                   : "lane_across"),
                              {operand, width});
        const std::string function = use(prefix + (!is_wide                 ? "shuffle"
                                                   : profile_.wide_integers ? "shuffle_wide"
                                                                            : "shuffle_pair"));
        if (is_wide && profile_.wide_integers) need(vulkan::ModuleFeature::int64);
        return assign(call, this->call(function, {value, lane}));
    }
    if (name.starts_with("match.")) {
        const bool is_wide = name.ends_with(".i64");
        const std::string mask = argument(0), value = argument(1);
        const std::string found = this->call(use(prefix + (!is_wide                 ? "match"
                                                           : profile_.wide_integers ? "match_wide"
                                                                                    : "match_pair")),
                                             {active, mask, value});
        if (is_wide && profile_.wide_integers) need(vulkan::ModuleFeature::int64);
        if (name.starts_with("match.any")) return assign(call, found);
        // All lanes of the mask, or none.
        return assign(call, this->call(use("all_or_none"), {found, mask}));
    }
    if (name.starts_with("reduce.")) {
        const StringRef kind = name.split('.').second.split('.').first;
        return assign(call,
                      this->call(use(prefix + "reduce_" + kind.str()), {active, argument(0), argument(1)}));
    }
    refuse(call, "this operation of a warp is not supported");
}

bool GlslEmitter::is_dropped(const Instruction& instruction) const {
    return isa<AllocaInst>(instruction);
}

bool GlslEmitter::is_free(const Instruction& instruction) const {
    if (isa<AddrSpaceCastInst>(instruction) || isa<FreezeInst>(instruction)) return true;
    if (const auto* element = dyn_cast<GetElementPtrInst>(&instruction))
        return element->hasAllConstantIndices() ||
               isa<GlobalVariable>(without_casts(*element->getPointerOperand())) ||
               isa<AllocaInst>(without_casts(*element->getPointerOperand()));
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

void GlslEmitter::emit(const Instruction& instruction) {
    if (const auto* stored = dyn_cast<StoreInst>(&instruction)) {
        store(*stored);
        if (is_volatile(instruction) && spaces_.of(stored->getPointerOperand()) == Space::shared)
            line(use("warp_sync") + "();");
        return;
    }
    if (const auto* atomic = dyn_cast<AtomicRMWInst>(&instruction)) return emit_atomic(*atomic);
    if (const auto* exchanged = dyn_cast<AtomicCmpXchgInst>(&instruction))
        return emit_compare_exchange(*exchanged);
    if (isa<AllocaInst>(instruction)) return;
    if (isa<FenceInst>(instruction)) return line("DEVICE_FENCE;");
    if (const auto* call = dyn_cast<CallInst>(&instruction)) {
        const StringRef name = intrinsic_name(*call);
        if (is_warp_operation(name)) return emit_warp(*call, name, "true");
        if (call->mayHaveSideEffects() || call->getType()->isVoidTy()) return emit_call(*call);
    }
    defined_ = &instruction;
    const std::string text = build(instruction);
    defined_ = nullptr;
    assign(instruction, text);
    if (is_volatile(instruction) && spaces_.of(getLoadStorePointerOperand(&instruction)) == Space::shared)
        line(use("warp_sync") + "();");
}

}  // namespace heddle::compiler
