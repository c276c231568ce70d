// The mapping of Kernel IR's calls to NVVM intrinsics, PTX's registers and the record of failures.
#include "ptx_kernel.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/IntrinsicsNVPTX.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/Local.h>

#include <algorithm>
#include <map>
#include <optional>

#include "device_maths/device_maths.h"
#include "ptx_failure.h"
#include "reciprocals.h"
#include "unsupported.h"
#include "wide_division.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

constexpr unsigned generic_space = 0, global_space = 1, constant_space = 4;

// The block of globals is ordinary global memory, so what the source calls constant is read from there,
// through the read-only path.
void leave_constant_space(Function& kernel) {
    PointerType* global = PointerType::get(kernel.getContext(), global_space);
    for (Instruction& instruction : instructions(kernel)) {
        if (instruction.getType()->isPointerTy() &&
            instruction.getType()->getPointerAddressSpace() == constant_space)
            instruction.mutateType(global);
        for (Use& operand : instruction.operands())
            if (auto* fixed = dyn_cast<Constant>(operand.get());
                fixed && fixed->getType()->isPointerTy() &&
                fixed->getType()->getPointerAddressSpace() == constant_space) {
                if (isa<PoisonValue>(fixed))
                    operand.set(PoisonValue::get(global));
                else if (isa<UndefValue>(fixed))
                    operand.set(UndefValue::get(global));
                else
                    operand.set(ConstantPointerNull::get(global));
            }
    }
    for (Instruction& instruction : make_early_inc_range(instructions(kernel))) {
        auto* cast = dyn_cast<AddrSpaceCastInst>(&instruction);
        if (!cast || cast->getSrcTy() != cast->getDestTy()) continue;
        cast->replaceAllUsesWith(cast->getPointerOperand());
        cast->eraseFromParent();
    }
}

// Loads that were from constant memory never change while a kernel runs.
void mark_constant_loads(Function& kernel) {
    MDNode* always = MDNode::get(kernel.getContext(), {});
    for (Instruction& instruction : instructions(kernel))
        if (auto* load = dyn_cast<LoadInst>(&instruction);
            load && load->isSimple() && load->getPointerAddressSpace() == constant_space)
            load->setMetadata(LLVMContext::MD_invariant_load, always);
}

class NvptxLowering {
  public:
    NvptxLowering(Module& module, unsigned sm) : module_(module), context_(module.getContext()), sm_(sm) {}

    /// Rewrites the calls in `kernel`, but for maths that needs code; gives the function that takes its
    /// place.
    Function* lower(Function& kernel) {
        mark_constant_loads(kernel);
        leave_constant_space(kernel);
        Function* result = &kernel;
        if (may_fail(kernel)) {
            result = take_failure_record(kernel);
            failure_.emplace(*result, globals_address(*result));
        } else {
            failure_.reset();
        }
        std::vector<CallInst*> calls;
        for (Instruction& instruction : instructions(*result))
            if (auto* call = dyn_cast<CallInst>(&instruction); call && call->getCalledFunction())
                calls.push_back(call);
        for (CallInst* call : calls) lower_call(*call);
        limit_launches(*result);
        return result;
    }

    /// After the device maths has been linked: refuses what is still called, and protects rounding.
    void finish(Function& kernel) {
        for (Instruction& instruction : instructions(kernel))
            if (auto* call = dyn_cast<CallInst>(&instruction);
                call && call->getCalledFunction() &&
                call->getCalledFunction()->getName().starts_with("heddle."))
                throw Unsupported(*call, "'" + call->getCalledFunction()->getName().drop_front(7).str() +
                                             "' is not available on NVIDIA GPUs");
        refuse_wide_conversions(kernel);
        keep_rounding(kernel);
        take_reciprocals(kernel);
    }

  private:
    Module& module_;
    LLVMContext& context_;
    const unsigned sm_;
    std::optional<FailureRecord> failure_;

