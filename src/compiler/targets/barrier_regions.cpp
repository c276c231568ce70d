// How a unit's code becomes regions: liveness at the suspensions, what is recomputed instead of kept, the
// frame's layout, and the copies of the code. Values that cross a suspension go through stack slots in the
// copies, which PromoteMemToReg turns into phis.
#include "barrier_regions.h"

#include <llvm/ADT/BitVector.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/PostDominators.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

namespace heddle::compiler {

using namespace llvm;

namespace {

// More instructions than this are kept, not computed again; a vector's count twice.
constexpr unsigned recomputed_at_most = 12;
// Separate regions may repeat code that several of them reach, up to this many times the kernel's size.
constexpr std::size_t growth_at_most = 2, growth_ignored = 200;

// The alignment in memory is the type's own; masks are kept as bytes, bits would be gathered one by one.
Type* frame_type(Type* type) {
    auto* vector = dyn_cast<FixedVectorType>(type);
    return vector && vector->getElementType()->isIntegerTy(1)
               ? FixedVectorType::get(Type::getInt8Ty(type->getContext()), vector->getNumElements())
               : type;
}

class Splitter {
  public:
    Splitter(Function& unit, ArrayRef<unsigned> varying, bool in_rounds)
        : unit_(unit),
          module_(*unit.getParent()),
          context_(unit.getContext()),
          layout_(module_.getDataLayout()) {
        cut();
        find_live_values();
        find_reach();
        place_arrays();
        choose_kept();
        place_values();
        if (in_rounds) find_common(varying);
    }

    BarrierRegions run() {
        MDBuilder metadata(context_);
        MDNode* domain = metadata.createAnonymousAliasScopeDomain(unit_.getName());
        frame_scope_ = MDNode::get(context_, {metadata.createAnonymousAliasScope(domain, "frame")});
        BarrierRegions result;
        result.frame_scope = frame_scope_;
        result.frame_alignment = frame_alignment_;
        result.frame_bytes = alignTo(frame_bytes_, frame_alignment_);
        for (const CallInst* marker : markers_) {
            const auto constant = [&](unsigned i) {
                return static_cast<std::uint32_t>(
                    cast<ConstantInt>(marker->getArgOperand(i))->getZExtValue());
            };
            result.suspensions.push_back(marker ? Suspension{constant(0), constant(1), constant(2)}
                                                : Suspension{});
        }
        for (const std::vector<unsigned>& group : groups()) result.functions.push_back(emit(group));
        unit_.deleteBody();
        unit_.eraseFromParent();
        return result;
    }

  private:
    Function& unit_;
    Module& module_;
    LLVMContext& context_;
    const DataLayout& layout_;
    MDNode* frame_scope_ = nullptr;
    std::vector<CallInst*> markers_{nullptr};  // of region 0 none
    std::vector<BasicBlock*> starts_;
    DenseMap<const BasicBlock*, unsigned> suspends_;  // a block that ends with a marker, and its region
    std::vector<Instruction*> values_;                // those that live beyond their block
    DenseMap<const Value*, unsigned> numbers_;
    DenseMap<const BasicBlock*, BitVector> live_in_;
    std::vector<std::vector<BasicBlock*>> reach_;        // a region's blocks
    std::vector<BitVector> kept_;                        // values in the frame while a unit waits
    std::vector<std::uint64_t> offsets_;                 // in the frame, of values
    DenseMap<const AllocaInst*, std::uint64_t> arrays_;  // in the frame
    std::uint64_t frame_bytes_ = 0, frame_alignment_ = 8;
    BitVector common_;  // values that are the same in all units

    unsigned regions() const { return static_cast<unsigned>(markers_.size()); }

    // Ends a block after every marker.
    void cut() {
        for (Instruction& instruction : instructions(unit_)) {
            auto* call = dyn_cast<CallInst>(&instruction);
            if (call && call->getCalledFunction() &&
                call->getCalledFunction()->getName() == suspension_marker)
                markers_.push_back(call);
        }
        starts_.push_back(&unit_.getEntryBlock());
        for (unsigned region = 1; region < regions(); ++region) {
            CallInst* marker = markers_[region];
            starts_.push_back(SplitBlock(marker->getParent(), marker->getNextNode()));
            suspends_[marker->getParent()] = region;
        }
    }

