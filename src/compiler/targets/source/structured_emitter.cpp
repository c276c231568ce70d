// The walk over the control tree; see structured_emitter.h.
#include "structured_emitter.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>

#include <algorithm>
#include <cctype>

#include "../unsupported.h"

namespace heddle::compiler {

using namespace llvm;
using Node = ControlNode::Kind;

namespace {

void replace_word(std::string& text, const std::string& word, const std::string& by) {
    const auto is_part = [&](std::size_t at) {
        return at < text.size() &&
               (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_');
    };
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
        if ((at > 0 && (is_part(at - 1) || text[at - 1] == '.')) || is_part(at + word.size())) {
            at += word.size();
            continue;
        }
        text.replace(at, word.size(), by);
        at += by.size();
    }
}

bool is_plain_barrier(const Instruction& instruction) {
    const auto* call = dyn_cast<CallBase>(&instruction);
    return call && call->getCalledFunction() && call->getCalledFunction()->getName() == "heddle.barrier";
}

bool is_block_barrier(const Instruction& instruction) {
    const auto* call = dyn_cast<CallBase>(&instruction);
    return call && call->getCalledFunction() &&
           call->getCalledFunction()->getName().starts_with("heddle.barrier");
}

}  // namespace

StructuredEmitter::StructuredEmitter(Function& kernel, const DominatorTree& dominators, const LoopInfo& loops,
                                     std::set<std::string, std::less<>> reserved, std::string mask_name)
    : kernel_(kernel),
      mask_name_(std::move(mask_name)),
      dominators_(dominators),
      loops_(loops),
      uniformity_(kernel, loops),
      source_names_(std::move(reserved)),
      tree_(build_control_tree(kernel, dominators, loops)) {
    static_cast<void>(source_names_.fresh(mask_name_));
}

const std::string& StructuredEmitter::variable(const Value* value) {
    std::string& name = names_[value];
    if (name.empty()) {
        // The value that a loop leaves behind is still in the loop's variable.
        if (const auto* phi = dyn_cast<PHINode>(value);
            phi && phi->getNumIncomingValues() == 1 && !has_waits_) {
            const auto* only = dyn_cast<Instruction>(phi->getIncomingValue(0));
            if (only && !is_folded(only)) {
                const std::string found = variable(only);
                share_variable(*only, *phi);
                return names_[value] = found;
            }
        }
        const std::string made = source_names_.for_value(*value);
        names_[value] = made;
    }
    const std::string& chosen = names_[value];
    if (isa<Instruction>(value) && !isa<AllocaInst>(value)) {
        Variable described = variable_of(*value);
        const auto* phi = dyn_cast<PHINode>(value);
        const Loop* loop = phi ? loops_.getLoopFor(phi->getParent()) : nullptr;
        described.is_carried = loop && loop->getHeader() == phi->getParent();
        const auto [place, is_new] = variables_.try_emplace(chosen, described);
        if (!is_new) place->second.is_carried |= described.is_carried;
    }
    return chosen;
}

void StructuredEmitter::assign(const Instruction& instruction, const std::string& text) {
    if (instruction.use_empty() || is_dropped(instruction)) {
        if (instruction.mayHaveSideEffects()) line(text + ";");
        return;
    }
    append(Statement::assignment(variable(&instruction), text));
}

StatementList StructuredEmitter::emit_body() {
    for (const Instruction& instruction : instructions(kernel_)) has_waits_ |= waits(instruction);
    measure(tree_);
    choose_folded();
    join_loop_variables();
    StatementList body;
    // What a pass finds out about labels and loops, the next one needs: until nothing is new.
    for (unsigned pass = 0; pass < 4; ++pass) {
        const std::size_t known = flagged_.size(), known_checks = checks_.size();
        body.clear();
        constructs_.clear();
        is_masked_ = false;
        out_ = &body;
        walk(tree_);
        if (flagged_.size() == known && checks_.size() == known_checks && pass > 0) break;
    }
    if (uses_mask_) variables_[mask_name_] = {boolean(), {}, true, "true"};
    tidy(body, mask_name_);
    while (!body.empty() && body.back().kind == Statement::Kind::line && body.back().text == "return;")
        body.pop_back();
    if (has_waits_)
        for (auto& [name, variable] : variables_)
            if (variable.initial.empty() && variable.suffix.empty())
                variable.initial = variable.type == boolean() ? "false" : "0";
    declare(body, variables_);
    return body;
}

// ---- what a subtree holds

void StructuredEmitter::measure(const ControlSequence& sequence) {
    for (const auto& node : sequence) {
        measure(node->body);
        measure(node->otherwise);
        bool waiting = has_wait(node->body) || has_wait(node->otherwise);
        bool barrier = has_barrier(node->body) || has_barrier(node->otherwise);
        if (node->kind == Node::block)
            for (const Instruction& instruction : *node->block) {
                waiting |= waits(instruction);
                barrier |= is_block_barrier(instruction);
            }
        node_waits_[node.get()] = waiting;
        node_barriers_[node.get()] = barrier;
    }
}

bool StructuredEmitter::has_wait(const ControlSequence& sequence) const {
    return any_of(sequence, [&](const auto& node) { return node_waits_.lookup(node.get()); });
}

bool StructuredEmitter::has_barrier(const ControlSequence& sequence) const {
    return any_of(sequence, [&](const auto& node) { return node_barriers_.lookup(node.get()); });
}

unsigned StructuredEmitter::count_barriers(const ControlSequence& sequence) const {
    unsigned count = 0;
    for (const auto& node : sequence) {
        count += count_barriers(node->body) + count_barriers(node->otherwise);
        if (node->kind == Node::block)
            count += static_cast<unsigned>(count_if(*node->block, is_block_barrier));
    }
    return count;
}

// Under a mask only conditions that threads outside it can compute too keep a branch a branch.
bool StructuredEmitter::diverges(const BasicBlock* block, bool by_mask) const {
    if (uniformity_.diverges(block)) return true;
    return by_mask && !uniformity_.is_known_to_all(cast<BranchInst>(block->getTerminator())->getCondition());
}

// Whether threads may part in `sequence` and are not together again before its end.
bool StructuredEmitter::is_unresolved(const ControlSequence& sequence, bool by_mask) const {
    return any_of(sequence, [&](const auto& node) {
        switch (node->kind) {
            case Node::branch:
                return diverges(node->block, by_mask) || is_unresolved(node->body, by_mask) ||
                       is_unresolved(node->otherwise, by_mask);
            case Node::loop:
                return is_unresolved(node->body, by_mask);
            case Node::scope:
                return (!node->all_arrive && is_unresolved(node->body, by_mask)) ||
                       is_unresolved(node->otherwise, by_mask);
            default:
                return false;
        }
    });
}

// ---- the walk

template <class Function>
StatementList StructuredEmitter::collect(Function function) {
    StatementList list;
    StatementList* const outer = std::exchange(out_, &list);
    function();
    out_ = outer;
    return list;
}

void StructuredEmitter::append_guarded(const std::string& active, const std::function<void()>& emit) {
    append(Statement::branch(active, "!" + active, collect(emit)));
}

void StructuredEmitter::walk(const ControlSequence& sequence) {
    for (const auto& node : sequence) walk(*node);
}

void StructuredEmitter::walk(const ControlNode& node) {
    const bool is_code = node.kind == Node::block || node.kind == Node::branch || node.kind == Node::loop ||
                         node.kind == Node::scope;
    const bool is_plain_branch = node.kind == Node::branch && !diverges(node.block, true);
    if (is_masked_ && is_code && !node_waits_.lookup(&node) && !is_plain_branch && node.kind != Node::block) {
        // Nobody waits in it: the active threads run it as it is.
        constructs_.push_back({Construct::Kind::wrapper, nullptr});
        is_masked_ = false;
        StatementList list = collect([&] { walk(node); });
        is_masked_ = true;
        constructs_.pop_back();
        append(Statement::branch(mask_name_, "!" + mask_name_, std::move(list)));
        return;
    }
    switch (node.kind) {
        case Node::block:
            walk_block(node);
            break;
        case Node::branch:
            walk_branch(node);
            break;
        case Node::loop:
            walk_loop(node);
            break;
        case Node::scope:
            walk_scope(node);
            break;
        case Node::jump:
            walk_jump(node);
            break;
        case Node::enter:
            copy_phis(node.block, node.target);
            break;
        case Node::end:
            walk_end();
            break;
    }
}

void StructuredEmitter::walk_block(const ControlNode& node) {
    StatementList guarded;
    const auto flush = [&] {
        if (guarded.empty()) return;
        append(Statement::branch(mask_name_, "!" + mask_name_, std::move(guarded)));
        guarded.clear();
    };
    for (const Instruction& instruction : *node.block) {
        if (instruction.isTerminator() || isa<PHINode>(instruction) || is_folded(&instruction) ||
            is_dropped(instruction))
            continue;
        if (waits(instruction)) {
            flush();
            uses_mask_ |= is_masked_;
            emit_waiting(instruction, is_masked_ ? mask_name_ : "true");
            if (is_plain_barrier(instruction)) out_->back().is_barrier = true;
            continue;
        }
        if (instruction.use_empty() && !instruction.mayHaveSideEffects()) continue;
        if (!is_masked_) {
            emit(instruction);
            continue;
        }
        if (uniformity_.is_known_to_all(&instruction)) {
            flush();
            emit(instruction);
            continue;
        }
        StatementList part = collect([&] { emit(instruction); });
        guarded.insert(guarded.end(), std::make_move_iterator(part.begin()),
                       std::make_move_iterator(part.end()));
    }
    flush();
}

void StructuredEmitter::walk_branch(const ControlNode& node) {
    const auto* branch = cast<BranchInst>(node.block->getTerminator());
    const Condition cond = condition(*branch->getCondition());
    const bool masks = node_waits_.lookup(&node) && diverges(node.block, is_masked_);
    if (!masks) {
        StatementList body = collect([&] { walk(node.body); });
        StatementList otherwise = collect([&] { walk(node.otherwise); });
        append(Statement::branch(cond.text, cond.opposite, std::move(body), std::move(otherwise)));
        return;
    }
    uses_mask_ = true;
    const bool was_masked = std::exchange(is_masked_, true);
    const std::string taken = flag(node.block, "takes_");
    const std::string rest = flag(node.block, "passes_");
    variables_[taken] = variables_[rest] = {boolean(), {}, false, {}};
    append(Statement::assignment(taken,
                                 was_masked ? mask_name_ + " && " + parenthesized(cond.text) : cond.text));
    StatementList body = collect([&] { walk(node.body); });
    StatementList otherwise = collect([&] { walk(node.otherwise); });
    if (!otherwise.empty())
        append(Statement::assignment(rest, (was_masked ? mask_name_ + " && !" : "!") + taken));
    if (has_barrier(node.body) && has_barrier(node.otherwise)) {
        append_in_turns(node, taken, std::move(body), rest, std::move(otherwise));
    } else {
        append_under(taken, std::move(body));
        append_under(rest, std::move(otherwise));
    }
    is_masked_ = was_masked;
}

void StructuredEmitter::append_under(const std::string& who, StatementList list) {
    if (list.empty()) return;
    append(Statement::assignment(mask_name_, who));
    for (Statement& statement : list) append(std::move(statement));
}

// Both sides of a branch, where the barriers of one side are those of the other: up to each barrier one side
// runs, then the other, and all threads meet once.
void StructuredEmitter::append_in_turns(const ControlNode& node, const std::string& taken, StatementList body,
                                        const std::string& rest, StatementList otherwise) {
    const auto* branch = cast<BranchInst>(node.block->getTerminator());
    const auto parts_of = [&](StatementList list, const ControlSequence& sequence) {
        std::vector<StatementList> parts(1);
        for (Statement& statement : list)
            if (statement.is_barrier)
                parts.emplace_back();
            else
                parts.back().push_back(std::move(statement));
        if (parts.size() - 1 != count_barriers(sequence))
            throw Unsupported(*branch,
                              "__syncthreads() on both sides of a branch that the threads of a block take "
                              "differently, on one side in a loop, under a further branch or with a value");
        return parts;
    };
    const auto barrier = find_if(body, [](const Statement& statement) { return statement.is_barrier; });
    const Statement meeting = barrier != body.end() ? *barrier : Statement();
    std::vector<StatementList> first = parts_of(std::move(body), node.body),
                               second = parts_of(std::move(otherwise), node.otherwise);
    if (first.size() != second.size())
        throw Unsupported(*branch,
                          "the sides of a branch that the threads of a block take differently have " +
                              std::to_string(first.size() - 1) + " and " + std::to_string(second.size() - 1) +
                              " __syncthreads()");
    for (std::size_t k = 0; k < first.size(); ++k) {
        if (k > 0) append(meeting);
        const bool is_last = k + 1 == first.size();
        for (const auto& [who, part] : {std::pair(&taken, &first[k]), std::pair(&rest, &second[k])}) {
            const bool changes = assigns(*part, mask_name_);
            append_under(*who, std::move(*part));
            if (changes && !is_last) append(Statement::assignment(*who, mask_name_));
        }
    }
}

void StructuredEmitter::walk_loop(const ControlNode& node) {
    if (node_waits_.lookup(&node) && is_unresolved(node.body, is_masked_)) {
        walk_masked_loop(node);
        return;
    }
    constructs_.push_back({Construct::Kind::loop, node.block});
    StatementList body = collect([&] { walk(node.body); });
    constructs_.pop_back();
    append(Statement::loop(Statement::Kind::forever, {}, std::move(body)));
    for (const BasicBlock* target : checks_[node.block]) {
        const std::string name = flag(target, "reaches_");
        append(Statement::branch(name, "!" + name, {Statement::line("break;")}));
    }
}

void StructuredEmitter::walk_masked_loop(const ControlNode& node) {
    uses_mask_ = true;
    const bool was_masked = std::exchange(is_masked_, true);
    if (!was_masked) append(Statement::assignment(mask_name_, "true"));
    const std::string again = flag(node.block, "repeats_");
    variables_[again] = {boolean(), {}, false, {}};
    constructs_.push_back({Construct::Kind::masked_loop, node.block});
    StatementList body = collect([&] {
        append(Statement::assignment(again, "false"));
        walk(node.body);
        append(Statement::assignment(mask_name_, again));
    });
    constructs_.pop_back();
    append(Statement::loop(Statement::Kind::do_while, any_active(mask_name_), std::move(body)));
    is_masked_ = was_masked;
}

void StructuredEmitter::walk_scope(const ControlNode& node) {
    const bool begins_mask =
        !is_masked_ && has_wait(node.otherwise) && !node.all_arrive && is_unresolved(node.body, false);
    const bool was_masked = is_masked_;
    if (begins_mask) {
        is_masked_ = uses_mask_ = true;
        append(Statement::assignment(mask_name_, "true"));
    }
    const bool is_flagged = flagged_.count(node.block) != 0 || (is_masked_ && !node.all_arrive);
    const std::string reaches = is_flagged ? flag(node.block, "reaches_") : std::string();
    if (is_flagged) {
        variables_[reaches] = {boolean(), {}, false, {}};
        append(Statement::assignment(reaches, "false"));
    }
    std::string entered;
    if (is_masked_ && node.all_arrive) {
        entered = flag(node.block, "enters_");
        variables_[entered] = {boolean(), {}, false, {}};
        append(Statement::assignment(entered, mask_name_));
    }
    constructs_.push_back({Construct::Kind::scope, node.block, node.all_arrive});
    walk(node.body);
    constructs_.pop_back();
    if (is_masked_) {
        StatementList otherwise = collect([&] { walk(node.otherwise); });
        if (!otherwise.empty())
            append(Statement::assignment(mask_name_, node.all_arrive ? entered : reaches));
        for (Statement& statement : otherwise) append(std::move(statement));
    } else if (is_flagged) {
        StatementList otherwise = collect([&] { walk(node.otherwise); });
        append(Statement::branch(reaches, "!" + reaches, std::move(otherwise)));
    } else {
        walk(node.otherwise);
    }
    is_masked_ = was_masked;
}

// Control leaves for `target`, the construct at `place`: flags are raised and loops left.
void StructuredEmitter::leave(const BasicBlock* target, std::size_t place) {
    unsigned loops_left = 0;
    bool needs_flag = false, crosses_wrapper = false;
    const BasicBlock* inner_loop = nullptr;
    // Code of labels that control falls into before it is at the target: such code needs to know that nobody
    // comes. What stands in a loop is left with it; code under a mask runs for nobody.
    SmallVector<const BasicBlock*, 4> passed_labels;
    for (std::size_t k = constructs_.size(); k-- > place + 1;) {
        const Construct& passed = constructs_[k];
        switch (passed.kind) {
            case Construct::Kind::scope:
                if (!crosses_wrapper && !is_masked_) passed_labels.push_back(passed.block);
                break;
            case Construct::Kind::loop:
                if (crosses_wrapper) break;
                passed_labels.clear();
                if (++loops_left > 1) {
                    checks_[inner_loop].insert(target);
                    needs_flag = true;
                }
                inner_loop = passed.block;
                break;
            case Construct::Kind::wrapper:
                crosses_wrapper = true;
                break;
            case Construct::Kind::masked_loop:
                break;
        }
    }
    flagged_.insert(passed_labels.begin(), passed_labels.end());
    const Construct* to = place < constructs_.size() ? &constructs_[place] : nullptr;
    if (to && to->kind == Construct::Kind::scope) {
        if (needs_flag || ((is_masked_ || crosses_wrapper) && !to->all_arrive)) flagged_.insert(target);
        if (flagged_.count(target) != 0) raise(flag(target, "reaches_"));
    } else if (to && to->kind == Construct::Kind::masked_loop) {
        raise(flag(target, "repeats_"));
    } else if (needs_flag) {
        raise(flag(target, "reaches_"));
    }
    if (loops_left > 0) line("break;");
}

void StructuredEmitter::raise(const std::string& flag) {
    variables_.try_emplace(flag, Variable{boolean(), {}, true, {}});
    append(Statement::assignment(flag, is_masked_ ? flag + " || " + mask_name_ : "true"));
}

void StructuredEmitter::walk_jump(const ControlNode& node) {
    copy_phis(node.block, node.target);
    std::size_t place = constructs_.size();
    while (place > 0) {
        const Construct& candidate = constructs_[place - 1];
        const bool is_loop =
            candidate.kind == Construct::Kind::loop || candidate.kind == Construct::Kind::masked_loop;
        if (candidate.block == node.target &&
            (node.is_back_edge ? is_loop : candidate.kind == Construct::Kind::scope))
            break;
        --place;
    }
    if (place == 0) throw std::runtime_error("internal: a jump has no target");
    --place;
    if (node.is_back_edge && constructs_[place].kind == Construct::Kind::loop) {
        // Scopes that the jump leaves would run their code; where all of it is under a mask, it does nothing.
        bool passes_code = false;
        for (std::size_t k = place + 1; k < constructs_.size(); ++k)
            passes_code |= constructs_[k].kind == Construct::Kind::scope;
        if (passes_code && !is_masked_) line("continue;");
        return;
    }
    leave(node.target, place);
}

void StructuredEmitter::walk_end() {
    if (is_masked_) return;
    std::size_t wrapper = constructs_.size();
    while (wrapper > 0 && constructs_[wrapper - 1].kind != Construct::Kind::wrapper) --wrapper;
    if (wrapper == 0) {
        line("return;");
        return;
    }
    // The thread takes part in nothing more, but must come to what others wait at.
    leave(nullptr, wrapper - 1);
}

void StructuredEmitter::copy_phis(const BasicBlock* from, const BasicBlock* to) {
    struct Copy {
        std::string name, value;
        bool is_known_to_all;
        const PHINode* phi;
    };
    std::vector<Copy> copies;
    for (const PHINode& phi : to->phis()) {
        if (phi.use_empty()) continue;
        const Value* incoming = phi.getIncomingValueForBlock(from);
        if (isa<UndefValue>(incoming)) continue;
        const std::string name = variable(&phi), value = assigned_text(*incoming, phi);
        if (name == value) continue;
        copies.push_back({name, value, uniformity_.is_known_to_all(&phi), &phi});
    }
    // All copies happen at once: one that another still reads goes last, or by way of a further variable.
    StatementList open, guarded;
    while (!copies.empty()) {
        auto next = std::find_if(copies.begin(), copies.end(), [&](const Copy& copy) {
            return std::none_of(copies.begin(), copies.end(), [&](const Copy& other) {
                return &other != &copy && mentions(other.value, copy.name);
            });
        });
        if (next == copies.end()) {
            const std::string kept = flag(to, (copies[0].name + "_before_").c_str());
            Variable described = variable_of(*copies[0].phi);
            described.is_carried = true;
            variables_.try_emplace(kept, described);
            (is_masked_ && !copies[0].is_known_to_all ? guarded : open)
                .push_back(Statement::assignment(kept, copies[0].name));
            for (Copy& other : copies)
                if (&other != copies.data()) replace_word(other.value, copies[0].name, kept);
            next = copies.begin();
        }
        (is_masked_ && !next->is_known_to_all ? guarded : open)
            .push_back(Statement::assignment(next->name, next->value));
        copies.erase(next);
    }
    if (!guarded.empty()) append(Statement::branch(mask_name_, "!" + mask_name_, std::move(guarded)));
    for (Statement& statement : open) append(std::move(statement));
}

std::string StructuredEmitter::flag(const BasicBlock* block, const char* prefix) {
    std::string& name = flags_[{block, prefix}];
    if (name.empty()) {
        std::string label = block ? identifier(block->getName().split('.').first) : std::string("end");
        if (block) {
            const StringRef second = block->getName().split('.').second.split('.').first;
            if (!second.empty()) label += "_" + identifier(second);
        }
        while (!label.empty() && std::isdigit(static_cast<unsigned char>(label.back())) != 0)
            label.pop_back();
        name = source_names_.fresh(prefix + (label.empty() ? std::string("label") : label));
    }
    return name;
}

}  // namespace heddle::compiler
