// One kernel, one set of arguments, one or several devices: what `heddle run` was asked to do, and what came
// of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <heddle/device.h>
#include <heddle/program.h>

#include "argument.h"
#include "compare.h"
#include "progress.h"

namespace heddle::tool {

/// `--out PARAM=FILE`: PARAM is a parameter's name or number (from 0); "{device}" in FILE becomes the
/// device's id with '-' for ':', which writes one file a device.
struct OutRequest {
    std::string parameter;
    std::filesystem::path file;
};

struct Job {
    std::filesystem::path file;
    std::string kernel;  ///< empty: the only one
    LaunchConfig config;
    std::vector<ArgumentSpec> arguments;
    std::vector<OutRequest> outs;
    std::vector<Device> devices;
    bool everywhere =
        false;  ///< the devices were not named one by one: one that cannot express the kernel is skipped
    unsigned repeat = 1;
    std::optional<double> tolerance;
    CompileOptions options;
};

/// A buffer as a kernel left it on one device.
struct Output {
    std::string name;
    Array array;  ///< data may have been dropped once hashed and compared
    std::string sha256;
    Summary summary;
    std::vector<std::string> files;  ///< written by --out
    std::optional<Disagreement> disagreement;
};

struct DeviceRun {
    enum class Status { ok, failed, skipped };
    std::string device;
    Status status = Status::failed;
    std::string error;
    bool does_not_compile = false;  ///< `error` is the compiler's diagnostics
    std::vector<double> times_ms;   ///< one a repeat, device time of the launch alone
    double compile_ms = 0;
    CompileStatistics::Origin origin = CompileStatistics::Origin::compiled;
    std::vector<Output> outputs;
    std::optional<bool>
        agrees;  ///< with the reference; empty for the reference itself and for what did not run
};

struct JobResult {
    std::string kernel;           ///< its name in the source
    std::string diagnostics;      ///< the compiler's warnings
    std::vector<DeviceRun> runs;  ///< in the order of Job::devices
    std::string reference;      ///< id of the device that the others were compared with; empty when none was
    std::optional<bool> agree;  ///< empty when nothing was compared
};

/// Runs the job on each device in turn; every device and every repeat starts from the same inputs. With
/// several devices the results are compared with those of scalar:0, or of the first device that ran where
/// scalar:0 is not among them or failed. What fails on one device is recorded in its DeviceRun and the others
/// go on. Throws UsageError for what no device could do: no such kernel, arguments that do not fit it, --out
/// of what is no buffer.
JobResult execute(const Job& job, Progress& progress);

}  // namespace heddle::tool
