// Clang, in process: CUDA C++ text in, the LLVM module of its device code and what the AST knows of it out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler.h"
#include "frontend/declarations.h"
#include "lowering/reporter.h"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace heddle::compiler {

/// What is left of a translation unit when Clang has gone.
struct FrontendResult {
    bool ok = false;
    std::string diagnostics;                ///< Clang's text
    std::vector<std::string> dependencies;  ///< absolute paths of the user's files, without the source itself
};

/// Called with the module while the AST still lives, so that errors found later can point into the source.
using ModuleConsumer = std::function<void(llvm::Module&, Declarations&, Reporter&)>;

/// Parses `request` for the device and hands the unoptimised module to `consumer` when there were no errors.
/// Errors that the consumer reports are part of the result. Never throws for what the source contains.
FrontendResult run_frontend(const SourceRequest& request, llvm::LLVMContext& context,
                            const ModuleConsumer& consumer);

}  // namespace heddle::compiler
