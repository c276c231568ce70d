// The warp emitter: one kernel's control tree and shapes in, LLVM IR for the CPU out in which one call runs a
// whole warp. A value that varies over the lanes is a 32-lane vector, a uniform one a scalar; divergent
// branches become masks, uniform ones stay branches. With one lane everything is uniform and the same code is
// the scalar device's.
#pragma once

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "control_tree.h"
#include "cpu_variant.h"
#include "import_table.h"
#include "shape_analysis.h"
#include "unsupported.h"

namespace heddle::compiler {

/// What a unit waits for: a heddle_cpu_operation and what is known of its operands.
struct WarpRequest {
    std::uint32_t operation;
    llvm::ConstantInt* mask = nullptr;     ///< null: it has none, or a different one in each lane
    llvm::ConstantInt* operand = nullptr;  ///< of a shuffle in segments of 32 lanes
};

/// The values that the surrounding function hands to the kernel's code.
struct WarpFrame {
    llvm::Value *launch = nullptr, *block = nullptr;  ///< heddle_cpu_launch*, heddle_cpu_block*
    std::array<llvm::Value*, 3> block_index{};        ///< blockIdx, i32
    /// threadIdx of the lane with one lane, of lane 0 in a row that is a multiple of 32 wide; else of no use.
    std::array<llvm::Value*, 3> thread_index{};
    llvm::Value* unit = nullptr;          ///< i32: warp in the block; with one lane the linear thread
    std::vector<llvm::Value*> arguments;  ///< one for each parameter of the kernel
    /// Suspends the unit at the builder's position and gives the lanes that take part; unset in a kernel that
    /// never suspends.
    std::function<llvm::Value*(llvm::IRBuilder<>&, const WarpRequest&)> suspend;
};

struct WarpOptions {
    unsigned lanes = 32;
    Row row = Row::any;
    bool check = false;  ///< one lane only
    std::uint64_t static_shared_bytes = 0;
};

/// Vectors of one type, or the last one shorter, as one vector.
llvm::Value* concatenated(llvm::IRBuilder<>& builder, llvm::ArrayRef<llvm::Value*> vectors);

/// What an access is, for heddle_check_access (src/backends/cpu/abi.h).
inline constexpr unsigned check_read = 1, check_write = 2, check_atomic = 4;

class SerialLoops;
struct SerialLoop;

class WarpEmitter {
  public:
    WarpEmitter(llvm::Function& kernel, const ControlSequence& tree, const ShapeAnalysis& shapes,
                const CpuVariant& variant, const WarpOptions& options, ImportTable& imports,
                const SerialLoops* serial = nullptr);

    /// Emits the code of one warp at the builder's position, which is in the entry block's end or after it;
    /// leaves the builder where all lanes have ended. Private arrays go to `entry`.
    void emit(llvm::IRBuilder<>& builder, llvm::BasicBlock* entry, const WarpFrame& frame);

  private:
    // A stretch of code: which lanes run it (null: all), and the divergent stretch it belongs to.
    struct Context {
        llvm::Value* mask;
        unsigned token;
    };
    struct Target {
        llvm::BasicBlock* entry = nullptr;
        unsigned token = 0;
        llvm::AllocaInst* pending = nullptr;  // lanes that have jumped here; null when all come
        llvm::AllocaInst* live = nullptr;     // loops left apart: lanes that go round again
        bool apart = false;
        bool is_whole = false;  // loops left apart: the version for as long as no lane has left
    };

    using Parts = llvm::SmallVector<llvm::Value*, 4>;

