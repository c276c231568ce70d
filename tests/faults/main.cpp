// heddle-faults: brings every fault about on every device, each in a process of its own, and tells what was
// said and what was usable afterwards. Exit status 0: each gave the error that it must give, and left the
// rest usable; 1: one did not; 2: it could not be tried; 3: there is no device to try it on.
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <heddle/heddle.hpp>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "faults/broken_libraries.h"
#include "faults/fault.h"
#include "faults/observation.h"
#include "faults/probe.h"
#include "faults/process.h"
#include "faults/table.h"

namespace heddle::faults {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view usage =
    "heddle-faults [options]\n"
    "  --devices LIST         devices as the command names them (default: all but the CPU's own)\n"
    "  --faults LIST          only these; --list prints them\n"
    "  --timeout-ms N         how long a kernel without end may run (default 2000)\n"
    "  --limit-ms N           how long the process of one fault may take (default 120000)\n"
    "  --kernels DIR          where faults.cu is\n"
    "  --packages DIR         take kernels from DIR/faults.heddle; no compiler is needed\n"
    "  --write-packages DIR   compile faults.cu into DIR/faults.heddle and stop\n"
    "  --targets LIST         what --write-packages compiles for (default: all), commas between\n"
    "  --libraries DIR        where the stand-ins for broken drivers are\n"
    "  --markdown FILE        write the table as a page\n";

struct Options {
    std::string devices, faults, write_packages, packages, markdown;
    std::string kernels = HEDDLE_SOURCE_DIR "/tests/faults", libraries = HEDDLE_STANDIN_DIR, targets = "all";
    unsigned timeout_ms = 2000, limit_ms = 120000;
    // How this program calls itself.
    std::string fault, device, others, report;
};

std::vector<std::string> parts_of(std::string_view list) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t comma = std::min(list.find(',', at), list.size());
        if (comma > at) parts.emplace_back(list.substr(at, comma - at));
        at = comma + 1;
    }
    return parts;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string list;
    for (const std::string& part : parts) list += (list.empty() ? "" : ",") + part;
    return list;
}

Options parse(int argc, char** argv) {
    Options options;
    const std::vector<std::pair<std::string_view, std::string*>> texts = {
        {"--devices", &options.devices},     {"--faults", &options.faults},
        {"--kernels", &options.kernels},     {"--packages", &options.packages},
        {"--targets", &options.targets},     {"--write-packages", &options.write_packages},
        {"--libraries", &options.libraries}, {"--markdown", &options.markdown},
        {"--fault", &options.fault},         {"--device", &options.device},
        {"--others", &options.others},       {"--report", &options.report},
    };
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--help" || name == "--list") {
            if (name == "--help") fmt::print("{}", usage);
            for (const Fault& fault : faults()) fmt::print("{:<16} {}\n", fault.name, fault.title);
            std::exit(0);
        }
        if (++i == argc) throw std::invalid_argument(fmt::format("option {} has no value", name));
        const std::string value = argv[i];
        const auto text = std::ranges::find(texts, name, [](const auto& option) { return option.first; });
        if (text != texts.end())
            *text->second = value;
        else if (name == "--timeout-ms")
            options.timeout_ms = static_cast<unsigned>(std::stoul(value));
        else if (name == "--limit-ms")
            options.limit_ms = static_cast<unsigned>(std::stoul(value));
        else
            throw std::invalid_argument(fmt::format("unknown option {}", name));
    }
    return options;
}

std::string contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) throw std::runtime_error("cannot read " + path.string());
    return text;
}

