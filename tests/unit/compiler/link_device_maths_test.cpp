// What link_device_maths() leaves behind: code in place of every call of a function that the library has,
// valid, of the call's type alone, with the call's location; everything else untouched.
#include <gtest/gtest.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <string>

#include "backends/cpu/math_names.h"
#include "compiler/device_maths/device_maths.h"
#include "compiler/lowering/verify.h"

namespace heddle::compiler {
namespace {

constexpr const char* layout =
    "target datalayout = \"e-i64:64-i128:128-v16:16-v32:32-n16:32:64\"\n"
    "target triple = \"nvptx64-nvidia-cuda\"\n";

std::unique_ptr<llvm::Module> parsed(llvm::LLVMContext& context, const std::string& text) {
    llvm::SMDiagnostic error;
    auto module = llvm::parseAssemblyString(layout + text, error, context);
    EXPECT_TRUE(module) << error.getMessage().str() << "\n" << text;
    return module;
}

// The functions of Kernel IR of one type, with their signatures.
struct Signature {
    std::string name, result, parameters, arguments;
};
std::vector<Signature> signatures(const std::string& suffix, const std::string& type) {
    std::vector<Signature> all;
    for (const cpu::MathName& f : cpu::math_names) {
        const std::string name = "heddle." + std::string(f.name) + suffix;
        if (suffix == ".f64" && !f.has_f64) continue;
        switch (f.shape) {
            case cpu::MathShape::unary:
                all.push_back({name, type, type, type + " %x"});
                break;
            case cpu::MathShape::binary:
                all.push_back({name, type, type + ", " + type, type + " %x, " + type + " %y"});
                break;
            case cpu::MathShape::integer_first:
                all.push_back({name, type, "i32, " + type, "i32 %n, " + type + " %x"});
                break;
            case cpu::MathShape::integer_second:
                all.push_back({name, type, type + ", i32", type + " %x, i32 %n"});
                break;
            case cpu::MathShape::integer_result:
                all.push_back({name, "i32", type, type + " %x"});
                break;
            case cpu::MathShape::ternary:
                break;  // fma: LLVM's own
        }
    }
    return all;
}

// One kernel for each function.
std::string kernels_of_all(const std::string& suffix, const std::string& type) {
    std::string text;
    int count = 0;
    for (const Signature& s : signatures(suffix, type)) {
        text += "declare " + s.result + " @" + s.name + "(" + s.parameters + ")\n";
        text += "define ptx_kernel void @k" + std::to_string(count++) + "(ptr addrspace(1) %out, " + type +
                " %x, " + type + " %y, i32 %n) {\n  %r = call " + s.result + " @" + s.name + "(" +
                s.arguments + ")\n  store " + s.result + " %r, ptr addrspace(1) %out\n  ret void\n}\n";
    }
    return text;
}

void expect_valid(const llvm::Module& module) {
    std::string problems;
    llvm::raw_string_ostream stream(problems);
    EXPECT_FALSE(llvm::verifyModule(module, &stream)) << problems;
}

TEST(LinkDeviceMaths, HasEveryFunctionOfKernelIr) {
    for (const auto& [suffix, type] : {std::pair{".f32", "float"}, std::pair{".f64", "double"}}) {
        llvm::LLVMContext context;
        const auto module = parsed(context, kernels_of_all(suffix, type));
        ASSERT_TRUE(module);
        EXPECT_EQ(link_device_maths(*module), std::vector<std::string>{});
        expect_valid(*module);
        EXPECT_EQ(verify_kernel_ir(*module), "");
        EXPECT_TRUE(module->global_empty());
        EXPECT_EQ(module->getModuleFlagsMetadata(), nullptr);
        for (const llvm::Function& function : *module) {
            if (function.isDeclaration())
                EXPECT_TRUE(function.isIntrinsic()) << function.getName().str();
            else
                EXPECT_TRUE(function.getName().starts_with("k")) << function.getName().str();
            for (const llvm::Instruction& instruction : llvm::instructions(function)) {
                EXPECT_FALSE(llvm::isa<llvm::AllocaInst>(instruction) ||
                             llvm::isa<llvm::LoadInst>(instruction) ||
                             llvm::isa<llvm::SwitchInst>(instruction))
                    << function.getName().str();
                if (type != std::string("float")) continue;
                EXPECT_FALSE(instruction.getType()->isDoubleTy()) << function.getName().str();
                for (const llvm::Use& operand : instruction.operands())
                    EXPECT_FALSE(operand->getType()->isDoubleTy()) << function.getName().str();
            }
        }
    }
}

// NVPTX's code generator needs no function of anybody else for them.
TEST(LinkDeviceMaths, BecomesPtxWithoutCalls) {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    llvm::LLVMContext context;
    for (const auto& [suffix, type] : {std::pair{".f32", "float"}, std::pair{".f64", "double"}}) {
        const auto module = parsed(context, kernels_of_all(suffix, type));
        ASSERT_TRUE(module);
        link_device_maths(*module);
        std::string error;
        const auto* target = llvm::TargetRegistry::lookupTarget(module->getTargetTriple(), error);
        ASSERT_NE(target, nullptr) << error;
        const std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
            module->getTargetTriple(), "sm_70", "+ptx64", llvm::TargetOptions{}, std::nullopt));
        llvm::SmallString<0> ptx;
        llvm::raw_svector_ostream stream(ptx);
        llvm::legacy::PassManager passes;
        ASSERT_FALSE(
            machine->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::AssemblyFile));
        passes.run(*module);
        const llvm::StringRef text = ptx.str();
        EXPECT_TRUE(text.contains(".entry"));
        EXPECT_FALSE(text.contains(".func"));
        EXPECT_FALSE(text.contains("call"));
    }
}

