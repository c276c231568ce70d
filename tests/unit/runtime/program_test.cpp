// Programs from source and packages, with the stand-in compiler (tests/standins/compiler) and a fake device:
// caching, lazy compilation, choice of payloads, ahead-of-time packages.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "example_package.h"
#include "fake_device.h"
#include "runtime/compiler_loader.h"
#include "runtime/fault_injection.h"
#include "temporary_directory.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;
using testing::bytes_of;
using testing::error_of;
using testing::FakeDevice;
using testing::FakeKernel;
using testing::ScopedVariable;
using testing::TemporaryDirectory;
using Origin = CompileStatistics::Origin;

const fs::path kCompiler = fs::path(HEDDLE_BINARY_DIR) / "lib" / "libstandin-compiler.so";

std::string code_of(const Kernel& kernel) {
    const auto& code = dynamic_cast<const FakeKernel&>(*kernel.impl()).code;
    return {reinterpret_cast<const char*>(code.data()), code.size()};
}

class ProgramTest : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(fs::exists(kCompiler)) << "build the target standin-compiler first"; }
    Program load(std::string_view source, const CompileOptions& options = {}) const {
        return Program::from_source(device, source, "toy.cu", options);
    }

    TemporaryDirectory directory;
    ScopedVariable compiler{"HEDDLE_COMPILER", kCompiler.string()};
    ScopedVariable cache{"HEDDLE_CACHE_DIR", (directory.path() / "cache").string()};
    ScopedVariable cache_on{"HEDDLE_CACHE", "on"};
    std::shared_ptr<FakeDevice> fake = std::make_shared<FakeDevice>("cpu:0");
    Device device{fake};
};

