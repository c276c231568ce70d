// The table of expected failures, and matching with '*' for any text.
#include "conformance/expectations.h"

#include <array>

namespace heddle::conformance {

namespace {

constexpr std::string_view
    llvmpipe = "llvmpipe*",
    shared_in_loops = "the driver loses what is read from shared memory in a loop that it cannot unroll",
    no_volatile = "the driver does not read volatile memory again",
    short_loops = "the driver leaves every loop after 65535 rounds", swiftshader = "SwiftShader*",
    no_denormals = "the device flushes denormal numbers to zero", nvidia_vulkan = "vulkan:* NVIDIA*",
    no_float_denormals =
        "the driver flushes denormal numbers of single precision to zero and cannot be told not to",
    inexact_floats =
        "the device flushes denormal numbers to zero and has no fused multiply-add, and no double "
        "precision to compute one in";

// device, case, reason. Sorted by device, then case.
constexpr auto table = std::to_array<Expectation>({
    {llvmpipe, "atomics.add_f32", shared_in_loops},
    {llvmpipe, "atomics.add_f64", shared_in_loops},
    {llvmpipe, "atomics.max_i32", shared_in_loops},
    {llvmpipe, "atomics.max_i64", shared_in_loops},
    {llvmpipe, "atomics.min_i32", shared_in_loops},
    {llvmpipe, "atomics.min_i64", shared_in_loops},
    {llvmpipe, "atomics.try_lock", short_loops},
    {llvmpipe, "concurrency.launches_are_asynchronous", short_loops, true},
    {llvmpipe, "serial.divides", shared_in_loops},
    {llvmpipe, "serial.exits_early", shared_in_loops},
    {llvmpipe, "serial.floats", shared_in_loops},
    {llvmpipe, "serial.narrow_bound", shared_in_loops},
    {llvmpipe, "serial.nested", shared_in_loops},
    {llvmpipe, "serial.other_types", shared_in_loops},
    {llvmpipe, "serial.private_arrays", shared_in_loops},
    {llvmpipe, "serial.several_exits", shared_in_loops},
    {llvmpipe, "serial.sum", shared_in_loops},
    {swiftshader, "concurrency.launches_are_asynchronous", no_volatile},
    {swiftshader, "conversions.float_to_int_rounded", no_denormals},
    {swiftshader, "conversions.float_to_long_rounded", no_denormals},
    {swiftshader, "half.bf16_compare", inexact_floats},
    {swiftshader, "half.bf16_from_float", inexact_floats},
    {swiftshader, "half.bf16_functions", inexact_floats},
    {swiftshader, "half.bf16_rounding", inexact_floats},
    {swiftshader, "half.f16_from_float", inexact_floats},
    {swiftshader, "half.f16_functions", inexact_floats},
    {swiftshader, "maths_f32.asin", inexact_floats},
    {swiftshader, "maths_f32.asinh", inexact_floats},
    {swiftshader, "maths_f32.atan", inexact_floats},
    {swiftshader, "maths_f32.atan2", inexact_floats},
    {swiftshader, "maths_f32.atanh", inexact_floats},
    {swiftshader, "maths_f32.cbrt", inexact_floats},
    {swiftshader, "maths_f32.cos", inexact_floats},
    {swiftshader, "maths_f32.cosh", inexact_floats},
    {swiftshader, "maths_f32.cyl_bessel_i0", inexact_floats},
    {swiftshader, "maths_f32.cyl_bessel_i1", inexact_floats},
    {swiftshader, "maths_f32.erf", inexact_floats},
    {swiftshader, "maths_f32.erfc", inexact_floats},
    {swiftshader, "maths_f32.erfcinv", inexact_floats},
    {swiftshader, "maths_f32.erfcx", inexact_floats},
    {swiftshader, "maths_f32.erfinv", inexact_floats},
    {swiftshader, "maths_f32.exact_binary", inexact_floats},
    {swiftshader, "maths_f32.exact_unary", inexact_floats},
    {swiftshader, "maths_f32.exp", inexact_floats},
    {swiftshader, "maths_f32.exp10", inexact_floats},
    {swiftshader, "maths_f32.exp2", inexact_floats},
    {swiftshader, "maths_f32.expm1", inexact_floats},
    {swiftshader, "maths_f32.fma", inexact_floats},
    {swiftshader, "maths_f32.hypot", inexact_floats},
    {swiftshader, "maths_f32.j0", inexact_floats},
    {swiftshader, "maths_f32.j1", inexact_floats},
    {swiftshader, "maths_f32.ldexp", inexact_floats},
    {swiftshader, "maths_f32.lgamma", inexact_floats},
    {swiftshader, "maths_f32.log", inexact_floats},
    {swiftshader, "maths_f32.log10", inexact_floats},
    {swiftshader, "maths_f32.log2", inexact_floats},
    {swiftshader, "maths_f32.normcdf", inexact_floats},
    {swiftshader, "maths_f32.normcdfinv", inexact_floats},
    {swiftshader, "maths_f32.pow", inexact_floats},
    {swiftshader, "maths_f32.rcbrt", inexact_floats},
    {swiftshader, "maths_f32.rhypot", inexact_floats},
    {swiftshader, "maths_f32.rnorm3d", inexact_floats},
    {swiftshader, "maths_f32.rnorm4d", inexact_floats},
    {swiftshader, "maths_f32.rsqrt", inexact_floats},
    {swiftshader, "maths_f32.sin", inexact_floats},
    {swiftshader, "maths_f32.sinh", inexact_floats},
    {swiftshader, "maths_f32.sinpi", inexact_floats},
    {swiftshader, "maths_f32.sqrt", inexact_floats},
    {swiftshader, "maths_f32.tan", inexact_floats},
    {swiftshader, "maths_f32.tanh", inexact_floats},
    {swiftshader, "maths_f32.tgamma", inexact_floats},
    {swiftshader, "maths_f32.two_results", inexact_floats},
    {swiftshader, "maths_f32.y0", inexact_floats},
    {swiftshader, "maths_f32.y1", inexact_floats},
    {swiftshader, "rounding.fadd", inexact_floats},
    {swiftshader, "rounding.fdiv", inexact_floats},
    {swiftshader, "rounding.ffma", inexact_floats},
    {swiftshader, "rounding.fmul", inexact_floats},
    {swiftshader, "rounding.frcp", inexact_floats},
    {swiftshader, "rounding.fsqrt", inexact_floats},
    {swiftshader, "rounding.fsub", inexact_floats},
    {swiftshader, "types.arithmetic_f32", inexact_floats},
    {swiftshader, "types.contraction", inexact_floats},
    {swiftshader, "types.subnormals", inexact_floats},
    {nvidia_vulkan, "conversions.double_to_float_rounded", no_float_denormals},
    {nvidia_vulkan, "conversions.f32_f64", no_float_denormals},
    {nvidia_vulkan, "half.bf16_arithmetic", no_float_denormals},
    {nvidia_vulkan, "half.bf16_compare", no_float_denormals},
    {nvidia_vulkan, "half.bf16_from_double", no_float_denormals},
    {nvidia_vulkan, "half.bf16_from_float", no_float_denormals},
    {nvidia_vulkan, "half.bf16_functions", no_float_denormals},
    {nvidia_vulkan, "half.bf16_pairs", no_float_denormals},
    {nvidia_vulkan, "half.bf16_rounding", no_float_denormals},
    {nvidia_vulkan, "half.bf16_saturating", no_float_denormals},
    {nvidia_vulkan, "half.f16_from_float", no_float_denormals},
    {nvidia_vulkan, "maths_f32.asin", no_float_denormals},
    {nvidia_vulkan, "maths_f32.asinh", no_float_denormals},
    {nvidia_vulkan, "maths_f32.atan", no_float_denormals},
    {nvidia_vulkan, "maths_f32.atan2", no_float_denormals},
    {nvidia_vulkan, "maths_f32.atanh", no_float_denormals},
    {nvidia_vulkan, "maths_f32.cbrt", no_float_denormals},
    {nvidia_vulkan, "maths_f32.cyl_bessel_i1", no_float_denormals},
    {nvidia_vulkan, "maths_f32.erf", no_float_denormals},
    {nvidia_vulkan, "maths_f32.erfc", no_float_denormals},
    {nvidia_vulkan, "maths_f32.erfcinv", no_float_denormals},
    {nvidia_vulkan, "maths_f32.erfcx", no_float_denormals},
    {nvidia_vulkan, "maths_f32.erfinv", no_float_denormals},
    {nvidia_vulkan, "maths_f32.exact_binary", no_float_denormals},
    {nvidia_vulkan, "maths_f32.exact_unary", no_float_denormals},
    {nvidia_vulkan, "maths_f32.exp", no_float_denormals},
    {nvidia_vulkan, "maths_f32.exp10", no_float_denormals},
    {nvidia_vulkan, "maths_f32.exp2", no_float_denormals},
    {nvidia_vulkan, "maths_f32.fma", no_float_denormals},
    {nvidia_vulkan, "maths_f32.hypot", no_float_denormals},
    {nvidia_vulkan, "maths_f32.j1", no_float_denormals},
    {nvidia_vulkan, "maths_f32.ldexp", no_float_denormals},
    {nvidia_vulkan, "maths_f32.lgamma", no_float_denormals},
    {nvidia_vulkan, "maths_f32.log", no_float_denormals},
    {nvidia_vulkan, "maths_f32.log10", no_float_denormals},
    {nvidia_vulkan, "maths_f32.log2", no_float_denormals},
    {nvidia_vulkan, "maths_f32.normcdf", no_float_denormals},
    {nvidia_vulkan, "maths_f32.normcdfinv", no_float_denormals},
    {nvidia_vulkan, "maths_f32.pow", no_float_denormals},
    {nvidia_vulkan, "maths_f32.rcbrt", no_float_denormals},
    {nvidia_vulkan, "maths_f32.remquo", no_float_denormals},
    {nvidia_vulkan, "maths_f32.rhypot", no_float_denormals},
    {nvidia_vulkan, "maths_f32.rnorm3d", no_float_denormals},
    {nvidia_vulkan, "maths_f32.rnorm4d", no_float_denormals},
    {nvidia_vulkan, "maths_f32.rsqrt", no_float_denormals},
    {nvidia_vulkan, "maths_f32.sinh", no_float_denormals},
    {nvidia_vulkan, "maths_f32.sinpi", no_float_denormals},
    {nvidia_vulkan, "maths_f32.sqrt", no_float_denormals},
    {nvidia_vulkan, "maths_f32.tanh", no_float_denormals},
    {nvidia_vulkan, "maths_f32.tgamma", no_float_denormals},
    {nvidia_vulkan, "maths_f32.two_results", no_float_denormals},
    {nvidia_vulkan, "maths_f32.y0", no_float_denormals},
    {nvidia_vulkan, "maths_f32.y1", no_float_denormals},
    {nvidia_vulkan, "rounding.fadd", no_float_denormals},
    {nvidia_vulkan, "rounding.fast_logarithms", no_float_denormals},
    {nvidia_vulkan, "rounding.fdiv", no_float_denormals},
    {nvidia_vulkan, "rounding.ffma", no_float_denormals},
    {nvidia_vulkan, "rounding.fmul", no_float_denormals},
    {nvidia_vulkan, "rounding.frcp", no_float_denormals},
    {nvidia_vulkan, "rounding.frsqrt_rn", no_float_denormals},
    {nvidia_vulkan, "rounding.fsqrt", no_float_denormals},
    {nvidia_vulkan, "rounding.fsub", no_float_denormals},
    {nvidia_vulkan, "types.arithmetic_f32", no_float_denormals},
    {nvidia_vulkan, "types.division_i64", no_float_denormals},
    {nvidia_vulkan, "types.subnormals", no_float_denormals},
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

const Expectation* expected_failure(const DeviceInfo& device, std::string_view test) {
    for (const Expectation& e : expectations())
        if ((matches(e.device, device.id) || matches(e.device, device.name) ||
             matches(e.device, device.id + " " + device.name)) &&
            matches(e.test, test))
            return &e;
    return nullptr;
}

}  // namespace heddle::conformance
