// Tuples: loads and stores of several neighbouring elements a lane (float4, uchar4, a structure's members),
// taken apart into one vector of lanes an element. Dense arrays of tuples are read and written as whole
// vectors and shuffled; tuples of up to eight bytes travel as one word a lane.
#include <llvm/ADT/STLExtras.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Module.h>

#include <bit>

#include "warp_emitter.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// Where a tuple fits a word, the word's type.
Type* word_of(FixedVectorType* tuple, const DataLayout& layout) {
    const std::uint64_t bytes = layout.getTypeStoreSize(tuple->getElementType()).getFixedValue();
    const std::uint64_t all = bytes * tuple->getNumElements();
    if (all > 8 || !std::has_single_bit(all)) return nullptr;
    return IntegerType::get(tuple->getContext(), static_cast<unsigned>(all) * 8);
}

// Element k of every tuple in `wide`, whose tuples have `count` elements.
Value* every_nth(IRBuilder<>& b, Value* wide, unsigned k, unsigned count) {
    const unsigned all = cast<FixedVectorType>(wide->getType())->getNumElements();
    std::vector<int> chosen;
    for (unsigned i = k; i < all; i += count) chosen.push_back(static_cast<int>(i));
    return b.CreateShuffleVector(wide, chosen);
}

}  // namespace

Value* concatenated(IRBuilder<>& b, ArrayRef<Value*> vectors) {
    SmallVector<Value*, 8> rest(vectors.begin(), vectors.end());
    while (rest.size() > 1) {
        SmallVector<Value*, 8> longer;
        for (std::size_t i = 0; i < rest.size(); i += 2) {
            const unsigned first = cast<FixedVectorType>(rest[i]->getType())->getNumElements();
            Value* second = i + 1 < rest.size() ? rest[i + 1] : PoisonValue::get(rest[i]->getType());
            const unsigned other = cast<FixedVectorType>(second->getType())->getNumElements();
            std::vector<int> all, widen;
            for (unsigned at = 0; at < first + other; ++at) all.push_back(static_cast<int>(at));
            if (other != first) {
                for (unsigned at = 0; at < first; ++at)
                    widen.push_back(at < other ? static_cast<int>(at) : PoisonMaskElem);
                second = b.CreateShuffleVector(second, widen);
            }
            longer.push_back(b.CreateShuffleVector(rest[i], second, all));
        }
        rest = longer;
    }
    return rest.front();
}

// The vectors of a tuple's elements.
WarpEmitter::Parts WarpEmitter::parts(Value* tuple) {
    if (auto found = parts_.find(tuple); found != parts_.end()) return found->second;
    auto* type = cast<FixedVectorType>(tuple->getType());
    Parts result;
    for (unsigned k = 0; k < type->getNumElements(); ++k) {
        if (isa<UndefValue>(tuple))
            result.push_back(PoisonValue::get(vector_type(type->getElementType())));
        else
            result.push_back(builder_->CreateVectorSplat(
                options_.lanes, builder_->CreateExtractElement(scalar(tuple), std::uint64_t{k})));
    }
    return result;
}

// Building a tuple and taking it apart, with constant positions; false for anything else.
bool WarpEmitter::emit_tuple_part(Instruction& instruction) {
    if (options_.lanes == 1) return false;
    if (auto* extract = dyn_cast<ExtractElementInst>(&instruction)) {
        auto* at = dyn_cast<ConstantInt>(extract->getIndexOperand());
        if (!at || !parts_.contains(extract->getVectorOperand())) return false;
        set_vector(&instruction, parts(extract->getVectorOperand())[at->getZExtValue()]);
        return true;
    }
    auto* insert = dyn_cast<InsertElementInst>(&instruction);
    if (!insert || shapes_.is_uniform(insert)) return false;
    auto* at = dyn_cast<ConstantInt>(insert->getOperand(2));
    if (!at) return false;
    Parts built = parts(insert->getOperand(0));
    built[at->getZExtValue()] = vector(insert->getOperand(1));
    parts_[insert] = built;
    return true;
}

// `guard` and that no lane is missing; null where both are certain.
Value* WarpEmitter::all_lanes_present(Value* guard, Value* mask) {
    if (!mask) return guard;
    return guard ? builder_->CreateAnd(guard, all(mask)) : all(mask);
}

