// Calls: geometry, maths, printf and the heap, barriers, and what can be said without knowing other lanes.
// Warp operations are in warp_exchange.cpp.
#include <llvm/Analysis/VectorUtils.h>
#include <llvm/IR/Module.h>

#include "vector_maths.h"
#include "warp_emitter.h"

namespace heddle::compiler {

using namespace llvm;

Value* WarpEmitter::launch_field(unsigned offset, Type* type) {
    IRBuilder<>& b = *builder_;
    LoadInst* field = b.CreateLoad(type, b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), frame_->launch, offset));
    field->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(context_, {}));
    return field;
}

Value* WarpEmitter::block_field(unsigned offset) {
    return builder_->CreateConstInBoundsGEP1_64(builder_->getInt8Ty(), frame_->block, offset);
}

// threadIdx of the warp's lanes, in the form that the row's shapes promise: a base, or a vector.
void WarpEmitter::emit_thread_index() {
    IRBuilder<>& b = *builder_;
    if (options_.lanes == 1 || options_.row == Row::full) {
        thread_index_ = frame_->thread_index;
        return;
    }
    Type* word = b.getInt32Ty();
    Value* first = b.CreateShl(frame_->unit, 5, "first", true, true);
    if (options_.row == Row::linear) {
        thread_index_ = {first, b.getInt32(0), b.getInt32(0)};
        return;
    }
    Value *width = launch_field(12, word), *height = launch_field(16, word);
    const auto split = [&](Value* linear) -> std::array<Value*, 3> {
        Value* row = b.CreateUDiv(linear, width);
        return {b.CreateURem(linear, width), b.CreateURem(row, height), b.CreateUDiv(row, height)};
    };
    // Lanes past the block's end get indices past the block's extent: they are masked wherever it matters.
    if (options_.row == Row::half) {
        for (unsigned lane = 0; lane < options_.lanes; lane += 16) {
            const auto at = split(b.CreateAdd(first, b.getInt32(lane)));
            for (unsigned axis = 0; axis < 3; ++axis) thread_index_bases_[axis].push_back(at[axis]);
        }
        for (unsigned axis = 0; axis < 3; ++axis)
            thread_index_[axis] = join_bases(thread_index_bases_[axis], axis == 0 ? 1 : 0);
        return;
    }
    // A block has at most 1024 threads: floats divide such numbers exactly enough to round down right.
    const auto quotient = [&](Value* numbers, Value* divisor) {
        Type* real = vector_type(b.getFloatTy());
        Value* divisors = b.CreateVectorSplat(options_.lanes, b.CreateUIToFP(divisor, b.getFloatTy()));
        return b.CreateFPToSI(b.CreateFDiv(b.CreateSIToFP(numbers, real), divisors), numbers->getType());
    };
    const auto remainder = [&](Value* numbers, Value* quotients, Value* divisor) {
        return b.CreateSub(numbers, b.CreateMul(quotients, b.CreateVectorSplat(options_.lanes, divisor)));
    };
    Value* linear = b.CreateAdd(b.CreateVectorSplat(options_.lanes, first), lane_steps(word, 1));
    Value* rows = quotient(linear, width);
    Value* planes = quotient(rows, height);
    thread_index_ = {remainder(linear, rows, width), remainder(rows, planes, height), planes};
}

