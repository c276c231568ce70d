// The order of the lowering steps, with LLVM's own passes between them.
#include "lowering/lower.h"

#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PassManager.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/IPO/AlwaysInliner.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/InferAddressSpaces.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/LowerConstantIntrinsics.h>
#include <llvm/Transforms/Scalar/LowerExpectIntrinsic.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Scalar/TailRecursionElimination.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/FixIrreducible.h>
#include <llvm/Transforms/Utils/LCSSA.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Utils/LowerSwitch.h>

#include <memory>
#include <mutex>
#include <stdexcept>

#include "lowering/transforms.h"
#include "lowering/verify.h"

namespace heddle::compiler {
namespace {

constexpr unsigned generic_space = 0;

/// The code generator whose cost model the optimiser asks: it knows that branches diverge.
std::unique_ptr<llvm::TargetMachine> make_target_machine(const llvm::Module& module) {
    static std::once_flag once;
    std::call_once(once, [] {
        LLVMInitializeNVPTXTargetInfo();
        LLVMInitializeNVPTXTarget();
        LLVMInitializeNVPTXTargetMC();
    });
    std::string error;
    const auto* target = llvm::TargetRegistry::lookupTarget(module.getTargetTriple(), error);
    if (!target)
        throw std::runtime_error("LLVM has no code generator for " + module.getTargetTriple() + ": " + error);
    return std::unique_ptr<llvm::TargetMachine>(
        target->createTargetMachine(module.getTargetTriple(), "sm_70", "+ptx78", llvm::TargetOptions{},
                                    std::nullopt, std::nullopt, llvm::CodeGenOptLevel::Default));
}

llvm::PipelineTuningOptions tuning() {
    llvm::PipelineTuningOptions options;
    options.LoopVectorization = false;  // lanes are the vector
    options.SLPVectorization = false;
    options.LoopInterleaving = false;
    return options;
}

/// Joins blocks that follow each other and have no other neighbours: LowerSwitch leaves such.
struct MergeBlocks : llvm::PassInfoMixin<MergeBlocks> {
    static llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager&) {
        bool has_changed = false;
        for (auto& block : llvm::make_early_inc_range(function))
            has_changed |= llvm::MergeBlockIntoPredecessor(&block);
        return has_changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
    }
};

/// LLVM's pass managers for one module, without knowledge of any C library: device code has none.
class Passes {
  public:
    explicit Passes(llvm::Module& module)
        : module_(module), machine_(make_target_machine(module)), builder_(machine_.get(), tuning()) {
        llvm::TargetLibraryInfoImpl library(llvm::Triple(module.getTargetTriple()));
        library.disableAllFunctions();
        functions_.registerPass([library] { return llvm::TargetLibraryAnalysis(library); });
        builder_.registerModuleAnalyses(modules_);
        builder_.registerCGSCCAnalyses(components_);
        builder_.registerFunctionAnalyses(functions_);
        builder_.registerLoopAnalyses(loops_);
        builder_.crossRegisterProxies(loops_, functions_, components_, modules_);
    }

    /// Drops functions and variables that nothing reaches.
    void drop_unreachable() { run(llvm::GlobalDCEPass()); }

    /// Makes each function small before it is copied into its callers.
    void clean_functions() {
        llvm::FunctionPassManager passes;
        passes.addPass(llvm::LowerExpectIntrinsicPass());
        passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
        passes.addPass(llvm::EarlyCSEPass());
        passes.addPass(llvm::SimplifyCFGPass());
        passes.addPass(llvm::InstCombinePass());
        passes.addPass(llvm::TailCallElimPass());
        run_on_functions(std::move(passes));
    }

    void inline_everything() {
        run(llvm::AlwaysInlinerPass(/*InsertLifetime=*/false));
        drop_unreachable();
    }

    void infer_address_spaces() {
        llvm::FunctionPassManager passes;
        // Nothing before it may simplify: qualify_arguments() says "global" by a pair of casts that undo each
        // other.
        passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
        passes.addPass(llvm::InferAddressSpacesPass(generic_space));
        passes.addPass(llvm::EarlyCSEPass());
        run_on_functions(std::move(passes));
    }

