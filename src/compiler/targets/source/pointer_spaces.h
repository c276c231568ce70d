// Which memory every pointer of a kernel points to, for languages whose pointer types say so.
#pragma once

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/Function.h>

namespace heddle::compiler {

enum class Space {
    none,      ///< null, or nothing known: any will do
    global,    ///< buffers, the block of globals, the heap
    shared,    ///< of the block
    private_,  ///< of the thread: arrays and structures passed by value
    generic,   ///< more than one of them, known only at run time
};

class PointerSpaces {
  public:
    explicit PointerSpaces(llvm::Function& kernel);

    Space of(const llvm::Value* pointer) const;
    /// The kernel keeps pointers to shared or private memory in memory, so that any pointer it loads may be
    /// one.
    bool stores_other_pointers() const noexcept { return stores_other_pointers_; }
    /// The kernel loads pointers from memory or makes them of integers: its arguments do not tell all memory
    /// that it accesses.
    bool follows_pointers() const noexcept { return follows_pointers_; }

  private:
    Space compute(const llvm::Value* pointer) const;

    llvm::DenseMap<const llvm::Value*, Space> spaces_;
    bool stores_other_pointers_ = false, follows_pointers_ = false;
};

}  // namespace heddle::compiler
