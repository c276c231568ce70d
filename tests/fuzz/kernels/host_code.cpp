// The plain C++ of a batch, built and loaded.
#include "host_code.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

namespace heddle::fuzz {

HostCode::HostCode(const std::string& text, const std::string& compiler, const std::string& optimisation,
                   const std::filesystem::path& folder) {
    const std::string source = (folder / "kernels.cpp").string(), library = (folder / "kernels.so").string();
    std::ofstream(source) << text;
    const std::string command =
        fmt::format("{} -std=c++17 {} -w -ffp-contract=off -fwrapv -fPIC -shared {} -o {}", compiler,
                    optimisation, source, library);
    if (std::system(command.c_str()) != 0)
        throw Error(ErrorCode::compile_failed, "the host compiler failed: " + command);
    handle_ = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle_) throw Error(ErrorCode::io, dlerror());
}

HostCode::~HostCode() {
    if (handle_) dlclose(handle_);
}

Results HostCode::run(const std::string& name, const Inputs& inputs, Dim3 grid, Dim3 block, int n) const {
    using Function = void (*)(const std::int32_t*, const std::uint32_t*, const float*, const std::int64_t*,
                              std::int32_t*, std::int64_t*, float*, int, int, int);
    const auto function = reinterpret_cast<Function>(dlsym(handle_, name.c_str()));
    if (!function) throw Error(ErrorCode::internal, "the host code has no '" + name + "'");
    Results results = untouched_results(grid.count() * block.count());
    function(inputs.in0.data(), inputs.in1.data(), inputs.in2.data(), inputs.in3.data(),
             results.counters.data(), results.out.data(), results.real.data(), n,
             static_cast<int>(grid.count()), static_cast<int>(block.count()));
    return results;
}

}  // namespace heddle::fuzz