    void find_live_values() {
        for (Instruction& value : instructions(unit_)) {
            if (value.getType()->isVoidTy() || isa<AllocaInst>(value)) continue;
            const bool leaves = any_of(value.users(), [&](const User* user) {
                return isa<PHINode>(user) || cast<Instruction>(user)->getParent() != value.getParent();
            });
            if (!leaves) continue;
            numbers_[&value] = static_cast<unsigned>(values_.size());
            values_.push_back(&value);
        }
        const auto count = static_cast<unsigned>(values_.size());
        DenseMap<const BasicBlock*, BitVector> used, defined, passed;  // passed: to phis behind
        for (BasicBlock& block : unit_) {
            BitVector &uses = used.try_emplace(&block, count).first->second,
                      &defines = defined.try_emplace(&block, count).first->second;
            passed.try_emplace(&block, count);
            live_in_.try_emplace(&block, count);
            for (Instruction& instruction : block) {
                if (!isa<PHINode>(instruction))
                    for (const Use& operand : instruction.operands())
                        if (const auto found = numbers_.find(operand.get());
                            found != numbers_.end() && !defines.test(found->second))
                            uses.set(found->second);
                if (const auto found = numbers_.find(&instruction); found != numbers_.end())
                    defines.set(found->second);
            }
        }
        for (BasicBlock& block : unit_)
            for (PHINode& phi : block.phis())
                for (unsigned i = 0; i < phi.getNumIncomingValues(); ++i)
                    if (const auto found = numbers_.find(phi.getIncomingValue(i)); found != numbers_.end())
                        passed.find(phi.getIncomingBlock(i))->second.set(found->second);
        bool changed = true;
        while (changed) {
            changed = false;
            for (BasicBlock* block : post_order(&unit_)) {
                BitVector live = passed.find(block)->second;
                // A phi is defined in its block, so it is not live at its start.
                for (BasicBlock* next : successors(block)) live |= live_in_.find(next)->second;
                live.reset(defined.find(block)->second);
                live |= used.find(block)->second;
                BitVector& before = live_in_.find(block)->second;
                if (live == before) continue;
                before = std::move(live);
                changed = true;
            }
        }
    }

    void find_reach() {
        for (BasicBlock* start : starts_) {
            SmallPtrSet<BasicBlock*, 32> seen{start};
            std::vector<BasicBlock*> found{start};
            for (std::size_t i = 0; i < found.size(); ++i) {
                if (suspends_.contains(found[i])) continue;
                for (BasicBlock* next : successors(found[i]))
                    if (seen.insert(next).second) found.push_back(next);
            }
            reach_.push_back(std::move(found));
        }
    }

