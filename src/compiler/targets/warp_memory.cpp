// Loads, stores and private arrays: by the address's shape one scalar access, contiguous vectors,
// groups, or gathers and scatters, under the mask.
#include <llvm/ADT/STLExtras.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Module.h>

#include "warp_emitter.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

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

// Vectors of such integers stand bit by bit in memory; Kernel IR accesses whole bytes.
void refuse_odd_integer(const Instruction& access, Type* type) {
    if (auto* integer = dyn_cast<IntegerType>(type->getScalarType());
        integer && (integer->getBitWidth() < 8 || !isPowerOf2_32(integer->getBitWidth())))
        throw Unsupported(
            access, "an access of " + std::to_string(integer->getBitWidth()) + " bits is not supported here");
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

// Every `step`-th element, from vectors that reach from a group's first lane's to its last lane's and no
// further.
Value* WarpEmitter::load_strided(LoadInst& load, Type* element, std::int64_t step, unsigned group) {
    IRBuilder<>& b = *builder_;
    const std::int64_t lanes = group, last = (lanes - 1) * (step - 1), before = (step - 1) * lanes;
    const Align align = commonAlignment(load.getAlign(), layout_.getTypeStoreSize(element).getFixedValue());
    std::vector<int> chosen;
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const std::int64_t at = lane * step;
        chosen.push_back(static_cast<int>(at < before ? at : before + at - last));
    }
    Parts groups;
    for (unsigned start = 0; start < options_.lanes; start += group) {
        Value* base = at_lane(load.getPointerOperand(), start);
        Parts pieces;
        for (std::int64_t piece = 0; piece < step; ++piece) {
            const std::int64_t from = piece + 1 == step ? last : piece * lanes;
            pieces.push_back(b.CreateAlignedLoad(
                FixedVectorType::get(element, group),
                b.CreateGEP(element, base, b.getInt64(static_cast<std::uint64_t>(from))), align));
        }
        groups.push_back(b.CreateShuffleVector(concatenated(b, pieces), chosen));
    }
    return concatenated(b, groups);
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
    AllocaInst* values = lane_slot(element, "gathered");
    for_each_lane(mask, [&](Value* lane) {
        Value* pointer = b.CreateLoad(b.getPtrTy(), spilled_lane(addresses, lane));
        set_spilled(values, lane, b.CreateAlignedLoad(element, pointer, align));
    });
    return spilled_vector(values, element);
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
        b.CreateAlignedStore(spilled_value(sources, lane, element), pointer, align);
    });
}

// The first address of each group of lanes. A group with no active lane gets that of one which has: its own
// need not be valid.
SmallVector<Value*, 4> WarpEmitter::group_addresses(Value* pointer, const Shape& shape, Value* mask) {
    IRBuilder<>& b = *builder_;
    SmallVector<Value*, 4> addresses;
    for (unsigned start = 0; start < options_.lanes; start += shape.group)
        addresses.push_back(at_lane(pointer, start));
    if (!mask) return addresses;
    Value* bits = lane_bits(mask);
    SmallVector<Value*, 4> present;
    for (unsigned start = 0; start < options_.lanes; start += shape.group)
        present.push_back(b.CreateICmpNE(b.CreateAnd(bits, b.getInt32(((1u << shape.group) - 1u) << start)),
                                         b.getInt32(0)));
    Value* anchor = addresses.back();
    for (std::size_t i = addresses.size() - 1; i-- > 0;)
        anchor = b.CreateSelect(present[i], addresses[i], anchor);
    for (std::size_t i = 0; i < addresses.size(); ++i)
        addresses[i] = b.CreateSelect(present[i], addresses[i], anchor);
    return addresses;
}

// One vector load (or one broadcast) for each group of lanes.
Value* WarpEmitter::load_groups(LoadInst& load, Type* element, const Shape& shape, Value* mask) {
    IRBuilder<>& b = *builder_;
    // A masked vector load reads nothing where the mask is clear, whatever its address.
    const SmallVector<Value*, 4> addresses =
        group_addresses(load.getPointerOperand(), shape, shape.stride == 0 ? mask : nullptr);
    Value* result = PoisonValue::get(vector_type(element));
    for (unsigned start = 0; start < options_.lanes; start += shape.group) {
        Value* pointer = addresses[start / shape.group];
        Value* part;
        Type* group_type = FixedVectorType::get(element, shape.group);
        if (shape.stride == 0) {
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
        auto* tuple = dyn_cast<FixedVectorType>(element);
        if (!tuple) {
            set_scalar(&load, plain(scalar(pointer)));
            return;
        }
        // Element by element: a broadcast from memory costs vector code nothing.
        Value* whole = PoisonValue::get(tuple);
        const std::uint64_t step = layout_.getTypeStoreSize(tuple->getElementType()).getFixedValue();
        for (unsigned k = 0; k < tuple->getNumElements(); ++k)
            whole = b.CreateInsertElement(
                whole,
                b.CreateAlignedLoad(tuple->getElementType(),
                                    b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), scalar(pointer), step * k),
                                    commonAlignment(load.getAlign(), step * k)),
                std::uint64_t{k});
        set_scalar(&load, whole);
        return;
    }
    if (element->isVectorTy()) {
        emit_tuple_load(load, mask);
        return;
    }
    if (element->isAggregateType()) throw Unsupported(load, "a load of an aggregate is not supported here");
    refuse_odd_integer(load, element);
    if (load.isVolatile() || load.isAtomic()) compiler_fence(b);
    if (!guard_of(pointer) && !interleaved && shape.stride == 0 && keeps_bases(&load) &&
        shapes_.shape(&load).group == shape.group) {
        SmallVector<Value*, 4> bases;
        for (Value* address : group_addresses(pointer, shape, mask)) bases.push_back(plain(address));
        set_bases(&load, bases);
        return;
    }
    Value* value = load_lanes(load, element, mask);
    if (auto* made = dyn_cast<Instruction>(value))
        if (MDNode* alias = load.getMetadata(LLVMContext::MD_tbaa); alias && made->mayReadFromMemory())
            made->setMetadata(LLVMContext::MD_tbaa, alias);
    set_vector(&load, value);
}

