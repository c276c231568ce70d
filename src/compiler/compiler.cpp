// libheddle-compiler's one object: source to Kernel IR here, Kernel IR to a target's code in targets/.
#include "compiler.h"

#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

#include <exception>

#include "build_id.h"
#include "frontend/clang_frontend.h"
#include "lowering/lower.h"
#include "lowering/print.h"
#include "lowering/verify.h"
#include "targets/target.h"

namespace heddle::compiler {
namespace {

std::vector<std::byte> bitcode_of(const llvm::Module& module) {
    llvm::SmallVector<char, 0> bits;
    llvm::raw_svector_ostream stream(bits);
    llvm::WriteBitcodeToFile(module, stream);
    const auto* bytes = reinterpret_cast<const std::byte*>(bits.data());
    return {bytes, bytes + bits.size()};
}

class ClangCompiler final : public Compiler {
  public:
    const std::string& build_id() const noexcept override { return build_id_; }

    std::vector<TargetVariant> targets() const override {
        std::vector<TargetVariant> all = available_targets();
        all.push_back({"ir", ""});
        return all;
    }

    SourceResult compile_source(const SourceRequest& request) override {
        SourceResult result;
        llvm::LLVMContext context;
        std::string internal;
        Declarations kernels;
        const FrontendResult parsed = run_frontend(
            request, context, [&](llvm::Module& module, Declarations& declarations, Reporter& reporter) {
                if (!lower_module(module, request.options.grid_parts, declarations, result.package.globals,
                                  reporter))
                    return;
                if (check_) internal = verify_kernel_ir(module);
                result.package.payloads.push_back({"ir", "", bitcode_of(module)});
                kernels = std::move(declarations);
            });
        result.diagnostics = parsed.diagnostics;
        result.dependencies = parsed.dependencies;
        result.package.compiler = build_id_;
        result.package.source = request.file_name;
        result.package.kernels = std::move(kernels.kernels);
        result.ok = parsed.ok && !result.package.payloads.empty();
        if (!internal.empty()) {
            result.ok = false;
            result.diagnostics += request.file_name + ": error: internal: lowering left " + internal + "\n";
        }
        return result;
    }

    TargetResult compile_target(const TargetRequest& request) override {
        return request.target == "ir" ? print_ir(request) : emit_target(request);
    }

  private:
    static TargetResult print_ir(const TargetRequest& request) {
        TargetResult result;
        if (!request.text) {
            result.payload.assign(request.ir.begin(), request.ir.end());
            result.ok = true;
            return result;
        }
        llvm::LLVMContext context;
        const llvm::StringRef bits(reinterpret_cast<const char*>(request.ir.data()), request.ir.size());
        auto module = llvm::parseBitcodeFile(llvm::MemoryBufferRef(bits, "kernel-ir"), context);
        if (!module) {
            result.diagnostics = "Kernel IR cannot be read: " + llvm::toString(module.takeError());
            return result;
        }
        const std::string text = printed_kernel_ir(**module, request.kernels);
        const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
        result.payload.assign(bytes, bytes + text.size());
        result.ok = true;
        return result;
    }

    std::string build_id_ = find_build_id();
#if defined(NDEBUG) && !defined(HEDDLE_VERIFY_IR)
    bool check_ = false;
#else
    bool check_ = true;
#endif
};

}  // namespace
}  // namespace heddle::compiler

extern "C" __attribute__((visibility("default"))) heddle::compiler::Compiler* heddle_compiler_create() {
    static heddle::compiler::ClangCompiler compiler;
    return &compiler;
}
