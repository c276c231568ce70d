// The copies of a unit's code that run from one suspension to the next. Values that cross a suspension go
// through stack slots in the copies, which PromoteMemToReg turns into phis.
#include "barrier_regions.h"

#include <llvm/ADT/BitVector.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

#include <set>

#include "region_frame.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// Separate regions may repeat code that several of them reach, up to this many times the kernel's size.
constexpr std::size_t growth_at_most = 2, growth_ignored = 200;

class Splitter {
  public:
    Splitter(Function& unit, ArrayRef<unsigned> varying, bool in_rounds)
        : unit_(unit),
          module_(*unit.getParent()),
          context_(unit.getContext()),
          layout_(module_.getDataLayout()),
          frame_(unit, varying, in_rounds) {
        find_reach();
    }

    BarrierRegions run() {
        MDBuilder metadata(context_);
        MDNode* domain = metadata.createAnonymousAliasScopeDomain(unit_.getName());
        frame_scope_ = MDNode::get(context_, {metadata.createAnonymousAliasScope(domain, "frame")});
        exchange_scope_ = MDNode::get(context_, {metadata.createAnonymousAliasScope(domain, "exchange")});
        own_scopes_ = MDNode::concatenate(frame_scope_, exchange_scope_);
        BarrierRegions result;
        result.frame_scope = frame_scope_;
        result.frame_alignment = frame_.alignment;
        result.frame_bytes = alignTo(frame_.bytes, frame_.alignment);
        for (const CallInst* marker : frame_.markers) {
            const auto constant = [&](unsigned i) {
                return static_cast<std::uint32_t>(
                    cast<ConstantInt>(marker->getArgOperand(i))->getZExtValue());
            };
            result.suspensions.push_back(
                marker ? Suspension{constant(0), constant(1), constant(2), constant(3)} : Suspension{});
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
    RegionFrame frame_;
    // Alias scopes: of what the regions' own bookkeeping accesses.
    MDNode *frame_scope_ = nullptr, *exchange_scope_ = nullptr, *own_scopes_ = nullptr;
    std::vector<std::vector<BasicBlock*>> reach_;  // a region's blocks

    void find_reach() {
        for (BasicBlock* start : frame_.starts) {
            SmallPtrSet<BasicBlock*, 32> seen{start};
            std::vector<BasicBlock*> found{start};
            for (std::size_t i = 0; i < found.size(); ++i) {
                if (frame_.suspends.contains(found[i])) continue;
                for (BasicBlock* next : successors(found[i]))
                    if (seen.insert(next).second) found.push_back(next);
            }
            reach_.push_back(std::move(found));
        }
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
            for (unsigned region = 0; region < frame_.regions(); ++region) result[0].push_back(region);
        } else {
            for (unsigned region = 0; region < frame_.regions(); ++region) result.push_back({region});
        }
        return result;
    }

    // Whether units that run `region` together all come to the same end of it: none comes to an end, or to
    // different ones, where it has parted from others.
    bool has_common_outcome(unsigned region) const {
        return frame_.in_lockstep && none_of(reach_[region], [&](BasicBlock* block) {
                   const auto parting = frame_.parts.find(block);
                   return parting != frame_.parts.end() && !frame_.suspends.contains(block) &&
                          leads_apart(block, parting->second);
               });
    }

    // Whether from `block` more than one end of its region, or `join` and an end, can be reached first.
    bool leads_apart(BasicBlock* block, const BasicBlock* join) const {
        SmallPtrSet<const BasicBlock*, 32> seen;
        SmallVector<BasicBlock*, 16> open(successors(block));
        std::set<std::uint32_t> ends;
        bool joins = false;
        while (!open.empty()) {
            BasicBlock* at = open.pop_back_val();
            if (at == join) joins = true;
            if (at == join || !seen.insert(at).second) continue;
            if (const auto found = frame_.suspends.find(at); found != frame_.suspends.end()) {
                ends.insert(found->second);
                continue;
            }
            if (isa<ReturnInst>(at->getTerminator())) ends.insert(region_ended);
            append_range(open, successors(at));
        }
        return ends.size() + (joins ? 1 : 0) > 1;
    }

    // --- one function
    struct Copy {
        Function* function = nullptr;
        Value *frame = nullptr, *group = nullptr, *offers = nullptr, *answers = nullptr, *lane_flip = nullptr,
              *own = nullptr;
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
        Type* type = frame_.values[number]->getType();
        if (auto* handed = copy.handed.lookup(number)) return from_frame_type(b, handed, type);
        Type* stored = frame_type(type);
        LoadInst* load =
            b.CreateAlignedLoad(stored, frame_address(b, copy, frame_.offsets[number]),
                                layout_.getABITypeAlign(stored), frame_.values[number]->getName());
        load->setMetadata(LLVMContext::MD_alias_scope, frame_scope_);
        return from_frame_type(b, load, type);
    }

    // The value as it was when the unit suspended, in the region that starts there.
    Value* restore(IRBuilder<>& b, Copy& copy, unsigned region, Value* value,
                   DenseMap<Value*, Value*>& known) {
        if (isa<Constant>(value)) return value;
        if (isa<llvm::Argument>(value) || isa<AllocaInst>(value)) return copy.map.lookup(value);
        if (value == frame_.markers[region]) return copy.group;
        if (Value* found = known.lookup(value)) return found;
        Value* result;
        const auto number = frame_.numbers.find(value);
        if (number != frame_.numbers.end() && frame_.kept[region].test(number->second)) {
            result = load_value(b, copy, number->second);
        } else if (number != frame_.numbers.end() && frame_.offers[region].number == number->second) {
            Value* index = restore(b, copy, region, frame_.offers[region].index, known);
            LoadInst* load = b.CreateLoad(
                value->getType(), b.CreateInBoundsGEP(b.getInt64Ty(), copy.own, index), value->getName());
            describe_exchange(*load);
            result = load;
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
        for (const unsigned number : frame_.live_at(region).set_bits())
            b.CreateStore(restore(b, copy, region, frame_.values[number], known), copy.slots.lookup(number));
        b.CreateBr(cast<BasicBlock>(copy.map.lookup(frame_.starts[region])));
    }

    void keep(IRBuilder<>& b, Copy& copy, ArrayRef<unsigned> group,
              const SmallPtrSetImpl<BasicBlock*>& blocks, unsigned region) {
        for (const unsigned number : frame_.kept[region].set_bits()) {
            Instruction* value = frame_.values[number];
            // Already there when it came from there.
            const bool unchanged = !blocks.contains(value->getParent()) && all_of(group, [&](unsigned from) {
                return !frame_.live_at(from).test(number) || frame_.kept[from].test(number);
            });
            if (unchanged) continue;
            AllocaInst* slot = copy.slots.lookup(number);
            Value* now = slot ? b.CreateLoad(value->getType(), slot) : copy.map.lookup(value);
            Type* type = frame_type(value->getType());
            if (type != now->getType()) now = b.CreateZExt(now, type);
            StoreInst* store = b.CreateAlignedStore(now, frame_address(b, copy, frame_.offsets[number]),
                                                    layout_.getABITypeAlign(type));
            store->setMetadata(LLVMContext::MD_alias_scope, frame_scope_);
        }
    }

    RegionFunction emit(const std::vector<unsigned>& group) {
        RegionFunction result;
        Copy copy;
        SmallPtrSet<BasicBlock*, 32> blocks;
        BitVector entering(static_cast<unsigned>(frame_.values.size()));
        for (const unsigned region : group) {
            blocks.insert(reach_[region].begin(), reach_[region].end());
            entering |= frame_.live_at(region);
            result.regions.push_back(region);
        }
        Type *word = Type::getInt32Ty(context_), *pointer = PointerType::getUnqual(context_);
        SmallVector<Type*, 16> types(unit_.getFunctionType()->params());
        const auto fixed = static_cast<unsigned>(types.size());
        types.append({pointer, word, pointer, pointer, word, pointer});
        if (group.size() > 1) types.push_back(word);
        const auto first_common = static_cast<unsigned>(types.size());
        std::vector<unsigned> handed;
        if (group.size() == 1 && frame_.common.size() != 0)
            for (const unsigned number : frame_.kept[group[0]].set_bits())
                if (frame_.common.test(number)) {
                    handed.push_back(number);
                    types.push_back(frame_type(frame_.values[number]->getType()));
                    result.common.push_back({frame_.offsets[number], types.back()});
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
        copy.offers = function->getArg(fixed + 2);
        copy.offers->setName("offers");
        copy.answers = function->getArg(fixed + 3);
        copy.answers->setName("answers");
        copy.lane_flip = function->getArg(fixed + 4);
        copy.lane_flip->setName("lane_flip");
        copy.own = function->getArg(fixed + 5);
        copy.own->setName("own");
        function->addParamAttr(fixed, Attribute::getWithAlignment(context_, Align(frame_.alignment)));
        for (unsigned i = 0; i < handed.size(); ++i)
            copy.handed[handed[i]] = function->getArg(first_common + i);

        copy.entry = BasicBlock::Create(context_, "entry", function);
        IRBuilder<> b(copy.entry);
        for (Instruction& instruction : instructions(unit_)) {
            auto* array = dyn_cast<AllocaInst>(&instruction);
            if (!array) continue;
            const auto found = frame_.arrays.find(array);
            if (found != frame_.arrays.end()) {
                copy.map[array] = frame_address(b, copy, found->second);
            } else {
                AllocaInst* made = b.CreateAlloca(array->getAllocatedType(), nullptr, array->getName());
                made->setAlignment(array->getAlign());
                copy.map[array] = made;
            }
        }
        SmallVector<AllocaInst*, 32> slots;
        for (const unsigned number : entering.set_bits()) {
            copy.slots[number] = b.CreateAlloca(frame_.values[number]->getType(), nullptr, "slot");
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
            if (const auto found = frame_.suspends.find(block); found != frame_.suspends.end()) {
                next = found->second;
                keep(at, copy, group, blocks, next);
            }
            outcome->addIncoming(at.getInt32(next), target);
            if (!is_contained(result.outcomes, next)) result.outcomes.push_back(next);
            at.CreateBr(left);
        }

        if (group.size() == 1) {
            resume(b, copy, group[0]);
        } else {
            BasicBlock* never = BasicBlock::Create(context_, "never", function);
            new UnreachableInst(context_, never);
            SwitchInst* select = b.CreateSwitch(function->getArg(fixed + 6), never);
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
        result.has_common_outcome = group.size() == 1 && has_common_outcome(group[0]);
        DominatorTree dominators(*function);
        PromoteMemToReg(slots, dominators);
        return result;
    }

    // What the function is given in place of a call that asks for it.
    static Value* exchanged(const Copy& copy, const Instruction& instruction) {
        const auto* call = dyn_cast<CallInst>(&instruction);
        if (!call || !call->getCalledFunction()) return nullptr;
        const StringRef name = call->getCalledFunction()->getName();
        if (name == offers_marker) return copy.offers;
        if (name == answers_marker) return copy.answers;
        return name == lane_flip_marker ? copy.lane_flip : nullptr;
    }

    static bool is_exchange(const Copy& copy, const Instruction& access) {
        const Value* address = getLoadStorePointerOperand(&access);
        const auto* base = address ? dyn_cast<Instruction>(address->stripInBoundsOffsets()) : nullptr;
        return base && exchanged(copy, *base);
    }

    // What lanes exchange lies neither in frames nor where the unit's code gets.
    void describe_exchange(Instruction& access) const {
        access.setMetadata(LLVMContext::MD_alias_scope, exchange_scope_);
        access.setMetadata(LLVMContext::MD_noalias, frame_scope_);
    }

    // The block's instructions with operands still to be connected, up to a suspension or the end.
    void copy_block(Copy& copy, BasicBlock& block) {
        IRBuilder<> b(cast<BasicBlock>(copy.map.lookup(&block)));
        SmallVector<std::pair<AllocaInst*, Value*>, 4> arrived;
        const auto suspends = frame_.suspends.find(&block);
        for (Instruction& instruction : block) {
            if (isa<AllocaInst>(instruction)) continue;
            if (!isa<PHINode>(instruction)) {
                for (auto& [slot, value] : arrived) b.CreateStore(value, slot);
                arrived.clear();
            }
            if (isa<ReturnInst>(instruction)) return;
            if (suspends != frame_.suspends.end() && &instruction == frame_.markers[suspends->second]) return;
            if (Value* given = exchanged(copy, instruction)) {
                copy.map[&instruction] = given;
                continue;
            }
            Instruction* again = instruction.clone();
            b.Insert(again, instruction.getName());
            copy.map[&instruction] = again;
            if (is_exchange(copy, instruction))
                describe_exchange(*again);
            else if (again->mayReadOrWriteMemory())
                again->setMetadata(
                    LLVMContext::MD_noalias,
                    MDNode::concatenate(again->getMetadata(LLVMContext::MD_noalias), own_scopes_));
            if (const auto number = frame_.numbers.find(&instruction); number != frame_.numbers.end())
                if (AllocaInst* slot = copy.slots.lookup(number->second)) arrived.emplace_back(slot, again);
        }
    }

    void connect(Copy& copy, BasicBlock& block, const SmallPtrSetImpl<BasicBlock*>& blocks) {
        const auto operand_of = [&](Value* value, Instruction* before) -> Value* {
            if (isa<Constant>(value) || isa<MetadataAsValue>(value) || isa<InlineAsm>(value)) return value;
            if (const auto number = frame_.numbers.find(value); number != frame_.numbers.end())
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
