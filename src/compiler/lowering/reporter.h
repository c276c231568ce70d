// How the transforms say what a kernel must not contain, at the place in the source where it stands.
#pragma once

#include <string>

namespace llvm {
class Function;
class Instruction;
}  // namespace llvm

namespace heddle::compiler {

/// Takes errors; the front end prints them in Clang's manner, with the source line and a caret.
class Reporter {
  public:
    virtual ~Reporter() = default;
    virtual void error(const llvm::Instruction& at, const std::string& message) = 0;
    virtual void error(const llvm::Function& at, const std::string& message) = 0;
    virtual void warning(const llvm::Function& at, const std::string& message) = 0;
    /// A further remark to the error before it.
    virtual void note(const llvm::Instruction& at, const std::string& message) = 0;
    virtual bool has_errors() const = 0;
};

}  // namespace heddle::compiler
