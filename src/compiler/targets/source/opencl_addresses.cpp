// Addresses in OpenCL C: elements of arrays wherever they are, fields of structures by value, pointers that
// know their memory.
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/GetElementPtrTypeIterator.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include <algorithm>

#include "../unsupported.h"
#include "opencl_emitter.h"
#include "opencl_places.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

constexpr unsigned most_depth = 24;

}  // namespace

const char* OpenClEmitter::space_name(Space space) {
    switch (space) {
        case Space::shared:
            return "local";
        case Space::private_:
            return "";
        default:
            return "global";
    }
}

Space OpenClEmitter::space_at(const Value& pointer, const Instruction& at) const {
    const Space space = spaces_.of(&pointer);
    if (space == Space::generic)
        throw Unsupported(
            at, "this pointer may point to more than one kind of memory, which OpenCL C 1.2 cannot say");
    return space == Space::none ? Space::global : space;
}

Address OpenClEmitter::address_of(const Value& pointer) const {
    return compiler::address_of(pointer, layout_, [&](const Value& at) {
        return isa<Instruction>(at) && !is_folded(&at) && &at != defined_;
    });
}

void OpenClEmitter::collect_elements(const Value& pointer,
                                     std::map<std::pair<llvm::Type*, bool>, unsigned>& votes,
                                     unsigned depth) const {
    if (depth > most_depth) return;
    const auto vote = [&](llvm::Type* type, bool with_sign) {
        type = innermost(type);
        if (!is_scalar(type) && !type->isVectorTy()) return;
        votes[{type, type->isIntegerTy() && with_sign}] += 1;
    };
    for (const User* user : pointer.users()) {
        const auto* instruction = dyn_cast<Instruction>(user);
        if (instruction && instruction->getFunction() != &kernel_) continue;
        if (const auto* loaded = dyn_cast<LoadInst>(user)) {
            if (loaded->getType()->isPointerTy())
                votes[{llvm::Type::getInt64Ty(pointer.getContext()), false}] += 1;
            else
                vote(loaded->getType(), is_signed(*loaded));
        } else if (const auto* stored = dyn_cast<StoreInst>(user)) {
            if (stored->getPointerOperand() != &pointer) continue;
            const Value* value = stored->getValueOperand();
            if (value->getType()->isPointerTy())
                votes[{llvm::Type::getInt64Ty(pointer.getContext()), false}] += 1;
            else
                vote(value->getType(),
                     isa<Constant>(value) ? value->getType()->getScalarSizeInBits() > 16 : is_signed(*value));
        } else if (const auto* atomic = dyn_cast<AtomicRMWInst>(user)) {
            if (atomic->getPointerOperand() == &pointer) vote(atomic->getType(), is_signed(*atomic));
        } else if (const auto* exchange = dyn_cast<AtomicCmpXchgInst>(user)) {
            if (exchange->getPointerOperand() == &pointer)
                vote(exchange->getCompareOperand()->getType(), true);
        } else if (isa<GEPOperator>(user) || isa<AddrSpaceCastOperator>(user) || isa<FreezeInst>(user)) {
            collect_elements(*user, votes, depth + 1);
        } else if (isa<PHINode>(user) || isa<SelectInst>(user)) {
            if (depth < 4) collect_elements(*user, votes, depth + 8);
        }
    }
}

