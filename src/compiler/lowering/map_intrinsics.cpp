// In: code with Clang's and LLVM's intrinsics and with NVPTX builtins of the user. Out: Kernel IR's functions
// instead; what has no counterpart is reported.
#include <llvm/ADT/StringMap.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/IntrinsicsNVPTX.h>
#include <llvm/IR/Module.h>

#include <string>

#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

enum class Effect { pure, memory, convergent };

llvm::FunctionCallee declare(llvm::Module& module, llvm::StringRef name, llvm::Type* result,
                             llvm::ArrayRef<llvm::Type*> arguments, Effect effect) {
    auto callee = module.getOrInsertFunction(name, llvm::FunctionType::get(result, arguments, false));
    auto* function = llvm::cast<llvm::Function>(callee.getCallee());
    function->setDoesNotThrow();
    if (effect == Effect::pure) {
        function->setDoesNotAccessMemory();
        function->setWillReturn();
    }
    if (effect == Effect::convergent) function->setConvergent();
    return callee;
}

/// Maths that LLVM names but targets do not all have: to heddle.F.T.
llvm::StringRef maths_name(llvm::Intrinsic::ID id) {
    switch (id) {
        case llvm::Intrinsic::sin:
            return "sin";
        case llvm::Intrinsic::cos:
            return "cos";
        case llvm::Intrinsic::tan:
            return "tan";
        case llvm::Intrinsic::asin:
            return "asin";
        case llvm::Intrinsic::acos:
            return "acos";
        case llvm::Intrinsic::atan:
            return "atan";
        case llvm::Intrinsic::sinh:
            return "sinh";
        case llvm::Intrinsic::cosh:
            return "cosh";
        case llvm::Intrinsic::tanh:
            return "tanh";
        case llvm::Intrinsic::exp:
            return "exp";
        case llvm::Intrinsic::exp2:
            return "exp2";
        case llvm::Intrinsic::exp10:
            return "exp10";
        case llvm::Intrinsic::log:
            return "log";
        case llvm::Intrinsic::log2:
            return "log2";
        case llvm::Intrinsic::log10:
            return "log10";
        case llvm::Intrinsic::pow:
            return "pow";
        default:
            return {};
    }
}

struct Register {
    llvm::Intrinsic::ID id;
    const char* name;
};
constexpr Register registers[] = {
    {llvm::Intrinsic::nvvm_read_ptx_sreg_tid_x, "heddle.tid.x"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_tid_y, "heddle.tid.y"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_tid_z, "heddle.tid.z"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_ntid_x, "heddle.ntid.x"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_ntid_y, "heddle.ntid.y"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_ntid_z, "heddle.ntid.z"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_ctaid_x, "heddle.ctaid.x"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_ctaid_y, "heddle.ctaid.y"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_ctaid_z, "heddle.ctaid.z"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_nctaid_x, "heddle.nctaid.x"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_nctaid_y, "heddle.nctaid.y"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_nctaid_z, "heddle.nctaid.z"},
    {llvm::Intrinsic::nvvm_read_ptx_sreg_laneid, "heddle.lane"},
};

class Mapper {
  public:
    Mapper(llvm::Module& module, Reporter& reporter) : module_(module), reporter_(reporter) {}

    void map(llvm::Instruction& instruction) {
        if (instruction.getOpcode() == llvm::Instruction::FRem) return map_remainder(instruction);
        if (auto* fence = llvm::dyn_cast<llvm::FenceInst>(&instruction)) return map_fence(*fence);
        auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
        if (!call) return;
        if (call->isInlineAsm()) {
            call->eraseFromParent();
            return;
        }
        const auto* callee = call->getCalledFunction();
        if (!callee) return;
        if (callee->getName() == "heddle.atomic.inc.i32")
            return map_wrapping(*call, llvm::AtomicRMWInst::UIncWrap);
        if (callee->getName() == "heddle.atomic.dec.i32")
            return map_wrapping(*call, llvm::AtomicRMWInst::UDecWrap);
        if (callee->isIntrinsic()) map_intrinsic(*call, callee->getIntrinsicID());
    }