    // Instructions that use the array's address or an address made from it; false when it gets about.
    static bool find_uses(Instruction& address, SmallPtrSetImpl<Instruction*>& uses,
                          SmallPtrSetImpl<Value*>& made) {
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

    void place(std::uint64_t& at, std::uint64_t bytes, std::uint64_t alignment) {
        frame_alignment_ = std::max(frame_alignment_, alignment);
        at = alignTo(frame_bytes_, alignment);
        frame_bytes_ = at + bytes;
    }

    // Arrays whose contents are needed after a suspension lie in the frame.
    void place_arrays() {
        for (Instruction& instruction : instructions(unit_)) {
            auto* array = dyn_cast<AllocaInst>(&instruction);
            if (array && regions() > 1 && lives_across(*array)) place_array(*array);
        }
    }

    void place_array(const AllocaInst& array) {
        place(arrays_[&array], array.getAllocationSize(layout_)->getFixedValue(), array.getAlign().value());
    }

    bool lives_across(AllocaInst& array) const {
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
        return any_of(drop_begin(starts_), [&](BasicBlock* start) {
            return live.contains(start) && written.contains(start->getSinglePredecessor());
        });
    }

    static bool can_recompute(const Instruction& value) {
        if (auto* load = dyn_cast<LoadInst>(&value))
            return load->isSimple() && load->hasMetadata(LLVMContext::MD_invariant_load);
        if (auto* binary = dyn_cast<BinaryOperator>(&value))
            return !binary->isIntDivRem() && binary->getOpcode() != Instruction::FDiv &&
                   binary->getOpcode() != Instruction::FRem;
        return isa<CastInst>(value) || isa<GetElementPtrInst>(value) || isa<CmpInst>(value) ||
               isa<SelectInst>(value) || isa<InsertElementInst>(value) || isa<ExtractElementInst>(value) ||
               isa<ShuffleVectorInst>(value) || isa<MinMaxIntrinsic>(value);
    }

    // Whether `value` can be had from parameters and values of `live` at little cost.
    bool is_cheap(const Value* value, const BitVector& live, bool is_root, unsigned& budget) const {
        if (isa<Constant>(value) || isa<llvm::Argument>(value) || isa<AllocaInst>(value)) return true;
        if (!is_root)
            if (const auto found = numbers_.find(value); found != numbers_.end() && live.test(found->second))
                return true;
        const auto* instruction = dyn_cast<Instruction>(value);
        if (!instruction || !can_recompute(*instruction)) return false;
        const unsigned cost = value->getType()->isVectorTy() ? 2 : 1;
        if (budget < cost) return false;
        budget -= cost;
        return all_of(instruction->operands(),
                      [&](const Use& operand) { return is_cheap(operand.get(), live, false, budget); });
    }

    void choose_kept() {
        for (unsigned region = 0; region < regions(); ++region) {
            const BitVector& live = live_in_.find(starts_[region])->second;
            BitVector kept(static_cast<unsigned>(values_.size()));
            for (const unsigned number : live.set_bits()) {
                unsigned budget = recomputed_at_most;
                if (values_[number] == markers_[region]) continue;  // handed over
                if (!is_cheap(values_[number], live, true, budget)) kept.set(number);
            }
            kept_.push_back(std::move(kept));
        }
        // An address that is kept must mean the same memory later.
        for (Instruction& instruction : instructions(unit_)) {
            auto* array = dyn_cast<AllocaInst>(&instruction);
            if (!array || arrays_.contains(array)) continue;
            SmallPtrSet<Instruction*, 16> uses;
            SmallPtrSet<Value*, 16> made;
            find_uses(*array, uses, made);
            const bool is_kept = any_of(made, [&](Value* address) {
                const auto found = numbers_.find(address);
                return found != numbers_.end() &&
                       any_of(kept_, [&](const BitVector& kept) { return kept.test(found->second); });
            });
            if (is_kept) place_array(*array);
        }
    }

    // Values that never wait together share a place; a phi and what flows into it if they can, so that
    // nothing has to be moved.
    void place_values() {
        struct Place {
            std::uint64_t bytes, alignment, offset;
            BitVector regions;
            bool is_vector;
        };
        std::vector<Place> places;
        std::vector<int> chosen(values_.size(), -1);
        offsets_.assign(values_.size(), 0);
        for (unsigned number = 0; number < values_.size(); ++number) {
            BitVector waits(regions());
            for (unsigned region = 0; region < regions(); ++region)
                if (kept_[region].test(number)) waits.set(region);
            if (waits.none()) continue;
            Type* type = frame_type(values_[number]->getType());
            const std::uint64_t bytes = layout_.getTypeStoreSize(type).getFixedValue(),
                                alignment = layout_.getABITypeAlign(type).value();
            const auto fits = [&](int index) {
                return index >= 0 && places[static_cast<std::size_t>(index)].bytes == bytes &&
                       places[static_cast<std::size_t>(index)].alignment == alignment &&
                       !places[static_cast<std::size_t>(index)].regions.anyCommon(waits);
            };
            int& mine = chosen[number];
            const auto prefer = [&](const Value* other) {
                if (const auto found = numbers_.find(other);
                    mine < 0 && found != numbers_.end() && fits(chosen[found->second]))
                    mine = chosen[found->second];
            };
            if (auto* phi = dyn_cast<PHINode>(values_[number]))
                for (const Use& incoming : phi->incoming_values()) prefer(incoming.get());
            for (const User* user : values_[number]->users())
                if (isa<PHINode>(user)) prefer(user);
            for (int index = 0; mine < 0 && index < static_cast<int>(places.size()); ++index)
                if (fits(index)) mine = index;
            if (mine < 0) {
                mine = static_cast<int>(places.size());
                places.push_back({bytes, alignment, 0, BitVector(regions()), type->isVectorTy()});
            }
            places[static_cast<std::size_t>(mine)].regions |= waits;
        }
        std::vector<Place*> ordered;
        for (Place& place : places) ordered.push_back(&place);
        stable_sort(ordered, [](const Place* a, const Place* b) { return a->alignment > b->alignment; });
        for (Place* each : ordered) place(each->offset, each->bytes, each->alignment);
        for (unsigned number = 0; number < values_.size(); ++number)
            if (chosen[number] >= 0)
                offsets_[number] = places[static_cast<std::size_t>(chosen[number])].offset;
    }

    // Values that are the same in all units of a block at the same suspension. Units part at branches on what
    // differs between them, unless only one side ever waits again; where control may have parted, phis
    // differ. When a suspension itself lies there, units may wait in different iterations: then nothing is
    // taken to be common.
    void find_common(ArrayRef<unsigned> varying) {
        DenseSet<const Value*> differs;
        DenseSet<const BasicBlock*> parted, joins, waits_again;
        SmallVector<BasicBlock*, 16> open;
        for (unsigned region = 1; region < regions(); ++region)
            if (waits_again.insert(markers_[region]->getParent()).second)
                open.push_back(markers_[region]->getParent());
        while (!open.empty())
            for (BasicBlock* before : predecessors(open.pop_back_val()))
                if (waits_again.insert(before).second) open.push_back(before);
        for (const unsigned index : varying) differs.insert(unit_.getArg(index));
        const PostDominatorTree ends(unit_);
        const auto part_at = [&](BasicBlock* block) {
            SmallPtrSet<const BasicBlock*, 4> waiting;
            for (BasicBlock* next : successors(block))
                if (waits_again.contains(next)) waiting.insert(next);
            if (waiting.size() < 2) return;
            const auto* node = ends.getNode(block);
            const BasicBlock* join = node && node->getIDom() ? node->getIDom()->getBlock() : nullptr;
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
        common_.resize(static_cast<unsigned>(values_.size()));
        if (any_of(suspends_, [&](const auto& entry) { return parted.contains(entry.first); })) return;
        for (unsigned number = 0; number < values_.size(); ++number)
            if (!differs.contains(values_[number])) common_.set(number);
    }

    // Each region by itself, or all in one function when that would repeat too much.
    std::vector<std::vector<unsigned>> groups() const {
        std::size_t whole = 0, apart = 0;
        for (const BasicBlock& block : unit_) whole += block.size();
        for (const auto& blocks : reach_)
            for (const BasicBlock* block : blocks) apart += block->size();
        std::vector<std::vector<unsigned>> result;
        if (apart > growth_at_most * whole + growth_ignored) {
            result.emplace_back();
            for (unsigned region = 0; region < regions(); ++region) result[0].push_back(region);
        } else {
            for (unsigned region = 0; region < regions(); ++region) result.push_back({region});
        }
        return result;
    }

    // --- one function
    struct Copy {
        Function* function = nullptr;
        Value *frame = nullptr, *group = nullptr;
        DenseMap<const Value*, Value*> map;
        DenseMap<unsigned, AllocaInst*> slots;       // values that come out of the frame
        DenseMap<unsigned, llvm::Argument*> handed;  // common values
        BasicBlock* entry = nullptr;
    };

    Value* frame_address(IRBuilder<>& b, const Copy& copy, std::uint64_t offset) const {
        return b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), copy.frame, offset);
    }