void WarpEmitter::emit_call(CallInst& call, Value* mask) {
    IRBuilder<>& b = *builder_;
    Function* callee = call.getCalledFunction();
    if (call.isInlineAsm()) throw Unsupported(call, "inline PTX is not supported");
    if (!callee) throw Unsupported(call, "a call through a pointer is not supported here");
    StringRef name = callee->getName();
    if (name.consume_front("heddle.")) {
        emit_heddle_call(call, name, mask);
        return;
    }
    if (name == "vprintf") {
        emit_per_lane(call, "heddle_printf", mask, {frame_->launch});
        return;
    }
    const Intrinsic::ID id = callee->getIntrinsicID();
    switch (id) {
        case Intrinsic::not_intrinsic:
            throw Unsupported(call, "call of '" + name.str() + "', which is not defined in device code");
        case Intrinsic::assume:
        case Intrinsic::lifetime_start:
        case Intrinsic::lifetime_end:
        case Intrinsic::experimental_noalias_scope_decl:
        case Intrinsic::invariant_start:
        case Intrinsic::invariant_end:
        case Intrinsic::donothing:
        case Intrinsic::prefetch:
        case Intrinsic::sideeffect:
        case Intrinsic::var_annotation:
            return;
        case Intrinsic::trap: {
            auto* type = FunctionType::get(b.getVoidTy(), {b.getPtrTy(), b.getPtrTy()}, false);
            imports_.call(b, "heddle_trap", type, {frame_->launch, frame_->block});
            return;
        }
        default:
            break;
    }
    const Shape shape = shapes_.shape(&call);
    const bool is_vector = !shape.is_affine();
    if (is_vector && !isTriviallyVectorizable(id) && id != Intrinsic::fptosi_sat &&
        id != Intrinsic::fptoui_sat)
        throw Unsupported(call, "intrinsic '" + name.str() + "' is not supported on the CPU");
    std::vector<Value*> operands;
    for (unsigned i = 0; i < call.arg_size(); ++i) {
        Value* operand = call.getArgOperand(i);
        const bool keep =
            !is_vector || (isTriviallyVectorizable(id) && isVectorIntrinsicWithScalarOpAtArg(id, i));
        operands.push_back(keep ? scalar(operand) : vector(operand));
    }
    Type* type = is_vector ? vector_type(call.getType()) : scalar_type(call.getType());
    Value* result;
    const bool is_half = call.getType()->isHalfTy();
    if (id == Intrinsic::fptosi_sat || id == Intrinsic::fptoui_sat) {
        result = saturating_conversion(operands[0], type, id == Intrinsic::fptosi_sat);
    } else if (is_half && id != Intrinsic::fabs && id != Intrinsic::copysign) {
        // fma's product and sum are exact in double but for what a half cannot tell; the others are exact in
        // float.
        const bool is_fma = id == Intrinsic::fma || id == Intrinsic::fmuladd;
        Type* wide = type->getWithNewType(is_fma ? b.getDoubleTy() : b.getFloatTy());
        for (Value*& operand : operands)
            if (operand->getType()->getScalarType()->isHalfTy()) {
                operand = extend_half(operand, operand->getType()->getWithNewType(b.getFloatTy()));
                if (is_fma) operand = b.CreateFPExt(operand, wide);
            }
        if (id == Intrinsic::minnum || id == Intrinsic::maxnum) {
            // Spelled out, or LLVM would narrow it to a half operation that the machine only has as a library
            // call.
            Value* first =
                b.CreateOr(b.CreateFCmp(id == Intrinsic::minnum ? CmpInst::FCMP_OLT : CmpInst::FCMP_OGT,
                                        operands[0], operands[1]),
                           b.CreateFCmpUNO(operands[1], operands[1]));
            result = b.CreateSelect(first, operands[0], operands[1]);
        } else
            result = is_fma ? b.CreateFAdd(b.CreateFMul(operands[0], operands[1]), operands[2])
                            : static_cast<Value*>(b.CreateIntrinsic(wide, id, operands));
        result = truncate_to_half(result);
    } else if (id == Intrinsic::fma && !variant_.has_fma) {
        result = maths(call.getType()->isDoubleTy() ? "fma.f64" : "fma.f32", operands, type);
    } else {
        CallInst* made = b.CreateIntrinsic(type, id, operands);
        if (isa<FPMathOperator>(made)) made->copyFastMathFlags(&call);
        result = made;
    }
    if (is_vector)
        set_vector(&call, result);
    else
        set_scalar(&call, result);
}

