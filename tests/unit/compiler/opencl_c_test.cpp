// The OpenCL C target: what it prints of small kernels, how it masks code in which threads wait, and what it
// refuses.
#include <gtest/gtest.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include <span>
#include <string>

#include "compiler/compiler.h"

namespace heddle::compiler {
namespace {

struct Printed {
    std::string text, refused;
};

Printed printed(std::span<const std::byte> ir) {
    const TargetResult result = heddle_compiler_create()->compile_target({ir, "opencl", "", {}, false, true});
    EXPECT_TRUE(result.ok) << result.diagnostics;
    Printed found;
    found.text = {reinterpret_cast<const char*>(result.payload.data()), result.payload.size()};
    for (const TargetDiagnostic& diagnostic : result.unsupported) found.refused += diagnostic.message + "\n";
    return found;
}

/// The OpenCL C of `source`'s kernels.
Printed printed(const std::string& source) {
    SourceRequest request;
    request.source = source;
    request.file_name = "test.cu";
    const SourceResult made = heddle_compiler_create()->compile_source(request);
    EXPECT_TRUE(made.ok) << made.diagnostics;
    if (!made.ok) return {};
    const auto* ir = made.package.find("ir", "");
    return printed(ir->data);
}

/// The OpenCL C of the one kernel `walk`, given as Kernel IR.
std::string text_of_ir(const std::string& ir) {
    llvm::LLVMContext context;
    llvm::SMDiagnostic error;
    const std::string whole = "target triple = \"nvptx64-nvidia-cuda\"\n" + ir +
                              "!heddle.kernels = !{!0}\n!0 = !{ptr @walk, !\"walk\"}\n";
    const auto module = llvm::parseAssemblyString(whole, error, context);
    EXPECT_NE(module, nullptr) << error.getMessage().str();
    if (!module) return {};
    llvm::SmallVector<char, 0> bitcode;
    llvm::raw_svector_ostream out(bitcode);
    llvm::WriteBitcodeToFile(*module, out);
    const Printed found = printed(std::as_bytes(std::span(bitcode.data(), bitcode.size())));
    EXPECT_EQ(found.refused, "");
    return found.text;
}

std::string text_of(const std::string& source) {
    const Printed found = printed(source);
    EXPECT_EQ(found.refused, "");
    return found.text;
}

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "lacks\n" << part << "\nin\n" << text;
}

void expect_not_in(const std::string& text, const std::string& part) {
    EXPECT_EQ(text.find(part), std::string::npos) << "holds\n" << part << "\nin\n" << text;
}

TEST(OpenClC, KernelsShareDefinitionsOfStructures) {
    const std::string text = text_of(R"(
struct Pair { float first; int second; };
extern "C" __global__ void a(Pair p, float* out) { out[0] = p.first; out[1] = p.second; }
extern "C" __global__ void b(Pair p, float* out) { out[0] = p.first; out[1] = p.second; }
extern "C" __global__ void c(Pair p, float* out) { out[1] = p.second; }
)");
    const auto count = [&](const std::string& part) {
        std::size_t found = 0;
        for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
        return found;
    };
    EXPECT_EQ(count("} Pair;"), 1U) << text;
    EXPECT_LE(count("typedef struct"), 2U) << text;
    EXPECT_EQ(count("kernel void "), 3U) << text;
}

TEST(OpenClC, ReadsAsIfWrittenByHand) {
    const std::string text = text_of(R"(
extern "C" __global__ void saxpy(int n, float a, const float* x, float* y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
})");
    EXPECT_EQ(text,
              "// heddle: kernel saxpy saxpy\n"
              "kernel void saxpy(int n, float a, global float* x, global float* y) {\n"
              "    int i = get_global_id(0);\n"
              "    if (i < n) {\n"
              "        y[i] = x[i] * a + y[i];\n"
              "    }\n"
              "}\n");
}

TEST(OpenClC, SharedArraysKeepTheirDimensions) {
    const std::string text = text_of(R"(
extern "C" __global__ void transpose(const float* in, float* out) {
    __shared__ float tile[16][17];
    extern __shared__ int values[];
    tile[threadIdx.y][threadIdx.x] = in[threadIdx.x];
    values[threadIdx.x] = 1;
    __syncthreads();
    out[threadIdx.x] = tile[threadIdx.x][threadIdx.y] + values[0];
})");
    expect_in(text, "// heddle: kernel transpose transpose shared\n");
    expect_in(text, "local float tile[16][17];");
    expect_in(text, "tile[thread_y][thread_x] = in[thread_x];");
    expect_in(text, "local int* values = (local int*)dynamic_shared;");
    expect_in(text, "barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);");
    expect_not_in(text, "active");
}

TEST(OpenClC, LoopVariablesAreOneVariable) {
    const std::string text = text_of(R"(
extern "C" __global__ void sum(const int* in, int* out, int n) {
    int total = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) total += in[i];
    out[threadIdx.x] = total;
})");
    expect_in(text, "total += in[i];");
    expect_in(text, "i += ");
}

