// The JSON document and the table of `heddle run`, see run_report.h.
#include "run_report.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "table.h"

namespace heddle::tool {

namespace {

const char* status_name(DeviceRun::Status status) {
    switch (status) {
        case DeviceRun::Status::ok:
            return "ok";
        case DeviceRun::Status::failed:
            return "failed";
        case DeviceRun::Status::skipped:
            return "skipped";
    }
    return "";
}

const char* origin_name(CompileStatistics::Origin origin) {
    switch (origin) {
        case CompileStatistics::Origin::compiled:
            return "miss";
        case CompileStatistics::Origin::cache:
            return "hit";
        case CompileStatistics::Origin::package:
            return "package";
    }
    return "";
}

struct Times {
    double median = 0, min = 0, max = 0;
};

Times times_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return {values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2,
            values.front(), values.back()};
}

std::string device_list(const std::set<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + id;
    return text;
}

nlohmann::ordered_json to_json(const Output& output) {
    nlohmann::ordered_json json = {{"dtype", name(output.array.type)}, {"shape", output.array.shape},
                                   {"sha256", output.sha256},          {"min", output.summary.min},
                                   {"max", output.summary.max},        {"mean", output.summary.mean},
                                   {"nans", output.summary.nans}};
    if (!output.files.empty()) json["files"] = output.files;
    if (const auto& wrong = output.disagreement)
        json["disagreement"] = {{"count", wrong->count},       {"first_index", wrong->first},
                                {"expected", wrong->expected}, {"actual", wrong->actual},
                                {"worst_index", wrong->worst}, {"worst_error", wrong->worst_error}};
    return json;
}

nlohmann::ordered_json to_json(const DeviceRun& run) {
    nlohmann::ordered_json json = {{"device", run.device}, {"status", status_name(run.status)}};
    if (run.status != DeviceRun::Status::ok) {
        json["error"] = run.error;
    } else {
        const Times times = times_of(run.times_ms);
        json["time_ms"] = {{"median", times.median},
                           {"min", times.min},
                           {"max", times.max},
                           {"repeat", run.times_ms.size()}};
        json["compile_ms"] = run.compile_ms;
        json["cache"] = origin_name(run.origin);
    }
    json["outputs"] = nlohmann::ordered_json::object();
    for (const Output& output : run.outputs) json["outputs"][output.name] = to_json(output);
    if (run.agrees) json["agree"] = *run.agrees;
    return json;
}

/// "cpu:0 disagrees with scalar:0 in 'y': 12 of 1024 elements, first at [3]: ..."
std::string disagreement_text(const DeviceRun& run, const Output& output, const std::string& reference) {
    const Disagreement& wrong = *output.disagreement;
    const Shape& shape = output.array.shape;
    return fmt::format(
        "{} disagrees with {} in '{}': {} of {} elements; first at {}: {}, expected {}; largest error {} "
        "at {}",
        run.device, reference, output.name, wrong.count, element_count(shape),
        position_text(shape, wrong.first), wrong.actual, wrong.expected,
        fmt::format("{:.3g}", wrong.worst_error), position_text(shape, wrong.worst));
}

std::string extent_text(const Dim3& extent) {
    if (extent.y == 1 && extent.z == 1) return std::to_string(extent.x);
    return extent.z == 1 ? fmt::format("{}x{}", extent.x, extent.y)
                         : fmt::format("{}x{}x{}", extent.x, extent.y, extent.z);
}

std::string number(double value) {
    return std::isfinite(value) ? fmt::format("{:.6g}", value) : "-";
}

void print_runs(Context& context, const Job& job, const JobResult& result) {
    const bool colour = context.colours_output();
    context.print(fmt::format("{}  grid {}, block {}{}\n\n", result.kernel, extent_text(job.config.grid),
                              extent_text(job.config.block),
                              job.config.shared_bytes > 0 ? fmt::format(", {} of dynamic shared memory",
                                                                        format_bytes(job.config.shared_bytes))
                                                          : ""));
    const bool many = job.repeat > 1;
    std::vector<std::string> headings = {"device", "status", "compile", many ? "median" : "time"};
    if (many) headings.insert(headings.end(), {"min", "max"});
    headings.emplace_back(result.reference.empty() ? "" : "agrees");
    Table table(headings);
    for (const DeviceRun& run : result.runs) {
        if (run.status != DeviceRun::Status::ok) {
            const bool failed = run.status == DeviceRun::Status::failed;
            table.add({run.device, failed ? bad("failed", colour) : doubtful("skipped", colour)});
            continue;
        }
        const Times times = times_of(run.times_ms);
        const char* origin = run.origin == CompileStatistics::Origin::cache     ? " (cache)"
                             : run.origin == CompileStatistics::Origin::package ? " (package)"
                                                                                : "";
        std::vector<std::string> cells = {run.device, good("ok", colour),
                                          format_milliseconds(run.compile_ms) + origin,
                                          format_milliseconds(times.median)};
        if (many) cells.insert(cells.end(), {format_milliseconds(times.min), format_milliseconds(times.max)});
        if (run.agrees)
            cells.push_back(*run.agrees ? good("yes", colour) : bad("no", colour));
        else
            cells.emplace_back(run.device == result.reference ? "reference" : "");
        table.add(cells);
    }
    context.print(table.text(colour));
}

/// The buffers of the first device that ran; those of the others agree or are reported as disagreements.
void print_outputs(Context& context, const JobResult& result) {
    const auto shown = std::find_if(result.runs.begin(), result.runs.end(),
                                    [](const DeviceRun& run) { return run.status == DeviceRun::Status::ok; });
    if (shown == result.runs.end() || shown->outputs.empty()) return;
    Table table({"output", "type", "min", "max", "mean", "sha256"});
    for (const Output& output : shown->outputs)
        table.add({output.name, describe(output.array.type, output.array.shape), number(output.summary.min),
                   number(output.summary.max), number(output.summary.mean),
                   output.sha256.substr(0, 16) +
                       (output.summary.nans > 0 ? fmt::format("  {} NaN", output.summary.nans) : "")});
    context.print("\n" + table.text(context.colours_output()));
    std::string written;
    for (const DeviceRun& run : result.runs)
        for (const Output& output : run.outputs)
            for (const std::string& file : output.files)
                written += fmt::format("  wrote {} ({})\n", file, run.device);
    if (!written.empty()) context.print("\n" + written);
}

}  // namespace

