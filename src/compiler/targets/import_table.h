// The functions of the run time that a code object calls: each through a slot of `heddle_imports`, which the
// loader fills.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <map>
#include <string>

namespace heddle::compiler {

class ImportTable {
  public:
    explicit ImportTable(llvm::Module& module) : module_(module) {}

    /// Calls the import `name` of the given type at the builder's position.
    llvm::CallInst* call(llvm::IRBuilderBase& builder, llvm::StringRef name, llvm::FunctionType* type,
                         llvm::ArrayRef<llvm::Value*> arguments);
    /// Writes `heddle_imports`; no call may be added afterwards.
    void finish();

  private:
    llvm::Module& module_;
    std::map<std::string, llvm::GlobalVariable*, std::less<>>
        slots_;  // stand for the slots until the table is made
};

}  // namespace heddle::compiler
