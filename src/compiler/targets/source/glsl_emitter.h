// One kernel as GLSL for Vulkan: what SPIR-V is made from. An intermediate language here, so every expression
// is one operand (a name, a call, or in parentheses) and integers are unsigned; signs stand where an
// operation has one. Values are in glsl_values.cpp, operators in glsl_arithmetic.cpp, memory in
// glsl_storage.cpp and glsl_memory.cpp, vectors in glsl_vectors.cpp, calls in glsl_calls.cpp and
// glsl_warps.cpp, atomics in glsl_atomics.cpp.
#pragma once

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/IntrinsicInst.h>

#include <optional>

#include "addresses.h"
#include "backends/vulkan/kernel_archive.h"
#include "glsl_functions.h"
#include "pointer_spaces.h"
#include "structured_emitter.h"

namespace heddle::compiler {

/// What the code may count on: a variant of target `spirv`.
struct GlslProfile {
    bool wide_integers = false;  ///< 64-bit integers; without, they are pairs of 32-bit ones
    bool doubles = false;        ///< double precision
    bool small_types = false;    ///< 8 and 16 bits in buffers and shared memory, 64-bit atomics, clocks
    bool warps = false;          ///< subgroups of 32 threads: CUDA's warps
    bool fused_fma = false;      ///< fma() rounds once; division and roots are approximate
    bool float_atomics = false;  ///< atomicAdd of float
};

class GlslEmitter final : public StructuredEmitter {
  public:
    GlslEmitter(llvm::Function& kernel, const llvm::DominatorTree& dominators, const llvm::LoopInfo& loops,
                const GlslProfile& profile);

    /// The whole compute shader. Throws Unsupported.
    std::string text();
    /// All but the words; after text().
    const vulkan::ArchivedKernel& description() const noexcept { return description_; }

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
    /// An array in shared or private memory, or the words of the parameters.
    struct Storage {
        std::string name;
        unsigned unit = 4;        ///< bytes of an element
        bool is_float = false;    ///< elements are float or double, or vectors of them
        unsigned words = 0;       ///< elements are vectors of this many words; 0: they are none
        std::uint64_t bytes = 0;  ///< 0: dynamic
        std::uint64_t start = 0;  ///< bytes before it, where all storage of its space is one array
    };
    enum class Access { plain, constant, coherent };

    // ---- values (glsl_values.cpp)
    std::string type_name(llvm::Type* type) const;
    std::string text_of(const llvm::Value& value);
    std::string constant_text(const llvm::Constant& value);
    std::string integer_text(unsigned bits, std::uint64_t value) const;
    std::string signed_text(const llvm::Value& value);
    std::string zero_text(llvm::Type* type) const;
    std::string masked(const std::string& text, unsigned bits) const;
    std::string word_of(const llvm::Value& value, bool by_sign = false);
    std::string low_word(const std::string& wide) const;
    std::string widened(const std::string& word) const;
    std::string build(const llvm::Instruction& instruction);
    bool is_below(const llvm::Value& value, std::uint64_t limit) const;
    [[noreturn]] void refuse(const llvm::Instruction& at, const std::string& what) const;
    void needs_double(const llvm::Instruction& at);
    const std::string& use(const std::string& function) { return functions_.use(function); }
    std::string call(const std::string& function, const std::vector<std::string>& arguments) const;

    // ---- operators (glsl_arithmetic.cpp)
    std::string build_binary(const llvm::BinaryOperator& operation);
    std::string build_wide(const llvm::BinaryOperator& operation);
    std::string build_pair(const llvm::BinaryOperator& operation);
    std::string build_float(const llvm::BinaryOperator& operation);
    std::string build_comparison(const llvm::ICmpInst& comparison);
    std::string build_float_comparison(const llvm::FCmpInst& comparison);
    std::string build_cast(const llvm::CastInst& cast);
    std::string build_select(const llvm::SelectInst& select);
    std::string build_extract(const llvm::ExtractValueInst& extract);
    std::string build_overflow(const llvm::CallInst& call, unsigned index);
    std::string chosen(const std::string& condition, const std::string& yes, const std::string& no,
                       llvm::Type* type) const;

