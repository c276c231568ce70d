// Loads, stores, private arrays and atomics: by the address's shape one scalar access, contiguous vectors,
// groups, or gathers and scatters, under the mask.
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Module.h>

#include "warp_emitter.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

constexpr unsigned check_read = 1, check_write = 2, check_atomic = 4;

// Keeps the compiler from merging accesses across this point: what remains of `volatile` in a masked vector
// access.
void compiler_fence(IRBuilder<>& b) {
    b.CreateFence(AtomicOrdering::SequentiallyConsistent, SyncScope::SingleThread);
}

// A vector of `from`'s bits as element type `to` of the same size.
Value* as_elements(IRBuilder<>& b, Value* vector, Type* to) {
    Type* from = vector->getType();
    Type* type = from->getWithNewType(to);
    if (from == type) return vector;
    if (to->isPointerTy()) return b.CreateIntToPtr(vector, type);
    if (from->getScalarType()->isPointerTy()) return b.CreatePtrToInt(vector, type);
    return b.CreateBitCast(vector, type);
}

}  // namespace

bool WarpEmitter::is_shared(const Value* pointer) const {
    if (pointer->getType()->getPointerAddressSpace() == 3) return true;
    const Value* object = getUnderlyingObject(pointer, 16);
    return object->getType()->isPointerTy() && object->getType()->getPointerAddressSpace() == 3;
}

bool WarpEmitter::is_private(const Value* pointer) const {
    return isa<AllocaInst>(getUnderlyingObject(pointer, 16));
}

void WarpEmitter::emit_alloca(AllocaInst& array) {
    IRBuilder<>& b = *builder_;
    const auto bytes = array.getAllocationSize(layout_);
    if (!bytes) throw Unsupported(array, "a local array whose size is not a constant is not supported");
    const std::uint64_t size = bytes->getFixedValue() * options_.lanes;
    AllocaInst* slot = new_slot(ArrayType::get(b.getInt8Ty(), size), array.getName());
    slot->setAlignment(Align(std::max<std::uint64_t>(64, array.getAlign().value())));
    // Without interleaving, lane l's copy stands at l times the size: the base is lane 0's.
    set_scalar(&array, slot);
}

Value* WarpEmitter::load_contiguous(Type* element, Value* base, Value* mask, Align align) {
    Type* type = FixedVectorType::get(element, options_.lanes);
    if (!mask) return builder_->CreateAlignedLoad(type, base, align);
    return builder_->CreateMaskedLoad(type, base, align, mask);
}

Value* WarpEmitter::load_backwards(Type* element, Value* base, Value* mask, Align align) {
    IRBuilder<>& b = *builder_;
    const std::uint64_t size = layout_.getTypeStoreSize(element).getFixedValue();
    std::vector<int> reversed;
    for (unsigned i = 0; i < options_.lanes; ++i)
        reversed.push_back(static_cast<int>(options_.lanes - 1 - i));
    Value* lowest = b.CreateGEP(b.getInt8Ty(), base, b.getInt64(-(size * (options_.lanes - 1))));
    Value* backwards = mask ? b.CreateShuffleVector(mask, reversed) : nullptr;
    return b.CreateShuffleVector(load_contiguous(element, lowest, backwards, align), reversed);
}

