// Addresses, loads and stores in GLSL. Global memory is reached by 64-bit addresses (buffer references),
// shared and private memory by offsets in bytes into the arrays of glsl_storage.cpp; a pointer that may be
// either has its memory in the two highest bits.
#include <llvm/ADT/DenseSet.h>
#include <llvm/IR/GetElementPtrTypeIterator.h>
#include <llvm/IR/Operator.h>

#include <algorithm>

#include "../unsupported.h"
#include "glsl_emitter.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

bool is_offset(Space space) {
    return space == Space::shared || space == Space::private_;
}

// The vectors that there are: accesses to neighbours that have been joined.
bool is_joined(const Instruction& access) {
    const auto* type = cast<FixedVectorType>(getLoadStoreType(const_cast<Instruction*>(&access)));
    const unsigned bytes = type->getNumElements() * type->getScalarSizeInBits() / 8;
    return bytes >= 2 && bytes <= 16 &&
           getLoadStoreAlignment(const_cast<Instruction*>(&access)).value() >= bytes;
}

unsigned log2_of(unsigned unit) {
    return unit == 16 ? 4 : unit == 8 ? 3 : unit == 4 ? 2 : unit == 2 ? 1 : 0;
}

}  // namespace

Address GlslEmitter::address_of(const Value& pointer) const {
    return compiler::address_of(pointer, layout_, [&](const Value& at) {
        return isa<Instruction>(at) && !is_folded(&at) && &at != defined_;
    });
}

// ---- offsets into shared and private memory

// The offset of an address in units of `unit` bytes, which divide it.
std::string GlslEmitter::offset_text(const Address& address, std::int64_t unit) {
    std::string text;
    std::int64_t bytes = address.bytes;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " + ") + part; };
    const bool all_divide = bytes % unit == 0 && all_of(address.terms, [&](const Address::Term& term) {
                                return term.bytes % unit == 0;
                            });
    const std::int64_t scale = all_divide ? unit : 1;
    if (const auto found = storage_.find(address.base); found != storage_.end()) {
        // With all variables in one array, it has its place there.
        const bool joined = isa<GlobalVariable>(address.base) ? joins_shared_ : joins_private_;
        if (joined || found->second.name.empty()) bytes += static_cast<std::int64_t>(found->second.start);
    } else if (!isa<Constant>(address.base)) {
        const std::string start = text_of(*address.base);
        add(scale == 1 ? start
                       : "(" + start + " >> " + std::to_string(log2_of(static_cast<unsigned>(unit))) + ")");
    }
    for (const Address::Term& term : address.terms) {
        const std::string index = word_of(*term.index, true);
        const std::int64_t factor = term.bytes / scale;
        add(factor == 1 ? index : index + " * " + std::to_string(static_cast<std::uint32_t>(factor)) + "u");
    }
    if (bytes != 0 || text.empty()) add(std::to_string(static_cast<std::uint32_t>(bytes / scale)) + "u");
    text = "(" + text + ")";
    return scale == unit ? text
                         : "(" + text + " >> " + std::to_string(log2_of(static_cast<unsigned>(unit))) + ")";
}

std::string GlslEmitter::word_offset(const Value& pointer, std::int64_t unit) {
    return offset_text(address_of(pointer), unit);
}

std::string GlslEmitter::parameter_word(std::uint64_t index) const {
    return "PARAMETER(" + std::to_string(index) + ")";
}

// The element of `storage` that `pointer` points to.
std::string GlslEmitter::element_text(const Value& pointer, const Storage& storage) {
    const std::string index = word_offset(pointer, storage.unit);
    return storage.name.empty() ? "PARAMETER" + index
                                : storage.name + "[" + index.substr(1, index.size() - 2) + "]";
}

// ---- addresses of global memory

std::string GlslEmitter::sum_text(const std::string& address, std::int64_t bytes) {
    if (bytes == 0) return address;
    if (!profile_.wide_integers)
        return call(use("add64"), {address, integer_text(64, static_cast<std::uint64_t>(bytes))});
    return "(" + address + (bytes < 0 ? " - " : " + ") +
           integer_text(64, static_cast<std::uint64_t>(std::abs(bytes))) + ")";
}