  private:
    void replace(llvm::CallInst& call, llvm::StringRef name, llvm::ArrayRef<llvm::Value*> arguments,
                 Effect effect) {
        std::vector<llvm::Type*> types;
        for (const auto* argument : arguments) types.push_back(argument->getType());
        llvm::IRBuilder<> builder(&call);
        auto* mapped = builder.CreateCall(declare(module_, name, call.getType(), types, effect), arguments);
        if (llvm::isa<llvm::FPMathOperator>(mapped) && llvm::isa<llvm::FPMathOperator>(call))
            mapped->copyFastMathFlags(&call);
        mapped->takeName(&call);
        call.replaceAllUsesWith(mapped);
        call.eraseFromParent();
    }

    void map_wrapping(llvm::CallInst& call, llvm::AtomicRMWInst::BinOp operation) {
        llvm::IRBuilder<> builder(&call);
        auto* mapped = builder.CreateAtomicRMW(operation, call.getArgOperand(0), call.getArgOperand(1),
                                               llvm::MaybeAlign(4), llvm::AtomicOrdering::Monotonic);
        mapped->takeName(&call);
        call.replaceAllUsesWith(mapped);
        call.eraseFromParent();
    }

    void map_fence(llvm::FenceInst& fence) {
        if (fence.getSyncScopeID() != llvm::SyncScope::SingleThread) {
            llvm::IRBuilder<> builder(&fence);
            builder.CreateCall(
                declare(module_, "heddle.fence.device", builder.getVoidTy(), {}, Effect::memory));
        }
        fence.eraseFromParent();
    }

    void map_remainder(llvm::Instruction& remainder) {
        llvm::Type* type = remainder.getType();
        if (!type->isFloatTy() && !type->isDoubleTy()) {
            reporter_.error(remainder, "remainder of this floating-point type is not supported by Heddle");
            return;
        }
        llvm::IRBuilder<> builder(&remainder);
        auto* mapped =
            builder.CreateCall(declare(module_, type->isFloatTy() ? "heddle.fmod.f32" : "heddle.fmod.f64",
                                       type, {type, type}, Effect::pure),
                               {remainder.getOperand(0), remainder.getOperand(1)});
        mapped->takeName(&remainder);
        remainder.replaceAllUsesWith(mapped);
        remainder.eraseFromParent();
    }

    void map_maths(llvm::CallInst& call, llvm::StringRef name) {
        llvm::Type* type = call.getType();
        std::vector<llvm::Value*> arguments(call.args().begin(), call.args().end());
        if (type->isFloatTy() || type->isDoubleTy())
            return replace(call, ("heddle." + name + (type->isFloatTy() ? ".f32" : ".f64")).str(), arguments,
                           Effect::pure);
        if (!type->isHalfTy() && !type->isBFloatTy()) {
            reporter_.error(call, ("'" + name + "' of this type is not supported by Heddle").str());
            return;
        }
        llvm::IRBuilder<> builder(&call);
        llvm::Type* wide = builder.getFloatTy();
        for (auto*& argument : arguments) argument = builder.CreateFPExt(argument, wide);
        const std::vector<llvm::Type*> types(arguments.size(), wide);
        auto* mapped = builder.CreateCall(
            declare(module_, ("heddle." + name + ".f32").str(), wide, types, Effect::pure), arguments);
        call.replaceAllUsesWith(builder.CreateFPTrunc(mapped, type));
        call.eraseFromParent();
    }