OpenClEmitter::Element OpenClEmitter::element_of(const Value& value) {
    const Value& base = without_casts(value);
    if (const auto found = elements_.find(&base); found != elements_.end()) return found->second;
    llvm::Type* byte = llvm::Type::getInt8Ty(kernel_.getContext());
    Element chosen{byte, false};
    std::map<std::pair<llvm::Type*, bool>, unsigned> votes;
    llvm::Type* declared = nullptr;
    if (const auto* variable = dyn_cast<GlobalVariable>(&base))
        declared = declared_element(variable->getValueType());
    if (const auto* variable = dyn_cast<AllocaInst>(&base))
        declared = declared_element(variable->getAllocatedType());
    collect_elements(base, votes, 0);
    unsigned most = 0;
    for (const auto& [type, count] : votes) {
        if (declared && is_scalar(declared) && type.first != declared) continue;
        // Of equally many the wider type: it is what the others are parts of.
        const bool is_wider =
            count == most && layout_.getTypeStoreSize(type.first) > layout_.getTypeStoreSize(chosen.type);
        if (count > most || is_wider) {
            most = count;
            chosen = {type.first, type.second};
        }
    }
    if (declared && is_scalar(declared)) {
        if (chosen.type != declared) chosen = {declared, declared->getScalarSizeInBits() > 16};
    } else if (declared) {
        chosen = {byte, false};  // a structure lies in bytes
    }
    if (isa<CallInst>(base)) chosen = {byte, false};
    if (chosen.type->isIntegerTy() &&
        chosen.type->getIntegerBitWidth() != container_bits(chosen.type->getIntegerBitWidth()))
        chosen = {byte, false};
    SmallPtrSet<const llvm::Type*, 4> types;
    for (const auto& [type, count] : votes)
        if (type.first->getScalarSizeInBits() > 8 && !type.first->isVectorTy()) types.insert(type.first);
    if (chosen.type->getScalarSizeInBits() > 8 && !chosen.type->isVectorTy()) types.insert(chosen.type);
    chosen.is_aliased = types.size() > 1;
    elements_[&base] = chosen;  // before the question below, which may come back here
    if (!chosen.is_aliased && shares_memory(base, 0)) elements_[&base].is_aliased = chosen.is_aliased = true;
    return chosen;
}

// Whether a variable points into memory that is accessed as several types.
bool OpenClEmitter::shares_memory(const Value& pointer, unsigned depth) {
    if (depth > 4 || !(isa<PHINode>(pointer) || isa<SelectInst>(pointer) || isa<GEPOperator>(pointer)))
        return false;
    return any_of(cast<User>(pointer).operands(), [&](const Use& use) {
        if (!use->getType()->isPointerTy()) return false;
        const Value& base = *address_of(*use).base;
        if (&base == &pointer || isa<ConstantPointerNull>(base) || isa<UndefValue>(base)) return false;
        if (spaces_.of(&base) == Space::generic) return true;
        return element_of(base).is_aliased || shares_memory(base, depth + 1);
    });
}

std::string OpenClEmitter::base_text(const Value& base) {
    if (const auto* call = dyn_cast<CallInst>(&base);
        call && call->getCalledFunction() && call->getCalledFunction()->getName() == "heddle.globals") {
        hidden_.globals = true;
        return "globals";
    }
    if (const auto* shared = dyn_cast<GlobalVariable>(&base)) {
        if (is_dynamic_shared(*shared, layout_)) hidden_.shared = true;
        return variable(shared);
    }
    if (isa<llvm::Argument>(base) || isa<AllocaInst>(base)) return variable(&base);
    if (isa<ConstantPointerNull>(base) || isa<UndefValue>(base)) return "0";
    if (const auto* instruction = dyn_cast<Instruction>(&base)) {
        if (!is_folded(instruction) && instruction != defined_) return variable(instruction);
        if (const auto* made = dyn_cast<IntToPtrInst>(instruction)) {
            const Element element = element_of(base);
            const std::string space = space_name(space_at(base, *instruction));
            const Expression number = expression(*made->getOperand(0));
            return "((" + space + (space.empty() ? "" : " ") + element_name(element) + "*)" +
                   at_least(number, 14) + ")";
        }
        if (isa<SelectInst>(instruction)) return "(" + build(*instruction).text + ")";
        if (isa<LoadInst>(instruction)) return build(*instruction).text;
        if (isa<CallInst>(instruction)) return build(*instruction).text;
    }
    if (const auto* expression = dyn_cast<ConstantExpr>(&base);
        expression && expression->getOpcode() == Instruction::IntToPtr)
        return "((global uchar*)" + constant(*cast<Constant>(expression->getOperand(0)), false, true).text +
               ")";
    throw std::runtime_error("an address of this kind has no form in OpenCL C");
}

