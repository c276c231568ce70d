// `heddle bench`: measures the devices side by side with peers and reports it; the work is in bench/.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <heddle/device.h>
#include <heddle/error.h>

#include "bench/contender.h"
#include "bench/direct_suites.h"
#include "bench/executor_suite.h"
#include "bench/measurement.h"
#include "bench/peers.h"
#include "bench/report.h"
#include "bench/split_suite.h"
#include "file.h"
#include "progress.h"
#include "subcommands.h"
#include "usage_error.h"

namespace heddle::tool {

namespace {

struct Options {
    std::string suite = "kernels", device, size = "auto";
    std::vector<std::string> peers, cases;
    std::string packages, json, html;
    unsigned samples = 11, largest = 26;
};

std::vector<bench::CaseEntry> choose_cases(const Options& options) {
    std::vector<bench::CaseEntry> chosen;
    std::vector<std::string_view> names;
    for (const bench::CaseEntry& entry : bench::kernel_cases()) {
        names.push_back(entry.name);
        if (options.cases.empty() ||
            std::find(options.cases.begin(), options.cases.end(), entry.name) != options.cases.end())
            chosen.push_back(entry);
    }
    for (const std::string& name : options.cases)
        if (std::find(names.begin(), names.end(), name) == names.end())
            throw UsageError(fmt::format("--case {}: there is {}", name, fmt::join(names, ", ")));
    return chosen;
}

/// Those that were named, or all; without a name not those that are peers of the processor's own device.
std::vector<Device> choose_devices(const std::string& selectors) {
    std::vector<Device> chosen = select_devices(selectors.empty() ? "all" : selectors);
    const bool has_processor = std::any_of(
        chosen.begin(), chosen.end(), [](const Device& device) { return device.info().backend == "cpu"; });
    if (selectors.empty() && has_processor)
        std::erase_if(chosen, [](const Device& device) { return bench::is_software(device.info()); });
    return chosen;
}

bench::Scale scale_of(const Options& options, const Device& device) {
    if (options.size == "auto")
        return device.info().kind == DeviceKind::cpu ? bench::Scale::processor : bench::Scale::accelerator;
    return options.size == "large" ? bench::Scale::accelerator : bench::Scale::processor;
}

bench::PeerSet choose_peers(const Options& options, const std::vector<Device>& devices) {
    try {
        return {options.peers, devices, options.packages};
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid_argument) throw;
        throw UsageError(fmt::format("--peer: {}", error.reason()));
    }
}

void write_text(const std::string& path, const std::string& text) {
    write_file(path, std::as_bytes(std::span(text)));
}

/// Gives the results, to people and as files.
void finish_report(Context& context, const Options& options, bench::Report& report) {
    report.summary = bench::summarise(report.results);
    const nlohmann::ordered_json machine = bench::describe_machine();
    const nlohmann::ordered_json document = bench::to_json(report, machine);
    if (context.json) context.document = document;
    if (!options.json.empty() && !context.json) write_text(options.json, document.dump(2) + "\n");
    if (!options.html.empty()) write_text(options.html, bench::to_html(report, machine));
    context.print(bench::to_text(report, context.colours_output()));
    if (!std::all_of(report.results.begin(), report.results.end(),
                     [](const bench::CaseResult& result) { return result.checked(); })) {
        context.exit_code = exit_failed;
        context.error("some cases failed or gave wrong results, see above");
    }
}

/// The suites `launch` and `transfers`.
void run_direct(Context& context, const Options& options) {
    const std::vector<std::string_view> names = bench::direct_cases(options.suite);
    for (const std::string& name : options.cases)
        if (std::find(names.begin(), names.end(), name) == names.end())
            throw UsageError(fmt::format("--case {}: there is {}", name, fmt::join(names, ", ")));
    if (!options.peers.empty() || options.size != "auto")
        throw UsageError(fmt::format(
            "--suite {}: its peer and its sizes are fixed; leave out --peer and --size", options.suite));
    bench::Report report{.suite = options.suite};
    {
        Progress progress(context);
        bench::measure_direct(report, select_devices(options.device.empty() ? "all" : options.device),
                              {.cases = options.cases,
                               .packages = options.packages,
                               .samples = options.samples,
                               .progress = [&](std::string what) { progress.say(std::move(what)); }});
    }
    finish_report(context, options, report);
}

/// The suite `split`.
void run_split(Context& context, const Options& options) {
    const std::vector<std::string_view> names = bench::split_cases();
    for (const std::string& name : options.cases)
        if (std::find(names.begin(), names.end(), name) == names.end())
            throw UsageError(fmt::format("--case {}: there is {}", name, fmt::join(names, ", ")));
    if (!options.peers.empty())
        throw UsageError("--suite split: its peers are the devices, each alone; leave out --peer");
    const std::vector<Device> devices = select_devices(options.device.empty() ? "all" : options.device);
    if (devices.size() < 2)
        throw UsageError("--suite split: name two devices or more, such as --device cuda:0,cuda:1");
    const bool is_large = std::all_of(devices.begin(), devices.end(), [&](const Device& device) {
        return scale_of(options, device) == bench::Scale::accelerator;
    });
    bench::Report report{.suite = options.suite};
    {
        Progress progress(context);
        bench::measure_split(report, devices,
                             {.cases = options.cases,
                              .packages = options.packages,
                              .is_large = is_large,
                              .samples = options.samples,
                              .progress = [&](std::string what) { progress.say(std::move(what)); }});
    }
    finish_report(context, options, report);
}

/// The suite `executor`.
void run_executor(Context& context, const Options& options) {
    const std::vector<std::string_view> names = bench::executor_cases();
    for (const std::string& name : options.cases)
        if (std::find(names.begin(), names.end(), name) == names.end())
            throw UsageError(fmt::format("--case {}: there is {}", name, fmt::join(names, ", ")));
    if (!options.peers.empty() || options.size != "auto")
        throw UsageError("--suite executor: its peers and sizes are fixed; leave out --peer and --size");
    bench::Report report{.suite = options.suite};
    std::string verdict;
    {
        Progress progress(context);
        verdict =
            bench::measure_executor(report, select_devices(options.device.empty() ? "all" : options.device),
                                    {.cases = options.cases,
                                     .packages = options.packages,
                                     .samples = options.samples,
                                     .largest = options.largest,
                                     .progress = [&](std::string what) { progress.say(std::move(what)); }});
    }
    finish_report(context, options, report);
    if (!verdict.empty()) context.print("\n" + verdict + ".\n");
}

void run_bench(Context& context, const Options& options) {
    context.json = options.json == "-";
    context.start("bench");
    for (const std::string& path : {options.json, options.html})
        if (!path.empty() && path != "-") require_writable_place(path, "report");
    if (bench::is_direct_suite(options.suite)) {
        run_direct(context, options);
        return;
    }
    if (options.suite == "split") {
        run_split(context, options);
        return;
    }
    if (options.suite == "executor") {
        run_executor(context, options);
        return;
    }
    const std::vector<bench::CaseEntry> entries = choose_cases(options);
    const std::vector<Device> devices = choose_devices(options.device);

    bench::Report report{.suite = options.suite};
    std::vector<std::unique_ptr<bench::Contender>> contenders;
    for (const Device& device : devices) {
        contenders.push_back(bench::make_device_contender(device, options.packages));
        report.participants.push_back({device.id(), device.info().name, ""});
    }
    const bench::PeerSet peers = choose_peers(options, devices);
    for (const bench::Participant& peer : peers.participants())
        if (std::none_of(devices.begin(), devices.end(),
                         [&](const Device& device) { return device.id() == peer.name; }))
            report.participants.push_back(peer);
    {
        Progress progress(context);
        std::size_t done = 0;
        for (const bench::CaseEntry& entry : entries) {
            progress.say(fmt::format("{} ({} of {})", entry.name, ++done, entries.size()));
            for (const bench::Scale scale : {bench::Scale::processor, bench::Scale::accelerator}) {
                std::optional<bench::Case> it;
                for (std::size_t i = 0; i < devices.size(); ++i) {
                    if (scale_of(options, devices[i]) != scale) continue;
                    if (!it) it = entry.make(scale);
                    report.results.push_back(
                        bench::measure(*it, *contenders[i], peers.of(devices[i]), options.samples));
                }
            }
        }
    }
    finish_report(context, options, report);
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("bench", "Measure devices side by side with peers");
    auto options = std::make_shared<Options>();
    command
        ->add_option("--suite", options->suite,
                     "The set of cases: kernels (default), launch, transfers, executor or split")
        ->type_name("NAME")
        ->check(CLI::IsMember({"kernels", "launch", "transfers", "executor", "split"}).description(""));
    command
        ->add_option("-d,--device", options->device,
                     "Devices to measure (default: all; software devices are peers of cpu)")
        ->type_name("LIST");
    command
        ->add_option("--peer", options->peers,
                     "Peers to compare with, of pocl, openmp, native-scalar, nvcc and devices (default: what "
                     "suits each device)")
        ->type_name("LIST")
        ->delimiter(',');
    command
        ->add_option("--size", options->size,
                     "Sizes of the cases: small, large, or auto (default: large for GPUs)")
        ->type_name("SIZE")
        ->check(CLI::IsMember({"auto", "small", "large"}).description(""));
    command
        ->add_option(
            "--packages", options->packages,
            "Take the kernels from DIR/<case>.heddle (suites launch and transfers: launch.heddle; split: "
            "split.heddle, compiled with --grid-parts) instead of compiling them")
        ->type_name("DIR")
        ->check(CLI::ExistingDirectory.description(""));
    command->add_option("--case", options->cases, "Only these cases")->type_name("LIST")->delimiter(',');
    command->add_option("--samples", options->samples, "Samples of each contender (default: 11)")
        ->type_name("N")
        ->check(CLI::Range(1u, 100000u).description(""));
    command
        ->add_option("--largest", options->largest,
                     "Suite executor: sizes are powers of two up to this one (default: 26)")
        ->type_name("POWER")
        ->check(CLI::Range(0u, 28u).description(""));
    command->add_option("--json", options->json, "Write the results as JSON; - is standard output")
        ->type_name("FILE");
    command->add_option("--html", options->html, "Write the results as a web page")->type_name("FILE");
    command->footer(
        "By default cpu is compared with PoCL running the same kernels in OpenCL C, with plain C++ "
        "parallelised\n"
        "with OpenMP, and with software devices; scalar with the kernels' loops in plain C++ without\n"
        "vectorisation; CUDA devices with nvcc -O3; other GPUs with the same GPU through CUDA.\n"
        "A ratio is the peer's time over ours.");
    command->callback([&context, options] { run_bench(context, *options); });
}

}  // namespace heddle::tool