// 32- and 64-bit elements by the machine's gather; narrower ones by the aligned word that holds them, which
// can never reach into another page than the element does.
Value* WarpEmitter::gather(Type* element, Value* pointers, Value* mask, Align align) {
    IRBuilder<>& b = *builder_;
    const unsigned lanes = options_.lanes;
    const std::uint64_t bytes = layout_.getTypeStoreSize(element).getFixedValue();
    if (!mask) mask = full_mask();
    if (bytes >= 4 && variant_.has_gather)
        return b.CreateMaskedGather(FixedVectorType::get(element, lanes), pointers, align, mask);
    if (variant_.has_gather && bytes <= 2 && align.value() >= bytes) {
        Type* wide = FixedVectorType::get(b.getInt64Ty(), lanes);
        Type* word = FixedVectorType::get(b.getInt32Ty(), lanes);
        Value* address = b.CreatePtrToInt(pointers, wide);
        Value* aligned = b.CreateIntToPtr(b.CreateAnd(address, ConstantInt::get(wide, ~std::uint64_t{3})),
                                          pointers->getType());
        Value* words = b.CreateMaskedGather(word, aligned, Align(4), mask);
        Value* distance = b.CreateShl(b.CreateAnd(b.CreateTrunc(address, word), ConstantInt::get(word, 3)),
                                      ConstantInt::get(word, 3));
        Value* narrow =
            b.CreateTrunc(b.CreateLShr(words, distance),
                          FixedVectorType::get(b.getIntNTy(static_cast<unsigned>(bytes) * 8), lanes));
        return as_elements(b, narrow, element);
    }
    // No gather: lane by lane.
    AllocaInst* addresses = spill(pointers, "addresses");
    AllocaInst* values = new_slot(FixedVectorType::get(element, lanes), "gathered");
    for_each_lane(mask, [&](Value* lane) {
        Value* pointer = b.CreateLoad(b.getPtrTy(), spilled_lane(addresses, lane));
        b.CreateStore(b.CreateAlignedLoad(element, pointer, align), spilled_lane(values, lane));
    });
    return b.CreateLoad(values->getAllocatedType(), values);
}

void WarpEmitter::scatter(Value* values, Value* pointers, Value* mask, Align align) {
    IRBuilder<>& b = *builder_;
    const std::uint64_t bytes = layout_.getTypeStoreSize(values->getType()->getScalarType()).getFixedValue();
    if (bytes >= 4 && variant_.has_scatter) {
        b.CreateMaskedScatter(values, pointers, align, mask ? mask : full_mask());
        return;
    }
    Type* element = values->getType()->getScalarType();
    AllocaInst *addresses = spill(pointers, "addresses"), *sources = spill(values, "scattered");
    for_each_lane(mask, [&](Value* lane) {
        Value* pointer = b.CreateLoad(b.getPtrTy(), spilled_lane(addresses, lane));
        b.CreateAlignedStore(b.CreateLoad(element, spilled_lane(sources, lane)), pointer, align);
    });
}

// One vector load (or one broadcast) for each group of lanes.
Value* WarpEmitter::load_groups(LoadInst& load, const Shape& shape, Value* mask) {
    IRBuilder<>& b = *builder_;
    Type* element = scalar_type(load.getType());
    Value* pointers = vector(load.getPointerOperand());
    Value* anchor = nullptr;
    if (mask) {
        // A group with no active lane reads where the first active lane does: its address need not be valid.
        Value* first = b.CreateBinaryIntrinsic(Intrinsic::cttz, lane_bits(mask), b.getFalse());
        anchor = b.CreateExtractElement(pointers, b.CreateAnd(first, b.getInt32(options_.lanes - 1)));
    }
    Value* result = PoisonValue::get(vector_type(load.getType()));
    Value* bits = mask ? lane_bits(mask) : nullptr;
    for (unsigned start = 0; start < options_.lanes; start += shape.group) {
        Value* pointer = b.CreateExtractElement(pointers, std::uint64_t{start});
        Value* part;
        Type* group_type = FixedVectorType::get(element, shape.group);
        if (shape.stride == 0) {
            if (mask) {
                const std::uint32_t group_bits = ((shape.group == 32 ? 0u : 1u << shape.group) - 1u) << start;
                Value* present = b.CreateICmpNE(b.CreateAnd(bits, b.getInt32(group_bits)), b.getInt32(0));
                pointer = b.CreateSelect(present, pointer, anchor);
            }
            part = b.CreateVectorSplat(shape.group, b.CreateAlignedLoad(element, pointer, load.getAlign()));
        } else if (mask) {
            std::vector<int> selected;
            for (unsigned i = 0; i < shape.group; ++i) selected.push_back(static_cast<int>(start + i));
            part = b.CreateMaskedLoad(group_type, pointer, load.getAlign(),
                                      b.CreateShuffleVector(mask, selected));
        } else {
            part = b.CreateAlignedLoad(group_type, pointer, load.getAlign());
        }
        std::vector<int> widen, place;
        for (unsigned i = 0; i < options_.lanes; ++i) {
            widen.push_back(i < shape.group ? static_cast<int>(i) : PoisonMaskElem);
            const bool here = i >= start && i < start + shape.group;
            place.push_back(static_cast<int>(here ? options_.lanes + i - start : i));
        }
        result = b.CreateShuffleVector(result, b.CreateShuffleVector(part, widen), place);
    }
    return result;
}

