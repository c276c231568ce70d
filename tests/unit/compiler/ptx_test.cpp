// The PTX target: what stands in the text for Kernel IR's calls, and which kernels it refuses.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "compiler/compiler.h"

namespace heddle::compiler {
namespace {

class Ptx : public ::testing::Test {
  protected:
    /// The whole target's result for a CUDA source.
    static TargetResult compile(const std::string& source, const std::string& variant = "sm_90") {
        Compiler& compiler = *heddle_compiler_create();
        const SourceResult front = compiler.compile_source({source, "test.cu", {}});
        EXPECT_TRUE(front.ok) << front.diagnostics;
        const Payload* ir = front.package.find("ir", "");
        if (ir == nullptr) return {};
        return compiler.compile_target({ir->data, "ptx", variant, {}, false, false});
    }
    static std::string text(const std::string& source, const std::string& variant = "sm_90") {
        const TargetResult result = compile(source, variant);
        EXPECT_TRUE(result.ok) << result.diagnostics;
        EXPECT_TRUE(result.unsupported.empty());
        return {reinterpret_cast<const char*>(result.payload.data()), result.payload.size()};
    }
    static std::size_t count(const std::string& text, const std::string& part) {
        std::size_t found = 0;
        for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
        return found;
    }
};

TEST_F(Ptx, IsForTheVariant) {
    const std::string source = "__global__ void k(int* a) { a[threadIdx.x] = blockIdx.x; }";
    EXPECT_EQ(count(text(source, "sm_70"), ".target sm_70"), 1u);
    EXPECT_EQ(count(text(source, "sm_90"), ".target sm_90"), 1u);
    const TargetResult unknown = compile(source, "sm_12");
    EXPECT_FALSE(unknown.ok);
    EXPECT_NE(unknown.diagnostics.find("sm_70, sm_80, sm_90"), std::string::npos) << unknown.diagnostics;
}

TEST_F(Ptx, FusesWhatMayBeFusedOnly) {
    const std::string fused = text("__global__ void k(float* a) { a[0] = a[1] * a[2] + a[3]; }");
    EXPECT_EQ(count(fused, "fma.rn.f32"), 1u) << fused;
    const std::string apart =
        text("__global__ void k(float* a) { a[0] = __fadd_rn(__fmul_rn(a[1], a[2]), a[3]); }");
    EXPECT_EQ(count(apart, "fma.rn.f32"), 0u) << apart;
    const std::string half = text("__global__ void k(float* a) { a[0] = __fmul_rn(a[1], a[2]) - a[3]; }");
    EXPECT_EQ(count(half, "fma.rn.f32"), 0u) << half;
    const std::string doubles =
        text("__global__ void k(double* a) { a[0] = __dadd_rn(__dmul_rn(a[1], a[2]), a[3]); }");
    EXPECT_EQ(count(doubles, "fma.rn.f64"), 0u) << doubles;
}

TEST_F(Ptx, TakesTheInstructionForInexactReciprocalRootsOnly) {
    const std::string inexact = text("__global__ void k(float* a) { a[0] = rsqrtf(a[1]); }");
    EXPECT_EQ(count(inexact, "rsqrt.approx.f32"), 1u) << inexact;
    EXPECT_EQ(count(inexact, "sqrt.rn.f32"), 0u) << inexact;
    const std::string exact = text("__global__ void k(float* a) { a[0] = 1.0f / sqrtf(a[1]); }");
    EXPECT_EQ(count(exact, "approx"), 0u) << exact;
    EXPECT_EQ(count(exact, "sqrt.rn.f32"), 1u) << exact;
}

TEST_F(Ptx, ConvertsToBytesWithoutClamping) {
    const std::string bytes = text(
        "__global__ void k(const float* a, unsigned char* b, signed char* c) { b[0] = a[0]; c[0] = a[1]; }");
    EXPECT_EQ(count(bytes, "cvt.rzi.u8.f32"), 1u) << bytes;
    EXPECT_EQ(count(bytes, "cvt.rzi.s8.f32"), 1u) << bytes;
    EXPECT_EQ(count(bytes, "min") + count(bytes, "max"), 0u) << bytes;
}

TEST_F(Ptx, UnrollsLoopsOfMiddleSize) {
    const std::string source = R"(
__global__ void k(unsigned n, const float4* a, float* b) {
    float x = 0, y = 0;
    for (unsigned i = 0; i < n; ++i) {
        float4 v = a[i];
        float r = rsqrtf(v.x * v.x + v.y * v.y + v.z * v.z + 1.0f);
        x += v.w * r * r * r;
        y += v.x * r + v.y * r + v.z * r;
    }
    b[0] = x + y;
})";
    EXPECT_EQ(count(text(source), "rsqrt.approx.f32"), 5u);  // four, and one for what is left
}

TEST_F(Ptx, ReducesByInstructionOrByShuffles) {
    const std::string source =
        "__global__ void k(int* a, unsigned m) { a[threadIdx.x] = __reduce_add_sync(m, a[threadIdx.x]); }";
    EXPECT_EQ(count(text(source, "sm_80"), "redux.sync.add.s32"), 1u);
    const std::string before = text(source, "sm_70");
    EXPECT_EQ(count(before, "redux"), 0u);
    EXPECT_EQ(count(before, "shfl.sync.idx.b32"), 2u) << before;
}

TEST_F(Ptx, ShufflesBothHalvesOfLongValues) {
    const std::string source =
        "__global__ void k(long long* a) { a[threadIdx.x] = __shfl_down_sync(~0u, a[threadIdx.x], 4, 16); }";
    const std::string made = text(source);
    EXPECT_EQ(count(made, "shfl.sync.down.b32"), 2u) << made;
    EXPECT_EQ(count(made, "4127"), 2u) << made;  // (32 - 16) << 8 | 31
}

TEST_F(Ptx, KeepsLaunchBounds) {
    const std::string made = text("__global__ __launch_bounds__(256, 4) void k(int* a) { a[0] = 1; }");
    EXPECT_EQ(count(made, ".maxntid 256"), 1u) << made;
    EXPECT_EQ(count(made, ".minnctapersm 4"), 1u) << made;
    EXPECT_EQ(count(text("__global__ void k(int* a) { a[0] = 1; }"), ".maxntid"), 0u);
}

TEST_F(Ptx, TakesAFailureRecordWhereAKernelMayFail) {
    const std::string source =
        "#include <cassert>\n"
        "__global__ void fails(int* a) { assert(a[threadIdx.x] > 0); }\n"
        "__global__ void plain(int* a) { a[0] = 1; }\n";
    const std::string made = text(source);
    EXPECT_EQ(count(made, "heddle_fails__Z5failsPi"), 1u) << made;
    EXPECT_EQ(count(made, "_Z5failsPi_param_1"), 2u) << made;
    EXPECT_EQ(count(made, "_Z5plainPi_param_1"), 0u) << made;
    EXPECT_NE(made.find("exit;"), std::string::npos) << made;
}

TEST_F(Ptx, ReadsConstantsThroughTheReadOnlyPath) {
    const std::string made = text(
        "__constant__ float table[64];\n"
        "__device__ float state[64];\n"
        "__global__ void k(float* a) { a[0] = table[threadIdx.x] + state[5]; }");
    EXPECT_EQ(count(made, ".const .align 8 .u64 heddle_globals"), 1u) << made;
    EXPECT_EQ(count(made, "ld.global.nc.f32"), 1u) << made;
    EXPECT_EQ(count(made, "ld.global.f32"), 1u) << made;
}

TEST_F(Ptx, ConvertsOutOfRangeInOneInstruction) {
    const std::string made = text("__global__ void k(int* a, float x) { a[0] = (int)x; }");
    EXPECT_EQ(count(made, "cvt.rzi.s32.f32"), 1u) << made;
    EXPECT_EQ(count(made, "setp"), 0u) << made;
}

}  // namespace
}  // namespace heddle::compiler
