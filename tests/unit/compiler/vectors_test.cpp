// Vectors in memory: one access of the source is one access in the text of every target for GPUs, where the
// alignment is known, and single ones where it is not.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "backends/vulkan/kernel_archive.h"
#include "compiler/compiler.h"
#include "compiler/targets/spirv_module.h"

namespace heddle::compiler {
namespace {

constexpr const char* spirv_variants[] = {"warp32", "full", "basic"};

class Vectors : public ::testing::Test {
  protected:
    static TargetResult compile(const std::string& source, const std::string& target,
                                const std::string& variant, bool as_text) {
        Compiler& compiler = *heddle_compiler_create();
        const SourceResult front = compiler.compile_source({source, "test.cu", {}});
        EXPECT_TRUE(front.ok) << front.diagnostics;
        const Payload* ir = front.package.find("ir", "");
        if (ir == nullptr) return {};
        TargetResult result = compiler.compile_target({ir->data, target, variant, {}, false, as_text});
        EXPECT_TRUE(result.ok) << result.diagnostics;
        EXPECT_TRUE(result.unsupported.empty());
        return result;
    }
    static std::string text(const std::string& source, const std::string& target,
                            const std::string& variant = {}) {
        const TargetResult result = compile(source, target, variant, true);
        return {reinterpret_cast<const char*>(result.payload.data()), result.payload.size()};
    }
    /// The shader without what every shader begins with; its module is valid.
    static std::string shader(const std::string& source, const std::string& variant) {
        for (const vulkan::ArchivedKernel& kernel :
             vulkan::decode_archive(compile(source, "spirv", variant, false).payload))
            EXPECT_EQ(validate_module(kernel.words), "") << variant;
        const std::string whole = text(source, "spirv", variant);
        return whole.substr(whole.find("#define FIRST_BLOCK_Z"));
    }
    static std::size_t count(const std::string& text, const std::string& part) {
        std::size_t found = 0;
        for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
        return found;
    }
};

TEST_F(Vectors, ACopyIsOneLoadAndOneStore) {
    const std::string source =
        "__global__ void copy(const float4* from, float4* to) { to[threadIdx.x] = from[threadIdx.x]; }";
    const std::string ptx = text(source, "ptx", "sm_90");
    EXPECT_EQ(count(ptx, "ld.global"), 1U) << ptx;
    EXPECT_EQ(count(ptx, "st.global"), 1U) << ptx;
    const std::string opencl = text(source, "opencl");
    EXPECT_NE(opencl.find("ulong2 element = from[thread_x];"), std::string::npos) << opencl;
    EXPECT_NE(opencl.find("to[thread_x] = element;"), std::string::npos) << opencl;
    for (const char* variant : spirv_variants) {
        const std::string glsl = shader(source, variant);
        EXPECT_EQ(count(glsl, "s4("), 2U) << glsl;
        EXPECT_EQ(count(glsl, ").v"), 2U) << glsl;
    }
}

TEST_F(Vectors, ElementsAreComponents) {
    const std::string source = R"(
__global__ void scale(float4* place, float by) {
    float4 v = place[threadIdx.x];
    place[threadIdx.x] = make_float4(v.x * by, v.y * by, v.z * by, v.w + by);
})";
    const std::string opencl = text(source, "opencl");
    EXPECT_NE(opencl.find("global float4* place"), std::string::npos) << opencl;
    EXPECT_NE(opencl.find("(float4)("), std::string::npos) << opencl;
    for (const char* variant : spirv_variants) {
        const std::string glsl = shader(source, variant);
        EXPECT_EQ(count(glsl, "Floats4("), 2U) << glsl;
        EXPECT_NE(glsl.find("= vec4("), std::string::npos) << glsl;
    }
}

TEST_F(Vectors, BytesShareAWord) {
    const std::string source = R"(
__global__ void turn(uchar4* place) {
    uchar4 v = place[threadIdx.x];
    place[threadIdx.x] = make_uchar4(v.w, v.z, v.y, v.x + 1);
})";
    const std::string opencl = text(source, "opencl");
    EXPECT_NE(opencl.find("global uchar4* place"), std::string::npos) << opencl;
    for (const char* variant : spirv_variants) {
        const std::string glsl = shader(source, variant);
        EXPECT_EQ(count(glsl, "Word32("), 2U) << glsl;
        EXPECT_EQ(count(glsl, "byte"), 0U) << glsl;
    }
}

// Written as a whole, read word by word.
TEST_F(Vectors, SharedMemoryIsMadeOfThem) {
    const std::string source = R"(
__global__ void spread(const float4* from, float* to) {
    __shared__ float4 tile[64];
    tile[threadIdx.x] = from[threadIdx.x];
    __syncthreads();
    const float* words = (const float*)tile;
    to[threadIdx.x] = words[threadIdx.x * 3 + 1] + tile[63 - threadIdx.x].z;
})";
    for (const char* variant : spirv_variants) {
        const std::string glsl = shader(source, variant);
        EXPECT_NE(glsl.find("vec4 tile[64];"), std::string::npos) << glsl;
        EXPECT_NE(glsl.find(" >> 2]["), std::string::npos) << glsl;
        EXPECT_NE(glsl.find("].z"), std::string::npos) << glsl;
    }
}

TEST_F(Vectors, UnalignedNeighboursStayApart) {
    const std::string source = R"(
struct Four { float x, y, z, w; };
__global__ void copy(const Four* from, Four* to) { to[threadIdx.x] = from[threadIdx.x]; })";
    EXPECT_EQ(count(text(source, "opencl"), "float4"), 0U);
    for (const char* variant : spirv_variants) {
        const std::string glsl = shader(source, variant);
        EXPECT_EQ(count(glsl, "vec4"), 0U) << glsl;
    }
}

TEST_F(Vectors, VolatileAccessesStayApart) {
    const std::string source = R"(
__global__ void copy(volatile float4* from, float* to) { to[threadIdx.x] = from[0].x + from[0].y; })";
    for (const char* variant : spirv_variants) {
        const std::string glsl = shader(source, variant);
        EXPECT_EQ(count(glsl, "Float32Volatile("), 2U) << glsl;
    }
}

}  // namespace
}  // namespace heddle::compiler
