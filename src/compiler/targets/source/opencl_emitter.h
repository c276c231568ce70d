// One kernel as OpenCL C 1.2. Types and literals are in opencl_values.cpp, operators in
// opencl_arithmetic.cpp, addresses in opencl_addresses.cpp, memory in opencl_memory.cpp, vectors in
// opencl_vectors.cpp, calls in opencl_calls.cpp, what threads do together in opencl_warps.cpp, atomics in
// opencl_atomics.cpp; functions that the printed code calls in opencl_helpers.*, those with inline PTX in
// opencl_ptx.*.
#pragma once

#include <llvm/IR/DataLayout.h>

#include <optional>

#include "addresses.h"
#include "opencl_helpers.h"
#include "pointer_spaces.h"
#include "structured_emitter.h"

namespace heddle::compiler {

/// What a kernel takes besides its own parameters, in this order.
struct HiddenParameters {
    bool globals = false;       ///< global uchar*: the block of globals
    bool messages = false;      ///< global uint*: failures and printed text, see runtime/device_messages.h
    bool shared = false;        ///< local ulong2*: dynamic shared memory
    bool shared_bytes = false;  ///< uint: its size
    bool follows_pointers = false;  ///< reaches memory that no argument names
};

/// Takes calls of functions that OpenCL has, with bounds within CUDA's, out of the device maths library's
/// reach; `has_ptx`: so are those that NVIDIA's GPUs have as instructions.
void keep_own_maths(llvm::Module& ir, bool has_ptx);

class OpenClEmitter final : public StructuredEmitter {
  public:
    OpenClEmitter(llvm::Function& kernel, const llvm::DominatorTree& dominators, const llvm::LoopInfo& loops,
                  OpenClHelpers& helpers, const std::string& function_name);

    /// The kernel function's text. Throws Unsupported.
    std::string text();
    const HiddenParameters& hidden() const noexcept { return hidden_; }
    /// Definitions of the structures that the kernel takes by value.
    const std::string& structures() const noexcept { return structures_; }

  protected:
    bool waits(const llvm::Instruction& instruction) const override;
    void emit(const llvm::Instruction& instruction) override;
    void emit_waiting(const llvm::Instruction& instruction, const std::string& active) override;
    std::string assigned_text(const llvm::Value& value, const llvm::Value& to) override;
    Condition condition(const llvm::Value& value) override;
    std::string any_active(const std::string& active) override;
    Variable variable_of(const llvm::Value& value) override;
    bool is_free(const llvm::Instruction& instruction) const override;
    bool is_dropped(const llvm::Instruction& instruction) const override;

  private:
    /// The C type of an expression. Half precision is held in floats.
    struct Type {
        enum class Kind { boolean, integer, floating, pointer, other };
        Kind kind = Kind::other;
        unsigned bits = 0;
        bool is_signed = false;
        friend bool operator==(const Type&, const Type&) = default;
    };
    /// An expression; `bare` is the same without the cast around it that brings it to its type, for where
    /// assignment converts anyway; empty when there is none.
    struct Expression {
        std::string text;
        int precedence = 16;
        Type type;
        std::string bare = {};
        bool is_promoted = false;  ///< has its type in C's arithmetic only; by itself it is narrower
    };
    /// What the elements behind a pointer variable are.
    struct Element {
        llvm::Type* type = nullptr;
        bool is_signed = true;
        bool is_aliased = false;  ///< the same memory is accessed as another type too
    };

