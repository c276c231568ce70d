// Liveness at the suspensions, what is recomputed, the frame's layout, and the analysis of what is the same
// in all units.
#include "region_frame.h"

#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/PostDominators.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include "barrier_regions.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// What takes more instructions than this, reading the frame included, is kept, not computed again; a vector's
// count twice. Behind the operations of a warp regions are short, and a scalar lane reads its frame as fast
// as it computes.
constexpr unsigned recomputed_at_most = 12, recomputed_in_warps_at_most = 2;

// Instructions that use the array's address or an address made from it; false when it gets about.
bool find_uses(Instruction& address, SmallPtrSetImpl<Instruction*>& uses, SmallPtrSetImpl<Value*>& made) {
    if (!made.insert(&address).second) return true;
    for (User* user : address.users()) {
        auto* instruction = cast<Instruction>(user);
        if (isa<GetElementPtrInst>(instruction) || isa<AddrSpaceCastInst>(instruction) ||
            isa<InsertElementInst>(instruction) || isa<ShuffleVectorInst>(instruction) ||
            isa<SelectInst>(instruction) || isa<PHINode>(instruction) ||
            isa<ExtractElementInst>(instruction)) {
            uses.insert(instruction);
            if (!find_uses(*instruction, uses, made)) return false;
            continue;
        }
        if (auto* store = dyn_cast<StoreInst>(instruction); store && store->getValueOperand() == &address)
            return false;
        // An atomic operation may write the address itself.
        if (instruction->isAtomic() && any_of(drop_begin(instruction->operands()),
                                              [&](const Use& use) { return use.get() == &address; }))
            return false;
        if (!isa<LoadInst>(instruction) && !isa<StoreInst>(instruction) && !isa<ICmpInst>(instruction) &&
            !isa<AtomicRMWInst>(instruction) && !isa<AtomicCmpXchgInst>(instruction)) {
            const auto* call = dyn_cast<IntrinsicInst>(instruction);
            if (!call) return false;
            const Intrinsic::ID id = call->getIntrinsicID();
            if (id != Intrinsic::masked_load && id != Intrinsic::masked_store &&
                id != Intrinsic::masked_gather && id != Intrinsic::masked_scatter)
                return false;
            if ((id == Intrinsic::masked_store || id == Intrinsic::masked_scatter) &&
                call->getArgOperand(0) == &address)
                return false;
        }
        uses.insert(instruction);
    }
    return true;
}

bool can_recompute(const Instruction& value) {
    if (auto* load = dyn_cast<LoadInst>(&value))
        return load->isSimple() && load->hasMetadata(LLVMContext::MD_invariant_load);
    if (auto* binary = dyn_cast<BinaryOperator>(&value))
        return !binary->isIntDivRem() && binary->getOpcode() != Instruction::FDiv &&
               binary->getOpcode() != Instruction::FRem;
    return isa<CastInst>(value) || isa<GetElementPtrInst>(value) || isa<CmpInst>(value) ||
           isa<SelectInst>(value) || isa<InsertElementInst>(value) || isa<ExtractElementInst>(value) ||
           isa<ShuffleVectorInst>(value) || isa<MinMaxIntrinsic>(value);
}

}  // namespace

Type* frame_type(Type* type) {
    auto* vector = dyn_cast<FixedVectorType>(type);
    return vector && vector->getElementType()->isIntegerTy(1)
               ? FixedVectorType::get(Type::getInt8Ty(type->getContext()), vector->getNumElements())
               : type;
}

RegionFrame::RegionFrame(Function& unit, ArrayRef<unsigned> varying, bool in_rounds)
    : unit_(unit), layout_(unit.getParent()->getDataLayout()) {
    cut();
    find_live_values();
    place_arrays();
    choose_kept();
    place_values();
    if (in_rounds || waits_in_lockstep()) find_common(varying);
}