void WarpEmitter::emit_tuple_load(LoadInst& load, Value* mask) {
    IRBuilder<>& b = *builder_;
    auto* tuple = cast<FixedVectorType>(load.getType());
    const unsigned count = tuple->getNumElements();
    Type* element = scalar_type(tuple->getElementType());
    const auto size = static_cast<std::int64_t>(layout_.getTypeStoreSize(element).getFixedValue());
    Parts result;
    if (Type* word = word_of(tuple, layout_)) {
        Value* words = load_lanes(load, word, mask);
        Type* narrow = vector_type(b.getIntNTy(static_cast<unsigned>(size) * 8));
        for (unsigned k = 0; k < count; ++k) {
            Value* shifted = b.CreateLShr(
                words,
                ConstantInt::get(words->getType(), std::uint64_t{k} * 8 * static_cast<std::uint64_t>(size)));
            result.push_back(b.CreateBitCast(b.CreateTrunc(shifted, narrow), vector_type(element)));
        }
        parts_[&load] = result;
        return;
    }
    Value* pointer = load.getPointerOperand();
    const Shape shape = shapes_.shape(pointer);
    // One load a lane of the whole tuple, which is quicker than a gather for each of its elements.
    const auto one_by_one = [&] {
        SmallVector<Value*, 32> tuples;
        Value* pointers = nullptr;
        if (mask || shape.is_varying() || shape.assumed) {
            pointers = vector(pointer);
            if (mask) {
                Value* first = b.CreateBinaryIntrinsic(Intrinsic::cttz, lane_bits(mask), b.getFalse());
                Value* anchor =
                    b.CreateExtractElement(pointers, b.CreateAnd(first, b.getInt32(options_.lanes - 1)));
                Value* valid =
                    shape.is_varying() || shape.stride != 0 ? mask : whole_groups(mask, shape.group);
                pointers = b.CreateSelect(valid, pointers, b.CreateVectorSplat(options_.lanes, anchor));
            }
        }
        for (unsigned lane = 0; lane < options_.lanes; ++lane) {
            Value* address =
                pointers ? b.CreateExtractElement(pointers, std::uint64_t{lane}) : at_lane(pointer, lane);
            tuples.push_back(
                b.CreateAlignedLoad(FixedVectorType::get(element, count), address, load.getAlign()));
        }
        Value* wide = concatenated(b, tuples);
        Parts loaded;
        for (unsigned k = 0; k < count; ++k) loaded.push_back(every_nth(b, wide, k, count));
        return loaded;
    };
    const auto dense = [&] {
        SmallVector<Value*, 4> groups;
        for (unsigned start = 0; start < options_.lanes; start += shape.group)
            groups.push_back(b.CreateAlignedLoad(FixedVectorType::get(element, shape.group * count),
                                                 at_lane(pointer, start), load.getAlign()));
        Parts loaded;
        for (unsigned k = 0; k < count; ++k) {
            SmallVector<Value*, 4> pieces;
            for (Value* group : groups) pieces.push_back(every_nth(b, group, k, count));
            loaded.push_back(concatenated(b, pieces));
        }
        return loaded;
    };
    const auto same_in_groups = [&] {
        SmallVector<SmallVector<Value*, 4>, 4> bases(count);
        for (Value* address : group_addresses(pointer, shape, mask)) {
            for (unsigned k = 0; k < count; ++k)
                bases[k].push_back(b.CreateAlignedLoad(
                    element,
                    b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), address,
                                                 static_cast<std::uint64_t>(size) * k),
                    commonAlignment(load.getAlign(), static_cast<std::uint64_t>(size) * k)));
        }
        Parts loaded;
        for (unsigned k = 0; k < count; ++k) loaded.push_back(join_bases(bases[k], 0));
        return loaded;
    };
    const bool has_groups = shape.group >= 8;
    if (has_groups && shape.stride == size * count)
        result = guarded_parts(all_lanes_present(guard_of(pointer), mask), dense, one_by_one);
    else if (has_groups && shape.stride == 0)
        result = guarded_parts(guard_of(pointer), same_in_groups, one_by_one);
    else
        result = one_by_one();
    parts_[&load] = result;
}

void WarpEmitter::emit_tuple_store(StoreInst& store, Value* mask) {
    IRBuilder<>& b = *builder_;
    Value *pointer = store.getPointerOperand(), *stored = store.getValueOperand();
    auto* tuple = cast<FixedVectorType>(stored->getType());
    const unsigned count = tuple->getNumElements();
    Type* element = scalar_type(tuple->getElementType());
    const auto size = static_cast<std::int64_t>(layout_.getTypeStoreSize(element).getFixedValue());
    const Parts values = parts(stored);
    if (Type* word = word_of(tuple, layout_)) {
        Type* words = vector_type(word);
        Value* packed = Constant::getNullValue(words);
        for (unsigned k = 0; k < count; ++k) {
            Value* bits =
                b.CreateBitCast(values[k], vector_type(b.getIntNTy(static_cast<unsigned>(size) * 8)));
            packed = b.CreateOr(
                packed, b.CreateShl(b.CreateZExt(bits, words),
                                    ConstantInt::get(
                                        words, std::uint64_t{k} * 8 * static_cast<std::uint64_t>(size))));
        }
        store_lanes(store, packed, mask);
        return;
    }
    const Shape shape = shapes_.shape(pointer);
    const auto elements = [&] {
        Value* pointers = vector(pointer);
        for (unsigned k = 0; k < count; ++k)
            scatter(values[k], b.CreateGEP(b.getInt8Ty(), pointers, b.getInt64(size * k)), mask,
                    commonAlignment(store.getAlign(), static_cast<std::uint64_t>(size) * k));
        return Parts();
    };
    // The tuples in the order of the lanes, in pieces of so many lanes.
    const auto in_pieces = [&](unsigned piece, const std::function<Value*(unsigned lane)>& address) {
        Value* all = concatenated(b, values);
        for (unsigned start = 0; start < options_.lanes; start += piece) {
            std::vector<int> order;
            for (unsigned i = start; i < start + piece; ++i)
                for (unsigned k = 0; k < count; ++k)
                    order.push_back(static_cast<int>(k * options_.lanes + i));
            b.CreateAlignedStore(b.CreateShuffleVector(all, order), address(start), store.getAlign());
        }
        return Parts();
    };
    const bool is_known =
        !shape.is_varying() && !shape.assumed && (shape.is_affine() || keeps_bases(pointer));
    const auto one_by_one = [&] {
        Value* pointers = is_known ? nullptr : vector(pointer);
        return in_pieces(1, [&](unsigned lane) {
            return pointers ? b.CreateExtractElement(pointers, std::uint64_t{lane}) : at_lane(pointer, lane);
        });
    };
    if (shape.group >= 8 && shape.stride == size * count)
        guarded_parts(
            all_lanes_present(guard_of(pointer), mask),
            [&] { return in_pieces(shape.group, [&](unsigned lane) { return at_lane(pointer, lane); }); },
            elements);
    else
        guarded_parts(all_lanes_present(nullptr, mask), one_by_one, elements);
}

}  // namespace heddle::compiler