    // ---- values and types (opencl_values.cpp)
    void choose_signs();
    bool is_signed(const llvm::Value& value) const { return signed_.lookup(&value); }
    static unsigned container_bits(unsigned bits);
    Type type_of(const llvm::Value& value) const;
    Type type_of(const llvm::Type* type, bool is_signed) const;
    static std::string type_name(const Type& type);
    std::string scalar_name(const llvm::Type* type, bool is_signed) const;
    std::string aliased_name(const llvm::Type* type, bool is_signed) const;
    std::string element_name(const Element& element) const;
    Expression expression(const llvm::Value& value);
    Expression constant(const llvm::Constant& value, bool is_signed, bool needs_type);
    Expression integer(const llvm::Value& value, bool is_signed, bool needs_type = false);
    Expression build(const llvm::Instruction& instruction);
    Expression build_binary(const llvm::BinaryOperator& operation);
    Expression build_modular(const llvm::BinaryOperator& operation, const char* text, int precedence);
    Expression build_shift(const llvm::BinaryOperator& operation);
    Expression build_division(const llvm::BinaryOperator& operation);
    Expression build_logic(const llvm::BinaryOperator& operation);
    Expression build_comparison(const llvm::ICmpInst& comparison);
    Expression build_float_comparison(const llvm::FCmpInst& comparison);
    Expression build_cast(const llvm::CastInst& cast);
    Expression build_select(const llvm::SelectInst& select);
    Expression build_extract(const llvm::ExtractValueInst& extract);
    Expression narrowed(Expression wide, Type to) const;
    Expression cast_to(const Expression& value, const Type& to) const;
    Expression binary(const Expression& a, const char* operation, const Expression& b, int precedence,
                      Type type) const;
    Expression call(const std::string& function, const std::vector<std::string>& arguments, Type type) const;
    Expression rounded_half(Expression value);
    static std::string at_least(const Expression& expression, int precedence);
    Condition condition_of(const Expression& expression) const;
    std::string argument_text(const llvm::Value& value);
    std::string converted_text(const llvm::Value& value);
    std::optional<Expression> global_index(const llvm::BinaryOperator& sum) const;
    bool is_below(const llvm::Value& value, std::uint64_t limit) const;

    // ---- memory (opencl_memory.cpp)
    static const char* space_name(Space space);
    Address address_of(const llvm::Value& pointer) const;
    Element element_of(const llvm::Value& base);
    void collect_elements(const llvm::Value& pointer, std::map<std::pair<llvm::Type*, bool>, unsigned>& votes,
                          unsigned depth) const;
    bool shares_memory(const llvm::Value& pointer, unsigned depth);
    std::string index_text(const Address& address, std::int64_t unit, bool stands_alone = true);
    std::string base_text(const llvm::Value& base);
    std::string bytes_text(const Address& address, Space space);
    std::string place_text(const llvm::Value& pointer, llvm::Type* type, bool is_signed,
                           const llvm::Instruction& at);
    std::optional<std::string> array_place(const Address& address, llvm::Type* type);
    std::optional<std::string> field_place(const Address& address, llvm::Type* type);
    Expression pointer(const llvm::Value& value);
    std::string pointer_to(const llvm::Value& value, llvm::Type* type, bool is_signed,
                           const llvm::Instruction& at);
    std::string generic_text(const llvm::Value& value);
    Expression load(const llvm::LoadInst& load);
    void store(const llvm::StoreInst& store);
    std::string stored_text(const llvm::Value& value, llvm::Type* type, bool is_signed);
    void declare_arrays(std::string& text);
    std::string field_names(llvm::StructType& type, const llvm::Argument& argument);
    Space space_at(const llvm::Value& pointer, const llvm::Instruction& at) const;

    // ---- vectors (opencl_vectors.cpp)
    std::string vector_name(const llvm::Type* type) const;
    Expression vector_element(const llvm::Value& vector, unsigned index);
    Expression vector_expression(const llvm::Value& vector);

    // ---- calls (opencl_calls.cpp)
    Expression build_call(const llvm::CallInst& call);
    Expression build_intrinsic(const llvm::CallInst& call);
    Expression build_maths(const llvm::CallInst& call, llvm::StringRef name);
    Expression build_overflow(const llvm::CallInst& call, unsigned index);
    Expression build_class_test(const llvm::CallInst& call);
    void emit_call(const llvm::CallInst& call);
    std::string print_call(const llvm::CallInst& call);

    // ---- what threads do together (opencl_warps.cpp)
    std::string exchange();
    Condition holds(const llvm::Value& value);
    void emit_together(const llvm::CallInst& call, llvm::StringRef name);

    // ---- atomics (opencl_atomics.cpp)
    void emit_atomic(const llvm::AtomicRMWInst& atomic);
    void emit_compare_exchange(const llvm::AtomicCmpXchgInst& atomic);

    std::string signature();

    const llvm::DataLayout& layout_;
    OpenClHelpers& helpers_;
    PointerSpaces spaces_;
    std::string function_name_;
    HiddenParameters hidden_;
    std::string structures_;
    /// The instruction whose variable is being given its value: it is not read from there.
    const llvm::Instruction* defined_ = nullptr;
    bool uses_exchange_ = false, exchanges_longs_ = false;
    llvm::DenseMap<const llvm::Value*, bool> signed_;
    llvm::DenseMap<const llvm::Value*, Element> elements_;
    std::map<const llvm::StructType*, std::vector<std::string>> fields_;
    std::map<const llvm::StructType*, std::string> structure_names_;
};

}  // namespace heddle::compiler
