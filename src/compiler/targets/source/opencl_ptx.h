// Functions in OpenCL C with inline PTX, for NVIDIA's compiler: what threads of a warp and of a block do
// together, atomic operations, fences and registers that OpenCL C 1.2 has no word for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::compiler {

/// A function that printed kernels call, and the functions that it calls itself.
struct OpenClFunction {
    std::string_view name;
    std::vector<std::string_view> needs;
    std::string_view text;
};

/// Functions in their own right; they come before those of the same name that all devices take.
const std::vector<OpenClFunction>& ptx_functions();

/// Functions in the place of several, as in opencl_helpers.cpp; besides what is replaced there, {I} is the
/// instruction that ptx_instruction() gives.
const std::vector<OpenClFunction>& ptx_patterns();

/// The instruction by which `pattern` does `operation` on `type`; none where PTX has none.
std::optional<std::string> ptx_instruction(std::string_view pattern, std::string_view operation,
                                           std::string_view type);

}  // namespace heddle::compiler
