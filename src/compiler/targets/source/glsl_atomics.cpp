// Atomic operations in GLSL: its own functions where it has them, loops of compare-and-swap elsewhere; those
// on 8 and 16 bits go through the word that holds them.
#include <llvm/IR/Instructions.h>

#include "../unsupported.h"
#include "glsl_emitter.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

std::string own_function(AtomicRMWInst::BinOp operation) {
    switch (operation) {
        case AtomicRMWInst::Add:
        case AtomicRMWInst::Sub:
            return "atomicAdd";
        case AtomicRMWInst::And:
            return "atomicAnd";
        case AtomicRMWInst::Or:
            return "atomicOr";
        case AtomicRMWInst::Xor:
            return "atomicXor";
        case AtomicRMWInst::Xchg:
            return "atomicExchange";
        case AtomicRMWInst::UMin:
            return "atomicMin";
        case AtomicRMWInst::UMax:
            return "atomicMax";
        default:
            return {};
    }
}

// What an operation makes of the number that is there; `type` is what the GLSL expressions are of.
std::string next_value(AtomicRMWInst::BinOp operation, const std::string& a, const std::string& value,
                       const std::string& signed_type) {
    const auto pick = [&](const char* name, const std::string& x, const std::string& y) {
        return "mix(" + value + ", " + a + ", " + x + name + y + ")";
    };
    const std::string sa = signed_type + "(" + a + ")", sv = signed_type + "(" + value + ")";
    switch (operation) {
        case AtomicRMWInst::Xchg:
            return value;
        case AtomicRMWInst::Add:
        case AtomicRMWInst::FAdd:
            return "(" + a + " + " + value + ")";
        case AtomicRMWInst::Sub:
        case AtomicRMWInst::FSub:
            return "(" + a + " - " + value + ")";
        case AtomicRMWInst::And:
            return "(" + a + " & " + value + ")";
        case AtomicRMWInst::Nand:
            return "(~(" + a + " & " + value + "))";
        case AtomicRMWInst::Or:
            return "(" + a + " | " + value + ")";
        case AtomicRMWInst::Xor:
            return "(" + a + " ^ " + value + ")";
        case AtomicRMWInst::UMin:
            return pick(" < ", a, value);
        case AtomicRMWInst::UMax:
            return pick(" > ", a, value);
        case AtomicRMWInst::Min:
            return pick(" < ", sa, sv);
        case AtomicRMWInst::Max:
            return pick(" > ", sa, sv);
        case AtomicRMWInst::UIncWrap:
            return "mix(" + a + " + 1u, 0u, " + a + " >= " + value + ")";
        case AtomicRMWInst::UDecWrap:
            return "mix(" + a + " - 1u, " + value + ", " + a + " == 0u || " + a + " > " + value + ")";
        default:
            return {};
    }
}

}  // namespace

// A place that atomic functions take: a word of a buffer or an element of a shared array.
std::string GlslEmitter::atomic_place(const Value& pointer, unsigned bytes, const Instruction& at) {
    const Space space = spaces_.of(&pointer);
    if (space == Space::private_) refuse(at, "an atomic operation on private memory is not supported");
    if (space == Space::generic)
        refuse(at, "an atomic operation through a pointer that may point to more than one kind of memory");
    if (bytes == 8) {
        if (!profile_.wide_integers)
            refuse(at, "an atomic operation on 64 bits, which this device does not have");
        need(vulkan::ModuleFeature::int64);
        need(space == Space::shared ? vulkan::ModuleFeature::int64_shared_atomics
                                    : vulkan::ModuleFeature::int64_buffer_atomics);
    }
    if (space == Space::shared) {
        const Storage& storage = storage_of(pointer, at);
        if (storage.unit != bytes)
            refuse(at, "an atomic operation on a shared variable that is accessed in other widths too");
        return element_text(pointer, storage);
    }
    return reference(bytes, false, Access::plain) + "(" + pointer_text(pointer) + ").v";
}

