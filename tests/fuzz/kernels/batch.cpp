// A batch. Generating code for all levels and all forms of a kernel costs seconds; so each kernel gets one
// level and one form, chosen by its seed, where not all are asked for. Over many seeds every combination is
// met.
#include "batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <heddle/heddle.hpp>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "backends/cpu/abi.h"
#include "generator.h"
#include "host_code.h"
#include "runtime/compiler_loader.h"

namespace heddle::fuzz {
namespace {

struct Shape {
    Dim3 grid, block;
};

// A form of a kernel: the code for blocks of some shapes, and such shapes. Kernels that exchange need whole
// warps.
struct Form {
    std::uint32_t row;
    const char* name;
    std::vector<Shape> any_shapes, warp_shapes;
};

const std::vector<Form>& forms() {
    static const std::vector<Form> all = {
        {1,
         "any",
         {{{1, 2, 1}, {7, 5, 3}}, {{2, 1, 1}, {100, 1, 1}}, {{2, 1, 1}, {32, 4, 1}}},
         {{{1, 2, 1}, {8, 4, 3}}, {{1, 1, 1}, {4, 8, 2}}, {{2, 1, 1}, {96, 1, 1}}}},
        {HEDDLE_ROW_LINEAR,
         "linear",
         {{{2, 1, 1}, {100, 1, 1}}, {{3, 1, 1}, {64, 1, 1}}, {{2, 2, 1}, {17, 1, 1}}},
         {{{3, 1, 1}, {64, 1, 1}}, {{2, 2, 1}, {96, 1, 1}}}},
        {16,
         "half",
         {{{2, 2, 1}, {16, 6, 1}}, {{1, 2, 1}, {48, 2, 1}}, {{2, 1, 1}, {16, 2, 3}}},
         {{{2, 2, 1}, {16, 6, 1}}, {{1, 2, 1}, {48, 2, 1}}, {{2, 1, 1}, {16, 2, 3}}}},
        {32,
         "full",
         {{{3, 1, 1}, {64, 1, 1}}, {{2, 1, 1}, {32, 4, 1}}, {{1, 1, 2}, {32, 1, 3}}},
         {{{3, 1, 1}, {64, 1, 1}}, {{2, 1, 1}, {32, 3, 1}}, {{1, 1, 2}, {32, 1, 3}}}},
    };
    return all;
}

std::uint64_t scattered(std::uint64_t value) {
    value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdu;
    value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53u;
    return value ^ (value >> 33);
}

// The instruction sets of this machine's family, the widest first, and how many of 64 kernels each gets.
// Without masks and gathers, code is five to ten times as large, and takes as much longer to generate.
struct Level {
    const char* name;
    unsigned share;
};
constexpr Level levels[] = {
#if defined(__x86_64__)
    {"x86-64-v4", 61},
    {"x86-64-v3", 2},
    {"x86-64-v2", 1},
#else
    {"aarch64", 64},
#endif
};

unsigned level_of(std::uint64_t seed) {
    unsigned place = static_cast<unsigned>(scattered(seed) % 64), level = 0;
    while (place >= levels[level].share) place -= levels[level++].share;
    return level;
}

unsigned form_of(std::uint64_t seed) {
    return static_cast<unsigned>((scattered(seed) >> 32) % forms().size());
}

// Unoptimised host code is the surest reference and the quickest to build; optimised, it would show a
// generator that writes kernels without one meaning.
const char* optimisation_of(std::uint64_t first) {
    const std::uint64_t turn = scattered(first) % 16;
    return turn == 0 ? "-O2" : turn == 1 ? "-O1" : "-O0";
}

template <class T>
Buffer upload(const Device& device, const std::vector<T>& values) {
    Buffer buffer = device.allocate(values.size() * sizeof(T));
    buffer.write(values.data(), values.size() * sizeof(T));
    return buffer;
}

template <class T>
void download(const Buffer& buffer, std::vector<T>& values) {
    buffer.read(values.data(), values.size() * sizeof(T));
}

// A device with the inputs on it.
class Bench {
  public:
    Bench(const Device& device, const Inputs& inputs)
        : device_(device),
          queue_(device.create_queue()),
          in0_(upload(device, inputs.in0)),
          in1_(upload(device, inputs.in1)),
          in2_(upload(device, inputs.in2)),
          in3_(upload(device, inputs.in3)) {}