// The index of an address in units of `unit` bytes, as C computes it without overflow.
std::string OpenClEmitter::index_text(const Address& address, std::int64_t unit, bool stands_alone) {
    std::string text;
    for (const Address::Term& term : address.terms) {
        const Value* index = term.index;
        const std::int64_t scale = term.bytes / unit;
        const Value* narrow = index;
        bool is_extended = false, by_sign = true;
        if (const auto* cast = dyn_cast<CastInst>(index);
            cast && is_folded(cast) && (isa<SExtInst>(cast) || isa<ZExtInst>(cast)) &&
            cast->getOperand(0)->getType()->getIntegerBitWidth() > 1) {
            narrow = cast->getOperand(0);
            is_extended = true;
            by_sign = isa<SExtInst>(cast) && !cast->hasNonNeg();
        }
        const bool is_alone = address.terms.size() == 1 && address.bytes / unit == 0 && scale == 1;
        Expression value;
        if (is_extended) {
            const auto* cast = llvm::cast<CastInst>(index);
            value =
                isa<ZExtInst>(cast) && cast->hasNonNeg() ? expression(*narrow) : integer(*narrow, by_sign);
            // Sums and multiples of what surely fits are computed as they are.
            const std::uint64_t room =
                (std::uint64_t{1} << 31) / (static_cast<std::uint64_t>(std::abs(scale)) + 1);
            const bool fits = is_below(*narrow, room / 4) && std::abs(address.bytes / unit) < (1 << 28);
            if (!is_alone && !fits)
                value = {"(long)" + at_least(value, 14), 14, {Type::Kind::integer, 64, true}};
        } else {
            value = expression(*index);
        }
        // What OpenCL counts in size_t needs no cast where nothing else is computed.
        if (is_alone && stands_alone && isa<CallInst>(narrow) && !value.bare.empty()) value.text = value.bare;
        const bool is_negative = scale < 0;
        const std::int64_t size = std::abs(scale);
        const std::string one =
            size == 1 ? at_least(value, 12) : at_least(value, 13) + " * " + std::to_string(size);
        if (text.empty())
            text = is_negative ? "-" + (size == 1 ? at_least(value, 14)
                                                  : at_least(value, 14) + " * " + std::to_string(size))
                               : (size == 1 && is_alone && stands_alone ? value.text : one);
        else
            text += (is_negative ? " - " : " + ") + (size == 1 && is_negative ? at_least(value, 13) : one);
    }
    const std::int64_t rest = address.bytes / unit;
    if (text.empty()) return std::to_string(rest);
    if (rest > 0) text += " + " + std::to_string(rest);
    if (rest < 0) text += " - " + std::to_string(-rest);
    return text;
}

std::string OpenClEmitter::bytes_text(const Address& address, Space space) {
    const std::string name = space_name(space);
    const std::string pointer = "(" + name + (name.empty() ? "" : " ") + "uchar*)";
    const Element element = element_of(*address.base);
    const auto* argument = dyn_cast<llvm::Argument>(address.base);
    const bool is_structure = argument && argument->hasByValAttr();
    std::string base = base_text(*address.base);
    const bool is_global_block = base == "globals";
    if (is_structure) base = "&" + base;
    const bool is_bytes = !is_structure && (is_global_block || element.type->isIntegerTy(8)) &&
                          (!element.is_signed || is_global_block);
    std::string start = is_bytes ? base : pointer + base;
    if (address.terms.empty() && address.bytes == 0) return start;
    const std::string index = index_text(address, 1, false);
    if (index.starts_with('-'))
        return start + " - " + (address.terms.empty() ? index.substr(1) : "(" + index.substr(1) + ")");
    return start + " + " + index;
}