void report(Context& context, const Job& job, const JobResult& result) {
    auto& document = context.document;
    document["kernel"] = result.kernel.empty() ? job.kernel : result.kernel;
    for (const DeviceRun& run : result.runs) document["runs"].push_back(to_json(run));
    if (result.agree) document["agree"] = *result.agree;
    if (!result.reference.empty()) document["reference"] = result.reference;
    if (!result.diagnostics.empty()) document["warnings"] = result.diagnostics;

    const auto with = [&](DeviceRun::Status status) {
        return std::count_if(result.runs.begin(), result.runs.end(),
                             [status](const DeviceRun& run) { return run.status == status; });
    };
    const bool any_ran = with(DeviceRun::Status::ok) > 0;
    if (with(DeviceRun::Status::failed) > 0 || !any_ran || result.agree == false)
        context.exit_code = exit_failed;

    context.diagnostics(result.diagnostics);
    if (any_ran) {
        print_runs(context, job, result);
        print_outputs(context, result);
    }
    // One message for all devices that failed in the same way, as those do that share one compile error.
    std::vector<std::pair<const DeviceRun*, std::set<std::string>>> failures;
    for (const DeviceRun& run : result.runs) {
        if (run.status == DeviceRun::Status::skipped)
            context.note(fmt::format("{} skipped: {}", run.device, run.error));
        if (run.status != DeviceRun::Status::failed) continue;
        const auto known = std::find_if(failures.begin(), failures.end(), [&](const auto& failure) {
            return failure.first->error == run.error;
        });
        if (known == failures.end())
            failures.push_back({&run, {run.device}});
        else
            known->second.insert(run.device);
    }
    std::string error;
    const auto tell = [&](const std::string& text) {
        context.error(text);
        error += (error.empty() ? "" : "\n") + text;
    };
    for (const auto& [run, ids] : failures) {
        if (run->does_not_compile) {
            context.diagnostics(run->error);
            context.error(fmt::format("'{}' does not compile", job.file.string()));
            error += run->error;
        } else {
            tell(ids.size() > 1 ? fmt::format("{} (on {})", run->error, device_list(ids)) : run->error);
        }
    }
    for (const DeviceRun& run : result.runs)
        for (const Output& output : run.outputs)
            if (output.disagreement) tell(disagreement_text(run, output, result.reference));
    if (!any_ran && failures.empty()) tell("no device could run it");
    if (!error.empty()) document["error"] = error;
}

}  // namespace heddle::tool
