// What a lane does that fails on an NVIDIA GPU: the first of a queue's lanes to fail writes where and why
// into the record that the kernel's last parameter points to; every failing lane ends.
#pragma once

#include <llvm/IR/Function.h>
#include <llvm/IR/IRBuilder.h>

namespace heddle::compiler {

class FailureRecord {
  public:
    /// `kernel`'s last parameter is the record's address; `globals` the address of the globals' block.
    /// The record's layout is that of cuda::FailureRecord (src/backends/cuda/failure.h).
    FailureRecord(llvm::Function& kernel, llvm::Value* globals) : kernel_(kernel), globals_(globals) {}

    /// In the place of `heddle.assert.fail(message, file, line, function)`.
    void assertion(llvm::IRBuilder<>& builder, llvm::ArrayRef<llvm::Value*> arguments);
    /// In the place of `heddle.trap()`.
    void trap(llvm::IRBuilder<>& builder);

  private:
    void write(llvm::IRBuilder<>& builder, std::uint32_t kind, llvm::ArrayRef<llvm::Value*> texts,
               llvm::Value* line);

    llvm::Function& kernel_;
    llvm::Value* globals_;
};

}  // namespace heddle::compiler
