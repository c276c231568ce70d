// Control flow of the warp emitter. Phis, pending masks and live masks are kept in stack slots
// that LLVM turns back into registers: so the order of emission needs no phi bookkeeping of its own.
#include "warp_emitter.h"

#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include "serial_loops.h"

namespace heddle::compiler {

using namespace llvm;

WarpEmitter::WarpEmitter(Function& kernel, const ControlSequence& tree, const ShapeAnalysis& shapes,
                         const CpuVariant& variant, const WarpOptions& options, ImportTable& imports,
                         const SerialLoops* serial)
    : kernel_(kernel),
      tree_(tree),
      shapes_(shapes),
      variant_(variant),
      options_(options),
      imports_(imports),
      serial_(serial),
      context_(kernel.getContext()),
      layout_(kernel.getParent()->getDataLayout()) {}

void WarpEmitter::emit(IRBuilder<>& builder, BasicBlock* entry, const WarpFrame& frame) {
    builder_ = &builder;
    entry_ = entry;
    function_ = entry->getParent();
    frame_ = &frame;
    for (unsigned i = 0; i < kernel_.arg_size(); ++i) set_scalar(kernel_.getArg(i), frame.arguments[i]);
    end_ = new_block("end");
    emit_thread_index();
    Value* mask = nullptr;
    if (options_.lanes > 1 && !has_full_warps(options_.row)) {
        Type* word = builder.getInt32Ty();
        Value* first = builder.CreateShl(frame.unit, 5);
        Value* remaining = builder.CreateSub(launch_field(24, word), first, "remaining");
        mask = builder.CreateICmpULT(lane_steps(word, 1),
                                     builder.CreateVectorSplat(options_.lanes, remaining), "present");
    }
    run(tree_, {mask, 0});
    if (!terminated()) branch_to(end_);
    continue_in(end_);
    if (terminated()) {  // no lane ever ends: keep the function well formed
        builder.SetInsertPoint(end_);
    }
}

void WarpEmitter::run(const ControlSequence& sequence, Context context) {
    for (const auto& node : sequence) {
        if (terminated()) return;
        switch (node->kind) {
            case ControlNode::Kind::block:
                emit_block(node->block, context);
                break;
            case ControlNode::Kind::branch:
                emit_branch(*node, context);
                break;
            case ControlNode::Kind::loop:
                emit_loop(*node, context);
                break;
            case ControlNode::Kind::scope:
                emit_scope(*node, context);
                break;
            case ControlNode::Kind::jump:
                emit_jump(*node, context);
                break;
            case ControlNode::Kind::enter:
                write_phis(node->block, node->target, nullptr);
                break;
            case ControlNode::Kind::end:
                // Lanes that end under a mask of their own are simply in no later mask.
                if (context.token == 0) branch_to(end_);
                break;
        }
    }
}

void WarpEmitter::emit_branch(const ControlNode& node, Context context) {
    Value* condition = cast<BranchInst>(node.block->getTerminator())->getCondition();
    if (shapes_.is_uniform(condition)) {
        BasicBlock *yes = new_block("then"), *no = new_block("else"), *join = new_block("join");
        builder_->CreateCondBr(scalar(condition), yes, no);
        builder_->SetInsertPoint(yes);
        run(node.body, context);
        if (!terminated()) branch_to(join);
        builder_->SetInsertPoint(no);
        run(node.otherwise, context);
        if (!terminated()) branch_to(join);
        continue_in(join);
        return;
    }
    Value* taken = vector(condition);
    if (!context.mask) {
        const ControlNode *again = jump_to_whole_loop(node.body),
                          *otherwise = jump_to_whole_loop(node.otherwise);
        if (again || otherwise) {
            BasicBlock *every = new_block("every"), *some = new_block("some");
            builder_->CreateCondBr(holds_for_all(condition, again != nullptr), every, some,
                                   MDBuilder(context_).createBranchWeights(64, 1));
            builder_->SetInsertPoint(every);
            emit_jump(again ? *again : *otherwise, context);
            builder_->SetInsertPoint(some);
        }
    }
    const ControlSequence* side = context.mask ? nullptr : side_for_all(node);
    BasicBlock* join = nullptr;
    if (side) {
        // Mostly all lanes go the same way (a test of bounds, of borders): then they need no mask.
        BasicBlock *every = new_block("every"), *some = new_block("some");
        join = new_block("join");
        builder_->CreateCondBr(holds_for_all(condition, side == &node.body), every, some);
        builder_->SetInsertPoint(every);
        ++versions_;
        run(*side, context);
        --versions_;
        if (!terminated()) branch_to(join);
        builder_->SetInsertPoint(some);
    }
    Value* yes = both(context.mask, taken);
    Value* no = both(context.mask, builder_->CreateNot(taken));
    under_mask(node.body, {yes, ++last_token_}, !is_cheap(node.body));
    if (!terminated()) under_mask(node.otherwise, {no, ++last_token_}, !is_cheap(node.otherwise));
    if (!join) return;
    if (!terminated()) branch_to(join);
    continue_in(join);
}

// The side of a branch that is worth a version of its own for warps whose lanes all take it: the larger one,
// if it has accesses to mask and is small enough to be emitted twice. A unit that suspends has one place for
// each wait: its code stays single.
const ControlSequence* WarpEmitter::side_for_all(const ControlNode& branch) const {
    constexpr unsigned most_nested = 2;
    constexpr std::size_t few = 150;
    if (options_.lanes == 1 || frame_->suspend || versions_ >= most_nested) return nullptr;
    struct Size {
        std::size_t instructions = 0, accesses = 0;
    };
    const std::function<void(const ControlSequence&, Size&)> add = [&](const ControlSequence& sequence,
                                                                       Size& size) {
        for (const auto& node : sequence) {
            if (node->kind == ControlNode::Kind::block)
                for (const Instruction& instruction : *node->block) {
                    ++size.instructions;
                    size.accesses += instruction.mayReadOrWriteMemory();
                }
            add(node->body, size);
            add(node->otherwise, size);
        }
    };
    Size body, otherwise;
    add(branch.body, body);
    add(branch.otherwise, otherwise);
    const bool is_body = body.instructions > otherwise.instructions;
    const Size& larger = is_body ? body : otherwise;
    if (larger.accesses == 0 || larger.instructions > few) return nullptr;
    return is_body ? &branch.body : &branch.otherwise;
}

// Runs code for some lanes; with `guard`, jumps over it when there are none.
void WarpEmitter::under_mask(const ControlSequence& sequence, Context context, bool guard) {
    if (!guard) {
        run(sequence, context);
        return;
    }
    BasicBlock *some = new_block("some"), *skip = new_block("skip");
    builder_->CreateCondBr(any(context.mask), some, skip);
    builder_->SetInsertPoint(some);
    run(sequence, context);
    if (!terminated()) branch_to(skip);
    continue_in(skip);
}

// Whether code may run with no lane active at less cost than a branch around it: a few instructions without
// effects or with masked ones, then a jump.
bool WarpEmitter::is_cheap(const ControlSequence& sequence) const {
    constexpr unsigned few = 6;
    unsigned count = 0;
    for (const auto& node : sequence) {
        if (node->kind != ControlNode::Kind::block && node->body.empty() &&
            node->kind != ControlNode::Kind::branch)
            continue;  // a jump, an end, an edge
        if (node->kind != ControlNode::Kind::block) return false;
        for (const Instruction& instruction : *node->block) {
            if (instruction.isTerminator() || isa<DbgInfoIntrinsic>(instruction)) continue;
            if (++count > few) return false;
            if (instruction.mayReadOrWriteMemory() || isa<CallBase>(instruction)) return false;
            if (instruction.isIntDivRem()) return false;
        }
    }
    return true;
}

void WarpEmitter::emit_loop(const ControlNode& node, Context context) {
    if (const SerialLoop* serial = serial_ ? serial_->find(node.block) : nullptr) {
        emit_serial_loop(node, *serial, context);
        return;
    }
    Target& loop = loops_[node.block];
    loop = {};
    loop.entry = new_block("loop");
    BasicBlock* header = loop.entry;
    if (!shapes_.leaves_apart(node.block)) {
        loop.token = context.token;
        branch_to(header);
        builder_->SetInsertPoint(header);
        run(node.body, context);
        return;  // past the loop comes only who has jumped out of it
    }
    AllocaInst* live = new_slot(full_mask()->getType(), "live");
    loop.live = live;
    loop.apart = true;
    loop.token = ++last_token_;
    const unsigned token = loop.token;
    const auto clear_live = [&] {
        builder_->CreateStore(Constant::getNullValue(live->getAllocatedType()), live);
    };
    const auto load_live = [&] { return builder_->CreateLoad(live->getAllocatedType(), live, "lanes"); };
    BasicBlock* after = new_block("after");
    builder_->CreateStore(context.mask ? context.mask : full_mask(), live);
    if (is_small_loop(node)) {
        // As long as all lanes go round, the loop needs no mask: mostly they leave in one of the last rounds.
        BasicBlock *whole = new_block("whole"), *part = new_block("part");
        builder_->CreateCondBr(all(context.mask), whole, header);
        builder_->SetInsertPoint(whole);
        loop.entry = whole;
        loop.is_whole = true;
        clear_live();
        run(node.body, {nullptr, token});
        if (!terminated()) {
            builder_->CreateCondBr(all(load_live()), whole, part);
            builder_->SetInsertPoint(part);
            builder_->CreateCondBr(any(load_live()), header, after);
        } else {
            part->eraseFromParent();
        }
        Target& masked = loops_[node.block];
        masked.entry = header;
        masked.is_whole = false;
    } else {
        branch_to(header);
    }
    builder_->SetInsertPoint(header);
    Value* mask = load_live();
    clear_live();
    run(node.body, {mask, token});
    if (!terminated()) builder_->CreateCondBr(any(load_live()), header, after);
    continue_in(after);
}

// Whether a loop's body may well be emitted twice.
bool WarpEmitter::is_small_loop(const ControlNode& loop) {
    constexpr std::size_t few = 120;
    std::size_t count = 0;
    const std::function<bool(const ControlSequence&)> visit = [&](const ControlSequence& sequence) {
        return all_of(sequence, [&](const auto& node) {
            if (node->kind == ControlNode::Kind::loop) return false;
            if (node->kind == ControlNode::Kind::block) count += node->block->size();
            return count <= few && visit(node->body) && visit(node->otherwise);
        });
    };
    return visit(loop.body);
}

// The jump back to a loop that still has all its lanes, if that is all that `sequence` is.
const ControlNode* WarpEmitter::jump_to_whole_loop(const ControlSequence& sequence) const {
    if (sequence.size() != 1) return nullptr;
    const ControlNode& node = *sequence.front();
    if (node.kind != ControlNode::Kind::jump || !node.is_back_edge) return nullptr;
    return loops_.lookup(node.target).is_whole ? &node : nullptr;
}

void WarpEmitter::emit_scope(const ControlNode& node, Context context) {
    {
        Target& label = labels_[node.block];
        label = {};
        label.entry = new_block("label");
        label.token = context.token;
        label.apart = shapes_.arrives_apart(node.block);
        if (label.apart && !node.all_arrive) {
            label.pending = new_slot(full_mask()->getType(), "pending");
            builder_->CreateStore(Constant::getNullValue(label.pending->getAllocatedType()), label.pending);
        }
    }
    for (PHINode& phi : node.block->phis()) {
        AllocaInst* slot = phi_slot(phi);
        // What the slot held in an earlier iteration is of no interest.
        builder_->CreateStore(PoisonValue::get(slot->getAllocatedType()), slot);
    }
    run(node.body, context);
    const Target label = labels_.lookup(node.block);
    BasicBlock* after = new_block("after");
    if (!terminated()) branch_to(label.apart ? label.entry : after);
    continue_in(label.entry);
    if (!terminated()) {
        if (label.pending) {
            Value* mask = builder_->CreateLoad(label.pending->getAllocatedType(), label.pending, "arrived");
            BasicBlock* some = new_block("some");
            builder_->CreateCondBr(any(mask), some, after);
            builder_->SetInsertPoint(some);
            run(node.otherwise, {mask, ++last_token_});
        } else {
            run(node.otherwise, context);
        }
        if (!terminated()) branch_to(after);
    }
    continue_in(after);
}

void WarpEmitter::emit_jump(const ControlNode& node, Context context) {
    Target& target = node.is_back_edge ? loops_[node.target] : labels_[node.target];
    const bool masked = !node.is_back_edge && target.apart;
    write_phis(node.block, node.target, masked ? context.mask : nullptr);
    if (target.live) builder_->CreateStore(context.mask ? context.mask : full_mask(), target.live);
    if (target.pending) {
        Value* mask = context.mask ? context.mask : full_mask();
        Value* before = builder_->CreateLoad(mask->getType(), target.pending);
        builder_->CreateStore(builder_->CreateOr(before, mask), target.pending);
    }
    // With all the lanes that its target waits for, the jump is a branch; else the other lanes go on here.
    if (context.token == target.token) branch_to(target.entry);
}

// A scalar for an affine phi, an array of the groups' bases, or a vector.
AllocaInst* WarpEmitter::phi_slot(const PHINode& phi) {
    AllocaInst*& slot = phi_slots_[&phi];
    if (slot) return slot;
    const Shape shape = shapes_.shape(&phi);
    Type* type = shape.is_affine() ? scalar_type(phi.getType()) : vector_type(phi.getType());
    if (keeps_bases(&phi)) type = ArrayType::get(scalar_type(phi.getType()), options_.lanes / shape.group);
    return slot = new_slot(type, phi.getName());
}

WarpEmitter::Parts WarpEmitter::load_bases(AllocaInst* slot) {
    auto* type = cast<ArrayType>(slot->getAllocatedType());
    Parts bases;
    for (unsigned i = 0; i < type->getNumElements(); ++i)
        bases.push_back(builder_->CreateLoad(type->getElementType(),
                                             builder_->CreateConstInBoundsGEP2_64(type, slot, 0, i)));
    return bases;
}

void WarpEmitter::write_bases(AllocaInst* slot, Value* value) {
    auto* type = cast<ArrayType>(slot->getAllocatedType());
    const auto count = static_cast<unsigned>(type->getNumElements());
    for (unsigned i = 0; i < count; ++i)
        builder_->CreateStore(at_lane(value, i * (options_.lanes / count)),
                              builder_->CreateConstInBoundsGEP2_64(type, slot, 0, i));
}

void WarpEmitter::write_phis(BasicBlock* from, BasicBlock* to, Value* mask) {
    for (PHINode& phi : to->phis()) {
        const Shape shape = shapes_.shape(&phi);
        AllocaInst* slot = phi_slot(phi);
        Value* incoming = phi.getIncomingValueForBlock(from);
        if (isa<UndefValue>(incoming)) continue;
        if (shape.is_affine()) {
            builder_->CreateStore(scalar(incoming), slot);
            continue;
        }
        if (keeps_bases(&phi)) {
            write_bases(slot, incoming);
            continue;
        }
        Value* value = vector(incoming);
        // What is equal within groups is one value for all, and any lane of a group may be asked for it.
        if (mask && shape.is_varying())
            value = builder_->CreateSelect(mask, value, builder_->CreateLoad(slot->getAllocatedType(), slot));
        builder_->CreateStore(value, slot);
    }
}

void WarpEmitter::emit_block(BasicBlock* block, Context context) {
    for (PHINode& phi : block->phis()) {
        AllocaInst* slot = phi_slots_.lookup(&phi);
        if (slot && keeps_bases(&phi)) {
            set_bases(&phi, load_bases(slot));
            continue;
        }
        Value* value =
            slot ? static_cast<Value*>(builder_->CreateLoad(slot->getAllocatedType(), slot, phi.getName()))
                 : nullptr;
        if (shapes_.shape(&phi).is_affine())
            set_scalar(&phi, value ? value : PoisonValue::get(scalar_type(phi.getType())));
        else
            set_vector(&phi, value ? value : PoisonValue::get(vector_type(phi.getType())));
    }
    for (Instruction& instruction : *block) {
        if (isa<PHINode>(instruction) || instruction.isTerminator()) continue;
        if (terminated()) return;
        emit_instruction(instruction, context.mask);
    }
}

void WarpEmitter::branch_to(BasicBlock* block) {
    builder_->CreateBr(block);
    builder_->ClearInsertionPoint();
}

// Goes on in `block` if anything leads there; else the position stays unreachable and the block is dropped.
void WarpEmitter::continue_in(BasicBlock* block) {
    if (block->hasNPredecessorsOrMore(1) || block == end_) {
        builder_->SetInsertPoint(block);
    } else {
        builder_->ClearInsertionPoint();
        block->eraseFromParent();
    }
}

BasicBlock* WarpEmitter::new_block(const Twine& name) {
    return BasicBlock::Create(context_, name, function_);
}

AllocaInst* WarpEmitter::new_slot(Type* type, const Twine& name) {
    IRBuilder<> at(entry_, entry_->begin());
    return at.CreateAlloca(type, nullptr, name);
}

Value* WarpEmitter::full_mask() {
    if (options_.lanes == 1) return builder_->getTrue();
    return Constant::getAllOnesValue(FixedVectorType::get(builder_->getInt1Ty(), options_.lanes));
}

Value* WarpEmitter::both(Value* mask, Value* condition) {
    return mask ? builder_->CreateLogicalAnd(mask, condition) : condition;
}

Value* WarpEmitter::lane_bits(Value* mask) {
    if (!mask) return builder_->getInt32(options_.lanes == 32 ? ~0u : 1u);
    return builder_->CreateZExtOrTrunc(builder_->CreateBitCast(mask, builder_->getIntNTy(options_.lanes)),
                                       builder_->getInt32Ty());
}

Value* WarpEmitter::mask_of_bits(Value* bits) {
    return builder_->CreateBitCast(bits, FixedVectorType::get(builder_->getInt1Ty(), options_.lanes));
}

Value* WarpEmitter::any(Value* mask) {
    return mask ? builder_->CreateICmpNE(lane_bits(mask), builder_->getInt32(0)) : builder_->getTrue();
}

Value* WarpEmitter::all(Value* mask) {
    return mask ? builder_->CreateICmpEQ(lane_bits(mask), builder_->getInt32(~0u)) : builder_->getTrue();
}

}  // namespace heddle::compiler