std::string GlslEmitter::global_text(const Address& address) {
    const Value& base = *address.base;
    std::string text;
    if (isa<ConstantPointerNull>(base) || isa<UndefValue>(base))
        text = integer_text(64, 0);
    else if (const auto* expression = dyn_cast<ConstantExpr>(&base);
             expression && expression->getOpcode() == Instruction::IntToPtr)
        text = text_of(*expression->getOperand(0));
    else if (const auto* made = dyn_cast<IntToPtrInst>(&base); made && (is_folded(made) || made == defined_))
        text = made->getOperand(0)->getType()->getIntegerBitWidth() == 64
                   ? text_of(*made->getOperand(0))
                   : widened(word_of(*made->getOperand(0)));
    else if (const auto* instruction = dyn_cast<Instruction>(&base);
             instruction && (is_folded(instruction) || instruction == defined_))
        text = build(*instruction);
    else
        text = variable(&base);
    for (const Address::Term& term : address.terms) {
        const unsigned bits = term.index->getType()->getIntegerBitWidth();
        const Value* narrow = bits <= 32 ? term.index : nullptr;
        bool by_sign = true;
        if (const auto* cast = dyn_cast<CastInst>(term.index);
            cast && bits == 64 && is_folded(cast) && (isa<SExtInst>(cast) || isa<ZExtInst>(cast)) &&
            cast->getOperand(0)->getType()->getIntegerBitWidth() <= 32 &&
            cast->getOperand(0)->getType()->getIntegerBitWidth() > 1) {
            narrow = cast->getOperand(0);
            by_sign = isa<SExtInst>(cast);
        }
        const auto size = static_cast<std::uint64_t>(std::abs(term.bytes));
        if (narrow && term.bytes > 0 && is_below(*narrow, (std::uint64_t{1} << 31U) / size)) {
            // The product fits into a word.
            const std::string product =
                size == 1 ? text_of(*narrow) : "(" + text_of(*narrow) + " * " + integer_text(32, size) + ")";
            text = profile_.wide_integers ? "(" + text + " + uint64_t(" + product + "))"
                                          : call(use("add_word64"), {text, product});
        } else if (profile_.wide_integers) {
            std::string index = narrow && bits <= 32
                                    ? (by_sign ? "uint64_t(int64_t(" + signed_text(*narrow) + "))"
                                               : "uint64_t(" + text_of(*narrow) + ")")
                                    : text_of(*term.index);
            if (size != 1) index = "(" + index + " * " + integer_text(64, size) + ")";
            text = "(" + text + (term.bytes < 0 ? " - " : " + ") + index + ")";
        } else if (narrow && by_sign) {
            text = call(use("add_scaled64"), {text, "int(" + word_of(*narrow, true) + ")",
                                              "int(" + std::to_string(term.bytes) + ")"});
        } else {
            const std::string index = narrow ? widened(text_of(*narrow)) : text_of(*term.index);
            text = call(use("add64"),
                        {text, call(use("mul64"),
                                    {index, integer_text(64, static_cast<std::uint64_t>(term.bytes))})});
        }
    }
    return sum_text(text, address.bytes);
}

// ---- pointers as values

std::string GlslEmitter::pointer_text(const Value& pointer) {
    const Space space = spaces_.of(&pointer);
    const Value& base = without_casts(pointer);
    if (const auto* instruction = dyn_cast<Instruction>(&base); instruction && !isa<AllocaInst>(base)) {
        if (!is_folded(instruction) && instruction != defined_) return variable(instruction);
        if (const auto* select = dyn_cast<SelectInst>(instruction)) return build_select(*select);
        if (const auto* found = dyn_cast<LoadInst>(instruction)) return load(*found);
        if (const auto* made = dyn_cast<CallInst>(instruction)) return build_call(*made);
    }
    if (space == Space::generic) return generic_text(pointer);
    if (is_offset(space)) return offset_text(address_of(pointer), 1);
    return global_text(address_of(pointer));
}

