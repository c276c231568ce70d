// The table of expected failures, and matching with '*' for any text.
#include "conformance/expectations.h"

#include <array>

namespace heddle::conformance {

namespace {

constexpr std::string_view not_there = "maths functions that OpenCL's own are not accurate enough for";

// device, case, reason. Sorted by device, then case.
constexpr auto table = std::to_array<Expectation>({
    {"opencl:*", "control.barriers_by_warp",
     "barriers on both sides of a branch that threads take differently: OpenCL cannot express it"},
    {"opencl:*", "half.bf16_functions", not_there},
    {"opencl:*", "half.f16_functions", not_there},
    {"opencl:*", "maths_f*.acos", not_there},
    {"opencl:*", "maths_f*.acosh", not_there},
    {"opencl:*", "maths_f*.asin", not_there},
    {"opencl:*", "maths_f*.asinh", not_there},
    {"opencl:*", "maths_f*.atan", not_there},
    {"opencl:*", "maths_f*.atan2", not_there},
    {"opencl:*", "maths_f*.atanh", not_there},
    {"opencl:*", "maths_f*.bessel_n", not_there},
    {"opencl:*", "maths_f*.cbrt", not_there},
    {"opencl:*", "maths_f*.cos", not_there},
    {"opencl:*", "maths_f*.cosh", not_there},
    {"opencl:*", "maths_f*.cospi", not_there},
    {"opencl:*", "maths_f*.cyl_bessel_i0", not_there},
    {"opencl:*", "maths_f*.cyl_bessel_i1", not_there},
    {"opencl:*", "maths_f*.erf", not_there},
    {"opencl:*", "maths_f*.erfc", not_there},
    {"opencl:*", "maths_f*.erfcinv", not_there},
    {"opencl:*", "maths_f*.erfcx", not_there},
    {"opencl:*", "maths_f*.erfinv", not_there},
    {"opencl:*", "maths_f*.exp", not_there},
    {"opencl:*", "maths_f*.exp10", not_there},
    {"opencl:*", "maths_f*.exp2", not_there},
    {"opencl:*", "maths_f*.expm1", not_there},
    {"opencl:*", "maths_f*.hypot", not_there},
    {"opencl:*", "maths_f*.j0", not_there},
    {"opencl:*", "maths_f*.j1", not_there},
    {"opencl:*", "maths_f*.lgamma", not_there},
    {"opencl:*", "maths_f*.log", not_there},
    {"opencl:*", "maths_f*.log10", not_there},
    {"opencl:*", "maths_f*.log1p", not_there},
    {"opencl:*", "maths_f*.log2", not_there},
    {"opencl:*", "maths_f*.normcdf", not_there},
    {"opencl:*", "maths_f*.normcdfinv", not_there},
    {"opencl:*", "maths_f*.pow", not_there},
    {"opencl:*", "maths_f*.rcbrt", not_there},
    {"opencl:*", "maths_f*.rhypot", not_there},
    {"opencl:*", "maths_f*.sin", not_there},
    {"opencl:*", "maths_f*.sinh", not_there},
    {"opencl:*", "maths_f*.sinpi", not_there},
    {"opencl:*", "maths_f*.tan", not_there},
    {"opencl:*", "maths_f*.tanh", not_there},
    {"opencl:*", "maths_f*.tgamma", not_there},
    {"opencl:*", "maths_f*.two_results", not_there},
    {"opencl:*", "maths_f*.y0", not_there},
    {"opencl:*", "maths_f*.y1", not_there},
    {"opencl:*", "rounding.fast_exponentials", not_there},
    {"opencl:*", "rounding.fast_logarithms", not_there},
    {"opencl:*", "rounding.fast_power", not_there},
    {"opencl:*", "rounding.fast_trigonometry", not_there},
    {"opencl:*", "serial.maths", not_there},
    {"opencl:*", "types.int128", "the OpenCL C target has no integers of more than 64 bits"},
});

bool matches(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*')
        return matches(pattern.substr(1), text) || (!text.empty() && matches(pattern, text.substr(1)));
    return !text.empty() && pattern.front() == text.front() && matches(pattern.substr(1), text.substr(1));
}

}  // namespace

std::span<const Expectation> expectations() {
    return table;
}

const Expectation* expected_failure(std::string_view device, std::string_view test) {
    for (const Expectation& e : expectations())
        if (matches(e.device, device) && matches(e.test, test)) return &e;
    return nullptr;
}

}  // namespace heddle::conformance
