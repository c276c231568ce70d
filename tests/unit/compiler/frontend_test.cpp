// The front end and the lowering through the Compiler interface: what good sources give, and what bad ones
// are told.
#include <gtest/gtest.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "compiler/compiler.h"
#include "compiler/lowering/verify.h"

namespace heddle::compiler {
namespace {

/// What makes the "ir" payload other than Kernel IR; empty when nothing does.
std::string problem_of(const Package& package) {
    const auto& data = package.payloads.at(0).data;
    llvm::LLVMContext context;
    const llvm::StringRef bits(reinterpret_cast<const char*>(data.data()), data.size());
    auto module = llvm::parseBitcodeFile(llvm::MemoryBufferRef(bits, "kernel-ir"), context);
    return module ? verify_kernel_ir(**module) : llvm::toString(module.takeError());
}

SourceResult compile(std::string source, CompileOptions options = {}, std::string file_name = "test.cu") {
    SourceRequest request;
    request.source = std::move(source);
    request.file_name = std::move(file_name);
    request.options = std::move(options);
    SourceResult result = heddle_compiler_create()->compile_source(request);
    if (result.ok) {
        EXPECT_EQ(problem_of(result.package), "");
    }
    return result;
}

/// The Kernel IR of a source that must compile, as text.
std::string ir_of(const SourceResult& result) {
    EXPECT_TRUE(result.ok) << result.diagnostics;
    if (!result.ok) return {};
    TargetRequest request;
    request.ir = result.package.payloads.at(0).data;
    request.target = "ir";
    request.text = true;
    const TargetResult text = heddle_compiler_create()->compile_target(request);
    EXPECT_TRUE(text.ok) << text.diagnostics;
    return {reinterpret_cast<const char*>(text.payload.data()), text.payload.size()};
}
std::string ir_of(std::string source, CompileOptions options = {}) {
    return ir_of(compile(std::move(source), std::move(options)));
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

const KernelInfo& kernel_of(const SourceResult& result, std::string_view name) {
    static const KernelInfo none;
    for (const auto& kernel : result.package.kernels)
        if (kernel.name == name) return kernel;
    ADD_FAILURE() << "no kernel " << name << "\n" << result.diagnostics;
    return none;
}

bool has_feature(const KernelInfo& kernel, std::string_view feature) {
    return std::find(kernel.features.begin(), kernel.features.end(), feature) != kernel.features.end();
}

TEST(Frontend, CompilesASmallKernel) {
    const SourceResult result = compile(R"(
        __global__ void saxpy(int n, float a, const float* x, float* y) {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n) y[i] = a * x[i] + y[i];
        })");
    ASSERT_TRUE(result.ok) << result.diagnostics;
    EXPECT_EQ(result.diagnostics, "");
    ASSERT_EQ(result.package.payloads.size(), 1u);
    EXPECT_EQ(result.package.payloads[0].target, "ir");
    const KernelInfo& kernel = kernel_of(result, "saxpy");
    EXPECT_EQ(kernel.symbol, "_Z5saxpyifPKfPf");
    EXPECT_EQ(kernel.parameter_bytes, 24u);
    EXPECT_EQ(kernel.max_threads, 1024u);
    EXPECT_FALSE(kernel.uses_barriers);
    EXPECT_TRUE(kernel.features.empty());
    const std::string ir = ir_of(result);
    EXPECT_TRUE(contains(ir, "; kernel saxpy")) << ir;
    EXPECT_TRUE(contains(ir, "call i32 @heddle.tid.x()")) << ir;
    EXPECT_TRUE(contains(ir, "load float, ptr addrspace(1)")) << ir;
    EXPECT_TRUE(contains(ir, "fmul contract")) << ir;
}

TEST(Frontend, DescribesParameters) {
    const SourceResult result = compile(R"(
        struct Particle { float4 position; double mass; };
        enum Mode : unsigned char { fast, exact };
        __global__ void k(char c, const double* d, Particle p, Mode mode, bool flag, const void* anything,
                          unsigned long long big, float3* triple, short& s) { s = c; })");
    ASSERT_TRUE(result.ok) << result.diagnostics;
    const auto& parameters = kernel_of(result, "k").parameters;
    ASSERT_EQ(parameters.size(), 9u);
    const struct {
        const char* name;
        ParameterKind kind;
        std::optional<DType> type;
        std::size_t bytes, offset;
    } expected[] = {{"c", ParameterKind::scalar, DType::i8, 1, 0},
                    {"d", ParameterKind::pointer, DType::f64, 8, 8},
                    {"p", ParameterKind::structure, std::nullopt, 32, 16},
                    {"mode", ParameterKind::scalar, DType::u8, 1, 48},
                    {"flag", ParameterKind::scalar, DType::u8, 1, 49},
                    {"anything", ParameterKind::pointer, std::nullopt, 8, 56},
                    {"big", ParameterKind::scalar, DType::u64, 8, 64},
                    {"triple", ParameterKind::pointer, DType::f32, 8, 72},
                    {"s", ParameterKind::pointer, DType::i16, 8, 80}};
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        SCOPED_TRACE(expected[i].name);
        EXPECT_EQ(parameters[i].name, expected[i].name);
        EXPECT_EQ(parameters[i].kind, expected[i].kind);
        EXPECT_EQ(parameters[i].type, expected[i].type);
        EXPECT_EQ(parameters[i].bytes, expected[i].bytes);
        EXPECT_EQ(parameters[i].offset, expected[i].offset);
    }
    EXPECT_EQ(kernel_of(result, "k").parameter_bytes, 88u);
}

TEST(Frontend, FindsWhatAKernelDoesWithItsPointers) {
    const SourceResult result = compile(R"(
        __device__ float* keep;
        __global__ void k(const float* in, float* out, float* both, int* counter, float* unused, float* escapes,
                          float* either, int which) {
            int i = threadIdx.x;
            out[i] = in[i] + 1;
            both[i] *= 2;
            atomicAdd(counter, 1);
            keep = escapes;
            float* p = which ? either : out;
            p[7] = 0;
        })");
    ASSERT_TRUE(result.ok) << result.diagnostics;
    const auto& parameters = kernel_of(result, "k").parameters;
    ASSERT_EQ(parameters.size(), 8u);
    EXPECT_EQ(parameters[0].access, Access::read);
    EXPECT_EQ(parameters[1].access, Access::write);
    EXPECT_EQ(parameters[2].access, Access::read_write);
    EXPECT_EQ(parameters[3].access, Access::read_write);
    EXPECT_EQ(parameters[4].access, Access::none);
    EXPECT_EQ(parameters[5].access, Access::read_write);
    EXPECT_EQ(parameters[6].access, Access::write);
}

TEST(Frontend, DescribesSharedMemoryBarriersAndBounds) {
    const SourceResult result = compile(R"(
        template <int n> __global__ void __launch_bounds__(n * 2) k(float* x) {
            __shared__ float tile[n];
            __shared__ char small[3];
            __shared__ double wide[2];
            extern __shared__ int dynamic[];
            tile[threadIdx.x] = x[threadIdx.x];
            small[threadIdx.x % 3] = 1;
            wide[threadIdx.x % 2] = dynamic[threadIdx.x];
            __syncthreads();
            x[threadIdx.x] = tile[n - 1 - threadIdx.x] + small[0] + wide[1];
        }
        template __global__ void k<64>(float*);
        __global__ void plain(float* x) { x[0] = 0; })");
    ASSERT_TRUE(result.ok) << result.diagnostics;
    const KernelInfo& kernel = kernel_of(result, "k<64>");
    EXPECT_EQ(kernel.static_shared_bytes, 280u);  // 256 + 3, to the next multiple of 8, + 16: module order
    EXPECT_TRUE(kernel.uses_dynamic_shared);
    EXPECT_TRUE(kernel.uses_barriers);
    EXPECT_EQ(kernel.max_threads, 128u);
    const KernelInfo& plain = kernel_of(result, "plain");
    EXPECT_EQ(plain.static_shared_bytes, 0u);
    EXPECT_FALSE(plain.uses_dynamic_shared);
    EXPECT_FALSE(plain.uses_barriers);
}

TEST(Frontend, ListsFeatures) {
    const SourceResult result = compile(R"(
        #include <cstdio>
        __global__ void doubles(double* x) { x[0] *= 2; }
        __global__ void atomics(unsigned long long* x, float* y) { atomicAdd(x, 1ull); atomicAdd(y, 1.f); }
        __global__ void words(float* x) { x[threadIdx.x] = __shfl_down_sync(~0u, x[threadIdx.x], 1); }
        __global__ void prints(int* x) { printf("%d\n", x[0]); }
        __global__ void indexes(float* x, long i) { x[i] = 1; })");
    ASSERT_TRUE(result.ok) << result.diagnostics;
    EXPECT_TRUE(has_feature(kernel_of(result, "doubles"), "fp64"));
    EXPECT_TRUE(has_feature(kernel_of(result, "atomics"), "atomics"));
    EXPECT_TRUE(has_feature(kernel_of(result, "atomics"), "int64_atomics"));
    EXPECT_TRUE(has_feature(kernel_of(result, "atomics"), "float_atomics"));
    EXPECT_TRUE(has_feature(kernel_of(result, "words"), "subgroups"));
    EXPECT_TRUE(has_feature(kernel_of(result, "prints"), "printf"));
    EXPECT_TRUE(kernel_of(result, "indexes").features.empty());
}

TEST(Frontend, NamesKernelsAsTheSourceDoes) {
    const SourceResult result = compile(R"(
        namespace image { __global__ void blur(int* x) { *x = 1; } }
        inline namespace v2 { __global__ void versioned(int* x) { *x = 1; } }
        namespace { __global__ void hidden(int* x) { *x = 1; } }
        static __global__ void local(int* x) { *x = 1; }
        extern "C" __global__ void plain_c(int* x) { *x = 1; }
        __global__ void twice(int* x) { *x = 1; }
        __global__ void twice(float* x) { *x = 1; })");
    ASSERT_TRUE(result.ok) << result.diagnostics;
    EXPECT_EQ(result.package.kernels.size(), 7u);
    for (const char* name :
         {"image::blur", "versioned", "hidden", "local", "plain_c", "twice(int *)", "twice(float *)"})
        EXPECT_EQ(kernel_of(result, name).parameters.size(), 1u);
    EXPECT_EQ(kernel_of(result, "plain_c").symbol, "plain_c");
}

TEST(Frontend, InstantiatesTemplatesOnRequest) {
    const std::string source = R"(
        namespace math { template <class T, int n = 4> __global__ void scale(T* x, T a) { x[threadIdx.x] *= a * n; } })";
    EXPECT_TRUE(compile(source).package.kernels.empty());
    CompileOptions options;
    options.instantiate = {"math::scale<float>", "math::scale< unsigned,8 >"};
    const SourceResult result = compile(source, options);
    ASSERT_TRUE(result.ok) << result.diagnostics;
    EXPECT_EQ(kernel_of(result, "math::scale<float>").parameters.at(1).type, DType::f32);
    EXPECT_EQ(kernel_of(result, "math::scale<unsigned, 8>").parameters.at(1).type, DType::u32);

