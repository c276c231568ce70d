// Runs Clang's parser and code generator over one source text with the embedded headers laid over the file
// system.
#include "frontend/clang_frontend.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/DiagnosticOptions.h>
#include <clang/Basic/DiagnosticSema.h>
#include <clang/Basic/FileManager.h>
#include <clang/Basic/SourceManager.h>
#include <clang/CodeGen/ModuleBuilder.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/MultiplexConsumer.h>
#include <clang/Frontend/TextDiagnosticPrinter.h>
#include <clang/Frontend/Utils.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/Path.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <algorithm>
#include <memory>

#include "frontend/file_system.h"
#include "frontend/invocation.h"
#include "frontend/precompiled.h"

namespace heddle::compiler {
namespace {

/// Reports through Clang's diagnostics, at the place that debug locations and declarations name.
class SourceReporter final : public Reporter {
  public:
    SourceReporter(clang::CompilerInstance& instance, clang::CodeGenerator& generator)
        : instance_(instance), generator_(generator) {}

    void error(const llvm::Instruction& at, const std::string& message) override {
        report(clang::DiagnosticsEngine::Error, location_of(at), message);
    }
    void error(const llvm::Function& at, const std::string& message) override {
        report(clang::DiagnosticsEngine::Error, location_of(at), message);
    }
    void warning(const llvm::Function& at, const std::string& message) override {
        report(clang::DiagnosticsEngine::Warning, location_of(at), message);
    }
    void note(const llvm::Instruction& at, const std::string& message) override {
        report(clang::DiagnosticsEngine::Note, location_of(at), message);
    }
    bool has_errors() const override { return instance_.getDiagnostics().hasErrorOccurred(); }

  private:
    void report(clang::DiagnosticsEngine::Level level, clang::SourceLocation location,
                const std::string& message) {
        clang::DiagnosticsEngine& diagnostics = instance_.getDiagnostics();
        diagnostics.Report(location, diagnostics.getCustomDiagID(level, "%0")) << message;
    }

    clang::SourceLocation location_of(const llvm::Function& at) const {
        const auto* declaration = generator_.GetDeclForMangledName(at.getName());
        return declaration ? declaration->getLocation() : clang::SourceLocation{};
    }

    clang::SourceLocation location_of(const llvm::Instruction& at) const {
        if (const auto* call = llvm::dyn_cast<llvm::CallBase>(&at); call && call->isInlineAsm())
            if (const auto* node = at.getMetadata("srcloc"); node && node->getNumOperands() != 0)
                if (const auto* value = llvm::mdconst::dyn_extract<llvm::ConstantInt>(node->getOperand(0)))
                    return clang::SourceLocation::getFromRawEncoding(
                        static_cast<clang::SourceLocation::UIntTy>(value->getZExtValue()));
        // The innermost place that is not in one of our own headers.
        for (const llvm::DILocation* place = at.getDebugLoc(); place; place = place->getInlinedAt()) {
            const llvm::StringRef file = place->getFilename();
            if (place->getLine() == 0 || file.starts_with("/heddle/")) continue;
            const auto entry = instance_.getFileManager().getOptionalFileRef(file);
            if (!entry) continue;
            return instance_.getSourceManager().translateFileLineCol(&entry->getFileEntry(), place->getLine(),
                                                                     std::max(1u, place->getColumn()));
        }
        return location_of(*at.getFunction());
    }

    clang::CompilerInstance& instance_;
    clang::CodeGenerator& generator_;
};

/// Clang's text, and what it cannot know.
class Printer final : public clang::TextDiagnosticPrinter {
  public:
    Printer(llvm::raw_ostream& text, clang::DiagnosticOptions& options)
        : clang::TextDiagnosticPrinter(text, &options), text_(text) {}

    void HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                          const clang::Diagnostic& diagnostic) override {
        clang::TextDiagnosticPrinter::HandleDiagnostic(level, diagnostic);
        constexpr int global_function = 1;  // of the %select{} in Clang's text
        if (diagnostic.getID() == clang::diag::err_ref_bad_target &&
            diagnostic.getArgSInt(0) == global_function)
            text_ << "note: launching a kernel from device code (dynamic parallelism) is not supported by "
                     "Heddle\n";
    }

  private:
    llvm::raw_ostream& text_;
};

/// Runs after the code generator has finished its module.
class ModuleHandler final : public clang::ASTConsumer {
  public:
    ModuleHandler(clang::CompilerInstance& instance, clang::CodeGenerator& generator,
                  const SourceRequest& request, const ModuleConsumer& consumer)
        : instance_(instance), generator_(generator), request_(request), consumer_(consumer) {}