// Whether the lanes of a warp always wait for all of its lanes that have not ended: then they suspend equally
// often, as long as no suspension stands where they may have parted. Lanes with different masks do not.
bool RegionFrame::waits_in_lockstep() const {
    return all_of(drop_begin(markers), [](const CallInst* marker) {
        const auto constant = [&](unsigned i) {
            return cast<ConstantInt>(marker->getArgOperand(i))->getZExtValue();
        };
        return (constant(1) & Suspension::has_mask) != 0 || !Suspension::takes_mask(constant(0));
    });
}

// Ends a block after every marker.
void RegionFrame::cut() {
    for (Instruction& instruction : instructions(unit_)) {
        auto* call = dyn_cast<CallInst>(&instruction);
        if (call && call->getCalledFunction() && call->getCalledFunction()->getName() == suspension_marker)
            markers.push_back(call);
    }
    starts.push_back(&unit_.getEntryBlock());
    for (unsigned region = 1; region < regions(); ++region) {
        CallInst* marker = markers[region];
        starts.push_back(SplitBlock(marker->getParent(), marker->getNextNode()));
        suspends[marker->getParent()] = region;
    }
}

void RegionFrame::find_live_values() {
    for (Instruction& value : instructions(unit_)) {
        if (value.getType()->isVoidTy() || isa<AllocaInst>(value)) continue;
        const bool leaves = any_of(value.users(), [&](const User* user) {
            return isa<PHINode>(user) || cast<Instruction>(user)->getParent() != value.getParent();
        });
        if (!leaves) continue;
        numbers[&value] = static_cast<unsigned>(values.size());
        values.push_back(&value);
    }
    const auto count = static_cast<unsigned>(values.size());
    DenseMap<const BasicBlock*, BitVector> used, defined, passed;  // passed: to phis behind
    for (BasicBlock& block : unit_) {
        BitVector &uses = used.try_emplace(&block, count).first->second,
                  &defines = defined.try_emplace(&block, count).first->second;
        passed.try_emplace(&block, count);
        live_in.try_emplace(&block, count);
        for (Instruction& instruction : block) {
            if (!isa<PHINode>(instruction))
                for (const Use& operand : instruction.operands())
                    if (const auto found = numbers.find(operand.get());
                        found != numbers.end() && !defines.test(found->second))
                        uses.set(found->second);
            if (const auto found = numbers.find(&instruction); found != numbers.end())
                defines.set(found->second);
        }
    }
    for (BasicBlock& block : unit_)
        for (PHINode& phi : block.phis())
            for (unsigned i = 0; i < phi.getNumIncomingValues(); ++i)
                if (const auto found = numbers.find(phi.getIncomingValue(i)); found != numbers.end())
                    passed.find(phi.getIncomingBlock(i))->second.set(found->second);
    bool changed = true;
    while (changed) {
        changed = false;
        for (BasicBlock* block : post_order(&unit_)) {
            BitVector live = passed.find(block)->second;
            // A phi is defined in its block, so it is not live at its start.
            for (BasicBlock* next : successors(block)) live |= live_in.find(next)->second;
            live.reset(defined.find(block)->second);
            live |= used.find(block)->second;
            BitVector& before = live_in.find(block)->second;
            if (live == before) continue;
            before = std::move(live);
            changed = true;
        }
    }
}

void RegionFrame::place(std::uint64_t& at, std::uint64_t size, std::uint64_t aligned_to) {
    alignment = std::max(alignment, aligned_to);
    at = alignTo(bytes, aligned_to);
    bytes = at + size;
}

// Arrays whose contents are needed after a suspension lie in the frame.
void RegionFrame::place_arrays() {
    for (Instruction& instruction : instructions(unit_)) {
        auto* array = dyn_cast<AllocaInst>(&instruction);
        if (array && regions() > 1 && lives_across(*array)) place_array(*array);
    }
}

void RegionFrame::place_array(const AllocaInst& array) {
    place(arrays[&array], array.getAllocationSize(layout_)->getFixedValue(), array.getAlign().value());
}

