// The OpenCL C target's variant for NVIDIA's GPUs: warps are the hardware's, control flow is not masked, and
// what it prints of the conformance suite's kernels is OpenCL C that Clang takes, with PTX whose operands
// fit.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "compiler/compiler.h"

namespace heddle::compiler {
namespace {

Package front_end(const std::string& source, const std::string& name) {
    SourceRequest request;
    request.source = source;
    request.file_name = name;
    SourceResult made = heddle_compiler_create()->compile_source(request);
    EXPECT_TRUE(made.ok) << made.diagnostics;
    return std::move(made.package);
}

std::string printed(const Package& package, const std::string& variant) {
    const auto* ir = package.find("ir", "");
    if (ir == nullptr) return {};
    const TargetResult result =
        heddle_compiler_create()->compile_target({ir->data, "opencl", variant, {}, false, true});
    EXPECT_TRUE(result.ok) << result.diagnostics;
    return {reinterpret_cast<const char*>(result.payload.data()), result.payload.size()};
}

std::string text_of(const std::string& source) {
    return printed(front_end(source, "test.cu"), "nv");
}

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "lacks\n" << part << "\nin\n" << text;
}

void expect_not_in(const std::string& text, const std::string& part) {
    EXPECT_EQ(text.find(part), std::string::npos) << "holds\n" << part << "\nin\n" << text;
}

TEST(OpenClPtx, WarpsAreTheHardwares) {
    const std::string text = text_of(R"(
extern "C" __global__ void first_warp(const int* in, int* out, int n) {
    int v = in[threadIdx.x];
    if (threadIdx.x < 32) {
        for (int d = n; d; d /= 2) v += __shfl_down_sync(~0u, v, d);
        if (threadIdx.x == 0) out[blockIdx.x] = v;
    }
})");
    expect_in(text, "shfl.sync.down.b32");
    expect_in(text, "shuffle_down(0xffffffffu, v, d, 32);");
    expect_not_in(text, "active");
    expect_not_in(text, "local ");
    expect_not_in(text, "barrier");
}

TEST(OpenClPtx, KernelsWithoutSuchOperationsAreThoseOfAllDevices) {
    const Package package = front_end(R"(
extern "C" __global__ void saxpy(int n, float a, const float* x, float* y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
})",
                                      "test.cu");
    EXPECT_EQ(printed(package, "nv"), printed(package, "portable"));
    EXPECT_EQ(printed(package, ""), printed(package, "portable"));
}

