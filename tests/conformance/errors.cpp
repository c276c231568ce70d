// Cases on what bad input gets: a clear error that names the thing, and a device that is usable afterwards.
// Also device printf.
#include <cstddef>
#include <map>

#include "conformance/captured_output.h"
#include "conformance/case.h"

namespace heddle::conformance {
namespace {

void still_usable(Context& t) {
    Buffer out = t.zeros<int>(100);
    t.launch("fine", {1}, {100}, out, 7);
    t.equal(t.download<int>(out), std::vector<int>(100, 7), "a launch after the error");
}

Case failing(std::string name, void (*run)(Context&)) {
    return {std::move(name), [run](Context& t) {
                run(t);
                still_usable(t);
            }};
}

Program compile(Context& t, std::string_view source, std::string_view file) {
    t.needs_compiler();
    CompileOptions options;
    options.use_cache = false;
    return Program::from_source(t.device(), source, file, options);
}

void syntax_error(Context& t) {
    t.needs_compiler();
    t.expect_error(ErrorCode::compile_failed, {"broken.cu:2", "error", "undeclared_name"}, [&] {
        compile(t, "__global__ void k(int* x) {\n    x[0] = undeclared_name;\n}\n", "broken.cu");
    });
    t.expect_error(ErrorCode::compile_failed, {"broken.cu:1"},
                   [&] { compile(t, "__global__ void k(int* x { }", "broken.cu"); });
    t.expect_error(ErrorCode::compile_failed, {"missing_header.h"}, [&] {
        compile(t, "#include \"missing_header.h\"\n__global__ void k() {}\n", "include.cu");
    });
}

void bad_template(Context& t) {
    t.needs_compiler();
    CompileOptions options;
    options.instantiate = {"nothing_of_this_name<int>"};
    t.expect_error(ErrorCode::compile_failed, {"nothing_of_this_name"},
                   [&] { Program::from_source(t.device(), "__global__ void k() {}\n", "t.cu", options); });
}

void undefined_function(Context& t) {
    t.needs_compiler();
    bool refused = false;
    try {
        const Program p =
            compile(t, "__device__ int elsewhere(int);\n__global__ void k(int* x) { x[0] = elsewhere(1); }\n",
                    "undefined.cu");
        p.kernel("k");
    } catch (const Error& e) {
        refused = true;
        t.check(std::string_view(e.what()).find("elsewhere") != std::string_view::npos,
                std::string("the error does not name the function: ") + e.what());
    }
    t.check(refused, "a call of an undefined device function was accepted");
}

void inline_assembly(Context& t) {
    t.needs_compiler();
    bool refused = false;
    try {
        const Program p = compile(t,
                                  "__global__ void k(unsigned* x) {\n"
                                  "    asm(\"frobnicate.b32 %0, 1;\" : \"=r\"(x[0]));\n}\n",
                                  "assembly.cu");
        p.kernel("k");
    } catch (const Error& e) {
        refused = true;
        t.check(std::string_view(e.what()).find("assembly.cu:2") != std::string_view::npos,
                std::string("the error does not name the line: ") + e.what());
    }
    if (t.device().info().backend == "cpu" || t.device().info().backend == "scalar")
        t.check(refused, "PTX text was accepted on a device without PTX");
}

void warnings(Context& t) {
    t.needs_compiler();
    const Program p =
        compile(t, "#warning look here\n__global__ void k(int* x) { x[0] = 1; }\n", "warned.cu");
    t.check(p.diagnostics().find("look here") != std::string::npos,
            "the warning is missing from diagnostics()");
    t.check(p.statistics().origin == CompileStatistics::Origin::compiled, "origin is not 'compiled'");
    t.check(p.statistics().milliseconds > 0, "compiling took no time");
}

void no_kernels(Context& t) {
    t.needs_compiler();
    const Program p = compile(t, "__device__ int x = 3;\n", "none.cu");
    t.check(p.kernel_names().empty(), "kernel_names() is not empty");
    t.expect_error(ErrorCode::not_found, {"k"}, [&] { p.kernel("k"); });
}

void unknown_kernel(Context& t) {
    t.expect_error(ErrorCode::not_found, {"no_such_kernel", "fine"},
                   [&] { t.program().kernel("no_such_kernel"); });
}

void missing_file(Context& t) {
    t.expect_error(ErrorCode::not_found, {"no_such_file.cu"},
                   [&] { Program::from_file(t.device(), "/nonexistent/no_such_file.cu"); });
    std::vector<std::byte> junk(1000, std::byte{0x5a});
    t.expect_error(ErrorCode::corrupt_package, {}, [&] { Program::from_package(t.device(), junk); });
    t.expect_error(ErrorCode::corrupt_package, {}, [&] { Program::from_package(t.device(), {}); });
}

void damaged_package(Context& t) {
    t.needs_compiler();
    const std::vector<std::string> targets{"all"};
    const auto made =
        compile_package("__global__ void k(int* x) { x[threadIdx.x] = 5; }\n", "k.cu", {}, targets);
    const auto good = made.package.write();
    const Program p = Program::from_package(t.device(), good);
    Buffer out = t.zeros<int>(10);
    t.queue().launch(p.kernel("k"), {{1}, {10}}, out);
    t.queue().synchronize();
    t.equal(t.download<int>(out), std::vector<int>(10, 5), "an undamaged package");
    for (const std::size_t keep : {good.size() / 4, good.size() / 2, good.size() - 1})
        t.expect_error(ErrorCode::corrupt_package, {},
                       [&] { Program::from_package(t.device(), std::span(good).first(keep)); });
    std::size_t noticed = 0;
    for (int i = 0; i < 50; ++i) {
        auto bad = good;
        bad[t.random()() % bad.size()] ^= static_cast<std::byte>(1 << (t.random()() % 8));
        try {
            Program::from_package(t.device(), bad).kernel("k");
        } catch (const Error&) {
            ++noticed;
        }
    }
    // a flipped bit may lie where the format says nothing (a time stamp), but seldom
    t.check(noticed >= 35, fmt::format("only {} of 50 flipped bits were noticed", noticed));
}

void argument_count(Context& t) {
    Buffer out = t.zeros<int>(1);
    t.expect_error(ErrorCode::invalid_argument, {"fine", "2"}, [&] { t.launch("fine", {1}, {1}, out); });
    t.expect_error(ErrorCode::invalid_argument, {"fine", "2", "3"},
                   [&] { t.launch("fine", {1}, {1}, out, 1, 2); });
}

void argument_kind(Context& t) {
    Buffer out = t.zeros<int>(1);
    t.expect_error(ErrorCode::invalid_argument, {"fine", "out"}, [&] { t.launch("fine", {1}, {1}, 5, 5); });
    t.expect_error(ErrorCode::invalid_argument, {"fine", "value"},
                   [&] { t.launch("fine", {1}, {1}, out, out); });
    struct Wrong {
        char bytes[12];
    };
    t.expect_error(ErrorCode::invalid_argument, {"takes_structure", "s", "8", "12"},
                   [&] { t.launch("takes_structure", {1}, {1}, Wrong{}, out); });
    t.expect_error(ErrorCode::invalid_argument, {"takes_structure", "s"},
                   [&] { t.launch("takes_structure", {1}, {1}, 1, out); });
    t.expect_error(ErrorCode::invalid_argument, {"fine", "out"},
                   [&] { t.launch("fine", {1}, {1}, Buffer(), 5); });
}

void argument_value(Context& t) {
    Buffer out = t.zeros<double>(3);
    t.launch("scalars", {1}, {1}, 7L, 2.5, 200, out);  // converted to the parameters' types
    t.equal(t.download<double>(out), {7, 2.5, 200}, "converted scalars");
    t.expect_error(ErrorCode::invalid_argument, {"scalars", "a"},
                   [&] { t.launch("scalars", {1}, {1}, 1LL << 40, 1.0f, 1, out); });
    t.expect_error(ErrorCode::invalid_argument, {"scalars", "c"},
                   [&] { t.launch("scalars", {1}, {1}, 1, 1.0f, 300, out); });
    t.expect_error(ErrorCode::invalid_argument, {"scalars", "c"},
                   [&] { t.launch("scalars", {1}, {1}, 1, 1.0f, -1, out); });
    t.expect_error(ErrorCode::invalid_argument, {"scalars", "a"},
                   [&] { t.launch("scalars", {1}, {1}, 1.5, 1.0f, 1, out); });
}

void other_device(Context& t) {
    for (const Device& other : devices()) {
        if (other == t.device()) continue;
        Buffer elsewhere = other.allocate(400);
        t.expect_error(ErrorCode::invalid_argument, {other.id()},
                       [&] { t.launch("fine", {1}, {1}, elsewhere, 1); });
        t.expect_error(ErrorCode::invalid_argument, {other.id()}, [&] { t.queue().fill(elsewhere, 0, 4); });
        return;
    }
    throw Skip{"there is no other device"};
}

void configuration(Context& t) {
    const DeviceLimits& limits = t.device().info().limits;
    Buffer out = t.zeros<int>(1);
    const std::string threads = std::to_string(limits.threads);
    t.expect_error(ErrorCode::launch_failed, {"fine", threads},
                   [&] { t.launch("fine", {1}, {limits.threads + 1}, out, 1); });
    t.expect_error(ErrorCode::launch_failed, {"fine", threads},
                   [&] { t.launch("fine", {1}, {32, 32, 2}, out, 1); });
    t.expect_error(ErrorCode::launch_failed, {"fine"},
                   [&] { t.launch("fine", {1}, {1, 1, limits.block[2] + 1}, out, 1); });
    t.expect_error(ErrorCode::launch_failed, {"fine"},
                   [&] { t.launch("fine", {1, limits.grid[1] + 1}, {1}, out, 1); });
    t.expect_error(ErrorCode::invalid_argument, {"fine"}, [&] { t.launch("fine", {0}, {1}, out, 1); });
    t.expect_error(ErrorCode::invalid_argument, {"fine"}, [&] { t.launch("fine", {1}, {1, 0}, out, 1); });
    t.expect_error(ErrorCode::launch_failed, {"dynamic_shared", std::to_string(limits.shared_bytes)},
                   [&] { t.launch_shared("dynamic_shared", {1}, {32}, limits.shared_bytes + 1, out); });
}

void trap(Context& t) {
    for (const int at : {0, 77, 5000}) {
        Buffer out = t.zeros<int>(128 * 50);
        t.expect_error(ErrorCode::launch_failed, {"trap_at", "trap"},
                       [&] { t.launch("trap_at", {50}, {128}, out, at); });
        t.queue().synchronize();  // the failure is forgotten once it was thrown
        t.launch("trap_at", {50}, {128}, out, -1);
        t.equal(t.download<int>(out), t.iota<int>(128 * 50), "after a trap");
    }
}

void trap_at_barrier(Context& t) {
    Buffer out = t.zeros<int>(64);
    for (const int at : {0, 40}) {
        t.expect_error(ErrorCode::launch_failed, {"trap_at_barrier"},
                       [&] { t.launch("trap_at_barrier", {3}, {64}, out, at); });
        t.launch("trap_at_barrier", {3}, {64}, out, -1);
        auto want = t.iota<int>(64);
        std::ranges::reverse(want);
        t.equal(t.download<int>(out), want, "after a trap before a barrier");
    }
}

void assertion(Context& t) {
    auto values = t.uniform<int>(1000, 0, 99);
    values[517] = 200;
    Buffer in = t.upload(values);
    t.expect_error(ErrorCode::launch_failed, {"assert_below", "in[i] < limit", "errors.cu"},
                   [&] { t.launch("assert_below", {10}, {100}, in, 100); });
    t.launch("assert_below", {10}, {100}, in, 1000);
    Buffer out = t.zeros<int>(128);
    t.expect_error(ErrorCode::launch_failed, {"too many threads"},
                   [&] { t.launch("assert_with_message", {1}, {128}, out); });
    t.launch("assert_with_message", {1}, {100}, out);
}

void dropped_until_synchronised(Context& t) {
    Buffer out = t.zeros<int>(64), other = t.zeros<int>(64);
    Queue queue = t.device().create_queue();
    queue.launch(t.kernel("trap_at"), {{1}, {64}}, out, 3);
    queue.launch(t.kernel("fine"), {{1}, {64}}, other, 9);
    const Event event = queue.record();
    t.expect_error(ErrorCode::launch_failed, {"trap_at"}, [&] { event.wait(); });
    t.expect_error(ErrorCode::launch_failed, {"trap_at"}, [&] { queue.synchronize(); });
    t.equal(t.download<int>(other), std::vector<int>(64, 0), "a command after a failed one");
    queue.launch(t.kernel("fine"), {{1}, {64}}, other, 11);
    queue.synchronize();
    t.equal(t.download<int>(other), std::vector<int>(64, 11), "a command after the failure was seen");
}

void out_of_memory(Context& t) {
    t.expect_error(ErrorCode::out_of_memory, {t.device().id()},
                   [&] { t.device().allocate(std::size_t{1} << 60); });
    t.expect_error(ErrorCode::out_of_memory, {}, [&] { t.device().allocate(~std::size_t{0} - 100); });
}

void ranges(Context& t) {
    Buffer b = t.zeros<char>(100), c = t.zeros<char>(50);
    char data[200] = {};
    t.expect_error(ErrorCode::invalid_argument, {"100"}, [&] { b.write(data, 101); });
    t.expect_error(ErrorCode::invalid_argument, {"100"}, [&] { b.read(data, 10, 95); });
    t.expect_error(ErrorCode::invalid_argument, {}, [&] { b.read(data, 10, ~std::size_t{4}); });
    t.expect_error(ErrorCode::invalid_argument, {}, [&] { t.queue().copy(c, 0, b, 0, 51); });
    t.expect_error(ErrorCode::invalid_argument, {}, [&] { t.queue().fill(c, 1, 10, 45); });
    t.expect_error(ErrorCode::invalid_argument, {}, [&] { t.queue().write(c, data, 51); });
}

void unknown_device(Context& t) {
    t.expect_error(ErrorCode::device_unavailable, {"no_such_backend"}, [] { device("no_such_backend:0"); });
    t.expect_error(ErrorCode::device_unavailable, {"99"}, [&] { device(t.device().info().backend + ":99"); });
    t.check(device(t.device().id()) == t.device(), "device(id) is another device");
}

// ---- printf
template <class... Args>
std::string printed(Context& t, std::string_view kernel, Dim3 grid, Dim3 block, const Args&... args) {
    const Kernel k = t.kernel(kernel);  // whatever loading says is not captured
    CapturedOutput output;
    t.queue().launch(k, {grid, block}, args...);
    t.queue().synchronize();
    return output.text();
}

void print_formats(Context& t) {
    const std::string want =
        "int -42 unsigned 4000000000 hex beef octal 10 char z percent %\n"
        "long -1234567890123 18446744073709551615 short -7 width [    42] [42    ] [000042]\n"
        "float 1.500000 0.667 1.234568e+04 0.0001 double 3.141592653590\n"
        "string one and        two and three     |\n";
    const std::string got = printed(t, "print_formats", {1}, {1});
    t.check(got == want, "printed:\n" + got + "wanted:\n" + want);
}

void print_lines(Context& t) {
    Buffer results = t.zeros<int>(4 * 70);
    const std::string got = printed(t, "print_lines", {4}, {70}, results);
    std::map<std::string, int> lines;
    for (std::size_t at = 0, end; (end = got.find('\n', at)) != std::string::npos; at = end + 1)
        ++lines[got.substr(at, end - at)];
    for (int b = 0; b < 4; ++b)
        for (int i = 0; i < 70; ++i)
            if (lines[fmt::format("line {} of block {}", i, b)] != 1)
                return t.fail(fmt::format("line {} of block {} was printed {} times", i, b,
                                          lines[fmt::format("line {} of block {}", i, b)]));
    t.equal(t.download<int>(results), std::vector<int>(280, 2), "printf's result is its number of arguments");
}

void print_divergent(Context& t) {
    const auto in = t.uniform<int>(100, 0, 100);
    const std::string got = printed(t, "print_some", {1}, {100}, t.upload(in));
    std::string want;
    std::size_t length = 0;
    for (const int x : in)
        if (x % 10 == 0) length += fmt::format("<{}>\n", x).size();
    t.equal_value(got.size(), length, "length of the output");
}

const Registration topic(
    {"errors",
     "errors",
     {
         failing("syntax_error", syntax_error),
         failing("bad_template", bad_template),
         failing("undefined_function", undefined_function),
         failing("inline_assembly", inline_assembly),
         failing("warnings", warnings),
         failing("no_kernels", no_kernels),
         failing("unknown_kernel", unknown_kernel),
         failing("missing_file", missing_file),
         failing("damaged_package", damaged_package),
         failing("argument_count", argument_count),
         failing("argument_kind", argument_kind),
         failing("argument_value", argument_value),
         failing("other_device", other_device),
         failing("configuration", configuration),
         failing("trap", trap),
         failing("trap_at_barrier", trap_at_barrier),
         failing("assertion", assertion),
         failing("dropped_until_synchronised", dropped_until_synchronised),
         failing("out_of_memory", out_of_memory),
         failing("ranges", ranges),
         failing("unknown_device", unknown_device),
         {"printf",
          [](Context& t) {
              t.check(printed(t, "say_hello", {1}, {3}) ==
                          "hello from the device\nhello from the device\nhello from the device\n",
                      "three threads did not say hello three times");
              t.check(printed(t, "print_nothing", {1}, {8}).empty(), "an empty format printed something");
          }},
         {"printf_formats", print_formats},
         {"printf_lines", print_lines},
         {"printf_divergent", print_divergent},
         {"clocks",
          [](Context& t) {
              Buffer out = t.zeros<long long>(128);
              t.launch("clocks", {1}, {64}, out);
              auto got = t.download<long long>(out);
              for (std::size_t i = 0; i < 64; ++i) t.check(got[i] >= 0, "the clock runs backwards");
          }},
     }});

}  // namespace
}  // namespace heddle::conformance