    options.instantiate = {"math::scal<float>"};
    const SourceResult wrong = compile(source, options);
    EXPECT_FALSE(wrong.ok);
    EXPECT_TRUE(contains(wrong.diagnostics, "no template named 'scal'") ||
                contains(wrong.diagnostics, "no member named 'scal'"))
        << wrong.diagnostics;
}

TEST(Frontend, HostCodeInstantiatesTemplates) {
    const SourceResult result = compile(R"(
        #include <cstdio>
        #include <vector>
        template <class T> __global__ void fill(T* x, T value) { x[threadIdx.x] = value; }
        int main() {
            std::vector<float> host(32);
            float* device = nullptr;
            cudaMalloc(&device, 128);
            fill<<<1, 32>>>(device, 2.0f);
            fill<int><<<dim3(1), dim3(32), 0>>>(nullptr, 1);
            cudaMemcpy(host.data(), device, 128, cudaMemcpyDeviceToHost);
            try { host.at(99) = 1; } catch (...) { std::printf("%g\n", host[0]); }
            return 0;
        })");
    ASSERT_TRUE(result.ok) << result.diagnostics;
    EXPECT_EQ(result.package.kernels.size(), 2u);
    kernel_of(result, "fill<float>");
    kernel_of(result, "fill<int>");
}

