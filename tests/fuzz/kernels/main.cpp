// heddle-fuzz: random kernels, run on every device present and as plain C++ built by the system's compiler;
// all must agree to the bit. Exit code 0: they did; 1: a disagreement or crash, whose kernel is written to
// the folder of findings.
#include <dlfcn.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <heddle/compiler.h>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <heddle/heddle.hpp>
#include <memory>
#include <string>
#include <vector>

#include "generator.h"

namespace {

using namespace heddle;
namespace fs = std::filesystem;

struct Settings {
    std::uint64_t seed = 1, count = 200, batch = 50;
    bool endless = false;
    std::string compiler = "g++", findings = "fuzz-findings", devices = "cpu,scalar";
};

constexpr const char* usage =
    "heddle-fuzz [--seed N] [--count N] [--batch N] [--endless] [--devices LIST] [--compiler CXX] "
    "[--findings DIR]\n"
    "Runs kernels made from the seeds N, N+1, ... and compares every device with plain C++.\n"
    "One kernel again: heddle-fuzz --seed S --count 1\n";

Settings parse(int count, char** values) {
    Settings settings;
    for (int i = 1; i < count; ++i) {
        const std::string_view option = values[i];
        if (option == "--endless") {
            settings.endless = true;
            continue;
        }
        if (option == "--help" || i + 1 >= count) {
            fmt::print("{}", usage);
            std::exit(option == "--help" ? 0 : 2);
        }
        const std::string value = values[++i];
        if (option == "--seed")
            settings.seed = std::stoull(value);
        else if (option == "--count")
            settings.count = std::stoull(value);
        else if (option == "--batch")
            settings.batch = std::stoull(value);
        else if (option == "--devices")
            settings.devices = value;
        else if (option == "--compiler")
            settings.compiler = value;
        else if (option == "--findings")
            settings.findings = value;
        else {
            fmt::print(stderr, "heddle-fuzz: unknown option '{}'\n{}", option, usage);
            std::exit(2);
        }
    }
    return settings;
}

struct Shape {
    Dim3 grid, block;
};

struct Results {
    std::vector<std::int64_t> out;
    std::vector<float> real;
    std::vector<std::int32_t> counters;
    bool operator==(const Results& other) const {
        return out == other.out && counters == other.counters &&
               std::memcmp(real.data(), other.real.data(), real.size() * sizeof(float)) == 0;
    }
};

struct Inputs {
    std::vector<std::int32_t> in0;
    std::vector<std::uint32_t> in1;
    std::vector<float> in2;
    std::vector<std::int64_t> in3;
};

Inputs make_inputs() {
    Inputs inputs;
    std::uint64_t state = 12345;
    const auto next = [&] {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return state >> 16;
    };
    for (int i = 0; i < fuzz::input_elements; ++i) {
        inputs.in0.push_back(i % 3 ? static_cast<std::int32_t>(next() % 2000) - 700
                                   : static_cast<std::int32_t>(next()));
        inputs.in1.push_back(static_cast<std::uint32_t>(next()));
        inputs.in2.push_back(static_cast<float>(static_cast<std::int32_t>(next() % 200000) - 100000) / 64.0f);
        inputs.in3.push_back(static_cast<std::int64_t>(next() * next()));
    }
    return inputs;
}

Results empty_results(std::size_t threads) {
    return {std::vector<std::int64_t>(threads, -1), std::vector<float>(threads, -1.0f),
            std::vector<std::int32_t>(fuzz::counter_elements, 7)};
}

// The plain C++ of a batch, built and loaded.
class HostCode {
  public:
    HostCode(const std::string& text, const std::string& compiler) {
        std::string folder = (fs::temp_directory_path() / "heddle-fuzz-XXXXXX").string();
        if (!mkdtemp(folder.data())) throw Error(ErrorCode::io, "no temporary folder can be made");
        folder_ = folder;
        std::ofstream(folder_ / "kernels.cpp") << text;
        const std::string command =
            fmt::format("{} -std=c++17 -O1 -w -ffp-contract=off -fwrapv -fPIC -shared {} -o {}", compiler,
                        (folder_ / "kernels.cpp").string(), (folder_ / "kernels.so").string());
        if (std::system(command.c_str()) != 0)
            throw Error(ErrorCode::compile_failed, "the host compiler failed: " + command);
        handle_ = dlopen((folder_ / "kernels.so").c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!handle_) throw Error(ErrorCode::io, dlerror());
    }
    HostCode(const HostCode&) = delete;
    HostCode& operator=(const HostCode&) = delete;
    ~HostCode() {
        if (handle_) dlclose(handle_);
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    Results run(const std::string& name, const Inputs& inputs, const Shape& shape, int n) const {
        using Function = void (*)(const std::int32_t*, const std::uint32_t*, const float*,
                                  const std::int64_t*, std::int32_t*, std::int64_t*, float*, int, int, int);
        const auto function = reinterpret_cast<Function>(dlsym(handle_, name.c_str()));
        if (!function) throw Error(ErrorCode::internal, "the host code has no '" + name + "'");
        const auto blocks = static_cast<int>(shape.grid.count()),
                   threads = static_cast<int>(shape.block.count());
        Results results = empty_results(static_cast<std::size_t>(blocks) * static_cast<std::size_t>(threads));
        function(inputs.in0.data(), inputs.in1.data(), inputs.in2.data(), inputs.in3.data(),
                 results.counters.data(), results.out.data(), results.real.data(), n, blocks, threads);
        return results;
    }

  private:
    fs::path folder_;
    void* handle_ = nullptr;
};

template <class T>
Buffer upload(const Device& device, const std::vector<T>& values) {
    Buffer buffer = device.allocate(values.size() * sizeof(T));
    buffer.write(values.data(), values.size() * sizeof(T));
    return buffer;
}

Results run_on(const Device& device, Queue& queue, const Kernel& kernel, const Inputs& inputs,
               const Shape& shape, int n) {
    Results results = empty_results(shape.grid.count() * shape.block.count());
    const Buffer in0 = upload(device, inputs.in0), in1 = upload(device, inputs.in1),
                 in2 = upload(device, inputs.in2), in3 = upload(device, inputs.in3);
    const Buffer counters = upload(device, results.counters), out = upload(device, results.out),
                 real = upload(device, results.real);
    queue.launch(kernel, {shape.grid, shape.block, 0}, in0, in1, in2, in3, counters, out, real, n);
    queue.synchronize();
    counters.read(results.counters.data(), results.counters.size() * sizeof(std::int32_t));
    out.read(results.out.data(), results.out.size() * sizeof(std::int64_t));
    real.read(results.real.data(), results.real.size() * sizeof(float));
    return results;
}

std::string difference(const Results& expected, const Results& got) {
    for (std::size_t i = 0; i < expected.out.size(); ++i)
        if (expected.out[i] != got.out[i])
            return fmt::format("thread {}: {:#x} expected, got {:#x}", i, expected.out[i], got.out[i]);
    for (std::size_t i = 0; i < expected.real.size(); ++i)
        if (std::memcmp(&expected.real[i], &got.real[i], 4) != 0)
            return fmt::format("thread {}: {} expected, got {}", i, expected.real[i], got.real[i]);
    for (std::size_t i = 0; i < expected.counters.size(); ++i)
        if (expected.counters[i] != got.counters[i])
            return fmt::format("counter {}: {} expected, got {}", i, expected.counters[i], got.counters[i]);
    return "no difference";
}

// Runs one batch; gives the number of disagreements.
unsigned run_batch(const Settings& settings, std::uint64_t first, std::uint64_t count,
                   const std::vector<Device>& devices, const Inputs& inputs) {
    std::vector<fuzz::GeneratedKernel> kernels;
    std::string device_text = fuzz::prelude_device(), host_text = fuzz::prelude_host();
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        kernels.push_back(fuzz::generate(seed));
        device_text += kernels.back().functions + kernels.back().device;
        host_text += kernels.back().functions + kernels.back().host;
    }
    // Findings are kept before anything runs: a crash leaves them behind.
    fs::create_directories(settings.findings);
    const fs::path running = fs::path(settings.findings) / fmt::format("running-{}.cu", first);
    std::ofstream(running) << device_text;
    const HostCode host(host_text, settings.compiler);
    // The instruction sets take turns.
    static constexpr const char* levels[] = {"x86-64-v4", "x86-64-v3", "x86-64-v2"};
    const std::string level = levels[first / std::max<std::uint64_t>(count, 1) % 3];
    CompileOptions options;
    options.use_cache = false;
    std::vector<std::byte> package;
    {
#if defined(__x86_64__)
        const std::vector<std::string> targets{"simd:" + level, "scalar:" + level};
#else
        const std::vector<std::string> targets{"simd:aarch64", "scalar:aarch64"};
#endif
        package =
            compile_package(device_text, fmt::format("fuzz-{}.cu", first), options, targets).package.write();
    }
    static const Shape any_shapes[] = {{{3, 1, 1}, {64, 1, 1}},
                                       {{2, 2, 1}, {16, 6, 1}},
                                       {{2, 1, 1}, {100, 1, 1}},
                                       {{1, 2, 1}, {7, 5, 3}},
                                       {{2, 1, 1}, {32, 4, 1}}};
    static const Shape warp_shapes[] = {{{3, 1, 1}, {64, 1, 1}},
                                        {{2, 2, 1}, {16, 6, 1}},
                                        {{1, 2, 1}, {8, 4, 3}},
                                        {{2, 1, 1}, {32, 3, 1}},
                                        {{1, 1, 1}, {4, 8, 2}}};
    unsigned disagreements = 0;
    for (const Device& device : devices) {
        if (const char* enough = std::getenv("HEDDLE_FUZZ_VERBOSE"))
            fmt::print(stderr, "{} {} {}\n", first, device.id(), enough);
        Program program = [&] {
            try {
                return Program::from_package(device, package);
            } catch (const Error& error) {
                // A machine below this level: let the device compile for itself.
                if (error.code() != ErrorCode::unsupported) throw;
                return Program::from_source(device, device_text, "fuzz.cu", options);
            }
        }();
        Queue queue = device.create_queue();
        for (const fuzz::GeneratedKernel& kernel : kernels) {
            const Kernel loaded = program.kernel(kernel.name);
            for (const Shape& shape : kernel.exchanges ? warp_shapes : any_shapes) {
                const int n =
                    static_cast<int>(shape.grid.count() * shape.block.count()) - (kernel.exchanges ? 0 : 3);
                const Results expected = host.run(kernel.name, inputs, shape, n);
                Results got = empty_results(0);
                std::string problem;
                try {
                    got = run_on(device, queue, loaded, inputs, shape, n);
                    if (!(expected == got)) problem = difference(expected, got);
                } catch (const Error& error) {
                    problem = error.what();
                }
                if (problem.empty()) continue;
                ++disagreements;
                const fs::path file = fs::path(settings.findings) / (kernel.name + ".cu");
                std::ofstream(file) << fuzz::prelude_device() << kernel.functions << kernel.device;
                fmt::print("{} on {} ({}), grid {}x{}x{}, block {}x{}x{}: {}\n    kept in {}\n", kernel.name,
                           device.id(), level, shape.grid.x, shape.grid.y, shape.grid.z, shape.block.x,
                           shape.block.y, shape.block.z, problem, file.string());
                break;
            }
        }
    }
    fs::remove(running);
    return disagreements;
}

}  // namespace

int main(int count, char** values) {
    const Settings settings = parse(count, values);
    try {
        const std::vector<Device> devices = select_devices(settings.devices);
        const Inputs inputs = make_inputs();
        unsigned disagreements = 0;
        std::uint64_t done = 0;
        while (settings.endless || done < settings.count) {
            const std::uint64_t batch =
                settings.endless ? settings.batch : std::min(settings.batch, settings.count - done);
            disagreements += run_batch(settings, settings.seed + done, batch, devices, inputs);
            done += batch;
            fmt::print(stderr, "{} kernels (seeds {} to {}), {} disagreements\n", done, settings.seed,
                       settings.seed + done - 1, disagreements);
            if (settings.endless && disagreements > 0) break;
        }
        fmt::print("{} kernels of seeds {} to {} on {} devices: {} disagreements\n", done, settings.seed,
                   settings.seed + done - 1, devices.size(), disagreements);
        return disagreements == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "heddle-fuzz: {}\n", error.what());
        return 1;
    }
}
