// The exception for what a target cannot express, and where in the source an instruction comes from.
#pragma once

#include <llvm/IR/Instruction.h>

#include <stdexcept>
#include <string>

namespace heddle::compiler {

/// A construct that this target cannot express; the message starts with the source line where it is known.
class Unsupported : public std::runtime_error {
  public:
    Unsupported(const llvm::Instruction& where, const std::string& what);
};

/// "file.cu:12:5" of an instruction, or empty.
std::string source_location(const llvm::Instruction& instruction);

}  // namespace heddle::compiler
