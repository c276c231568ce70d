// Builds the control tree from the dominator tree: a block with several forward edges becomes the label of a
// scope around the block that dominates it; a loop's exits become labels around the loop, so that threads
// meet again there. After N. Ramsey, "Beyond Relooper: Recursive Translation of Unstructured Control Flow to
// Structured Control Flow", ICFP 2022, with the loop exits moved outwards.
#include "control_tree.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Instructions.h>

#include <algorithm>

namespace heddle::compiler {
namespace {

using llvm::BasicBlock;
using Kind = ControlNode::Kind;

class TreeBuilder {
  public:
    TreeBuilder(llvm::Function& function, const llvm::DominatorTree& dominators, const llvm::LoopInfo& loops)
        : loops_(loops), entry_(&function.getEntryBlock()) {
        llvm::ReversePostOrderTraversal<llvm::Function*> order(&function);
        unsigned number = 0;
        for (BasicBlock* block : order) number_[block] = number++;
        for (BasicBlock* block : order) place(block, dominators);
        for (auto* hosts : {&inside_, &outside_})
            for (auto& [host, labels] : *hosts)
                std::sort(labels.begin(), labels.end(),
                          [&](BasicBlock* a, BasicBlock* b) { return number_[a] < number_[b]; });
    }

    ControlSequence build() { return tree(entry_); }

  private:
    const llvm::LoopInfo& loops_;
    BasicBlock* entry_;
    llvm::DenseMap<BasicBlock*, unsigned> number_;  // reverse post order
    llvm::DenseMap<BasicBlock*, std::vector<BasicBlock*>>
        inside_;  // labels of scopes around a block's own code
    llvm::DenseMap<BasicBlock*, std::vector<BasicBlock*>>
        outside_;                                         // labels of scopes around a header's whole loop
    llvm::DenseMap<BasicBlock*, bool> label_all_arrive_;  // labels, and whether all threads arrive

    bool is_back_edge(BasicBlock* from, BasicBlock* to) const {
        const llvm::Loop* loop = loops_.getLoopFor(to);
        return loop && loop->getHeader() == to && loop->contains(from);
    }

    // Decides whether `block` is a label, and around what.
    void place(BasicBlock* block, const llvm::DominatorTree& dominators) {
        if (block == entry_) return;
        unsigned forward_edges = 0;
        for (BasicBlock* predecessor : llvm::predecessors(block))
            forward_edges += number_.count(predecessor) && !is_back_edge(predecessor, block);
        BasicBlock* dominator = dominators.getNode(block)->getIDom()->getBlock();
        if (is_eager_exit(*block)) return;
        if (is_eager_join(*block)) dominator = dominator->getSinglePredecessor();
        BasicBlock* header = nullptr;  // of the outermost loop that `dominator` is in and `block` is not
        for (const llvm::Loop* loop = loops_.getLoopFor(dominator); loop && !loop->contains(block);
             loop = loop->getParentLoop())
            header = loop->getHeader();
        if (header) {
            outside_[header].push_back(block);
            label_all_arrive_[block] = all_arrive(header, block, true);
        } else if (forward_edges > 1) {
            inside_[dominator].push_back(block);
            label_all_arrive_[block] = all_arrive(dominator, block, false);
        }
    }

    // Whether every path from `from` meets `to` before the function ends or a loop around `from` starts anew.
    bool all_arrive(BasicBlock* from, BasicBlock* to, bool around_loop) const {
        llvm::DenseSet<const BasicBlock*> forbidden, seen;
        const llvm::Loop* loop = loops_.getLoopFor(from);
        if (around_loop && loop) loop = loop->getParentLoop();
        for (; loop; loop = loop->getParentLoop()) forbidden.insert(loop->getHeader());
        std::vector<BasicBlock*> pending{from};
        seen.insert(from);
        while (!pending.empty()) {
            BasicBlock* block = pending.back();
            pending.pop_back();
            if (llvm::succ_empty(block)) return false;
            for (BasicBlock* successor : llvm::successors(block)) {
                if (successor == to) continue;
                if (forbidden.count(successor)) return false;
                if (seen.insert(successor).second) pending.push_back(successor);
            }
        }
        return true;
    }

    static std::unique_ptr<ControlNode> node(Kind kind, BasicBlock* block) {
        auto made = std::make_unique<ControlNode>();
        made->kind = kind;
        made->block = block;
        return made;
    }

    ControlSequence enclose(ControlSequence inner, const std::vector<BasicBlock*>& labels) {
        for (BasicBlock* label : labels) {
            auto scope = node(Kind::scope, label);
            scope->all_arrive = label_all_arrive_.lookup(label);
            scope->body = std::move(inner);
            scope->otherwise = tree(label);
            inner.clear();
            inner.push_back(std::move(scope));
        }
        return inner;
    }