TEST(LinkDeviceMaths, ListsWhatItDoesNotKnowAndLeavesIt) {
    llvm::LLVMContext context;
    const auto module = parsed(context, R"(
declare float @heddle.unheard.f32(float)
declare float @heddle.another.f32(float)
declare double @heddle.sin.f32(double)
declare float @heddle.cos.f32(float)
declare i32 @heddle.lane()
define ptx_kernel void @k(ptr addrspace(1) %out, float %x, double %d) {
  %lane = call i32 @heddle.lane()
  %a = call float @heddle.unheard.f32(float %x)
  %b = call float @heddle.another.f32(float %a)
  %c = call double @heddle.sin.f32(double %d)
  %e = call float @heddle.cos.f32(float %b)
  store float %e, ptr addrspace(1) %out
  store double %c, ptr addrspace(1) %out
  store i32 %lane, ptr addrspace(1) %out
  ret void
}
)");
    ASSERT_TRUE(module);
    EXPECT_EQ(link_device_maths(*module),
              (std::vector<std::string>{"heddle.another.f32", "heddle.sin.f32", "heddle.unheard.f32"}));
    expect_valid(*module);
    EXPECT_NE(module->getFunction("heddle.unheard.f32"), nullptr);
    EXPECT_NE(module->getFunction("heddle.lane"), nullptr);
    EXPECT_EQ(module->getFunction("heddle.cos.f32"), nullptr);
    EXPECT_EQ(module->getFunction("heddle_cos_f32"), nullptr);
}

// erfc(c x) and erfc(-c x) differ in their last steps only.
TEST(LinkDeviceMaths, ComputesOnceWhatTheSignOfAnArgumentDoesNotChange) {
    const auto divisions = [](const char* factor) {
        llvm::LLVMContext context;
        const auto module = parsed(context, std::string(R"(
declare float @heddle.erfc.f32(float)
define ptx_kernel void @k(ptr addrspace(1) %out, float %x) {
  %p = fmul float %x, 0.5
  %n = fmul float %x, )") + factor + R"(
  %a = call float @heddle.erfc.f32(float %p)
  %b = call float @heddle.erfc.f32(float %n)
  %c = fsub float %a, %b
  store float %c, ptr addrspace(1) %out
  ret void
}
)");
        EXPECT_TRUE(module);
        if (!module) return 0;
        link_device_maths(*module);
        expect_valid(*module);
        int count = 0;
        for (const llvm::Instruction& instruction : llvm::instructions(*module->getFunction("k")))
            if (instruction.getOpcode() == llvm::Instruction::FDiv) ++count;
        return count;
    };
    EXPECT_EQ(divisions("-0.5"), divisions("0.25") / 2);
    EXPECT_GT(divisions("-0.5"), 0);
}

TEST(LinkDeviceMaths, LeavesAModuleWithoutMathsAsItIs) {
    llvm::LLVMContext context;
    const auto module = parsed(context, R"(
declare float @llvm.sqrt.f32(float)
define ptx_kernel void @k(ptr addrspace(1) %out, float %x) {
  %a = call float @llvm.sqrt.f32(float %x)
  store float %a, ptr addrspace(1) %out
  ret void
}
)");
    ASSERT_TRUE(module);
    std::string before, after;
    llvm::raw_string_ostream(before) << *module;
    EXPECT_TRUE(link_device_maths(*module).empty());
    llvm::raw_string_ostream(after) << *module;
    EXPECT_EQ(before, after);
}

constexpr const char* two_calls = R"(
declare float @heddle.tgamma.f32(float)
declare float @heddle.fast.exp.f32(float)
define ptx_kernel void @k(ptr addrspace(1) %out, float %x) {
  %a = call float @heddle.tgamma.f32(float %x)
  %b = call float @heddle.tgamma.f32(float %a)
  %c = call float @heddle.fast.exp.f32(float %b)
  store float %c, ptr addrspace(1) %out
  ret void
}
)";

