// Emits calls of heddle.assert.fail.
#include "lowering/stop_lane.h"

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Module.h>

namespace heddle::compiler {

void stop_lane(llvm::IRBuilder<>& builder, llvm::StringRef message) {
    llvm::Function& function = *builder.GetInsertBlock()->getParent();
    llvm::Module& module = *function.getParent();
    const llvm::DILocation* place = builder.getCurrentDebugLocation();
    while (place && place->getInlinedAt() && place->getFilename().starts_with("/heddle/"))
        place = place->getInlinedAt();
    const auto text = [&](llvm::StringRef value) {
        return builder.CreateGlobalStringPtr(value, "text", 0, &module);
    };
    auto* pointer = builder.getPtrTy();
    const auto callee = module.getOrInsertFunction("heddle.assert.fail", builder.getVoidTy(), pointer,
                                                   pointer, builder.getInt32Ty(), pointer);
    builder.CreateCall(
        callee,
        {text(message), text(place ? place->getFilename() : module.getSourceFileName()),
         builder.getInt32(place ? place->getLine() : 0), text(llvm::demangle(function.getName().str()))});
}

}  // namespace heddle::compiler
