// `heddle bench`: measures the devices side by side with peers and reports it; the work is in bench/.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <heddle/device.h>
#include <heddle/error.h>

#include "bench/contender.h"
#include "bench/direct_suites.h"
#include "bench/measurement.h"
#include "bench/report.h"
#include "file.h"
#include "progress.h"
#include "subcommands.h"
#include "usage_error.h"

namespace heddle::tool {

namespace {

struct Options {
    std::string suite = "kernels", device = "all";
    std::vector<std::string> peers{"pocl", "openmp", "native-scalar"}, cases;
    std::string packages, json, html;
    unsigned samples = 11;
};

/// A peer, and whether the device is to be compared with it: `native-scalar` is scalar code, as the scalar
/// device's is.
struct Peer {
    std::string name;
    std::unique_ptr<bench::Contender> contender;
    bool for_scalar() const { return name == "native-scalar"; }
};

std::unique_ptr<bench::Contender> make_peer(const std::string& name) {
    if (name == "pocl") return bench::make_pocl_contender();
    return bench::make_native_contender(name, name == "openmp" ? "openmp" : "scalar");
}

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

std::vector<Peer> choose_peers(const Options& options, const std::vector<Device>& devices,
                               bench::Report& report) {
    const auto is_scalar = [](const Device& device) { return device.info().backend == "scalar"; };
    std::vector<Peer> peers;
    for (const std::string& name : options.peers) {
        Peer peer{name, nullptr};
        // A peer that no device is compared with is not loaded.
        if (std::none_of(devices.begin(), devices.end(),
                         [&](const Device& device) { return is_scalar(device) == peer.for_scalar(); }))
            continue;
        try {
            peer.contender = make_peer(name);
            report.participants.push_back({name, peer.contender->description(), ""});
            peers.push_back(std::move(peer));
        } catch (const Error& error) {
            report.participants.push_back({name, "", error.what()});
        }
    }
    return peers;
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

void run_bench(Context& context, const Options& options) {
    context.json = options.json == "-";
    context.start("bench");
    for (const std::string& path : {options.json, options.html})
        if (!path.empty() && path != "-") require_writable_place(path, "report");
    if (bench::is_direct_suite(options.suite)) {
        run_direct(context, options);
        return;
    }
    const std::vector<bench::CaseEntry> entries = choose_cases(options);
    const std::vector<Device> devices = select_devices(options.device);

    bench::Report report{.suite = options.suite};
    std::vector<std::unique_ptr<bench::Contender>> contenders;
    for (const Device& device : devices) {
        contenders.push_back(bench::make_device_contender(device));
        report.participants.push_back({device.id(), device.info().name, ""});
    }
    const std::vector<Peer> peers = choose_peers(options, devices, report);
    {
        Progress progress(context);
        std::size_t done = 0;
        for (const bench::CaseEntry& entry : entries) {
            progress.say(fmt::format("{} ({} of {})", entry.name, ++done, entries.size()));
            const bench::Case it = entry.make();
            for (std::size_t i = 0; i < devices.size(); ++i) {
                const bool scalar = devices[i].info().backend == "scalar";
                std::vector<bench::Contender*> others;
                for (const Peer& peer : peers)
                    if (peer.for_scalar() == scalar) others.push_back(peer.contender.get());
                report.results.push_back(bench::measure(it, *contenders[i], others, options.samples));
            }
        }
    }
    finish_report(context, options, report);
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("bench", "Measure devices side by side with peers");
    auto options = std::make_shared<Options>();
    command->add_option("--suite", options->suite, "The set of cases: kernels (default), launch or transfers")
        ->type_name("NAME")
        ->check(CLI::IsMember({"kernels", "launch", "transfers"}).description(""));
    command->add_option("-d,--device", options->device, "Devices to measure (default: all)")
        ->type_name("LIST");
    command
        ->add_option("--peer", options->peers,
                     "Peers to compare with, of pocl, openmp and native-scalar (default: all)")
        ->type_name("LIST")
        ->delimiter(',')
        ->check(CLI::IsMember({"pocl", "openmp", "native-scalar"}).description(""));
    command->add_option("--case", options->cases, "Only these cases")->type_name("LIST")->delimiter(',');
    command->add_option("--samples", options->samples, "Samples of each contender (default: 11)")
        ->type_name("N")
        ->check(CLI::Range(1u, 100000u).description(""));
    command
        ->add_option(
            "--packages", options->packages,
            "Folder with a package for each case (suites launch and transfers: launch.heddle), to measure "
            "without a compiler")
        ->type_name("DIR");
    command->add_option("--json", options->json, "Write the results as JSON; - is standard output")
        ->type_name("FILE");
    command->add_option("--html", options->html, "Write the results as a web page")->type_name("FILE");
    command->footer(
        "Devices are compared with PoCL running the same kernels in OpenCL C and with plain C++ parallelised "
        "with\n"
        "OpenMP; the scalar device with the kernels' loops in plain C++ without vectorisation.\n"
        "A ratio is the peer's time over ours.");
    command->callback([&context, options] { run_bench(context, *options); });
}

}  // namespace heddle::tool
