// What the AST knows of kernels and global variables, by the symbols that the module uses.
#pragma once

#include <string>
#include <vector>

#include <heddle/kernel.h>

namespace clang {
class ASTContext;
class CodeGenerator;
}  // namespace clang
namespace llvm {
class Module;
}

namespace heddle::compiler {

/// A __device__, __constant__ or __managed__ variable of the user.
struct VariableDeclaration {
    std::string name;    ///< as the source names it
    std::string symbol;  ///< mangled: its name in the module
    bool is_constant = false;
};

struct Declarations {
    /// Names, symbols, parameters (without access) and launch bounds; the rest is found in the lowered code.
    std::vector<KernelInfo> kernels;
    std::vector<VariableDeclaration> variables;
};

/// Reads the declarations behind `module`'s kernels and variables. `requested` are the names in
/// CompileOptions::instantiate: a kernel that was asked for by name carries that name.
Declarations collect_declarations(const llvm::Module& module, clang::CodeGenerator& generator,
                                  clang::ASTContext& context, const std::vector<std::string>& requested);

/// The name of the host function that mentions the `index`th requested kernel.
std::string instantiation_function(std::size_t index);

}  // namespace heddle::compiler