bool RegionFrame::lives_across(AllocaInst& array) const {
    SmallPtrSet<Instruction*, 16> uses;
    SmallPtrSet<Value*, 16> made;
    if (!find_uses(array, uses, made)) return true;
    const auto overwrites = [&](const Instruction& use) {
        auto* store = dyn_cast<StoreInst>(&use);
        return store && store->getPointerOperand() == &array &&
               TypeSize::isKnownGE(layout_.getTypeStoreSize(store->getValueOperand()->getType()),
                                   *array.getAllocationSize(layout_));
    };
    // 1: the first use in the block needs the contents; 2: it overwrites them.
    DenseMap<const BasicBlock*, int> first;
    for (Instruction* use : uses) {
        auto& kind = first[use->getParent()];
        if (kind != 0) continue;
        for (Instruction& at : *use->getParent())
            if (uses.contains(&at)) {
                kind = overwrites(at) ? 2 : 1;
                break;
            }
    }
    DenseSet<const BasicBlock*> live;
    SmallVector<BasicBlock*, 16> open;
    for (auto& [block, kind] : first)
        if (kind == 1 && live.insert(block).second) open.push_back(const_cast<BasicBlock*>(block));
    while (!open.empty()) {
        BasicBlock* block = open.pop_back_val();
        for (BasicBlock* before : predecessors(block))
            if (first.lookup(before) != 2 && live.insert(before).second) open.push_back(before);
    }
    // What is live without having been written is not worth keeping.
    DenseSet<const BasicBlock*> written;
    for (Instruction* use : uses)
        if (use->mayWriteToMemory() && written.insert(use->getParent()).second)
            open.push_back(use->getParent());
    while (!open.empty())
        for (BasicBlock* next : successors(open.pop_back_val()))
            if (written.insert(next).second) open.push_back(next);
    return any_of(drop_begin(starts), [&](BasicBlock* start) {
        return live.contains(start) && written.contains(start->getSinglePredecessor());
    });
}

// Whether `value` can be had from parameters and values of `at_hand` at little cost.
bool RegionFrame::is_cheap(const Value* value, const BitVector& at_hand, bool is_root,
                           unsigned& budget) const {
    if (isa<Constant>(value) || isa<llvm::Argument>(value) || isa<AllocaInst>(value)) return true;
    const unsigned cost = value->getType()->isVectorTy() ? 2 : 1;
    if (budget < cost) return false;
    budget -= cost;
    if (!is_root)
        if (const auto found = numbers.find(value); found != numbers.end() && at_hand.test(found->second))
            return true;
    const auto* instruction = dyn_cast<Instruction>(value);
    return instruction && can_recompute(*instruction) &&
           all_of(instruction->operands(),
                  [&](const Use& operand) { return is_cheap(operand.get(), at_hand, false, budget); });
}

// What the unit puts among the offers before it waits for `region`, if that is kept.
RegionFrame::Offer RegionFrame::find_offer(unsigned region) const {
    const Offer none{no_offer, nullptr};
    if (region == 0) return none;
    for (Instruction& before : reverse(*markers[region]->getParent())) {
        auto* store = dyn_cast<StoreInst>(&before);
        auto* place = store ? dyn_cast<GetElementPtrInst>(store->getPointerOperand()) : nullptr;
        auto* array = place ? dyn_cast<CallInst>(place->getPointerOperand()) : nullptr;
        if (!array || !array->getCalledFunction() || array->getCalledFunction()->getName() != offers_marker)
            continue;
        auto* index = dyn_cast<ZExtInst>(place->getOperand(1));
        if (!index || !isa<llvm::Argument>(index->getOperand(0))) return none;
        // The first bytes of the place are the value.
        Value* value = store->getValueOperand();
        for (;;) {
            const auto found = numbers.find(value);
            if (found != numbers.end() && kept[region].test(found->second)) return {found->second, index};
            auto* cast = dyn_cast<CastInst>(value);
            if (!cast || !(isa<ZExtInst>(cast) || isa<BitCastInst>(cast)) ||
                cast->getSrcTy()->getScalarSizeInBits() < 32)
                return none;
            value = cast->getOperand(0);
        }
    }
    return none;
}