void WarpEmitter::emit_load(LoadInst& load, Value* mask) {
    IRBuilder<>& b = *builder_;
    Value* pointer = load.getPointerOperand();
    Type* element = scalar_type(load.getType());
    const std::uint64_t bytes = layout_.getTypeStoreSize(load.getType()).getFixedValue();
    const auto plain = [&](Value* address) {
        LoadInst* made = b.CreateAlignedLoad(element, address, load.getAlign(), load.isVolatile());
        if (load.isAtomic())
            made->setAtomic(load.getOrdering() == AtomicOrdering::Unordered ? AtomicOrdering::Monotonic
                                                                            : load.getOrdering());
        if (MDNode* alias = load.getMetadata(LLVMContext::MD_tbaa))
            made->setMetadata(LLVMContext::MD_tbaa, alias);
        return made;
    };
    if (options_.lanes == 1) {
        if (load.isVolatile() && is_shared(pointer)) yield_to_warp();
        Value* address = scalar(pointer);
        Value* result = nullptr;
        if (options_.check && !is_private(pointer))
            checked(load, address, bytes, load.isAtomic() ? check_atomic : check_read,
                    [&] { return result = plain(address); });
        else
            set_scalar(&load, plain(address));
        return;
    }
    const bool interleaved = shapes_.is_interleaved(pointer);
    Shape shape = shapes_.shape(pointer);
    if (interleaved && shape.is_uniform()) shape.stride = static_cast<std::int64_t>(bytes);
    if (shapes_.shape(&load).is_uniform()) {
        set_scalar(&load, plain(scalar(pointer)));
        return;
    }
    if (element->isVectorTy() || element->isAggregateType())
        throw Unsupported(load, "a load of an aggregate is not supported here");
    if (load.isVolatile() || load.isAtomic()) compiler_fence(b);
    const auto size = static_cast<std::int64_t>(bytes);
    const auto one_by_one = [&]() -> Value* {
        Value* pointers = vector(pointer);
        if (interleaved) pointers = b.CreateGEP(b.getInt8Ty(), pointers, lane_steps(b.getInt64Ty(), size));
        return gather(element, pointers, mask, load.getAlign());
    };
    Value* guard = guard_of(pointer);
    Value* value;
    if (shape.is_affine() && shape.stride == size) {
        value = guarded(
            guard, [&] { return load_contiguous(element, scalar(pointer), mask, load.getAlign()); },
            one_by_one);
    } else if (shape.is_affine() && shape.stride == -size) {
        value = guarded(
            guard, [&] { return load_backwards(element, scalar(pointer), mask, load.getAlign()); },
            one_by_one);
    } else if (!interleaved && shape.group >= 4 && shape.group < 32 &&
               (shape.stride == 0 || shape.stride == size)) {
        value = guarded(guard, [&] { return load_groups(load, shape, mask); }, one_by_one);
    } else {
        value = one_by_one();
    }
    if (auto* made = dyn_cast<Instruction>(value))
        if (MDNode* alias = load.getMetadata(LLVMContext::MD_tbaa); alias && made->mayReadFromMemory())
            made->setMetadata(LLVMContext::MD_tbaa, alias);
    set_vector(&load, value);
}

