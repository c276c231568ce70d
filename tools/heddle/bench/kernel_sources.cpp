// The sources of the benchmark kernels, which the build puts into the command.
#include <array>

#include <fmt/format.h>
#include <heddle/error.h>

#include "case.h"

#if defined(__clang__)
#pragma clang diagnostic ignored "-Woverlength-strings"
#else
#pragma GCC diagnostic ignored "-Woverlength-strings"
#endif

namespace heddle::tool::bench {

namespace {

struct Source {
    std::string_view name, text;
};

constexpr Source sources[] = {
#ifdef HEDDLE_BENCH_KERNELS
#include HEDDLE_BENCH_KERNELS
#endif
    {}};

}  // namespace

std::string_view kernel_source(std::string_view name) {
    for (const Source& source : sources)
        if (source.name == name) return source.text;
    throw Error(ErrorCode::not_found,
                fmt::format("this command was built without the benchmark kernel '{}'; configure with "
                            "-DHEDDLE_BUILD_BENCH=ON",
                            name));
}

}  // namespace heddle::tool::bench
