// `heddle run`: the command line of a launch; job.cpp does the work and run_report.cpp tells of it.
#include <charconv>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <heddle/device.h>
#include <heddle/error.h>

#include "compile_options.h"
#include "file.h"
#include "job.h"
#include "progress.h"
#include "run_report.h"
#include "subcommands.h"
#include "usage_error.h"

namespace heddle::tool {

namespace {

struct Options {
    std::string file, kernel, grid, block;
    std::vector<std::string> arguments, outs;
    std::string device;
    std::size_t shared_bytes = 0;
    std::optional<double> tolerance;
    unsigned repeat = 1;
    bool check = false;
    CompileOptions compile;
};

/// "64", "64,8" or "64,8,2": blocks or threads along x, y and z.
Dim3 parse_extent(const std::string& option, const std::string& text) {
    std::uint32_t values[3] = {1, 1, 1};
    std::size_t count = 0;
    const char* at = text.data();
    const char* const last = at + text.size();
    while (true) {
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(at, last, value);
        if (error != std::errc() || value == 0 || count == 3 || (end != last && *end != ','))
            throw UsageError(
                fmt::format("{} {}: must be one to three whole numbers from 1 to {}, separated by commas: "
                            "X[,Y[,Z]]",
                            option, text, std::numeric_limits<std::uint32_t>::max()));
        values[count++] = value;
        if (end == last) return {values[0], values[1], values[2]};
        at = end + 1;
    }
}

OutRequest parse_out(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
        throw UsageError(fmt::format("--out {}: must be PARAM=FILE.npy or PARAM=FILE.png", text));
    OutRequest out{text.substr(0, equals), text.substr(equals + 1)};
    if (out.file.extension() != ".npy" && out.file.extension() != ".png")
        throw UsageError(fmt::format("--out {}: the file must end in .npy or .png", text));
    require_writable_place(out.file, "--out file");
    return out;
}

std::vector<Device> choose_devices(const Options& options) {
    std::string selector = options.device.empty() ? "best" : options.device;
    if (options.check) {
        if (!options.device.empty() && options.device != "scalar:0" && options.device != "scalar")
            throw UsageError(fmt::format("--check runs on scalar:0; it cannot be combined with --device {}",
                                         options.device));
        selector = "scalar:0";
    }
    return select_devices(selector);
}

void run_run(Context& context, const Options& options) {
    context.start("run");
    context.document["kernel"] = options.kernel;
    context.document["runs"] = nlohmann::ordered_json::array();
    context.document["agree"] = nullptr;

    Job job;
    job.file = options.file;
    job.kernel = options.kernel;
    job.config.grid = parse_extent("--grid", options.grid);
    job.config.block = parse_extent("--block", options.block);
    job.config.shared_bytes = options.shared_bytes;
    job.repeat = options.repeat;
    job.tolerance = options.tolerance;
    job.options = options.compile;
    job.options.check = options.check;
    if (options.kernel.find('<') != std::string::npos) job.options.instantiate.push_back(options.kernel);
    for (const std::string& text : options.arguments) job.arguments.push_back(parse_argument(text));
    for (const std::string& text : options.outs) job.outs.push_back(parse_out(text));
    require_readable_file(job.file, "kernel file");
    job.everywhere = options.device == "all";
    job.devices = choose_devices(options);

    JobResult result;
    {
        Progress progress(context);
        result = execute(job, progress);
    }
    report(context, job, result);
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("run", "Run one kernel of a CUDA C++ source or a package");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "CUDA C++ source (.cu) or package (.heddle)")
        ->required()
        ->type_name("");
    command->add_option("-k,--kernel", options->kernel, "The kernel; may be left out when there is only one")
        ->type_name("NAME");
    command->add_option("-g,--grid", options->grid, "Blocks")->required()->type_name("X[,Y[,Z]]");
    command->add_option("-b,--block", options->block, "Threads a block")->required()->type_name("X[,Y[,Z]]");
    command->add_option("-a,--arg", options->arguments, "An argument, once for each parameter, in order")
        ->type_name("V")
        ->allow_extra_args(false);
    command
        ->add_option("-o,--out", options->outs, "Write a buffer back; {device} in FILE writes one a device")
        ->type_name("PARAM=FILE.npy|.png")
        ->allow_extra_args(false);
    command
        ->add_option(
            "-d,--device", options->device,
            "cpu:0, cuda, gpu, best, all, or a comma list (default: best); all compares with scalar:0")
        ->type_name("D");
    command->add_option("--shared", options->shared_bytes, "Dynamic shared memory (default: 0)")
        ->type_name("BYTES");
    command->add_option("--repeat", options->repeat, "Run so often, each time on fresh inputs (default: 1)")
        ->type_name("N")
        ->check(CLI::Range(1u, 1000000u).description(""));
    command
        ->add_option("--tolerance", options->tolerance,
                     "Relative, for floats (default: 1e-5); integers are exact")
        ->type_name("R")
        ->check(CLI::Validator(CLI::NonNegativeNumber).description(""));
    command->add_flag(
        "--check", options->check,
        "Find bad accesses, races, divergent barriers, uninitialised shared memory; on scalar:0");
    add_compile_options(*command, options->compile);
    command->add_flag("--json", context.json, "Print one JSON document");
    command->footer(
        "Arguments V:\n"
        "  3, 2.5, -1e-3               a number\n"
        "  zeros:f32:1024, iota:...    a buffer; types i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 f64;\n"
        "                              480x640x3 gives it a shape\n"
        "  rand:f32:1024[:SEED]        uniform in [0,1), all bits for integers; the same on every machine\n"
        "  x.npy, x.png                a buffer from a file\n"
        "  local:1024                  device scratch memory of so many bytes\n"
        "  bytes:00ff10                a structure by value, in hexadecimal\n"
        "  null                        a null pointer\n\n"
        "Example:\n"
        "  heddle run saxpy.cu --grid 4 --block 256 --arg 2.5 --arg rand:f32:1024:1 --arg rand:f32:1024:2 "
        "\\\n"
        "      --arg 1024 --out y=y.npy --device all");
    command->callback([&context, options] { run_run(context, *options); });
}

}  // namespace heddle::tool