void WarpEmitter::emit_store(StoreInst& store, Value* mask) {
    IRBuilder<>& b = *builder_;
    Value *pointer = store.getPointerOperand(), *stored = store.getValueOperand();
    const std::uint64_t bytes = layout_.getTypeStoreSize(stored->getType()).getFixedValue();
    const auto plain = [&](Value* value, Value* address) {
        StoreInst* made = b.CreateAlignedStore(value, address, store.getAlign(), store.isVolatile());
        if (store.isAtomic())
            made->setAtomic(store.getOrdering() == AtomicOrdering::Unordered ? AtomicOrdering::Monotonic
                                                                             : store.getOrdering());
        if (MDNode* alias = store.getMetadata(LLVMContext::MD_tbaa))
            made->setMetadata(LLVMContext::MD_tbaa, alias);
        return made;
    };
    if (options_.lanes == 1) {
        if (store.isVolatile() && is_shared(pointer)) yield_to_warp();
        Value *address = scalar(pointer), *value = scalar(stored);
        if (options_.check && !is_private(pointer))
            checked(store, address, bytes, store.isAtomic() ? check_atomic : check_write, [&] {
                plain(value, address);
                return static_cast<Value*>(nullptr);
            });
        else
            plain(value, address);
        return;
    }
    const bool interleaved = shapes_.is_interleaved(pointer);
    Shape shape = shapes_.shape(pointer);
    if (interleaved && shape.is_uniform()) shape.stride = static_cast<std::int64_t>(bytes);
    if (shape.is_uniform()) {
        if (shapes_.is_uniform(stored)) {
            plain(scalar(stored), scalar(pointer));
            return;
        }
        // All lanes write one place; which of them wins is not defined: here the last.
        Value* last = mask ? b.CreateSub(b.getInt32(31), b.CreateBinaryIntrinsic(
                                                             Intrinsic::ctlz, lane_bits(mask), b.getFalse()))
                           : static_cast<Value*>(b.getInt32(options_.lanes - 1));
        plain(b.CreateExtractElement(vector(stored), b.CreateAnd(last, b.getInt32(options_.lanes - 1))),
              scalar(pointer));
        return;
    }
    if (stored->getType()->isVectorTy() || stored->getType()->isAggregateType())
        throw Unsupported(store, "a store of an aggregate is not supported here");
    const auto size = static_cast<std::int64_t>(bytes);
    Value* value = vector(stored);
    Instruction* made = nullptr;
    const auto one_by_one = [&]() -> Value* {
        Value* pointers = vector(pointer);
        if (interleaved) pointers = b.CreateGEP(b.getInt8Ty(), pointers, lane_steps(b.getInt64Ty(), size));
        scatter(value, pointers, mask, store.getAlign());
        return nullptr;
    };
    const auto contiguous = [&]() -> Value* {
        made = mask ? static_cast<Instruction*>(
                          b.CreateMaskedStore(value, scalar(pointer), store.getAlign(), mask))
                    : b.CreateAlignedStore(value, scalar(pointer), store.getAlign());
        return nullptr;
    };
    const auto groups = [&]() -> Value* {
        Value* pointers = vector(pointer);
        for (unsigned start = 0; start < options_.lanes; start += shape.group) {
            std::vector<int> selected;
            for (unsigned i = 0; i < shape.group; ++i) selected.push_back(static_cast<int>(start + i));
            Value* part = b.CreateShuffleVector(value, selected);
            Value* base = b.CreateExtractElement(pointers, std::uint64_t{start});
            if (mask)
                b.CreateMaskedStore(part, base, store.getAlign(), b.CreateShuffleVector(mask, selected));
            else
                b.CreateAlignedStore(part, base, store.getAlign());
        }
        return nullptr;
    };
    Value* guard = guard_of(pointer);
    if (shape.is_affine() && shape.stride == size)
        guarded(guard, contiguous, one_by_one);
    else if (!interleaved && shape.group >= 4 && shape.group < 32 && shape.stride == size)
        guarded(guard, groups, one_by_one);
    else
        one_by_one();
    if (MDNode* alias = store.getMetadata(LLVMContext::MD_tbaa); made && alias)
        made->setMetadata(LLVMContext::MD_tbaa, alias);
    if (store.isVolatile() || store.isAtomic()) compiler_fence(b);
}