TEST(OpenClC, CodeThatAJumpPassesIsGuarded) {
    // From the loop to `done`, past `second`, to which the loop's other end and the entry come.
    const std::string text = text_of_ir(R"(
define void @walk(ptr %in, ptr %out, i32 %n) {
entry:
  %skips = icmp eq i32 %n, 7
  br i1 %skips, label %second, label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %latch ]
  %place = getelementptr i32, ptr %in, i32 %i
  %value = load i32, ptr %place
  %found = icmp eq i32 %value, 3
  br i1 %found, label %done, label %latch
latch:
  %next = add i32 %i, 1
  %ends = icmp sge i32 %next, %n
  br i1 %ends, label %second, label %loop
second:
  store i32 1, ptr %out
  br label %done
done:
  %place2 = getelementptr i32, ptr %out, i32 1
  store i32 2, ptr %place2
  ret void
}
)");
    expect_not_in(text, "goto");
    const auto flag = text.find("if (reaches_second) {");
    ASSERT_NE(flag, std::string::npos) << text;
    EXPECT_LT(flag, text.find("*out = 1;")) << text;
}

TEST(OpenClC, SharedTypesOfMemoryAreSaid) {
    const std::string text = text_of(R"(
extern "C" __global__ void both(int* out, const float* in) {
    __shared__ float tile[64];
    tile[threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    out[threadIdx.x] = ((int*)tile)[threadIdx.x ^ 1];
})");
    expect_in(text, " __attribute__((may_alias));");
    expect_in(text, "local aliased_");
    expect_in(text, "global float* in");
}

TEST(OpenClC, NarrowIntegersKeepTheirSign) {
    const std::string text = text_of(R"(
extern "C" __global__ void narrow(const unsigned short* in, int* out) {
    const unsigned short u = in[threadIdx.x] * 3;
    int i = (short)u;
    if (in[0] > 7) i += u;
    out[threadIdx.x] = min(i, (int)u);
})");
    expect_in(text, "(short)");
    expect_in(text, "min(");
    expect_not_in(text, "min(u,");
}

TEST(OpenClC, OverWideShiftsAndConversionsHaveCudasMeaning) {
    const std::string text = text_of(R"(
extern "C" __global__ void total(unsigned* u, int* s, const float* f, int n) {
    u[0] = u[1] << n;
    s[0] = s[1] >> n;
    s[2] = (int)f[0];
    u[2] = u[3] << 5;
})");
    expect_in(text, "< 32 ? ");
    expect_in(text, "min(");
    expect_in(text, "to_int_float(*f)");
    expect_in(text, "u[2] = u[3] << 5;");
}

TEST(OpenClC, WarpOperationsInOneWarpAreMasked) {
    const std::string text = text_of(R"(
extern "C" __global__ void first_warp(const int* in, int* out, int n) {
    int v = in[threadIdx.x];
    if (threadIdx.x < 32) {
        for (int d = n; d; d /= 2) v += __shfl_down_sync(~0u, v, d);
        if (threadIdx.x == 0) out[blockIdx.x] = v;
    }
})");
    expect_in(text, "local uint exchange[1024];");
    expect_in(text, "bool active = ");
    // The distance is the same for all threads of the block: its loop needs no vote.
    expect_not_in(text, "any_of_block");
    expect_in(text, "= shuffle_uint(exchange, v, lane_above(d, 32));");
}

TEST(OpenClC, LoopsThatThreadsLeaveApartGoOnTogether) {
    const std::string text = text_of(R"(
extern "C" __global__ void trips(const int* in, int* out) {
    int v = 0;
    for (int k = 0; k < (in[threadIdx.x] & 7); ++k) v += __popc(__activemask());
    out[threadIdx.x] = v;
})");
    expect_in(text, "} while (any_of_block(exchange, active));");
    expect_in(text, "ballot(exchange, active)");
}

TEST(OpenClC, ThreadsThatHaveReturnedComeToBarriers) {
    const std::string text = text_of(R"(
extern "C" __global__ void early(const int* in, int* out, int n) {
    __shared__ int tile[64];
    if (threadIdx.x >= n) return;
    tile[threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    out[threadIdx.x] = tile[0];
})");
    expect_in(text, "    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);\n    if (active) {");
    expect_not_in(text, "return;");
}

TEST(OpenClC, BarriersOnBothSidesAreMatched) {
    const std::string text = text_of(R"(
extern "C" __global__ void sides(int* out) {
    if (threadIdx.x & 32) {
        out[0] = 1;
        __syncthreads();
        out[threadIdx.x] = 2;
    } else {
        out[1] = 1;
        __syncthreads();
        out[threadIdx.x] = 3;
    }
})");
    const auto barrier = text.find("barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);");
    ASSERT_NE(barrier, std::string::npos) << text;
    EXPECT_EQ(text.find("barrier(", barrier + 1), std::string::npos) << text;
    for (const char* before : {"*out = 1;", "out[1] = 1;"}) EXPECT_LT(text.find(before), barrier) << text;
    for (const char* behind : {"= 2;", "= 3;"}) EXPECT_LT(barrier, text.find(behind)) << text;
}

TEST(OpenClC, BarriersThatCannotBeMatchedAreRefused) {
    const Printed found = printed(R"(
extern "C" __global__ void sides(int* out) {
    if (threadIdx.x & 32) {
        out[0] = 1;
        __syncthreads();
        out[threadIdx.x] = 2;
        __syncthreads();
        out[threadIdx.x + 64] = out[0];
    } else {
        out[1] = 1;
        __syncthreads();
        out[threadIdx.x] = 3;
    }
})");
    expect_in(found.refused, "test.cu:3");
    expect_in(found.refused, "1 and 2 __syncthreads()");
}

TEST(OpenClC, GenericPointersAreLookedAt) {
    const std::string text = text_of(R"(
extern "C" __global__ void mixed(const int* in, int* out) {
    __shared__ int tile[32];
    tile[threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    const int* p = in[threadIdx.x] & 1 ? tile : in;
    out[threadIdx.x] = p[threadIdx.x & 3];
})");
    expect_in(text, "load_int(");
    expect_in(text, "1ul << 62");
}

TEST(OpenClC, PointersInStructuresAreNumbers) {
    const std::string text = text_of(R"(
struct Pair {
    int* destination;
    float factor;
};
__global__ void scale(Pair p, int n) {
    if (threadIdx.x < n) p.destination[threadIdx.x] = (int)(threadIdx.x * p.factor);
})");
    expect_in(text, "float factor;\n} Pair;");
    expect_in(text, "p.factor");
    expect_in(text, " pointers\n");
}

TEST(OpenClC, GlobalsAndFailuresAreParameters) {
    const std::string text = text_of(R"(
#include <cassert>
__device__ int counter;
extern "C" __global__ void count(int limit) {
    assert(atomicAdd(&counter, 1) < limit);
})");
    expect_in(text, "// heddle: kernel count count globals messages\n");
    expect_in(text, "global uchar* globals, global uint* messages)");
    expect_in(text, "fail(messages, 2, ");
}

TEST(OpenClC, MathsComesWithTheKernel) {
    const std::string text = text_of(R"(
extern "C" __global__ void wave(float* x) { x[0] = sinf(x[1]) + fmodf(x[2], x[3]); })");
    expect_in(text, "#pragma OPENCL FP_CONTRACT OFF");
    expect_in(text, "fma(");
    expect_in(text, "fmod(");
    expect_not_in(text, "sin(");
    expect_not_in(text, "heddle.");
}

TEST(OpenClC, IntegersOf128BitsAreHalves) {
    const std::string text = text_of(R"(
extern "C" __global__ void product(const unsigned long long* a, unsigned long long* out) {
    const unsigned __int128 p = (unsigned __int128)a[0] * a[1] + a[2];
    out[0] = (unsigned long long)p;
    out[1] = (unsigned long long)(p >> 64);
})");
    expect_in(text, "mul_hi(");
    expect_in(text, " < ");  // the sum's carry
    const Printed found = printed(R"(
extern "C" __global__ void converted(const long long* a, float* out) { out[0] = (float)((__int128)a[0] * a[1]); })");
    expect_in(found.refused, "test.cu:2");
    expect_in(found.refused, "of an integer of 128 bits");
}

TEST(OpenClC, AtomicsOfOtherTypesAreLoops) {
    const std::string text = text_of(R"(
extern "C" __global__ void add(float* f, int* i, double* d) {
    atomicAdd(f, 1.0f);
    atomicAdd(i, 2);
    atomicAdd(d, 3.0);
})");
    expect_in(text, "atomic_add_float_global(f, 1.0f);");
    expect_in(text, "atomic_add(i, 2);");
    expect_in(text, "atomic_add_double_global(d, 3.0);");
    expect_in(text, "#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable");
}

}  // namespace
}  // namespace heddle::compiler