    const Device& device() const { return device_; }
    Results run(const Kernel& kernel, const Shape& shape, int n) {
        Results results = untouched_results(shape.grid.count() * shape.block.count());
        const Buffer counters = upload(device_, results.counters), out = upload(device_, results.out),
                     real = upload(device_, results.real);
        queue_.launch(kernel, {shape.grid, shape.block, 0}, in0_, in1_, in2_, in3_, counters, out, real, n);
        queue_.synchronize();
        download(counters, results.counters);
        download(out, results.out);
        download(real, results.real);
        return results;
    }

  private:
    Device device_;
    Queue queue_;
    Buffer in0_, in1_, in2_, in3_;
};

// The kernels of a batch in Kernel IR, and packages made of it.
class Source {
  public:
    Source(const std::string& text, const std::string& name) {
        compiler::SourceResult result =
            runtime::load_compiler().compile_source({.source = text, .file_name = name, .options = {}});
        if (!result.ok) throw Error(ErrorCode::compile_failed, result.diagnostics);
        package_ = std::move(result.package);
        ir_ = std::exchange(package_.payloads, {}).front().data;
    }

    std::vector<std::byte> packaged(const std::string& target, const std::string& variant,
                                    const std::vector<std::string>& kernels,
                                    const std::vector<std::uint32_t>& rows) const {
        compiler::TargetRequest request;
        request.ir = ir_;
        request.target = target;
        request.variant = variant;
        request.kernels = kernels;
        request.rows = rows;
        compiler::TargetResult result = runtime::load_compiler().compile_target(request);
        if (!result.ok) throw Error(ErrorCode::compile_failed, result.diagnostics);
        if (!result.unsupported.empty())
            throw Error(ErrorCode::unsupported,
                        result.unsupported.front().kernel + ": " + result.unsupported.front().message);
        Package package = package_;
        package.payloads = {{target, variant, std::move(result.payload)}};
        return package.write();
    }

  private:
    Package package_;
    std::vector<std::byte> ir_;
};

// One way in which a kernel is compiled and launched.
struct Case {
    unsigned level, form;
    auto operator<=>(const Case&) const = default;
};

class BatchRun {
  public:
    BatchRun(const Settings& settings, const Batch& batch, const std::filesystem::path& folder,
             Progress& progress)
        : settings_(settings), batch_(batch), progress_(progress), inputs_(make_inputs()) {
        const std::vector<Device> devices = select_devices(settings.devices);
        for (const Device& device : devices) benches_.emplace_back(device, inputs_);
        progress_.devices = devices.size();
        at(Progress::Stage::compiling, "the batch's source");
        std::string host_text = prelude_host();
        device_text_ = prelude_device();
        for (std::uint64_t seed = batch.first; seed < batch.first + batch.count; ++seed) {
            kernels_.push_back(generate(seed));
            device_text_ += kernels_.back().functions + kernels_.back().device;
            host_text += kernels_.back().functions + kernels_.back().host;
        }
        optimisation_ = optimisation_of(batch.first);
        auto host = std::async(std::launch::async, [&, host_text = std::move(host_text)] {
            return std::make_unique<HostCode>(host_text, settings_.compiler, optimisation_, folder);
        });
        compile();
        at(Progress::Stage::compiling, "the plain C++");
        host_ = host.get();
    }

    void run() {
        for (std::uint64_t i = 0; i < kernels_.size(); ++i) {
            const std::uint64_t seed = batch_.first + i;
            progress_.seed = seed;
            if (!agrees(seed, kernels_[i])) ++progress_.disagreements;
            ++progress_.kernels;
        }
    }

  private:
    const Settings& settings_;
    const Batch& batch_;
    Progress& progress_;
    Inputs inputs_;
    std::vector<Bench> benches_;
    std::string device_text_, optimisation_;
    std::vector<GeneratedKernel> kernels_;
    std::unique_ptr<HostCode> host_;
    std::map<Case, Program> simd_;          // on the device "cpu"
    std::map<std::string, Program> whole_;  // on other devices, by their id

    void at(Progress::Stage stage, const std::string& where) {
        *fmt::format_to_n(progress_.where, sizeof progress_.where - 1, "{}", where).out = 0;
        ++progress_.steps;
        progress_.stage = stage;
    }

    std::vector<Case> cases_of(std::uint64_t seed) const {
        if (!settings_.all_forms) return {{level_of(seed), form_of(seed)}};
        std::vector<Case> all;
        for (unsigned level = 0; level < std::size(levels); ++level)
            for (unsigned form = 0; form < forms().size(); ++form) all.push_back({level, form});
        return all;
    }