TEST(OpenClPtx, BarriersCountThreadsWhereTheyMayBeApart) {
    const std::string together = text_of(R"(
extern "C" __global__ void together(const int* in, int* out, int n) {
    __shared__ int tile[64];
    for (int i = threadIdx.x; i < 64; i += blockDim.x) tile[i] = in[i];
    for (int k = 0; k < n; ++k) {
        __syncthreads();
        out[threadIdx.x] += tile[(threadIdx.x + k) & 63];
    }
})");
    expect_in(together, "barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);");
    expect_not_in(together, "barrier.sync");
    const std::string apart = text_of(R"(
extern "C" __global__ void apart(const int* in, int* out, int n) {
    __shared__ int tile[64];
    if (threadIdx.x >= n) return;
    tile[threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    out[threadIdx.x] = tile[0];
})");
    expect_in(apart, "asm volatile(\"barrier.sync 0;\" : : : \"memory\");");
    expect_in(apart, "block_barrier();");
    expect_not_in(apart, "CLK_LOCAL_MEM_FENCE");
    expect_not_in(apart, "active");
    // The same number of times for all, but not at the same time.
    const std::string trips = text_of(R"(
extern "C" __global__ void trips(const int* in, int* out) {
    for (int k = 0; k < in[threadIdx.x]; ++k) {
        __syncthreads();
        out[k] += 1;
    }
    __syncthreads();
    out[threadIdx.x] = 3;
})");
    expect_in(trips, "block_barrier();");
    expect_in(trips, "barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);");
}

TEST(OpenClPtx, AtomicsAndFencesAreInstructions) {
    const std::string text = text_of(R"(
extern "C" __global__ void add(float* f, double* d, unsigned* u) {
    __shared__ float sum;
    sum = 0;
    __syncthreads();
    atomicAdd(&sum, 2.0f);
    __syncthreads();
    atomicAdd(f, sum);
    atomicAdd(d, 3.0);
    __threadfence();
    atomicInc(u, 4);
    atomicMax(u + 1, 4);
})");
    for (const char* part : {"atom.shared.add.f32", "atom.global.add.f32", "atom.global.add.f64",
                             "atom.global.inc.u32", "membar.gl;", "atomic_max("})
        expect_in(text, part);
    expect_not_in(text, "mem_fence");
    expect_not_in(text, "cmpxchg");
}

TEST(OpenClPtx, AnUnknownVariantIsRefusedWithThoseThatThereAre) {
    const Package package = front_end("extern \"C\" __global__ void k() {}", "test.cu");
    const TargetResult result = heddle_compiler_create()->compile_target(
        {package.find("ir", "")->data, "opencl", "warp64", {}, false, true});
    EXPECT_FALSE(result.ok);
    expect_in(result.diagnostics, "portable and nv");
}

struct Answer {
    int status = -1;
    std::string output;
};

Answer run(const std::string& command) {
    Answer made;
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return made;
    std::array<char, 4096> part{};
    while (const std::size_t count = fread(part.data(), 1, part.size(), pipe))
        made.output.append(part.data(), count);
    const int status = pclose(pipe);
    made.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    made.output.resize(std::min<std::size_t>(made.output.size(), 2000));
    return made;
}

/// Clang's PTX for `text` on a GPU of `capability`.
Answer translated(const std::string& text, const std::string& name, unsigned capability) {
    const std::filesystem::path source =
        std::filesystem::temp_directory_path() / ("heddle-" + name + "-" + std::to_string(getpid()) + ".cl");
    std::ofstream(source) << text;
    const std::string sm = std::to_string(capability);
    // In plain OpenCL C Clang has "asm" under its other name only.
    Answer made = run(std::string(HEDDLE_CLANG) +
                      " -x cl -cl-std=CL1.2 -target nvptx64-nvidia-nvcl -O0 -w -S -Dasm=__asm__"
                      " -Xclang -finclude-default-header"
                      " -Xclang -cl-ext=+cl_khr_int64_base_atomics,+cl_khr_int64_extended_atomics"
                      " -Xclang -target-cpu -Xclang sm_" +
                      sm + " -Xclang -target-feature -Xclang +ptx70 -DNV_COMPUTE_CAPABILITY=" + sm + " '" +
                      source.string() + "' -o /dev/null");
    std::filesystem::remove(source);
    return made;
}

// One test a file of kernels, so that they run side by side.
class OpenClPtxText : public testing::TestWithParam<std::string> {};

TEST_P(OpenClPtxText, IsTakenByClang) {
    if (run(std::string(HEDDLE_CLANG) + " --version").status != 0)
        GTEST_SKIP() << "there is no Clang to try OpenCL C with: '" << HEDDLE_CLANG << "'";
    const std::filesystem::path path =
        std::filesystem::path(HEDDLE_SOURCE_DIR) / "tests/conformance/kernels" / GetParam();
    std::ifstream file(path);
    std::stringstream source;
    source << file.rdbuf();
    const Package package = front_end(source.str(), path.string());
    const std::string text = printed(package, "nv");
    expect_not_in(text, "exchange[");
    expect_not_in(text, "bool active");
    // What has nothing of NVIDIA's in it PoCL compiles, in the conformance suite.
    if (text.find("asm") == std::string::npos) return;
    for (const unsigned capability : {70U, 80U}) {
        const Answer made = translated(text, path.stem().string(), capability);
        EXPECT_EQ(made.status, 0) << made.output;
    }
}

std::vector<std::string> kernel_files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(HEDDLE_SOURCE_DIR) /
                                                                 "tests/conformance/kernels"))
        if (entry.path().extension() == ".cu") names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

INSTANTIATE_TEST_SUITE_P(Conformance, OpenClPtxText, testing::ValuesIn(kernel_files()),
                         [](const auto& tested) { return tested.param.substr(0, tested.param.find('.')); });

TEST(OpenClPtx, ClangSeesPtxThatDoesNotFit) {
    if (run(std::string(HEDDLE_CLANG) + " --version").status != 0)
        GTEST_SKIP() << "there is no Clang to try OpenCL C with: '" << HEDDLE_CLANG << "'";
    const Answer made = translated(
        "kernel void k(global int* x) { asm volatile(\"mov.u32 %1, 1;\" : \"=r\"(*x)); }", "wrong", 70);
    EXPECT_NE(made.status, 0) << made.output;
}

}  // namespace
}  // namespace heddle::compiler