    // The code generator fuses every product and sum it may; those that must round on their own become
    // intrinsics that it leaves alone.
    void keep_rounding(Function& kernel) {
        for (Instruction& instruction : make_early_inc_range(instructions(kernel))) {
            auto* operation = dyn_cast<BinaryOperator>(&instruction);
            if (!operation || operation->hasAllowContract()) continue;
            Type* type = operation->getType();
            const bool is_single = type->isFloatTy();
            if (!is_single && !type->isDoubleTy()) continue;
            IRBuilder<> b(operation);
            Value *left = operation->getOperand(0), *right = operation->getOperand(1);
            Intrinsic::ID id;
            if (operation->getOpcode() == Instruction::FMul) {
                id = is_single ? Intrinsic::nvvm_mul_rn_f : Intrinsic::nvvm_mul_rn_d;
            } else if (operation->getOpcode() == Instruction::FAdd ||
                       operation->getOpcode() == Instruction::FSub) {
                // A sum alone is fused only with a product that may be, and those are intrinsics unless they
                // allow it.
                const auto may_fuse = [](Value* value) {
                    auto* product = dyn_cast<BinaryOperator>(value);
                    return product && product->getOpcode() == Instruction::FMul;
                };
                if (!may_fuse(left) && !may_fuse(right)) continue;
                if (operation->getOpcode() == Instruction::FSub) right = b.CreateFNeg(right);
                id = is_single ? Intrinsic::nvvm_add_rn_f : Intrinsic::nvvm_add_rn_d;
            } else {
                continue;
            }
            Value* exact = b.CreateCall(intrinsic(id), {left, right}, operation->getName());
            operation->replaceAllUsesWith(exact);
            operation->eraseFromParent();
        }
    }

    // The form that keeps subnormals, for which LLVM has no intrinsic.
    static void take_reciprocals(Function& kernel) {
        for (Instruction& instruction : make_early_inc_range(instructions(kernel))) {
            if (!is_inexact_reciprocal(instruction)) continue;
            Type* type = instruction.getType();
            IRBuilder<> b(&instruction);
            auto* assembly = InlineAsm::get(FunctionType::get(type, {type}, false), "rcp.approx.f32 $0, $1;",
                                            "=f,f", /*hasSideEffects=*/false);
            instruction.replaceAllUsesWith(
                b.CreateCall(assembly, {instruction.getOperand(1)}, instruction.getName()));
            instruction.eraseFromParent();
        }
    }

    Function* intrinsic(Intrinsic::ID id, ArrayRef<Type*> types = {}) {
        return Intrinsic::getDeclaration(&module_, id, types);
    }

    static bool may_fail(const Function& kernel) {
        return any_of(instructions(kernel), [](const Instruction& instruction) {
            auto* call = dyn_cast<CallInst>(&instruction);
            return call && call->getCalledFunction() &&
                   (call->getCalledFunction()->getName() == "heddle.assert.fail" ||
                    call->getCalledFunction()->getName() == "heddle.trap");
        });
    }

    // One more parameter behind the kernel's own.
    Function* take_failure_record(Function& kernel) {
        std::vector<Type*> types(kernel.getFunctionType()->params());
        types.push_back(Type::getInt64Ty(context_));
        Function* wider = Function::Create(FunctionType::get(kernel.getReturnType(), types, false),
                                           kernel.getLinkage(), "", &module_);
        wider->copyAttributesFrom(&kernel);
        wider->splice(wider->begin(), &kernel);
        for (auto [before, now] : zip(kernel.args(), wider->args())) {
            before.replaceAllUsesWith(&now);
            now.takeName(&before);
        }
        wider->setSubprogram(kernel.getSubprogram());
        kernel.setSubprogram(nullptr);
        wider->takeName(&kernel);
        kernel.replaceAllUsesWith(wider);
        kernel.eraseFromParent();
        Type* byte = Type::getInt8Ty(context_);
        new GlobalVariable(module_, byte, true, GlobalValue::ExternalLinkage, ConstantInt::get(byte, 1),
                           ptx_failure_mark + wider->getName(), nullptr, GlobalValue::NotThreadLocal,
                           global_space);
        return wider;
    }

    // The launch bounds as NVPTX's annotations.
    void limit_launches(Function& kernel) {
        NamedMDNode* annotations = module_.getOrInsertNamedMetadata("nvvm.annotations");
        const auto annotate = [&](const char* name, StringRef attribute) {
            std::uint32_t value = 0;
            if (kernel.getFnAttribute(attribute).getValueAsString().getAsInteger(10, value)) return;
            annotations->addOperand(MDNode::get(
                context_, {ConstantAsMetadata::get(&kernel), MDString::get(context_, name),
                           ConstantAsMetadata::get(ConstantInt::get(Type::getInt32Ty(context_), value))}));
        };
        annotate("maxntidx", "heddle.max.threads");
        annotate("minctasm", "heddle.min.blocks");
    }

