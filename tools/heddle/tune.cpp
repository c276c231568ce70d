// `heddle tune`: measures what each device is capable of and stores it for executors.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <heddle/device.h>
#include <heddle/error.h>
#include <heddle/tuning.h>

#include "file.h"
#include "progress.h"
#include "subcommands.h"
#include "table.h"

namespace heddle::tool {

namespace {

struct Options {
    std::string device = "all", package, write_source;
    bool dry_run = false;
};

nlohmann::ordered_json to_json(const Device& device, const DeviceProfile& profile, double seconds) {
    return {{"device", device.id()},
            {"name", device.info().name},
            {"driver", device.info().driver},
            {"seconds", seconds},
            {"launch_us", profile.launch_us},
            {"upload_us", profile.upload_us},
            {"download_us", profile.download_us},
            {"upload_gb_s", profile.upload_gb_s},
            {"download_gb_s", profile.download_gb_s},
            {"memory_gb_s", profile.memory_gb_s},
            {"arithmetic_gops", profile.arithmetic_gops},
            {"shares_host_memory", profile.shares_host_memory}};
}

std::string copy_text(const DeviceProfile& profile, double us, double gb_s) {
    return profile.shares_host_memory ? "none needed" : fmt::format("{:.1f} us + {:.1f} GB/s", us, gb_s);
}

void run_tune(Context& context, const Options& options) {
    context.start("tune");
    context.document["devices"] = nlohmann::ordered_json::array();
    context.document["failed"] = nlohmann::ordered_json::array();
    std::vector<std::byte> package;
    if (!options.package.empty()) package = read_file(options.package);
    Table table({"device", "launch", "to the device", "from the device", "memory", "arithmetic"});
    Progress progress(context);
    bool is_any = false;
    for (const Device& device : select_devices(options.device)) {
        try {
            const auto start = std::chrono::steady_clock::now();
            TuneOptions tuning;
            tuning.package = package;
            tuning.progress = [&](const std::string& what) { progress.say("measuring " + what); };
            const DeviceProfile profile = measure(device, tuning);
            const double seconds =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            if (!options.dry_run) store_profile(device, profile);
            is_any = true;
            context.document["devices"].push_back(to_json(device, profile, seconds));
            table.add({good(device.id(), context.colours_output()),
                       fmt::format("{:.1f} us", profile.launch_us),
                       copy_text(profile, profile.upload_us, profile.upload_gb_s),
                       copy_text(profile, profile.download_us, profile.download_gb_s),
                       fmt::format("{:.1f} GB/s", profile.memory_gb_s),
                       fmt::format("{:.1f} Gop/s", profile.arithmetic_gops)});
        } catch (const Error& error) {
            // One device that does not work leaves the others to be measured.
            context.error(error.what());
            context.document["failed"].push_back({{"device", device.id()}, {"error", error.what()}});
            context.exit_code = exit_failed;
        }
    }
    if (is_any) context.print(table.text(context.colours_output()));
    if (is_any && !options.dry_run) {
        context.document["file"] = tuning_file().string();
        context.print(fmt::format("\nStored in {}\n", tuning_file().string()));
    }
}

}  // namespace

void add_tune(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand(
        "tune", "Measure what each device is capable of, and store it for the choice between them");
    auto options = std::make_shared<Options>();
    command->add_option("--device", options->device, "Devices to measure")
        ->type_name("LIST")
        ->capture_default_str();
    command
        ->add_option("--package", options->package,
                     "Kernels made ahead (see --write-source): no compiler is needed")
        ->type_name("FILE");
    command->add_option("--write-source", options->write_source, "Write the kernels' source to FILE and stop")
        ->type_name("FILE");
    command->add_flag("--dry-run", options->dry_run, "Measure and print, store nothing");
    command->add_flag("--json", context.json, "Print one JSON document");
    command->callback([&context, options] {
        if (!options->write_source.empty()) {
            context.start("tune");
            const std::string text = tuning_source();
            write_file(options->write_source, std::as_bytes(std::span(text)));
            return;
        }
        run_tune(context, *options);
    });
}

}  // namespace heddle::tool
