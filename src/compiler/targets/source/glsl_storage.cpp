// Where shared and private variables are kept. GLSL has no pointers to them: each is an array of the element
// that all its accesses agree on, or of vectors where some access is one, else of words; where the kernel
// does not tell which variable a pointer points into, all variables of that memory are one array.
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/SmallSet.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include <algorithm>

#include "../unsupported.h"
#include "glsl_emitter.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

/// What is known of all accesses to one variable.
struct Accesses {
    SmallSet<unsigned, 4> sizes;
    bool all_float = true, all_aligned = true, all_plain = true, is_written = false, needs_words = false;
    bool has_vectors = false;
    bool all_sums = true;  ///< atomic operations are sums of floats alone
};

const Value* accessed_pointer(const Instruction& instruction) {
    if (const Value* pointer = getLoadStorePointerOperand(&instruction)) return pointer;
    if (const auto* atomic = dyn_cast<AtomicRMWInst>(&instruction)) return atomic->getPointerOperand();
    if (const auto* exchange = dyn_cast<AtomicCmpXchgInst>(&instruction))
        return exchange->getPointerOperand();
    return nullptr;
}

Type* accessed_type(const Instruction& instruction) {
    if (const auto* store = dyn_cast<StoreInst>(&instruction)) return store->getValueOperand()->getType();
    if (const auto* exchange = dyn_cast<AtomicCmpXchgInst>(&instruction))
        return exchange->getCompareOperand()->getType();
    return instruction.getType();
}

}  // namespace

// The variables that `pointer` may point into; null stands for one that is not known.
void GlslEmitter::collect_roots(const Value& pointer, std::vector<const Value*>& roots,
                                DenseSet<const Value*>& seen) const {
    const Value* at = &without_casts(pointer);
    while (const auto* element = dyn_cast<GEPOperator>(at))
        at = &without_casts(*element->getPointerOperand());
    if (!seen.insert(at).second) return;
    if (isa<ConstantPointerNull>(at) || isa<UndefValue>(at)) return;
    if (const auto* phi = dyn_cast<PHINode>(at)) {
        for (const Value* incoming : phi->incoming_values()) collect_roots(*incoming, roots, seen);
        return;
    }
    if (const auto* select = dyn_cast<SelectInst>(at)) {
        collect_roots(*select->getTrueValue(), roots, seen);
        collect_roots(*select->getFalseValue(), roots, seen);
        return;
    }
    const auto* argument = dyn_cast<llvm::Argument>(at);
    const bool is_variable =
        isa<GlobalVariable>(at) || isa<AllocaInst>(at) || (argument && argument->hasByValAttr());
    roots.push_back(is_variable ? at : nullptr);
}

const Value* GlslEmitter::root_of(const Value& pointer) const {
    std::vector<const Value*> roots;
    DenseSet<const Value*> seen;
    collect_roots(pointer, roots, seen);
    return roots.size() == 1 ? roots[0] : nullptr;
}