    void optimize() {
        llvm::FunctionPassManager passes = builder_.buildFunctionSimplificationPipeline(
            llvm::OptimizationLevel::O2, llvm::ThinOrFullLTOPhase::None);
        // What is not constant by now will not become so.
        passes.addPass(llvm::LowerConstantIntrinsicsPass());
        run_on_functions(std::move(passes));
    }

    void clean_kernels() {
        llvm::FunctionPassManager passes;
        passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
        passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
        passes.addPass(llvm::InstCombinePass());
        passes.addPass(llvm::SimplifyCFGPass());
        passes.addPass(llvm::ADCEPass());
        run_on_functions(std::move(passes));
    }

    /// Two-way branches only, reducible loops with one entry, one latch and dedicated exits.
    void shape_control_flow() {
        llvm::FunctionPassManager passes;
        passes.addPass(llvm::LowerSwitchPass());
        passes.addPass(MergeBlocks());
        passes.addPass(llvm::FixIrreduciblePass());
        passes.addPass(llvm::LoopSimplifyPass());
        passes.addPass(llvm::LCSSAPass());
        run_on_functions(std::move(passes));
    }

    /// After changes made outside the pass managers: nothing that was known still holds.
    void forget() {
        modules_.clear();
        components_.clear();
        functions_.clear();
        loops_.clear();
    }

  private:
    template <class Pass>
    void run(Pass pass) {
        llvm::ModulePassManager passes;
        passes.addPass(std::move(pass));
        passes.run(module_, modules_);
    }
    void run_on_functions(llvm::FunctionPassManager passes) {
        run(llvm::createModuleToFunctionPassAdaptor(std::move(passes)));
    }

    llvm::Module& module_;
    std::unique_ptr<llvm::TargetMachine> machine_;
    llvm::PassBuilder builder_;
    llvm::LoopAnalysisManager loops_;
    llvm::FunctionAnalysisManager functions_;
    llvm::CGSCCAnalysisManager components_;
    llvm::ModuleAnalysisManager modules_;
};

}  // namespace

bool lower_module(llvm::Module& module, bool grid_parts, Declarations& declarations, GlobalsInfo& globals,
                  Reporter& reporter) {
    Passes passes(module);
    mark_kernels(module, declarations);
    passes.drop_unreachable();
    make_arithmetic_total(module);
    for (auto& function : module) name_values(function);
    passes.clean_functions();
    devirtualize_calls(module);
    passes.forget();
    passes.drop_unreachable();
    bound_recursion(module, reporter);
    passes.forget();
    check_device_code(module, reporter);
    if (reporter.has_errors()) return false;

    passes.inline_everything();
    for (auto* kernel : kernels_of(module)) qualify_arguments(*kernel);
    passes.forget();
    passes.infer_address_spaces();
    passes.optimize();
    for (auto* kernel : kernels_of(module)) qualify_arguments(*kernel);
    passes.forget();
    passes.infer_address_spaces();

    map_intrinsics(module, reporter);
    if (reporter.has_errors()) return false;
    expand_constant_expressions(module);
    passes.forget();
    passes.drop_unreachable();
    move_globals_to_block(module, declarations, globals, reporter);
    if (reporter.has_errors()) return false;
    if (grid_parts) take_grid_parts(module, declarations);
    for (auto* kernel : kernels_of(module)) expand_memory_intrinsics(*kernel);
    passes.forget();
    passes.clean_kernels();
    for (auto* kernel : kernels_of(module)) drop_shift_guards(*kernel);
    // The last cleaning may have made intrinsics and constant expressions anew.
    map_intrinsics(module, reporter);
    expand_constant_expressions(module);
    for (auto* kernel : kernels_of(module)) widen_odd_integers(*kernel);
    passes.forget();
    passes.shape_control_flow();
    passes.drop_unreachable();

    for (auto* kernel : kernels_of(module)) {
        name_intrinsics(*kernel);
        locate_in_source(*kernel);
    }
    for (auto& info : declarations.kernels)
        if (auto* kernel = module.getFunction(info.symbol)) describe_kernel(*kernel, info);
    return !reporter.has_errors();
}

}  // namespace heddle::compiler