// An element of a declared array with its own indices: tile[y][x].
std::optional<std::string> OpenClEmitter::array_place(const Address& address, llvm::Type* type) {
    llvm::Type* whole = nullptr;
    if (const auto* variable = dyn_cast<GlobalVariable>(address.base)) whole = variable->getValueType();
    if (const auto* variable = dyn_cast<AllocaInst>(address.base)) whole = variable->getAllocatedType();
    if (!whole || !isa<ArrayType>(whole)) return std::nullopt;
    if (const auto* shared = dyn_cast<GlobalVariable>(address.base);
        shared && is_dynamic_shared(*shared, layout_))
        return std::nullopt;
    std::vector<std::uint64_t> extents;
    if (declared_element(whole, &extents) != type || extents.size() < 2) return std::nullopt;
    std::string text = base_text(*address.base);
    Address rest = address;
    auto stride = static_cast<std::int64_t>(layout_.getTypeAllocSize(whole).getFixedValue());
    for (const std::uint64_t extent : extents) {
        if (extent == 0) return std::nullopt;
        stride /= static_cast<std::int64_t>(extent);
        Address part;
        part.base = address.base;
        for (auto term = rest.terms.begin(); term != rest.terms.end();)
            if (term->bytes >= stride && term->bytes % stride == 0) {
                part.terms.push_back(*term);
                term = rest.terms.erase(term);
            } else {
                ++term;
            }
        part.bytes = rest.bytes / stride * stride;
        rest.bytes -= part.bytes;
        text += "[" + index_text(part, stride) + "]";
    }
    if (!rest.terms.empty() || rest.bytes != 0) return std::nullopt;
    return text;
}

// A field of a structure that the kernel takes by value.
std::optional<std::string> OpenClEmitter::field_place(const Address& address, llvm::Type* type) {
    const auto* argument = dyn_cast<llvm::Argument>(address.base);
    if (!argument || !argument->hasByValAttr()) return std::nullopt;
    std::string text = base_text(*argument);
    llvm::Type* at = argument->getParamByValType();
    Address rest = address;
    const bool wants_pointer = type->isPointerTy();
    for (unsigned depth = 0; depth < 16; ++depth) {
        if (rest.bytes < 0) return std::nullopt;
        if (auto* structure = dyn_cast<StructType>(at)) {
            const StructLayout* fields = layout_.getStructLayout(structure);
            if (static_cast<std::uint64_t>(rest.bytes) >= fields->getSizeInBytes()) return std::nullopt;
            const unsigned field = fields->getElementContainingOffset(static_cast<std::uint64_t>(rest.bytes));
            const auto& names = fields_.find(structure);
            if (names == fields_.end() || field >= names->second.size()) return std::nullopt;
            text += "." + names->second[field];
            rest.bytes -= static_cast<std::int64_t>(fields->getElementOffset(field).getFixedValue());
            at = structure->getElementType(field);
            continue;
        }
        if (auto* array = dyn_cast<ArrayType>(at)) {
            const auto stride =
                static_cast<std::int64_t>(layout_.getTypeAllocSize(array->getElementType()).getFixedValue());
            Address part;
            part.base = address.base;
            for (auto term = rest.terms.begin(); term != rest.terms.end();)
                if (term->bytes >= stride && term->bytes % stride == 0) {
                    part.terms.push_back(*term);
                    term = rest.terms.erase(term);
                } else {
                    ++term;
                }
            part.bytes = rest.bytes / stride * stride;
            rest.bytes -= part.bytes;
            text += "[" + index_text(part, stride) + "]";
            at = array->getElementType();
            continue;
        }
        break;
    }
    const bool same = at == type || (wants_pointer && at->isPointerTy());
    if (!same || !rest.terms.empty() || rest.bytes != 0) return std::nullopt;
    return text;
}