// The values that a unit may use between the start of a region and where it next waits.
BitVector RegionFrame::used_in(unsigned region) const {
    BitVector used(static_cast<unsigned>(values.size()));
    SmallPtrSet<const BasicBlock*, 16> seen{starts[region]};
    SmallVector<const BasicBlock*, 16> open{starts[region]};
    const auto use = [&](const Value* value) {
        if (const auto found = numbers.find(value); found != numbers.end()) used.set(found->second);
    };
    while (!open.empty()) {
        const BasicBlock* block = open.pop_back_val();
        for (const Instruction& instruction : *block)
            if (!isa<PHINode>(instruction))
                for (const Use& operand : instruction.operands()) use(operand.get());
        if (suspends.contains(block)) continue;
        for (const BasicBlock* next : successors(block)) {
            for (const PHINode& phi : next->phis()) use(phi.getIncomingValueForBlock(block));
            if (seen.insert(next).second) open.push_back(next);
        }
    }
    return used;
}

// Computing a value again costs only where it is used, so that is where it is decided; a value that one
// region had better find in the frame stays there as long as it lives.
void RegionFrame::choose_kept() {
    const auto count = static_cast<unsigned>(values.size());
    BitVector wanted(count);
    for (const bool is_final : {false, true})
        for (unsigned region = 0; region < regions(); ++region) {
            const BitVector &live = live_at(region), used = used_in(region);
            const bool behind_warp_operation =
                region != 0 &&
                cast<ConstantInt>(markers[region]->getArgOperand(0))->getZExtValue() != Suspension::barrier;
            BitVector here(count);
            for (const unsigned number : live.set_bits()) {
                if (region != 0 && values[number] == markers[region]) continue;  // handed over
                unsigned budget = behind_warp_operation && used.test(number) ? recomputed_in_warps_at_most
                                                                             : recomputed_at_most;
                if (wanted.test(number) || !is_cheap(values[number], here, true, budget)) here.set(number);
            }
            if (!is_final) {
                wanted |= here;
                continue;
            }
            kept.push_back(std::move(here));
            offers.push_back(find_offer(region));
            if (offers.back().number != no_offer) kept.back().reset(offers.back().number);
        }
    // An address that is kept must mean the same memory later.
    for (Instruction& instruction : instructions(unit_)) {
        auto* array = dyn_cast<AllocaInst>(&instruction);
        if (!array || arrays.contains(array)) continue;
        SmallPtrSet<Instruction*, 16> uses;
        SmallPtrSet<Value*, 16> made;
        find_uses(*array, uses, made);
        const bool is_kept = any_of(made, [&](Value* address) {
            const auto found = numbers.find(address);
            return found != numbers.end() &&
                   any_of(kept, [&](const BitVector& each) { return each.test(found->second); });
        });
        if (is_kept) place_array(*array);
    }
}

// Values that never wait together share a place; a phi and what flows into it if they can, so that
// nothing has to be moved.
void RegionFrame::place_values() {
    struct Place {
        std::uint64_t bytes, alignment, offset;
        BitVector regions;
        bool is_vector;
    };
    std::vector<Place> places;
    std::vector<int> chosen(values.size(), -1);
    offsets.assign(values.size(), 0);
    for (unsigned number = 0; number < values.size(); ++number) {
        BitVector waits(regions());
        for (unsigned region = 0; region < regions(); ++region)
            if (kept[region].test(number)) waits.set(region);
        if (waits.none()) continue;
        Type* type = frame_type(values[number]->getType());
        const std::uint64_t size = layout_.getTypeStoreSize(type).getFixedValue(),
                            aligned_to = layout_.getABITypeAlign(type).value();
        const auto fits = [&](int index) {
            return index >= 0 && places[static_cast<std::size_t>(index)].bytes == size &&
                   places[static_cast<std::size_t>(index)].alignment == aligned_to &&
                   !places[static_cast<std::size_t>(index)].regions.anyCommon(waits);
        };
        int& mine = chosen[number];
        const auto prefer = [&](const Value* other) {
            if (const auto found = numbers.find(other);
                mine < 0 && found != numbers.end() && fits(chosen[found->second]))
                mine = chosen[found->second];
        };
        if (auto* phi = dyn_cast<PHINode>(values[number]))
            for (const Use& incoming : phi->incoming_values()) prefer(incoming.get());
        for (const User* user : values[number]->users())
            if (isa<PHINode>(user)) prefer(user);
        for (int index = 0; mine < 0 && index < static_cast<int>(places.size()); ++index)
            if (fits(index)) mine = index;
        if (mine < 0) {
            mine = static_cast<int>(places.size());
            places.push_back({size, aligned_to, 0, BitVector(regions()), type->isVectorTy()});
        }
        places[static_cast<std::size_t>(mine)].regions |= waits;
    }
    std::vector<Place*> ordered;
    for (Place& place : places) ordered.push_back(&place);
    stable_sort(ordered, [](const Place* a, const Place* b) { return a->alignment > b->alignment; });
    for (Place* each : ordered) place(each->offset, each->bytes, each->alignment);
    for (unsigned number = 0; number < values.size(); ++number)
        if (chosen[number] >= 0) offsets[number] = places[static_cast<std::size_t>(chosen[number])].offset;
}

