// In: a function with llvm.memcpy, memmove and memset, and lifetime markers. Out: the same with loads, stores
// and loops.
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/LowerMemIntrinsics.h>

#include <algorithm>

#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

/// Up to this many bytes a transfer is written out; above it becomes a loop.
constexpr std::uint64_t unrolled_bytes = 128;

/// The widest integer that both sides' alignment and the rest of the transfer allow.
std::uint64_t step_of(llvm::Align alignment, std::uint64_t offset, std::uint64_t bytes) {
    std::uint64_t step = std::min<std::uint64_t>(8, llvm::commonAlignment(alignment, offset).value());
    while (step > bytes - offset) step /= 2;
    return step;
}

void unroll_copy(llvm::MemTransferInst& copy, std::uint64_t bytes) {
    llvm::IRBuilder<> builder(&copy);
    const llvm::Align to = copy.getDestAlign().valueOrOne(), from = copy.getSourceAlign().valueOrOne();
    const llvm::Align both = std::min(to, from);
    std::vector<std::pair<std::uint64_t, llvm::Value*>> pieces;
    for (std::uint64_t offset = 0; offset < bytes;) {
        const std::uint64_t step = step_of(both, offset, bytes);
        auto* type = builder.getIntNTy(static_cast<unsigned>(8 * step));
        pieces.emplace_back(
            offset,
            builder.CreateAlignedLoad(
                type, builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), copy.getRawSource(), offset),
                llvm::commonAlignment(from, offset), copy.isVolatile()));
        offset += step;
    }
    for (auto [offset, value] : pieces)
        builder.CreateAlignedStore(
            value, builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), copy.getRawDest(), offset),
            llvm::commonAlignment(to, offset), copy.isVolatile());
}

void unroll_set(llvm::MemSetInst& set, std::uint64_t bytes) {
    llvm::IRBuilder<> builder(&set);
    const llvm::Align to = set.getDestAlign().valueOrOne();
    for (std::uint64_t offset = 0; offset < bytes;) {
        const std::uint64_t step = step_of(to, offset, bytes);
        auto* type = builder.getIntNTy(static_cast<unsigned>(8 * step));
        llvm::Value* value = builder.CreateZExt(set.getValue(), type);
        value = builder.CreateMul(
            value,
            llvm::ConstantInt::get(type, llvm::APInt::getSplat(type->getBitWidth(), llvm::APInt(8, 1))));
        builder.CreateAlignedStore(
            value, builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), set.getRawDest(), offset),
            llvm::commonAlignment(to, offset), set.isVolatile());
        offset += step;
    }
}

/// A loop of one step of at most eight bytes: short code, and no vector types.
void loop_over(llvm::MemIntrinsic& intrinsic) {
    auto* transfer = llvm::dyn_cast<llvm::MemTransferInst>(&intrinsic);
    auto* set = llvm::dyn_cast<llvm::MemSetInst>(&intrinsic);
    llvm::Value* length = intrinsic.getLength();
    const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(length);
    llvm::Align alignment = intrinsic.getDestAlign().valueOrOne();
    if (transfer) alignment = std::min(alignment, transfer->getSourceAlign().valueOrOne());
    std::uint64_t step = 1;
    if (constant) {
        step = std::min<std::uint64_t>(8, alignment.value());
        while (constant->getZExtValue() % step != 0) step /= 2;
    }
    llvm::BasicBlock* before = intrinsic.getParent();
    llvm::BasicBlock* after = before->splitBasicBlock(&intrinsic, "memory.end");
    llvm::LLVMContext& context = before->getContext();
    auto* body = llvm::BasicBlock::Create(context, "memory.loop", before->getParent(), after);
    before->getTerminator()->eraseFromParent();
    llvm::IRBuilder<> builder(before);
    builder.SetCurrentDebugLocation(intrinsic.getDebugLoc());
    llvm::Type* index_type = length->getType();
    auto* zero = llvm::ConstantInt::get(index_type, 0);
    llvm::Value* backwards = builder.getFalse();
    if (llvm::isa<llvm::MemMoveInst>(intrinsic))
        backwards =
            builder.CreateICmpULT(builder.CreatePtrToInt(transfer->getRawSource(), builder.getInt64Ty()),
                                  builder.CreatePtrToInt(transfer->getRawDest(), builder.getInt64Ty()));
    builder.CreateCondBr(builder.CreateICmpEQ(length, zero), after, body);
    builder.SetInsertPoint(body);
    auto* index = builder.CreatePHI(index_type, 2, "offset");
    auto* advance = llvm::ConstantInt::get(index_type, step);
    llvm::Value* next = builder.CreateNUWAdd(index, advance);
    llvm::Value* position = index;
    if (llvm::isa<llvm::MemMoveInst>(intrinsic))
        position = builder.CreateSelect(backwards, builder.CreateSub(length, next), index);
    auto* type = builder.getIntNTy(static_cast<unsigned>(8 * step));
    llvm::Value* value = nullptr;
    if (transfer) {
        value = builder.CreateAlignedLoad(
            type, builder.CreateInBoundsGEP(builder.getInt8Ty(), transfer->getRawSource(), position),
            llvm::Align(step), transfer->isVolatile());
    } else {
        value = builder.CreateMul(
            builder.CreateZExt(set->getValue(), type),
            llvm::ConstantInt::get(type, llvm::APInt::getSplat(type->getBitWidth(), llvm::APInt(8, 1))));
    }
    builder.CreateAlignedStore(
        value, builder.CreateInBoundsGEP(builder.getInt8Ty(), intrinsic.getRawDest(), position),
        llvm::Align(step), intrinsic.isVolatile());
    index->addIncoming(zero, before);
    index->addIncoming(next, body);
    builder.CreateCondBr(builder.CreateICmpULT(next, length), body, after);
}

}  // namespace

void expand_memory_intrinsics(llvm::Function& function) {
    std::vector<llvm::Instruction*> work;
    for (auto& instruction : llvm::instructions(function))
        if (const auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction))
            if (llvm::isa<llvm::MemIntrinsic>(call) || call->isLifetimeStartOrEnd() ||
                call->getIntrinsicID() == llvm::Intrinsic::assume ||
                call->getIntrinsicID() == llvm::Intrinsic::experimental_noalias_scope_decl)
                work.push_back(&instruction);
    for (auto* instruction : work) {
        if (auto* intrinsic = llvm::dyn_cast<llvm::MemIntrinsic>(instruction)) {
            const auto* length = llvm::dyn_cast<llvm::ConstantInt>(intrinsic->getLength());
            if (!length || length->getZExtValue() > unrolled_bytes)
                loop_over(*intrinsic);
            else if (auto* copy = llvm::dyn_cast<llvm::MemTransferInst>(intrinsic))
                unroll_copy(*copy, length->getZExtValue());
            else
                unroll_set(*llvm::cast<llvm::MemSetInst>(intrinsic), length->getZExtValue());
        }
        instruction->eraseFromParent();
    }
}

}  // namespace heddle::compiler