    /// x^n for integer n, by pow: exact enough for either sign, and rare.
    void map_integer_power(llvm::CallInst& call) {
        llvm::IRBuilder<> builder(&call);
        llvm::Type* type = call.getType();
        auto* power =
            builder.CreateCall(declare(module_, type->isFloatTy() ? "heddle.pow.f32" : "heddle.pow.f64", type,
                                       {type, type}, Effect::pure),
                               {call.getArgOperand(0), builder.CreateSIToFP(call.getArgOperand(1), type)});
        power->takeName(&call);
        call.replaceAllUsesWith(power);
        call.eraseFromParent();
    }

    void map_shuffle(llvm::CallInst& call, llvm::StringRef operation) {
        // nvvm: mask, value, operand, clamp | segment mask << 8. Clang's builtins give the width as (32 -
        // width) << 8.
        llvm::IRBuilder<> builder(&call);
        auto* segments = builder.CreateAnd(builder.CreateLShr(call.getArgOperand(3), 8), 31);
        auto* width = builder.CreateSub(builder.getInt32(32), segments);
        llvm::Value* value = call.getArgOperand(1);
        llvm::Type* type = value->getType();
        if (type->isFloatTy()) value = builder.CreateBitCast(value, builder.getInt32Ty());
        auto* integer = builder.getInt32Ty();
        llvm::Value* mapped =
            builder.CreateCall(declare(module_, ("heddle.shfl." + operation + ".i32").str(), integer,
                                       {integer, integer, integer, integer}, Effect::convergent),
                               {call.getArgOperand(0), value, call.getArgOperand(2), width});
        if (type->isFloatTy()) mapped = builder.CreateBitCast(mapped, type);
        call.replaceAllUsesWith(mapped);
        call.eraseFromParent();
    }

    void map_vote(llvm::CallInst& call, bool any) {
        // any: ballot(p) != 0; all: ballot(!p) == 0
        llvm::IRBuilder<> builder(&call);
        auto* integer = builder.getInt32Ty();
        llvm::Value* predicate = call.getArgOperand(1);
        if (!any) predicate = builder.CreateNot(predicate);
        auto* ballot = builder.CreateCall(
            declare(module_, "heddle.ballot", integer, {integer, integer}, Effect::convergent),
            {call.getArgOperand(0), builder.CreateZExt(predicate, integer)});
        auto* zero = builder.getInt32(0);
        call.replaceAllUsesWith(any ? builder.CreateICmpNE(ballot, zero)
                                    : builder.CreateICmpEQ(ballot, zero));
        call.eraseFromParent();
    }

