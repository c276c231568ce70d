// Finds and makes precompiled headers.
#include "frontend/precompiled.h"

#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/DiagnosticOptions.h>
#include <clang/Basic/FileManager.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <clang/Frontend/FrontendActions.h>
#include <clang/Frontend/TextDiagnosticPrinter.h>
#include <llvm/Support/raw_ostream.h>

#include <stdexcept>
#include <vector>

#include "frontend/file_system.h"
#include "frontend/invocation.h"

namespace heddle::compiler {

// Replaced by the definition that heddle-precompile writes, where that is linked in.
__attribute__((weak)) std::span<const PrecompiledHeader> precompiled_headers() {
    return {};
}

const PrecompiledHeader* find_precompiled_header(const CompileOptions& options) {
    for (const auto& header : precompiled_headers())
        if (header.standard == options.standard && header.fast_math == options.fast_math) return &header;
    return nullptr;
}

void precompile_header(const std::string& standard, bool fast_math, const std::string& output) {
    SourceRequest request;
    request.options.standard = standard;
    request.options.fast_math = fast_math;
    const std::vector<std::string> arguments = clang_arguments(request, Product::precompiled_header, false);

    std::string diagnostics;
    llvm::raw_string_ostream text(diagnostics);
    auto options = llvm::makeIntrusiveRefCnt<clang::DiagnosticOptions>();
    clang::TextDiagnosticPrinter printer(text, options.get());
    clang::DiagnosticsEngine early(llvm::makeIntrusiveRefCnt<clang::DiagnosticIDs>(), options, &printer,
                                   false);
    std::vector<const char*> pointers;
    for (const auto& argument : arguments) pointers.push_back(argument.c_str());
    auto invocation = std::make_shared<clang::CompilerInvocation>();
    bool is_made = false;
    if (clang::CompilerInvocation::CreateFromArgs(*invocation, pointers, early)) {
        invocation->getFrontendOpts().OutputFile = output;
        clang::CompilerInstance instance;
        instance.setInvocation(invocation);
        instance.createDiagnostics(&printer, /*ShouldOwnClient=*/false);
        instance.setVerboseOutputStream(llvm::nulls());
        instance.createFileManager(compiler_file_system({}, {}, {}));
        clang::GeneratePCHAction action;
        is_made = instance.ExecuteAction(action) && !instance.getDiagnostics().hasErrorOccurred();
    }
    if (!is_made) throw std::runtime_error("precompiling heddle/language.h failed:\n" + diagnostics);
}

}  // namespace heddle::compiler
