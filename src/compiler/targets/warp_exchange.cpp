// Warp operations: with 32 lanes in one vector they are permutations, reductions and bit masks; with one lane
// they are requests to the scheduler, made by suspending.
#include <llvm/IR/IntrinsicsX86.h>
#include <llvm/IR/Module.h>

#include "barrier_regions.h"
#include "warp_emitter.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// Numbers of heddle_cpu_operation in src/backends/cpu/abi.h.
unsigned operation_number(StringRef name) {
    if (name == "warp.sync") return 2;
    if (name.starts_with("shfl.idx")) return 3;
    if (name.starts_with("shfl.up")) return 4;
    if (name.starts_with("shfl.down")) return 5;
    if (name.starts_with("shfl.xor")) return 6;
    if (name.starts_with("ballot")) return 7;
    if (name == "activemask") return 8;
    if (name.starts_with("match.any")) return 9;
    if (name.starts_with("match.all")) return 10;
    const StringRef reductions[] = {"add", "min", "max", "umin", "umax", "and", "or", "xor"};
    for (unsigned i = 0; i < 8; ++i)
        if (name == ("reduce." + reductions[i] + ".i32").str()) return 11 + i;
    return 0;
}

}  // namespace

// One lane: hands its value and mask to the scheduler, suspends, and takes the answer; of a shuffle, the
// value of the lane that it asks for, if that takes part, unless who makes the step knows which that is.
void WarpEmitter::emit_request(CallInst& call, StringRef name) {
    IRBuilder<>& b = *builder_;
    constexpr unsigned field_masks = 72;
    Type *word = b.getInt32Ty(), *wide = b.getInt64Ty();
    const auto exchange = [&](const char* marker, Type* type) {
        FunctionCallee callee = function_->getParent()->getOrInsertFunction(marker, type);
        cast<Function>(callee.getCallee())->setDoesNotThrow();
        return b.CreateCall(callee);
    };
    const auto place = [&](const char* array, Value* thread) {
        return b.CreateInBoundsGEP(wide, exchange(array, b.getPtrTy()), b.CreateZExt(thread, wide));
    };
    Value* mask = call.arg_size() > 0 ? scalar(call.getArgOperand(0)) : nullptr;
    Value* value = call.arg_size() > 1 ? scalar(call.getArgOperand(1)) : nullptr;
    if (mask && !isa<ConstantInt>(mask)) {
        LoadInst* masks = b.CreateLoad(b.getPtrTy(), block_field(field_masks));
        masks->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(context_, {}));
        b.CreateStore(mask, b.CreateInBoundsGEP(word, masks, b.CreateZExt(frame_->unit, wide)));
    }
    if (value) b.CreateStore(b.CreateZExt(value, wide), place(offers_marker, frame_->unit));
    const bool shuffles = name.starts_with("shfl.");
    ConstantInt* operand = nullptr;
    if (auto* width = shuffles ? dyn_cast<ConstantInt>(call.getArgOperand(3)) : nullptr;
        width && width->getZExtValue() == 32)
        operand = dyn_cast<ConstantInt>(call.getArgOperand(2));
    Value* group = frame_->suspend(b, {operation_number(name), dyn_cast_or_null<ConstantInt>(mask), operand});
    if (call.getType()->isVoidTy()) return;
    Value* thread = frame_->unit;
    if (shuffles && !operand) {
        name.consume_front("shfl.");
        Value* source = shuffle_source(name, b.CreateAnd(thread, b.getInt32(31)),
                                       scalar(call.getArgOperand(2)), scalar(call.getArgOperand(3)));
        Value* takes_part = b.CreateTrunc(b.CreateLShr(group, source), b.getInt1Ty());
        Value* other = b.CreateOr(b.CreateAnd(thread, b.getInt32(~31u)), source);
        thread = b.CreateSelect(takes_part, other, thread);
    } else if (operand && name.starts_with("shfl.xor")) {
        thread = b.CreateXor(thread, exchange(lane_flip_marker, word));
    }
    Value* answer = b.CreateLoad(wide, place(answers_marker, thread), "answer");
    set_scalar(&call, b.CreateTrunc(answer, call.getType()));
}

