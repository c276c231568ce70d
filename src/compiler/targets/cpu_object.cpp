// Optimisation pipeline, code generation and linking for CPU modules.
#include "cpu_object.h"

#include <lld/Common/CommonLinkerContext.h>
#include <lld/Common/Driver.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/ADT/StringSwitch.h>
#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/FileUtilities.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/IPO/AlwaysInliner.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/DeadStoreElimination.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/IndVarSimplify.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/LoopRotation.h>
#include <llvm/Transforms/Scalar/LoopUnrollPass.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimpleLoopUnswitch.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

#include <cstring>
#include <mutex>
#include <stdexcept>

LLD_HAS_DRIVER(elf)

#include "wide_division.h"

namespace heddle::compiler {

using namespace llvm;

std::unique_ptr<TargetMachine> make_target_machine(const CpuVariant& variant) {
    static std::once_flag once;
    std::call_once(once, [] {
        InitializeAllTargetInfos();
        LLVMInitializeX86Target();
        LLVMInitializeX86TargetMC();
        LLVMInitializeX86AsmPrinter();
        LLVMInitializeAArch64Target();
        LLVMInitializeAArch64TargetMC();
        LLVMInitializeAArch64AsmPrinter();
    });
    std::string error;
    const Target* target = TargetRegistry::lookupTarget(variant.triple, error);
    if (!target) throw std::runtime_error("LLVM has no target for " + variant.triple + ": " + error);
    TargetOptions options;
    options.AllowFPOpFusion =
        FPOpFusion::Standard;  // fuses what is marked `contract`, as CUDA's compiler does
    options.UniqueSectionNames = false;
    std::unique_ptr<TargetMachine> machine(
        target->createTargetMachine(variant.triple, variant.cpu, variant.features, options, Reloc::PIC_,
                                    std::nullopt, CodeGenOptLevel::Default));
    if (!machine) throw std::runtime_error("LLVM makes no code for " + variant.triple);
    return machine;
}

namespace {

// LLVM's code generator makes minima and maxima of halves, called as intrinsics or spelled as a comparison
// and a selection, into calls of the C library where the processor has no half arithmetic. Intrinsics are
// computed in float, which gives the same; selections choose between bits, where no minimum is seen.
void expand_half_extrema(Module& module) {
    for (Function& function : module) {
        for (Instruction& instruction : make_early_inc_range(instructions(function))) {
            if (!instruction.getType()->getScalarType()->isHalfTy()) continue;
            IRBuilder<> builder(&instruction);
            Type* half = instruction.getType();
            Value* result = nullptr;
            if (auto* call = dyn_cast<IntrinsicInst>(&instruction)) {
                const Intrinsic::ID id = call->getIntrinsicID();
                if (id != Intrinsic::minnum && id != Intrinsic::maxnum) continue;
                Type* wide = half->getWithNewType(builder.getFloatTy());
                Value* a = builder.CreateFPExt(call->getArgOperand(0), wide);
                Value* b = builder.CreateFPExt(call->getArgOperand(1), wide);
                result = builder.CreateFPTrunc(builder.CreateBinaryIntrinsic(id, a, b, call), half);
            } else if (auto* select = dyn_cast<SelectInst>(&instruction)) {
                if (!isa<FCmpInst>(select->getCondition())) continue;
                Type* bits = half->getWithNewType(builder.getInt16Ty());
                Value* chosen = builder.CreateSelect(select->getCondition(),
                                                     builder.CreateBitCast(select->getTrueValue(), bits),
                                                     builder.CreateBitCast(select->getFalseValue(), bits));
                result = builder.CreateBitCast(chosen, half);
            }
            if (!result) continue;
            result->takeName(&instruction);
            instruction.replaceAllUsesWith(result);
            instruction.eraseFromParent();
        }
    }
}

}  // namespace

void optimise_cpu_module(Module& module, TargetMachine& machine, unsigned lanes) {
#ifndef NDEBUG
    std::string problem;
    raw_string_ostream text(problem);
    if (verifyModule(module, &text))
        throw std::runtime_error("internal: the emitted module is malformed: " + problem);
#endif
    LoopAnalysisManager loops;
    FunctionAnalysisManager functions;
    CGSCCAnalysisManager components;
    ModuleAnalysisManager modules;
    PassBuilder builder(&machine);
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);

