// In: Clang's module, where kernels are named by nvvm.annotations and device functions are visible. Out:
// kernels with calling convention ptx_kernel, listed in !heddle.kernels; everything else internal and to be
// inlined.
#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include <map>

#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

/// Clang takes every device function for an exchange between lanes; few of Kernel IR's are.
bool is_convergent(llvm::StringRef name) {
    for (const char* prefix : {"heddle.barrier", "heddle.warp.sync", "heddle.shfl.", "heddle.ballot",
                               "heddle.activemask", "heddle.match.", "heddle.reduce."})
        if (name.starts_with(prefix)) return true;
    return false;
}

void drop_convergence(llvm::Function& function) {
    function.removeFnAttr(llvm::Attribute::Convergent);
    for (auto* user : function.users())
        if (auto* call = llvm::dyn_cast<llvm::CallBase>(user))
            call->removeFnAttr(llvm::Attribute::Convergent);
}

/// Says which values the thread's coordinates can have: CUDA's limits of a block.
void limit_values(llvm::Function& function) {
    constexpr struct {
        const char* name;
        unsigned low, high;
    } limits[] = {{"heddle.tid.x", 0, 1024},  {"heddle.tid.y", 0, 1024},  {"heddle.tid.z", 0, 64},
                  {"heddle.ntid.x", 1, 1025}, {"heddle.ntid.y", 1, 1025}, {"heddle.ntid.z", 1, 65},
                  {"heddle.lane", 0, 32}};
    for (const auto& limit : limits) {
        if (function.getName() != limit.name) continue;
        const auto range = llvm::MDBuilder(function.getContext())
                               .createRange(llvm::APInt(32, limit.low), llvm::APInt(32, limit.high));
        for (auto* user : function.users())
            if (auto* call = llvm::dyn_cast<llvm::CallInst>(user))
                call->setMetadata(llvm::LLVMContext::MD_range, range);
    }
}

/// Clang's annotations of launch bounds become attributes of the kernel.
void keep_launch_bounds(llvm::Module& module) {
    const auto* annotations = module.getNamedMetadata("nvvm.annotations");
    if (!annotations) return;
    for (const auto* node : annotations->operands()) {
        auto* kernel = llvm::mdconst::dyn_extract_or_null<llvm::Function>(node->getOperand(0));
        for (unsigned i = 1; kernel && i + 1 < node->getNumOperands(); i += 2) {
            const auto name = llvm::cast<llvm::MDString>(node->getOperand(i))->getString();
            const auto* value = llvm::mdconst::dyn_extract<llvm::ConstantInt>(node->getOperand(i + 1));
            const char* attribute = name == "maxntidx"   ? "heddle.max.threads"
                                    : name == "minctasm" ? "heddle.min.blocks"
                                                         : nullptr;
            if (attribute && value) kernel->addFnAttr(attribute, std::to_string(value->getZExtValue()));
        }
    }
}

}  // namespace

void mark_kernels(llvm::Module& module, const Declarations& declarations) {
    llvm::LLVMContext& context = module.getContext();
    for (const char* name : {"llvm.used", "llvm.compiler.used", "llvm.global_ctors", "llvm.global_dtors"})
        if (auto* variable = module.getNamedGlobal(name)) variable->eraseFromParent();
    keep_launch_bounds(module);
    for (const char* name : {"nvvm.annotations", "nvvmir.version", "llvm.ident", "llvm.linker.options"})
        if (auto* metadata = module.getNamedMetadata(name)) metadata->eraseFromParent();

    auto* kernels = module.getOrInsertNamedMetadata("heddle.kernels");
    for (const auto& kernel : declarations.kernels) {
        auto* function = module.getFunction(kernel.symbol);
        function->setCallingConv(llvm::CallingConv::PTX_Kernel);
        kernels->addOperand(llvm::MDNode::get(
            context, {llvm::ConstantAsMetadata::get(function), llvm::MDString::get(context, kernel.name)}));
    }
    for (auto& function : module) {
        function.removeFnAttr("target-cpu");
        function.removeFnAttr("target-features");
        function.removeFnAttr("frame-pointer");
        function.removeFnAttr("stack-protector-buffer-size");
        function.removeFnAttr("uniform-work-group-size");
        function.removeFnAttr("no-trapping-math");
        if (function.isDeclaration()) {
            const llvm::StringRef name = function.getName();
            if ((name.starts_with("heddle.") && !is_convergent(name)) || name == "vprintf")
                drop_convergence(function);
            limit_values(function);
            continue;
        }
        function.setComdat(nullptr);
        function.removeFnAttr(llvm::Attribute::NoInline);
        function.removeFnAttr(llvm::Attribute::OptimizeNone);
        for (auto& instruction : llvm::instructions(function))
            if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction))
                call->removeFnAttr(llvm::Attribute::NoInline);
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
        variable.setLinkage(is_named ? llvm::GlobalValue::ExternalLinkage
                                     : llvm::GlobalValue::InternalLinkage);
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