    Value* special_register(IRBuilder<>& b, const char* text, Type* type) {
        auto* assembly = InlineAsm::get(FunctionType::get(type, false), text,
                                        type->isIntegerTy(64) ? "=l" : "=r", /*hasSideEffects=*/true);
        return b.CreateCall(assembly);
    }

    // The block's address, which the run time has put into constant memory.
    Value* globals_address(Function& kernel) {
        GlobalVariable* slot = module_.getGlobalVariable(ptx_globals_slot);
        Type* word = Type::getInt64Ty(context_);
        if (!slot) {
            slot = new GlobalVariable(module_, word, false, GlobalValue::ExternalLinkage,
                                      ConstantInt::get(word, 0), ptx_globals_slot, nullptr,
                                      GlobalValue::NotThreadLocal, constant_space, true);
            slot->setAlignment(Align(8));
        }
        IRBuilder<> b(&kernel.getEntryBlock(), kernel.getEntryBlock().getFirstInsertionPt());
        LoadInst* address = b.CreateAlignedLoad(word, slot, Align(8), "globals");
        address->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(context_, {}));
        return address;
    }

    void lower_call(CallInst& call) {
        StringRef name = call.getCalledFunction()->getName();
        if (name.consume_front("heddle.")) {
            IRBuilder<> b(&call);
            Value* result = replacement(b, call, name);
            if (!result && !call.getType()->isVoidTy()) return;
            if (result) call.replaceAllUsesWith(result);
            call.eraseFromParent();
            return;
        }
        if (auto* intrinsic = dyn_cast<IntrinsicInst>(&call)) lower_intrinsic(*intrinsic);
    }

    // Conversions saturate by themselves, and NaN gives 0.
    void lower_intrinsic(IntrinsicInst& call) {
        const bool is_signed = call.getIntrinsicID() == Intrinsic::fptosi_sat;
        if (!is_signed && call.getIntrinsicID() != Intrinsic::fptoui_sat) return;
        Type *from = call.getArgOperand(0)->getType(), *to = call.getType();
        if (from->isFloatTy() ? !(to->isIntegerTy(8) || to->isIntegerTy(16) || to->isIntegerTy(32))
                              : !(from->isDoubleTy() && to->isIntegerTy(32)))
            return;
        // As text: LLVM takes its intrinsics for the instruction to be fptosi, which has no result out of
        // range.
        IRBuilder<> b(&call);
        const unsigned bits = to->getIntegerBitWidth();
        Type* word = bits == 32 ? b.getInt32Ty() : b.getInt16Ty();
        const std::string text = std::string("cvt.rzi.") + (is_signed ? "s" : "u") + std::to_string(bits) +
                                 (from->isFloatTy() ? ".f32 $0, $1;" : ".f64 $0, $1;");
        const std::string constraints =
            std::string(bits == 32 ? "=r," : "=h,") + (from->isFloatTy() ? "f" : "d");
        Value* value = call.getArgOperand(0);
        Value* converted = b.CreateCall(InlineAsm::get(FunctionType::get(word, {from}, false), text,
                                                       constraints, /*hasSideEffects=*/false),
                                        {value});
        if (bits < 32) converted = b.CreateTrunc(converted, to);
        if (from->isDoubleTy())
            converted = b.CreateSelect(b.CreateFCmpUNO(value, value), ConstantInt::get(to, 0), converted);
        call.replaceAllUsesWith(converted);
        call.eraseFromParent();
    }

    Value* replacement(IRBuilder<>& b, CallInst& call, StringRef name) {
        static const std::map<StringRef, Intrinsic::ID> registers = {
            {"tid.x", Intrinsic::nvvm_read_ptx_sreg_tid_x},
            {"tid.y", Intrinsic::nvvm_read_ptx_sreg_tid_y},
            {"tid.z", Intrinsic::nvvm_read_ptx_sreg_tid_z},
            {"ntid.x", Intrinsic::nvvm_read_ptx_sreg_ntid_x},
            {"ntid.y", Intrinsic::nvvm_read_ptx_sreg_ntid_y},
            {"ntid.z", Intrinsic::nvvm_read_ptx_sreg_ntid_z},
            {"ctaid.x", Intrinsic::nvvm_read_ptx_sreg_ctaid_x},
            {"ctaid.y", Intrinsic::nvvm_read_ptx_sreg_ctaid_y},
            {"ctaid.z", Intrinsic::nvvm_read_ptx_sreg_ctaid_z},
            {"nctaid.x", Intrinsic::nvvm_read_ptx_sreg_nctaid_x},
            {"nctaid.y", Intrinsic::nvvm_read_ptx_sreg_nctaid_y},
            {"nctaid.z", Intrinsic::nvvm_read_ptx_sreg_nctaid_z},
            {"lane", Intrinsic::nvvm_read_ptx_sreg_laneid},
            {"clock64", Intrinsic::nvvm_read_ptx_sreg_clock64},
            {"activemask", Intrinsic::nvvm_activemask},
            {"barrier", Intrinsic::nvvm_barrier0},
            {"barrier.count.i32", Intrinsic::nvvm_barrier0_popc},
            {"barrier.and.i32", Intrinsic::nvvm_barrier0_and},
            {"barrier.or.i32", Intrinsic::nvvm_barrier0_or},
            {"warp.sync", Intrinsic::nvvm_bar_warp_sync},
            {"fence.block", Intrinsic::nvvm_membar_cta},
            {"fence.device", Intrinsic::nvvm_membar_gl},
            {"fence.system", Intrinsic::nvvm_membar_sys},
            {"match.any.i32", Intrinsic::nvvm_match_any_sync_i32},
            {"match.any.i64", Intrinsic::nvvm_match_any_sync_i64},
            {"nanosleep", Intrinsic::nvvm_nanosleep},
            {"fast.rsqrt.f32", Intrinsic::nvvm_rsqrt_approx_f},
            {"fast.sin.f32", Intrinsic::nvvm_sin_approx_f},
            {"fast.cos.f32", Intrinsic::nvvm_cos_approx_f},
            {"fast.log2.f32", Intrinsic::nvvm_lg2_approx_f},
            {"fast.div.f32", Intrinsic::nvvm_div_approx_f}};
        SmallVector<Value*, 4> arguments(call.args());
        if (const auto found = registers.find(name); found != registers.end()) {
            CallInst* made = b.CreateCall(intrinsic(found->second), arguments, call.getName());
            if (MDNode* range = call.getMetadata(LLVMContext::MD_range))
                made->setMetadata(LLVMContext::MD_range, range);
            return made;
        }
        if (name.starts_with("shfl.")) return shuffle(b, call, name.split('.').second.split('.').first);
        if (name.starts_with("reduce.")) return reduce(b, call, name.split('.').second.split('.').first);
        if (name.starts_with("match.all.")) {
            const bool is_long = call.getArgOperand(1)->getType()->isIntegerTy(64);
            Value* both = b.CreateCall(intrinsic(is_long ? Intrinsic::nvvm_match_all_sync_i64p
                                                         : Intrinsic::nvvm_match_all_sync_i32p),
                                       arguments);
            return b.CreateExtractValue(both, 0);
        }
        if (name.starts_with("ballot"))
            return b.CreateCall(intrinsic(Intrinsic::nvvm_vote_ballot_sync),
                                {arguments[0], b.CreateIsNotNull(arguments[1])});
        if (name == "globals") {
            Value* address = globals_address(*call.getFunction());
            IRBuilder<> at(cast<Instruction>(address)->getNextNode());
            Value* pointer = at.CreateIntToPtr(address, PointerType::get(context_, global_space));
            return at.CreateAddrSpaceCast(pointer, PointerType::get(context_, generic_space), "globals");
        }
        if (name == "dynamic.shared.bytes")
            return special_register(b, "mov.u32 $0, %dynamic_smem_size;", b.getInt32Ty());
        if (name == "globaltimer") return special_register(b, "mov.u64 $0, %globaltimer;", b.getInt64Ty());
        if (name.starts_with("is.")) return is_in_space(b, arguments[0], name);
        if (name == "malloc" || name == "free") {
            const FunctionCallee callee = module_.getOrInsertFunction(name, call.getFunctionType());
            return b.CreateCall(callee, arguments);
        }
        if (name == "assert.fail" || name == "trap") {
            if (name == "trap")
                failure_->trap(b);
            else
                failure_->assertion(b, arguments);
            return nullptr;
        }
        return fast_maths(b, name, arguments);  // null: code of our own, which is linked later
    }

    Value* is_in_space(IRBuilder<>& b, Value* pointer, StringRef name) {
        // Constant variables lie in global memory here; the host's block of globals tells nothing apart.
        if (name == "is.constant") return b.getInt32(0);
        const Intrinsic::ID id =
            name == "is.shared" ? Intrinsic::nvvm_isspacep_shared : Intrinsic::nvvm_isspacep_local;
        return b.CreateZExt(b.CreateCall(intrinsic(id), {pointer}), b.getInt32Ty());
    }

    Value* fast_maths(IRBuilder<>& b, StringRef name, ArrayRef<Value*> arguments) {
        const auto unary = [&](Intrinsic::ID id, Value* value) {
            return b.CreateCall(intrinsic(id), {value});
        };
        const auto scaled = [&](Value* value, double factor) {
            return b.CreateFMul(value, ConstantFP::get(value->getType(), factor));
        };
        constexpr double log2_e = 1.4426950408889634, log2_10 = 3.3219280948873623, ln_2 = 0.6931471805599453,
                         log10_2 = 0.3010299956639812;
        const Intrinsic::ID exp2 = Intrinsic::nvvm_ex2_approx_f, log2 = Intrinsic::nvvm_lg2_approx_f;
        if (name == "fast.exp.f32") return unary(exp2, scaled(arguments[0], log2_e));
        if (name == "fast.exp10.f32") return unary(exp2, scaled(arguments[0], log2_10));
        if (name == "fast.log.f32") return scaled(unary(log2, arguments[0]), ln_2);
        if (name == "fast.log10.f32") return scaled(unary(log2, arguments[0]), log10_2);
        if (name == "fast.pow.f32") return unary(exp2, b.CreateFMul(arguments[1], unary(log2, arguments[0])));
        if (name == "fast.tan.f32")
            return b.CreateCall(intrinsic(Intrinsic::nvvm_div_approx_f),
                                {unary(Intrinsic::nvvm_sin_approx_f, arguments[0]),
                                 unary(Intrinsic::nvvm_cos_approx_f, arguments[0])});
        return nullptr;
    }

    // Segments of `width` lanes: PTX takes what a lane's number keeps of its segment, and the last lane.
    Value* shuffle(IRBuilder<>& b, CallInst& call, StringRef kind) {
        Value *mask = call.getArgOperand(0), *value = call.getArgOperand(1), *operand = call.getArgOperand(2),
              *width = call.getArgOperand(3);
        const Intrinsic::ID id = kind == "up"     ? Intrinsic::nvvm_shfl_sync_up_i32
                                 : kind == "down" ? Intrinsic::nvvm_shfl_sync_down_i32
                                 : kind == "xor"  ? Intrinsic::nvvm_shfl_sync_bfly_i32
                                                  : Intrinsic::nvvm_shfl_sync_idx_i32;
        Value* segment = b.CreateShl(b.CreateSub(b.getInt32(32), width), 8);
        Value* clamp = kind == "up" ? segment : b.CreateOr(segment, b.getInt32(31));
        const auto word = [&](Value* part) {
            return b.CreateCall(intrinsic(id), {mask, part, operand, clamp}, call.getName());
        };
        if (value->getType()->isIntegerTy(32)) return word(value);
        Value *low = word(b.CreateTrunc(value, b.getInt32Ty())),
              *high = word(b.CreateTrunc(b.CreateLShr(value, 32), b.getInt32Ty()));
        return b.CreateOr(b.CreateZExt(low, b.getInt64Ty()),
                          b.CreateShl(b.CreateZExt(high, b.getInt64Ty()), 32));
    }

    static Value* combined(IRBuilder<>& b, StringRef operation, Value* a, Value* c) {
        if (operation == "add") return b.CreateAdd(a, c);
        if (operation == "and") return b.CreateAnd(a, c);
        if (operation == "or") return b.CreateOr(a, c);
        if (operation == "xor") return b.CreateXor(a, c);
        if (operation == "min") return b.CreateBinaryIntrinsic(Intrinsic::smin, a, c);
        if (operation == "max") return b.CreateBinaryIntrinsic(Intrinsic::smax, a, c);
        return b.CreateBinaryIntrinsic(operation == "umin" ? Intrinsic::umin : Intrinsic::umax, a, c);
    }

    // From compute capability 8.0 on an instruction; before, the lanes of the mask one after the other.
    Value* reduce(IRBuilder<>& b, CallInst& call, StringRef operation) {
        Value *mask = call.getArgOperand(0), *value = call.getArgOperand(1);
        if (sm_ >= 80) {
            static const std::map<StringRef, Intrinsic::ID> known = {
                {"add", Intrinsic::nvvm_redux_sync_add},   {"min", Intrinsic::nvvm_redux_sync_min},
                {"max", Intrinsic::nvvm_redux_sync_max},   {"umin", Intrinsic::nvvm_redux_sync_umin},
                {"umax", Intrinsic::nvvm_redux_sync_umax}, {"and", Intrinsic::nvvm_redux_sync_and},
                {"or", Intrinsic::nvvm_redux_sync_or},     {"xor", Intrinsic::nvvm_redux_sync_xor}};
            return b.CreateCall(intrinsic(known.at(operation)), {value, mask});
        }
        BasicBlock* before = call.getParent();
        BasicBlock* after = SplitBlock(before, &call);
        BasicBlock* each = BasicBlock::Create(context_, "reduce", before->getParent(), after);
        before->getTerminator()->eraseFromParent();
        const auto from_lane = [&](IRBuilder<>& at, Value* lane) {
            return at.CreateCall(intrinsic(Intrinsic::nvvm_shfl_sync_idx_i32),
                                 {mask, value, lane, at.getInt32(31)});
        };
        const auto lowest = [&](IRBuilder<>& at, Value* lanes) {
            return at.CreateBinaryIntrinsic(Intrinsic::cttz, lanes, at.getTrue());
        };
        const auto without_lowest = [](IRBuilder<>& at, Value* lanes) {
            return at.CreateAnd(lanes, at.CreateSub(lanes, at.getInt32(1)));
        };
        IRBuilder<> start(before);
        Value* first = from_lane(start, lowest(start, mask));
        Value* others = without_lowest(start, mask);
        start.CreateCondBr(start.CreateIsNull(others), after, each);
        IRBuilder<> loop(each);
        PHINode *total = loop.CreatePHI(first->getType(), 2), *left = loop.CreatePHI(mask->getType(), 2);
        Value* sum = combined(loop, operation, total, from_lane(loop, lowest(loop, left)));
        Value* rest = without_lowest(loop, left);
        loop.CreateCondBr(loop.CreateIsNull(rest), after, each);
        total->addIncoming(first, before);
        total->addIncoming(sum, each);
        left->addIncoming(others, before);
        left->addIncoming(rest, each);
        IRBuilder<> end(after, after->begin());
        PHINode* result = end.CreatePHI(first->getType(), 2);
        result->addIncoming(first, before);
        result->addIncoming(sum, each);
        return result;
    }
};

}  // namespace