// Any pointer as a 64-bit number with its memory in the two highest bits.
std::string GlslEmitter::generic_text(const Value& pointer) {
    const Value& base = without_casts(pointer);
    const Space space = spaces_.of(&pointer);
    if (isa<ConstantPointerNull>(base) || isa<UndefValue>(base)) return integer_text(64, 0);
    if (space == Space::generic) {
        const auto* instruction = dyn_cast<Instruction>(&base);
        if (instruction && !is_folded(instruction) && instruction != defined_) return variable(instruction);
        const Address address = address_of(base);
        // Where the address starts in one known memory, its kind goes in first.
        const Space from = spaces_.of(address.base);
        if (address.base == &base) return instruction ? build(*instruction) : global_text(address);
        if (!is_offset(from)) return global_text(address);
        Address rest = address;
        rest.base = ConstantPointerNull::get(PointerType::get(kernel_.getContext(), 0));
        const std::string start = generic_text(*address.base), offset = global_text(rest);
        return profile_.wide_integers ? "(" + start + " + " + offset + ")"
                                      : call(use("add64"), {start, offset});
    }
    const std::string text = pointer_text(pointer);
    if (!is_offset(space)) return text;
    const std::string kind = space == Space::shared ? "0x40000000u" : "0x80000000u";
    return profile_.wide_integers ? "(uint64_t(" + text + ") | (uint64_t(" + kind + ") << 32))"
                                  : "uvec2(" + text + ", " + kind + ")";
}

// ---- loads and stores

// Memory that some thread may have written since the kernel began is read through references that say so.
GlslEmitter::Access GlslEmitter::access_of(const Instruction& access, const Value& pointer) const {
    const auto* found = dyn_cast<LoadInst>(&access);
    const auto* stored = dyn_cast<StoreInst>(&access);
    if ((found && (found->isVolatile() || found->isAtomic())) ||
        (stored && (stored->isVolatile() || stored->isAtomic())))
        return Access::coherent;
    if (!found) return Access::plain;
    if (found->hasMetadata(LLVMContext::MD_invariant_load)) return Access::constant;
    const Value* at = &without_casts(pointer);
    while (const auto* element = dyn_cast<GEPOperator>(at))
        at = &without_casts(*element->getPointerOperand());
    if (const auto* argument = dyn_cast<llvm::Argument>(at);
        argument && argument->hasNoAliasAttr() && argument->onlyReadsMemory())
        return Access::constant;
    return Access::plain;
}

std::string GlslEmitter::reference(unsigned bytes, bool is_float, Access access, bool is_vector) {
    std::string element, qualifiers, suffix;
    switch (is_vector ? 0 : bytes) {
        case 0:
            element = (is_float ? "vec" : "uvec") + std::to_string(bytes / 4);
            break;
        case 1:
            element = "uint8_t";
            need(vulkan::ModuleFeature::storage8);
            need(vulkan::ModuleFeature::int8);
            break;
        case 2:
            element = "uint16_t";
            need(vulkan::ModuleFeature::storage16);
            need(vulkan::ModuleFeature::int16);
            break;
        case 4:
            element = is_float ? "float" : "uint";
            break;
        default:
            element = is_float ? "double" : profile_.wide_integers ? "uint64_t" : "uvec2";
            if (is_float) need(vulkan::ModuleFeature::float64);
            if (profile_.wide_integers) need(vulkan::ModuleFeature::int64);
            break;
    }
    if (access == Access::constant) {
        qualifiers = "restrict readonly ";
        suffix = "Constant";
    } else if (access == Access::coherent) {
        qualifiers = "volatile devicecoherent ";
        suffix = "Volatile";
        need(vulkan::ModuleFeature::device_scope);
    } else if (fences_device_) {
        qualifiers = "devicecoherent ";
        need(vulkan::ModuleFeature::device_scope);
    } else if (synchronises_) {
        qualifiers = "workgroupcoherent ";
    }
    const std::string name = is_vector ? (is_float ? "Floats" : "Words") + std::to_string(bytes / 4) + suffix
                                       : (is_float ? "Float" : "Word") + std::to_string(8 * bytes) + suffix;
    references_.insert("layout(buffer_reference, std430, buffer_reference_align = " + std::to_string(bytes) +
                       ") " + qualifiers + "buffer " + name + " { " + element + " v; };\n");
    return name;
}

// What lies in memory (a uint, or 64 bits) as a value of `type`.
std::string GlslEmitter::from_memory(const std::string& bits, Type* type) {
    if (type->isIntegerTy(1)) return "(" + bits + " != 0u)";
    if (type->isHalfTy()) return call(use("half_of_bits"), {bits});
    if (type->isFloatTy()) return "uintBitsToFloat(" + bits + ")";
    if (type->isDoubleTy()) return "uint64BitsToDouble(" + bits + ")";
    return bits;
}

std::string GlslEmitter::to_memory(const std::string& value, Type* type) {
    if (type->isIntegerTy(1)) return "uint(" + value + ")";
    if (type->isHalfTy()) return call(use("bits_of_half"), {value});
    if (type->isFloatTy()) return "floatBitsToUint(" + value + ")";
    if (type->isDoubleTy()) return "doubleBitsToUint64(" + value + ")";
    return value;
}

