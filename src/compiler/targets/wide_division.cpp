// One function for each of the four operations, made where it is first needed. Numbers that fit into 64 bits,
// as most do, take the processor's division; others a loop over the quotient's bits.
#include "wide_division.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/IntegerDivision.h>

#include <stdexcept>
#include <string>

#include "unsupported.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

constexpr unsigned half_bits = 64, wide_bits = 128;

bool is_wide(const Type& type) {
    return type.isIntOrIntVectorTy() && type.getScalarSizeInBits() > half_bits;
}

class WideDivision {
  public:
    explicit WideDivision(Module& module)
        : module_(module),
          wide_(Type::getIntNTy(module.getContext(), wide_bits)),
          half_(Type::getIntNTy(module.getContext(), half_bits)) {}

    void replace(BinaryOperator& operation) {
        Type* type = operation.getType();
        if (type->getScalarSizeInBits() > wide_bits)
            throw Unsupported(operation, "a division of more than 128 bits is not supported");
        Function& function = function_for(operation.getOpcode());
        const bool is_signed =
            operation.getOpcode() == Instruction::SDiv || operation.getOpcode() == Instruction::SRem;
        IRBuilder<> b(&operation);
        const auto divide = [&](Value* left, Value* right) -> Value* {
            left = b.CreateIntCast(left, wide_, is_signed);
            right = b.CreateIntCast(right, wide_, is_signed);
            return b.CreateTrunc(b.CreateCall(&function, {left, right}), type->getScalarType());
        };
        Value *left = operation.getOperand(0), *right = operation.getOperand(1), *result = nullptr;
        if (const auto* vector = dyn_cast<FixedVectorType>(type)) {
            result = PoisonValue::get(type);
            for (unsigned lane = 0; lane < vector->getNumElements(); ++lane)
                result = b.CreateInsertElement(
                    result, divide(b.CreateExtractElement(left, lane), b.CreateExtractElement(right, lane)),
                    lane);
        } else {
            result = divide(left, right);
        }
        result->takeName(&operation);
        operation.replaceAllUsesWith(result);
        operation.eraseFromParent();
    }

  private:
    Module& module_;
    Type *wide_, *half_;

    Function& function_for(Instruction::BinaryOps operation) {
        const std::string name = std::string("heddle.wide.") + Instruction::getOpcodeName(operation);
        if (Function* made = module_.getFunction(name)) return *made;
        auto* function = Function::Create(FunctionType::get(wide_, {wide_, wide_}, false),
                                          GlobalValue::InternalLinkage, name, module_);
        function->addFnAttr(Attribute::NoInline);
        function->setDoesNotThrow();
        function->setDoesNotAccessMemory();
        IRBuilder<> b(BasicBlock::Create(module_.getContext(), "entry", function));
        Value *left = function->getArg(0), *right = function->getArg(1);
        switch (operation) {
            case Instruction::UDiv:
            case Instruction::URem:
                divide_unsigned(b, operation, left, right);
                break;
            default:
                divide_signed(b, operation, left, right);
        }
        return *function;
    }

    void divide_unsigned(IRBuilder<>& b, Instruction::BinaryOps operation, Value* left, Value* right) {
        Function* function = b.GetInsertBlock()->getParent();
        BasicBlock *narrow = BasicBlock::Create(module_.getContext(), "narrow", function),
                   *wide = BasicBlock::Create(module_.getContext(), "wide", function);
        Value* high = b.CreateLShr(b.CreateOr(left, right), half_bits);
        b.CreateCondBr(b.CreateAnd(b.CreateIsNull(high), b.CreateIsNotNull(right)), narrow, wide);
        b.SetInsertPoint(narrow);
        b.CreateRet(b.CreateZExt(
            b.CreateBinOp(operation, b.CreateTrunc(left, half_), b.CreateTrunc(right, half_)), wide_));
        b.SetInsertPoint(wide);
        auto* slow = cast<BinaryOperator>(b.Insert(BinaryOperator::Create(operation, left, right)));
        b.CreateRet(slow);
        if (operation == Instruction::UDiv ? !expandDivision(slow) : !expandRemainder(slow))
            throw std::runtime_error("LLVM does not expand a division of 128 bits");
    }

    // By what the unsigned operation makes of the magnitudes: a quotient is negative when the signs differ, a
    // remainder when the dividend is.
    void divide_signed(IRBuilder<>& b, Instruction::BinaryOps operation, Value* left, Value* right) {
        const bool is_quotient = operation == Instruction::SDiv;
        Function& magnitudes = function_for(is_quotient ? Instruction::UDiv : Instruction::URem);
        const auto sign_of = [&](Value* value) { return b.CreateAShr(value, wide_bits - 1); };
        const auto negated_if = [&](Value* value, Value* sign) {
            return b.CreateSub(b.CreateXor(value, sign), sign);
        };
        Value *left_sign = sign_of(left), *right_sign = sign_of(right);
        Value* result =
            b.CreateCall(&magnitudes, {negated_if(left, left_sign), negated_if(right, right_sign)});
        b.CreateRet(negated_if(result, is_quotient ? b.CreateXor(left_sign, right_sign) : left_sign));
    }
};

}  // namespace

void provide_wide_division(Module& module) {
    std::vector<BinaryOperator*> found;
    for (Function& function : module)
        for (Instruction& instruction : instructions(function))
            if (auto* operation = dyn_cast<BinaryOperator>(&instruction);
                operation && operation->isIntDivRem() && is_wide(*operation->getType()))
                found.push_back(operation);
    WideDivision division(module);
    for (BinaryOperator* operation : found) division.replace(*operation);
}

void refuse_wide_conversions(const Function& kernel) {
    for (const Instruction& instruction : instructions(kernel)) {
        const auto refuse = [&](const std::string& what) {
            throw Unsupported(instruction, "'" + what + "' of an integer of 128 bits is not supported");
        };
        switch (instruction.getOpcode()) {
            case Instruction::UIToFP:
            case Instruction::SIToFP:
                if (is_wide(*instruction.getOperand(0)->getType())) refuse(instruction.getOpcodeName());
                break;
            case Instruction::FPToUI:
            case Instruction::FPToSI:
                if (is_wide(*instruction.getType())) refuse(instruction.getOpcodeName());
                break;
            case Instruction::Call:
                if (const auto* call = dyn_cast<IntrinsicInst>(&instruction);
                    call && is_wide(*call->getType()) &&
                    (call->getIntrinsicID() == Intrinsic::fptosi_sat ||
                     call->getIntrinsicID() == Intrinsic::fptoui_sat))
                    refuse(call->getIntrinsicID() == Intrinsic::fptosi_sat ? "fptosi" : "fptoui");
                break;
            default:
                break;
        }
    }
}

}  // namespace heddle::compiler