// Lets the other lanes of the warp go first.
void WarpEmitter::yield_to_warp() {
    constexpr std::uint32_t operation_yield = 19;
    if (options_.lanes == 1 && frame_->suspend) frame_->suspend(*builder_, {operation_yield});
}

void WarpEmitter::emit_exchange(CallInst& call, StringRef name, Value* mask) {
    IRBuilder<>& b = *builder_;
    if (options_.lanes == 1) {
        emit_request(call, name);
        return;
    }
    if (name == "warp.sync") {
        b.CreateFence(AtomicOrdering::SequentiallyConsistent, SyncScope::SingleThread);
    } else if (name == "activemask") {
        set_scalar(&call, lane_bits(mask));
    } else if (name.starts_with("ballot")) {
        Value* predicate = call.getArgOperand(1);
        Value* bits =
            lane_bits(both(mask, b.CreateICmpNE(vector(predicate),
                                                Constant::getNullValue(vector_type(predicate->getType())))));
        Value* members = call.getArgOperand(0);
        if (shapes_.is_uniform(members))
            set_scalar(&call, b.CreateAnd(bits, scalar(members)));
        else
            set_vector(&call, b.CreateAnd(b.CreateVectorSplat(options_.lanes, bits), vector(members)));
    } else if (name.consume_front("shfl.")) {
        emit_shuffle(call, name, mask);
    } else if (name.consume_front("reduce.")) {
        emit_reduce(call, name.split('.').first, mask);
    } else {
        emit_match(call, name.starts_with("match.all"), mask);
    }
}

// CUDA's shfl: segments of `width` lanes; a source outside gives the lane its own value.
void WarpEmitter::emit_shuffle(CallInst& call, StringRef kind, Value*) {
    IRBuilder<>& b = *builder_;
    Value *value = call.getArgOperand(1), *operand = call.getArgOperand(2), *width = call.getArgOperand(3);
    if (shapes_.is_uniform(value)) {
        set_scalar(&call, scalar(value));
        return;
    }
    const unsigned lanes = options_.lanes;
    auto* fixed_operand = dyn_cast<ConstantInt>(operand);
    auto* fixed_width = dyn_cast<ConstantInt>(width);
    const auto whole = fixed_width && fixed_width->getZExtValue() == lanes;
    if (whole && kind.starts_with("idx") && shapes_.is_uniform(operand)) {
        Value* lane = b.CreateAnd(scalar(operand), b.getInt32(lanes - 1));
        set_scalar(&call, b.CreateExtractElement(vector(value), lane));
        return;
    }
    if (fixed_operand && fixed_width) {
        const unsigned w = static_cast<unsigned>(fixed_width->getZExtValue()),
                       o = static_cast<unsigned>(fixed_operand->getZExtValue()) & 31;
        std::vector<int> from;
        for (unsigned lane = 0; lane < lanes; ++lane) {
            const unsigned first = lane & ~(w - 1), last = first | (w - 1);
            unsigned source = lane;
            if (kind.starts_with("idx")) source = first | (o & (w - 1));
            if (kind.starts_with("up") && lane >= first + o) source = lane - o;
            if (kind.starts_with("down") && lane + o <= last) source = lane + o;
            if (kind.starts_with("xor") && (lane ^ o) <= last) source = lane ^ o;
            from.push_back(static_cast<int>(source));
        }
        set_vector(&call, b.CreateShuffleVector(vector(value), from));
        return;
    }
    Value* source = shuffle_source(kind, lane_steps(b.getInt32Ty(), 1), vector(operand), vector(width));
    set_vector(&call, permute(vector(value), source));
}

