// The passes before the control tree of a target without jumps.
#include "structured_preparation.h"

#include <llvm/IR/ConstantRange.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/ReplaceConstant.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/InferAlignment.h>
#include <llvm/Transforms/Scalar/InstSimplifyPass.h>
#include <llvm/Transforms/Scalar/LoopUnrollPass.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/Scalarizer.h>
#include <llvm/Transforms/Scalar/SeparateConstOffsetFromGEP.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/FixIrreducible.h>
#include <llvm/Transforms/Utils/LCSSA.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Utils/LowerSwitch.h>
#include <llvm/Transforms/Vectorize/LoadStoreVectorizer.h>

#include <vector>

#include "pointer_spaces.h"
#include "vectors.h"
#include "wide_integers.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// What is known of indices lets sums of them be computed as they are written.
void bound_indices(Function& kernel) {
    for (Instruction& instruction : instructions(kernel)) {
        auto* call = dyn_cast<CallInst>(&instruction);
        if (!call || !call->getCalledFunction()) continue;
        const StringRef name = call->getCalledFunction()->getName();
        std::uint64_t limit = 0;
        if (name.starts_with("heddle.tid.")) limit = 1024;
        if (name.starts_with("heddle.ntid.")) limit = 1025;
        if (name == "heddle.lane") limit = 32;
        if (limit != 0) call->addRangeRetAttr(ConstantRange(APInt(32, 0), APInt(32, limit)));
    }
}

// Shared arrays lie where the printed code wants them.
void align_shared_arrays(Function& kernel) {
    const Align whole(16);
    for (GlobalVariable& variable : kernel.getParent()->globals())
        if (variable.getAddressSpace() == 3 && isa<ArrayType>(variable.getValueType()) &&
            variable.getAlign().valueOrOne() < whole)
            variable.setAlignment(whole);
}

}  // namespace

void prepare_structured(Function& kernel, const StructuredOptions& options) {
    std::vector<Constant*> shared;
    for (GlobalVariable& variable : kernel.getParent()->globals())
        if (variable.getAddressSpace() == 3) shared.push_back(&variable);
    if (!shared.empty()) convertUsersOfConstantsToInstructions(shared, &kernel);
    PointerSpaces spaces(kernel);
    LoopAnalysisManager loops;
    FunctionAnalysisManager functions;
    CGSCCAnalysisManager components;
    ModuleAnalysisManager modules;
    functions.registerPass([&] {
        return TargetIRAnalysis(
            [&](const Function& of) { return source_costs(of.getParent()->getDataLayout(), spaces); });
    });
    PassBuilder builder;
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    FunctionPassManager memory, scalars, unrolling, passes;
    memory.addPass(SROAPass(SROAOptions::PreserveCFG));
    memory.run(kernel, functions);
    if (split_wide_integers(kernel)) {
        functions.invalidate(kernel, PreservedAnalyses::none());
        scalars.addPass(InstSimplifyPass());
    }
    ScalarizerPassOptions scalarize;
    scalarize.ScalarizeLoadStore = true;
    scalars.addPass(ScalarizerPass(scalarize));
    // LLVM forgets what it could know where it moves accesses out of loops.
    scalars.addPass(InferAlignmentPass());
    scalars.run(kernel, functions);
    if (options.aligns_shared) align_shared_arrays(kernel);
    if (options.unrolls) {
        unrolling.addPass(LoopSimplifyPass());
        unrolling.addPass(LCSSAPass());
        unrolling.addPass(LoopUnrollPass(LoopUnrollOptions(3)));
        unrolling.addPass(EarlyCSEPass());
        unrolling.addPass(InstSimplifyPass());
        unrolling.addPass(SimplifyCFGPass());
        // Neighbours are told by their distance from one address.
        unrolling.addPass(InferAlignmentPass());
        unrolling.addPass(SeparateConstOffsetFromGEPPass());
        unrolling.addPass(EarlyCSEPass());
        unrolling.run(kernel, functions);
        // Simplification makes constants of addresses again.
        if (!shared.empty()) convertUsersOfConstantsToInstructions(shared, &kernel);
    }
    spaces = PointerSpaces(kernel);
    passes.addPass(LoadStoreVectorizerPass());
    passes.addPass(LowerSwitchPass());
    passes.addPass(FixIrreduciblePass());
    passes.addPass(ADCEPass());
    passes.addPass(LoopSimplifyPass());
    passes.addPass(LCSSAPass());
    passes.run(kernel, functions);
    bound_indices(kernel);
}

}  // namespace heddle::compiler