TEST(Frontend, ReportsTypeErrorsInClangsWords) {
    const SourceResult result =
        compile("__global__ void k(float* x) {\n    x[0] = \"text\";\n}\n", {}, "dir/app.cu");
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.diagnostics,
              "dir/app.cu:2:12: error: assigning to 'float' from incompatible type 'const char[5]'\n"
              "    2 |     x[0] = \"text\";\n"
              "      |            ^~~~~~\n");
}

TEST(Frontend, SurvivesAnySource) {
    for (const char* source :
         {"", "\n", "}", "__global__", "#include", "#if 1", "/*", "\"", "template <", "__global__ void k(",
          "__global__ int k() { return 1; }", "__global__ void k(int* x) { x[0] = ", "\xff\xfe\x00"})
        compile(source);
    EXPECT_TRUE(compile("").ok);
    EXPECT_TRUE(compile("").package.kernels.empty());
}

TEST(Frontend, RefusesInlinePtxWhereItStands) {
    const SourceResult result =
        compile(R"(__device__ int unused() { int x; asm("mov.u32 %0, 1;" : "=r"(x)); return x; }
__device__ int used() { int x; asm("mov.u32 %0, %%laneid;" : "=r"(x)); return x; }
__global__ void k(int* x) { x[0] = used(); })");
    EXPECT_FALSE(result.ok);
    EXPECT_TRUE(contains(result.diagnostics, "test.cu:2:36: error: inline PTX is not supported by Heddle"))
        << result.diagnostics;
    EXPECT_FALSE(contains(result.diagnostics, "test.cu:1:")) << result.diagnostics;
    EXPECT_TRUE(
        compile(
            R"(__global__ void k(volatile int* x) { x[0] = 1; asm volatile("" ::: "memory"); x[1] = 2; })")
            .ok);
}

