// LLVM's NVPTX code generator, in process. Fusing of products and sums is left to it: see
// lower_to_nvptx(), which has protected those that must round on their own.
#include "ptx_text.h"

#include <llvm/ADT/SmallString.h>
#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Utils/LoopUtils.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace heddle::compiler {

using namespace llvm;

namespace {

std::unique_ptr<TargetMachine> make_machine(const Module& module, const PtxVariant& variant) {
    static std::once_flag once;
    std::call_once(once, [] {
        LLVMInitializeNVPTXTargetInfo();
        LLVMInitializeNVPTXTarget();
        LLVMInitializeNVPTXTargetMC();
        LLVMInitializeNVPTXAsmPrinter();
    });
    std::string error;
    const Target* target = TargetRegistry::lookupTarget(module.getTargetTriple(), error);
    if (!target) throw std::runtime_error("LLVM makes no code for NVIDIA GPUs: " + error);
    TargetOptions options;
    options.AllowFPOpFusion = FPOpFusion::Fast;
    return std::unique_ptr<TargetMachine>(
        target->createTargetMachine(module.getTargetTriple(), variant.name, variant.features, options,
                                    Reloc::PIC_, std::nullopt, CodeGenOptLevel::Aggressive));
}

// LLVM takes loops of unknown length in steps of no more than 75 instructions; with two rounds a step, little
// of a round's latency is hidden behind the other. Loops that would get fewer than four rounds get four.
void unroll_middle_loops(Module& module) {
    constexpr unsigned least = 18, most = 64, rounds = 4;
    LLVMContext& context = module.getContext();
    for (Function& function : module) {
        if (function.isDeclaration()) continue;
        const DominatorTree dominators(function);
        LoopInfo loops(dominators);
        for (Loop* loop : loops.getLoopsInPreorder()) {
            if (!loop->isInnermost() || loop->getNumBlocks() > 2 || !loop->getExitingBlock() ||
                findOptionMDForLoop(loop, "llvm.loop.unroll.disable") ||
                findOptionMDForLoop(loop, "llvm.loop.unroll.count"))
                continue;
            unsigned size = 0;
            bool may_repeat = true;
            for (const BasicBlock* block : loop->blocks()) {
                for (const Instruction& instruction : *block) {
                    ++size;
                    // Code that lanes run together cannot get a remainder loop.
                    if (const auto* call = dyn_cast<CallBase>(&instruction))
                        may_repeat = may_repeat && !call->isConvergent();
                }
            }
            if (!may_repeat || size < least || size > most) continue;
            MDNode* count = MDNode::get(
                context, {MDString::get(context, "llvm.loop.unroll.count"),
                          ConstantAsMetadata::get(ConstantInt::get(Type::getInt32Ty(context), rounds))});
            loop->setLoopID(makePostTransformationMetadata(context, loop->getLoopID(), {}, {count}));
        }
    }
}

void optimise(Module& module, TargetMachine& machine) {
    PipelineTuningOptions tuning;
    tuning.LoopVectorization = false;
    tuning.SLPVectorization = false;
    PassBuilder builder(&machine, tuning);
    LoopAnalysisManager loops;
    FunctionAnalysisManager functions;
    CGSCCAnalysisManager components;
    ModuleAnalysisManager modules;
    TargetLibraryInfoImpl library(Triple(module.getTargetTriple()));
    library.disableAllFunctions();
    functions.registerPass([library] { return TargetLibraryAnalysis(library); });
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3).run(module, modules);
}

}  // namespace

const std::vector<PtxVariant>& ptx_variants() {
    static const std::vector<PtxVariant> variants = {
        {"sm_70", 70, "+ptx64"}, {"sm_80", 80, "+ptx70"}, {"sm_90", 90, "+ptx78"}};
    return variants;
}

std::optional<PtxVariant> find_ptx_variant(std::string_view name) {
    const auto& variants = ptx_variants();
    const auto found = std::find_if(variants.begin(), variants.end(),
                                    [&](const PtxVariant& variant) { return variant.name == name; });
    return found == variants.end() ? std::nullopt : std::optional(*found);
}

std::string ptx_of(Module& module, const PtxVariant& variant) {
    const std::unique_ptr<TargetMachine> machine = make_machine(module, variant);
    module.setDataLayout(machine->createDataLayout());
    // Line tables would be most of the text, and the driver has no use for them.
    StripDebugInfo(module);
    unroll_middle_loops(module);
    optimise(module, *machine);
    SmallString<0> text;
    raw_svector_ostream out(text);
    legacy::PassManager passes;
    if (machine->addPassesToEmitFile(passes, out, nullptr, CodeGenFileType::AssemblyFile))
        throw std::runtime_error("LLVM cannot print PTX");
    passes.run(module);
    return std::string(text);
}

}  // namespace heddle::compiler