TEST_F(ProgramTest, CompilesKernelsOneByOneAndCachesThem) {
    const Program first = load("kernel a\nkernel b\nwarning w\n");
    EXPECT_EQ(first.kernel_names(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(first.diagnostics(), "toy.cu: warning w\n");
    EXPECT_EQ(code_of(first.kernel("a")), "simd:x86-64-v3 a");
    EXPECT_EQ(first.kernel("a").impl(), first.kernel("a").impl());
    EXPECT_EQ(first.statistics().origin, Origin::compiled);

    const Program second = load("kernel a\nkernel b\nwarning w\n");
    EXPECT_EQ(second.statistics().origin, Origin::cache);
    EXPECT_EQ(second.diagnostics(), "");
    EXPECT_EQ(code_of(second.kernel("a")), "simd:x86-64-v3 a");
    EXPECT_EQ(second.statistics().origin, Origin::cache);
    EXPECT_EQ(code_of(second.kernel("b")), "simd:x86-64-v3 b");
    EXPECT_EQ(second.statistics().origin, Origin::compiled) << "b was not in the cache";
    EXPECT_GT(second.statistics().milliseconds, 0);
}

TEST_F(ProgramTest, EveryOptionIsPartOfTheKey) {
    const std::string source = "kernel a\n";
    CompileOptions options;
    const auto origin = [&] { return load(source, options).statistics().origin; };
    EXPECT_EQ(origin(), Origin::compiled);
    EXPECT_EQ(origin(), Origin::cache);
    options.defines = {"A=1"};
    EXPECT_EQ(origin(), Origin::compiled);
    options.defines = {"A", "1"};
    EXPECT_EQ(origin(), Origin::compiled);
    options.include_directories = {"/x"};
    EXPECT_EQ(origin(), Origin::compiled);
    options.standard = "c++17";
    EXPECT_EQ(origin(), Origin::compiled);
    options.fast_math = true;
    EXPECT_EQ(origin(), Origin::compiled);
    options.instantiate = {"a<int>"};
    EXPECT_EQ(origin(), Origin::compiled);
    EXPECT_EQ(origin(), Origin::cache);
    EXPECT_EQ(Program::from_source(device, source, "other.cu", options).statistics().origin,
              Origin::compiled);
    options.use_cache = false;
    EXPECT_EQ(origin(), Origin::compiled);
    options.use_cache = true;
    {
        const ScopedVariable off("HEDDLE_CACHE", "off");
        EXPECT_EQ(origin(), Origin::compiled);
    }
    EXPECT_EQ(origin(), Origin::cache);
    // Another build of the compiler.
    const fs::path copy = directory.path() / "another-compiler.so";
    fs::copy_file(kCompiler, copy);
    const ScopedVariable another("HEDDLE_COMPILER", copy.string());
    EXPECT_EQ(origin(), Origin::compiled);
}

TEST_F(ProgramTest, ChangedIncludesCompileAnew) {
    const fs::path header = directory.path() / "a.h";
    std::ofstream(header) << "one";
    fs::last_write_time(header, fs::last_write_time(header) - std::chrono::seconds(5));
    const std::string source = "include " + header.string() + "\nkernel a\n";
    EXPECT_EQ(load(source).statistics().origin, Origin::compiled);
    EXPECT_EQ(load(source).statistics().origin, Origin::cache);
    std::ofstream(header) << "two";
    EXPECT_EQ(load(source).statistics().origin, Origin::compiled);
}

TEST_F(ProgramTest, FailuresSayWhy) {
    const Error failed = error_of([&] { (void)load("kernel a\nerror e\n"); });
    EXPECT_EQ(failed.code(), ErrorCode::compile_failed);
    EXPECT_STREQ(failed.what(), "toy.cu: error e\n");
    EXPECT_EQ(error_of([&] { (void)load("error e\n"); }).code(), ErrorCode::compile_failed) << "never cached";

    const Program program = load("kernel a\nkernel gpu_only\n");
    EXPECT_STREQ(error_of([&] { (void)program.kernel("c"); }).what(),
                 "cpu:0: the program has no kernel 'c'; it holds 'a', 'gpu_only'");
    const Error unsupported = error_of([&] { (void)program.kernel("gpu_only"); });
    EXPECT_EQ(unsupported.code(), ErrorCode::unsupported);
    EXPECT_STREQ(unsupported.what(),
                 "cpu:0: compiling 'gpu_only' for simd failed: toy:1: this kernel is for GPUs");
    EXPECT_EQ(code_of(program.kernel("a")), "simd:x86-64-v3 a");

    CompileOptions check;
    check.check = true;
    EXPECT_EQ(error_of([&] { (void)load("kernel a\n", check); }).code(), ErrorCode::unsupported);
    fake->target = {"scalar", {"x86-64-v2"}};
    EXPECT_EQ(code_of(load("kernel a\n", check).kernel("a")), "scalar:x86-64-v2 checked a");
    EXPECT_EQ(code_of(load("kernel a\n").kernel("a")), "scalar:x86-64-v2 a");

    fake->target = {"broken", {}};
    EXPECT_STREQ(error_of([&] { (void)load("kernel a\n").kernel("a"); }).what(),
                 "cpu:0: compiling 'a' for broken failed: this target never works");
}

TEST_F(ProgramTest, AMissingCompilerIsNamed) {
    const ScopedVariable nowhere("HEDDLE_COMPILER", "/nowhere/libheddle-compiler.so");
    const Error error = error_of([&] { (void)load("kernel a\n"); });
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_NE(error.reason().find("/nowhere/libheddle-compiler.so"), std::string::npos) << error.what();
    CompileOptions options;
    options.use_cache = false;
    const Error loader = error_of([&] { (void)load("kernel a\n", options); });
    EXPECT_NE(loader.reason().find("cannot open shared object file"), std::string::npos) << loader.what();
    const ScopedVariable other("HEDDLE_COMPILER", "/proc/self/exe");
    EXPECT_EQ(error_of([&] { (void)load("kernel a\n", options); }).code(), ErrorCode::not_found);
}

TEST_F(ProgramTest, FilesAreToldByContent) {
    const fs::path source = directory.path() / "a.cu", package = directory.path() / "a.bin";
    std::ofstream(source) << "kernel a\n";
    EXPECT_EQ(Program::from_file(device, source).kernel_names(), std::vector<std::string>{"a"});
    const std::vector<std::byte> bytes = testing::example_package().write();
    std::ofstream(package, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    EXPECT_EQ(Program::from_file(device, package).kernel_names()[0], "saxpy");
    EXPECT_EQ(error_of([&] { (void)Program::from_file(device, directory.path() / "none.cu"); }).code(),
              ErrorCode::not_found);
    const fs::path damaged = directory.path() / "b.heddle";
    std::ofstream(damaged) << "PK\3\4";
    const Error error = error_of([&] { (void)Program::from_file(device, damaged); });
    EXPECT_EQ(error.code(), ErrorCode::corrupt_package);
    EXPECT_NE(error.reason().find("b.heddle"), std::string::npos);
    std::ofstream(damaged) << "text";
    EXPECT_EQ(error_of([&] { (void)Program::from_file(device, damaged); }).code(),
              ErrorCode::corrupt_package);
}

TEST_F(ProgramTest, PackagesGiveTheBestPayload) {
    Package package = testing::example_package();
    package.kernels[0].features = {"fp64"};
    const auto load_package = [&] { return Program::from_package(device, package.write()); };
    EXPECT_EQ(code_of(load_package().kernel("saxpy")), "code for saxpy");
    EXPECT_EQ(load_package().statistics().origin, Origin::package);
    fake->target.variants = {"x86-64-v2"};
    EXPECT_EQ(code_of(load_package().kernel("saxpy")).size(), 1000U);

    // Nothing fits, but there is Kernel IR.
    package.payloads.back().data = bytes_of("saxpy\n");
    fake->target = {"scalar", {"x86-64-v2"}};
    EXPECT_EQ(code_of(load_package().kernel("saxpy")), "scalar:x86-64-v2 saxpy");
    package.payloads.pop_back();
    const Error error = error_of([&] { (void)load_package(); });
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    EXPECT_STREQ(error.what(),
                 "cpu:0: loading a package failed: the device takes scalar:x86-64-v2; the package holds "
                 "simd:x86-64-v3, simd:x86-64-v2");
    package.diagnostics = {{"simd", "saxpy", "s.cu:3: no"}};
    fake->target = {"simd", {"x86-64-v3"}};
    EXPECT_STREQ(error_of([&] { (void)load_package().kernel("saxpy"); }).what(),
                 "cpu:0: loading 'saxpy' failed: s.cu:3: no");
}

TEST_F(ProgramTest, MissingFeaturesAreNamed) {
    Package package = testing::example_package();
    package.diagnostics.clear();
    EXPECT_STREQ(
        error_of([&] { (void)Program::from_package(device, package.write()).kernel("saxpy"); }).what(),
        "cpu:0: loading 'saxpy' failed: the kernel needs int64_atomics, which this device lacks");
}

TEST_F(ProgramTest, Globals) {
    Program program = Program::from_package(device, testing::example_package().write());
    EXPECT_EQ(program.global_bytes("table"), 256U);
    std::byte value{};
    program.read_global("table", &value, 1, 255);
    EXPECT_EQ(value, std::byte{7});
    const int count = 42;
    program.write_global("counter", &count, 4);
    int back = 0;
    program.read_global("counter", &back, 4);
    EXPECT_EQ(back, 42);
    program.read_global("table", &value, 1, 255);
    EXPECT_EQ(value, std::byte{7});
    EXPECT_EQ(error_of([&] { program.write_global("counter", &count, 4, 1); }).code(),
              ErrorCode::invalid_argument);
    EXPECT_EQ(error_of([&] { program.read_global("counter", nullptr, 4); }).code(),
              ErrorCode::invalid_argument);
    EXPECT_STREQ(
        error_of([&] { (void)program.global_bytes("tabel"); }).what(),
        "cpu:0: the program has no __device__ or __constant__ variable 'tabel'; it has 'table', 'counter'");
}

TEST_F(ProgramTest, KernelsFromManyThreads) {
    std::string source;
    for (int i = 0; i < 16; ++i) source += "kernel k" + std::to_string(i) + "\n";
    const Program program = load(source);
    std::vector<std::thread> threads;
    std::array<std::vector<std::shared_ptr<hal::Kernel>>, 4> seen;
    for (std::size_t t = 0; t < seen.size(); ++t) {
        threads.emplace_back([&, t] {
            for (const std::string& name : program.kernel_names())
                seen[t].push_back(program.kernel(name).impl());
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& kernels : seen) EXPECT_EQ(kernels, seen[0]);
}

TEST_F(ProgramTest, AheadOfTime) {
    const std::string source = "kernel a\nkernel gpu_only\n", plain = "kernel a\n";
    const auto compile = [&](const std::string& text, std::vector<std::string> targets) {
        return compile_package(text, "toy.cu", {}, targets).package;
    };
    const auto names = [](const Package& package) {
        std::string text;
        for (const Payload& payload : package.payloads) text += payload.target + ":" + payload.variant + " ";
        return text;
    };
    EXPECT_EQ(names(compile(plain, {"simd"})), "simd:x86-64-v2 simd:x86-64-v3 ");
    EXPECT_EQ(names(compile(plain, {"simd:aarch64", "ir", "simd:aarch64"})), "simd:aarch64 ir: ");
    EXPECT_EQ(names(compile(plain, {"scalar", "simd:x86-64-v4"})), "scalar:x86-64-v2 simd:x86-64-v4 ");
    const Package package = compile(plain, {"simd", "ir"});
    EXPECT_EQ(code_of(Program::from_package(device, package.write()).kernel("a")), "simd:x86-64-v3 a");

    const Error unknown = error_of([&] { (void)compile(plain, {"ptx"}); });
    EXPECT_EQ(unknown.code(), ErrorCode::unsupported);
    EXPECT_STREQ(unknown.what(),
                 "compiling failed: there is no target 'ptx'; there are: ir simd:x86-64-v2 "
                 "simd:x86-64-v3 simd:aarch64 scalar:x86-64-v2 broken");
    EXPECT_EQ(error_of([&] { (void)compile(plain, {}); }).code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error_of([&] { (void)compile(source, {"simd"}); }).code(), ErrorCode::unsupported);
    EXPECT_EQ(error_of([&] { (void)compile(plain, {"broken"}); }).code(), ErrorCode::compile_failed);

    EXPECT_EQ(emit_text(plain, "toy.cu", {}, "simd"), "simd:x86-64-v3 a");
    EXPECT_EQ(emit_text(plain, "toy.cu", {}, "scalar"), "scalar:x86-64-v2 a");
    EXPECT_EQ(error_of([&] { (void)emit_text(source, "toy.cu", {}, "simd"); }).code(),
              ErrorCode::unsupported);
    EXPECT_EQ(available_targets().size(), 8U);
}

TEST_F(ProgramTest, InjectedFaultsReachTheCaller) {
    auto plan = std::make_shared<runtime::FaultPlan>();
    const Device faulty(runtime::with_faults(fake, plan));
    plan->fail(runtime::FaultyCall::allocate, 1, ErrorCode::out_of_memory);
    (void)faulty.allocate(1);
    EXPECT_STREQ(error_of([&] { (void)faulty.allocate(1); }).what(),
                 "cpu:0: allocate failed: injected fault in allocate of cpu:0");
    (void)faulty.allocate(1);
    EXPECT_EQ(plan->pending(), 0U);

    const std::vector<std::byte> package =
        load("kernel a\n").kernel_names().empty()
            ? std::vector<std::byte>()
            : compile_package("kernel a\n", "toy.cu", {}, std::vector<std::string>{"simd"}).package.write();
    plan->fail(runtime::FaultyCall::load, 0, ErrorCode::unsupported);
    EXPECT_EQ(error_of([&] { (void)Program::from_package(faulty, package); }).code(), ErrorCode::unsupported);
    const Program program = Program::from_package(faulty, package);
    plan->fail(runtime::FaultyCall::kernel, 0, ErrorCode::internal);
    EXPECT_EQ(error_of([&] { (void)program.kernel("a"); }).code(), ErrorCode::internal);
    const Kernel kernel = program.kernel("a");  // the failure was not remembered

    plan->fail(runtime::FaultyCall::create_queue, 0, ErrorCode::out_of_memory);
    EXPECT_EQ(error_of([&] { (void)faulty.create_queue(); }).code(), ErrorCode::out_of_memory);
    Queue queue(faulty);
    const LaunchConfig config{{1, 1, 1}, {1, 1, 1}, 0};
    plan->fail(runtime::FaultyCall::run, 1, ErrorCode::launch_failed);
    queue.launch(kernel, config);
    queue.launch(kernel, config);  // fails while running
    queue.launch(kernel, config);  // dropped
    const Event event = queue.record();
    EXPECT_EQ(error_of([&] { event.wait(); }).code(), ErrorCode::launch_failed);
    EXPECT_EQ(error_of([&] { queue.synchronize(); }).code(), ErrorCode::launch_failed);
    queue.synchronize();  // told once
    EXPECT_EQ(fake->log->configurations.size(), 1U);
    queue.launch(kernel, config);
    EXPECT_EQ(fake->log->configurations.size(), 2U);
    for (const auto call : {runtime::FaultyCall::launch, runtime::FaultyCall::transfer,
                            runtime::FaultyCall::record, runtime::FaultyCall::synchronize}) {
        plan->fail(call, 0, ErrorCode::timeout);
    }
    Buffer buffer = faulty.allocate(4);
    EXPECT_EQ(error_of([&] { queue.launch(kernel, config); }).code(), ErrorCode::timeout);
    EXPECT_EQ(error_of([&] { queue.fill(buffer, 0, 4); }).code(), ErrorCode::timeout);
    EXPECT_EQ(error_of([&] { (void)queue.record(); }).code(), ErrorCode::timeout);
    EXPECT_EQ(error_of([&] { queue.synchronize(); }).code(), ErrorCode::timeout);
    EXPECT_EQ(plan->pending(), 0U);
}

// Runs itself twice in processes of their own, which know by this variable that they are meant.
constexpr const char* kChildVariable = "HEDDLE_TEST_CHILD_CACHE";

// Exit status: 10 + (from the cache) + 2 * (the compiler is loaded).
[[noreturn]] void load_as_child(const Device& device, const std::string& cache) {
    const ScopedVariable shared("HEDDLE_CACHE_DIR", cache);
    const Program program = Program::from_source(device, "kernel a\n", "toy.cu");
    (void)program.kernel("a");
    std::ifstream maps("/proc/self/maps");
    bool is_loaded = false;
    for (std::string line; std::getline(maps, line);) {
        is_loaded = is_loaded || line.ends_with("libstandin-compiler.so");
    }
    ::_exit(10 + (program.statistics().origin == Origin::cache ? 1 : 0) + (is_loaded ? 2 : 0));
}

TEST_F(ProgramTest, ACacheHitDoesNotLoadTheCompiler) {
    if (const char* given = std::getenv(kChildVariable)) load_as_child(device, given);
    const ScopedVariable shared(kChildVariable, (directory.path() / "shared").string());
    const auto run = [] {
        const pid_t child = ::fork();
        if (child == 0) {
            ::execl("/proc/self/exe", "child", "--gtest_filter=ProgramTest.ACacheHitDoesNotLoadTheCompiler",
                    "--gtest_brief=1", nullptr);
            ::_exit(127);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    };
    EXPECT_EQ(run(), 12) << "compiled, with the compiler";
    EXPECT_EQ(run(), 11) << "from the cache, without";
}

}  // namespace
}  // namespace heddle