    Value* from_frame_type(IRBuilder<>& b, Value* stored, Type* type) const {
        return stored->getType() == type ? stored : b.CreateTrunc(stored, type);
    }

    Value* load_value(IRBuilder<>& b, const Copy& copy, unsigned number) const {
        Type* type = values_[number]->getType();
        if (auto* handed = copy.handed.lookup(number)) return from_frame_type(b, handed, type);
        Type* stored = frame_type(type);
        LoadInst* load = b.CreateAlignedLoad(stored, frame_address(b, copy, offsets_[number]),
                                             layout_.getABITypeAlign(stored), values_[number]->getName());
        load->setMetadata(LLVMContext::MD_alias_scope, frame_scope_);
        return from_frame_type(b, load, type);
    }

    // The value as it was when the unit suspended, in the region that starts there.
    Value* restore(IRBuilder<>& b, Copy& copy, unsigned region, Value* value,
                   DenseMap<Value*, Value*>& known) {
        if (isa<Constant>(value)) return value;
        if (isa<llvm::Argument>(value) || isa<AllocaInst>(value)) return copy.map.lookup(value);
        if (value == markers_[region]) return copy.group;
        if (Value* found = known.lookup(value)) return found;
        Value* result;
        const auto number = numbers_.find(value);
        if (number != numbers_.end() && kept_[region].test(number->second)) {
            result = load_value(b, copy, number->second);
        } else {
            auto* original = cast<Instruction>(value);
            SmallVector<Value*, 4> operands;
            for (Use& operand : original->operands())
                operands.push_back(restore(b, copy, region, operand.get(), known));
            Instruction* again = original->clone();
            for (unsigned i = 0; i < operands.size(); ++i) again->setOperand(i, operands[i]);
            result = b.Insert(again, original->getName());
        }
        known[value] = result;
        return result;
    }

