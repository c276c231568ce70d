// heddle-fuzz: random kernels, run on every device present and as plain C++ built by the system's compiler;
// all must agree to the bit. Exit code 0: they did; 1: a disagreement, crash or hang, whose kernel is written
// to the folder of findings; 3: a device is not there or takes no work.
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "campaign.h"
#include "packaged.h"

namespace {

constexpr const char* usage =
    "heddle-fuzz [--seed N] [--count N] [--batch N] [--jobs N] [--endless] [--all-forms] [--devices LIST]\n"
    "            [--compiler CXX] [--findings DIR] [--shapes N] [--without LIST]\n"
    "Runs kernels made from the seeds N, N+1, ... and compares every device with plain C++.\n"
    "  --devices LIST  as the command names them (default cpu,scalar)\n"
    "  --batch N     kernels compiled together (default 50)\n"
    "  --jobs N      batches at a time, each in a process of its own (default 1)\n"
    "  --endless     until the first finding\n"
    "  --all-forms   every instruction set and form of each kernel on the device cpu; otherwise the one that "
    "the\n"
    "                seed chooses\n"
    "  --shapes N    shapes of blocks a kernel, at most (default: the two or three of its form)\n"
    "  --without LIST  kernels without doubles, fused, loops, shared, shared_in_loops: for devices that lack "
    "them\n"
    "One kernel again: heddle-fuzz --seed S --count 1\n"
    "\n"
    "heddle-fuzz --write-packages DIR [--targets LIST] [--seed N] [--count N] [--batch N] [--without LIST]\n"
    "Compiles the kernels instead, a package a batch (default: "
    "ptx:sm_90,spirv:warp32,opencl,scalar:x86-64-v2).\n"
    "\n"
    "heddle-fuzz --packages DIR [--devices LIST] [--reference DEVICE] [--shapes N] [--jobs N] [--findings "
    "DIR]\n"
    "Runs such packages, without a compiler, and compares every device with the reference (default "
    "scalar:0).\n";

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
        else if (option == "--shapes")
            settings.shapes = std::max(1ULL, std::stoull(value));
        else if (option == "--without")
            settings.dialect = heddle::fuzz::dialect_without(value);
        else if (option == "--write-packages")
            settings.write_packages = value;
        else if (option == "--targets")
            settings.targets = value;
        else if (option == "--packages")
            settings.packages = value;
        else if (option == "--reference")
            settings.reference = value;
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
        heddle::fuzz::Settings settings = parse(count, values);
        if (!settings.write_packages.empty()) {
            heddle::fuzz::write_dialect(settings);
        } else if (!settings.packages.empty()) {
            settings.dialect = heddle::fuzz::read_dialect(settings);
            settings.seed = heddle::fuzz::packaged_batches(settings).front().first;
        }
        const heddle::fuzz::Outcome outcome = heddle::fuzz::run_campaign(settings);
        if (!outcome.completed) return 3;
        if (!settings.write_packages.empty()) {
            fmt::print("{} kernels from seed {} in {}\n", outcome.kernels, settings.seed,
                       settings.write_packages);
            return outcome.disagreements == 0 ? 0 : 1;
        }
        if (outcome.unsupported != 0)
            fmt::print("{} times a device could not have a kernel, for the reasons above\n",
                       outcome.unsupported);
        fmt::print("{} kernels from seed {} on {}: {} disagreements\n", outcome.kernels, settings.seed,
                   settings.devices, outcome.disagreements);
        return outcome.disagreements == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "heddle-fuzz: {}\n", error.what());
        return 1;
    }
}