// Values that are the same in all units of a block at the same suspension. Units part at branches on what
// differs between them, unless only one side ever waits again; where control may have parted, phis
// differ. When a suspension itself lies there, units may wait in different iterations: then nothing is
// taken to be common.
void RegionFrame::find_common(ArrayRef<unsigned> varying) {
    DenseSet<const Value*> differs;
    DenseSet<const BasicBlock*> parted, joins, waits_again;
    SmallVector<BasicBlock*, 16> open;
    for (unsigned region = 1; region < regions(); ++region)
        if (waits_again.insert(markers[region]->getParent()).second)
            open.push_back(markers[region]->getParent());
    while (!open.empty())
        for (BasicBlock* before : predecessors(open.pop_back_val()))
            if (waits_again.insert(before).second) open.push_back(before);
    for (const unsigned index : varying) differs.insert(unit_.getArg(index));
    const PostDominatorTree ends(unit_);
    const auto join_of = [&](const BasicBlock& block) -> const BasicBlock* {
        const auto* node = ends.getNode(&block);
        return node && node->getIDom() ? node->getIDom()->getBlock() : nullptr;
    };
    const auto part_at = [&](BasicBlock* block) {
        SmallPtrSet<const BasicBlock*, 4> waiting;
        for (BasicBlock* next : successors(block))
            if (waits_again.contains(next)) waiting.insert(next);
        if (waiting.size() < 2) return;
        const BasicBlock* join = join_of(*block);
        if (join) joins.insert(join);
        SmallVector<BasicBlock*, 16> next(successors(block));
        while (!next.empty()) {
            BasicBlock* at = next.pop_back_val();
            if (at == join || !parted.insert(at).second) continue;
            append_range(next, successors(at));
        }
    };
    const auto is_source = [](const Instruction& value) {
        if (auto* load = dyn_cast<LoadInst>(&value))
            return !load->hasMetadata(LLVMContext::MD_invariant_load);
        if (auto* call = dyn_cast<CallBase>(&value)) return !call->doesNotAccessMemory();
        return isa<AllocaInst>(value) || value.mayReadOrWriteMemory();
    };
    bool changed = true;
    ReversePostOrderTraversal<Function*> order(&unit_);
    while (changed) {
        changed = false;
        for (BasicBlock* block : order)
            for (Instruction& value : *block) {
                if (differs.contains(&value)) continue;
                const bool now =
                    is_source(value) ||
                    (isa<PHINode>(value) && (parted.contains(block) || joins.contains(block))) ||
                    any_of(value.operands(), [&](const Use& use) { return differs.contains(use.get()); });
                if (!now) continue;
                differs.insert(&value);
                changed = true;
                if (value.isTerminator()) part_at(block);
            }
    }
    common.resize(static_cast<unsigned>(values.size()));
    if (any_of(suspends, [&](const auto& entry) { return parted.contains(entry.first); })) return;
    in_lockstep = true;
    for (const BasicBlock& block : unit_)
        if (differs.contains(block.getTerminator())) parts[&block] = join_of(block);
    for (unsigned number = 0; number < values.size(); ++number)
        if (!differs.contains(values[number])) common.set(number);
}

}  // namespace heddle::compiler