void WarpEmitter::emit_heddle_call(CallInst& call, StringRef name, Value* mask) {
    IRBuilder<>& b = *builder_;
    Type *word = b.getInt32Ty(), *pointer = b.getPtrTy();
    const auto axis = [&] { return static_cast<unsigned>(name.back() - 'x'); };
    if (name.starts_with("tid.")) {
        if (shapes_.shape(&call).is_affine())
            set_scalar(&call, thread_index_[axis()]);
        else if (keeps_bases(&call))
            set_bases(&call, thread_index_bases_[axis()]);
        else
            set_vector(&call, thread_index_[axis()]);
    } else if (name.starts_with("ntid.")) {
        set_scalar(&call, launch_field(12 + 4 * axis(), word));
    } else if (name.starts_with("nctaid.")) {
        set_scalar(&call, launch_field(4 * axis(), word));
    } else if (name.starts_with("ctaid.")) {
        set_scalar(&call, frame_->block_index[axis()]);
    } else if (name == "lane") {
        set_scalar(&call, options_.lanes == 1 ? b.CreateAnd(frame_->unit, b.getInt32(31))
                                              : static_cast<Value*>(b.getInt32(0)));
    } else if (name == "dynamic.shared.bytes") {
        set_scalar(&call, launch_field(28, word));
    } else if (name == "globals") {
        set_scalar(&call, launch_field(40, pointer));
    } else if (name == "shared.base") {
        LoadInst* base = b.CreateLoad(pointer, block_field(32), "shared");
        base->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(context_, {}));
        base->setMetadata(LLVMContext::MD_noundef, MDNode::get(context_, {}));
        set_scalar(&call, base);
    } else if (name.starts_with("barrier")) {
        emit_barrier(call, name, mask);
    } else if (name.starts_with("fence.")) {
        b.CreateFence(AtomicOrdering::SequentiallyConsistent,
                      name == "fence.block" ? SyncScope::SingleThread : SyncScope::System);
    } else if (name == "is.shared") {
        // Inside the block's shared memory, static and dynamic.
        const bool is_vector = !shapes_.shape(&call).is_affine();
        Value* start = b.CreatePtrToInt(b.CreateLoad(pointer, block_field(32)), b.getInt64Ty());
        Value* size = b.CreateAdd(b.CreateZExt(launch_field(28, word), b.getInt64Ty()),
                                  b.getInt64((options_.static_shared_bytes + 15) / 16 * 16));
        Value* address = is_vector ? vector(call.getArgOperand(0)) : scalar(call.getArgOperand(0));
        Type* wide = is_vector ? vector_type(b.getInt64Ty()) : b.getInt64Ty();
        const auto spread = [&](Value* value) {
            return is_vector ? b.CreateVectorSplat(options_.lanes, value) : value;
        };
        Value* distance = b.CreateSub(b.CreatePtrToInt(address, wide), spread(start));
        Value* inside = b.CreateICmpULT(distance, spread(size));
        inside = b.CreateZExtOrTrunc(inside, is_vector ? vector_type(call.getType()) : call.getType());
        if (is_vector)
            set_vector(&call, inside);
        else
            set_scalar(&call, inside);
    } else if (name.starts_with("is.")) {
        throw Unsupported(call,
                          "the question whether an address is local or constant has no answer on the CPU");
    } else if (name == "clock64" || name == "globaltimer") {
        auto* type = FunctionType::get(b.getInt64Ty(), {}, false);
        set_scalar(&call, imports_.call(b, "heddle_" + name.str(), type, {}));
    } else if (name == "nanosleep") {
        yield_to_warp();
    } else if (name == "malloc" || name == "free") {
        emit_per_lane(call, "heddle_" + name.str(), mask, {frame_->launch});
    } else if (name == "trap") {
        auto* type = FunctionType::get(b.getVoidTy(), {pointer, pointer}, false);
        imports_.call(b, "heddle_trap", type, {frame_->launch, frame_->block});
    } else if (name == "assert.fail") {
        auto* type = FunctionType::get(
            b.getVoidTy(), {pointer, pointer, pointer, pointer, word, pointer, word, word, word}, false);
        std::array<AllocaInst*, 3> slots{};
        if (options_.lanes > 1)
            for (unsigned i = 0; i < 3; ++i) {
                Value* index = thread_index_[i];
                if (!index->getType()->isVectorTy()) {
                    index = b.CreateVectorSplat(options_.lanes, index);
                    if (i == 0) index = b.CreateAdd(index, lane_steps(word, 1));
                }
                slots[i] = spill(index, "thread");
            }
        const auto report = [&](Value* lane) {
            std::vector<Value*> operands{frame_->launch, frame_->block};
            for (unsigned i = 0; i < 4; ++i) {
                Value* operand = call.getArgOperand(i);
                operands.push_back(shapes_.is_uniform(operand)
                                       ? scalar(operand)
                                       : b.CreateExtractElement(vector(operand), lane));
            }
            for (unsigned i = 0; i < 3; ++i)
                operands.push_back(lane ? b.CreateLoad(word, spilled_lane(slots[i], lane))
                                        : thread_index_[i]);
            imports_.call(b, "heddle_assert_fail", type, operands);
        };
        if (options_.lanes == 1)
            report(nullptr);
        else
            for_each_lane(mask, report);
    } else if (name == "warp.sync" || name == "activemask" || name.starts_with("shfl.") ||
               name.starts_with("ballot") || name.starts_with("match.") || name.starts_with("reduce.")) {
        emit_exchange(call, name, mask);
    } else {
        emit_maths(call, name, mask);
    }
}