// The vector of what the lanes load as `element`, which may be a word that holds the elements of the load's
// own type.
Value* WarpEmitter::load_lanes(LoadInst& load, Type* element, Value* mask) {
    IRBuilder<>& b = *builder_;
    Value* pointer = load.getPointerOperand();
    const bool interleaved = shapes_.is_interleaved(pointer);
    const auto size = static_cast<std::int64_t>(layout_.getTypeStoreSize(element).getFixedValue());
    Shape shape = shapes_.shape(pointer);
    if (interleaved && shape.is_uniform()) shape.stride = size;
    const auto contiguous = [&](Value* base) {
        return load_contiguous(element, base, mask, load.getAlign());
    };
    const auto one_by_one = [&]() -> Value* {
        Value* pointers = vector(pointer);
        if (interleaved) pointers = b.CreateGEP(b.getInt8Ty(), pointers, lane_steps(b.getInt64Ty(), size));
        const auto each = [&] { return gather(element, pointers, mask, load.getAlign()); };
        if (interleaved || shape.is_affine() || comes_from_memory(pointer)) return each();
        const InOrder order = in_order(pointers, size, mask);
        return guarded(order.holds, [&] { return contiguous(order.first); }, each);
    };
    Value* guard = guard_of(pointer);
    if (shape.is_affine() && shape.stride == size)
        return guarded(guard, [&] { return contiguous(scalar(pointer)); }, one_by_one);
    if (shape.is_affine() && shape.stride == -size)
        return guarded(
            guard, [&] { return load_backwards(element, scalar(pointer), mask, load.getAlign()); },
            one_by_one);
    if (!interleaved && shape.group >= 8 && !load.isVolatile() &&
        (shape.stride == 2 * size || shape.stride == 3 * size || shape.stride == 4 * size))
        return guarded(
            all_lanes_present(guard, mask),
            [&] { return load_strided(load, element, shape.stride / size, shape.group); }, one_by_one);
    if (!interleaved && shape.group >= 4 && shape.group < 32 && (shape.stride == 0 || shape.stride == size))
        return guarded(guard, [&] { return load_groups(load, element, shape, mask); }, one_by_one);
    return one_by_one();
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
        last = b.CreateAnd(last, b.getInt32(options_.lanes - 1));
        if (!stored->getType()->isVectorTy()) {
            plain(b.CreateExtractElement(vector(stored), last), scalar(pointer));
            return;
        }
        Value* whole = PoisonValue::get(stored->getType());
        for (auto [k, part] : enumerate(parts(stored)))
            whole = b.CreateInsertElement(whole, b.CreateExtractElement(part, last), std::uint64_t{k});
        plain(whole, scalar(pointer));
        return;
    }
    if (stored->getType()->isVectorTy()) {
        emit_tuple_store(store, mask);
        return;
    }
    if (stored->getType()->isAggregateType())
        throw Unsupported(store, "a store of an aggregate is not supported here");
    refuse_odd_integer(store, stored->getType());
    store_lanes(store, vector(stored), mask);
    if (store.isVolatile() || store.isAtomic()) compiler_fence(b);
}