void write_file(const fs::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

void write_package(const Options& options, const fs::path& folder) {
    fs::create_directories(folder);
    const fs::path source = fs::path(options.kernels) / "faults.cu";
    const CompiledPackage made =
        compile_package(contents(source), "faults.cu", {}, parts_of(options.targets));
    const std::vector<std::byte> bytes = made.package.write();
    write_file(folder / "faults.heddle", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// A folder that goes with its object.
class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "heddle-faults-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw Error(ErrorCode::io, "no temporary folder can be made");
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

/// This process is the one that has the fault; without a fault it only looks whether a device works.
int run_one(const Options& options) {
    const std::string package = contents(fs::path(options.packages) / "faults.heddle");
    const auto bytes = std::as_bytes(std::span(package));
    Observation observation;
    if (options.fault == "none")
        observation.problem = problem_of(options.device, bytes);
    else
        observation = observe(
            {find_fault(options.fault), options.device, parts_of(options.others), bytes, options.timeout_ms});
    write(observation, options.report);
    // The process ends as any other would, with all of its destructors.
    return 0;
}

class Campaign {
  public:
    explicit Campaign(const Options& options) : options_(options) {
        if (options_.packages.empty()) {
            options_.packages = folder_.path() / "packages";
            write_package(options_, options_.packages);
        }
        // A fault in a process must not find that process's own limit too short.
        usual_["HEDDLE_TIMEOUT_MS"] = std::to_string(options_.limit_ms / 2);
    }

    Table run() {
        const std::vector<std::string> only = parts_of(options_.faults);
        for (const std::string& name : only) find_fault(name);
        const std::vector<Device> present = devices();
        for (const Device& device : chosen(present)) {
            for (const Fault& fault : faults()) {
                if (!only.empty() && std::ranges::find(only, fault.name) == only.end()) continue;
                const Row row = try_out(fault, device, present);
                fmt::print("{}\n", described(row));
                std::fflush(stdout);
                table_.push_back(row);
            }
        }
        return std::move(table_);
    }

  private:
    Options options_;
    Folder folder_;
    Environment usual_;
    Table table_;
    int count_ = 0;

    std::vector<Device> chosen(const std::vector<Device>& present) const {
        if (!options_.devices.empty()) return select_devices(options_.devices);
        std::vector<Device> found;
        for (const Device& device : present)
            if (device.info().backend != "cpu" && device.info().backend != "scalar") found.push_back(device);
        return found;
    }

    Row try_out(const Fault& fault, const Device& device, const std::vector<Device>& present) {
        Row row{fault, device.id(), {}, {}};
        row.seen.skipped = reason_against(fault, device.info());
        if (!row.seen.skipped.empty()) return row;
        std::vector<std::string> others;
        for (const Device& other : present) {
            const bool is_broken_too =
                fault.kind == Kind::library && other.info().backend == device.info().backend;
            if (other != device && !is_broken_too) others.push_back(other.id());
        }
        const fs::path folder = folder_.path() / std::to_string(++count_);
        fs::create_directories(folder);
        Environment environment = usual_;
        if (fault.kind == Kind::library)
            environment.merge(break_library(fault, device.info().backend, folder, options_.libraries));
        if (fault.needs_validation && device.info().backend == "vulkan")
            environment["HEDDLE_VULKAN_VALIDATION"] = "1";
        row.seen = ask(std::string(fault.name), device.id(), others, environment, folder);
        if (row.seen.skipped.empty() && fault.kind == Kind::device) {
            const std::string problem = ask("none", device.id(), {}, usual_, folder).problem;
            row.anew = problem.empty() ? "usable" : problem;
        }
        return row;
    }

    Observation ask(const std::string& fault, const std::string& device,
                    const std::vector<std::string>& others, const Environment& environment,
                    const fs::path& folder) const {
        const fs::path report = folder / "report.json", errors = folder / "errors";
        std::error_code ignored;
        fs::remove(report, ignored);
        const Ended ended =
            run_process({fs::read_symlink("/proc/self/exe").string(), "--fault", fault, "--device", device,
                         "--others", joined(others), "--packages", options_.packages, "--report",
                         report.string(), "--timeout-ms", std::to_string(options_.timeout_ms)},
                        environment, errors, std::chrono::milliseconds(options_.limit_ms));
        Observation seen;
        if (fs::exists(report)) seen = read(report);
        if (ended.exit_status != 0 && seen.problem.empty())
            seen.problem = "the process " + ended.how + last_lines(contents(errors));
        return seen;
    }

    static std::string last_lines(std::string text) {
        constexpr std::size_t most = 300;
        while (!text.empty() && text.back() == '\n') text.pop_back();
        if (text.empty()) return {};
        return ": " + (text.size() > most ? "..." + text.substr(text.size() - most) : text);
    }
};

int run(int argc, char** argv) {
    const Options options = parse(argc, argv);
    if (!options.write_packages.empty()) {
        write_package(options, options.write_packages);
        return 0;
    }
    if (!options.fault.empty()) return run_one(options);
    const Table table = Campaign(options).run();
    if (table.empty()) {
        fmt::print(stderr, "heddle-faults: there is no device but the CPU's own to try this on\n");
        for (const UnavailableBackend& missing : unavailable_backends())
            fmt::print(stderr, "  {}: {}\n", missing.backend, missing.reason);
        return 3;
    }
    if (!options.markdown.empty()) write_file(options.markdown, markdown(table, devices()));
    const auto failed = std::ranges::count_if(table, [](const Row& row) { return !is_right(row); });
    const auto skipped =
        std::ranges::count_if(table, [](const Row& row) { return !row.seen.skipped.empty(); });
    fmt::print("{} faults: {} as they must be, {} not, {} that the device cannot have\n", table.size(),
               table.size() - static_cast<std::size_t>(failed + skipped), failed, skipped);
    return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace heddle::faults

int main(int argc, char** argv) {
    heddle::faults::remember_environment();
    // What PoCL needs: src/backends/opencl/README.md. A value from outside stays.
    setenv("POCL_WORK_GROUP_METHOD", "loops", 0);
    try {
        return heddle::faults::run(argc, argv);
    } catch (const heddle::Error& error) {
        std::cerr << "heddle-faults: " << error.what() << '\n';
        return error.code() == heddle::ErrorCode::device_unavailable ? 3 : 2;
    } catch (const std::exception& error) {
        std::cerr << "heddle-faults: " << error.what() << '\n';
        return 2;
    }
}