std::string GlslEmitter::load_global(const std::string& address, Type* type, Access access,
                                     unsigned alignment) {
    const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
    if (bytes > (type->isVectorTy() ? 16 : 8) || (bytes & (bytes - 1)) != 0)
        throw std::runtime_error("a load of a width that memory has not");
    if (type->isVectorTy() && bytes >= 8)
        return reference(bytes, type->getScalarType()->isFloatTy(), access, true) + "(" + address + ").v";
    if (bytes < 4 && !profile_.small_types)
        return from_memory(call(use(bytes == 1       ? "load_byte"
                                    : alignment >= 2 ? "load_short"
                                                     : "load_short_bytes"),
                                {address}),
                           type);
    if (alignment < bytes) {
        if (bytes == 2) return from_memory(call(use("load_short_bytes"), {address}), type);
        if (bytes == 4) return from_memory(call(use("load_word_bytes"), {address}), type);
        return from_memory(
            call(use(profile_.wide_integers ? "load_wide_bytes" : "load_pair_bytes"), {address}), type);
    }
    const bool is_float = type->isFloatTy() || type->isDoubleTy();
    const std::string place = reference(bytes, is_float, access) + "(" + address + ").v";
    if (is_float) return place;
    return from_memory(bytes < 4 ? "uint(" + place + ")" : place, type);
}

std::string GlslEmitter::load_stored(const Value& pointer, Type* type, const Instruction& at,
                                     unsigned alignment) {
    const Storage& storage = storage_of(pointer, at);
    const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
    if (storage.words != 0 || type->isVectorTy()) return load_words(pointer, type, storage);
    if (storage.unit == bytes) {
        const std::string element = element_text(pointer, storage);
        if (alignment >= bytes) {
            if (storage.is_float) return element;
            return from_memory(bytes < 4 ? "uint(" + element + ")" : element, type);
        }
    }
    if (storage.unit != 4) refuse(at, "an access of this width to this variable is not supported");
    if (alignment < 4 && bytes >= 4) refuse(at, "an access to shared or private memory that is not aligned");
    if (bytes == 8) {
        const std::string index = word_offset(pointer, 4),
                          of = storage.name.empty() ? "PARAMETER" : storage.name;
        const auto word = [&](const std::string& which) {
            return storage.name.empty() ? of + "(" + which + ")" : of + "[" + which + "]";
        };
        const std::string pair = "uvec2(" + word(index) + ", " + word(index + " + 1u") + ")";
        if (!profile_.wide_integers) return pair;
        return from_memory("packUint2x32(" + pair + ")", type);
    }
    const std::string offset = word_offset(pointer, 1),
                      of = storage.name.empty() ? "PARAMETER(" : storage.name + "[";
    const std::string word = of + offset + " >> 2" + (storage.name.empty() ? ")" : "]");
    return from_memory(
        "bitfieldExtract(" + word + ", int((" + offset + " & 3u) * 8u), " + std::to_string(8 * bytes) + ")",
        type);
}

// ---- vectors in arrays, and single words where the elements are vectors

// The `word`-th word from `pointer` on, as it is declared.
std::string GlslEmitter::word_text(const Value& pointer, const Storage& storage, unsigned word) {
    Address address = address_of(pointer);
    address.bytes += 4 * static_cast<std::int64_t>(word);
    if (storage.words == 0) {
        const std::string index = offset_text(address, 4);
        return storage.name.empty() ? "PARAMETER" + index
                                    : storage.name + "[" + index.substr(1, index.size() - 2) + "]";
    }
    const std::int64_t unit = storage.unit;
    const bool is_known =
        (storage_.contains(address.base) || isa<Constant>(address.base)) &&
        all_of(address.terms, [&](const Address::Term& term) { return term.bytes % unit == 0; });
    if (is_known) {
        const std::int64_t rest = (address.bytes % unit + unit) % unit;
        address.bytes -= rest;
        return storage.name + "[" + offset_text(address, unit) + "]." + "xyzw"[rest / 4];
    }
    const std::string index = offset_text(address, 4), last = std::to_string(storage.words - 1);
    return storage.name + "[" + index + " >> " + (storage.words == 4 ? "2" : "1") + "][" + index + " & " +
           last + "u]";
}