// Stores a vector of the lanes' values, which may be words that hold the elements of the store's own type.
void WarpEmitter::store_lanes(StoreInst& store, Value* value, Value* mask) {
    IRBuilder<>& b = *builder_;
    Value* pointer = store.getPointerOperand();
    const bool interleaved = shapes_.is_interleaved(pointer);
    const auto size = static_cast<std::int64_t>(
        layout_.getTypeStoreSize(value->getType()->getScalarType()).getFixedValue());
    Shape shape = shapes_.shape(pointer);
    if (interleaved && shape.is_uniform()) shape.stride = size;
    Instruction* made = nullptr;
    const auto contiguous = [&](Value* base) -> Value* {
        made = mask ? static_cast<Instruction*>(b.CreateMaskedStore(value, base, store.getAlign(), mask))
                    : b.CreateAlignedStore(value, base, store.getAlign());
        return nullptr;
    };
    const auto one_by_one = [&]() -> Value* {
        Value* pointers = vector(pointer);
        if (interleaved) pointers = b.CreateGEP(b.getInt8Ty(), pointers, lane_steps(b.getInt64Ty(), size));
        const auto each = [&]() -> Value* {
            scatter(value, pointers, mask, store.getAlign());
            return nullptr;
        };
        if (interleaved || shape.is_affine() || comes_from_memory(pointer)) return each();
        const InOrder order = in_order(pointers, size, mask);
        return guarded(order.holds, [&] { return contiguous(order.first); }, each);
    };
    const auto groups = [&]() -> Value* {
        for (unsigned start = 0; start < options_.lanes; start += shape.group) {
            std::vector<int> selected;
            for (unsigned i = 0; i < shape.group; ++i) selected.push_back(static_cast<int>(start + i));
            Value* part = b.CreateShuffleVector(value, selected);
            Value* base = at_lane(pointer, start);
            if (mask)
                b.CreateMaskedStore(part, base, store.getAlign(), b.CreateShuffleVector(mask, selected));
            else
                b.CreateAlignedStore(part, base, store.getAlign());
        }
        return nullptr;
    };
    Value* guard = guard_of(pointer);
    if (shape.is_affine() && shape.stride == size)
        guarded(guard, [&] { return contiguous(scalar(pointer)); }, one_by_one);
    else if (!interleaved && shape.group >= 4 && shape.group < 32 && shape.stride == size)
        guarded(guard, groups, one_by_one);
    else
        one_by_one();
    if (MDNode* alias = store.getMetadata(LLVMContext::MD_tbaa); made && alias)
        made->setMetadata(LLVMContext::MD_tbaa, alias);
}

// Whether what varies of an address was itself loaded: then it is as good as random. Else it was computed
// from the thread's index, and lanes that stand in order are worth a look before a gather.
bool WarpEmitter::comes_from_memory(const Value* address) const {
    SmallVector<const Value*, 16> pending{address};
    SmallPtrSet<const Value*, 16> seen;
    while (!pending.empty()) {
        auto* instruction = dyn_cast<Instruction>(pending.pop_back_val());
        if (!instruction || shapes_.shape(instruction).is_affine() || !seen.insert(instruction).second)
            continue;
        if (seen.size() > 24 || instruction->mayReadFromMemory()) return true;
        if (isa<CallBase>(instruction) && !isa<IntrinsicInst>(instruction)) continue;  // threadIdx
        pending.append(instruction->op_begin(), instruction->op_end());
    }
    return false;
}

// Whether the active lanes' addresses are neighbours in the order of the lanes, lane 0's being the first.
// Lane 0 may be inactive: what it holds is frozen before it is looked at.
WarpEmitter::InOrder WarpEmitter::in_order(Value* pointers, std::int64_t size, Value* mask) {
    IRBuilder<>& b = *builder_;
    const auto all_of = [&](Value* numbers, Value* first, std::int64_t step) {
        Value* expected = b.CreateAdd(b.CreateVectorSplat(options_.lanes, first),
                                      lane_steps(numbers->getType()->getScalarType(), step));
        Value* equal = b.CreateICmpEQ(numbers, expected);
        if (mask) equal = b.CreateOr(equal, b.CreateNot(mask));
        return b.CreateICmpEQ(lane_bits(equal), b.getInt32(~0u));
    };
    // An index that is widened into the address is compared before: it is half as wide.
    auto* gep = dyn_cast<GetElementPtrInst>(pointers);
    if (gep && gep->getNumIndices() == 1 && !gep->getPointerOperandType()->isVectorTy() &&
        layout_.getTypeStoreSize(gep->getSourceElementType()).getFixedValue() ==
            static_cast<std::uint64_t>(size)) {
        auto* widened = dyn_cast<CastInst>(gep->getOperand(1));
        if (widened && (isa<SExtInst>(widened) || isa<ZExtInst>(widened)) &&
            widened->getSrcTy() == vector_type(b.getInt32Ty())) {
            Value* numbers = b.CreateFreeze(widened->getOperand(0));
            Value* first = b.CreateExtractElement(numbers, std::uint64_t{0});
            Value* last = b.CreateAdd(first, b.getInt32(options_.lanes - 1));
            Value* no_wrap =
                isa<SExtInst>(widened) ? b.CreateICmpSLE(first, last) : b.CreateICmpULE(first, last);
            return {b.CreateAnd(all_of(numbers, first, 1), no_wrap),
                    b.CreateGEP(gep->getSourceElementType(), gep->getPointerOperand(),
                                b.CreateCast(widened->getOpcode(), first, b.getInt64Ty()))};
        }
    }
    Value* frozen = b.CreateFreeze(pointers);
    Value* numbers = b.CreatePtrToInt(frozen, vector_type(b.getInt64Ty()));
    return {all_of(numbers, b.CreateExtractElement(numbers, std::uint64_t{0}), size),
            b.CreateExtractElement(frozen, std::uint64_t{0})};
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

}  // namespace heddle::compiler
