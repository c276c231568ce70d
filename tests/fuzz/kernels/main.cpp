// heddle-fuzz: random kernels, run on every device present and as plain C++ built by the system's compiler;
// all must agree to the bit. Exit code 0: they did; 1: a disagreement, crash or hang, whose kernel is written
// to the folder of findings; 3: a device is not there or takes no work.
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "campaign.h"

namespace {

constexpr const char* usage =
    "heddle-fuzz [--seed N] [--count N] [--batch N] [--jobs N] [--endless] [--all-forms] [--devices LIST]\n"
    "            [--compiler CXX] [--findings DIR]\n"
    "Runs kernels made from the seeds N, N+1, ... and compares every device with plain C++.\n"
    "  --devices LIST  as the command names them (default cpu,scalar)\n"
    "  --batch N     kernels compiled together (default 50)\n"
    "  --jobs N      batches at a time, each in a process of its own (default 1)\n"
    "  --endless     until the first finding\n"
    "  --all-forms   every instruction set and form of each kernel on the device cpu; otherwise the one that "
    "the\n"
    "                seed chooses\n"
    "One kernel again: heddle-fuzz --seed S --count 1\n";

heddle::fuzz::Settings parse(int count, char** values) {
    heddle::fuzz::Settings settings;
    for (int i = 1; i < count; ++i) {
        const std::string_view option = values[i];
        if (option == "--endless" || option == "--all-forms") {
            (option == "--endless" ? settings.endless : settings.all_forms) = true;
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
            settings.batch = std::max(1ULL, std::stoull(value));
        else if (option == "--jobs")
            settings.jobs = static_cast<unsigned>(std::max(1UL, std::stoul(value)));
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

}  // namespace

int main(int count, char** values) {
    // What PoCL needs: src/backends/opencl/README.md. A value from outside stays.
    setenv("POCL_WORK_GROUP_METHOD", "loops", 0);
    try {
        const heddle::fuzz::Settings settings = parse(count, values);
        const heddle::fuzz::Outcome outcome = heddle::fuzz::run_campaign(settings);
        if (!outcome.completed) return 3;
        fmt::print("{} kernels from seed {} on {}: {} disagreements\n", outcome.kernels, settings.seed,
                   settings.devices, outcome.disagreements);
        return outcome.disagreements == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "heddle-fuzz: {}\n", error.what());
        return 1;
    }
}
