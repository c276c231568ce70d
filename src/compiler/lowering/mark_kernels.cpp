// In: Clang's module, where kernels are named by nvvm.annotations and device functions are visible. Out: kernels with
// calling convention ptx_kernel, listed in !heddle.kernels; everything else internal and to be inlined.
#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include <map>

#include "lowering/transforms.h"

namespace heddle::compiler {

void mark_kernels(llvm::Module& module, const Declarations& declarations) {
    llvm::LLVMContext& context = module.getContext();
    for (const char* name : {"llvm.used", "llvm.compiler.used", "llvm.global_ctors", "llvm.global_dtors"})
        if (auto* variable = module.getNamedGlobal(name)) variable->eraseFromParent();
    for (const char* name : {"nvvm.annotations", "nvvmir.version", "llvm.ident", "llvm.linker.options"})
        if (auto* metadata = module.getNamedMetadata(name)) metadata->eraseFromParent();

    auto* kernels = module.getOrInsertNamedMetadata("heddle.kernels");
    for (const auto& kernel : declarations.kernels) {
        auto* function = module.getFunction(kernel.symbol);
        function->setCallingConv(llvm::CallingConv::PTX_Kernel);
        kernels->addOperand(llvm::MDNode::get(context, {llvm::ConstantAsMetadata::get(function),
                                                        llvm::MDString::get(context, kernel.name)}));
    }
    for (auto& function : module) {
        function.removeFnAttr("target-cpu");
        function.removeFnAttr("target-features");
        function.removeFnAttr("frame-pointer");
        function.removeFnAttr("stack-protector-buffer-size");
        function.removeFnAttr("uniform-work-group-size");
        function.removeFnAttr("no-trapping-math");
        if (function.isDeclaration()) continue;
        function.setComdat(nullptr);
        function.removeFnAttr(llvm::Attribute::NoInline);
        function.removeFnAttr(llvm::Attribute::OptimizeNone);
        for (auto& instruction : llvm::instructions(function))
            if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction)) call->removeFnAttr(llvm::Attribute::NoInline);
        if (function.getCallingConv() == llvm::CallingConv::PTX_Kernel) {
            function.setLinkage(llvm::GlobalValue::ExternalLinkage);
            function.setVisibility(llvm::GlobalValue::DefaultVisibility);
        } else {
            function.setLinkage(llvm::GlobalValue::InternalLinkage);
            function.addFnAttr(llvm::Attribute::AlwaysInline);
        }
    }
    std::map<std::string, bool> declared;
    for (const auto& variable : declarations.variables) declared[variable.symbol] = true;
    for (auto& variable : module.globals()) {
        if (variable.isDeclaration()) continue;
        variable.setComdat(nullptr);
        // The host may name a variable that no kernel uses: it keeps its place.
        const bool is_named = declared.count(variable.getName().str()) != 0;
        variable.setLinkage(is_named ? llvm::GlobalValue::ExternalLinkage : llvm::GlobalValue::InternalLinkage);
    }
    for (auto& alias : llvm::make_early_inc_range(module.aliases())) {
        alias.replaceAllUsesWith(alias.getAliasee());
        alias.eraseFromParent();
    }
}

std::vector<llvm::Function*> kernels_of(llvm::Module& module) {
    std::vector<llvm::Function*> kernels;
    for (auto& function : module)
        if (!function.isDeclaration() && function.getCallingConv() == llvm::CallingConv::PTX_Kernel)
            kernels.push_back(&function);
    return kernels;
}

}  // namespace heddle::compiler
