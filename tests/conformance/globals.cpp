// Cases on __device__ and __constant__ variables. Each loads the program anew, since globals belong to a
// program.
#include <array>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

template <class... Args>
void run(Context& t, Program& program, std::string_view kernel, std::uint32_t threads, const Args&... args) {
    t.queue().launch(program.kernel(kernel), {{1}, {threads}}, args...);
    t.queue().synchronize();
}

template <class T>
std::vector<T> read(const Program& program, std::string_view name, std::size_t count) {
    std::vector<T> values(count);
    program.read_global(name, values.data(), count * sizeof(T));
    return values;
}

void constant_set_by_host(Context& t) {
    Program p = t.load_again();
    const auto c = t.uniform<float>(64, -1, 1), in = t.uniform<float>(500, -1, 1);
    p.write_global("coefficients", c.data(), 64 * sizeof(float));
    Buffer out = t.zeros<float>(500), input = t.upload(in);
    t.queue().launch(p.kernel("apply_constants"), {{4}, {128}}, input, out, 500);
    t.queue().synchronize();
    constexpr std::array offsets{3.0f, 1.0f, 4.0f, 1.0f};
    std::vector<float> want(500);
    for (std::size_t i = 0; i < 500; ++i) want[i] = std::fma(in[i], c[i % 64], offsets[i & 3]);
    t.close(t.download<float>(out), want, 1e-6, "constants");
}

void constant_partial_write(Context& t) {
    Program p = t.load_again();
    const std::vector<float> zeros(64, 0.0f), some{1, 2, 3};
    p.write_global("coefficients", zeros.data(), 256);
    p.write_global("coefficients", some.data(), 12, 40);
    Buffer out = t.zeros<float>(40);
    run(t, p, "uniform_constant", 40, out, 40);
    t.equal(t.download<float>(out), std::vector<float>(40, 6.0f), "partial write");
    t.equal_value(read<float>(p, "coefficients", 64)[11], 2.0f, "read back");
}

void initial_values(Context& t) {
    Program p = t.load_again();
    Buffer out = t.zeros<int>(4);
    run(t, p, "read_counter", 1, out);
    t.equal(t.download<int>(out), {41, 7, -300, 99}, "initial values");
    t.equal(read<int>(p, "offsets", 4), {3, 1, 4, 1}, "offsets");
    t.equal(read<double>(p, "sums", 3), {0, 0, 0}, "uninitialised globals are zero");
    t.equal(read<unsigned char>(p, "bytes", 5), {'h', 'e', 'l', 'l', 'o'}, "bytes");
}

void scalar_by_name(Context& t) {
    Program p = t.load_again();
    const int value = -12345;
    p.write_global("counter", &value, 4);
    Buffer out = t.zeros<int>(4);
    run(t, p, "read_counter", 1, out);
    t.equal_value(t.download<int>(out)[0], value, "written by the host");
    run(t, p, "write_counter", 1, 77);
    t.equal(read<int>(p, "counter", 1), {77}, "written by a kernel");
}

void namespaced(Context& t) {
    Program p = t.load_again();
    const int value = 1234;
    p.write_global("inner::hidden", &value, 4);
    Buffer out = t.zeros<int>(4);
    run(t, p, "read_counter", 1, out);
    t.equal_value(t.download<int>(out)[1], value, "inner::hidden");
}

void kept_between_launches(Context& t) {
    Program p = t.load_again();
    for (int i = 0; i < 5; ++i) run(t, p, "add_to_sums", 32, 1.5);
    t.equal(read<double>(p, "sums", 3), {7.5, 15, 22.5}, "sums");
}

void written_bytes(Context& t) {
    Program p = t.load_again();
    run(t, p, "shift_bytes", 32);
    t.equal(read<unsigned char>(p, "bytes", 5), {'H', 'E', 'L', 'L', 'O'}, "bytes");
}

void large_table(Context& t) {
    Program p = t.load_again();
    run(t, p, "fill_table", 256, 1000003);
    std::vector<long long> want(256);
    for (std::size_t i = 0; i < 256; ++i) want[i] = 1000003LL * static_cast<long long>(i);
    t.equal(read<long long>(p, "table", 256), want, "table");
}

struct Configuration {
    float scale;
    int shift;
    double weights[3];
};

void structure(Context& t) {
    Program p = t.load_again();
    Buffer out = t.zeros<double>(5);
    run(t, p, "use_configuration", 1, out);
    t.equal(t.download<double>(out), {2, 5, 0.5, 0.25, 0.125}, "initial structure");
    const Configuration c{-1.5f, 9, {10, 20, 30}};
    p.write_global("configuration", &c, sizeof c);
    run(t, p, "use_configuration", 1, out);
    t.equal(t.download<double>(out), {-1.5, 9, 10, 20, 30}, "structure set by the host");
    run(t, p, "copy_configuration", 32);
    t.equal_value(read<Configuration>(p, "writable", 1)[0].weights[2], 30.0, "copied structure");
}