void GlslEmitter::choose_storage() {
    std::vector<const Value*> variables;
    for (const GlobalVariable& variable : kernel_.getParent()->globals()) {
        if (variable.getAddressSpace() != 3) continue;
        if (any_of(variable.users(), [&](const User* user) {
                const auto* instruction = dyn_cast<Instruction>(user);
                return instruction && instruction->getFunction() == &kernel_;
            }))
            variables.push_back(&variable);
    }
    for (const Instruction& instruction : instructions(kernel_))
        if (isa<AllocaInst>(instruction) && !instruction.use_empty()) variables.push_back(&instruction);
    for (const llvm::Argument& argument : kernel_.args())
        if (argument.hasByValAttr()) variables.push_back(&argument);

    DenseMap<const Value*, Accesses> accesses;
    joins_shared_ = joins_private_ = spaces_.stores_other_pointers();
    for (const Instruction& instruction : instructions(kernel_)) {
        if (instruction.getType()->isPointerTy() && spaces_.of(&instruction) == Space::generic)
            joins_shared_ = joins_private_ = true;
        if (isa<PtrToIntInst>(instruction) || isa<ICmpInst>(instruction))
            if (instruction.getOperand(0)->getType()->isPointerTy()) {
                const Space space = spaces_.of(instruction.getOperand(0));
                const bool same = isa<ICmpInst>(instruction) &&
                                  root_of(*instruction.getOperand(0)) != nullptr &&
                                  root_of(*instruction.getOperand(0)) == root_of(*instruction.getOperand(1));
                joins_shared_ |= space == Space::shared && !same;
                joins_private_ |= space == Space::private_ && !same;
            }
        if (const auto* call = dyn_cast<CallInst>(&instruction);
            call && call->getCalledFunction() && call->getCalledFunction()->getName() == "vprintf")
            if (const auto* array = dyn_cast<AllocaInst>(&without_casts(*call->getArgOperand(1))))
                accesses[array].needs_words = true;
        const Value* pointer = accessed_pointer(instruction);
        if (!pointer) continue;
        const Space space = spaces_.of(pointer);
        if (space != Space::shared && space != Space::private_) continue;
        std::vector<const Value*> roots;
        DenseSet<const Value*> seen;
        collect_roots(*pointer, roots, seen);
        if (roots.size() != 1 || !roots[0]) (space == Space::shared ? joins_shared_ : joins_private_) = true;
        Type* type = accessed_type(instruction);
        const auto size = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
        for (const Value* root : roots) {
            if (!root) continue;
            Accesses& known = accesses[root];
            known.sizes.insert(size);
            known.all_float &= type->getScalarType()->isFloatTy() || type->isDoubleTy();
            known.has_vectors |= type->isVectorTy();
            if (getLoadStorePointerOperand(&instruction))
                known.all_aligned &=
                    getLoadStoreAlignment(const_cast<Instruction*>(&instruction)).value() >= size;
            else
                known.all_plain = false;
            if (!getLoadStorePointerOperand(&instruction)) {
                const auto* atomic = dyn_cast<AtomicRMWInst>(&instruction);
                known.all_sums &=
                    atomic && atomic->getOperation() == AtomicRMWInst::FAdd && type->isFloatTy();
            }
            known.is_written |= !isa<LoadInst>(instruction);
        }
    }
    unsigned dynamic = 0;
    for (const Value* variable : variables)
        if (const auto* shared = dyn_cast<GlobalVariable>(variable))
            dynamic += shared->isDeclaration() || layout_.getTypeAllocSize(shared->getValueType()).isZero();
    joins_shared_ |= dynamic > 1;
    has_dynamic_ = dynamic > 0;

    for (const Value* variable : variables) {
        const auto* shared = dyn_cast<GlobalVariable>(variable);
        const auto* array = dyn_cast<AllocaInst>(variable);
        const auto* argument = dyn_cast<llvm::Argument>(variable);
        Type* type = shared  ? shared->getValueType()
                     : array ? array->getAllocatedType()
                             : argument->getParamByValType();
        Storage made;
        made.bytes = shared && shared->isDeclaration() ? 0 : layout_.getTypeAllocSize(type).getFixedValue();
        if (array && array->isArrayAllocation()) {
            const auto* count = dyn_cast<ConstantInt>(array->getArraySize());
            if (!count) refuse(*array, "a private array whose size is known at run time only");
            made.bytes *= count->getZExtValue();
        }
        const Accesses known = accesses.lookup(variable);
        const bool joined = shared ? joins_shared_ : joins_private_;
        if (argument && !known.is_written && !joined) {
            made.start = parameter_offsets_.lookup(argument);
            storage_[variable] = made;
            continue;
        }
        made.name = joined ? (shared ? "shared_memory" : "private_memory") : this->variable(variable);
        if (joined) {
            const bool is_dynamic = shared && made.bytes == 0;
            std::uint64_t& total = shared ? joined_shared_bytes_ : joined_private_bytes_;
            const std::uint64_t align =
                shared ? std::max<std::uint64_t>(shared->getAlign().valueOrOne().value(), 8)
                       : std::max<std::uint64_t>(array ? array->getAlign().value() : 8, 8);
            if (!is_dynamic) {
                total = alignTo(total, align);
                made.start = total;
                total += made.bytes;
            }
        } else if (known.has_vectors) {
            // Vectors of the widest access; single words are their components.
            if (known.all_aligned && known.all_plain && !known.sizes.contains(1) &&
                !known.sizes.contains(2)) {
                made.words = known.sizes.contains(16) ? 4 : 2;
                made.unit = 4 * made.words;
                made.is_float = known.all_float;
            }
        } else if (known.sizes.size() == 1 && known.all_aligned && !known.needs_words && !argument) {
            const unsigned size = *known.sizes.begin();
            const bool is_small = size < 4;
            const bool fits = size == 4 || (size == 8 && profile_.wide_integers) ||
                              (is_small && (!shared || (profile_.small_types && known.all_plain)));
            if (fits && (size == 1 || size == 2 || size == 4 || size == 8)) {
                made.unit = size;
                made.is_float = known.all_float && size >= 4 &&
                                (known.all_plain || (known.all_sums && profile_.float_atomics));
            }
        }
        storage_[variable] = made;
    }
    // Dynamic shared memory follows the static variables.
    if (joins_shared_) {
        joined_shared_bytes_ = alignTo(joined_shared_bytes_, 16);
        for (auto& [variable, made] : storage_)
            if (isa<GlobalVariable>(variable) && made.bytes == 0) made.start = joined_shared_bytes_;
    }
}

