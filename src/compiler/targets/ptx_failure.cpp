// Writes the record field by field, past all caches, before its state says that it is whole.
#include "ptx_failure.h"

#include <llvm/IR/IntrinsicsNVPTX.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

namespace heddle::compiler {

using namespace llvm;

namespace {

// Offsets in cuda::FailureRecord, and its states and kinds.
constexpr std::uint64_t state_at = 0, kind_at = 4, globals_at = 8, texts_at = 16, line_at = 40, block_at = 44,
                        thread_at = 56;
constexpr std::uint32_t is_free = 0, is_claimed = 1, is_written = 2;
constexpr std::uint32_t kind_assertion = 1, kind_trap = 2;

}  // namespace

void FailureRecord::assertion(IRBuilder<>& builder, ArrayRef<Value*> arguments) {
    write(builder, kind_assertion, {arguments[0], arguments[1], arguments[3]}, arguments[2]);
}

void FailureRecord::trap(IRBuilder<>& builder) {
    write(builder, kind_trap, {}, nullptr);
}

void FailureRecord::write(IRBuilder<>& builder, std::uint32_t kind, ArrayRef<Value*> texts, Value* line) {
    Module& module = *kernel_.getParent();
    Instruction* after = &*builder.GetInsertPoint();
    PointerType* global = PointerType::get(kernel_.getContext(), 1);
    Value* record = builder.CreateIntToPtr(kernel_.getArg(static_cast<unsigned>(kernel_.arg_size() - 1)),
                                           global, "failure");
    Value* claim =
        builder.CreateAtomicCmpXchg(record, builder.getInt32(is_free), builder.getInt32(is_claimed), Align(4),
                                    AtomicOrdering::Monotonic, AtomicOrdering::Monotonic);
    Instruction* writes =
        SplitBlockAndInsertIfThen(builder.CreateExtractValue(claim, 1), after->getIterator(), false);
    IRBuilder<> b(writes);
    const auto put = [&](Value* value, std::uint64_t at) {
        b.CreateStore(value, b.CreateConstGEP1_64(b.getInt8Ty(), record, at), /*isVolatile=*/true);
    };
    const auto sreg = [&](Intrinsic::ID id) { return b.CreateCall(Intrinsic::getDeclaration(&module, id)); };
    put(b.getInt32(kind), kind_at);
    put(globals_, globals_at);
    for (auto [i, text] : enumerate(texts)) put(b.CreatePtrToInt(text, b.getInt64Ty()), texts_at + 8 * i);
    if (line) put(line, line_at);
    put(sreg(Intrinsic::nvvm_read_ptx_sreg_ctaid_x), block_at);
    put(sreg(Intrinsic::nvvm_read_ptx_sreg_ctaid_y), block_at + 4);
    put(sreg(Intrinsic::nvvm_read_ptx_sreg_ctaid_z), block_at + 8);
    put(sreg(Intrinsic::nvvm_read_ptx_sreg_tid_x), thread_at);
    put(sreg(Intrinsic::nvvm_read_ptx_sreg_tid_y), thread_at + 4);
    put(sreg(Intrinsic::nvvm_read_ptx_sreg_tid_z), thread_at + 8);
    sreg(Intrinsic::nvvm_membar_sys);
    put(b.getInt32(is_written), state_at);
    builder.SetInsertPoint(after);
    builder.CreateCall(Intrinsic::getDeclaration(&module, Intrinsic::nvvm_exit));
}

}  // namespace heddle::compiler
