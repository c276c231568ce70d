// The SPIR-V target: what it makes of small kernels in each variant, what it refuses, and that every module
// of the conformance suite's kernels is valid.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "backends/vulkan/kernel_archive.h"
#include "compiler/compiler.h"
#include "compiler/targets/spirv_module.h"

namespace heddle::compiler {
namespace {

using vulkan::ArchivedKernel;
using vulkan::ModuleFeature;

struct Made {
    std::vector<ArchivedKernel> kernels;
    std::vector<std::string> refused;
};

Package front_end(const std::string& source, const std::string& name) {
    SourceRequest request;
    request.source = source;
    request.file_name = name;
    SourceResult made = heddle_compiler_create()->compile_source(request);
    EXPECT_TRUE(made.ok) << made.diagnostics;
    return std::move(made.package);
}

Made modules(const Package& package, const std::string& variant) {
    const auto* ir = package.find("ir", "");
    if (ir == nullptr) return {};
    const TargetResult result =
        heddle_compiler_create()->compile_target({ir->data, "spirv", variant, {}, false, false});
    EXPECT_TRUE(result.ok) << result.diagnostics;
    Made made;
    if (result.ok) made.kernels = vulkan::decode_archive(result.payload);
    for (const TargetDiagnostic& diagnostic : result.unsupported)
        made.refused.push_back(diagnostic.kernel + ": " + diagnostic.message);
    return made;
}

std::string shader(const std::string& source, const std::string& variant) {
    const Package package = front_end(source, "test.cu");
    const TargetResult result = heddle_compiler_create()->compile_target(
        {package.find("ir", "")->data, "spirv", variant, {}, false, true});
    EXPECT_TRUE(result.ok) << result.diagnostics;
    return {reinterpret_cast<const char*>(result.payload.data()), result.payload.size()};
}

constexpr const char* variants[] = {"warp32", "full", "basic"};

const std::string saxpy = R"(
extern "C" __global__ void saxpy(int n, float a, const float* x, float* y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
})";

TEST(Spirv, ParametersLieAsTheManifestSays) {
    const Package package = front_end(saxpy, "test.cu");
    for (const char* variant : variants) {
        const Made made = modules(package, variant);
        ASSERT_EQ(made.kernels.size(), 1U) << variant;
        const ArchivedKernel& kernel = made.kernels[0];
        EXPECT_EQ(kernel.symbol, "saxpy");
        EXPECT_EQ(kernel.parameter_bytes, 24U + 12);
        EXPECT_FALSE(kernel.parameters_in_buffer);
        EXPECT_EQ(kernel.needs(ModuleFeature::warp32), std::string(variant) == "warp32");
        EXPECT_EQ(kernel.needs(ModuleFeature::int64), std::string(variant) != "basic");
        EXPECT_EQ(validate_module(kernel.words), "");
    }
}

TEST(Spirv, InexactReciprocalRootsAreTheDevicesOwn) {
    const char* inexact = "__global__ void k(float* a) { a[0] = rsqrtf(a[1]); }";
    EXPECT_NE(shader(inexact, "warp32").find("inversesqrt("), std::string::npos);
    const char* exact = "__global__ void k(float* a) { a[0] = 1.0f / sqrtf(a[1]); }";
    EXPECT_EQ(shader(exact, "warp32").find("inversesqrt("), std::string::npos);
}

TEST(Spirv, ManyParametersLieInABuffer) {
    const Package package = front_end(R"(
struct Many { double values[20]; };
extern "C" __global__ void sum(Many many, double* out) {
    double total = 0;
    for (double value : many.values) total += value;
    *out = total;
})",
                                      "test.cu");
    const Made made = modules(package, "full");
    ASSERT_EQ(made.kernels.size(), 1U);
    EXPECT_TRUE(made.kernels[0].parameters_in_buffer);
    EXPECT_EQ(made.kernels[0].parameter_bytes, 168U + 12);
}

TEST(Spirv, HiddenParametersFollow) {
    const Package package = front_end(R"(
#include <cassert>
__device__ int counter;
extern "C" __global__ void all(int n, int* out) {
    extern __shared__ int cells[];
    cells[threadIdx.x] = n;
    __syncthreads();
    counter = cells[0] + gridDim.x;
    assert(n > 0);
    *out = counter;
})",
                                      "test.cu");
    const Made made = modules(package, "full");
    ASSERT_EQ(made.kernels.size(), 1U);
    const vulkan::HiddenParameters& hidden = made.kernels[0].hidden;
    EXPECT_TRUE(hidden.globals && hidden.messages && hidden.grid && hidden.first_block);
    EXPECT_FALSE(hidden.shared_bytes);
    EXPECT_EQ(made.kernels[0].parameter_bytes, 16U + 8 + 8 + 12 + 12);
}