void GlslEmitter::emit_atomic_loop(const Instruction& atomic, const std::string& place, Type* type,
                                   const std::function<std::string(const std::string&)>& next) {
    const bool is_wide = layout_.getTypeStoreSize(type).getFixedValue() == 8;
    const std::string word = is_wide ? "uint64_t" : "uint";
    const std::string before = names().fresh("seen"), found = names().fresh("found");
    std::string text = "{ " + word + " " + before + " = " + place + "; while (true) { " + word + " " + found +
                       " = atomicCompSwap(" + place + ", " + before + ", " +
                       to_memory(next(from_memory(before, type)), type) + "); if (" + found +
                       " == " + before + ") break; " + before + " = " + found + "; }";
    if (!atomic.use_empty()) text += " " + variable(&atomic) + " = " + from_memory(before, type) + ";";
    line(text + " }");
}

// `next` makes new bits of old ones, right-aligned; where `stops` holds of the old ones, nothing is written.
void GlslEmitter::emit_small_loop(const Instruction& atomic, const Value& pointer, Type* type,
                                  const std::function<std::string(const std::string&)>& next,
                                  const std::function<std::string(const std::string&)>& stops) {
    const unsigned bits = type->getScalarSizeInBits();
    const Space space = spaces_.of(&pointer);
    std::string prefix, place, low;
    const std::string shift = names().fresh("shift");
    if (space == Space::shared) {
        const Storage& storage = storage_of(pointer, atomic);
        if (storage.unit != 4) refuse(atomic, "an atomic operation of this width on a shared variable");
        const std::string at = names().fresh("offset");
        prefix = "uint " + at + " = " + word_offset(pointer, 1) + "; uint " + shift + " = (" + at +
                 " & 3u) * 8u; ";
        place = storage.name + "[" + at + " >> 2]";
    } else if (space == Space::private_ || space == Space::generic) {
        refuse(atomic, "an atomic operation of this width on this memory is not supported");
    } else {
        const std::string at = names().fresh("place");
        const std::string type_text = profile_.wide_integers ? "uint64_t" : "uvec2";
        prefix = type_text + " " + at + " = " + pointer_text(pointer) + "; uint " + shift + " = (" +
                 low_word(at) + " & 3u) * 8u; ";
        const std::string aligned =
            profile_.wide_integers ? "(" + at + " & ~3ul)" : "uvec2(" + at + ".x & ~3u, " + at + ".y)";
        place = reference(4, false, Access::plain) + "(" + aligned + ").v";
    }
    const std::string before = names().fresh("seen"), found = names().fresh("found"),
                      old = names().fresh("old");
    const std::string count = std::to_string(bits);
    std::string text = "{ " + prefix + "uint " + before + " = " + place + "; uint " + old +
                       "; while (true) { " + old + " = bitfieldExtract(" + before + ", int(" + shift + "), " +
                       count + "); ";
    if (const std::string stop = stops(old); !stop.empty()) text += "if (" + stop + ") break; ";
    text += "uint " + found + " = atomicCompSwap(" + place + ", " + before + ", bitfieldInsert(" + before +
            ", " + next(old) + ", int(" + shift + "), " + count + ")); if (" + found + " == " + before +
            ") break; " + before + " = " + found + "; }";
    if (!atomic.use_empty()) text += " " + variable(&atomic) + " = " + from_memory(old, type) + ";";
    line(text + " }");
}