void GlslEmitter::declare_storage(std::string& shared, std::string& local) {
    const auto element = [&](const Storage& storage, bool is_shared) -> std::string {
        if (storage.words != 0) return (storage.is_float ? "vec" : "uvec") + std::to_string(storage.words);
        switch (storage.unit) {
            case 8:
                if (storage.is_float) need(vulkan::ModuleFeature::float64);
                need(vulkan::ModuleFeature::int64);
                return storage.is_float ? "double" : "uint64_t";
            case 4:
                return storage.is_float ? "float" : "uint";
            case 2:
                if (is_shared) need(vulkan::ModuleFeature::int16);
                return is_shared ? "uint16_t" : "uint";
            default:
                if (is_shared) need(vulkan::ModuleFeature::int8);
                return is_shared ? "uint8_t" : "uint";
        }
    };
    std::uint64_t bytes = 0;
    const auto dynamic_count = [](unsigned unit) -> std::string {
        return unit == 4    ? "dynamic_words"
               : unit == 8  ? "(dynamic_words + 1u) / 2u"
               : unit == 16 ? "(dynamic_words + 3u) / 4u"
                            : "dynamic_words * " + std::to_string(4 / unit) + "u";
    };
    const auto count_of = [&](const Storage& storage) -> std::string {
        if (storage.bytes == 0) return dynamic_count(storage.unit);
        return std::to_string((storage.bytes + storage.unit - 1) / storage.unit);
    };
    // In the order of the source, not that of a hash table.
    for (const GlobalVariable& variable : kernel_.getParent()->globals()) {
        const auto found = storage_.find(&variable);
        if (found == storage_.end() || joins_shared_) continue;
        shared += "shared " + element(found->second, true) + " " + found->second.name + "[" +
                  count_of(found->second) + "];\n";
        bytes += alignTo(found->second.bytes, 16);
    }
    if (joins_shared_ && (joined_shared_bytes_ > 0 || has_dynamic_ || functions_.is_used("shared_memory"))) {
        std::string count = std::to_string(std::max<std::uint64_t>((joined_shared_bytes_ + 3) / 4, 1));
        if (has_dynamic_) count += " + dynamic_words";
        shared += "shared uint shared_memory[" + count + "];\n";
        bytes += joined_shared_bytes_;
    }
    description_.static_shared_bytes = static_cast<std::uint32_t>(bytes);
    const auto copies = [&](const llvm::Argument& argument, const Storage& storage) {
        const std::uint64_t from = parameter_offsets_.lookup(&argument) / 4, to = storage.start / 4;
        for (std::uint64_t k = 0; k < (storage.bytes + 3) / 4; ++k)
            local += "    " + storage.name + "[" + std::to_string(to + k) +
                     "] = " + parameter_word(from + k) + ";\n";
    };
    if (joins_private_ && joined_private_bytes_ > 0)
        shared += "uint private_memory[" + std::to_string((joined_private_bytes_ + 3) / 4) + "];\n";
    for (const llvm::Argument& argument : kernel_.args()) {
        const auto found = storage_.find(&argument);
        if (found == storage_.end() || found->second.name.empty()) continue;
        if (!joins_private_)
            local += "    uint " + found->second.name + "[" + count_of(found->second) + "];\n";
        copies(argument, found->second);
    }
    for (const Instruction& instruction : instructions(kernel_)) {
        const auto found = storage_.find(&instruction);
        if (found == storage_.end() || joins_private_) continue;
        const Storage& storage = found->second;
        local +=
            "    " + element(storage, false) + " " + storage.name + "[" +
            std::to_string(std::max<std::uint64_t>((storage.bytes + storage.unit - 1) / storage.unit, 1)) +
            "];\n";
    }
}

const GlslEmitter::Storage& GlslEmitter::storage_of(const Value& pointer, const Instruction& at) const {
    std::vector<const Value*> roots;
    DenseSet<const Value*> seen;
    collect_roots(pointer, roots, seen);
    for (const Value* root : roots)
        if (const auto found = storage_.find(root); root && found != storage_.end()) return found->second;
    // A pointer of which only its memory is known points into the one array.
    const Space space = spaces_.of(&pointer);
    for (const auto& [variable, storage] : storage_)
        if (isa<GlobalVariable>(variable) == (space == Space::shared) &&
            (space == Space::shared ? joins_shared_ : joins_private_))
            return storage;
    refuse(at, "it is not known which variable this pointer points into");
}

}  // namespace heddle::compiler