    void HandleTranslationUnit(clang::ASTContext& context) override {
        if (instance_.getDiagnostics().hasErrorOccurred() || !generator_.GetModule()) return;
        llvm::Module& module = *generator_.GetModule();
        Declarations declarations =
            collect_declarations(module, generator_, context, request_.options.instantiate);
        SourceReporter reporter(instance_, generator_);
        consumer_(module, declarations, reporter);
    }

  private:
    clang::CompilerInstance& instance_;
    clang::CodeGenerator& generator_;
    const SourceRequest& request_;
    const ModuleConsumer& consumer_;
};

class DeviceAction final : public clang::ASTFrontendAction {
  public:
    DeviceAction(const SourceRequest& request, llvm::LLVMContext& context, const ModuleConsumer& consumer)
        : request_(request), context_(context), consumer_(consumer) {}

    std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& instance,
                                                          llvm::StringRef file) override {
        std::unique_ptr<clang::CodeGenerator> generator(clang::CreateLLVMCodeGen(
            instance.getDiagnostics(), file, &instance.getVirtualFileSystem(), instance.getHeaderSearchOpts(),
            instance.getPreprocessorOpts(), instance.getCodeGenOpts(), context_));
        clang::CodeGenerator& code = *generator;
        std::vector<std::unique_ptr<clang::ASTConsumer>> consumers;
        consumers.push_back(std::move(generator));
        consumers.push_back(std::make_unique<ModuleHandler>(instance, code, request_, consumer_));
        return std::make_unique<clang::MultiplexConsumer>(std::move(consumers));
    }

  private:
    const SourceRequest& request_;
    llvm::LLVMContext& context_;
    const ModuleConsumer& consumer_;
};

/// The files that the source includes, other than system headers and our own.
class UserFiles final : public clang::DependencyCollector {
  public:
    bool sawDependency(llvm::StringRef file, bool, bool is_system, bool, bool is_missing) override {
        return !is_system && !is_missing && !file.starts_with("/heddle/") && !file.starts_with("<");
    }
    bool needSystemDependencies() override { return false; }
};

/// `source` with one host function appended for each template kernel that was asked for: mentioning it makes
/// Clang instantiate it.
std::string with_instantiations(const SourceRequest& request) {
    std::string text = request.source;
    for (std::size_t i = 0; i < request.options.instantiate.size(); ++i) {
        text += "\n#line 1 \"<requested kernel>\"\nstatic inline __attribute__((host, unused)) void ";
        text += instantiation_function(i) + "() { (void)&" + request.options.instantiate[i] + "; }\n";
    }
    return text;
}

}  // namespace

FrontendResult run_frontend(const SourceRequest& request, llvm::LLVMContext& context,
                            const ModuleConsumer& consumer) {
    FrontendResult result;
    const PrecompiledHeader* precompiled = find_precompiled_header(request.options);
    const std::vector<std::string> arguments =
        clang_arguments(request, Product::module, precompiled != nullptr);
    const std::string& file_name = arguments.back();
    const std::string source = with_instantiations(request);

    auto options = llvm::makeIntrusiveRefCnt<clang::DiagnosticOptions>();
    options->ShowColors = 0;
    llvm::raw_string_ostream text(result.diagnostics);
    Printer printer(text, *options);
    clang::DiagnosticsEngine early(llvm::makeIntrusiveRefCnt<clang::DiagnosticIDs>(), options, &printer,
                                   false);

    std::vector<const char*> pointers;
    pointers.reserve(arguments.size());
    for (const auto& argument : arguments) pointers.push_back(argument.c_str());
    auto invocation = std::make_shared<clang::CompilerInvocation>();
    if (!clang::CompilerInvocation::CreateFromArgs(*invocation, pointers, early)) return result;

    clang::CompilerInstance instance;
    instance.setInvocation(invocation);
    instance.createDiagnostics(&printer, /*ShouldOwnClient=*/false);
    instance.setVerboseOutputStream(llvm::nulls());
    instance.createFileManager(
        compiler_file_system(file_name, source, precompiled ? precompiled->contents : std::string_view{}));
    auto files = std::make_shared<UserFiles>();
    instance.addDependencyCollector(files);

    DeviceAction action(request, context, consumer);
    result.ok = instance.ExecuteAction(action) && !instance.getDiagnostics().hasErrorOccurred();

    for (const auto& file : files->getDependencies()) {
        if (file == file_name) continue;
        llvm::SmallString<256> path(file);
        llvm::sys::fs::make_absolute(path);
        llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
        result.dependencies.emplace_back(path.str());
    }
    return result;
}

}  // namespace heddle::compiler