void WarpEmitter::emit_barrier(CallInst& call, StringRef name, Value* mask) {
    IRBuilder<>& b = *builder_;
    Type* word = b.getInt32Ty();
    const bool has_result = name != "barrier";
    const auto answer = [&](Value* count, Value* threads) {
        if (name.starts_with("barrier.count")) return count;
        Value* holds = name.starts_with("barrier.and") ? b.CreateICmpEQ(count, threads)
                                                       : b.CreateICmpNE(count, b.getInt32(0));
        return b.CreateZExt(holds, word);
    };
    if (options_.check) {
        auto* type =
            FunctionType::get(b.getVoidTy(), {b.getPtrTy(), b.getPtrTy(), word, b.getPtrTy()}, false);
        imports_.call(b, "heddle_check_barrier", type,
                      {frame_->launch, frame_->block, frame_->unit, location_text(call)});
    }
    const auto add_to = [&](unsigned offset, Value* bits) {
        Value* field = block_field(offset);
        Value* count = b.CreateUnaryIntrinsic(Intrinsic::ctpop, bits);
        b.CreateStore(b.CreateAdd(b.CreateLoad(word, field), count), field);
    };
    if (has_result) {
        Value* predicate = call.getArgOperand(0);
        Value* holds = b.CreateICmpNE(vector(predicate), Constant::getNullValue(vector_type(word)));
        add_to(12, lane_bits(both(mask, holds)));
        add_to(16, lane_bits(mask));
    }
    constexpr std::uint32_t operation_barrier = 1;
    frame_->suspend(b, {operation_barrier});
    if (has_result)
        set_scalar(&call, answer(b.CreateLoad(word, block_field(20)), b.CreateLoad(word, block_field(24))));
}

void WarpEmitter::emit_per_lane(CallInst& call, StringRef import, Value* mask,
                                const std::vector<Value*>& before) {
    IRBuilder<>& b = *builder_;
    std::vector<Type*> types;
    for (Value* value : before) types.push_back(value->getType());
    for (Use& argument : call.args()) types.push_back(scalar_type(argument->getType()));
    auto* type = FunctionType::get(scalar_type(call.getType()), types, false);
    std::vector<Value*> operands = before;
    if (options_.lanes == 1) {
        for (Use& argument : call.args()) operands.push_back(scalar(argument.get()));
        Value* result = imports_.call(b, import, type, operands);
        if (!call.getType()->isVoidTy()) set_scalar(&call, result);
        return;
    }
    std::vector<AllocaInst*> slots;
    for (Use& argument : call.args()) slots.push_back(spill(vector(argument.get()), "argument"));
    AllocaInst* results = call.getType()->isVoidTy() || call.use_empty()
                              ? nullptr
                              : new_slot(vector_type(call.getType()), "results");
    for_each_lane(mask, [&](Value* lane) {
        std::vector<Value*> lane_operands = before;
        for (AllocaInst* slot : slots)
            lane_operands.push_back(
                b.CreateLoad(slot->getAllocatedType()->getScalarType(), spilled_lane(slot, lane)));
        Value* result = imports_.call(b, import, type, lane_operands);
        if (results) b.CreateStore(result, spilled_lane(results, lane));
    });
    if (!results) {
        if (!call.getType()->isVoidTy() && shapes_.is_uniform(&call))
            set_scalar(&call, PoisonValue::get(scalar_type(call.getType())));
        return;
    }
    Value* all = b.CreateLoad(results->getAllocatedType(), results);
    if (shapes_.is_uniform(&call)) {
        Value* first = mask ? b.CreateBinaryIntrinsic(Intrinsic::cttz, lane_bits(mask), b.getTrue())
                            : static_cast<Value*>(b.getInt32(0));
        set_scalar(&call, b.CreateExtractElement(all, first));
    } else {
        set_vector(&call, all);
    }
}

