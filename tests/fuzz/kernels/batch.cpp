// A batch from its seeds: compiled here, compared with plain C++.
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

#include "bench.h"
#include "comparison.h"
#include "forms.h"
#include "generator.h"
#include "host_code.h"
#include "packaged.h"
#include "runtime/compiler_loader.h"

namespace heddle::fuzz {
namespace {

// Unoptimised host code is the surest reference and the quickest to build; optimised, it would show a
// generator that writes kernels without one meaning.
const char* optimisation_of(std::uint64_t first) {
    const std::uint64_t turn = scattered(first) % 16;
    return turn == 0 ? "-O2" : turn == 1 ? "-O1" : "-O0";
}

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
            kernels_.push_back(generate(seed, settings_.dialect));
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

    void at(Progress::Stage stage, const std::string& where) { progress_.at(stage, where); }

    std::vector<Case> cases_of(std::uint64_t seed) const {
        if (!settings_.all_forms) return {{level_of(seed), form_of(seed)}};
        std::vector<Case> all;
        for (unsigned level = 0; level < levels().size(); ++level)
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
                const char* level = levels()[scattered(batch_.first) % levels().size()].name;
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
            at(Progress::Stage::compiling, fmt::format("{}, form {}", levels()[each.level].name, form.name));
            simd_.emplace(each, load(device, source, "simd", levels()[each.level].name, kernels, {form.row}));
        }
    }

    // A machine below the level runs the best that it can.
    Program load(const Device& device, const Source& source, const std::string& target, const char* wanted,
                 const std::vector<std::string>& kernels, const std::vector<std::uint32_t>& rows) {
        auto level =
            std::find_if(levels().begin(), levels().end(), [&](const Level& l) { return l.name == wanted; });
        for (;; ++level) {
            try {
                return Program::from_package(device, source.packaged(target, level->name, kernels, rows));
            } catch (const Error& error) {
                if (error.code() != ErrorCode::unsupported || level + 1 == levels().end()) throw;
            }
        }
    }

    bool agrees(std::uint64_t seed, const GeneratedKernel& kernel) {
        Comparison comparison(settings_, progress_, seed);
        for (const Case& each : cases_of(seed)) {
            const Form& form = forms()[each.form];
            for (const Shape& shape : shapes_of(form, kernel, seed, settings_.shapes)) {
                const int n = length_of(shape, kernel);
                const std::string launch =
                    fmt::format("{}, {}, form {}", text_of(shape), levels()[each.level].name, form.name);
                at(Progress::Stage::running, fmt::format("plain C++, {}", launch));
                const Results expected = host_->run(kernel.name, inputs_, shape.grid, shape.block, n);
                for (Bench& bench : benches_) {
                    const std::string& device = bench.device().id();
                    at(Progress::Stage::running, fmt::format("{}, {}", device, launch));
                    const Program& program =
                        bench.device().info().backend == "cpu" ? simd_.at(each) : whole_.at(device);
                    comparison.run(bench, program, kernel, shape, expected,
                                   fmt::format("{}, plain C++ with {}", launch, optimisation_));
                    if (!comparison.agrees()) return false;
                }
            }
        }
        return true;
    }
};

}  // namespace

void keep_finding(const Settings& settings, std::uint64_t seed, const std::string& problem) {
    const GeneratedKernel kernel = generate(seed, settings.dialect);
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
    if (!settings.write_packages.empty())
        write_packaged(settings, batch, progress);
    else if (!settings.packages.empty())
        run_packaged(settings, batch, progress);
    else
        BatchRun(settings, batch, folder, progress).run();
}

}  // namespace heddle::fuzz