    void map_intrinsic(llvm::CallInst& call, llvm::Intrinsic::ID id) {
        if (const llvm::StringRef name = maths_name(id); !name.empty()) return map_maths(call, name);
        for (const auto& entry : registers)
            if (entry.id == id) return replace(call, entry.name, {}, Effect::pure);
        const std::vector<llvm::Value*> arguments(call.args().begin(), call.args().end());
        llvm::IRBuilder<> builder(&call);
        switch (id) {
            case llvm::Intrinsic::powi:
                return map_integer_power(call);
            case llvm::Intrinsic::trap:
            case llvm::Intrinsic::debugtrap:
                return replace(call, "heddle.trap", {}, Effect::memory);
            case llvm::Intrinsic::nvvm_read_ptx_sreg_warpsize:
                call.replaceAllUsesWith(builder.getInt32(32));
                call.eraseFromParent();
                return;
            case llvm::Intrinsic::nvvm_barrier0:
                return replace(call, "heddle.barrier", {}, Effect::convergent);
            case llvm::Intrinsic::nvvm_barrier0_popc:
                return replace(call, "heddle.barrier.count.i32", arguments, Effect::convergent);
            case llvm::Intrinsic::nvvm_barrier0_and:
                return replace(call, "heddle.barrier.and.i32", arguments, Effect::convergent);
            case llvm::Intrinsic::nvvm_barrier0_or:
                return replace(call, "heddle.barrier.or.i32", arguments, Effect::convergent);
            case llvm::Intrinsic::nvvm_bar_warp_sync:
                return replace(call, "heddle.warp.sync", arguments, Effect::convergent);
            case llvm::Intrinsic::nvvm_membar_cta:
                return replace(call, "heddle.fence.block", {}, Effect::memory);
            case llvm::Intrinsic::nvvm_membar_gl:
                return replace(call, "heddle.fence.device", {}, Effect::memory);
            case llvm::Intrinsic::nvvm_membar_sys:
                return replace(call, "heddle.fence.system", {}, Effect::memory);
            case llvm::Intrinsic::nvvm_read_ptx_sreg_clock64:
                return replace(call, "heddle.clock64", {}, Effect::memory);
            case llvm::Intrinsic::nvvm_read_ptx_sreg_globaltimer:
                return replace(call, "heddle.globaltimer", {}, Effect::memory);
            case llvm::Intrinsic::nvvm_nanosleep:
                return replace(call, "heddle.nanosleep", arguments, Effect::memory);
            case llvm::Intrinsic::nvvm_activemask:
                return replace(call, "heddle.activemask", {}, Effect::convergent);
            case llvm::Intrinsic::nvvm_vote_any_sync:
                return map_vote(call, true);
            case llvm::Intrinsic::nvvm_vote_all_sync:
                return map_vote(call, false);
            case llvm::Intrinsic::nvvm_vote_ballot_sync: {
                auto* predicate = builder.CreateZExt(arguments[1], builder.getInt32Ty());
                return replace(call, "heddle.ballot", {arguments[0], predicate}, Effect::convergent);
            }
            case llvm::Intrinsic::nvvm_shfl_sync_idx_i32:
            case llvm::Intrinsic::nvvm_shfl_sync_idx_f32:
                return map_shuffle(call, "idx");
            case llvm::Intrinsic::nvvm_shfl_sync_up_i32:
            case llvm::Intrinsic::nvvm_shfl_sync_up_f32:
                return map_shuffle(call, "up");
            case llvm::Intrinsic::nvvm_shfl_sync_down_i32:
            case llvm::Intrinsic::nvvm_shfl_sync_down_f32:
                return map_shuffle(call, "down");
            case llvm::Intrinsic::nvvm_shfl_sync_bfly_i32:
            case llvm::Intrinsic::nvvm_shfl_sync_bfly_f32:
                return map_shuffle(call, "xor");
            case llvm::Intrinsic::nvvm_atomic_load_inc_32:
                return map_wrapping(call, llvm::AtomicRMWInst::UIncWrap);
            case llvm::Intrinsic::nvvm_atomic_load_dec_32:
                return map_wrapping(call, llvm::AtomicRMWInst::UDecWrap);
            case llvm::Intrinsic::nvvm_ldg_global_f:
            case llvm::Intrinsic::nvvm_ldg_global_i:
            case llvm::Intrinsic::nvvm_ldg_global_p: {
                const auto* alignment = llvm::cast<llvm::ConstantInt>(arguments[1]);
                auto* load =
                    builder.CreateAlignedLoad(call.getType(), arguments[0], alignment->getMaybeAlignValue());
                load->takeName(&call);
                call.replaceAllUsesWith(load);
                call.eraseFromParent();
                return;
            }
            case llvm::Intrinsic::vastart:
            case llvm::Intrinsic::vaend:
                reporter_.error(call, "variable argument lists in device code are not supported by Heddle");
                return;
            default:
                break;
        }
        const llvm::StringRef name = call.getCalledFunction()->getName();
        if (name.starts_with("llvm.nvvm."))
            reporter_.error(
                call, ("the NVPTX builtin '" + name.drop_front(5) + "' is not supported by Heddle").str());
    }

    llvm::Module& module_;
    Reporter& reporter_;
};

}  // namespace

void map_intrinsics(llvm::Module& module, Reporter& reporter) {
    Mapper mapper(module, reporter);
    for (auto& function : module)
        for (auto& instruction : llvm::make_early_inc_range(llvm::instructions(function)))
            mapper.map(instruction);
}

}  // namespace heddle::compiler