    ControlSequence tree(BasicBlock* block) {
        ControlSequence code;
        code.push_back(node(Kind::block, block));
        llvm::Instruction* terminator = block->getTerminator();
        if (auto* branch = llvm::dyn_cast<llvm::BranchInst>(terminator)) {
            if (branch->isConditional()) {
                auto both = node(Kind::branch, block);
                both->body = edge(block, branch->getSuccessor(0));
                both->otherwise = edge(block, branch->getSuccessor(1));
                code.push_back(std::move(both));
            } else {
                for (auto& part : edge(block, branch->getSuccessor(0))) code.push_back(std::move(part));
            }
        } else {
            code.push_back(node(Kind::end, block));
        }
        code = enclose(std::move(code), inside_.lookup(block));
        const llvm::Loop* loop = loops_.getLoopFor(block);
        if (loop && loop->getHeader() == block) {
            auto repeat = node(Kind::loop, block);
            repeat->body = std::move(code);
            code.clear();
            code.push_back(std::move(repeat));
            code = enclose(std::move(code), outside_.lookup(block));
        }
        return code;
    }

    ControlSequence edge(BasicBlock* from, BasicBlock* to) {
        const bool back = is_back_edge(from, to);
        const bool inlined = !back && !label_all_arrive_.count(to);
        auto jump = node(inlined ? Kind::enter : Kind::jump, from);
        jump->target = to;
        jump->is_back_edge = back;
        ControlSequence code;
        code.push_back(std::move(jump));
        if (inlined)
            for (auto& part : tree(to)) code.push_back(std::move(part));
        return code;
    }
};

struct Verifier {
    llvm::DenseMap<const BasicBlock*, unsigned> seen;
    std::vector<const BasicBlock*> labels, headers;
    std::string problem;

    void walk(const ControlSequence& sequence) {
        for (const auto& node : sequence) {
            switch (node->kind) {
                case Kind::block:
                    ++seen[node->block];
                    break;
                case Kind::branch:
                    walk(node->body);
                    walk(node->otherwise);
                    break;
                case Kind::loop:
                    headers.push_back(node->block);
                    walk(node->body);
                    headers.pop_back();
                    break;
                case Kind::scope:
                    labels.push_back(node->block);
                    walk(node->body);
                    labels.pop_back();
                    walk(node->otherwise);
                    break;
                case Kind::jump: {
                    const auto& targets = node->is_back_edge ? headers : labels;
                    if (std::find(targets.begin(), targets.end(), node->target) == targets.end())
                        problem = "jump to '" + node->target->getName().str() + "' has no enclosing target";
                    break;
                }
                case Kind::enter:
                case Kind::end:
                    break;
            }
        }
    }
};

void print(const ControlSequence& sequence, unsigned depth, std::string& text) {
    const std::string indent(2 * std::size_t{depth}, ' ');
    const auto name = [](const BasicBlock* block) {
        return block->hasName() ? block->getName().str() : std::string("block");
    };
    for (const auto& node : sequence) {
        switch (node->kind) {
            case Kind::block:
                text += indent + name(node->block) + "\n";
                break;
            case Kind::branch:
                text += indent + "if " + name(node->block) + "\n";
                print(node->body, depth + 1, text);
                text += indent + "else\n";
                print(node->otherwise, depth + 1, text);
                break;
            case Kind::loop:
                text += indent + "loop " + name(node->block) + "\n";
                print(node->body, depth + 1, text);
                break;
            case Kind::scope:
                text += indent + "scope " + name(node->block) + (node->all_arrive ? " (all arrive)\n" : "\n");
                print(node->body, depth + 1, text);
                print(node->otherwise, depth, text);
                break;
            case Kind::jump:
                text += indent + (node->is_back_edge ? "continue " : "break ") + name(node->target) + "\n";
                break;
            case Kind::enter:
                break;
            case Kind::end:
                text += indent + "end\n";
                break;
        }
    }
}

}  // namespace

bool is_eager_exit(const BasicBlock& block) {
    return block.getTerminator()->getMetadata(eager_exit_mark) != nullptr;
}

bool is_eager_join(const BasicBlock& block) {
    return block.getTerminator()->getMetadata(eager_join_mark) != nullptr;
}

ControlSequence build_control_tree(llvm::Function& function, const llvm::DominatorTree& dominators,
                                   const llvm::LoopInfo& loops) {
    return TreeBuilder(function, dominators, loops).build();
}

std::string verify_control_tree(const ControlSequence& tree, llvm::Function& function) {
    Verifier verifier;
    verifier.walk(tree);
    if (!verifier.problem.empty()) return verifier.problem;
    llvm::ReversePostOrderTraversal<llvm::Function*> order(&function);
    for (BasicBlock* block : order)
        if (verifier.seen.lookup(block) != 1)
            return "block '" + block->getName().str() + "' appears " +
                   std::to_string(verifier.seen.lookup(block)) + " times";
    return {};
}

std::string print_control_tree(const ControlSequence& tree) {
    std::string text;
    print(tree, 0, text);
    return text;
}

}  // namespace heddle::compiler