    // warp_emitter.cpp: control flow; warp_values.cpp: values.
    void run(const ControlSequence& sequence, Context context);
    void emit_branch(const ControlNode& node, Context context);
    const ControlSequence* side_for_all(const ControlNode& branch) const;
    void emit_loop(const ControlNode& node, Context context);
    static bool is_small_loop(const ControlNode& loop);
    const ControlNode* jump_to_whole_loop(const ControlSequence& sequence) const;
    void emit_scope(const ControlNode& node, Context context);
    void emit_jump(const ControlNode& node, Context context);
    void under_mask(const ControlSequence& sequence, Context context, bool guard);
    bool is_cheap(const ControlSequence& sequence) const;
    void emit_block(llvm::BasicBlock* block, Context context);
    void write_phis(llvm::BasicBlock* from, llvm::BasicBlock* to, llvm::Value* mask);
    bool terminated() const { return builder_->GetInsertBlock() == nullptr; }
    void branch_to(llvm::BasicBlock* block);
    void continue_in(llvm::BasicBlock* block);
    llvm::BasicBlock* new_block(const llvm::Twine& name);
    llvm::AllocaInst* new_slot(llvm::Type* type, const llvm::Twine& name);
    llvm::Value* any(llvm::Value* mask);
    llvm::Value* all(llvm::Value* mask);
    llvm::Value* lane_bits(llvm::Value* mask);  // i32, bit l for lane l
    llvm::Value* mask_of_bits(llvm::Value* bits);
    llvm::Value* both(llvm::Value* mask, llvm::Value* condition);
    llvm::Value* full_mask();
    llvm::Type* scalar_type(llvm::Type* type) const;
    llvm::Type* vector_type(llvm::Type* type) const;
    llvm::Value* constant(llvm::Constant* value);
    llvm::Value* scalar(llvm::Value* value);  // a uniform value, or the base of an affine one
    llvm::Value* vector(llvm::Value* value);
    // A value that is affine in groups of 8 or 16 lanes is kept as one scalar base a group.
    bool keeps_bases(const llvm::Value* value) const;
    llvm::Value* at_lane(llvm::Value* value,
                         unsigned lane);  // `lane`: a constant; a scalar where there is one
    void set_bases(const llvm::Value* value, llvm::ArrayRef<llvm::Value*> bases);
    llvm::Value* join_bases(llvm::ArrayRef<llvm::Value*> bases, std::int64_t stride);
    llvm::Value* linear_base(llvm::Instruction& instruction, llvm::ArrayRef<llvm::Value*> operands,
                             llvm::Value* mask);
    llvm::AllocaInst* phi_slot(const llvm::PHINode& phi);
    Parts load_bases(llvm::AllocaInst* slot);
    void write_bases(llvm::AllocaInst* slot, llvm::Value* value);
    llvm::Value* guard_of(
        const llvm::Value* value);  // whether what is assumed of its shape holds; null: nothing is
    void set_guard(llvm::Instruction& instruction);
    llvm::Value* holds_for_all(llvm::Value* condition, bool wanted);
    llvm::Value* holds_for_all(const llvm::ICmpInst& comparison, bool wanted);
    llvm::Value* guarded(llvm::Value* guard, const std::function<llvm::Value*()>& usual,
                         const std::function<llvm::Value*()>& rare);
    Parts guarded_parts(llvm::Value* guard, const std::function<Parts()>& usual,
                        const std::function<Parts()>& rare);
    void set_scalar(const llvm::Value* value, llvm::Value* emitted);
    void set_vector(const llvm::Value* value, llvm::Value* emitted);
    llvm::Value* lane_steps(llvm::Type* type, std::int64_t stride);
    llvm::Value* lane_pattern(llvm::Type* type, const std::function<std::int64_t(unsigned)>& of_lane);
    void for_each_lane(llvm::Value* mask, const std::function<void(llvm::Value* lane)>& body);
    llvm::AllocaInst* spill(llvm::Value* vector, const llvm::Twine& name);
    static llvm::Type* memory_type(llvm::Type* type);
    llvm::AllocaInst* lane_slot(llvm::Type* element, const llvm::Twine& name);
    llvm::Value* spilled_lane(llvm::AllocaInst* slot, llvm::Value* lane);
    llvm::Value* spilled_value(llvm::AllocaInst* slot, llvm::Value* lane, llvm::Type* type);
    void set_spilled(llvm::AllocaInst* slot, llvm::Value* lane, llvm::Value* value);
    llvm::Value* spilled_vector(llvm::AllocaInst* slot, llvm::Type* element);