TEST(Frontend, RefusesRecursion) {
    const SourceResult result = compile(
        "__device__ int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }\n"
        "__global__ void k(int* x) { x[0] = fib(x[0]); }\n");
    EXPECT_FALSE(result.ok);
    EXPECT_TRUE(contains(result.diagnostics,
                         "test.cu:1:16: error: recursion in device code is not supported by Heddle: "
                         "'fib(int)' calls itself"))
        << result.diagnostics;
    // A call in tail position is a loop.
    EXPECT_TRUE(compile("__device__ int f(int n, int a) { return n < 2 ? a : f(n - 1, a * n); }\n"
                        "__global__ void k(int* x) { x[0] = f(x[0], 1); }\n")
                    .ok);
}

TEST(Frontend, RefusesWhatIsNotDefined) {
    const SourceResult result = compile(
        "__device__ float elsewhere(float);\n"
        "__global__ void k(float* x) { x[0] = elsewhere(x[0]); }\n");
    EXPECT_FALSE(result.ok);
    EXPECT_TRUE(contains(result.diagnostics,
                         "test.cu:2:38: error: device function 'elsewhere(float)' is called but not "
                         "defined"))
        << result.diagnostics;
}

TEST(Frontend, RefusesDynamicParallelism) {
    const SourceResult result = compile(
        "__global__ void child(int* x) { x[0] = 1; }\n"
        "__global__ void k(int* x) { child<<<1, 1>>>(x); }\n");
    EXPECT_FALSE(result.ok);
    EXPECT_TRUE(contains(result.diagnostics, "test.cu:2:29: error:")) << result.diagnostics;
    EXPECT_TRUE(contains(result.diagnostics, "dynamic parallelism) is not supported by Heddle"))
        << result.diagnostics;
}

TEST(Lowering, PutsVariablesIntoOneBlock) {
    const SourceResult result = compile(R"(
        __device__ int counter = 5;
        __constant__ float weights[3] = {1, 2, 3};
        __device__ int* pointer = &counter;
        namespace n { static __device__ double scale; }
        __managed__ int managed = 9;
        __device__ float unused[4];
        struct Pair { char tag; const float* at; };
        __constant__ Pair pair = {'x', &weights[2]};
        __global__ void k(float* x) { x[0] = counter + weights[threadIdx.x] + *pointer + n::scale + managed + *pair.at; })");
    ASSERT_TRUE(result.ok) << result.diagnostics;
    const GlobalsInfo& globals = result.package.globals;
    const auto find = [&](std::string_view name) -> const GlobalInfo& {
        static const GlobalInfo none;
        for (const auto& symbol : globals.symbols)
            if (symbol.name == name) return symbol;
        ADD_FAILURE() << "no variable " << name;
        return none;
    };
    ASSERT_EQ(globals.initial.size(), globals.bytes);
    EXPECT_EQ(globals.alignment, 8u);
    const auto value = [&]<class T>(std::size_t at, T) {
        T read;
        std::memcpy(&read, globals.initial.data() + at, sizeof read);
        return read;
    };
    EXPECT_EQ(value(find("counter").offset, 0), 5);
    EXPECT_EQ(value(find("weights").offset + 8, 0.f), 3.f);
    EXPECT_EQ(value(find("managed").offset, 0), 9);
    EXPECT_EQ(value(find("pair").offset, char{}), 'x');
    EXPECT_EQ(find("n::scale").bytes, 8u);
    EXPECT_EQ(find("unused").bytes, 16u);
    EXPECT_TRUE(find("weights").is_constant);
    EXPECT_FALSE(find("counter").is_constant);
    const auto relocated = [&](std::size_t at) -> std::size_t {
        for (const auto& relocation : globals.relocations)
            if (relocation.at == at) return relocation.to;
        ADD_FAILURE() << "no relocation at " << at;
        return 0;
    };
    EXPECT_EQ(relocated(find("pointer").offset), find("counter").offset);
    EXPECT_EQ(relocated(find("pair").offset + 8), find("weights").offset + 8);
    EXPECT_TRUE(contains(ir_of(result), "@heddle.globals()"));
}

