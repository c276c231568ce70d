// The control tree: a kernel's control flow as nested blocks, branches, loops and labelled scopes, laid over
// the LLVM instructions. In: a reducible function in LoopSimplify and LCSSA form with two-way branches only.
// Out: a tree in which every basic block appears once. docs/design/control-tree.md tells what each node
// means.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace llvm {
class BasicBlock;
class Function;
class LoopInfo;
class DominatorTree;
}  // namespace llvm

namespace heddle::compiler {

struct ControlNode;
using ControlSequence = std::vector<std::unique_ptr<ControlNode>>;

struct ControlNode {
    enum class Kind {
        block,   ///< the instructions of `block`, without its terminator
        branch,  ///< `block` ends in a conditional branch: `body` when true, `otherwise` when false
        loop,    ///< `block` is the header; `body` repeats by jumps back to it
        scope,   ///< `body` runs, and what jumps to `block` in it goes on in `otherwise`, which starts with
                 ///< `block`
        jump,    ///< control leaves `block` for `target`, an enclosing scope's block or an enclosing loop's
                 ///< header
        enter,   ///< control passes from `block` on to `target`, which follows: its phis take their values
        end,     ///< the thread ends (return or unreachable)
    };
    Kind kind;
    llvm::BasicBlock* block = nullptr;
    llvm::BasicBlock* target = nullptr;  ///< jump and enter
    bool is_back_edge = false;           ///< jump only: to a loop's header
    /// scope only: every thread that enters the scope arrives at `block`, in the same iteration of the loops
    /// around it.
    bool all_arrive = false;
    ControlSequence body, otherwise;
};

/// Marks, on their terminators, the blocks behind a loop in which lanes wait for each other
/// (kernel_preparation.h): what a lane does right after it leaves such a loop lets the others leave, so it
/// stands inside the loop; the block where lanes meet again stands behind it.
inline constexpr const char *eager_exit_mark = "heddle.eager.exit", *eager_join_mark = "heddle.eager.join";
bool is_eager_exit(const llvm::BasicBlock& block);
bool is_eager_join(const llvm::BasicBlock& block);

/// Builds the tree. The analyses must be those of `function`.
ControlSequence build_control_tree(llvm::Function& function, const llvm::DominatorTree& dominators,
                                   const llvm::LoopInfo& loops);

/// Empty when `tree` holds every reachable block once and every jump has its enclosing target; else what is
/// wrong.
std::string verify_control_tree(const ControlSequence& tree, llvm::Function& function);

/// The tree as indented text, for `--emit` and for people.
std::string print_control_tree(const ControlSequence& tree);

}  // namespace heddle::compiler