// What stands for the `type` at `pointer`, to be read or written.
std::string OpenClEmitter::place_text(const Value& pointer, llvm::Type* type, bool with_sign,
                                      const Instruction& at) {
    const Address address = address_of(pointer);
    const Space space = space_at(*address.base, at);
    if (const auto field = field_place(address, type)) return *field;
    const auto size = static_cast<std::int64_t>(layout_.getTypeStoreSize(type).getFixedValue());
    const Element element = element_of(*address.base);
    const bool divides = address.bytes % size == 0 &&
                         std::all_of(address.terms.begin(), address.terms.end(),
                                     [&](const Address::Term& term) { return term.bytes % size == 0; });
    const auto* argument = dyn_cast<llvm::Argument>(address.base);
    const bool is_structure = argument && argument->hasByValAttr();
    const auto* shared = dyn_cast<GlobalVariable>(address.base);
    const bool is_dynamic = shared && is_dynamic_shared(*shared, layout_);
    const bool is_block = isa<CallInst>(address.base) && base_text(*address.base) == "globals";
    const bool is_same = element.type == type && !is_structure && !is_block &&
                         (!type->isIntegerTy() || element.is_signed == with_sign);
    const std::string name = space_name(space);
    const auto to = [&] {
        return "(" + name + (name.empty() ? "" : " ") + aliased_name(type, with_sign) + "*)";
    };
    if (is_same && divides) {
        if (const auto place = array_place(address, type)) return *place;
        llvm::Type* declared = nullptr;
        if (shared && !is_dynamic) declared = shared->getValueType();
        if (const auto* variable = dyn_cast<AllocaInst>(address.base))
            declared = variable->getAllocatedType();
        std::vector<std::uint64_t> extents;
        if (declared) innermost(declared, &extents);
        if (declared && extents.empty() && address.terms.empty() && address.bytes == 0)
            return base_text(*address.base);
        if (declared && extents.size() != 1)
            return "((" + name + (name.empty() ? "" : " ") + aliased_name(type, with_sign) + "*)" +
                   (extents.empty() ? "&" : "") + base_text(*address.base) + ")[" +
                   index_text(address, size) + "]";
        if (!declared && address.terms.empty() && address.bytes == 0 && !is_dynamic)
            return "*" + base_text(*address.base);
        return base_text(*address.base) + "[" + index_text(address, size) + "]";
    }
    if (divides && !is_structure && !is_block && !(address.terms.empty() && address.bytes == 0)) {
        std::string base = base_text(*address.base);
        llvm::Type* declared = nullptr;
        if (const auto* variable = dyn_cast<AllocaInst>(address.base))
            declared = variable->getAllocatedType();
        if (shared && !is_dynamic) declared = shared->getValueType();
        if (declared && is_scalar(declared_element(declared)) && !isa<ArrayType>(declared)) base = "&" + base;
        return "(" + to() + base + ")[" + index_text(address, size) + "]";
    }
    const std::string bytes = bytes_text(address, space);
    const bool is_plain = bytes.find(' ') == std::string::npos;
    if (address.terms.empty() && address.bytes == 0) {
        std::string base = base_text(*address.base);
        llvm::Type* declared = nullptr;
        if (const auto* variable = dyn_cast<AllocaInst>(address.base))
            declared = variable->getAllocatedType();
        if (shared && !is_dynamic) declared = shared->getValueType();
        if (is_structure || (declared && is_scalar(declared_element(declared)) && !isa<ArrayType>(declared)))
            base = "&" + base;
        return "*" + to() + base;
    }
    return "*" + to() + (is_plain ? bytes : "(" + bytes + ")");
}

