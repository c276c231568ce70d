// `heddle devices`: what there is to run on, and what could not be used and why.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <heddle/device.h>

#include "subcommands.h"
#include "table.h"

namespace heddle::tool {

namespace {

nlohmann::ordered_json to_json(const DeviceInfo& info) {
    nlohmann::ordered_json parts = nlohmann::ordered_json::array();
    for (const ScorePart& part : info.score_parts)
        parts.push_back({{"reason", part.reason}, {"points", part.points}});
    return {{"id", info.id},
            {"backend", info.backend},
            {"name", info.name},
            {"kind", name(info.kind)},
            {"memory_bytes", info.memory_bytes},
            {"free_bytes", info.free_bytes},
            {"compute_units", info.compute_units},
            {"uuid", info.uuid},
            {"pci", info.pci},
            {"driver", info.driver},
            {"score", info.score},
            {"score_parts", parts},
            {"same_as", info.same_as},
            {"features", info.features},
            {"emulated", info.emulated},
            {"limits",
             {{"block", info.limits.block},
              {"threads", info.limits.threads},
              {"grid", info.limits.grid},
              {"shared_bytes", info.limits.shared_bytes},
              {"warp", info.limits.warp}}}};
}

void print_details(Context& context, const DeviceInfo& info) {
    const auto line = [&](std::string_view label, const std::string& value) {
        if (!value.empty()) context.print(fmt::format("  {:<15} {}\n", label, value));
    };
    context.print(fmt::format("\n{}  {}\n", info.id, info.name));
    line("kind", std::string(name(info.kind)));
    line("memory",
         fmt::format("{} ({} free)", format_bytes(info.memory_bytes), format_bytes(info.free_bytes)));
    line("driver", info.driver);
    line("uuid", info.uuid);
    line("pci", info.pci);
    line("same as", fmt::format("{}", fmt::join(info.same_as, ", ")));
    std::vector<std::string> parts;
    for (const ScorePart& part : info.score_parts)
        parts.push_back(fmt::format("{} ({})", part.points, part.reason));
    if (info.compute_units != 0) line("compute units", std::to_string(info.compute_units));
    line("score", fmt::format("{} = {}", info.score, fmt::join(parts, " + ")));
    line("features", fmt::format("{}", fmt::join(info.features, " ")));
    line("emulated", fmt::format("{}", fmt::join(info.emulated, " ")));
    line("block",
         fmt::format("{} threads, at most {}", info.limits.threads, fmt::join(info.limits.block, " x ")));
    line("grid", fmt::format("at most {} blocks", fmt::join(info.limits.grid, " x ")));
    line("shared memory", fmt::format("{} a block", format_bytes(info.limits.shared_bytes)));
    line("warp", fmt::format("{} lanes", info.limits.warp));
}

void print_devices(Context& context, const std::vector<Device>& present,
                   const std::vector<UnavailableBackend>& missing, bool verbose) {
    const bool colour = context.colours_output();
    if (present.empty()) {
        context.print("No device can be used.\n");
    } else if (verbose) {
        for (const Device& device : present) print_details(context, device.info());
    } else {
        Table table({"device", "name", "kind", "memory", "score"});
        for (const Device& device : present) {
            const DeviceInfo& info = device.info();
            table.add({good(info.id, colour), info.name, std::string(name(info.kind)),
                       format_bytes(info.memory_bytes), std::to_string(info.score)});
        }
        context.print(table.text(colour));
    }
    if (missing.empty()) return;
    context.print("\nUnavailable:\n");
    Table table({"backend", "reason"});
    for (const UnavailableBackend& backend : missing)
        table.add({doubtful(backend.backend, colour), backend.reason});
    context.print(table.text(colour));
}

void run_devices(Context& context, bool verbose) {
    context.start("devices");
    context.document["devices"] = nlohmann::ordered_json::array();
    context.document["unavailable"] = nlohmann::ordered_json::array();
    const std::vector<Device> present = devices();
    const std::vector<UnavailableBackend> missing = unavailable_backends();
    for (const Device& device : present) context.document["devices"].push_back(to_json(device.info()));
    for (const UnavailableBackend& backend : missing)
        context.document["unavailable"].push_back({{"backend", backend.backend}, {"reason", backend.reason}});
    print_devices(context, present, missing, verbose);
}

}  // namespace

void add_devices(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("devices", "List the devices of this machine, best first");
    auto verbose = std::make_shared<bool>(false);
    command->add_flag("--json", context.json, "Print one JSON document");
    command->add_flag("-v,--verbose", *verbose, "Say everything known of each device");
    command->callback([&context, verbose] { run_devices(context, *verbose); });
}

}  // namespace heddle::tool
