// The runner: registers every case on every device as a GoogleTest test (`cpu_0/memory.vector_loads`), runs
// them, and prints the matrix of topics and devices. Options stand in usage().
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

#include "conformance/case.h"
#include "conformance/device_limits.h"
#include "conformance/expectations.h"
#include "conformance/report.h"

namespace heddle::conformance {
namespace {

struct Options {
    Setup setup;
    std::string devices = "all";
    std::string write_packages, markdown, maths_markdown, json;
    std::vector<std::string> targets;
};

constexpr std::string_view usage =
    "heddle-conformance [GoogleTest's options] [options]\n"
    "  --devices LIST         devices as the command names them (default: all)\n"
    "  --scale X              factor on the size of large inputs (default 1; 0.1 under a sanitizer)\n"
    "  --seed N               other random inputs\n"
    "  --kernels DIR          where the .cu files are\n"
    "  --packages DIR         take kernels from DIR/<file>.heddle; no compiler is needed\n"
    "  --write-packages DIR   compile every .cu file into DIR/<file>.heddle and stop\n"
    "  --targets LIST         what --write-packages compiles for (default: all), commas between\n"
    "  --markdown FILE        write the matrix as a page\n"
    "  --maths-markdown FILE  write the accuracy table as a page\n"
    "  --json FILE            write everything as JSON\n";

constexpr double default_scale() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 0.1;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return 0.1;
#else
    return 1;
#endif
#else
    return 1;
#endif
}

Options parse(int argc, char** argv) {
    Options options;
    options.setup.kernel_directory = HEDDLE_SOURCE_DIR "/tests/conformance/kernels";
    options.setup.scale = default_scale();
    for (int i = 1; i < argc; ++i) {
        std::string_view name = argv[i];
        if (name == "--help") {
            std::cout << usage;
            std::exit(0);
        }
        std::string value;
        if (const auto equals = name.find('='); equals != std::string_view::npos) {
            value = name.substr(equals + 1);
            name = name.substr(0, equals);
        } else if (++i < argc) {
            value = argv[i];
        } else {
            throw std::invalid_argument(fmt::format("option {} has no value", name));
        }
        if (name == "--devices")
            options.devices = value;
        else if (name == "--scale")
            options.setup.scale = std::stod(value);
        else if (name == "--seed")
            options.setup.seed = std::stoull(value);
        else if (name == "--kernels")
            options.setup.kernel_directory = value;
        else if (name == "--packages")
            options.setup.package_directory = value;
        else if (name == "--write-packages")
            options.write_packages = value;
        else if (name == "--targets")
            for (std::size_t at = 0; at <= value.size();) {
                const std::size_t comma = std::min(value.find(',', at), value.size());
                options.targets.push_back(value.substr(at, comma - at));
                at = comma + 1;
            }
        else if (name == "--markdown")
            options.markdown = value;
        else if (name == "--maths-markdown")
            options.maths_markdown = value;
        else if (name == "--json")
            options.json = value;
        else
            throw std::invalid_argument(fmt::format("unknown option {}", name));
    }
    if (options.targets.empty()) options.targets = {"all"};
    return options;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) throw std::runtime_error(fmt::format("cannot read {}", path.string()));
    return text;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.flush()) throw std::runtime_error(fmt::format("cannot write {}", path.string()));
}