    // What is live at the start of `region`, into the slots; then on to its code.
    void resume(IRBuilder<>& b, Copy& copy, unsigned region) {
        DenseMap<Value*, Value*> known;
        for (const unsigned number : live_in_.find(starts_[region])->second.set_bits())
            b.CreateStore(restore(b, copy, region, values_[number], known), copy.slots.lookup(number));
        b.CreateBr(cast<BasicBlock>(copy.map.lookup(starts_[region])));
    }

    void keep(IRBuilder<>& b, Copy& copy, ArrayRef<unsigned> group,
              const SmallPtrSetImpl<BasicBlock*>& blocks, unsigned region) {
        for (const unsigned number : kept_[region].set_bits()) {
            Instruction* value = values_[number];
            // Already there when it came from there.
            const bool unchanged = !blocks.contains(value->getParent()) && all_of(group, [&](unsigned from) {
                return !live_in_.find(starts_[from])->second.test(number) || kept_[from].test(number);
            });
            if (unchanged) continue;
            AllocaInst* slot = copy.slots.lookup(number);
            Value* now = slot ? b.CreateLoad(value->getType(), slot) : copy.map.lookup(value);
            Type* type = frame_type(value->getType());
            if (type != now->getType()) now = b.CreateZExt(now, type);
            StoreInst* store = b.CreateAlignedStore(now, frame_address(b, copy, offsets_[number]),
                                                    layout_.getABITypeAlign(type));
            store->setMetadata(LLVMContext::MD_alias_scope, frame_scope_);
        }
    }