// Calls the checker and performs the access only when it agrees; a skipped load gives zero.
void WarpEmitter::checked(Instruction& access, Value* pointer, std::uint64_t bytes, unsigned kind,
                          const std::function<Value*()>& perform) {
    IRBuilder<>& b = *builder_;
    Type *word = b.getInt32Ty(), *address = b.getPtrTy();
    auto* type = FunctionType::get(word, {address, address, word, address, word, word, address}, false);
    Value* refused = imports_.call(
        b, "heddle_check_access", type,
        {frame_->launch, frame_->block, frame_->unit, pointer, b.getInt32(static_cast<std::uint32_t>(bytes)),
         b.getInt32(kind), location_text(access)});
    BasicBlock *go = new_block("access"), *after = new_block("checked"), *from = b.GetInsertBlock();
    b.CreateCondBr(b.CreateICmpEQ(refused, b.getInt32(0)), go, after);
    b.SetInsertPoint(go);
    Value* result = perform();
    BasicBlock* performed = b.GetInsertBlock();
    b.CreateBr(after);
    b.SetInsertPoint(after);
    if (!result) return;
    PHINode* merged = b.CreatePHI(result->getType(), 2);
    merged->addIncoming(result, performed);
    merged->addIncoming(Constant::getNullValue(result->getType()), from);
    set_scalar(&access, merged);
}

Constant* WarpEmitter::location_text(const Instruction& instruction) {
    return builder_->CreateGlobalStringPtr(source_location(instruction), "location", 0,
                                           function_->getParent());
}

// A block runs on one thread, so that its shared memory needs no atomic instruction.
Value* WarpEmitter::atomic_operation(AtomicRMWInst& atomic, Value* pointer, Value* value) {
    IRBuilder<>& b = *builder_;
    const AtomicRMWInst::BinOp operation = atomic.getOperation();
    if (!is_shared(atomic.getPointerOperand()) && !is_private(atomic.getPointerOperand())) {
        AtomicOrdering ordering = atomic.getOrdering();
        return b.CreateAtomicRMW(operation, pointer, value, atomic.getAlign(), ordering);
    }
    Type* type = value->getType();
    Value* old = b.CreateAlignedLoad(type, pointer, atomic.getAlign());
    Value* next = nullptr;
    const auto smaller = [&](CmpInst::Predicate predicate) {
        return b.CreateSelect(b.CreateICmp(predicate, old, value), old, value);
    };
    switch (operation) {
        case AtomicRMWInst::Xchg:
            next = value;
            break;
        case AtomicRMWInst::Add:
            next = b.CreateAdd(old, value);
            break;
        case AtomicRMWInst::Sub:
            next = b.CreateSub(old, value);
            break;
        case AtomicRMWInst::And:
            next = b.CreateAnd(old, value);
            break;
        case AtomicRMWInst::Nand:
            next = b.CreateNot(b.CreateAnd(old, value));
            break;
        case AtomicRMWInst::Or:
            next = b.CreateOr(old, value);
            break;
        case AtomicRMWInst::Xor:
            next = b.CreateXor(old, value);
            break;
        case AtomicRMWInst::Max:
            next = smaller(CmpInst::ICMP_SGT);
            break;
        case AtomicRMWInst::Min:
            next = smaller(CmpInst::ICMP_SLT);
            break;
        case AtomicRMWInst::UMax:
            next = smaller(CmpInst::ICMP_UGT);
            break;
        case AtomicRMWInst::UMin:
            next = smaller(CmpInst::ICMP_ULT);
            break;
        case AtomicRMWInst::FAdd:
            next = b.CreateFAdd(old, value);
            break;
        case AtomicRMWInst::FSub:
            next = b.CreateFSub(old, value);
            break;
        case AtomicRMWInst::FMax:
            next = b.CreateBinaryIntrinsic(Intrinsic::maxnum, old, value);
            break;
        case AtomicRMWInst::FMin:
            next = b.CreateBinaryIntrinsic(Intrinsic::minnum, old, value);
            break;
        case AtomicRMWInst::UIncWrap:
            next = b.CreateSelect(b.CreateICmpUGE(old, value), Constant::getNullValue(type),
                                  b.CreateAdd(old, ConstantInt::get(type, 1)));
            break;
        case AtomicRMWInst::UDecWrap: {
            Value* wraps =
                b.CreateOr(b.CreateICmpEQ(old, Constant::getNullValue(type)), b.CreateICmpUGT(old, value));
            next = b.CreateSelect(wraps, value, b.CreateSub(old, ConstantInt::get(type, 1)));
            break;
        }
        default:
            throw Unsupported(atomic, "this atomic operation is not supported");
    }
    b.CreateAlignedStore(next, pointer, atomic.getAlign());
    return old;
}