void WarpEmitter::emit_maths(CallInst& call, StringRef name, Value*) {
    IRBuilder<>& b = *builder_;
    const Shape shape = shapes_.shape(&call);
    const bool is_vector = !shape.is_affine();
    std::vector<Value*> operands;
    for (Use& argument : call.args())
        operands.push_back(is_vector ? vector(argument.get()) : scalar(argument.get()));
    Value* result;
    if (name == "fast.div.f32")
        result = b.CreateFDiv(operands[0], operands[1]);
    else
        result = maths(name, operands, is_vector ? vector_type(call.getType()) : scalar_type(call.getType()));
    if (is_vector)
        set_vector(&call, result);
    else
        set_scalar(&call, result);
}

// One scalar call, or as many vector calls as the lanes need, or a call a lane where there is no vector
// function.
Value* WarpEmitter::maths(StringRef name, ArrayRef<Value*> operands, Type* result) {
    IRBuilder<>& b = *builder_;
    const std::string full = "heddle." + name.str();
    const auto type_of = [&](Type* shape) {
        std::vector<Type*> types;
        for (Value* operand : operands) {
            Type* element = operand->getType()->getScalarType();
            types.push_back(shape->isVectorTy() ? shape->getWithNewType(element) : element);
        }
        return FunctionType::get(
            shape->isVectorTy() ? shape->getWithNewType(result->getScalarType()) : result->getScalarType(),
            types, false);
    };
    if (!result->isVectorTy()) return imports_.call(b, full, type_of(result), operands);
    const unsigned lanes = options_.lanes;
    const unsigned width = vector_maths_lanes(full, variant_);
    if (width == 0) {
        Value* values = PoisonValue::get(result);
        std::vector<AllocaInst*> slots;
        for (Value* operand : operands) slots.push_back(spill(operand, "operand"));
        AllocaInst* results = new_slot(result, "results");
        FunctionType* type = type_of(result->getScalarType());
        // All lanes, active or not: the functions take any value.
        for_each_lane(nullptr, [&](Value* lane) {
            std::vector<Value*> parts;
            for (AllocaInst* slot : slots)
                parts.push_back(
                    b.CreateLoad(slot->getAllocatedType()->getScalarType(), spilled_lane(slot, lane)));
            b.CreateStore(imports_.call(b, full, type, parts), spilled_lane(results, lane));
        });
        values = b.CreateLoad(result, results);
        return values;
    }
    const std::string vector_name = full + ".x" + std::to_string(width);
    FunctionType* type = type_of(FixedVectorType::get(b.getInt8Ty(), width));
    std::vector<Value*> parts;
    for (unsigned start = 0; start < lanes; start += width) {
        std::vector<int> selected;
        for (unsigned i = 0; i < width; ++i) selected.push_back(static_cast<int>(start + i));
        std::vector<Value*> pieces;
        for (Value* operand : operands) pieces.push_back(b.CreateShuffleVector(operand, selected));
        parts.push_back(imports_.call(b, vector_name, type, pieces));
    }
    return concatenateVectors(b, parts);
}

}  // namespace heddle::compiler