TEST(Spirv, BasicRefusesDoublesWithTheirLine) {
    const Package package = front_end(R"(
extern "C" __global__ void twice(double* x) {
    x[threadIdx.x] *= 2;
})",
                                      "test.cu");
    const Made made = modules(package, "basic");
    EXPECT_TRUE(made.kernels.empty());
    ASSERT_EQ(made.refused.size(), 1U);
    EXPECT_EQ(made.refused[0], "twice: test.cu:3:20: double precision, which this device does not have");
}

TEST(Spirv, WarpsAreSubgroupsWhereTheVariantSaysSo) {
    const std::string source = R"(
extern "C" __global__ void sum(int* x) {
    int v = x[threadIdx.x];
    if (threadIdx.x < 32) v += __shfl_down_sync(~0u, v, 16);
    x[threadIdx.x] = v;
})";
    const std::string fast = shader(source, "warp32"), portable = shader(source, "full");
    EXPECT_NE(fast.find("warp_shuffle("), std::string::npos) << fast;
    EXPECT_EQ(fast.find("cells["), std::string::npos) << fast;
    EXPECT_NE(portable.find("block_shuffle("), std::string::npos) << portable;
    EXPECT_NE(portable.find("shared uint cells["), std::string::npos) << portable;
}

TEST(Spirv, ProductsAreFusedOnceAndForAll) {
    const Package package = front_end(saxpy, "test.cu");
    const auto contracts = [&](const char* variant) {
        unsigned sums = 0, decorated = 0;
        const Made made = modules(package, variant);
        const auto& words = made.kernels.at(0).words;
        for (std::size_t at = 5; at < words.size(); at += std::max(words[at] >> 16U, 1U)) {
            const unsigned op = words[at] & 0xffffU;
            sums += op == 129 || op == 133;
            decorated += op == 71 && words[at + 2] == 42;
        }
        EXPECT_EQ(sums, decorated) << variant;
        return sums;
    };
    EXPECT_EQ(contracts("warp32"), 0U);
    EXPECT_EQ(contracts("full"), 2U);
}

TEST(Spirv, ACorruptShaderIsAnErrorWithTheCompilersMessage) {
    try {
        compile_shader("#version 460\nvoid main() { nonsense; }\n", "broken");
        FAIL();
    } catch (const std::exception& error) {
        EXPECT_NE(std::string(error.what()).find("'broken'"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("nonsense"), std::string::npos) << error.what();
    }
    EXPECT_NE(validate_module(std::vector<std::uint32_t>{0x07230203, 0x00010500, 0, 1, 0, 0xffffffff}), "");
}

// One test a file of kernels and variant, so that they run side by side.
class SpirvModules : public testing::TestWithParam<std::tuple<std::string, const char*>> {};

TEST_P(SpirvModules, AreValid) {
    const auto& [name, variant] = GetParam();
    const std::filesystem::path path =
        std::filesystem::path(HEDDLE_SOURCE_DIR) / "tests/conformance/kernels" / name;
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    const Package package = front_end(text.str(), path.string());
    const Made made = modules(package, variant);
    EXPECT_EQ(made.kernels.size() + made.refused.size(), package.kernels.size());
    for (const ArchivedKernel& kernel : made.kernels)
        EXPECT_EQ(validate_module(kernel.words), "") << name << " " << kernel.symbol;
    for (const std::string& reason : made.refused) RecordProperty("refused", reason);
}

std::vector<std::string> kernel_files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(HEDDLE_SOURCE_DIR) /
                                                                 "tests/conformance/kernels"))
        if (entry.path().extension() == ".cu") names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

INSTANTIATE_TEST_SUITE_P(Conformance, SpirvModules,
                         testing::Combine(testing::ValuesIn(kernel_files()), testing::ValuesIn(variants)),
                         [](const auto& info) {
                             const std::string name = std::get<0>(info.param);
                             return name.substr(0, name.find('.')) + "_" + std::get<1>(info.param);
                         });

}  // namespace
}  // namespace heddle::compiler