TEST(LinkDeviceMaths, KeepsCallsOfLargeFunctionsWhenAsked) {
    llvm::LLVMContext context;
    const auto module = parsed(context, two_calls);
    ASSERT_TRUE(module);
    EXPECT_TRUE(link_device_maths(*module, MathsCalls::kept_for_large).empty());
    expect_valid(*module);
    const llvm::Function* large = module->getFunction("maths_tgamma_f32");
    ASSERT_NE(large, nullptr);
    EXPECT_FALSE(large->isDeclaration());
    EXPECT_TRUE(large->hasInternalLinkage());
    EXPECT_TRUE(large->doesNotAccessMemory());
    EXPECT_FALSE(large->hasFnAttribute("target-cpu"));
    EXPECT_EQ(large->getNumUses(), 2u);
    EXPECT_EQ(module->getFunction("maths_fast_exp_f32"), nullptr);  // small
    EXPECT_EQ(module->getFunction("heddle_fast_exp_f32"), nullptr);
}

// What is kept from one time does not disturb the next.
TEST(LinkDeviceMaths, CanBeRepeated) {
    llvm::LLVMContext context;
    const auto module = parsed(context, two_calls);
    ASSERT_TRUE(module);
    EXPECT_TRUE(link_device_maths(*module, MathsCalls::kept_for_large).empty());
    llvm::Instruction* end = module->getFunction("k")->getEntryBlock().getTerminator();
    llvm::Type* type = llvm::Type::getFloatTy(context);
    const auto callee = module->getOrInsertFunction("heddle.tgamma.f32", type, type);
    llvm::CallInst::Create(callee, {module->getFunction("k")->getArg(1)}, "", end->getIterator());
    EXPECT_TRUE(link_device_maths(*module).empty());
    expect_valid(*module);
    EXPECT_EQ(module->getFunction("maths_tgamma_f32")->getNumUses(), 2u);
    for (const llvm::Function& function : *module)
        EXPECT_TRUE(!function.isDeclaration() || function.isIntrinsic()) << function.getName().str();
}

TEST(LinkDeviceMaths, GivesInlinedCodeTheLocationOfItsCall) {
    llvm::LLVMContext context;
    const auto module = parsed(context, R"(
declare float @heddle.sin.f32(float)
define ptx_kernel void @k(ptr addrspace(1) %out, float %x) !dbg !4 {
  %a = call float @heddle.sin.f32(float %x), !dbg !6
  store float %a, ptr addrspace(1) %out, !dbg !7
  ret void, !dbg !7
}
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!3}
!0 = distinct !DICompileUnit(language: DW_LANG_C_plus_plus, file: !1, emissionKind: LineTablesOnly)
!1 = !DIFile(filename: "k.cu", directory: "")
!2 = !{}
!3 = !{i32 2, !"Debug Info Version", i32 3}
!4 = distinct !DISubprogram(name: "k", scope: !1, file: !1, line: 1, type: !5, spFlags: DISPFlagDefinition, unit: !0)
!5 = !DISubroutineType(types: !2)
!6 = !DILocation(line: 17, scope: !4)
!7 = !DILocation(line: 18, scope: !4)
)");
    ASSERT_TRUE(module);
    EXPECT_TRUE(link_device_maths(*module).empty());
    expect_valid(*module);
    unsigned at_call = 0, elsewhere = 0, nowhere = 0;
    for (const llvm::Instruction& instruction : llvm::instructions(*module->getFunction("k"))) {
        if (!instruction.getDebugLoc())
            nowhere += llvm::isa<llvm::PHINode>(instruction) ? 0 : 1;
        else
            ++(instruction.getDebugLoc().getLine() == 17 ? at_call : elsewhere);
    }
    EXPECT_GT(at_call, 20u);
    EXPECT_EQ(elsewhere, 2u);
    EXPECT_EQ(nowhere, 0u);
}

}  // namespace
}  // namespace heddle::compiler