std::vector<TargetDiagnostic> lower_to_nvptx(Module& ir, unsigned sm,
                                             const std::vector<std::string>& kernels) {
    std::vector<TargetDiagnostic> unsupported;
    use_reciprocal_roots(ir);
    NamedMDNode* listed = ir.getNamedMetadata("heddle.kernels");
    NvptxLowering lowering(ir, sm);
    std::vector<std::pair<Function*, std::string>> all;
    for (MDNode* node : listed->operands())
        if (auto* kernel = mdconst::dyn_extract_or_null<Function>(node->getOperand(0)))
            all.emplace_back(kernel, cast<MDString>(node->getOperand(1))->getString().str());
    listed->eraseFromParent();
    std::vector<std::pair<Function*, std::string>> lowered;
    for (auto& [kernel, name] : all) {
        if (!kernels.empty() && std::find(kernels.begin(), kernels.end(), name) == kernels.end()) {
            kernel->eraseFromParent();
            continue;
        }
        lowered.emplace_back(lowering.lower(*kernel), name);
    }
    link_device_maths(ir);
    for (auto& [kernel, name] : lowered) {
        try {
            lowering.finish(*kernel);
        } catch (const Unsupported& reason) {
            unsupported.push_back({"ptx", name, reason.what()});
            kernel->eraseFromParent();
        }
    }
    for (Function& function : make_early_inc_range(ir))
        if (function.isDeclaration() && function.use_empty()) function.eraseFromParent();
    return unsupported;
}

}  // namespace heddle::compiler