void pointers(Context& t) {
    Program p = t.load_again();
    Buffer out = t.zeros<int>(4);
    run(t, p, "follow_pointers", 1, out);
    t.equal(t.download<int>(out), {13, 11, 3, 1400}, "pointer into a global");
    t.equal(read<int>(p, "target", 8), {10, 11, 12, 13, 1400, 15, 16, 17}, "written through the pointer");
    run(t, p, "move_pointer", 1, 6);
    run(t, p, "follow_pointers", 1, out);
    t.equal(t.download<int>(out), {16, 1400, 6, 1400}, "moved pointer");
}

void strings(Context& t) {
    Program p = t.load_again();
    Buffer out = t.zeros<char>(64);
    run(t, p, "read_words", 8, out);
    const auto got = t.download<char>(out);
    constexpr std::array<std::string_view, 3> words{"warp", "weft", "heddle"};
    for (std::size_t i = 0; i < 8; ++i)
        t.check(std::string_view(&got[i * 8]) == words[i % 3], "a word is wrong");
}

void pointer_set_by_host(Context& t) {
    Program p = t.load_again();
    Buffer data = t.zeros<int>(64);
    const std::uint64_t address = data.device_address();
    p.write_global("pointer_set_by_host", &address, 8);
    run(t, p, "through_host_pointer", 64, 64);
    std::vector<int> want(64);
    for (int i = 0; i < 64; ++i) want[static_cast<std::size_t>(i)] = i * i;
    t.equal(t.download<int>(data), want, "through the pointer");
}

void compile_time_tables(Context& t) {
    Buffer out = t.zeros<float>(50);
    t.launch("compile_time_tables", {1}, {50}, out);
    constexpr std::array primes{2, 3, 5, 7, 11, 13, 17, 19, 23, 29};
    std::vector<float> want(50);
    for (std::size_t i = 0; i < 50; ++i)
        want[i] = static_cast<float>(primes[i % 10]) + 1.5f + static_cast<float>(i % 5);
    t.equal(t.download<float>(out), want, "tables");
}

void shared_by_kernels_and_blocks(Context& t) {
    Program p = t.load_again();
    t.queue().launch(p.kernel("count_all"), {{50}, {96}});
    t.queue().synchronize();
    t.equal(read<int>(p, "counter", 1), {41 + 50 * 96}, "counter");
}

void static_local(Context& t) {
    Program p = t.load_again();
    Buffer out = t.zeros<int>(100);
    for (int pass = 0; pass < 2; ++pass) {
        run(t, p, "static_local", 100, out);
        auto got = t.download<int>(out);
        std::ranges::sort(got);
        t.equal(got, t.iota<int>(100, 100 + 100 * pass), "calls");
    }
}

void programs_are_separate(Context& t) {
    Program a = t.load_again(), b = t.load_again();
    run(t, a, "write_counter", 1, 1);
    run(t, b, "write_counter", 1, 2);
    t.equal(read<int>(a, "counter", 1), {1}, "first program");
    t.equal(read<int>(b, "counter", 1), {2}, "second program");
}

void sizes_and_errors(Context& t) {
    Program p = t.load_again();
    t.equal_value(p.global_bytes("coefficients"), std::size_t{256}, "size of coefficients");
    t.equal_value(p.global_bytes("bytes"), std::size_t{5}, "size of bytes");
    t.equal_value(p.global_bytes("configuration"), sizeof(Configuration), "size of configuration");
    char data[300] = {};
    t.expect_error(ErrorCode::not_found, {"no_such_global"},
                   [&] { p.write_global("no_such_global", data, 4); });
    t.expect_error(ErrorCode::not_found, {"no_such_global"}, [&] { p.global_bytes("no_such_global"); });
    t.expect_error(ErrorCode::invalid_argument, {"coefficients"},
                   [&] { p.write_global("coefficients", data, 300); });
    t.expect_error(ErrorCode::invalid_argument, {"bytes"}, [&] { p.read_global("bytes", data, 4, 2); });
    t.expect_error(ErrorCode::invalid_argument, {"bytes"},
                   [&] { p.read_global("bytes", data, 2, ~std::size_t{0}); });
}

const Registration topic({"globals",
                          "globals",
                          {
                              {"constant_set_by_host", constant_set_by_host},
                              {"constant_partial_write", constant_partial_write},
                              {"initial_values", initial_values},
                              {"scalar_by_name", scalar_by_name},
                              {"namespaced", namespaced},
                              {"kept_between_launches", kept_between_launches},
                              {"written_bytes", written_bytes},
                              {"large_table", large_table},
                              {"structure", structure},
                              {"pointers", pointers},
                              {"strings", strings},
                              {"pointer_set_by_host", pointer_set_by_host},
                              {"compile_time_tables", compile_time_tables},
                              {"counted_by_all_blocks", shared_by_kernels_and_blocks},
                              {"static_local", static_local},
                              {"programs_are_separate", programs_are_separate},
                              {"sizes_and_errors", sizes_and_errors},
                          }});

}  // namespace
}  // namespace heddle::conformance
