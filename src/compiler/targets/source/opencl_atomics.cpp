// Atomic operations in OpenCL C: its own functions for 32 and 64 bits, loops of compare-and-exchange for the
// others.
#include <llvm/IR/Instructions.h>

#include "../unsupported.h"
#include "opencl_emitter.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// OpenCL's function without its prefix; empty when there is none.
std::string own_function(AtomicRMWInst::BinOp operation) {
    switch (operation) {
        case AtomicRMWInst::Add:
            return "add";
        case AtomicRMWInst::Sub:
            return "sub";
        case AtomicRMWInst::And:
            return "and";
        case AtomicRMWInst::Or:
            return "or";
        case AtomicRMWInst::Xor:
            return "xor";
        case AtomicRMWInst::Xchg:
            return "xchg";
        case AtomicRMWInst::Min:
        case AtomicRMWInst::UMin:
            return "min";
        case AtomicRMWInst::Max:
        case AtomicRMWInst::UMax:
            return "max";
        default:
            return {};
    }
}

std::string loop_operation(AtomicRMWInst::BinOp operation) {
    switch (operation) {
        case AtomicRMWInst::Xchg:
            return "exchange";
        case AtomicRMWInst::Add:
        case AtomicRMWInst::FAdd:
            return "add";
        case AtomicRMWInst::Sub:
        case AtomicRMWInst::FSub:
            return "sub";
        case AtomicRMWInst::And:
            return "and";
        case AtomicRMWInst::Nand:
            return "nand";
        case AtomicRMWInst::Or:
            return "or";
        case AtomicRMWInst::Xor:
            return "xor";
        case AtomicRMWInst::Max:
        case AtomicRMWInst::UMax:
            return "max";
        case AtomicRMWInst::Min:
        case AtomicRMWInst::UMin:
            return "min";
        case AtomicRMWInst::FMax:
            return "fmax";
        case AtomicRMWInst::FMin:
            return "fmin";
        case AtomicRMWInst::UIncWrap:
            return "increment";
        case AtomicRMWInst::UDecWrap:
            return "decrement";
        default:
            return {};
    }
}

}  // namespace

void OpenClEmitter::emit_atomic(const AtomicRMWInst& atomic) {
    llvm::Type* type = atomic.getType();
    const Value& place = *atomic.getPointerOperand();
    const AtomicRMWInst::BinOp operation = atomic.getOperation();
    const bool is_signed_operation = operation == AtomicRMWInst::Min || operation == AtomicRMWInst::Max;
    const bool is_unsigned_operation = operation == AtomicRMWInst::UMin || operation == AtomicRMWInst::UMax ||
                                       operation == AtomicRMWInst::UIncWrap ||
                                       operation == AtomicRMWInst::UDecWrap;
    if (type->isHalfTy() || type->isVectorTy() || type->isPointerTy())
        throw Unsupported(atomic, "an atomic operation on this type is not supported");
    if (spaces_.of(&place) == Space::private_) {
        // Nobody else sees it.
        throw Unsupported(atomic, "an atomic operation on private memory is not supported");
    }
    const std::string space = space_name(space_at(place, atomic));
    if (type->isFloatingPointTy()) {
        if (type->isDoubleTy()) helpers_.uses_double = helpers_.uses_int64_atomics = true;
        const std::string value = expression(*atomic.getValOperand()).text;
        const std::string where = pointer_to(place, type, true, atomic);
        if (operation == AtomicRMWInst::Xchg && type->isFloatTy())
            return assign(atomic, "atomic_xchg(" + where + ", " + value + ")");
        const std::string kind = loop_operation(operation);
        if (kind.empty()) throw Unsupported(atomic, "this atomic operation is not supported");
        return assign(atomic, helpers_.use("atomic_{K}_{T}_{space}", kind,
                                           type->isDoubleTy() ? "double" : "float", space) +
                                  "(" + where + ", " + value + ")");
    }
    const unsigned bits = type->getIntegerBitWidth();
    const Element element = element_of(*address_of(place).base);
    bool with_sign = is_signed_operation || (!is_unsigned_operation && is_signed(atomic));
    if (!is_signed_operation && !is_unsigned_operation && element.type == type) with_sign = element.is_signed;
    if (bits != container_bits(bits))
        throw Unsupported(atomic, "an atomic operation of this width is not supported");
    if (bits < 32) with_sign = is_signed_operation;
    const std::string name = type_name({Type::Kind::integer, bits, with_sign});
    const std::string where = pointer_to(place, type, with_sign, atomic);
    const std::string value = integer(*atomic.getValOperand(), with_sign, bits == 64).text;
    if (bits < 32) {
        const std::string kind = loop_operation(operation);
        if (kind.empty()) throw Unsupported(atomic, "this atomic operation is not supported");
        return assign(atomic, helpers_.use("atomic_{K}_small_{T}_{space}", kind, name, space) + "(" + where +
                                  ", " + value + ")");
    }
    if (bits == 64) helpers_.uses_int64_atomics = true;
    if (const std::string function = own_function(operation); !function.empty())
        return assign(atomic, std::string(bits == 64 ? "atom_" : "atomic_") + function + "(" + where + ", " +
                                  value + ")");
    const std::string kind = loop_operation(operation);
    if (kind.empty()) throw Unsupported(atomic, "this atomic operation is not supported");
    assign(atomic,
           helpers_.use("atomic_{K}_{T}_{space}", kind, name, space) + "(" + where + ", " + value + ")");
}

void OpenClEmitter::emit_compare_exchange(const AtomicCmpXchgInst& atomic) {
    llvm::Type* type = atomic.getCompareOperand()->getType();
    const Value& place = *atomic.getPointerOperand();
    if (!type->isIntegerTy())
        throw Unsupported(atomic, "a compare-and-exchange of this type is not supported");
    const unsigned bits = type->getIntegerBitWidth();
    if (bits != container_bits(bits))
        throw Unsupported(atomic, "a compare-and-exchange of this width is not supported");
    const std::string space = space_name(space_at(place, atomic));
    const Element element = element_of(*address_of(place).base);
    const bool with_sign = bits >= 32 && element.type == type && element.is_signed;
    const std::string where = pointer_to(place, type, with_sign, atomic);
    const std::string arguments = "(" + where + ", " + integer(*atomic.getCompareOperand(), with_sign).text +
                                  ", " + integer(*atomic.getNewValOperand(), with_sign).text + ")";
    if (bits < 32)
        return assign(
            atomic, helpers_.use("compare_exchange_{T}_{space}", "", bits == 8 ? "uchar" : "ushort", space) +
                        arguments);
    if (bits == 64) helpers_.uses_int64_atomics = true;
    assign(atomic, std::string(bits == 64 ? "atom_cmpxchg" : "atomic_cmpxchg") + arguments);
}

}  // namespace heddle::compiler
