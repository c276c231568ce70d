// A package that uses every part of the format; for tests, and the fuzzer's first seed.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <heddle/package.h>

namespace heddle::testing {

inline std::vector<std::byte> bytes_of(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

inline Package example_package() {
    Package package;
    package.compiler = "heddle 0.1.0 test";
    package.source = "ex\u00e4mple.cu";
    KernelInfo saxpy;
    saxpy.name = "saxpy";
    saxpy.symbol = "_Z5saxpyifPf";
    saxpy.parameters = {{"n", ParameterKind::scalar, DType::i32, 4, 0, Access::none},
                        {"a", ParameterKind::scalar, DType::f32, 4, 4, Access::none},
                        {"y", ParameterKind::pointer, DType::f32, 8, 8, Access::read_write},
                        {"p", ParameterKind::structure, std::nullopt, 12, 16, Access::none}};
    saxpy.parameter_bytes = 28;
    saxpy.static_shared_bytes = 128;
    saxpy.uses_dynamic_shared = true;
    saxpy.max_threads = 256;
    saxpy.features = {"fp64", "int64_atomics"};
    KernelInfo scale;
    scale.name = "scale<float>";
    scale.symbol = "_Z5scaleIfEvv";
    scale.uses_barriers = true;
    package.kernels = {saxpy, scale};
    package.globals.bytes = 512;
    package.globals.alignment = 16;
    package.globals.initial.assign(512, std::byte{7});
    package.globals.symbols = {{"table", 0, 256, true}, {"counter", 256, 4, false}};
    package.globals.relocations = {{264, 0}, {272, 512}};
    package.payloads = {{"simd", "x86-64-v3", bytes_of("code for saxpy")},
                        {"simd", "x86-64-v2", std::vector<std::byte>(1000, std::byte{3})},
                        {"ir", "", bytes_of("BC")}};
    package.diagnostics = {{"wgsl", "saxpy", "ex.cu:3: a \"pointer\" from memory"}};
    return package;
}

}  // namespace heddle::testing