    RegionFunction emit(const std::vector<unsigned>& group) {
        RegionFunction result;
        Copy copy;
        SmallPtrSet<BasicBlock*, 32> blocks;
        BitVector entering(static_cast<unsigned>(values_.size()));
        for (const unsigned region : group) {
            blocks.insert(reach_[region].begin(), reach_[region].end());
            entering |= live_in_.find(starts_[region])->second;
            result.regions.push_back(region);
        }
        Type *word = Type::getInt32Ty(context_), *pointer = PointerType::getUnqual(context_);
        SmallVector<Type*, 16> types(unit_.getFunctionType()->params());
        const auto fixed = static_cast<unsigned>(types.size());
        types.append({pointer, word});
        if (group.size() > 1) types.push_back(word);
        const auto first_common = static_cast<unsigned>(types.size());
        std::vector<unsigned> handed;
        if (group.size() == 1 && common_.size() != 0)
            for (const unsigned number : kept_[group[0]].set_bits())
                if (common_.test(number)) {
                    handed.push_back(number);
                    types.push_back(frame_type(values_[number]->getType()));
                    result.common.push_back({offsets_[number], types.back()});
                }
        Function* function =
            Function::Create(FunctionType::get(word, types, false), GlobalValue::InternalLinkage,
                             unit_.getName() + "." + Twine(group[0]), module_);
        function->setAttributes(unit_.getAttributes());
        copy.function = result.function = function;
        for (unsigned i = 0; i < fixed; ++i) {
            function->getArg(i)->setName(unit_.getArg(i)->getName());
            copy.map[unit_.getArg(i)] = function->getArg(i);
        }
        copy.frame = function->getArg(fixed);
        copy.frame->setName("frame");
        copy.group = function->getArg(fixed + 1);
        copy.group->setName("group");
        function->addParamAttr(fixed, Attribute::getWithAlignment(context_, Align(frame_alignment_)));
        for (unsigned i = 0; i < handed.size(); ++i)
            copy.handed[handed[i]] = function->getArg(first_common + i);

        copy.entry = BasicBlock::Create(context_, "entry", function);
        IRBuilder<> b(copy.entry);
        for (Instruction& instruction : instructions(unit_)) {
            auto* array = dyn_cast<AllocaInst>(&instruction);
            if (!array) continue;
            const auto found = arrays_.find(array);
            if (found != arrays_.end()) {
                copy.map[array] = frame_address(b, copy, found->second);
            } else {
                AllocaInst* made = b.CreateAlloca(array->getAllocatedType(), nullptr, array->getName());
                made->setAlignment(array->getAlign());
                copy.map[array] = made;
            }
        }
        SmallVector<AllocaInst*, 32> slots;
        for (const unsigned number : entering.set_bits()) {
            copy.slots[number] = b.CreateAlloca(values_[number]->getType(), nullptr, "slot");
            slots.push_back(copy.slots[number]);
        }
        BasicBlock* left = BasicBlock::Create(context_, "left", function);
        PHINode* outcome = PHINode::Create(word, 4, "outcome", left);
        ReturnInst::Create(context_, outcome, left);

        std::vector<BasicBlock*> ordered;
        for (BasicBlock& block : unit_)
            if (blocks.contains(&block)) ordered.push_back(&block);
        for (BasicBlock* block : ordered)
            copy.map[block] = BasicBlock::Create(context_, block->getName(), function, left);
        for (BasicBlock* block : ordered) copy_block(copy, *block);
        // Operands: what is defined here directly, what may also come out of the frame through its slot.
        for (BasicBlock* block : ordered) connect(copy, *block, blocks);
        for (BasicBlock* block : ordered) {
            auto* target = cast<BasicBlock>(copy.map.lookup(block));
            if (target->getTerminator()) continue;
            IRBuilder<> at(target);
            std::uint32_t next = region_ended;
            if (const auto found = suspends_.find(block); found != suspends_.end()) {
                next = found->second;
                keep(at, copy, group, blocks, next);
            }
            outcome->addIncoming(at.getInt32(next), target);
            at.CreateBr(left);
        }

        if (group.size() == 1) {
            resume(b, copy, group[0]);
        } else {
            BasicBlock* never = BasicBlock::Create(context_, "never", function);
            new UnreachableInst(context_, never);
            SwitchInst* select = b.CreateSwitch(function->getArg(fixed + 2), never);
            for (const unsigned region : group) {
                BasicBlock* start = BasicBlock::Create(context_, "resume", function);
                select->addCase(b.getInt32(region), start);
                IRBuilder<> at(start);
                resume(at, copy, region);
            }
        }
        if (outcome->getNumIncomingValues() == 0) {  // never comes back
            outcome->replaceAllUsesWith(PoisonValue::get(word));
            outcome->eraseFromParent();
            result.outcome = region_ended;
        } else if (auto* only = dyn_cast_or_null<ConstantInt>(outcome->hasConstantValue())) {
            result.outcome = static_cast<std::uint32_t>(only->getZExtValue());
        }
        DominatorTree dominators(*function);
        PromoteMemToReg(slots, dominators);
        return result;
    }