// The lane whose value `own` receives: `own` itself when the one it asks for is outside its segment.
Value* WarpEmitter::shuffle_source(StringRef kind, Value* own, Value* operand, Value* width) {
    IRBuilder<>& b = *builder_;
    Type* type = own->getType();
    Value* o = b.CreateAnd(operand, ConstantInt::get(type, 31));
    Value* low = b.CreateSub(width, ConstantInt::get(type, 1));
    Value* first = b.CreateAnd(own, b.CreateNot(low));
    if (kind.starts_with("idx"))
        return b.CreateAnd(b.CreateOr(first, b.CreateAnd(o, low)), ConstantInt::get(type, 31));
    Value *source, *valid;
    if (kind.starts_with("up")) {
        source = b.CreateSub(own, o);
        valid = b.CreateICmpSGE(source, first);
    } else {
        source = kind.starts_with("down") ? b.CreateAdd(own, o) : b.CreateXor(own, o);
        valid = b.CreateICmpSLE(source, b.CreateOr(first, low));
    }
    return b.CreateAnd(b.CreateSelect(valid, source, own), ConstantInt::get(type, 31));
}

Value* WarpEmitter::permute(Value* values, Value* lanes) {
    IRBuilder<>& b = *builder_;
    Type* element = values->getType()->getScalarType();
    Type* words = vector_type(b.getInt32Ty());
    if (variant_.has_permute && element->isIntegerTy(64)) {
        Value* low = permute(b.CreateTrunc(values, words), lanes);
        Value* high = permute(
            b.CreateTrunc(b.CreateLShr(values, ConstantInt::get(values->getType(), 32)), words), lanes);
        return b.CreateOr(
            b.CreateZExt(low, values->getType()),
            b.CreateShl(b.CreateZExt(high, values->getType()), ConstantInt::get(values->getType(), 32)));
    }
    if (variant_.has_permute && element->isIntegerTy(32)) {
        const auto half = [&](Value* vector, unsigned start) {
            std::vector<int> selected;
            for (unsigned i = 0; i < 16; ++i) selected.push_back(static_cast<int>(start + i));
            return b.CreateShuffleVector(vector, selected);
        };
        Value *low = half(values, 0), *high = half(values, 16);
        Value* parts[2];
        for (unsigned i = 0; i < 2; ++i)
            parts[i] = b.CreateIntrinsic(Intrinsic::x86_avx512_vpermi2var_d_512, {},
                                         {low, half(lanes, 16 * i), high});
        std::vector<int> all;
        for (unsigned i = 0; i < 32; ++i) all.push_back(static_cast<int>(i));
        return b.CreateShuffleVector(parts[0], parts[1], all);
    }
    AllocaInst* slot = spill(values, "exchanged");
    Value* pointers = b.CreateInBoundsGEP(element, slot, b.CreateZExt(lanes, vector_type(b.getInt64Ty())));
    return gather(element, pointers, nullptr, layout_.getABITypeAlign(element));
}

// What changes nothing when a reduction takes it in.
Constant* WarpEmitter::neutral_element(StringRef operation, Type* type) {
    const unsigned bits = type->getScalarSizeInBits();
    if (operation == "and" || operation == "umin") return Constant::getAllOnesValue(type);
    if (operation == "min") return ConstantInt::get(type, APInt::getSignedMaxValue(bits));
    if (operation == "max") return ConstantInt::get(type, APInt::getSignedMinValue(bits));
    return Constant::getNullValue(type);
}

Value* WarpEmitter::reduce_lanes(StringRef operation, Value* values, Value* mask) {
    IRBuilder<>& b = *builder_;
    if (mask) values = b.CreateSelect(mask, values, neutral_element(operation, values->getType()));
    if (operation == "add") return b.CreateAddReduce(values);
    if (operation == "and") return b.CreateAndReduce(values);
    if (operation == "or") return b.CreateOrReduce(values);
    if (operation == "xor") return b.CreateXorReduce(values);
    if (operation == "min" || operation == "umin") return b.CreateIntMinReduce(values, operation == "min");
    return b.CreateIntMaxReduce(values, operation == "max");
}

