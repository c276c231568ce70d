// CUDA's maths in device code: every function and overload compiles, has C++'s result type, and becomes
// Kernel IR's functions or LLVM's intrinsics and nothing else, whichever of the C++ library's headers the
// source includes.
#include <gtest/gtest.h>

#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "backends/cpu/math_names.h"
#include "compiler/compiler.h"

namespace heddle::compiler {
namespace {

std::vector<std::string> words(std::string_view text) {
    std::istringstream stream{std::string(text)};
    std::vector<std::string> result;
    for (std::string word; stream >> word;) result.push_back(word);
    return result;
}

// One kernel a group of calls; f, g, h are floats, d, e, c doubles, i int, l long, b unsigned char.
class Source {
  public:
    explicit Source(std::string prologue) : text_(std::move(prologue)) {}
    /// `expression` must have exactly that type; its value is stored, so that the call is not removed.
    void expect(const std::string& expression, const std::string& type) {
        text_ += "extern \"C\" __global__ void k" + std::to_string(count_++) +
                 "(float f, float g, float h, double d, double e, double c, int i, long l, unsigned char b, "
                 "float* pf, "
                 "double* pd, int* pi, void* out) { auto r = " +
                 expression + "; static_assert(__is_same(decltype(r), " + type + ")); *(" + type +
                 "*)out = r; }\n";
    }
    std::string text() const { return text_; }