void GlslEmitter::emit_atomic(const AtomicRMWInst& atomic) {
    Type* type = atomic.getType();
    const Value& pointer = *atomic.getPointerOperand();
    const AtomicRMWInst::BinOp operation = atomic.getOperation();
    if (type->isVectorTy() || type->isPointerTy())
        refuse(atomic, "an atomic operation on this type is not supported");
    if (type->isDoubleTy()) needs_double(atomic);
    const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
    const bool is_shared = spaces_.of(&pointer) == Space::shared;
    // A loop must not compute anew what may be made of the memory that it changes.
    const bool is_named = isa<Constant>(atomic.getValOperand()) || !is_folded(atomic.getValOperand());
    std::string value = text_of(*atomic.getValOperand());
    if (!is_named) {
        const std::string name = names().fresh("operand");
        line(type_name(type) + " " + name + " = " + value + ";");
        value = name;
    }
    const auto next = [&](const std::string& a) {
        if (type->isFloatingPointTy() &&
            (operation == AtomicRMWInst::FMin || operation == AtomicRMWInst::FMax)) {
            const std::string name = operation == AtomicRMWInst::FMin ? "lesser" : "greater";
            return call(use(type->isDoubleTy() ? name + "_double" : name), {a, value});
        }
        const std::string made = next_value(operation, a, value, bytes == 8 ? "int64_t" : "int");
        if (made.empty()) refuse(atomic, "this atomic operation is not supported");
        return made;
    };
    if (bytes < 4) {
        if (bytes != 2 && bytes != 1) refuse(atomic, "an atomic operation of this width is not supported");
        const unsigned bits = 8 * bytes;
        const auto small = [&](const std::string& old) {
            if (type->isHalfTy()) return call(use("bits_of_half"), {next(call(use("half_of_bits"), {old}))});
            if (operation == AtomicRMWInst::Min || operation == AtomicRMWInst::Max) {
                const auto wide = [&](const std::string& x) {
                    return "bitfieldExtract(int(" + x + "), 0, " + std::to_string(bits) + ")";
                };
                return "mix(" + value + ", " + old + ", " + wide(old) +
                       (operation == AtomicRMWInst::Min ? " < " : " > ") + wide(value) + ")";
            }
            return masked(next(old), bits);
        };
        return emit_small_loop(atomic, pointer, type, small,
                               [](const std::string&) { return std::string(); });
    }
    if (operation == AtomicRMWInst::FAdd && type->isFloatTy() && profile_.float_atomics) {
        if (!is_shared && spaces_.of(&pointer) == Space::global) {
            need(vulkan::ModuleFeature::float32_buffer_atomic_add);
            return assign(
                atomic,
                call("atomicAdd",
                     {reference(4, true, Access::plain) + "(" + pointer_text(pointer) + ").v", value}));
        }
        if (is_shared && storage_of(pointer, atomic).is_float) {
            need(vulkan::ModuleFeature::float32_shared_atomic_add);
            return assign(atomic,
                          call("atomicAdd", {element_text(pointer, storage_of(pointer, atomic)), value}));
        }
    }
    if (is_shared && storage_of(pointer, atomic).is_float)
        refuse(atomic, "internal: an atomic operation on an array of floats");
    if (!type->isFloatingPointTy() && (operation == AtomicRMWInst::Min || operation == AtomicRMWInst::Max) &&
        !is_shared) {
        const std::string place = atomic_place(pointer, bytes, atomic);
        // The same place as a signed number.
        const std::string name = bytes == 8 ? "Signed64" : "Signed32";
        references_.insert(
            "layout(buffer_reference, std430, buffer_reference_align = " + std::to_string(bytes) +
            ") buffer " + name + " { " + (bytes == 8 ? "int64_t" : "int") + " v; };\n");
        const std::string signed_place = name + place.substr(place.find('('));
        const std::string function = operation == AtomicRMWInst::Min ? "atomicMin" : "atomicMax";
        return assign(
            atomic,
            std::string(bytes == 8 ? "uint64_t(" : "uint(") +
                call(function, {signed_place, std::string(bytes == 8 ? "int64_t(" : "int(") + value + ")"}) +
                ")");
    }
    const std::string place = atomic_place(pointer, bytes, atomic);
    if (const std::string function = own_function(operation);
        !function.empty() && !type->isFloatingPointTy()) {
        const std::string operand =
            operation == AtomicRMWInst::Sub ? "(" + integer_text(8 * bytes, 0) + " - " + value + ")" : value;
        return assign(atomic, call(function, {place, operand}));
    }
    if (operation == AtomicRMWInst::Xchg)
        return assign(atomic, from_memory(call("atomicExchange", {place, to_memory(value, type)}), type));
    emit_atomic_loop(atomic, place, type, next);
}

void GlslEmitter::emit_compare_exchange(const AtomicCmpXchgInst& atomic) {
    Type* type = atomic.getCompareOperand()->getType();
    const Value& pointer = *atomic.getPointerOperand();
    if (!type->isIntegerTy()) refuse(atomic, "a compare-and-exchange of this type is not supported");
    const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
    const std::string expected = text_of(*atomic.getCompareOperand()),
                      value = text_of(*atomic.getNewValOperand());
    if (bytes < 4)
        return emit_small_loop(
            atomic, pointer, type, [&](const std::string&) { return value; },
            [&](const std::string& old) { return old + " != " + expected; });
    assign(atomic, call("atomicCompSwap", {atomic_place(pointer, bytes, atomic), expected, value}));
}

}  // namespace heddle::compiler
