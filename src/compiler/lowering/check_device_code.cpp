// In: a module before inlining, unreachable functions gone. Out: unchanged; whatever no target could run is
// reported: inline PTX, functions without a definition, recursion.
#include <llvm/ADT/SCCIterator.h>
#include <llvm/Analysis/CallGraph.h>
#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

bool is_known(const llvm::Function& function) {
    const llvm::StringRef name = function.getName();
    return function.isIntrinsic() || name.starts_with("heddle.") || name == "vprintf";
}

void check_call(const llvm::CallBase& call, Reporter& reporter) {
    if (const auto* text = llvm::dyn_cast<llvm::InlineAsm>(call.getCalledOperand())) {
        // An empty text is a compiler's barrier; lowering drops it after optimisation.
        if (!llvm::StringRef(text->getAsmString()).trim().empty() || !call.getType()->isVoidTy())
            reporter.error(call, "inline PTX is not supported by Heddle");
        return;
    }
    const auto* callee = call.getCalledFunction();
    if (callee && callee->isDeclaration() && !is_known(*callee))
        reporter.error(call, "device function '" + llvm::demangle(callee->getName().str()) +
                                 "' is called but not defined in this translation unit");
}

}  // namespace

void check_device_code(llvm::Module& module, Reporter& reporter) {
    for (const auto& function : module)
        for (const auto& instruction : llvm::instructions(function))
            if (const auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction)) check_call(*call, reporter);

    llvm::CallGraph calls(module);
    for (auto component = llvm::scc_begin(&calls); !component.isAtEnd(); ++component) {
        if (!component.hasCycle()) continue;
        const auto& nodes = *component;
        for (const auto* node : nodes) {
            const llvm::Function* function = node->getFunction();
            if (!function || function->isDeclaration()) continue;
            std::string message = "recursion in device code is not supported by Heddle: '" +
                                  llvm::demangle(function->getName().str()) + "' calls itself";
            if (nodes.size() > 1) message += " through other functions";
            reporter.error(*function, message);
            break;
        }
    }
}

}  // namespace heddle::compiler
