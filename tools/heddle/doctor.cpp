// `heddle doctor`: says in plain words what is there, what is missing, and which command mends it.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <dlfcn.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <heddle/device.h>
#include <heddle/version.h>

#include "doctor/checks.h"
#include "doctor/distribution.h"
#include "runtime/environment.h"
#include "subcommands.h"
#include "table.h"

namespace heddle::tool {

namespace doctor {

std::string_view name(Level level) {
    switch (level) {
        case Level::ok:
            return "ok";
        case Level::note:
            return "note";
        case Level::problem:
            return "problem";
    }
    return "?";
}

}  // namespace doctor

namespace {

using namespace doctor;

struct Options {
    bool is_verbose = false;
    unsigned limit_s = 60;
};

/// Where libheddle-compiler.so is looked for first: as the library does.
std::string compiler_path() {
    constexpr const char* library = "libheddle-compiler.so";
    if (const auto path = environment::compiler()) return *path;
    Dl_info info{};
    if (::dladdr(reinterpret_cast<const void*>(static_cast<std::vector<Device> (*)()>(&heddle::devices)),
                 &info) != 0 &&
        info.dli_fname != nullptr) {
        std::error_code code;
        const std::filesystem::path beside =
            std::filesystem::weakly_canonical(info.dli_fname, code).parent_path() / library;
        if (!code && std::filesystem::exists(beside, code)) return beside.string();
    }
    return library;
}

void append(Findings& to, Findings more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Findings examine(const Machine& machine, std::chrono::seconds limit, nlohmann::json& devices) {
    const std::vector<Gpu> gpus = find_gpus(machine);
    Findings findings = check_gpus(machine, gpus);
    append(findings, check_nvidia(machine, gpus));
    append(findings, check_vulkan(machine, gpus));
    append(findings, check_opencl(machine, gpus));
    append(findings, check_environment(machine));
    append(findings, check_limits(machine));
    const Findings compiler = check_compiler(machine, compiler_path());
    append(findings, compiler);
    append(findings,
           check_cache(machine, environment::cache_directory().string(), environment::cache_enabled()));
    const DeviceList list = list_devices(machine, limit);
    devices = list.devices;
    append(findings, list.findings);
    append(findings, check_backends(machine, gpus, list));
    for (const nlohmann::json& device : list.devices) {
        const std::string id = device.value("id", "");
        if (compiler.front().level == Level::ok)
            findings.push_back(check_device(machine, id, limit));
        else
            findings.push_back({Level::note, "run", id + ": the test kernel was not run",
                                "the compiler library is not there to compile it", ""});
    }
    return findings;
}

void print(Context& context, const Findings& findings, bool is_verbose) {
    const bool colour = context.colours_output();
    for (const Finding& finding : findings) {
        const std::string label = fmt::format("{:<8}", name(finding.level));
        const std::string shown = finding.level == Level::ok     ? good(label, colour)
                                  : finding.level == Level::note ? doubtful(label, colour)
                                                                 : bad(label, colour);
        context.print(fmt::format("{} {}\n", shown, finding.what));
        if (!finding.why.empty()) context.print(fmt::format("         {}\n", finding.why));
        if (!finding.command.empty()) context.print(fmt::format("         > {}\n", finding.command));
        if (is_verbose && !finding.evidence.empty())
            context.print(fmt::format("         from: {}\n", fmt::join(finding.evidence, ", ")));
    }
}

void run_doctor(Context& context, const Options& options) {
    context.start("doctor");
    const Machine machine = this_machine();
    const Distribution distribution = identify_distribution(machine);
    const Container container = find_container(machine);
    nlohmann::json devices;
    context.print(fmt::format("heddle {}{}{}\n", HEDDLE_VERSION,
                              distribution.name.empty() ? "" : " on " + distribution.name,
                              container.kind.empty() ? "" : ", in a container (" + container.kind + ")"));
    const Findings findings = examine(machine, std::chrono::seconds(options.limit_s), devices);
    const auto count = [&](Level level) {
        return std::count_if(findings.begin(), findings.end(),
                             [level](const Finding& finding) { return finding.level == level; });
    };
    const auto problems = count(Level::problem), notes = count(Level::note);
    context.document["version"] = HEDDLE_VERSION;
    context.document["system"] = {
        {"name", distribution.name}, {"packages", distribution.manager}, {"container", container.kind}};
    context.document["devices"] = nlohmann::ordered_json::array();
    for (const nlohmann::json& device : devices)
        context.document["devices"].push_back(device.value("id", ""));
    context.document["findings"] = nlohmann::ordered_json::array();
    for (const Finding& finding : findings)
        context.document["findings"].push_back({{"level", name(finding.level)},
                                                {"check", finding.check},
                                                {"what", finding.what},
                                                {"why", finding.why},
                                                {"command", finding.command},
                                                {"evidence", finding.evidence}});
    context.document["problems"] = problems;
    context.document["notes"] = notes;
    print(context, findings, options.is_verbose);
    const std::string summary = fmt::format("{} problem{}, {} note{}", problems, problems == 1 ? "" : "s",
                                            notes, notes == 1 ? "" : "s");
    context.print(summary + "\n");
    if (problems == 0) return;
    context.exit_code = exit_failed;
    context.document["error"] = summary;
    context.error(summary);
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
    CLI::App* command =
        app.add_subcommand("doctor", "Say what is there, what is missing, and which command mends it");
    auto options = std::make_shared<Options>();
    command->add_flag("--json", context.json, "Print one JSON document");
    command->add_flag("-v,--verbose", options->is_verbose, "Say which file or call each finding is based on");
    command
        ->add_option("--time-limit", options->limit_s,
                     "Seconds that listing the devices, and a kernel on each, may take (default 60)")
        ->type_name("SECONDS")
        ->check(CLI::Range(1U, 3600U));
    command->footer(
        "Exit code 0 when nothing is a problem, 1 otherwise. Runs a small kernel on every device, each in a\n"
        "process of its own.");
    command->callback([&context, options] { run_doctor(context, *options); });
}

}  // namespace heddle::tool
