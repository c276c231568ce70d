// Links the functions that a module calls out of the embedded library, and inlines them.
#include "device_maths/device_maths.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/PatternMatch.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "device_maths/embedded_library.h"

namespace heddle::compiler {
namespace {

/// Calls of functions of more instructions than this cost less than their code once more.
constexpr unsigned large = 100;

bool is_maths(const llvm::Function& function) {
    const llvm::StringRef name = function.getName();
    return function.isDeclaration() && name.starts_with("heddle.") &&
           (name.ends_with(".f32") || name.ends_with(".f64"));
}

std::string library_name(llvm::StringRef name) {
    std::string result = name.str();
    std::replace(result.begin(), result.end(), '.', '_');
    return result;
}

/// Read as far as its functions' declarations; the linker reads the bodies it takes.
std::unique_ptr<llvm::Module> open_library(llvm::Module& user) {
    const std::string_view bitcode = device_maths_bitcode();
    auto library = llvm::getLazyBitcodeModule(
        llvm::MemoryBufferRef({bitcode.data(), bitcode.size()}, "device-maths"), user.getContext());
    if (!library)
        throw std::runtime_error("the device maths library cannot be read: " +
                                 llvm::toString(library.takeError()));
    if (llvm::Error error = (*library)->materializeMetadata())
        throw std::runtime_error("the device maths library cannot be read: " +
                                 llvm::toString(std::move(error)));
    // What Clang notes about itself and about its target is not the kernels' business.
    for (const char* name : {"llvm.module.flags", "llvm.ident"})
        if (llvm::NamedMDNode* node = (*library)->getNamedMetadata(name)) node->eraseFromParent();
    (*library)->setTargetTriple(user.getTargetTriple());
    (*library)->setDataLayout(user.getDataLayout());
    return std::move(*library);
}

/// Only what the code itself says; Clang's attributes name a processor.
void describe(llvm::Function& function) {
    function.setAttributes({});
    function.setDoesNotThrow();
    function.setDoesNotAccessMemory();
    function.setWillReturn();
    function.setNoSync();
    function.setDoesNotFreeMemory();
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    function.setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
}

void inline_calls(llvm::Function& function) {
    // The library's code has no locations of its own: each copy takes those of its call.
    for (llvm::User* user : llvm::make_early_inc_range(function.users())) {
        auto* call = llvm::dyn_cast<llvm::CallBase>(user);
        if (!call || call->getCalledOperand() != &function) continue;
        llvm::InlineFunctionInfo information;
        const llvm::InlineResult result = llvm::InlineFunction(*call, information);
        if (!result.isSuccess())
            throw std::runtime_error("LLVM does not inline " + function.getName().str() + ": " +
                                     result.getFailureReason());
    }
}

// Many functions begin with the absolute value of their argument. A factor's sign is nothing to it: f(c x)
// and f(-c x) then have nearly all of their work in common.
void drop_signs_under_absolute_values(llvm::Function& function) {
    using namespace llvm::PatternMatch;
    for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(function))) {
        llvm::Value *operand = nullptr, *factor = nullptr;
        const llvm::APFloat* constant = nullptr;
        if (!match(&instruction, m_FAbs(m_Value(operand)))) continue;
        if (match(operand, m_FNeg(m_Value(factor)))) {
            instruction.setOperand(0, factor);
        } else if (match(operand, m_FMul(m_Value(factor), m_APFloat(constant))) && constant->isNegative()) {
            llvm::IRBuilder<> b(&instruction);
            llvm::Value* product = b.CreateFMul(
                factor, llvm::ConstantFP::get(operand->getType(), llvm::abs(*constant)), operand->getName());
            if (auto* made = llvm::dyn_cast<llvm::Instruction>(product))
                made->copyIRFlags(llvm::cast<llvm::Instruction>(operand));
            instruction.setOperand(0, product);
        }
    }
}

// What several calls compute alike is computed once.
void share_work(llvm::Module& module) {
    llvm::PassBuilder builder;
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager components;
    llvm::ModuleAnalysisManager modules;
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    for (llvm::Function& function : module) {
        if (function.isDeclaration()) continue;
        drop_signs_under_absolute_values(function);
        llvm::EarlyCSEPass().run(function, functions);
    }
}

}  // namespace

std::vector<std::string> link_device_maths(llvm::Module& kernel_ir, MathsCalls calls) {
    std::vector<llvm::Function*> wanted;
    for (llvm::Function& function : kernel_ir)
        if (is_maths(function) && !function.use_empty()) wanted.push_back(&function);
    std::vector<std::string> unknown, linked;
    if (wanted.empty()) return unknown;

    std::unique_ptr<llvm::Module> library = open_library(kernel_ir);
    for (llvm::Function* function : wanted) {
        std::string name = library_name(function->getName());
        const llvm::Function* found = library->getFunction(name);
        if (!found || found->getFunctionType() != function->getFunctionType()) {
            unknown.push_back(function->getName().str());
            continue;
        }
        function->setName(name);
        linked.push_back(std::move(name));
    }
    std::sort(unknown.begin(), unknown.end());
    if (llvm::Linker::linkModules(kernel_ir, std::move(library), llvm::Linker::LinkOnlyNeeded))
        throw std::runtime_error("LLVM cannot link the device maths library");

    for (const std::string& name : linked) {
        llvm::Function& function = *kernel_ir.getFunction(name);
        describe(function);
        if (calls == MathsCalls::inlined || function.getInstructionCount() <= large || function.hasOneUse())
            inline_calls(function);
        if (function.use_empty())
            function.eraseFromParent();
        else
            function.setName("maths" +
                             name.substr(name.find('_')));  // the library's name is for the next time
    }
    if (!linked.empty()) share_work(kernel_ir);
    return unknown;
}

}  // namespace heddle::compiler