TEST(Lowering, TurnsVirtualCallsIntoSwitches) {
    const std::string ir = ir_of(R"(
        struct Shape { __device__ virtual float area(float) const = 0; __device__ virtual float edge(float) const = 0; };
        struct Square : Shape {
            __device__ float area(float a) const override { return a * a; }
            __device__ float edge(float a) const override { return 4 * a; }
        };
        struct Circle : Shape {
            __device__ float area(float r) const override { return 3 * r * r; }
            __device__ float edge(float r) const override { return 6 * r; }
        };
        __global__ void make(Shape** s) { s[0] = new Square; s[1] = new Circle; }
        __global__ void area(Shape** s, float* x) { x[threadIdx.x] = s[threadIdx.x % 2]->area(x[threadIdx.x]); })");
    EXPECT_TRUE(contains(ir, "call._ZNK6Square4areaEf")) << ir;
    EXPECT_TRUE(contains(ir, "call._ZNK6Circle4areaEf")) << ir;
    EXPECT_FALSE(contains(ir, "call._ZNK6Circle4edgeEf")) << ir;
}

TEST(Lowering, CallsThroughFunctionPointers) {
    const std::string ir = ir_of(R"(
        typedef float (*Function)(float);
        __device__ float twice(float x) { return 2 * x; }
        __device__ float half(float x) { return x / 2; }
        __device__ int other(int x) { return x; }
        __device__ Function table[] = {twice, half};
        __device__ int (*another)(int) = other;
        __global__ void k(float* x, int i) { x[0] = table[i](x[0]); })");
    EXPECT_TRUE(contains(ir, "call._Z5twicef")) << ir;
    EXPECT_TRUE(contains(ir, "call._Z4halff")) << ir;
    EXPECT_FALSE(contains(ir, "_Z5otheri")) << ir;
}

TEST(Lowering, BoundsRecursionThroughPointers) {
    const SourceResult result = compile(R"(
        struct Shape { __device__ virtual float hit(float) const = 0; };
        struct Ball : Shape { float r; __device__ float hit(float x) const override { return x * r; } };
        struct List : Shape {
            Shape** shapes; int n;
            __device__ float hit(float x) const override {
                float best = 1e30f;
                for (int i = 0; i < n; ++i) best = fminf(best, shapes[i]->hit(x));
                return best;
            }
        };
        __global__ void make(Shape** s) { s[0] = new Ball; s[1] = new List; }
        __global__ void k(Shape** s, float* x) { x[threadIdx.x] = s[0]->hit(x[threadIdx.x]); })");
    ASSERT_TRUE(result.ok) << result.diagnostics;
    EXPECT_TRUE(
        contains(result.diagnostics, "warning: 'List::hit(float) const' can call itself through a pointer"))
        << result.diagnostics;
    EXPECT_TRUE(contains(ir_of(result), "@heddle.assert.fail"));
}

TEST(Lowering, KeepsCudasMeaning) {
    const std::string ir = ir_of(R"(
        __global__ void k(unsigned* x, int* y, float* f, int s) {
            x[0] = x[1] << s;
            y[0] = y[1] >> s;
            y[2] = (int)f[0];
            for (int i = 0; i < 5; ++i) x[8 + i] = x[2] >> (8 * i);
        })");
    EXPECT_TRUE(contains(ir, "shl i32")) << ir;
    EXPECT_TRUE(contains(ir, "ashr i32")) << ir;
    EXPECT_FALSE(contains(ir, "select")) << ir;
    EXPECT_TRUE(contains(ir, "@llvm.fptosi.sat.i32.f32")) << ir;
    EXPECT_TRUE(contains(ir, "store i32 0, ptr addrspace(1)")) << ir;  // the shift by 32
    EXPECT_FALSE(contains(ir, "poison")) << ir;
}

