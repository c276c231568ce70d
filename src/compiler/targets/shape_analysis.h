// Shape analysis: how each value varies over the 32 lanes of a warp, and where control flow diverges. In: a
// kernel and its control tree. Out: a shape a value; for every label, whether the lanes arrive together; for
// every loop, whether they leave together.
#pragma once

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Instructions.h>

#include <cstdint>

#include "control_tree.h"

namespace heddle::compiler {

/// In every aligned group of `group` lanes, lane l of the group holds base + stride * l, where base is the
/// group's own. Uniform: group 32, stride 0. Nothing known: group 1. `alignment` is a power of two that
/// divides every base.
struct Shape {
    std::uint32_t group = 1;
    std::int64_t stride = 0;
    std::uint64_t alignment = 1;
    /// Affine unless a 32-bit index wraps around inside the warp, which the emitted code checks before it
    /// relies on it.
    bool assumed = false;

    static Shape uniform(std::uint64_t alignment = 1) { return {32, 0, alignment, false}; }
    static Shape varying() { return {1, 0, 1, false}; }
    bool is_uniform() const { return group == 32 && stride == 0; }
    bool is_affine() const { return group == 32; }  ///< one base for the whole warp
    bool is_varying() const { return group == 1; }
    friend bool operator==(const Shape&, const Shape&) = default;
};

/// What is known of the launches that a piece of code serves: how threadIdx relates to lanes.
enum class Row : std::uint32_t {
    any = 1,     ///< nothing
    linear = 2,  ///< block.y and block.z are 1
    half = 16,   ///< block.x is a multiple of 16 and the block's threads are a multiple of 32
    full = 32,   ///< block.x is a multiple of 32
};

/// Every lane of every warp exists.
constexpr bool has_full_warps(Row row) {
    return row == Row::full || row == Row::half;
}

class ShapeAnalysis {
  public:
    /// `lanes` is 32 or 1; with 1 everything is uniform.
    ShapeAnalysis(llvm::Function& kernel, const ControlSequence& tree, const llvm::LoopInfo& loops, Row row,
                  unsigned lanes);

    Shape shape(const llvm::Value* value) const;
    bool is_uniform(const llvm::Value* value) const { return shape(value).is_uniform(); }
    /// Lanes reach this label at different times: it is entered once for all of them, under a mask.
    bool arrives_apart(const llvm::BasicBlock* label) const { return apart_.contains(label); }
    /// Lanes leave this loop at different iterations.
    bool leaves_apart(const llvm::BasicBlock* header) const { return divergent_loops_.contains(header); }
    /// A private array laid out so that equal indices of all lanes are neighbours; its pointers count in such
    /// rows.
    bool is_interleaved(const llvm::Value* pointer) const { return interleaved_.contains(pointer); }
    /// Bytes of the elements of the interleaved array behind `pointer`.
    std::uint64_t interleaved_element(const llvm::Value* pointer) const {
        return interleaved_.lookup(pointer);
    }

  private:
    struct Walk;
    void find_interleaved(llvm::Function& kernel);
    Shape transfer(const llvm::Instruction& instruction) const;
    Shape exact_transfer(const llvm::Instruction& instruction) const;
    Shape call_shape(const llvm::CallBase& call) const;
    Shape phi_shape(const llvm::PHINode& phi, const llvm::LoopInfo& loops) const;
    Shape address_offset(const llvm::GetElementPtrInst& gep, bool& known) const;
    bool known(const llvm::Value* value) const;
    bool never_wraps(const llvm::Value* value, bool is_signed, unsigned depth = 0) const;
    bool find_divergence(const ControlSequence& tree);

    Row row_;
    unsigned lanes_;
    const llvm::DataLayout& layout_;
    llvm::DenseMap<const llvm::Value*, Shape> shapes_;
    llvm::DenseSet<const llvm::BasicBlock*> apart_, divergent_loops_;
    llvm::DenseMap<const llvm::Value*, std::uint64_t> interleaved_;
};

/// The alignment of a constant or known base: the largest power of two (at most 2^20) that divides it.
std::uint64_t alignment_of(std::uint64_t value);

}  // namespace heddle::compiler