// All lanes on one address and nobody wants the old values: one atomic with the lanes' total.
bool WarpEmitter::combine_atomics(AtomicRMWInst& atomic, Value* mask) {
    if (!atomic.use_empty() || !shapes_.is_uniform(atomic.getPointerOperand())) return false;
    StringRef reduction;
    switch (atomic.getOperation()) {
        case AtomicRMWInst::Add:
            reduction = "add";
            break;
        case AtomicRMWInst::And:
            reduction = "and";
            break;
        case AtomicRMWInst::Or:
            reduction = "or";
            break;
        case AtomicRMWInst::Xor:
            reduction = "xor";
            break;
        case AtomicRMWInst::Max:
            reduction = "max";
            break;
        case AtomicRMWInst::Min:
            reduction = "min";
            break;
        case AtomicRMWInst::UMax:
            reduction = "umax";
            break;
        case AtomicRMWInst::UMin:
            reduction = "umin";
            break;
        default:
            return false;
    }
    Value* total = reduce_lanes(reduction, vector(atomic.getValOperand()), mask);
    atomic_operation(atomic, scalar(atomic.getPointerOperand()), total);
    return true;
}

void WarpEmitter::emit_atomic(AtomicRMWInst& atomic, Value* mask) {
    IRBuilder<>& b = *builder_;
    Value* pointer = atomic.getPointerOperand();
    Type* type = scalar_type(atomic.getType());
    if (options_.lanes == 1) {
        Value *address = scalar(pointer), *value = scalar(atomic.getValOperand());
        if (options_.check)
            checked(atomic, address, layout_.getTypeStoreSize(atomic.getType()).getFixedValue(), check_atomic,
                    [&] { return atomic_operation(atomic, address, value); });
        else
            set_scalar(&atomic, atomic_operation(atomic, address, value));
        return;
    }
    if (combine_atomics(atomic, mask)) return;
    const bool wants_old = !atomic.use_empty();
    const bool same_address = shapes_.is_uniform(pointer),
               same_value = shapes_.is_uniform(atomic.getValOperand());
    AllocaInst* addresses = same_address ? nullptr : spill(vector(pointer), "addresses");
    AllocaInst* operands = same_value ? nullptr : spill(vector(atomic.getValOperand()), "operands");
    AllocaInst* olds = wants_old ? new_slot(vector_type(atomic.getType()), "olds") : nullptr;
    Value* one_address = same_address ? scalar(pointer) : nullptr;
    Value* one_value = same_value ? scalar(atomic.getValOperand()) : nullptr;
    for_each_lane(mask, [&](Value* lane) {
        Value* address =
            same_address ? one_address : b.CreateLoad(b.getPtrTy(), spilled_lane(addresses, lane));
        Value* value = same_value ? one_value : b.CreateLoad(type, spilled_lane(operands, lane));
        Value* old = atomic_operation(atomic, address, value);
        if (olds) b.CreateStore(old, spilled_lane(olds, lane));
    });
    if (olds) set_vector(&atomic, b.CreateLoad(olds->getAllocatedType(), olds));
}