    // ---- memory (glsl_storage.cpp, glsl_memory.cpp)
    Address address_of(const llvm::Value& pointer) const;
    void collect_roots(const llvm::Value& pointer, std::vector<const llvm::Value*>& roots,
                       llvm::DenseSet<const llvm::Value*>& seen) const;
    const llvm::Value* root_of(const llvm::Value& pointer) const;
    void choose_storage();
    void declare_storage(std::string& shared, std::string& local);
    const Storage& storage_of(const llvm::Value& pointer, const llvm::Instruction& at) const;
    std::string pointer_text(const llvm::Value& pointer);
    std::string generic_text(const llvm::Value& pointer);
    std::string global_text(const Address& address);
    std::string offset_text(const Address& address, std::int64_t unit);
    std::string word_offset(const llvm::Value& pointer, std::int64_t unit);
    std::string element_text(const llvm::Value& pointer, const Storage& storage);
    std::string sum_text(const std::string& address, std::int64_t bytes);
    std::string reference(unsigned bytes, bool is_float, Access access, bool is_vector = false);
    std::string word_text(const llvm::Value& pointer, const Storage& storage, unsigned word);
    std::string load_words(const llvm::Value& pointer, llvm::Type* type, const Storage& storage);
    void store_words(const llvm::Value& pointer, const std::string& value, llvm::Type* type,
                     const Storage& storage);
    std::string load(const llvm::LoadInst& load);
    std::string load_stored(const llvm::Value& pointer, llvm::Type* type, const llvm::Instruction& at,
                            unsigned alignment);
    std::string load_global(const std::string& address, llvm::Type* type, Access access, unsigned alignment);
    void store(const llvm::StoreInst& store);
    void store_stored(const llvm::Value& pointer, const std::string& value, llvm::Type* type,
                      const llvm::Instruction& at, unsigned alignment);
    void store_global(const std::string& address, const std::string& value, llvm::Type* type, Access access,
                      unsigned alignment);
    std::string from_memory(const std::string& bits, llvm::Type* type);
    std::string to_memory(const std::string& value, llvm::Type* type);
    Access access_of(const llvm::Instruction& access, const llvm::Value& pointer) const;
    void read_parameters(std::string& text);
    std::string parameter_word(std::uint64_t index) const;

    // ---- vectors (glsl_vectors.cpp)
    std::string vector_type(llvm::Type* type) const;
    std::string element_text(const std::string& vector, llvm::Type* type, unsigned index) const;
    std::string element_text(const llvm::Value& vector, unsigned index);
    std::string vector_text(const llvm::Value& vector);
    std::string vector_of_words(const std::vector<std::string>& words, bool is_float) const;

    // ---- calls (glsl_calls.cpp, glsl_warps.cpp)
    std::string build_call(const llvm::CallInst& call);
    std::string build_index(const llvm::CallInst& call, llvm::StringRef name);
    std::string build_intrinsic(const llvm::IntrinsicInst& call);
    std::string build_class_test(const llvm::CallInst& call);
    std::string build_fma(const llvm::CallInst& call);
    void emit_call(const llvm::CallInst& call);
    void emit_print(const llvm::CallInst& call);
    void emit_warp(const llvm::CallInst& call, llvm::StringRef name, const std::string& active);
    std::string holds(const llvm::Value& value);
    std::string warp_prefix() const { return profile_.warps ? "warp_" : "block_"; }

    // ---- atomics (glsl_atomics.cpp)
    void emit_atomic(const llvm::AtomicRMWInst& atomic);
    void emit_compare_exchange(const llvm::AtomicCmpXchgInst& atomic);
    std::string atomic_place(const llvm::Value& pointer, unsigned bytes, const llvm::Instruction& at);
    void emit_atomic_loop(const llvm::Instruction& atomic, const std::string& place, llvm::Type* type,
                          const std::function<std::string(const std::string&)>& next);
    void emit_small_loop(const llvm::Instruction& atomic, const llvm::Value& pointer, llvm::Type* type,
                         const std::function<std::string(const std::string&)>& next,
                         const std::function<std::string(const std::string&)>& stops);
    void need(vulkan::ModuleFeature feature);

    const llvm::DataLayout& layout_;
    GlslProfile profile_;
    PointerSpaces spaces_;
    GlslFunctions functions_;
    vulkan::ArchivedKernel description_;
    llvm::DenseMap<const llvm::Value*, Storage> storage_;
    llvm::DenseMap<const llvm::Argument*, std::uint64_t> parameter_offsets_;
    bool joins_shared_ = false, joins_private_ = false, synchronises_ = false, fences_device_ = false;
    bool has_dynamic_ = false, uses_grid_ = false;
    std::uint64_t joined_shared_bytes_ = 0, joined_private_bytes_ = 0;
    /// The instruction whose variable is being given its value: it is not read from there.
    const llvm::Instruction* defined_ = nullptr;
    std::set<std::string> references_;
};

}  // namespace heddle::compiler
