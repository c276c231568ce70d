// Loops that a warp runs lane by lane: a one-lane emitter makes the loop's code inside a loop over the active
// lanes; what goes in and what comes out passes through arrays with one element a lane.
#include <llvm/IR/Module.h>

#include "serial_loops.h"
#include "warp_emitter.h"

namespace heddle::compiler {

using namespace llvm;

// How one lane gets its element of `emitted`, which stands for `value` in the warp's code.
WarpEmitter::LaneValue WarpEmitter::value_of_lane(const Shape& shape, Value* emitted) {
    if (shape.is_uniform()) return [=](Value*) { return emitted; };
    if (shape.is_affine()) {
        return [this, emitted, stride = shape.stride](Value* lane) {
            IRBuilder<>& in_lane = *builder_;
            const bool is_pointer = emitted->getType()->isPointerTy();
            Type* type = is_pointer ? in_lane.getInt64Ty() : emitted->getType();
            Value* distance = in_lane.CreateMul(in_lane.CreateZExtOrTrunc(lane, type),
                                                ConstantInt::get(type, static_cast<std::uint64_t>(stride)));
            return is_pointer ? in_lane.CreateGEP(in_lane.getInt8Ty(), emitted, distance)
                              : in_lane.CreateAdd(emitted, distance);
        };
    }
    Type* type = emitted->getType()->getScalarType();
    AllocaInst* slot = spill(emitted, "of.lanes");
    return [=, this](Value* lane) { return spilled_value(slot, lane, type); };
}

void WarpEmitter::emit_serial_loop(const ControlNode& node, const SerialLoop& loop, Context context) {
    IRBuilder<>& b = *builder_;
    std::vector<std::pair<Value*, LaneValue>> inputs;
    for (Value* value : loop.inputs) {
        const Shape shape = shapes_.shape(value);
        if (shape.is_affine() && !shape.assumed) {
            inputs.emplace_back(value, value_of_lane(shape, scalar(value)));
        } else if (value->getType()->isPointerTy()) {
            const LaneAddresses addresses = lane_addresses(value);
            LaneValue part = value_of_lane(Shape::varying(), addresses.vector());
            inputs.emplace_back(value,
                                [=, this](Value* lane) { return lane_address(addresses, part(lane)); });
        } else {
            inputs.emplace_back(value, value_of_lane(Shape::varying(), vector(value)));
        }
    }
    std::vector<std::pair<const PHINode*, LaneValue>> starts;  // of the header's phis
    for (PHINode& phi : node.block->phis())
        if (AllocaInst* slot = phi_slots_.lookup(&phi)) {
            const Shape shape = shapes_.shape(&phi);
            Value* start = keeps_bases(&phi) ? join_bases(load_bases(slot), shape.stride)
                                             : b.CreateLoad(slot->getAllocatedType(), slot);
            starts.emplace_back(&phi, value_of_lane(shape, start));
        }
    struct Exit {
        BasicBlock* label = nullptr;
        AllocaInst* taken = nullptr;  // lanes that leave here; null: all do
        std::vector<std::pair<PHINode*, AllocaInst*>> values;
    };
    std::vector<Exit> exits;
    for (BasicBlock* label : loop.exits) {
        Exit exit{label, nullptr, {}};
        if (loop.exits.size() > 1) {
            exit.taken = new_slot(b.getInt32Ty(), "taken");
            b.CreateStore(b.getInt32(0), exit.taken);
        }
        for (PHINode& phi : label->phis())
            if (!shapes_.shape(&phi).is_affine() && !keeps_bases(&phi))
                exit.values.emplace_back(&phi, lane_slot(scalar_type(phi.getType()), phi.getName()));
        exits.push_back(std::move(exit));
    }
    for_each_lane(context.mask, [&](Value* lane) {
        WarpOptions options = options_;
        options.lanes = 1;
        WarpEmitter one(kernel_, tree_, serial_->lane_shapes(), variant_, options, imports_);
        one.builder_ = builder_;
        one.function_ = function_;
        one.entry_ = entry_;
        one.frame_ = frame_;
        for (auto& [value, of_lane] : inputs) one.scalars_[value] = of_lane(lane);
        for (auto& [phi, of_lane] : starts) {
            AllocaInst*& slot = one.phi_slots_[phi];
            slot = new_slot(scalar_type(phi->getType()), phi->getName());
            b.CreateStore(of_lane(lane), slot);
        }
        for (const Exit& exit : exits) one.labels_[exit.label].entry = new_block("leaves");
        one.emit_loop(node, {nullptr, 0});
        BasicBlock* done = new_block("lane.done");
        for (const Exit& exit : exits) {
            continue_in(one.labels_[exit.label].entry);
            if (terminated()) continue;
            for (auto& [phi, values] : exit.values) {
                AllocaInst* slot = one.phi_slots_.lookup(phi);
                if (!slot) continue;
                set_spilled(values, lane, b.CreateLoad(slot->getAllocatedType(), slot));
            }
            if (exit.taken)
                b.CreateStore(
                    b.CreateOr(b.CreateLoad(b.getInt32Ty(), exit.taken), b.CreateShl(b.getInt32(1), lane)),
                    exit.taken);
            branch_to(done);
        }
        b.SetInsertPoint(done);
    });
    // Every lane stands at a label now: what emit_jump does, once for all lanes of an exit.
    for (const Exit& exit : exits) {
        const Target target = labels_.lookup(exit.label);
        Value* mask = exit.taken ? mask_of_bits(b.CreateLoad(b.getInt32Ty(), exit.taken)) : context.mask;
        for (PHINode& phi : exit.label->phis()) {
            Value* incoming = phi.getIncomingValue(0);
            if (isa<UndefValue>(incoming)) continue;
            if (shapes_.shape(&phi).is_affine()) b.CreateStore(scalar(incoming), phi_slots_.lookup(&phi));
            if (keeps_bases(&phi)) write_bases(phi_slots_.lookup(&phi), incoming);
        }
        for (auto& [phi, values] : exit.values) {
            AllocaInst* slot = phi_slots_.lookup(phi);
            Value* value = spilled_vector(values, slot->getAllocatedType()->getScalarType());
            if (mask) value = b.CreateSelect(mask, value, b.CreateLoad(slot->getAllocatedType(), slot));
            b.CreateStore(value, slot);
        }
        if (!target.pending) continue;
        Value* arriving = mask ? mask : full_mask();
        Value* before = b.CreateLoad(arriving->getType(), target.pending);
        b.CreateStore(b.CreateOr(before, arriving), target.pending);
    }
}

}  // namespace heddle::compiler
