// Spells out a compilation as Clang's cc1 arguments: CUDA device mode for sm_70, the host's headers, Heddle's
// own.
#include "frontend/invocation.h"

#include "frontend/embedded_headers.h"
#include "frontend/host_toolchain.h"

namespace heddle::compiler {

std::vector<std::string> clang_arguments(const SourceRequest& request, Product product, bool is_precompiled) {
    const HostToolchain& host = host_toolchain();
    const std::string include(embedded_include_directory), resource(embedded_resource_directory);
    std::vector<std::string> arguments{
        "-triple", "nvptx64-nvidia-cuda", "-aux-triple", host.triple,
        // sm_70 is the newest for which real code does not switch to tensor-core and cp.async PTX; the *_sync
        // builtins need a PTX version and an SDK version though nothing of either is used.
        "-target-cpu", "sm_70", "-target-feature", "+ptx78", "-target-sdk-version=12.3", "-fcuda-is-device",
        "-fcuda-allow-variadic-functions", product == Product::module ? "-emit-llvm-only" : "-emit-pch",
        "-O2", "-no-enable-noundef-analysis", "-fcheck-new", "-fdeclspec", "-fcxx-exceptions", "-fexceptions",
        "-fgnuc-version=4.2.1", "-fno-rounding-math", "-mframe-pointer=none",
        "-debug-info-kind=line-tables-only", "-dwarf-version=4", "-resource-dir", resource, "-nobuiltininc",
        "-internal-isystem", include};
    arguments.insert(arguments.end(), host.include_arguments.begin(), host.include_arguments.end());
    // After the C++ library, whose wrappers of C headers look for the next one; before the C library, as
    // Clang does.
    std::size_t position = arguments.size();
    for (std::size_t i = 0; i < arguments.size(); ++i)
        if (arguments[i] == "-internal-externc-isystem") {
            position = i;
            break;
        }
    const std::vector<std::string> own{"-internal-isystem", resource + "/include"};
    arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(position), own.begin(), own.end());

    if (request.options.fast_math) {
        // No -ffinite-math-only: nvcc's --use_fast_math keeps infinities and NaNs, and kernels rely on that.
        for (const char* flag : {"-mreassociate", "-freciprocal-math", "-fno-signed-zeros", "-fapprox-func",
                                 "-ffp-contract=fast"})
            arguments.emplace_back(flag);
        arguments.emplace_back("-D__USE_FAST_MATH__=1");
        arguments.emplace_back("-D__HEDDLE_FAST_MATH__=1");
    } else {
        arguments.emplace_back("-ffp-contract=fast");
    }
    arguments.push_back("-std=" + request.options.standard);
    for (const auto& define : request.options.defines) arguments.push_back("-D" + define);
    for (const auto& directory : request.options.include_directories) {
        arguments.emplace_back("-I");
        arguments.push_back(directory);
    }
    if (product == Product::precompiled_header) {
        arguments.insert(arguments.end(), {"-x", "cuda", include + "/heddle/language.h"});
        return arguments;
    }
    if (is_precompiled)
        arguments.insert(arguments.end(), {"-include-pch", std::string(precompiled_header_path)});
    arguments.insert(arguments.end(), {"-include", include + "/heddle/device.h"});
    arguments.insert(arguments.end(), {"-x", "cuda"});
    arguments.push_back(request.file_name.empty() ? "source.cu" : request.file_name);
    return arguments;
}

}  // namespace heddle::compiler