// Runs `body` once for each set of lanes that pass the same value of `keys`, with the set's lowest lane;
// `body` gives the lanes that it has served, as bits.
void WarpEmitter::for_each_group(Value* mask, Value* keys,
                                 const std::function<Value*(Value* key, Value* lane)>& body) {
    IRBuilder<>& b = *builder_;
    AllocaInst* slot = spill(keys, "keys");
    BasicBlock *start = b.GetInsertBlock(), *each = new_block("each.group"), *done = new_block("all.groups");
    Value* all = lane_bits(mask);
    b.CreateCondBr(b.CreateICmpNE(all, b.getInt32(0)), each, done);
    b.SetInsertPoint(each);
    PHINode* left = b.CreatePHI(b.getInt32Ty(), 2, "left");
    left->addIncoming(all, start);
    Value* lane = b.CreateBinaryIntrinsic(Intrinsic::cttz, left, b.getTrue());
    Value* served = body(b.CreateLoad(keys->getType()->getScalarType(), spilled_lane(slot, lane)), lane);
    served = b.CreateOr(served, b.CreateShl(b.getInt32(1), lane));
    Value* rest = b.CreateAnd(left, b.CreateNot(served));
    left->addIncoming(rest, b.GetInsertBlock());
    b.CreateCondBr(b.CreateICmpNE(rest, b.getInt32(0)), each, done);
    b.SetInsertPoint(done);
}

void WarpEmitter::emit_reduce(CallInst& call, StringRef operation, Value* mask) {
    IRBuilder<>& b = *builder_;
    Value* members = call.getArgOperand(0);
    Value* values = vector(call.getArgOperand(1));
    if (shapes_.is_uniform(members)) {
        Value* taking = mask_of_bits(b.CreateAnd(lane_bits(mask), scalar(members)));
        set_scalar(&call, reduce_lanes(operation, values, taking));
        return;
    }
    AllocaInst* results = new_slot(values->getType(), "reduced");
    Value* active = lane_bits(mask);
    for_each_group(mask, vector(members), [&](Value* key, Value*) {
        Value* taking = b.CreateAnd(active, key);
        Value* lanes = mask_of_bits(taking);
        Value* total = b.CreateVectorSplat(options_.lanes, reduce_lanes(operation, values, lanes));
        b.CreateStore(b.CreateSelect(lanes, total, b.CreateLoad(values->getType(), results)), results);
        return taking;
    });
    set_vector(&call, b.CreateLoad(values->getType(), results));
}

void WarpEmitter::emit_match(CallInst& call, bool all, Value* mask) {
    IRBuilder<>& b = *builder_;
    Value* members = call.getArgOperand(0);
    Value* values = vector(call.getArgOperand(1));
    Type* words = vector_type(b.getInt32Ty());
    Value* active = lane_bits(mask);
    if (all && shapes_.is_uniform(members)) {
        Value* taking = b.CreateAnd(active, scalar(members));
        Value* first =
            b.CreateAnd(b.CreateBinaryIntrinsic(Intrinsic::cttz, taking, b.getFalse()), b.getInt32(31));
        Value* equal = lane_bits(b.CreateICmpEQ(
            values, b.CreateVectorSplat(options_.lanes, b.CreateExtractElement(values, first))));
        Value* agree = b.CreateICmpEQ(b.CreateAnd(equal, taking), taking);
        set_scalar(&call, b.CreateSelect(agree, scalar(members), b.getInt32(0)));
        return;
    }
    AllocaInst* results = new_slot(words, "matched");
    b.CreateStore(Constant::getNullValue(words), results);
    AllocaInst* compared = spill(values, "values");
    // Groups of lanes with one member mask; of those, `any` serves the lanes with the first one's value.
    for_each_group(mask, vector(members), [&](Value* key, Value* lane) {
        Value* taking = b.CreateAnd(active, key);
        Value* value = b.CreateLoad(values->getType()->getScalarType(), spilled_lane(compared, lane));
        Value* equal = b.CreateAnd(
            lane_bits(b.CreateICmpEQ(values, b.CreateVectorSplat(options_.lanes, value))), taking);
        Value* served = all ? taking : equal;
        Value* answer = all ? b.CreateSelect(b.CreateICmpEQ(equal, taking), key, b.getInt32(0)) : equal;
        b.CreateStore(b.CreateSelect(mask_of_bits(served), b.CreateVectorSplat(options_.lanes, answer),
                                     b.CreateLoad(words, results)),
                      results);
        return served;
    });
    set_vector(&call, b.CreateLoad(words, results));
}

}  // namespace heddle::compiler
