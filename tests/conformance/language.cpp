// Cases on C++ in kernels: the functions of kernels/language_functions.h run on both sides; kernel templates,
// namespaces, functors.
#include "conformance/case.h"
#include "conformance/kernels/language_functions.h"

namespace heddle::conformance {
namespace {

std::vector<unsigned> inputs(Context& t) {
    auto in = t.random_bits<unsigned>(2003);
    for (std::size_t i = 0; i < in.size(); i += 2) in[i] = static_cast<unsigned>(i);
    return in;
}

void named_kernels(Context& t) {
    t.map<unsigned>("image::filters::brighten", inputs(t), [](unsigned x) { return x + 16; });
    t.map<unsigned>("scale<unsigned int, 3>", inputs(t), [](unsigned x) { return x * 3; });
    t.map<float>("scale<float, -2>", t.uniform<float>(500, -1, 1), [](float x) { return x * -2; });
    t.map<double>("scale<double, 7>", t.uniform<double>(500, -1, 1), [](double x) { return x * 7; });
}

void functor_argument(Context& t) {
    struct AddK {
        unsigned k;
    };
    const auto in = inputs(t);
    Buffer out = t.zeros<unsigned>(in.size());
    t.launch("transform<AddK>", {20}, {128}, t.upload(in), out, static_cast<int>(in.size()), AddK{12345});
    std::vector<unsigned> want;
    for (const unsigned x : in) want.push_back(x + 12345);
    t.equal(t.download<unsigned>(out), want, "functor");
}

void instantiated_on_request(Context& t) {
    t.needs_compiler();
    CompileOptions options;
    options.instantiate = {"halve<float>", "halve<int>"};
    const Program p = Program::from_source(
        t.device(), "template <class T> __global__ void halve(T* x) { x[threadIdx.x] /= 2; }\n", "halve.cu",
        options);
    Buffer f = t.filled<float>(8, 3.0f), i = t.filled<int>(8, 9);
    t.queue().launch(p.kernel("halve<float>"), {{1}, {8}}, f);
    t.queue().launch(p.kernel("halve<int>"), {{1}, {8}}, i);
    t.queue().synchronize();
    t.equal(t.download<float>(f), std::vector<float>(8, 1.5f), "halve<float>");
    t.equal(t.download<int>(i), std::vector<int>(8, 4), "halve<int>");
}

void defines_and_includes(Context& t) {
    t.needs_compiler();
    CompileOptions options;
    options.defines = {"FACTOR=21", "ENABLED"};
    const Program p = Program::from_source(t.device(), R"(
#ifdef ENABLED
extern "C" __global__ void k(int* x) { x[threadIdx.x] *= FACTOR; }
#endif
)",
                                           "defines.cu", options);
    Buffer data = t.filled<int>(5, 2);
    t.queue().launch(p.kernel("k"), {{1}, {5}}, data);
    t.queue().synchronize();
    t.equal(t.download<int>(data), std::vector<int>(5, 42), "defines");
}

void not_inlined(Context& t) {
    t.map<unsigned>("calls", inputs(t), [](unsigned x) {
        const auto f = [](unsigned v, unsigned depth) {
            unsigned sum = v;
            for (unsigned i = 0; i < depth; ++i) sum = sum * 33 + i;
            return sum;
        };
        return f(x, x % 5) + f(x + 1, 3);
    });
}

void pointer_in_global(Context& t) {
    t.map<unsigned>("pointer_in_global", inputs(t), [](unsigned x) { return x ^ 0xffu; });
}

void macros(Context& t) {
    Buffer out = t.zeros<int>(4);
    t.launch("macros", {1}, {1}, out);
    const auto got = t.download<int>(out);
    t.equal(std::vector<int>{got[0], got[1], got[2] > 10, got[3]}, {1, 1, 1, 1}, "macros");
}

void kernel_information(Context& t) {
    const KernelInfo& info = t.kernel("scale<float, -2>").info();
    t.equal_value(info.parameters.size(), std::size_t{3}, "parameters");
    if (info.parameters.size() != 3) return;
    t.check(info.name == "scale<float, -2>", "name is " + info.name);
    t.check(
        info.parameters[0].name == "in" && info.parameters[1].name == "out" && info.parameters[2].name == "n",
        "parameter names");
    t.check(info.parameters[0].kind == ParameterKind::pointer && info.parameters[0].type == DType::f32,
            "type of in");
    t.check(info.parameters[2].kind == ParameterKind::scalar && info.parameters[2].type == DType::i32,
            "type of n");
    t.check(info.parameters[0].access == Access::read, "access of in");
    t.check(info.parameters[1].access == Access::write, "access of out");
    t.equal_value(info.parameter_bytes, std::size_t{20}, "parameter bytes");
    t.check(!info.uses_barriers && !info.uses_dynamic_shared && info.static_shared_bytes == 0,
            "shared memory");
    const auto names = t.program().kernel_names();
    t.check(std::ranges::find(names, "image::filters::brighten") != names.end(),
            "kernel_names lacks a kernel");
}

std::vector<Case> cases() {
    std::vector<Case> all;
#define CASE(name) \
    all.push_back({#name, [](Context& t) { t.map<unsigned>("language_" #name, inputs(t), language::name); }});
    LANGUAGE_FUNCTIONS(CASE)
#undef CASE
    const std::vector<Case> more{
        {"named_kernels", named_kernels},
        {"functor_argument", functor_argument},
        {"instantiate", instantiated_on_request},
        {"defines", defines_and_includes},
        {"not_inlined", not_inlined},
        {"pointer_in_global", pointer_in_global},
        {"macros", macros},
        {"kernel_information", kernel_information},
    };
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

const Registration topic({"language", "language", cases()});

}  // namespace
}  // namespace heddle::conformance
