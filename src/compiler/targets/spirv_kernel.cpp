// The SPIR-V target as a whole: which kernels, what a variant may count on, the archive.
#include "spirv_kernel.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Intrinsics.h>

#include <algorithm>
#include <stdexcept>

#include "backends/vulkan/kernel_archive.h"
#include "device_maths/device_maths.h"
#include "reciprocals.h"
#include "source/glsl_emitter.h"
#include "source/structured_preparation.h"
#include "spirv_module.h"
#include "unsupported.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

GlslProfile profile_of(const std::string& variant) {
    GlslProfile profile;
    if (variant == "basic") return profile;
    profile.wide_integers = profile.doubles = profile.small_types = true;
    if (variant == "full") return profile;
    profile.warps = profile.fused_fma = profile.float_atomics = true;
    return profile;
}

// Products that their sums may be fused with: here, so that every device computes the same.
void fuse_products(Function& kernel) {
    std::vector<BinaryOperator*> sums;
    for (Instruction& instruction : instructions(kernel))
        if (auto* sum = dyn_cast<BinaryOperator>(&instruction);
            sum && sum->hasAllowContract() && (sum->getType()->isFloatTy() || sum->getType()->isDoubleTy()) &&
            (sum->getOpcode() == Instruction::FAdd || sum->getOpcode() == Instruction::FSub))
            sums.push_back(sum);
    for (BinaryOperator* sum : sums) {
        const bool is_difference = sum->getOpcode() == Instruction::FSub;
        for (const unsigned side : {0U, 1U}) {
            auto* product = dyn_cast<BinaryOperator>(sum->getOperand(side));
            if (!product || product->getOpcode() != Instruction::FMul || !product->hasAllowContract() ||
                !product->hasOneUse())
                continue;
            IRBuilder<> build(sum);
            build.setFastMathFlags(sum->getFastMathFlags());
            Value *a = product->getOperand(0), *b = product->getOperand(1), *c = sum->getOperand(1 - side);
            if (is_difference) {
                if (side == 0)
                    c = build.CreateFNeg(c);
                else
                    a = build.CreateFNeg(a);
            }
            Value* fused = build.CreateIntrinsic(Intrinsic::fma, {sum->getType()}, {a, b, c});
            fused->takeName(sum);
            sum->replaceAllUsesWith(fused);
            sum->eraseFromParent();
            product->eraseFromParent();
            break;
        }
    }
}

// The source's own fma, which must hold for all numbers, where the device has none. What the maths library
// computes with it stays far from the ends of the range and gets a shorter one.
void mark_exact_sums(Function& kernel) {
    std::vector<IntrinsicInst*> calls;
    for (Instruction& instruction : instructions(kernel))
        if (auto* call = dyn_cast<IntrinsicInst>(&instruction);
            call && call->getType()->isDoubleTy() &&
            (call->getIntrinsicID() == Intrinsic::fma || call->getIntrinsicID() == Intrinsic::fmuladd))
            calls.push_back(call);
    for (IntrinsicInst* call : calls) {
        Type* type = call->getType();
        FunctionCallee exact =
            kernel.getParent()->getOrInsertFunction("heddle.exact.fma.f64", type, type, type, type);
        auto* function = cast<Function>(exact.getCallee());
        function->setDoesNotAccessMemory();
        function->setDoesNotThrow();
        function->setWillReturn();
        CallInst* made =
            CallInst::Create(exact, {call->getArgOperand(0), call->getArgOperand(1), call->getArgOperand(2)},
                             "", call->getIterator());
        made->setDebugLoc(call->getDebugLoc());
        made->takeName(call);
        call->replaceAllUsesWith(made);
        call->eraseFromParent();
    }
}

// Whether `kernel` calls functions of the library that go to the ends of the range.
bool takes_remainders(const Function& kernel) {
    return any_of(instructions(kernel), [](const Instruction& instruction) {
        const auto* call = dyn_cast<CallInst>(&instruction);
        if (!call || !call->getCalledFunction()) return false;
        const StringRef name = call->getCalledFunction()->getName();
        return name == "heddle.fmod.f64" || name == "heddle.remainder.f64";
    });
}

// Functions with CUDA's looser bounds that GPUs have as instructions: kept from the library.
void keep_native_maths(Module& ir) {
    use_reciprocal_roots(ir);
    for (Function& function : ir)
        if (StringRef name = function.getName(); name.consume_front("heddle.fast."))
            function.setName("heddle.native." + name.str());
}

}  // namespace

const std::vector<std::string>& spirv_variants() {
    static const std::vector<std::string> variants = {"warp32", "full", "basic"};
    return variants;
}

SpirvResult emit_spirv(Module& ir, const TargetRequest& request) {
    const std::string variant = request.variant.empty() ? spirv_variants().front() : request.variant;
    if (std::find(spirv_variants().begin(), spirv_variants().end(), variant) == spirv_variants().end())
        throw std::runtime_error("target 'spirv' has no variant '" + variant +
                                 "'; it has warp32, full and basic");
    const GlslProfile profile = profile_of(variant);
    SpirvResult result;
    if (profile.fused_fma) keep_native_maths(ir);
    std::vector<std::pair<Function*, std::string>> kernels;
    if (const NamedMDNode* listed = ir.getNamedMetadata("heddle.kernels"))
        for (const MDNode* node : listed->operands()) {
            auto* kernel = mdconst::dyn_extract_or_null<Function>(node->getOperand(0));
            const std::string name = cast<MDString>(node->getOperand(1))->getString().str();
            if (!kernel) continue;
            if (!request.kernels.empty() &&
                std::find(request.kernels.begin(), request.kernels.end(), name) == request.kernels.end())
                kernel->deleteBody();  // no work for the library
            else
                kernels.emplace_back(kernel, name);
        }
    if (profile.fused_fma)
        for (auto& [kernel, name] : kernels) fuse_products(*kernel);
    else if (profile.doubles)
        for (auto& [kernel, name] : kernels) mark_exact_sums(*kernel);
    std::vector<Function*> exact;
    if (profile.doubles && !profile.fused_fma)
        for (auto& [kernel, name] : kernels)
            if (takes_remainders(*kernel)) exact.push_back(kernel);
    link_device_maths(ir);
    for (Function* kernel : exact) mark_exact_sums(*kernel);
    std::vector<vulkan::ArchivedKernel> archive;
    for (auto& [kernel, name] : kernels) {
        try {
            prepare_structured(*kernel);
            const DominatorTree dominators(*kernel);
            const LoopInfo loops(dominators);
            GlslEmitter emitter(*kernel, dominators, loops, profile);
            const std::string text = emitter.text();
            result.text += "// kernel " + name + "\n" + text + "\n";
            if (request.text) continue;
            vulkan::ArchivedKernel made = emitter.description();
            made.words = compile_shader(text, name);
            archive.push_back(std::move(made));
        } catch (const Unsupported& reason) {
            result.unsupported.push_back({"spirv", name, reason.what()});
        }
    }
    result.payload = vulkan::encode_archive(archive);
    return result;
}

}  // namespace heddle::compiler