std::string GlslEmitter::load_words(const Value& pointer, Type* type, const Storage& storage) {
    const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
    const bool is_float = type->getScalarType()->isFloatTy();
    const auto as_asked = [&](const std::string& text) {
        if (storage.is_float == is_float) return text;
        return (is_float ? "uintBitsToFloat(" : "floatBitsToUint(") + text + ")";
    };
    if (storage.words != 0 && bytes == storage.unit && type->isVectorTy())
        return as_asked(element_text(pointer, storage));
    std::vector<std::string> words;
    for (unsigned word = 0; word < std::max(bytes / 4, 1U); ++word)
        words.push_back(as_asked(word_text(pointer, storage, word)));
    if (type->isVectorTy()) return vector_of_words(words, is_float);
    if (words.size() == 1) return is_float ? words[0] : from_memory(words[0], type);
    const std::string pair = "uvec2(" + words[0] + ", " + words[1] + ")";
    return profile_.wide_integers ? from_memory("packUint2x32(" + pair + ")", type) : pair;
}

void GlslEmitter::store_words(const Value& pointer, const std::string& value, Type* type,
                              const Storage& storage) {
    const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
    const bool is_float = type->getScalarType()->isFloatTy();
    const auto as_kept = [&](const std::string& text) {
        if (storage.is_float == is_float) return text;
        return (storage.is_float ? "uintBitsToFloat(" : "floatBitsToUint(") + text + ")";
    };
    if (storage.words != 0 && bytes == storage.unit && type->isVectorTy())
        return line(element_text(pointer, storage) + " = " + as_kept(value) + ";");
    if (bytes == 4)
        return line(word_text(pointer, storage, 0) + " = " +
                    as_kept(is_float || type->isVectorTy() ? value : to_memory(value, type)) + ";");
    // What is stored may be made of what lies there, so it is computed before the first write.
    const std::string bits = names().fresh("bits");
    std::string whole = value;
    if (!type->isVectorTy()) {
        whole = to_memory(value, type);
        if (profile_.wide_integers) whole = "unpackUint2x32(" + whole + ")";
    }
    std::string text = "{ " + std::string(type->isVectorTy() ? vector_type(type) : "uvec2") + " " + bits +
                       " = " + whole + ";";
    for (unsigned word = 0; word < bytes / 4; ++word)
        text += " " + word_text(pointer, storage, word) + " = " + as_kept(bits + "." + "xyzw"[word]) + ";";
    line(text + " }");
}

std::string GlslEmitter::load(const LoadInst& load) {
    const Value& pointer = *load.getPointerOperand();
    Type* type = load.getType();
    if (type->isStructTy() || type->isArrayTy() || (type->isVectorTy() && !is_joined(load)))
        refuse(load, "a load of this type is not supported");
    if (type->isDoubleTy()) needs_double(load);
    if (type->isIntegerTy() && type->getIntegerBitWidth() > 64)
        refuse(load, "a load of more than 64 bits is not supported");
    const auto alignment = static_cast<unsigned>(load.getAlign().value());
    const Space space = spaces_.of(&pointer);
    if (is_offset(space)) {
        std::string text = load_stored(pointer, type, load, alignment);
        return text;
    }
    if (space == Space::generic) {
        const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
        const std::string name = bytes == 8
                                     ? (profile_.wide_integers ? "load_generic_wide" : "load_generic_pair")
                                 : bytes == 4 ? "load_generic_word"
                                 : bytes == 2 ? "load_generic_short"
                                              : "load_generic_byte";
        return from_memory(call(use(name), {generic_text(pointer)}), type);
    }
    return load_global(pointer_text(pointer), type, access_of(load, pointer), alignment);
}

void GlslEmitter::store_global(const std::string& address, const std::string& value, Type* type,
                               Access access, unsigned alignment) {
    const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
    if (bytes > (type->isVectorTy() ? 16 : 8) || (bytes & (bytes - 1)) != 0)
        throw std::runtime_error("a store of a width that memory has not");
    if (type->isVectorTy() && bytes >= 8)
        return line(reference(bytes, type->getScalarType()->isFloatTy(), access, true) + "(" + address +
                    ").v = " + value + ";");
    if (bytes < 4 && !profile_.small_types)
        return line(call(use(bytes == 1       ? "store_byte"
                             : alignment >= 2 ? "store_short"
                                              : "store_short_bytes"),
                         {address, to_memory(value, type)}) +
                    ";");
    if (alignment < bytes) {
        const std::string name = bytes == 2               ? "store_short_bytes"
                                 : bytes == 4             ? "store_word_bytes"
                                 : profile_.wide_integers ? "store_wide_bytes"
                                                          : "store_pair_bytes";
        return line(call(use(name), {address, to_memory(value, type)}) + ";");
    }
    const bool is_float = type->isFloatTy() || type->isDoubleTy();
    const std::string place = reference(bytes, is_float, access) + "(" + address + ").v";
    std::string stored = is_float ? value : to_memory(value, type);
    if (bytes < 4) stored = std::string(bytes == 1 ? "uint8_t(" : "uint16_t(") + stored + ")";
    line(place + " = " + stored + ";");
}

