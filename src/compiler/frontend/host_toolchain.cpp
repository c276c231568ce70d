// Asks Clang's driver which include directories it would use for a C++ file on this host.
#include "frontend/host_toolchain.h"

#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/DiagnosticIDs.h>
#include <clang/Basic/DiagnosticOptions.h>
#include <clang/Driver/Compilation.h>
#include <clang/Driver/Driver.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/VirtualFileSystem.h>
#include <llvm/TargetParser/Host.h>

#include <array>
#include <string_view>

namespace heddle::compiler {
namespace {

HostToolchain find_host_toolchain() {
    HostToolchain found;
    found.triple = llvm::sys::getDefaultTargetTriple();
    // A host without a C++ library is fine: kernels that include nothing still compile.
    clang::DiagnosticsEngine diagnostics(llvm::makeIntrusiveRefCnt<clang::DiagnosticIDs>(),
                                         llvm::makeIntrusiveRefCnt<clang::DiagnosticOptions>(),
                                         new clang::IgnoringDiagConsumer);
    clang::driver::Driver driver("/usr/bin/clang++", found.triple, diagnostics);
    driver.setCheckInputsExist(false);
    constexpr std::array arguments{"clang++", "-nobuiltininc", "-fsyntax-only", "-x", "c++", "host.cpp"};
    const std::unique_ptr<clang::driver::Compilation> compilation(driver.BuildCompilation(arguments));
    if (!compilation || compilation->getJobs().empty()) return found;
    const auto& job = *compilation->getJobs().begin();
    const auto& options = job.getArguments();
    for (std::size_t i = 0; i + 1 < options.size(); ++i) {
        const std::string_view option = options[i];
        if (option != "-internal-isystem" && option != "-internal-externc-isystem") continue;
        if (!llvm::sys::fs::is_directory(options[i + 1])) continue;
        found.include_arguments.emplace_back(option);
        found.include_arguments.emplace_back(options[++i]);
    }
    return found;
}

}  // namespace

const HostToolchain& host_toolchain() {
    static const HostToolchain found = find_host_toolchain();
    return found;
}

}  // namespace heddle::compiler
