// Loops over the units of a block.
#include "unit_loops.h"

#include <llvm/IR/Intrinsics.h>

namespace heddle::compiler {

using namespace llvm;

namespace {

// threadIdx of the unit `first` in a block of that many units a row.
std::array<Value*, 3> index_of(IRBuilder<>& b, Value* first, Value* width, Value* height) {
    Value* rows = b.CreateUDiv(first, width);
    Value* x = b.CreateURem(first, width);
    Value* y = b.CreateURem(rows, height);
    return {x, y, b.CreateUDiv(rows, height)};
}

}  // namespace

Value* load_field(IRBuilder<>& b, Value* base, std::uint64_t offset, Type* type, const Twine& name,
                  bool invariant) {
    LoadInst* value = b.CreateLoad(type, b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), base, offset), name);
    if (invariant) value->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(b.getContext(), {}));
    return value;
}

void count_loop(IRBuilder<>& b, Value* count, const Twine& name, const std::function<void(Value*)>& body) {
    Function* function = b.GetInsertBlock()->getParent();
    LLVMContext& context = b.getContext();
    BasicBlock *before = b.GetInsertBlock(), *loop = BasicBlock::Create(context, name, function),
               *after = BasicBlock::Create(context, name + ".done", function);
    Constant* zero = ConstantInt::get(count->getType(), 0);
    b.CreateCondBr(b.CreateICmpNE(count, zero), loop, after);
    b.SetInsertPoint(loop);
    PHINode* counter = b.CreatePHI(count->getType(), 2, name);
    counter->addIncoming(zero, before);
    body(counter);
    Value* next = b.CreateAdd(counter, ConstantInt::get(count->getType(), 1), "", true, true);
    counter->addIncoming(next, b.GetInsertBlock());
    b.CreateCondBr(b.CreateICmpNE(next, count), loop, after);
    b.SetInsertPoint(after);
}

AllocaInst* make_slot(IRBuilder<>& b, Type* type) {
    BasicBlock& entry = b.GetInsertBlock()->getParent()->getEntryBlock();
    return IRBuilder<>(&entry, entry.begin()).CreateAlloca(type);
}

std::array<Value*, 3> thread_index_of(IRBuilder<>& b, Value* launch, Value* thread) {
    Value *width = load_field(b, launch, 12, b.getInt32Ty(), "block.x"),
          *height = load_field(b, launch, 16, b.getInt32Ty(), "block.y");
    return index_of(b, thread, width, height);
}

void each_unit(IRBuilder<>& b, unsigned lanes, Value* launch, Value* first, Value* last, Row row,
               const std::function<void(Value* unit, const std::array<Value*, 3>& thread_index)>& body,
               const std::array<Value*, 3>* start) {
    LLVMContext& context = b.getContext();
    Type* word = b.getInt32Ty();
    Value* zero = b.getInt32(0);
    if (lanes > 1 && row != Row::full) {
        count_loop(b, b.CreateSub(last, first), "each.warp",
                   [&](Value* warp) { body(b.CreateAdd(first, warp), {zero, zero, zero}); });
        return;
    }
    Value *width = load_field(b, launch, 12, word, "block.x"),
          *height = load_field(b, launch, 16, word, "block.y");
    if (lanes > 1) width = b.CreateLShr(width, 5);
    std::array<AllocaInst*, 4> at{};  // x, y, z, unit
    for (AllocaInst*& slot : at) {
        slot = make_slot(b, word);
        b.CreateStore(slot == at[3] ? first : zero, slot);
    }
    Function* function = b.GetInsertBlock()->getParent();
    BasicBlock *inside = BasicBlock::Create(context, "inside", function),
               *loop = BasicBlock::Create(context, "each.row", function),
               *after = BasicBlock::Create(context, "each.row.done", function);
    b.CreateCondBr(start ? b.getFalse() : b.CreateICmpEQ(first, zero), loop, inside);
    b.SetInsertPoint(inside);
    const std::array<Value*, 3> index = start ? *start : index_of(b, first, width, height);
    for (unsigned axis = 0; axis < 3; ++axis) b.CreateStore(index[axis], at[axis]);
    b.CreateBr(loop);
    b.SetInsertPoint(loop);
    std::array<Value*, 4> now{};
    for (unsigned i = 0; i < 4; ++i) now[i] = b.CreateLoad(word, at[i]);
    Value* count =
        b.CreateBinaryIntrinsic(Intrinsic::umin, b.CreateSub(width, now[0]), b.CreateSub(last, now[3]));
    count_loop(b, count, "each.x", [&](Value* i) {
        Value* x = b.CreateAdd(now[0], i, "", true, true);
        if (lanes > 1) x = b.CreateShl(x, 5, "", true, true);
        body(b.CreateAdd(now[3], i, "", true, true), {x, now[1], now[2]});
    });
    b.CreateStore(zero, at[0]);
    Value* y = b.CreateAdd(now[1], b.getInt32(1));
    Value* wraps = b.CreateICmpEQ(y, height);
    b.CreateStore(b.CreateSelect(wraps, zero, y), at[1]);
    b.CreateStore(b.CreateAdd(now[2], b.CreateZExt(wraps, word)), at[2]);
    Value* next = b.CreateAdd(now[3], count);
    b.CreateStore(next, at[3]);
    b.CreateCondBr(b.CreateICmpULT(next, last), loop, after);
    b.SetInsertPoint(after);
}

}  // namespace heddle::compiler