void GlslEmitter::store_stored(const Value& pointer, const std::string& value, Type* type,
                               const Instruction& at, unsigned alignment) {
    const Storage& storage = storage_of(pointer, at);
    if (storage.words != 0 || type->isVectorTy()) return store_words(pointer, value, type, storage);
    const bool is_shared = spaces_.of(&pointer) == Space::shared;
    const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
    if (storage.unit == bytes && alignment >= bytes) {
        std::string stored = storage.is_float ? value : to_memory(value, type);
        if (bytes < 4 && is_shared)
            stored = std::string(bytes == 1 ? "uint8_t(" : "uint16_t(") + stored + ")";
        return line(element_text(pointer, storage) + " = " + stored + ";");
    }
    if (storage.unit != 4) refuse(at, "an access of this width to this variable is not supported");
    if (alignment < 4 && bytes >= 4) refuse(at, "an access to shared or private memory that is not aligned");
    // What is stored may be made of what lies there, so it is computed before the first write.
    const std::string bits = names().fresh("bits"), wide = profile_.wide_integers ? "uint64_t" : "uvec2";
    const std::string begin =
        "{ " + (bytes == 8 ? wide : std::string("uint")) + " " + bits + " = " + to_memory(value, type) + "; ";
    if (bytes == 8) {
        const std::string index = word_offset(pointer, 4);
        const std::string pair = profile_.wide_integers ? "unpackUint2x32(" + bits + ")" : bits;
        return line(begin + storage.name + "[" + index + "] = " + pair + ".x; " + storage.name + "[" + index +
                    " + 1u] = " + pair + ".y; }");
    }
    const std::string offset = word_offset(pointer, 1), count = std::to_string(8 * bytes);
    const std::string word = storage.name + "[" + offset + " >> 2]", shift = "((" + offset + " & 3u) * 8u)";
    if (!is_shared)
        return line(begin + word + " = bitfieldInsert(" + word + ", " + bits + ", int(" + shift + "), " +
                    count + "); }");
    // Other threads write the other bytes of the word at the same time.
    const std::string mask = bytes == 1 ? "0xffu" : "0xffffu";
    line(begin + "atomicAnd(" + word + ", ~(" + mask + " << " + shift + ")); atomicOr(" + word + ", " + bits +
         " << " + shift + "); }");
}

void GlslEmitter::store(const StoreInst& store) {
    const Value &pointer = *store.getPointerOperand(), &value = *store.getValueOperand();
    Type* type = value.getType();
    if (isa<UndefValue>(value)) return;
    if (type->isStructTy() || type->isArrayTy() || (type->isVectorTy() && !is_joined(store)))
        refuse(store, "a store of this type is not supported");
    if (type->isDoubleTy()) needs_double(store);
    if (type->isIntegerTy() && type->getIntegerBitWidth() > 64)
        refuse(store, "a store of more than 64 bits is not supported");
    const auto alignment = static_cast<unsigned>(store.getAlign().value());
    const std::string text = type->isPointerTy() ? generic_text(value) : text_of(value);
    const Space space = spaces_.of(&pointer);
    if (is_offset(space)) return store_stored(pointer, text, type, store, alignment);
    if (space == Space::generic) {
        const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
        const std::string name = bytes == 8
                                     ? (profile_.wide_integers ? "store_generic_wide" : "store_generic_pair")
                                 : bytes == 4 ? "store_generic_word"
                                 : bytes == 2 ? "store_generic_short"
                                              : "store_generic_byte";
        return line(call(use(name), {generic_text(pointer), to_memory(text, type)}) + ";");
    }
    store_global(pointer_text(pointer), text, type, access_of(store, pointer), alignment);
}

}  // namespace heddle::compiler