    // warp_arithmetic.cpp
    void emit_instruction(llvm::Instruction& instruction, llvm::Value* mask);
    void emit_pure(llvm::Instruction& instruction, llvm::Value* mask);
    llvm::Value* compute(llvm::Instruction& instruction, llvm::ArrayRef<llvm::Value*> operands,
                         llvm::Value* mask, bool is_vector, bool keeps_flags);
    llvm::Value* whole_groups(llvm::Value* mask, unsigned group);
    llvm::Value* divide(llvm::Instruction& instruction, llvm::Value* a, llvm::Value* b, llvm::Value* mask);
    llvm::Value* shift(llvm::Instruction& instruction, llvm::Value* a, llvm::Value* b);
    llvm::Value* saturating_conversion(llvm::Value* value, llvm::Type* to, bool is_signed);
    void emit_address(llvm::GetElementPtrInst& gep);
    llvm::Value* address_vector(llvm::GetElementPtrInst& gep);
    llvm::Value* half_arithmetic(llvm::Instruction& instruction, llvm::ArrayRef<llvm::Value*> operands);
    llvm::Value* extend_half(llvm::Value* value, llvm::Type* to);
    llvm::Value* truncate_to_half(llvm::Value* value);

    // warp_memory.cpp
    void emit_load(llvm::LoadInst& load, llvm::Value* mask);
    void emit_store(llvm::StoreInst& store, llvm::Value* mask);
    void emit_alloca(llvm::AllocaInst& array);
    llvm::Value* load_contiguous(llvm::Type* element, llvm::Value* base, llvm::Value* mask,
                                 llvm::Align align);
    llvm::Value* load_backwards(llvm::Type* element, llvm::Value* base, llvm::Value* mask, llvm::Align align);
    llvm::Value* gather(llvm::Type* element, llvm::Value* pointers, llvm::Value* mask, llvm::Align align);
    llvm::SmallVector<llvm::Value*, 4> group_addresses(llvm::Value* pointer, const Shape& shape,
                                                       llvm::Value* mask);
    llvm::Value* load_groups(llvm::LoadInst& load, llvm::Type* element, const Shape& shape,
                             llvm::Value* mask);
    llvm::Value* load_strided(llvm::LoadInst& load, llvm::Type* element, std::int64_t step, unsigned group);
    llvm::Value* load_lanes(llvm::LoadInst& load, llvm::Type* element, llvm::Value* mask);
    void store_lanes(llvm::StoreInst& store, llvm::Value* value, llvm::Value* mask);
    bool comes_from_memory(const llvm::Value* address) const;
    struct InOrder {
        llvm::Value *holds, *first;
    };
    InOrder in_order(llvm::Value* pointers, std::int64_t size, llvm::Value* mask);
    void scatter(llvm::Value* values, llvm::Value* pointers, llvm::Value* mask, llvm::Align align);
    bool is_shared(const llvm::Value* pointer) const;
    bool is_private(const llvm::Value* pointer) const;
    void checked(llvm::Instruction& access, llvm::Value* pointer, std::uint64_t bytes, unsigned kind,
                 const std::function<llvm::Value*()>& perform);
    llvm::Constant* location_text(const llvm::Instruction& instruction);

    // warp_tuples.cpp: several neighbouring elements a lane, one vector of lanes each.
    Parts parts(llvm::Value* tuple);
    bool emit_tuple_part(llvm::Instruction& instruction);
    void emit_tuple_load(llvm::LoadInst& load, llvm::Value* mask);
    void emit_tuple_store(llvm::StoreInst& store, llvm::Value* mask);
    llvm::Value* all_lanes_present(llvm::Value* guard, llvm::Value* mask);

    // warp_atomics.cpp
    // The lanes' addresses: base + index * scale, or (without a base) the pointers.
    struct LaneAddresses {
        llvm::Value* pointers = nullptr;
        llvm::Value *base = nullptr, *index = nullptr;
        std::uint64_t scale = 0;
        bool is_unsigned = false;
        llvm::Value* vector() const { return base ? index : pointers; }
    };
    void emit_atomic(llvm::AtomicRMWInst& atomic, llvm::Value* mask);
    void emit_compare_exchange(llvm::AtomicCmpXchgInst& atomic, llvm::Value* mask);
    bool combine_atomics(llvm::AtomicRMWInst& atomic, llvm::Value* mask);
    llvm::Value* atomic_operation(llvm::AtomicRMWInst& atomic, llvm::Value* pointer, llvm::Value* value);
    LaneAddresses lane_addresses(llvm::Value* pointer);
    llvm::Value* lane_address(const LaneAddresses& addresses, llvm::Value* of_lane);
    llvm::Value* fixed_lane(llvm::Value* vector, unsigned lane);

