// What surrounds the library: variables and control groups that limit it, the compiler, the cache.
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>

#include <unistd.h>

#include <fmt/format.h>

#include "../table.h"
#include "checks.h"
#include "runtime/control_group.h"

namespace heddle::tool::doctor {

namespace {

namespace fs = std::filesystem;

struct Limiting {
    const char *name, *effect;
};
constexpr std::array limiting = {
    Limiting{"HEDDLE_DEVICES", "only the devices that it names are looked at"},
    Limiting{"HEDDLE_DISABLE", "the devices that it names are not looked at"},
    Limiting{"HEDDLE_THREADS", "the CPU devices run that many threads"},
    Limiting{"HEDDLE_POWER", "it chooses how many threads the CPU devices run"},
    Limiting{"HEDDLE_CACHE", "it may switch the cache of compiled code off"},
    Limiting{"HEDDLE_TIMEOUT_MS", "waits for a GPU's work end with an error after that time"},
    Limiting{"HEDDLE_VULKAN_VALIDATION", "every Vulkan call is checked: slow"},
    Limiting{"ROCR_VISIBLE_DEVICES", "AMD's GPUs that it does not name are hidden"},
    Limiting{"GPU_DEVICE_ORDINAL", "AMD's GPUs that it does not name are hidden"},
    Limiting{"NVIDIA_VISIBLE_DEVICES", "the container is given only the GPUs that it names"},
    Limiting{"ZE_AFFINITY_MASK", "Intel's GPUs that it does not name are hidden"},
    Limiting{"POCL_DEVICES", "it chooses PoCL's devices"}};

}  // namespace

Findings check_environment(const Machine& machine) {
    Findings findings;
    for (const Limiting& each : limiting) {
        const std::string value = machine.variable(each.name);
        if (value.empty()) continue;
        findings.push_back({Level::note,
                            "environment",
                            fmt::format("{}={}", each.name, value),
                            each.effect,
                            fmt::format("unset {}", each.name),
                            {each.name}});
    }
    // Here an empty value has a meaning.
    if (const auto visible = machine.environment("CUDA_VISIBLE_DEVICES")) {
        const bool hides_all = visible->empty() || visible->starts_with("-1") || *visible == "NoDevFiles";
        findings.push_back(
            {Level::note,
             "environment",
             "CUDA_VISIBLE_DEVICES=" + *visible,
             hides_all ? "it hides every GPU from CUDA" : "GPUs that it does not name are hidden from CUDA",
             "unset CUDA_VISIBLE_DEVICES",
             {"CUDA_VISIBLE_DEVICES"}});
    }
    return findings;
}

Findings check_limits(const Machine& machine) {
    Findings findings;
    const runtime::ControlGroupLimits limits = runtime::control_group_limits(machine.files);
    const auto online = machine.files.text("/sys/devices/system/cpu/online");
    const std::size_t processors = online ? runtime::processor_list(*online).size() : 0;
    if (limits.processors && (processors == 0 || *limits.processors < static_cast<double>(processors)))
        findings.push_back({Level::note,
                            "limits",
                            fmt::format("The control group allows {:.3g} processors{}", *limits.processors,
                                        processors == 0 ? "" : fmt::format(" of {}", processors)),
                            "the CPU devices run that many threads, rounded up",
                            "",
                            {limits.processors_file}});
    const auto table = machine.files.text("/proc/meminfo");
    const std::uint64_t total = table ? runtime::table_number(*table, "MemTotal").value_or(0) * 1024 : 0;
    if (limits.memory_bytes && (total == 0 || *limits.memory_bytes < total))
        findings.push_back({Level::note,
                            "limits",
                            fmt::format("The control group allows {} of memory, {} of it free",
                                        format_bytes(*limits.memory_bytes),
                                        format_bytes(limits.memory_available.value_or(0))),
                            "the CPU devices have no more",
                            "",
                            {limits.memory_file}});
    if (findings.empty())
        findings.push_back({Level::ok,
                            "limits",
                            "No control group limits processors or memory",
                            "",
                            "",
                            {"/proc/self/cgroup"}});
    return findings;
}

Findings check_compiler(const Machine& machine, const std::string& path) {
    const std::string message = machine.load(path);
    if (message.empty())
        return {{Level::ok, "compiler", "The compiler library can be loaded", "", "", {path}}};
    Finding finding{Level::problem,
                    "compiler",
                    "The compiler library cannot be loaded",
                    message + "; packages compiled beforehand run without it",
                    "export HEDDLE_COMPILER=/path/to/libheddle-compiler.so",
                    {fmt::format("dlopen(\"{}\")", path)}};
    if (machine.files.exists(path)) {
        // It is there: what it needs is not.
        finding.command.clear();
        const CommandResult needs = machine.run({"ldd", path}, {}, std::chrono::seconds(10));
        finding.evidence.push_back("ldd " + path);
        std::istringstream lines(needs.output);
        std::string missing;
        for (std::string line; std::getline(lines, line);) {
            const std::size_t at = line.find(" => not found");
            if (at == std::string::npos) continue;
            missing += (missing.empty() ? "" : ", ") +
                       std::string(runtime::without_spaces(std::string_view(line).substr(0, at)));
        }
        if (!missing.empty()) finding.why = fmt::format("it needs {}, which is not there", missing);
    }
    return {finding};
}

Findings check_cache(const Machine& machine, const std::string& directory, bool is_enabled) {
    if (!is_enabled)
        return {{Level::note,
                 "cache",
                 "The cache of compiled code is switched off",
                 "every run compiles anew",
                 "unset HEDDLE_CACHE",
                 {"HEDDLE_CACHE"}}};
    if (directory.empty())
        return {{Level::note,
                 "cache",
                 "There is no place for the cache of compiled code",
                 "HEDDLE_CACHE_DIR, XDG_CACHE_HOME and HOME are not set: every run compiles anew",
                 "export HEDDLE_CACHE_DIR=/path/to/a/directory",
                 {"HEDDLE_CACHE_DIR", "XDG_CACHE_HOME", "HOME"}}};
    fs::path place = machine.files.real(directory);
    std::error_code code;
    std::uint64_t bytes = 0, entries = 0;
    for (fs::recursive_directory_iterator at(place, code), end; !code && at != end; at.increment(code)) {
        std::error_code ignored;  // another process may delete entries meanwhile
        if (!at->is_regular_file(ignored)) continue;
        const std::uintmax_t size = at->file_size(ignored);
        if (ignored) continue;
        bytes += size;
        ++entries;
    }
    // It is made when first written: then what counts is the nearest directory that is there.
    while (!fs::exists(place, code) && place.has_parent_path() && place != place.parent_path())
        place = place.parent_path();
    if (::access(place.c_str(), W_OK | X_OK) != 0)
        return {{Level::problem,
                 "cache",
                 fmt::format("The cache {} cannot be written", directory),
                 fmt::format("{}: {}; every run compiles anew", place.string(), std::strerror(errno)),
                 "export HEDDLE_CACHE_DIR=/path/to/a/directory",
                 {directory}}};
    return {{Level::ok,
             "cache",
             fmt::format("The cache {} can be written; it holds {} files, {}", directory, entries,
                         format_bytes(bytes)),
             "",
             "",
             {directory}}};
}

}  // namespace heddle::tool::doctor