std::string OpenClEmitter::pointer_to(const Value& value, llvm::Type* type, bool with_sign,
                                      const Instruction& at) {
    if (isa<ConstantPointerNull>(value) || isa<UndefValue>(value)) return "0";
    const Address address = address_of(value);
    const Space space = space_at(*address.base, at);
    if (address.terms.empty() && address.bytes == 0) {
        const Element element = element_of(*address.base);
        const auto* argument = dyn_cast<llvm::Argument>(address.base);
        const bool is_structure = argument && argument->hasByValAttr();
        llvm::Type* declared = nullptr;
        if (const auto* variable = dyn_cast<AllocaInst>(address.base))
            declared = variable->getAllocatedType();
        if (const auto* shared = dyn_cast<GlobalVariable>(address.base);
            shared && !is_dynamic_shared(*shared, layout_))
            declared = shared->getValueType();
        std::vector<std::uint64_t> extents;
        if (declared) innermost(declared, &extents);
        const bool is_block = base_text(*address.base) == "globals";
        const bool is_same = element.type == type && !is_structure &&
                             (!type->isIntegerTy() || element.is_signed == with_sign) &&
                             (!declared || extents.size() <= 1) &&
                             (!is_block || (type->isIntegerTy(8) && !with_sign));
        const bool needs_address =
            is_structure || (declared && extents.empty() && is_scalar(declared_element(declared)));
        const std::string base = (needs_address ? "&" : "") + base_text(*address.base);
        if (is_same) return base;
        const std::string name = space_name(space);
        return "(" + name + (name.empty() ? "" : " ") + aliased_name(type, with_sign) + "*)" + base;
    }
    const std::string place = place_text(value, type, with_sign, at);
    // &*p is p, and &p[i] is p + i.
    if (place.starts_with('*')) return place.substr(1);
    if (place.ends_with(']')) {
        int depth = 0;
        std::size_t open = place.size();
        while (open-- > 0) {
            depth += place[open] == ']' ? 1 : place[open] == '[' ? -1 : 0;
            if (depth == 0) break;
        }
        const std::string base = place.substr(0, open),
                          index = place.substr(open + 1, place.size() - open - 2);
        if (!base.ends_with(']')) {
            if (index.starts_with('-') && address.terms.empty()) return base + " - " + index.substr(1);
            const bool is_simple = index.find(' ') == std::string::npos && !index.starts_with('-');
            return base + " + " + (is_simple ? index : "(" + index + ")");
        }
    }
    return "&" + place;
}

// A pointer of which only the run time knows where it points: its memory in the two highest bits.
std::string OpenClEmitter::generic_text(const Value& value) {
    if (isa<ConstantPointerNull>(value) || isa<UndefValue>(value)) return "0";
    const Value& base = without_casts(value);
    const Space space = spaces_.of(&value);
    llvm::Type* byte = llvm::Type::getInt8Ty(kernel_.getContext());
    const Instruction& at = kernel_.getEntryBlock().front();
    if (space == Space::generic) {
        const Address address = address_of(base);
        std::string start;
        const auto* instruction = dyn_cast<Instruction>(address.base);
        if (spaces_.of(address.base) != Space::generic)
            start = generic_text(*address.base);
        else if (instruction && (is_folded(instruction) || instruction == defined_))
            start = build(*instruction).text;
        else
            start = variable(address.base);
        if (address.terms.empty() && address.bytes == 0) return start;
        return "(" + start + ") + (long)(" + index_text(address, 1) + ")";
    }
    const std::string place = pointer_to(base, byte, false, at);
    const std::string number = "(ulong)(" + place + ")";
    if (space == Space::shared) return "(" + number + " | 1ul << 62)";
    if (space == Space::private_) return "(" + number + " | 2ul << 62)";
    return number;
}

OpenClEmitter::Expression OpenClEmitter::pointer(const Value& value) {
    const Type type{Type::Kind::pointer, 64, false};
    if (isa<ConstantPointerNull>(value) || isa<UndefValue>(value)) return {"0", 16, type};
    if (spaces_.of(&value) == Space::generic) return {generic_text(value), 12, type};
    const Address address = address_of(value);
    const Instruction& at =
        isa<Instruction>(value) ? *cast<Instruction>(&value) : kernel_.getEntryBlock().front();
    const Element element = element_of(*address.base);
    const std::string text = pointer_to(value, element.type, element.is_signed, at);
    const bool is_name = text.find_first_of(" (&*-") == std::string::npos;
    return {text, is_name ? 16 : text.starts_with('(') || text.starts_with('&') ? 14 : 12, type};
}

}  // namespace heddle::compiler
