// Walks a module and compares every function, call and operand with the subset that Kernel IR allows.
#include "lowering/verify.h"

#include <llvm/ADT/StringSet.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

namespace heddle::compiler {
namespace {

template <class T>
std::string printed(const T& value) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    value.print(stream);
    return text;
}

bool is_allowed_intrinsic(llvm::Intrinsic::ID id) {
    switch (id) {
        case llvm::Intrinsic::fma:
        case llvm::Intrinsic::fmuladd:
        case llvm::Intrinsic::sqrt:
        case llvm::Intrinsic::fabs:
        case llvm::Intrinsic::floor:
        case llvm::Intrinsic::ceil:
        case llvm::Intrinsic::trunc:
        case llvm::Intrinsic::rint:
        case llvm::Intrinsic::nearbyint:
        case llvm::Intrinsic::round:
        case llvm::Intrinsic::roundeven:
        case llvm::Intrinsic::copysign:
        case llvm::Intrinsic::minnum:
        case llvm::Intrinsic::maxnum:
        case llvm::Intrinsic::minimum:
        case llvm::Intrinsic::maximum:
        case llvm::Intrinsic::ctpop:
        case llvm::Intrinsic::ctlz:
        case llvm::Intrinsic::cttz:
        case llvm::Intrinsic::bitreverse:
        case llvm::Intrinsic::bswap:
        case llvm::Intrinsic::fshl:
        case llvm::Intrinsic::fshr:
        case llvm::Intrinsic::abs:
        case llvm::Intrinsic::smin:
        case llvm::Intrinsic::smax:
        case llvm::Intrinsic::umin:
        case llvm::Intrinsic::umax:
        case llvm::Intrinsic::uadd_sat:
        case llvm::Intrinsic::usub_sat:
        case llvm::Intrinsic::sadd_sat:
        case llvm::Intrinsic::ssub_sat:
        case llvm::Intrinsic::ushl_sat:
        case llvm::Intrinsic::sshl_sat:
        case llvm::Intrinsic::uadd_with_overflow:
        case llvm::Intrinsic::usub_with_overflow:
        case llvm::Intrinsic::umul_with_overflow:
        case llvm::Intrinsic::sadd_with_overflow:
        case llvm::Intrinsic::ssub_with_overflow:
        case llvm::Intrinsic::smul_with_overflow:
        case llvm::Intrinsic::ucmp:
        case llvm::Intrinsic::scmp:
        case llvm::Intrinsic::fptosi_sat:
        case llvm::Intrinsic::fptoui_sat:
        case llvm::Intrinsic::is_fpclass:
        case llvm::Intrinsic::canonicalize:
            return true;
        default:
            return false;
    }
}

std::string check_call(const llvm::CallBase& call) {
    if (call.isInlineAsm()) return "inline assembly";
    const auto* callee = call.getCalledFunction();
    if (!callee) return "an indirect call";
    if (!llvm::isa<llvm::CallInst>(call)) return "a call that can throw";
    if (callee->isIntrinsic())
        return is_allowed_intrinsic(callee->getIntrinsicID()) ? ""
                                                              : "the intrinsic " + callee->getName().str();
    if (!callee->isDeclaration()) return "a call of the defined function " + callee->getName().str();
    if (callee->getName().starts_with("heddle.") || callee->getName() == "vprintf") return "";
    return "a call of the unknown function " + callee->getName().str();
}

std::string check_instruction(const llvm::Instruction& instruction) {
    for (const auto& operand : instruction.operands())
        if (const auto* expression = llvm::dyn_cast<llvm::ConstantExpr>(operand);
            expression && expression->getOpcode() != llvm::Instruction::IntToPtr)
            return "a constant expression";
    if (const auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction)) return check_call(*call);
    switch (instruction.getOpcode()) {
        case llvm::Instruction::Switch:
            return "a switch";
        case llvm::Instruction::IndirectBr:
            return "a computed jump";
        case llvm::Instruction::FRem:
            return "frem";
        case llvm::Instruction::FPToSI:
        case llvm::Instruction::FPToUI:
            return "";
        case llvm::Instruction::VAArg:
            return "a variable argument";
        case llvm::Instruction::Fence:
            return "a fence";
        default:
            return "";
    }
}

}  // namespace

std::string verify_kernel_ir(const llvm::Module& module) {
    std::string broken;
    llvm::raw_string_ostream stream(broken);
    if (llvm::verifyModule(module, &stream)) return "not valid LLVM IR: " + broken;
    for (const auto& variable : module.globals())
        if (variable.getAddressSpace() != 3) return "variable outside shared memory: " + printed(variable);
    for (const auto& function : module) {
        if (function.isDeclaration()) continue;
        if (function.getCallingConv() != llvm::CallingConv::PTX_Kernel)
            return "function that is not a kernel: " + function.getName().str();
        for (const auto& instruction : llvm::instructions(function))
            if (const std::string problem = check_instruction(instruction); !problem.empty())
                return "in kernel " + function.getName().str() + ": " + problem + ":" + printed(instruction);
    }
    return {};
}

}  // namespace heddle::compiler