  private:
    std::string text_;
    int count_ = 0;
};

// Functions that C++ has, in the global namespace and in std; `scope` is "" or "std::".
void add_standard(Source& source, const std::string& scope) {
    const auto result = [](const std::string& name, const std::string& otherwise) -> std::string {
        if (name == "lrint" || name == "lround") return "long";
        if (name == "llrint" || name == "llround") return "long long";
        return name == "ilogb" ? "int" : otherwise;
    };
    for (const std::string& name : words("sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp "
                                         "exp2 expm1 log log2 log10 log1p cbrt sqrt "
                                         "fabs floor ceil trunc round rint nearbyint erf erfc tgamma lgamma "
                                         "logb lrint llrint lround llround ilogb")) {
        source.expect(scope + name + "(f)", result(name, "float"));
        source.expect(scope + name + "f(f)", result(name, "float"));
        source.expect(scope + name + "(d)", result(name, "double"));
        source.expect(scope + name + "(i)", result(name, "double"));
        source.expect(scope + name + "(b)", result(name, "double"));
    }
    for (const std::string& name :
         words("atan2 pow hypot fmod remainder nextafter fdim fmin fmax copysign")) {
        source.expect(scope + name + "f(f, g)", "float");
        for (const char x : {'f', 'd', 'i', 'b'}) {
            for (const char y : {'f', 'd', 'i', 'l'}) {
                source.expect(scope + name + "(" + x + ", " + y + ")",
                              x == 'f' && y == 'f' ? "float" : "double");
            }
        }
    }
    for (const std::string& name : words("isnan isinf isfinite isnormal signbit")) {
        for (const char x : {'f', 'd', 'i'}) source.expect(scope + name + "(" + x + ")", "bool");
    }
    for (const std::string& name :
         words("isgreater isgreaterequal isless islessequal islessgreater isunordered")) {
        source.expect(scope + name + "(f, g)", "bool");
        source.expect(scope + name + "(d, i)", "bool");
    }
    for (const auto& [x, pointer, type] : {std::tuple{"f", "pf", "float"}, std::tuple{"d", "pd", "double"}}) {
        const std::string v = x, p = pointer;
        for (const std::string& call :
             {"fma(" + v + "," + v + "," + v + ")", "abs(" + v + ")", "ldexp(" + v + ", i)",
              "scalbn(" + v + ", i)", "scalbln(" + v + ", l)", "frexp(" + v + ", pi)",
              "modf(" + v + "," + p + ")", "remquo(" + v + "," + v + ", pi)"}) {
            source.expect(scope + call, type);
        }
        source.expect(scope + "fpclassify(" + v + ")", "int");
    }
    source.expect(scope + "fma(f, i, d)", "double");
    source.expect(scope + "fma(f, 2, f)", "double");
    source.expect(scope + "fmaf(f, g, h)", "float");
    source.expect(scope + "frexpf(f, pi)", "float");
    source.expect(scope + "remquof(f, g, pi)", "float");
    source.expect(scope + "nan(\"\")", "double");
}

// Functions that CUDA adds.
void add_cudas(Source& source) {
    for (const std::string& name :
         words("sinpi cospi tanpi exp10 rcbrt rsqrt erfinv erfcinv erfcx normcdf normcdfinv j0 j1 "
               "y0 y1 cyl_bessel_i0 cyl_bessel_i1")) {
        source.expect(name + "f(f)", "float");
        source.expect(name + "(f)", "float");
        source.expect(name + "(d)", "double");
    }
    for (const std::string& call : words("rhypotf(f,g) norm3df(f,g,h) norm4df(f,g,h,f) rnorm3df(f,g,h) "
                                         "rnorm4df(f,g,h,f) normf(i,pf) rnormf(i,pf) "
                                         "jnf(i,f) ynf(i,f) __sinf(f) __cosf(f) __tanf(f) __expf(f) "
                                         "__exp10f(f) __logf(f) __log2f(f) __log10f(f) "
                                         "__powf(f,g) __fdividef(f,g) fdividef(f,g) __saturatef(f) "
                                         "__frsqrt_rn(f) __tanhf(f) max(f,g) min(f,g) "
                                         "powif(f,i)")) {
        source.expect(call, "float");
    }
    for (const std::string& call :
         words("rhypot(d,e) norm3d(d,e,c) norm4d(d,e,c,d) rnorm3d(d,e,c) rnorm4d(d,e,c,d) "
               "norm(i,pd) rnorm(i,pd) jn(i,d) yn(i,d) max(d,e) min(f,d) max(d,f)")) {
        source.expect(call, "double");
    }
    for (const std::string mode : {"rn", "rz", "ru", "rd"}) {
        for (const std::string& operation : words("add sub mul div")) {
            source.expect("__f" + operation + "_" + mode + "(f, g)", "float");
            source.expect("__d" + operation + "_" + mode + "(d, e)", "double");
        }
        for (const std::string& operation : words("rcp sqrt")) {
            source.expect("__f" + operation + "_" + mode + "(f)", "float");
            source.expect("__d" + operation + "_" + mode + "(d)", "double");
        }
        source.expect("__fmaf_" + mode + "(f, g, h)", "float");
        source.expect("__fma_" + mode + "(d, e, c)", "double");
    }
    source.expect(
        "(sincosf(f, pf, pf + 1), sincos(d, pd, pd + 1), sincospif(f, pf + 2, pf + 3), "
        "sincospi(d, pd + 2, pd + 3), __sincosf(f, pf + 4, pf + 5), 1)",
        "int");
}

std::string compile_to_ir(const std::string& text) {
    static Compiler* compiler = heddle_compiler_create();
    SourceRequest request;
    request.source = text;
    request.file_name = "device_math.cu";
    const SourceResult result = compiler->compile_source(request);
    EXPECT_TRUE(result.ok) << result.diagnostics.substr(0, 4000);
    if (!result.ok) return {};
    for (const Payload& payload : result.package.payloads) {
        if (payload.target != "ir") continue;
        TargetRequest target;
        target.ir = payload.data;
        target.target = "ir";
        target.text = true;
        const TargetResult printed = compiler->compile_target(target);
        EXPECT_TRUE(printed.ok) << printed.diagnostics;
        return {reinterpret_cast<const char*>(printed.payload.data()), printed.payload.size()};
    }
    ADD_FAILURE() << "the package has no Kernel IR";
    return {};
}

// Names of all functions that the module declares.
std::set<std::string> declarations(const std::string& ir) {
    std::set<std::string> names;
    const std::regex pattern(R"(\ndeclare [^@\n]*@([A-Za-z0-9_.]+)\()");
    for (std::sregex_iterator match(ir.begin(), ir.end(), pattern), end; match != end; ++match)
        names.insert((*match)[1]);
    return names;
}

class DeviceMath : public testing::TestWithParam<const char*> {};

TEST_P(DeviceMath, BecomesKernelIrAlone) {
    Source source(GetParam());
    add_standard(source, "");
    add_standard(source, "std::");
    add_cudas(source);
    for (const std::string& name : declarations(compile_to_ir(source.text()))) {
        if (name.starts_with("llvm.")) continue;
        EXPECT_NE(cpu::parse_math_name(name).function, nullptr) << name << " is no function of Kernel IR";
    }
}

TEST_P(DeviceMath, ReachesEveryFunctionOfKernelIr) {
    Source source(GetParam());
    add_standard(source, "");
    add_cudas(source);
    const std::set<std::string> declared = declarations(compile_to_ir(source.text()));
    for (const cpu::MathName& name : cpu::math_names) {
        if (name.shape == cpu::MathShape::ternary) continue;  // fma: device code calls LLVM's intrinsic
        const std::string base = "heddle." + std::string(name.name);
        EXPECT_TRUE(declared.contains(base + ".f32")) << base;
        EXPECT_EQ(declared.contains(base + ".f64"), name.has_f64) << base;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Prologues, DeviceMath,
    testing::Values("", "#include <cmath>\n", "#include <math.h>\nusing namespace std;\n",
                    "#include <algorithm>\n#include <cstdlib>\n#include <cmath>\n#include <complex>\n"));

// Only what may be fused is fused: the _rn forms never.
TEST(DeviceMathRounding, NearestIsNotContracted) {
    const std::string ir = compile_to_ir(
        "extern \"C\" __global__ void k(float* p) { p[0] = __fadd_rn(__fmul_rn(p[1], p[2]), p[3]); }");
    EXPECT_NE(ir.find("fmul float"), std::string::npos) << ir;
    EXPECT_NE(ir.find("fadd float"), std::string::npos) << ir;
}

// Half precision: everything is in the header's own functions, with one rounding an operation.
TEST(DeviceHalf, BothTypesCompile) {
    const std::string ir = compile_to_ir(R"(
#include <cuda_bf16.h>
#include <cuda_fp16.h>
template <class H, class H2>
__device__ void use(H* p, H2* q, float f, int i, double d) {
    H a = p[0], b = p[1];
    p[2] = a + b * a - b / a;
    p[3] = __hfma(a, b, a);
    p[4] = a > b ? hsin(a) : hexp(b);
    p[5] = f, p[6] = i, p[7] = d;
    p[8] = __hmax(a, __hmin_nan(b, hsqrt(a)));
    p[9] = __shfl_xor_sync(~0u, a, 1);
    q[0] = __hfma2(q[1], q[2], h2exp(q[3])) + __shfl_down_sync(~0u, q[4], 2, 16);
    atomicAdd(p + 10, a);
    atomicAdd(q + 6, q[7]);
    q[8] = __heq2(q[9], __ldg(q + 10));
    if (a == b || __hisnan(a) || !__hbge2(q[0], q[1])) ++p[11];
    p[12] = (float)a * f;
    p[13] = static_cast<H>(static_cast<int>(b));
}
extern "C" __global__ void k(half* p, half2* q, nv_bfloat16* r, nv_bfloat162* s, float f, int i, double d) {
    use(p, q, f, i, d);
    use(r, s, f, i, d);
    __shared__ half shared[32];
    shared[threadIdx.x % 32] = __float2half_rz(f);
    p[40] = shared[0];
    p[41] = __low2half(__floats2half2_rn(f, __half22float2(q[20]).y));
    r[41] = __ll2bfloat16_rd(i);
})");
    EXPECT_NE(ir.find("fmul contract half"), std::string::npos);
    EXPECT_NE(ir.find("llvm.fma.f16"), std::string::npos);
    for (const std::string& name : declarations(ir)) {
        EXPECT_TRUE(name.starts_with("llvm.") || name.starts_with("heddle.")) << name;
    }
}

}  // namespace
}  // namespace heddle::compiler
