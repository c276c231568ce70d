// Kernel IR as text for people.
#pragma once

#include <string>
#include <vector>

namespace llvm {
class Module;
}

namespace heddle::compiler {

/// `module` as LLVM assembly without metadata: each kernel under its source name, each line with its place in
/// the source. Only `kernels` (source names) when any are given. Takes debug information out of `module`.
std::string printed_kernel_ir(llvm::Module& module, const std::vector<std::string>& kernels);

}  // namespace heddle::compiler