void write_packages(const Options& options) {
    std::filesystem::create_directories(options.write_packages);
    std::set<std::string> done;
    for (const Topic& topic : topics()) {
        if (!done.insert(topic.file).second) continue;
        const auto source = std::filesystem::path(options.setup.kernel_directory) / (topic.file + ".cu");
        CompileOptions compile = topic.options;
        compile.allow_missing_kernels = true;
        const CompiledPackage made =
            compile_package(read_file(source), source.string(), compile, options.targets);
        const std::vector<std::byte> bytes = made.package.write();
        write_file(std::filesystem::path(options.write_packages) / (topic.file + ".heddle"),
                   {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        std::cout << fmt::format("{}.heddle: {} kernels, {} bytes\n", topic.file, made.package.kernels.size(),
                                 bytes.size())
                  << std::flush;
        for (const TargetDiagnostic& d : made.package.diagnostics)
            std::cout << fmt::format("  {} lacks {}: {}\n", d.target, d.kernel, d.message);
    }
}

// Runs one case on one device and judges it.
class Run : public testing::Test {
  public:
    Run(Programs& programs, const Topic& topic, const Case& test)
        : programs_(programs), topic_(topic), case_(test) {}

    void TestBody() override {
        CaseResult result{programs_.device().id(), topic_.name, case_.name, Outcome::passed, {}};
        std::vector<std::string> failures;
        try {
            Context context(programs_, topic_, case_);
            try {
                case_.run(context);
                failures = context.failures();
            } catch (...) {
                failures = context.failures();
                throw;
            }
        } catch (const Skip& skip) {
            result.outcome = Outcome::skipped;
            result.message = skip.reason;
        } catch (const Error& error) {
            if (is_beyond(programs_.device().info(), error)) {
                result.outcome = Outcome::skipped;
                result.message = error.what();
            } else {
                failures.emplace_back(error.what());
            }
        } catch (const std::exception& error) {
            failures.emplace_back(error.what());
        }
        for (const std::string& f : failures) result.message += (result.message.empty() ? "" : "\n") + f;
        if (!failures.empty()) result.outcome = Outcome::failed;
        const Expectation* known =
            expected_failure(programs_.device().info(), result.topic + "." + result.test);
        if (known && result.outcome == Outcome::failed) {
            result.outcome = Outcome::expected;
            result.message = std::string(known->reason);
        } else if (known && !known->is_a_race && result.outcome == Outcome::passed) {
            result.outcome = Outcome::failed;
            result.message = fmt::format(
                "passes, but was expected to fail ({}): take it out of the table in expectations.cpp",
                known->reason);
        }
        report().add(result);
        if (result.outcome == Outcome::failed) GTEST_FAIL() << result.message;
        if (result.outcome == Outcome::skipped) GTEST_SKIP() << result.message;
        if (result.outcome == Outcome::expected) std::cout << "expected failure: " << result.message << '\n';
    }

  private:
    Programs& programs_;
    const Topic& topic_;
    const Case& case_;
};

int run(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const Options options = parse(argc, argv);
    if (!options.write_packages.empty()) {
        write_packages(options);
        return 0;
    }
    std::vector<std::unique_ptr<Programs>> programs;
    for (const Device& device : select_devices(options.devices))
        programs.push_back(std::make_unique<Programs>(device, options.setup));
    if (programs.empty()) throw std::runtime_error("no device to run on");
    for (const auto& on_device : programs) {
        std::string prefix = on_device->device().id();
        std::ranges::replace(prefix, ':', '_');
        for (const Topic& topic : topics())
            for (const Case& test : topic.cases)
                testing::RegisterTest((prefix + "/" + topic.name).c_str(), test.name.c_str(), nullptr,
                                      nullptr, __FILE__, __LINE__,
                                      [&on_device = *on_device, &topic, &test]() -> testing::Test* {
                                          return new Run(on_device, topic, test);  // GoogleTest deletes it
                                      });
    }
    const int status = RUN_ALL_TESTS();
    if (testing::GTEST_FLAG(list_tests)) return status;
    std::cout << '\n' << report().accuracy_table() << '\n' << report().matrix();
    if (!options.markdown.empty()) write_file(options.markdown, report().markdown());
    if (!options.maths_markdown.empty()) write_file(options.maths_markdown, report().accuracy_markdown());
    if (!options.json.empty()) write_file(options.json, report().json());
    return status;
}

}  // namespace
}  // namespace heddle::conformance

int main(int argc, char** argv) {
    // PoCL 3.1's other way of making blocks of threads crashes in its code generator on some kernels. Set
    // before any thread runs; a value from outside stays.
    setenv("POCL_WORK_GROUP_METHOD", "loops", 0);
    try {
        return heddle::conformance::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "heddle-conformance: " << error.what() << '\n';
        return 2;
    }
}