    // warp_serial.cpp
    using LaneValue = std::function<llvm::Value*(llvm::Value* lane)>;
    LaneValue value_of_lane(const Shape& shape, llvm::Value* emitted);
    void emit_serial_loop(const ControlNode& node, const SerialLoop& loop, Context context);

    // warp_intrinsics.cpp
    void emit_call(llvm::CallInst& call, llvm::Value* mask);
    void emit_heddle_call(llvm::CallInst& call, llvm::StringRef name, llvm::Value* mask);
    void emit_maths(llvm::CallInst& call, llvm::StringRef name, llvm::Value* mask);
    llvm::Value* maths(llvm::StringRef name, llvm::ArrayRef<llvm::Value*> operands, llvm::Type* result);
    void emit_barrier(llvm::CallInst& call, llvm::StringRef name, llvm::Value* mask);
    llvm::Value* launch_field(unsigned offset, llvm::Type* type);
    llvm::Value* block_field(unsigned offset);
    void emit_thread_index();
    void emit_per_lane(llvm::CallInst& call, llvm::StringRef import, llvm::Value* mask,
                       const std::vector<llvm::Value*>& before);

    // warp_exchange.cpp
    void yield_to_warp();
    void emit_exchange(llvm::CallInst& call, llvm::StringRef name, llvm::Value* mask);
    void emit_request(llvm::CallInst& call, llvm::StringRef name);
    void emit_shuffle(llvm::CallInst& call, llvm::StringRef kind, llvm::Value* mask);
    llvm::Value* shuffle_source(llvm::StringRef kind, llvm::Value* own, llvm::Value* operand,
                                llvm::Value* width);
    llvm::Value* permute(llvm::Value* values, llvm::Value* lanes);
    void emit_reduce(llvm::CallInst& call, llvm::StringRef operation, llvm::Value* mask);
    void emit_match(llvm::CallInst& call, bool all, llvm::Value* mask);
    llvm::Value* reduce_lanes(llvm::StringRef operation, llvm::Value* values, llvm::Value* mask);
    static llvm::Constant* neutral_element(llvm::StringRef operation, llvm::Type* type);
    void for_each_group(llvm::Value* mask, llvm::Value* keys,
                        const std::function<llvm::Value*(llvm::Value* key, llvm::Value* lane)>& body);

    llvm::Function& kernel_;
    const ControlSequence& tree_;
    const ShapeAnalysis& shapes_;
    const CpuVariant& variant_;
    const WarpOptions options_;
    ImportTable& imports_;
    const SerialLoops* serial_;  // null: none
    llvm::LLVMContext& context_;
    const llvm::DataLayout& layout_;  // of Kernel IR
    llvm::IRBuilder<>* builder_ = nullptr;
    llvm::Function* function_ = nullptr;
    llvm::BasicBlock* entry_ = nullptr;
    const WarpFrame* frame_ = nullptr;
    unsigned last_token_ = 0;
    unsigned versions_ = 0;  // how many branches' versions for all lanes the position is in
    llvm::DenseMap<const llvm::Value*, llvm::Value*> scalars_, vectors_, guards_;
    llvm::DenseMap<const llvm::Value*, Parts> bases_, parts_;
    llvm::DenseMap<const llvm::PHINode*, llvm::AllocaInst*> phi_slots_;
    llvm::DenseMap<const llvm::BasicBlock*, Target> labels_, loops_;
    llvm::DenseMap<const llvm::Value*, std::pair<llvm::Value*, llvm::Value*>>
        exchanges_;  // old value, success
    llvm::BasicBlock* end_ = nullptr;
    std::array<llvm::Value*, 3> thread_index_{};  // base, vector or scalar as the row says
    std::array<llvm::SmallVector<llvm::Value*, 4>, 3> thread_index_bases_;  // where a row is part of a warp
};

}  // namespace heddle::compiler