TEST(Lowering, KeepsVolatileAccesses) {
    const std::string ir = ir_of(R"(
        __global__ void k(float* x) {
            __shared__ volatile float tile[32];
            tile[threadIdx.x] = x[threadIdx.x];
            if (threadIdx.x < 16) tile[threadIdx.x] += tile[threadIdx.x + 16];
            if (threadIdx.x < 8) tile[threadIdx.x] += tile[threadIdx.x + 8];
            x[0] = tile[0];
        })");
    std::size_t loads = 0;
    for (std::size_t at = ir.find("load volatile"); at != std::string::npos;
         at = ir.find("load volatile", at + 1))
        ++loads;
    EXPECT_EQ(loads, 5u) << ir;
}

TEST(Lowering, WritesOutMemoryTransfers) {
    const std::string ir = ir_of(R"(
        struct Small { int v[8]; };
        struct Big { int v[200]; };
        __global__ void k(Small* a, const Small* b, Big* c, const Big* d, char* e, int n) {
            a[0] = b[1];
            c[0] = d[1];
            memset(e, 1, n);
        })");
    EXPECT_FALSE(contains(ir, "llvm.mem")) << ir;
    EXPECT_TRUE(contains(ir, "memory.loop")) << ir;
}

TEST(Lowering, HasTwoWayBranchesOnly) {
    const std::string ir = ir_of(R"(
        __global__ void k(int* x, int n) {
            int i = 0;
            if (n > 3) goto second;
        first:
            x[i]++, i++;
        second:
            x[i] += 2, i += 3;
            if (x[i] > n) goto first;
            switch (n) { case 1: x[0] = 4; break; case 2: x[1] = 5; case 3: x[9] = 7; break; default: x[3] = 2; }
        })");
    EXPECT_FALSE(contains(ir, "switch")) << ir;
}

TEST(Frontend, FindsUserHeaders) {
    const auto folder = std::filesystem::temp_directory_path() / "heddle-frontend-test";
    std::filesystem::create_directories(folder / "include");
    std::ofstream(folder / "include" / "shared.h")
        << "#include \"deeper.h\"\n__device__ inline float f(float x) { return x * N; }\n";
    std::ofstream(folder / "include" / "deeper.h") << "#define FACTOR 1\n";
    std::ofstream(folder / "near.h") << "#include <cstdio>\n";
    CompileOptions options;
    options.include_directories = {(folder / "include").string()};
    options.defines = {"N=3"};
    const SourceResult result =
        compile("#include <shared.h>\n#include \"near.h\"\n__global__ void k(float* x) { *x = f(*x); }",
                options, (folder / "app.cu").string());
    ASSERT_TRUE(result.ok) << result.diagnostics;
    std::vector<std::string> expected{(folder / "include" / "deeper.h").string(),
                                      (folder / "include" / "shared.h").string(),
                                      (folder / "near.h").string()};
    std::vector<std::string> found = result.dependencies;
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, expected);
    std::filesystem::remove_all(folder);
}

TEST(Frontend, TakesEveryStandardAndFastMath) {
    for (const char* standard : {"c++14", "c++17", "c++20", "c++23"})
        for (const bool fast_math : {false, true}) {
            CompileOptions options;
            options.standard = standard;
            options.fast_math = fast_math;
            options.defines = {"SIZE=4", "DEBUG"};
            const std::string ir =
                ir_of("__global__ void k(float* x) { x[0] = x[1] + x[2] + SIZE; }", options);
            EXPECT_EQ(contains(ir, "reassoc"), fast_math) << standard << ir;
        }
    CompileOptions options;
    options.standard = "c++99";
    const SourceResult result = compile("", options);
    EXPECT_FALSE(result.ok);
    EXPECT_TRUE(contains(result.diagnostics, "c++99")) << result.diagnostics;
}

TEST(Frontend, HasABuildId) {
    EXPECT_TRUE(contains(heddle_compiler_create()->build_id(), "clang-19."));
    EXPECT_GT(heddle_compiler_create()->build_id().size(), 20u);
}

}  // namespace
}  // namespace heddle::compiler
