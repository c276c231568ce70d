// In: a kernel whose debug locations may lie in Heddle's embedded headers, which no user can open. Out: the
// same with those locations replaced by the call in the user's file that led there.
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>

#include "lowering/transforms.h"

namespace heddle::compiler {

void locate_in_source(llvm::Function& function) {
    for (auto& instruction : llvm::instructions(function)) {
        const llvm::DILocation* place = instruction.getDebugLoc();
        if (!place || !place->getFilename().starts_with("/heddle/")) continue;
        while (place && place->getFilename().starts_with("/heddle/")) place = place->getInlinedAt();
        instruction.setDebugLoc(llvm::DebugLoc(place));
    }
}

}  // namespace heddle::compiler
