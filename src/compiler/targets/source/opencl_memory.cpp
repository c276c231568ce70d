// Loads and stores in OpenCL C, the arrays of a kernel, and structures that it takes by value.
#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>

#include <algorithm>

#include "../unsupported.h"
#include "opencl_emitter.h"
#include "opencl_places.h"

namespace heddle::compiler {

using namespace llvm;

OpenClEmitter::Expression OpenClEmitter::load(const LoadInst& load) {
    const Value& place = *load.getPointerOperand();
    llvm::Type* type = load.getType();
    if (type->isStructTy() || type->isArrayTy())
        throw Unsupported(load, "a load of this type is not supported");
    if (type->isVectorTy()) {
        const std::string text = place_text(place, type, false, load);
        return {text, text.starts_with('*') ? 14 : 16, {}};
    }
    if (type->isIntegerTy() && type->getIntegerBitWidth() > 64)
        throw Unsupported(load, "a load of more than 64 bits is not supported");
    if (type->isPointerTy()) {
        llvm::Type* word = llvm::Type::getInt64Ty(type->getContext());
        std::string number;
        if (spaces_.of(&place) == Space::generic) {
            number = helpers_.use("load_{T}", "", "ulong", "") + "(" + generic_text(place) + ")";
        } else {
            const Address address = address_of(place);
            const auto field = field_place(address, type);
            number = field ? *field : place_text(place, word, false, load);
        }
        if (spaces_.of(&load) == Space::generic) return {number, 14, {Type::Kind::pointer, 64, false}};
        const Element element = element_of(load);
        return {"((global " + element_name(element) + "*)" +
                    (number.find(' ') == std::string::npos || number.ends_with(']') ? number
                                                                                    : "(" + number + ")") +
                    ")",
                16,
                {Type::Kind::pointer, 64, false}};
    }
    const unsigned bits = type->getScalarSizeInBits();
    if (type->isIntegerTy() && bits != container_bits(bits) && bits != 1) {
        // A width that C has not: byte by byte.
        std::string sum;
        for (unsigned at = 0; at * 8 < bits; ++at) {
            const std::string byte = "((" + std::string(space_name(space_at(place, load))) + " uchar*)(" +
                                     bytes_text(address_of(place), space_at(place, load)) + "))[" +
                                     std::to_string(at) + "]";
            const std::string wide = bits > 32 ? "(ulong)" : "(uint)";
            sum += (at > 0 ? " | " : "") + wide + byte + (at > 0 ? " << " + std::to_string(8 * at) : "");
        }
        return {"(" + sum + ")", 16, {Type::Kind::integer, container_bits(bits), false}};
    }
    const bool with_sign = is_signed(load);
    const Type result = type_of(type, with_sign);
    if (type->isDoubleTy()) helpers_.uses_double = true;
    if (spaces_.of(&place) == Space::generic) {
        if (type->isHalfTy())
            return call(helpers_.use("half_of_bits"),
                        {helpers_.use("load_{T}", "", "ushort", "") + "(" + generic_text(place) + ")"},
                        result);
        return call(helpers_.use("load_{T}", "", type_name(result), ""), {generic_text(place)}, result);
    }
    const Address address = address_of(place);
    const Space space = space_at(*address.base, load);
    if (type->isHalfTy()) {
        const std::string name = space_name(space);
        const Element element = element_of(*address.base);
        llvm::Type* bits_type = llvm::Type::getInt16Ty(type->getContext());
        std::string where = element.type->isHalfTy() ? pointer_to(place, type, true, load)
                                                     : pointer_to(place, bits_type, false, load);
        if (!element.type->isHalfTy())
            where = "(" + name + (name.empty() ? "" : " ") + "half*)(" + where + ")";
        if (const auto field = field_place(address, bits_type))
            return call(helpers_.use("half_of_bits"), {*field}, result);
        return call("vload_half", {"0", where}, result);
    }
    // Neither memory nor its declared type promise an alignment that LLVM does not.
    if (load.getAlign().value() < bits / 8 && bits > 8) {
        const std::string name = space_name(space);
        const std::string count = std::to_string(bits / 8);
        const std::string bytes = bytes_text(address, space);
        return call(
            "as_" + type_name(result),
            {"vload" + count + "(0, (" + name + (name.empty() ? "" : " ") + "uchar*)(" + bytes + "))"},
            result);
    }
    if (load.isVolatile() || load.isAtomic()) {
        const std::string name = space_name(space);
        const std::string where = pointer_to(place, type, with_sign, load);
        return {"*(volatile " + name + (name.empty() ? "" : " ") + aliased_name(type, with_sign) + "*)" +
                    (where.find(' ') == std::string::npos ? where : "(" + where + ")"),
                14, result};
    }
    const Element element = element_of(*address.base);
    const bool as_declared = element.type == type && type->isIntegerTy();
    const bool sign = as_declared ? element.is_signed : with_sign;
    const std::string text = place_text(place, type, sign, load);
    return {text, text.starts_with('*') ? 14 : 16, type_of(type, sign)};
}

std::string OpenClEmitter::stored_text(const Value& value, llvm::Type* type, bool with_sign) {
    if (type->isPointerTy()) {
        if (isa<ConstantPointerNull>(value)) return "0";
        if (spaces_.of(&value) != Space::global && spaces_.of(&value) != Space::none)
            return generic_text(value);
        const Expression place = pointer(value);
        return "(ulong)" + at_least(place, 14);
    }
    if (type->isIntegerTy() && !type->isIntegerTy(1)) {
        if (const auto* literal = dyn_cast<Constant>(&value))
            return constant(*literal, with_sign, false).text;
        const Expression found = expression(value);
        return found.bare.empty() ? found.text : found.bare;
    }
    const Expression found = expression(value);
    return found.bare.empty() ? found.text : found.bare;
}

void OpenClEmitter::store(const StoreInst& store) {
    const Value &place = *store.getPointerOperand(), &value = *store.getValueOperand();
    llvm::Type* type = value.getType();
    if (isa<UndefValue>(value)) return;
    if (type->isStructTy() || type->isArrayTy())
        throw Unsupported(store, "a store of this type is not supported");
    if (type->isVectorTy())
        return append(Statement::assignment(place_text(place, type, false, store), expression(value).text));
    const unsigned bits = type->isPointerTy() ? 64 : type->getScalarSizeInBits();
    if (bits > 64) throw Unsupported(store, "a store of more than 64 bits is not supported");
    llvm::Type* word = type->isPointerTy() ? llvm::Type::getInt64Ty(type->getContext()) : type;
    if (type->isDoubleTy()) helpers_.uses_double = true;
    if (type->isIntegerTy() && bits != container_bits(bits) && bits != 1) {
        const Space space = space_at(place, store);
        const std::string number = at_least(expression(value), 14);
        for (unsigned at = 0; at * 8 < bits; ++at)
            line("((" + std::string(space_name(space)) + " uchar*)(" + bytes_text(address_of(place), space) +
                 "))[" + std::to_string(at) + "] = " + number +
                 (at > 0 ? " >> " + std::to_string(8 * at) : "") + ";");
        return;
    }
    const bool with_sign = type->isIntegerTy() && (isa<Constant>(value) ? bits > 16 : is_signed(value));
    if (spaces_.of(&place) == Space::generic) {
        if (type->isHalfTy()) {
            line(helpers_.use("store_{T}", "", "ushort", "") + "(" + generic_text(place) + ", " +
                 helpers_.use("bits_of_half") + "(" + expression(value).text + "));");
            return;
        }
        line(helpers_.use("store_{T}", "", type_name(type_of(word, with_sign)), "") + "(" +
             generic_text(place) + ", " + stored_text(value, type, with_sign) + ");");
        return;
    }
    const Address address = address_of(place);
    const Space space = space_at(*address.base, store);
    const std::string name = space_name(space);
    if (type->isHalfTy()) {
        const Element element = element_of(*address.base);
        llvm::Type* bits_type = llvm::Type::getInt16Ty(type->getContext());
        std::string where = element.type->isHalfTy() ? pointer_to(place, type, true, store)
                                                     : pointer_to(place, bits_type, false, store);
        if (!element.type->isHalfTy())
            where = "(" + name + (name.empty() ? "" : " ") + "half*)(" + where + ")";
        line("vstore_half_rte(" + expression(value).text + ", 0, " + where + ");");
        return;
    }
    if (store.getAlign().value() < bits / 8 && bits > 8) {
        const std::string count = std::to_string(bits / 8);
        const Type typed = type_of(word, with_sign);
        const std::string text =
            type->isPointerTy() ? stored_text(value, type, false)
                                : "(" + type_name(typed) + ")(" + stored_text(value, type, with_sign) + ")";
        line("vstore" + count + "(as_uchar" + count + "(" + text + "), 0, (" + name +
             (name.empty() ? "" : " ") + "uchar*)(" + bytes_text(address, space) + "));");
        return;
    }
    const Element element = element_of(*address.base);
    const bool sign = element.type == word && word->isIntegerTy() ? element.is_signed : with_sign;
    if (store.isVolatile() || store.isAtomic()) {
        const std::string where = pointer_to(place, word, sign, store);
        line("*(volatile " + name + (name.empty() ? "" : " ") + aliased_name(word, sign) + "*)" +
             (where.find(' ') == std::string::npos ? where : "(" + where + ")") + " = " +
             stored_text(value, type, sign) + ";");
        return;
    }
    append(Statement::assignment(place_text(place, word, sign, store), stored_text(value, type, sign)));
}

// Shared and private arrays at the beginning of the kernel.
void OpenClEmitter::declare_arrays(std::string& text) {
    const auto declare = [&](const Value& value, llvm::Type* whole, Align align, const char* space) {
        std::vector<std::uint64_t> extents;
        llvm::Type* inner = declared_element(whole, &extents);
        const Element element = element_of(value);
        const std::string name = variable(&value);
        std::string line = "    " + std::string(space);
        llvm::Align natural(1);
        if (is_scalar(inner) && element.type == inner) {
            line += element_name(element) + " " + name;
            for (const std::uint64_t extent : extents) line += "[" + std::to_string(extent) + "]";
            natural = layout_.getABITypeAlign(inner);
        } else {
            line +=
                "uchar " + name + "[" + std::to_string(layout_.getTypeAllocSize(whole).getFixedValue()) + "]";
        }
        if (align > natural) line += " __attribute__((aligned(" + std::to_string(align.value()) + ")))";
        text += line + ";\n";
    };
    for (const GlobalVariable& variable : kernel_.getParent()->globals()) {
        if (variable.getAddressSpace() != 3 || is_dynamic_shared(variable, layout_)) continue;
        const bool is_used = any_of(variable.users(), [&](const User* user) {
            const auto* instruction = dyn_cast<Instruction>(user);
            return instruction && instruction->getFunction() == &kernel_;
        });
        if (is_used)
            declare(
                variable, variable.getValueType(),
                std::max(variable.getAlign().valueOrOne(), layout_.getABITypeAlign(variable.getValueType())),
                "local ");
    }
    for (const Instruction& instruction : instructions(kernel_))
        if (const auto* array = dyn_cast<AllocaInst>(&instruction); array && !array->use_empty())
            declare(*array, array->getAllocatedType(), array->getAlign(), "");
}

// The definition of a structure; its fields are called as the kernel's source calls them, where that is
// known.
std::string OpenClEmitter::field_names(StructType& type, const llvm::Argument& argument) {
    if (const auto known = structure_names_.find(&type); known != structure_names_.end())
        return known->second;
    StringRef full = type.hasName() ? type.getName() : StringRef("structure");
    full.consume_front("struct.");
    full.consume_front("class.");
    full.consume_front("union.");
    const std::string last = full.rsplit("::").second.empty() ? full.str() : full.rsplit("::").second.str();
    const std::string wish = identifier(last).empty() ? "Structure" : identifier(last);
    std::vector<std::string>& fields = fields_[&type];
    const StructLayout* places = layout_.getStructLayout(&type);
    std::set<std::string> taken;
    for (unsigned k = 0; k < type.getNumElements(); ++k) {
        std::string found;
        if (argument.getParamByValType() == &type)
            for (const User* user : argument.users()) {
                const auto* element = dyn_cast<GetElementPtrInst>(user);
                APInt offset(64, 0);
                if (element && element->accumulateConstantOffset(layout_, offset) &&
                    offset.getZExtValue() == places->getElementOffset(k).getFixedValue())
                    found = SourceNames::source_name(*element);
            }
        if (found.empty() || !taken.insert(found).second ||
            opencl_reserved_words(helpers_.has_ptx()).count(found) != 0)
            found = "member" + std::to_string(k);
        taken.insert(found);
        fields.push_back(found);
    }
    std::string text = "typedef struct {\n";
    for (unsigned k = 0; k < type.getNumElements(); ++k) {
        std::vector<std::uint64_t> extents;
        llvm::Type* inner = innermost(type.getElementType(k), &extents);
        std::string of = "ulong";
        if (auto* nested = dyn_cast<StructType>(inner))
            of = field_names(*nested, argument);
        else if (inner->isHalfTy())
            of = "ushort";
        else if (inner->isIntegerTy(1))
            of = "uchar";
        else if (is_scalar(inner))
            of = scalar_name(inner, inner->getScalarSizeInBits() > 8);
        else if (!inner->isPointerTy())
            of = "uchar";
        text += "    " + of + " " + fields[k];
        for (const std::uint64_t extent : extents) text += "[" + std::to_string(extent) + "]";
        text += ";\n";
    }
    text += type.isPacked() ? "} __attribute__((packed)) " : "} ";
    // Kernels of one program share a definition, or have two of different names.
    while (true) {
        const std::string name = names().fresh(wish);
        const auto [known, is_new] = helpers_.structures.try_emplace(name, text);
        if (!is_new && known->second != text) continue;
        if (is_new) structures_ += text + name + ";\n\n";
        structure_names_[&type] = name;
        return name;
    }
}

}  // namespace heddle::compiler