void WarpEmitter::emit_compare_exchange(AtomicCmpXchgInst& atomic, Value* mask) {
    IRBuilder<>& b = *builder_;
    Type* type = scalar_type(atomic.getCompareOperand()->getType());
    const auto exchange = [&](Value* address, Value* expected, Value* desired) -> std::pair<Value*, Value*> {
        if (is_shared(atomic.getPointerOperand()) || is_private(atomic.getPointerOperand())) {
            Value* old = b.CreateAlignedLoad(type, address, atomic.getAlign());
            Value* equal = b.CreateICmpEQ(old, expected);
            b.CreateAlignedStore(b.CreateSelect(equal, desired, old), address, atomic.getAlign());
            return {old, equal};
        }
        Value* pair = b.CreateAtomicCmpXchg(address, expected, desired, atomic.getAlign(),
                                            atomic.getSuccessOrdering(), atomic.getFailureOrdering());
        return {b.CreateExtractValue(pair, 0), b.CreateExtractValue(pair, 1)};
    };
    if (options_.lanes == 1) {
        Value* address = scalar(atomic.getPointerOperand());
        if (options_.check) {
            AllocaInst* success = new_slot(b.getInt1Ty(), "success");
            b.CreateStore(b.getFalse(), success);
            checked(atomic, address, layout_.getTypeStoreSize(type).getFixedValue(), check_atomic, [&] {
                auto [old, equal] =
                    exchange(address, scalar(atomic.getCompareOperand()), scalar(atomic.getNewValOperand()));
                b.CreateStore(equal, success);
                return old;
            });
            exchanges_[&atomic] = {scalar(&atomic), b.CreateLoad(b.getInt1Ty(), success)};
            return;
        }
        exchanges_[&atomic] =
            exchange(address, scalar(atomic.getCompareOperand()), scalar(atomic.getNewValOperand()));
        return;
    }
    AllocaInst* addresses = spill(vector(atomic.getPointerOperand()), "addresses");
    AllocaInst* expected = spill(vector(atomic.getCompareOperand()), "expected");
    AllocaInst* desired = spill(vector(atomic.getNewValOperand()), "desired");
    AllocaInst* olds = new_slot(FixedVectorType::get(type, options_.lanes), "olds");
    AllocaInst* successes = new_slot(FixedVectorType::get(b.getInt8Ty(), options_.lanes), "successes");
    for_each_lane(mask, [&](Value* lane) {
        auto [old, equal] = exchange(b.CreateLoad(b.getPtrTy(), spilled_lane(addresses, lane)),
                                     b.CreateLoad(type, spilled_lane(expected, lane)),
                                     b.CreateLoad(type, spilled_lane(desired, lane)));
        b.CreateStore(old, spilled_lane(olds, lane));
        b.CreateStore(b.CreateZExt(equal, b.getInt8Ty()), spilled_lane(successes, lane));
    });
    Value* success = b.CreateLoad(successes->getAllocatedType(), successes);
    exchanges_[&atomic] = {b.CreateLoad(olds->getAllocatedType(), olds),
                           b.CreateICmpNE(success, Constant::getNullValue(success->getType()))};
}

}  // namespace heddle::compiler
