// Source places out of LLVM's debug locations: of the user's code, not of the device headers inlined there.
#include "unsupported.h"

#include <llvm/IR/DebugInfoMetadata.h>

namespace heddle::compiler {

using namespace llvm;

std::string source_location(const Instruction& instruction) {
    const DebugLoc& location = instruction.getDebugLoc();
    if (!location) return {};
    const DILocation* at = location.get();
    while (at->getInlinedAt() && at->getFilename().starts_with("/heddle/")) at = at->getInlinedAt();
    return at->getFilename().str() + ":" + std::to_string(at->getLine()) + ":" +
           std::to_string(at->getColumn());
}

Unsupported::Unsupported(const Instruction& where, const std::string& what)
    : std::runtime_error([&] {
          const std::string location = source_location(where);
          return (location.empty() ? std::string() : location + ": ") + what;
      }()) {}

}  // namespace heddle::compiler