    ModulePassManager pipeline;
    {
        // The emitter's slots become registers before bodies are inlined.
        FunctionPassManager early;
        early.addPass(SROAPass(SROAOptions::ModifyCFG));
        early.addPass(EarlyCSEPass(true));
        early.addPass(InstCombinePass());
        early.addPass(SimplifyCFGPass());
        pipeline.addPass(createModuleToFunctionPassAdaptor(std::move(early)));
    }
    pipeline.addPass(AlwaysInlinerPass(true));
    pipeline.addPass(GlobalDCEPass());
    FunctionPassManager late;
    late.addPass(SROAPass(SROAOptions::ModifyCFG));
    late.addPass(EarlyCSEPass(true));
    late.addPass(SimplifyCFGPass());
    late.addPass(InstCombinePass());
    LoopPassManager rotate;
    rotate.addPass(LoopRotatePass());
    rotate.addPass(LICMPass(LICMOptions()));
    if (lanes == 1) rotate.addPass(SimpleLoopUnswitchPass(true));
    late.addPass(createFunctionToLoopPassAdaptor(std::move(rotate), true));
    late.addPass(GVNPass());
    late.addPass(DSEPass());
    late.addPass(InstCombinePass());
    LoopPassManager again;
    again.addPass(IndVarSimplifyPass());
    again.addPass(LICMPass(LICMOptions()));
    late.addPass(createFunctionToLoopPassAdaptor(std::move(again), true));
    if (lanes == 1) late.addPass(LoopUnrollPass());
    late.addPass(ADCEPass());
    late.addPass(SimplifyCFGPass());
    pipeline.addPass(createModuleToFunctionPassAdaptor(std::move(late)));
    pipeline.run(module, modules);
    expand_half_extrema(module);
    provide_wide_division(module);
}

namespace {

void generate(Module& module, TargetMachine& machine, raw_pwrite_stream& out, CodeGenFileType type) {
    legacy::PassManager passes;
    if (machine.addPassesToEmitFile(passes, out, nullptr, type))
        throw std::runtime_error("LLVM cannot write code for " + machine.getTargetTriple().str());
    passes.run(module);
}

// What every process has: the C library's memory functions. Anything else would bind to whatever is loaded.
bool is_always_there(StringRef symbol) {
    return StringSwitch<bool>(symbol)
        .Cases("memcpy", "memset", "memmove", "memcmp", true)
        .Case("_GLOBAL_OFFSET_TABLE_", true)
        .Default(false);
}

void check_symbols(StringRef object) {
    auto file = object::ObjectFile::createObjectFile(MemoryBufferRef(object, "kernels.o"));
    if (!file) throw std::runtime_error("internal: unreadable object: " + llvm::toString(file.takeError()));
    for (const object::SymbolRef& symbol : (*file)->symbols()) {
        const auto flags = cantFail(symbol.getFlags());
        if (!(flags & object::SymbolRef::SF_Undefined)) continue;
        const StringRef name = cantFail(symbol.getName());
        if (!name.empty() && !is_always_there(name))
            throw std::runtime_error("internal: generated code calls '" + name.str() +
                                     "', which nothing provides");
    }
}

}  // namespace

std::string assembly_of(Module& module, TargetMachine& machine) {
    SmallString<0> text;
    raw_svector_ostream out(text);
    generate(module, machine, out, CodeGenFileType::AssemblyFile);
    return text.str().str();
}

std::vector<std::byte> shared_object_of(Module& module, TargetMachine& machine) {
    SmallString<0> object;
    raw_svector_ostream out(object);
    generate(module, machine, out, CodeGenFileType::ObjectFile);
    check_symbols(object);

    SmallString<128> input, output;
    int descriptor = -1;
    if (auto error = sys::fs::createTemporaryFile("heddle", "o", descriptor, input))
        throw std::runtime_error("no temporary file can be made: " + error.message());
    const FileRemover remove_input(input);
    {
        raw_fd_ostream file(descriptor, true);
        file << object;
        file.close();
        if (file.has_error())
            throw std::runtime_error("the temporary file '" + input.str().str() +
                                     "' cannot be written: " + file.error().message());
    }
    output = input;
    output += ".so";
    const FileRemover remove_output(output);
    std::string messages;
    {
        static std::mutex one_at_a_time;  // lld keeps its state in globals
        const std::scoped_lock lock(one_at_a_time);
        raw_string_ostream text(messages);
        const std::string in = input.str().str(), to = output.str().str();
        const char* arguments[] = {"ld.lld",        "-shared",         "-o",
                                   to.c_str(),      in.c_str(),        "-Bsymbolic",
                                   "--gc-sections", "--build-id=none", "--hash-style=gnu",
                                   "-znoexecstack", "--threads=1",     "-O0",
                                   "--strip-debug"};
        const bool linked = lld::elf::link(arguments, text, text, false, false);
        lld::CommonLinkerContext::destroy();
        if (!linked) throw std::runtime_error("linking failed: " + messages);
    }
    auto file = MemoryBuffer::getFile(output, false, false);
    if (!file) throw std::runtime_error("the linked object cannot be read: " + file.getError().message());
    const StringRef bytes = (*file)->getBuffer();
    std::vector<std::byte> result(bytes.size());
    std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
}

}  // namespace heddle::compiler
