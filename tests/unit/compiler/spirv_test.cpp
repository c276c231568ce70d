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
    EXPECT_EQ(shader(inexact, "warp32").find("inverse_root("), std::string::npos);
    const char* exact = "__global__ void k(float* a) { a[0] = 1.0f / sqrtf(a[1]); }";
    EXPECT_NE(shader(exact, "warp32").find("= inverse_root("), std::string::npos);
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

// Simplification makes a constant of the second row's address.
TEST(Spirv, PlacesInSharedArraysOutliveSimplification) {
    const std::string text = shader(R"(
__global__ void k(int turns, int* out) {
    __shared__ int stage[2][64];
    stage[0][threadIdx.x] = threadIdx.x;
    stage[1][threadIdx.x] = -threadIdx.x;
    __syncthreads();
    int side = 1;
    int* seen = stage[1];
    for (int turn = 0; turn < turns; ++turn) {
        out[turn] = seen[threadIdx.x ^ turn];
        if (turn % 3) { seen = stage[side ^ 1]; side ^= 1; }
    }
})",
                                    "warp32");
    EXPECT_NE(text.find("seen = (256u)"), std::string::npos) << text;
}

TEST(Spirv, QuotientsWithOneHaveTheirOwnFunctions) {
    const std::string source = R"(
__global__ void k(float* x) { x[0] = 1.0f / sqrtf(x[1]); x[2] = 1.0f / x[3]; x[4] = x[5] / x[6]; })";
    const std::string exact = shader(source, "warp32");
    for (const char* function : {"= inverse_root(", "= reciprocal(", "= divide("})
        EXPECT_NE(exact.find(function), std::string::npos) << function << exact;
    EXPECT_EQ(shader(source, "full").find("reciprocal("), std::string::npos);
}

TEST(Spirv, BarriersOrderGlobalMemoryWhereItMatters) {
    const auto orders = [](const std::string& source) {
        const std::string text = shader(source, "warp32");
        const bool has_kinds = text.find("MEMORY_KINDS gl_StorageSemanticsShared |") != std::string::npos;
        EXPECT_EQ(has_kinds, text.find(" nonprivate buffer") != std::string::npos) << text;
        return has_kinds;
    };
    EXPECT_FALSE(orders(R"(
__global__ void turn(const int* in, int* out) {
    __shared__ int cells[64];
    cells[threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    out[threadIdx.x] = cells[63 - threadIdx.x];
})"));
    EXPECT_TRUE(orders(R"(
__global__ void turn(int* cells, int* out) {
    cells[threadIdx.x] = threadIdx.x;
    __syncthreads();
    out[threadIdx.x] = cells[63 - threadIdx.x];
})"));
    // Written at the end of a round, read in the next.
    EXPECT_TRUE(orders(R"(
__global__ void rounds(int* cells, int n) {
    for (int k = 0; k < n; ++k) {
        int theirs = cells[63 - threadIdx.x];
        __syncthreads();
        cells[threadIdx.x] = theirs;
        __syncthreads();
    }
})"));
    const std::string published =
        shader("__global__ void f(int* c) { c[threadIdx.x] = 1; __threadfence(); }", "warp32");
    EXPECT_NE(published.find("devicecoherent buffer"), std::string::npos) << published;
}

// Of warp32, where barriers say what they order; software drivers get what GLSL says.
TEST(Spirv, SharedMemoryIsOrderedByBarriers) {
    const auto ordered = [](const std::string& source, const char* variant) {
        const Made made = modules(front_end(source, "test.cu"), variant);
        std::size_t found = 0;
        const auto& words = made.kernels.at(0).words;
        EXPECT_EQ(validate_module(words), "") << variant;
        for (std::size_t at = 5; at < words.size(); at += std::max(words[at] >> 16U, 1U)) {
            const unsigned op = words[at] & 0xffffU, length = words[at] >> 16U;
            if ((op == 61 && length > 4 && (words[at + 4] & 16U) != 0) ||
                (op == 62 && length > 3 && (words[at + 3] & 8U) != 0))
                ++found;
        }
        return found;
    };
    const std::string turn = R"(
__global__ void turn(int* out) {
    __shared__ int cells[64];
    cells[threadIdx.x] = out[threadIdx.x];
    __syncthreads();
    out[threadIdx.x] = cells[63 - threadIdx.x];
})";
    EXPECT_EQ(ordered(turn, "warp32"), 0U);
    EXPECT_EQ(ordered(turn, "full"), 2U);
    EXPECT_EQ(ordered(R"(
__global__ void turn(int* out) {
    __shared__ volatile int cells[64];
    cells[threadIdx.x] = out[threadIdx.x];
    __syncwarp();
    out[threadIdx.x] = cells[63 - threadIdx.x];
})",
                      "warp32"),
              2U);
}

TEST(Spirv, WhatIsOnlyReadIsConstant) {
    const std::string text = shader(R"(
__global__ void k(const float* __restrict__ in, float* __restrict__ out, const float* other) {
    out[threadIdx.x] = in[threadIdx.x] + other[threadIdx.x];
})",
                                    "warp32");
    EXPECT_NE(text.find("restrict readonly buffer Float32Constant"), std::string::npos) << text;
    EXPECT_NE(text.find("Float32((other"), std::string::npos) << text;
}

// The inner loop four times, and a shared row as one vector.
TEST(Spirv, LoopsAreUnrolledAndRowsJoinedForGpus) {
    const std::string source = R"(
__global__ void k(const float* in, float* out, unsigned n) {
    __shared__ float tile[16][16];
    tile[threadIdx.y][threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    float sum = 0;
    for (unsigned i = 0; i < 16; ++i) sum += tile[threadIdx.y][i];
    for (unsigned i = 0; i < n; ++i) sum += in[i];
    out[threadIdx.x] = sum;
})";
    const auto loads = [](const std::string& text) {
        std::size_t found = 0;
        for (std::size_t at = text.find("sum"); at != std::string::npos; at = text.find("Float32(", at + 1))
            ++found;
        return found;
    };
    const std::string unrolled = shader(source, "warp32"), plain = shader(source, "full");
    EXPECT_GT(loads(unrolled), loads(plain) + 2) << unrolled;
    EXPECT_NE(unrolled.find("shared vec4 tile[64];"), std::string::npos) << unrolled;
    EXPECT_NE(plain.find("shared float tile[256];"), std::string::npos) << plain;
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
                         [](const auto& chosen) {
                             const std::string name = std::get<0>(chosen.param);
                             return name.substr(0, name.find('.')) + "_" + std::get<1>(chosen.param);
                         });

}  // namespace
}  // namespace heddle::compiler