    // The block's instructions with operands still to be connected, up to a suspension or the end.
    void copy_block(Copy& copy, BasicBlock& block) {
        IRBuilder<> b(cast<BasicBlock>(copy.map.lookup(&block)));
        SmallVector<std::pair<AllocaInst*, Value*>, 4> arrived;
        const auto suspends = suspends_.find(&block);
        for (Instruction& instruction : block) {
            if (isa<AllocaInst>(instruction)) continue;
            if (!isa<PHINode>(instruction)) {
                for (auto& [slot, value] : arrived) b.CreateStore(value, slot);
                arrived.clear();
            }
            if (isa<ReturnInst>(instruction)) return;
            if (suspends != suspends_.end() && &instruction == markers_[suspends->second]) return;
            Instruction* again = instruction.clone();
            b.Insert(again, instruction.getName());
            copy.map[&instruction] = again;
            if (again->mayReadOrWriteMemory())
                again->setMetadata(
                    LLVMContext::MD_noalias,
                    MDNode::concatenate(again->getMetadata(LLVMContext::MD_noalias), frame_scope_));
            if (const auto number = numbers_.find(&instruction); number != numbers_.end())
                if (AllocaInst* slot = copy.slots.lookup(number->second)) arrived.emplace_back(slot, again);
        }
    }

    void connect(Copy& copy, BasicBlock& block, const SmallPtrSetImpl<BasicBlock*>& blocks) {
        const auto operand_of = [&](Value* value, Instruction* before) -> Value* {
            if (isa<Constant>(value) || isa<MetadataAsValue>(value) || isa<InlineAsm>(value)) return value;
            if (const auto number = numbers_.find(value); number != numbers_.end())
                if (AllocaInst* slot = copy.slots.lookup(number->second)) {
                    // Defined before in this block: no detour.
                    auto* made = dyn_cast_or_null<Instruction>(copy.map.lookup(value));
                    if (made && made->getParent() == before->getParent() && !isa<PHINode>(before) &&
                        made->comesBefore(before))
                        return made;
                    return IRBuilder<>(before).CreateLoad(value->getType(), slot);
                }
            return copy.map.lookup(value);
        };
        for (Instruction& instruction : block) {
            auto* again = dyn_cast_or_null<Instruction>(copy.map.lookup(&instruction));
            if (!again || isa<AllocaInst>(instruction)) continue;
            if (auto* phi = dyn_cast<PHINode>(&instruction)) {
                auto* made = cast<PHINode>(again);
                while (made->getNumIncomingValues() != 0) made->removeIncomingValue(0u, false);
                SmallDenseMap<BasicBlock*, Value*, 4> from;
                for (unsigned i = 0; i < phi->getNumIncomingValues(); ++i) {
                    BasicBlock* before = phi->getIncomingBlock(i);
                    if (!blocks.contains(before)) continue;
                    auto* at = cast<BasicBlock>(copy.map.lookup(before));
                    Value*& value = from[at];
                    if (!value) value = operand_of(phi->getIncomingValue(i), at->getTerminator());
                    made->addIncoming(value, at);
                }
                continue;
            }
            for (Use& operand : again->operands()) {
                if (auto* target = dyn_cast<BasicBlock>(operand.get()))
                    operand.set(copy.map.lookup(target));
                else
                    operand.set(operand_of(operand.get(), again));
            }
        }
    }
};

}  // namespace

BarrierRegions split_at_suspensions(Function& unit, ArrayRef<unsigned> varying, bool in_rounds) {
    return Splitter(unit, varying, in_rounds).run();
}

}  // namespace heddle::compiler
