// The dispatch over targets.
#include "target.h"

#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

#include "cpu_kernel.h"
#include "cpu_object.h"
#include "cpu_variant.h"
#include "ptx_kernel.h"
#include "ptx_text.h"
#include "source/opencl_c.h"
#include "spirv_kernel.h"

namespace heddle::compiler {
namespace {

void emit_cpu(const TargetRequest& request, llvm::Module& ir, TargetResult& result) {
    const std::string name = request.variant.empty() ? "native" : request.variant;
    const auto variant = find_cpu_variant(name);
    if (!variant)
        throw std::runtime_error("target '" + request.target + "' has no variant '" + name +
                                 "'; it has x86-64-v2, x86-64-v3, x86-64-v4, aarch64 and native");
    const unsigned lanes = request.target == "simd" ? 32 : 1;
    const auto machine = make_target_machine(*variant);
    CpuModule cpu = emit_cpu_module(ir, *variant, *machine, lanes, request);
    result.unsupported = std::move(cpu.unsupported);
    optimise_cpu_module(*cpu.module, *machine, lanes);
    if (request.text) {
        const std::string text = assembly_of(*cpu.module, *machine);
        const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
        result.payload.assign(bytes, bytes + text.size());
    } else {
        result.payload = shared_object_of(*cpu.module, *machine);
    }
    result.ok = true;
}

void emit_opencl(const TargetRequest& request, llvm::Module& ir, TargetResult& result) {
    OpenClText program = emit_opencl_c(ir, request);
    result.unsupported = std::move(program.unsupported);
    const auto* bytes = reinterpret_cast<const std::byte*>(program.text.data());
    result.payload.assign(bytes, bytes + program.text.size());
    result.ok = true;
}

void emit_ptx(const TargetRequest& request, llvm::Module& ir, TargetResult& result) {
    const std::string name = request.variant.empty() ? ptx_variants().back().name : request.variant;
    const auto variant = find_ptx_variant(name);
    if (!variant) {
        std::string known;
        for (const PtxVariant& each : ptx_variants()) known += (known.empty() ? "" : ", ") + each.name;
        throw std::runtime_error("target 'ptx' has no variant '" + name + "'; it has " + known);
    }
    result.unsupported = lower_to_nvptx(ir, variant->sm, request.kernels);
    const std::string text = ptx_of(ir, *variant);
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    result.payload.assign(bytes, bytes + text.size());
    result.ok = true;
}

void emit_vulkan(const TargetRequest& request, llvm::Module& ir, TargetResult& result) {
    SpirvResult made = emit_spirv(ir, request);
    result.unsupported = std::move(made.unsupported);
    result.payload = std::move(made.payload);
    if (request.text) {
        const auto* bytes = reinterpret_cast<const std::byte*>(made.text.data());
        result.payload.assign(bytes, bytes + made.text.size());
    }
    result.ok = true;
}

void emit_ir(llvm::Module& ir, TargetResult& result) {
    std::string text;
    llvm::raw_string_ostream out(text);
    ir.print(out, nullptr);
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    result.payload.assign(bytes, bytes + text.size());
    result.ok = true;
}

}  // namespace

TargetResult emit_target(const TargetRequest& request) {
    TargetResult result;
    try {
        llvm::LLVMContext context;
        const llvm::StringRef bytes(reinterpret_cast<const char*>(request.ir.data()), request.ir.size());
        auto module = llvm::parseBitcodeFile(llvm::MemoryBufferRef(bytes, "kernel-ir"), context);
        if (!module)
            throw std::runtime_error("the Kernel IR cannot be read: " + llvm::toString(module.takeError()));
        if (request.target == "simd" || request.target == "scalar")
            emit_cpu(request, **module, result);
        else if (request.target == "ptx")
            emit_ptx(request, **module, result);
        else if (request.target == "opencl")
            emit_opencl(request, **module, result);
        else if (request.target == "spirv")
            emit_vulkan(request, **module, result);
        else if (request.target == "ir")
            emit_ir(**module, result);
        else
            throw std::runtime_error("there is no target '" + request.target +
                                     "'; there are simd, scalar, ptx, opencl, spirv and ir");
    } catch (const std::exception& error) {
        result.ok = false;
        result.diagnostics = error.what();
    }
    return result;
}

std::vector<TargetVariant> available_targets() {
    std::vector<TargetVariant> targets;
    for (const char* target : {"simd", "scalar"})
        for (const std::string& variant : packaged_cpu_variants()) targets.push_back({target, variant});
    targets.push_back({"simd", "aarch64"});
    targets.push_back({"scalar", "aarch64"});
    for (const PtxVariant& variant : ptx_variants()) targets.push_back({"ptx", variant.name});
    for (const std::string& variant : opencl_variants()) targets.push_back({"opencl", variant});
    for (const std::string& variant : spirv_variants()) targets.push_back({"spirv", variant});
    targets.push_back({"ir", ""});
    return targets;
}

}  // namespace heddle::compiler
