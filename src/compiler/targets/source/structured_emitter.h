// Walks a kernel's control tree and writes structured source: what stands in an expression and what in a
// variable, loops and branches without jumps, and, around code in which threads wait for each other, masks
// instead of branches that not all threads of the block take. The language itself comes from a derived class.
//
// A jump of the tree falls off the end of what it stands in, as a break or as a continue; where that would
// run code of a label between, a flag tells at the label who comes. docs/design/opencl-target.md has the
// rules.
#pragma once

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Instructions.h>

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../control_tree.h"
#include "source_names.h"
#include "statement.h"
#include "uniformity.h"

namespace heddle::compiler {

class StructuredEmitter {
  public:
    StructuredEmitter(llvm::Function& kernel, const llvm::DominatorTree& dominators,
                      const llvm::LoopInfo& loops, std::set<std::string, std::less<>> reserved,
                      std::string mask_name = "active");
    virtual ~StructuredEmitter() = default;
    StructuredEmitter(const StructuredEmitter&) = delete;
    StructuredEmitter& operator=(const StructuredEmitter&) = delete;

  protected:
    /// A condition and its negation.
    struct Condition {
        std::string text, opposite;
    };
    /// The kernel's statements, tidied, with every variable declared. Calls the functions below.
    StatementList emit_body();

    // ---- what a language says
    /// All threads of the block (or the warp) must come to `instruction`, whoever takes part.
    virtual bool waits(const llvm::Instruction& instruction) const = 0;
    /// Emits an instruction that is no part of an expression: calls assign() where it has a value.
    virtual void emit(const llvm::Instruction& instruction) = 0;
    /// The same for one that waits; `active` says whether the thread takes part.
    virtual void emit_waiting(const llvm::Instruction& instruction, const std::string& active) = 0;
    /// `value` as it is assigned to the variable of `to`.
    virtual std::string assigned_text(const llvm::Value& value, const llvm::Value& to) = 0;
    virtual Condition condition(const llvm::Value& value) = 0;
    /// Whether any thread of the block is active: an expression, the same for all.
    virtual std::string any_active(const std::string& active) = 0;
    virtual Variable variable_of(const llvm::Value& value) = 0;
    virtual std::string boolean() const { return "bool"; }
    /// A value that costs nothing to say again, whatever it is used by: a cast of a pointer, a register.
    virtual bool is_free(const llvm::Instruction& instruction) const = 0;
    virtual bool is_dropped(const llvm::Instruction& instruction) const = 0;

    // ---- what a language asks
    bool is_folded(const llvm::Value* value) const { return folded_.count(value) != 0; }
    /// The variable that holds `value`.
    const std::string& variable(const llvm::Value* value);
    void name(const llvm::Value* value, std::string name) { names_[value] = std::move(name); }
    void assign(const llvm::Instruction& instruction, const std::string& text);
    void line(std::string text) { out_->push_back(Statement::line(std::move(text))); }
    void append(Statement statement) { out_->push_back(std::move(statement)); }
    /// What `emit` makes runs for threads that are `active` only.
    void append_guarded(const std::string& active, const std::function<void()>& emit);
    SourceNames& names() noexcept { return source_names_; }
    bool has_waits() const noexcept { return has_waits_; }
    bool is_masked() const noexcept { return is_masked_; }
    /// All threads of the block come to `block`, the same number of times, none on another way meanwhile.
    bool threads_come_together(const llvm::BasicBlock& block) const { return !uniformity_.parts_at(&block); }

    llvm::Function& kernel_;

  private:
    const std::string mask_name_;  ///< the variable that says whether the thread takes part

    struct Construct {
        enum class Kind { scope, loop, masked_loop, wrapper };
        Kind kind;
        const llvm::BasicBlock* block;
        bool all_arrive = false;
    };

    // choice of variables
    void choose_folded();
    bool costs_nothing(const llvm::Instruction& instruction) const;
    bool can_fold(const llvm::Instruction& instruction) const;
    const llvm::Instruction* root_of(const llvm::Instruction& instruction) const;
    bool is_undisturbed(const llvm::Instruction& load, const llvm::Instruction& root) const;
    void join_loop_variables();
    bool is_read_only_before(const llvm::Value* phi, const llvm::Instruction* next,
                             const llvm::BasicBlock* latch, unsigned depth) const;

    // the walk
    void measure(const ControlSequence& sequence);
    bool has_wait(const ControlSequence& sequence) const;
    bool has_barrier(const ControlSequence& sequence) const;
    unsigned count_barriers(const ControlSequence& sequence) const;
    bool is_unresolved(const ControlSequence& sequence, bool by_mask) const;
    bool diverges(const llvm::BasicBlock* block, bool by_mask) const;
    void walk(const ControlSequence& sequence);
    void walk(const ControlNode& node);
    void walk_block(const ControlNode& node);
    void walk_branch(const ControlNode& node);
    void append_under(const std::string& who, StatementList list);
    void append_in_turns(const ControlNode& node, const std::string& taken, StatementList body,
                         const std::string& rest, StatementList otherwise);
    void walk_loop(const ControlNode& node);
    void walk_masked_loop(const ControlNode& node);
    void walk_scope(const ControlNode& node);
    void walk_jump(const ControlNode& node);
    void walk_end();
    void copy_phis(const llvm::BasicBlock* from, const llvm::BasicBlock* to);
    void leave(const llvm::BasicBlock* target, std::size_t place);
    template <class Function>
    StatementList collect(Function function);
    std::string flag(const llvm::BasicBlock* block, const char* prefix);
    void raise(const std::string& flag);

    const llvm::DominatorTree& dominators_;
    const llvm::LoopInfo& loops_;
    BlockUniformity uniformity_;
    SourceNames source_names_;
    ControlSequence tree_;
    llvm::DenseMap<const ControlNode*, bool> node_waits_, node_barriers_;
    llvm::DenseSet<const llvm::Value*> folded_;
    llvm::DenseMap<const llvm::Value*, unsigned> evaluations_;
    llvm::DenseMap<const llvm::Value*, std::string> names_;
    llvm::DenseMap<const llvm::Instruction*, unsigned> positions_;
    Variables variables_;
    std::map<std::pair<const llvm::BasicBlock*, std::string>, std::string> flags_;
    std::set<const llvm::BasicBlock*> flagged_;
    std::map<const llvm::BasicBlock*, std::set<const llvm::BasicBlock*>> checks_;  // behind a loop, by header
    std::vector<Construct> constructs_;
    StatementList* out_ = nullptr;
    bool has_waits_ = false, is_masked_ = false;
    bool uses_mask_ = false;
};

}  // namespace heddle::compiler