    void compile() {
        const Source source(device_text_, fmt::format("fuzz-{}.cu", batch_.first));
        for (const Bench& bench : benches_) {
            const Device& device = bench.device();
            if (device.info().backend == "cpu") {
                compile_simd(device, source);
            } else if (device.info().backend == "scalar") {
                at(Progress::Stage::compiling, "scalar code");
                const char* level = levels[scattered(batch_.first) % std::size(levels)].name;
                whole_.emplace(device.id(), load(device, source, "scalar", level, {}, {}));
            } else {
                at(Progress::Stage::compiling, "code for " + device.id());
                CompileOptions options;
                options.use_cache = false;
                whole_.emplace(device.id(), Program::from_source(device, device_text_, "fuzz.cu", options));
            }
        }
    }

    void compile_simd(const Device& device, const Source& source) {
        std::map<Case, std::vector<std::string>> names;
        for (std::uint64_t i = 0; i < kernels_.size(); ++i)
            for (const Case& each : cases_of(batch_.first + i)) names[each].push_back(kernels_[i].name);
        for (const auto& [each, kernels] : names) {
            const Form& form = forms()[each.form];
            at(Progress::Stage::compiling, fmt::format("{}, form {}", levels[each.level].name, form.name));
            simd_.emplace(each, load(device, source, "simd", levels[each.level].name, kernels, {form.row}));
        }
    }

    // A machine below the level runs the best that it can.
    Program load(const Device& device, const Source& source, const std::string& target, const char* wanted,
                 const std::vector<std::string>& kernels, const std::vector<std::uint32_t>& rows) {
        const auto* level = std::find_if(std::begin(levels), std::end(levels),
                                         [&](const Level& l) { return l.name == wanted; });
        for (;; ++level) {
            try {
                return Program::from_package(device, source.packaged(target, level->name, kernels, rows));
            } catch (const Error& error) {
                if (error.code() != ErrorCode::unsupported || level + 1 == std::end(levels)) throw;
            }
        }
    }

    bool agrees(std::uint64_t seed, const GeneratedKernel& kernel) {
        for (const Case& each : cases_of(seed)) {
            const Form& form = forms()[each.form];
            for (const Shape& shape : kernel.exchanges ? form.warp_shapes : form.any_shapes) {
                const int n =
                    static_cast<int>(shape.grid.count() * shape.block.count()) - (kernel.exchanges ? 0 : 3);
                const std::string launch = fmt::format(
                    "grid {}x{}x{}, block {}x{}x{}, {}, form {}", shape.grid.x, shape.grid.y, shape.grid.z,
                    shape.block.x, shape.block.y, shape.block.z, levels[each.level].name, form.name);
                at(Progress::Stage::running, fmt::format("plain C++, {}", launch));
                const Results expected = host_->run(kernel.name, inputs_, shape.grid, shape.block, n);
                for (Bench& bench : benches_) {
                    const std::string& device = bench.device().id();
                    at(Progress::Stage::running, fmt::format("{}, {}", device, launch));
                    const Program& program =
                        bench.device().info().backend == "cpu" ? simd_.at(each) : whole_.at(device);
                    std::string problem;
                    try {
                        problem = difference(expected, bench.run(program.kernel(kernel.name), shape, n));
                    } catch (const Error& error) {
                        problem = error.what();
                    }
                    if (problem.empty()) continue;
                    keep_finding(
                        settings_, seed,
                        fmt::format("{}, {}, plain C++ with {}: {}", device, launch, optimisation_, problem));
                    return false;
                }
            }
        }
        return true;
    }
};

}  // namespace

void keep_finding(const Settings& settings, std::uint64_t seed, const std::string& problem) {
    const GeneratedKernel kernel = generate(seed);
    std::filesystem::create_directories(settings.findings);
    const std::filesystem::path file = std::filesystem::path(settings.findings) / (kernel.name + ".cu");
    std::string comment = problem;
    std::replace(comment.begin(), comment.end(), '\n', ' ');
    std::ofstream out(file);
    out << "// " << comment << "\n" << prelude_device() << kernel.functions << kernel.device;
    out.close();
    fmt::print("{}: {}\n    {} {}\n", kernel.name, problem, out ? "kept in" : "could not be written to",
               file.string());
    std::fflush(stdout);
}

void run_batch(const Settings& settings, const Batch& batch, const std::filesystem::path& folder,
               Progress& progress) {
    BatchRun(settings, batch, folder, progress).run();
}

}  // namespace heddle::fuzz
