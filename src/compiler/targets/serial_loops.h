// Chooses the loops that a warp runs lane by lane: those in which lanes leave apart and hardly anything but
// scattered memory accesses happens, which scalar code does quicker than gathers under a mask. In: a kernel,
// its control tree and its shapes. Out: for each chosen loop what goes into it and what comes out.
#pragma once

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallVector.h>

#include "control_tree.h"
#include "shape_analysis.h"

namespace heddle::compiler {

struct SerialLoop {
    llvm::SmallVector<llvm::Value*, 8> inputs;      ///< defined outside, used inside; no constants
    llvm::SmallVector<llvm::BasicBlock*, 2> exits;  ///< labels behind the loop
};

class SerialLoops {
  public:
    /// `shapes` are those of `row`.
    SerialLoops(llvm::Function& kernel, const ControlSequence& tree, const llvm::DominatorTree& dominators,
                const llvm::LoopInfo& loops, const ShapeAnalysis& shapes, Row row);
    /// Null when the loop with this header stays a loop of vectors.
    const SerialLoop* find(const llvm::BasicBlock* header) const {
        auto found = loops_.find(header);
        return found == loops_.end() ? nullptr : &found->second;
    }
    /// Shapes of the code of one lane.
    const ShapeAnalysis& lane_shapes() const { return lane_shapes_; }

  private:
    llvm::DenseMap<const llvm::BasicBlock*, SerialLoop> loops_;
    ShapeAnalysis lane_shapes_;
};

}  // namespace heddle::compiler
