// The JSON document and the tables of `heddle bench`, see report.h.
#include "report.h"

#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <heddle/version.h>

#include "../table.h"

namespace heddle::tool::bench {

namespace {

std::string processor_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
    }
    return "unknown";
}

nlohmann::ordered_json to_json(const Measured& measured, double ours_ms) {
    nlohmann::ordered_json json{{"peer", measured.name}};
    if (measured.ran()) {
        json["ms"] = measured.median_ms;
        json["min_ms"] = measured.min_ms;
        json["max_ms"] = measured.max_ms;
        if (measured.metric > 0) json["metric"] = measured.metric;
        if (ours_ms > 0 && measured.compares()) json["ratio"] = measured.median_ms / ours_ms;
    }
    if (!measured.error.empty()) json["error"] = measured.error;
    return json;
}

/// Three digits that count.
std::string format_value(double value) {
    return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.{}f}", value, value >= 10 ? 1 : 2);
}

std::string format_ratio(const Measured& ours, const Measured& peer, bool colour) {
    if (!peer.ran()) return bad("failed", colour);
    if (!peer.error.empty()) return bad("wrong", colour);
    if (!ours.compares()) return "-";
    const double ratio = peer.median_ms / ours.median_ms;
    const std::string text = fmt::format("{:.2f}x", ratio);
    return ratio < 1 ? doubtful(text, colour) : text;
}

std::string device_table(const Report& report, const std::string& device, bool colour) {
    std::vector<std::string> headings{"case", "size", device, "rate"};
    // Cases may have peers of their own.
    std::vector<std::string> peers;
    for (const CaseResult& result : report.results)
        for (const Measured& peer : result.peers)
            if (result.device == device && std::find(peers.begin(), peers.end(), peer.name) == peers.end())
                peers.push_back(peer.name);
    headings.insert(headings.end(), peers.begin(), peers.end());
    std::string text, notes;
    std::vector<std::vector<std::string>> rows;
    for (const CaseResult& result : report.results) {
        if (result.device != device) continue;
        std::vector<std::string> cells{result.name, result.size};
        if (result.ours.ran()) {
            cells.push_back(result.ours.error.empty() ? format_milliseconds(result.ours.median_ms)
                                                      : bad("wrong", colour));
            cells.push_back(fmt::format("{} {}", format_value(result.metric), result.unit));
        } else {
            cells.push_back(bad("failed", colour));
            cells.emplace_back("-");
        }
        if (!result.ours.error.empty())
            notes += fmt::format("  {}: {}: {}\n", result.name, device, result.ours.error);
        for (const std::string& name : peers) {
            const auto peer = std::find_if(result.peers.begin(), result.peers.end(),
                                           [&](const Measured& each) { return each.name == name; });
            if (peer == result.peers.end()) {
                cells.emplace_back();
                continue;
            }
            cells.push_back(format_ratio(result.ours, *peer, colour));
            if (!peer->error.empty())
                notes += fmt::format("  {}: {}: {}\n", result.name, peer->name, peer->error);
        }
        rows.push_back(std::move(cells));
    }
    Table table(std::move(headings));
    for (std::vector<std::string>& row : rows) table.add(std::move(row));
    return table.text(colour) + notes;
}

}  // namespace

nlohmann::ordered_json describe_machine() {
    utsname system{};
    ::uname(&system);
    return {{"cpu", processor_name()},
            {"threads", std::thread::hardware_concurrency()},
            {"architecture", system.machine},
            {"system", fmt::format("{} {}", system.sysname, system.release)},
            {"date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(
                                                              std::chrono::system_clock::now())))},
            {"heddle", HEDDLE_VERSION}};
}

nlohmann::ordered_json to_json(const Report& report, const nlohmann::ordered_json& machine) {
    nlohmann::ordered_json json{{"schema", "heddle-bench/1"}, {"machine", machine}};
    json["contenders"] = nlohmann::ordered_json::array();
    json["missing"] = nlohmann::ordered_json::array();
    for (const Participant& participant : report.participants) {
        if (participant.missing.empty()) {
            json["contenders"].push_back(
                {{"name", participant.name}, {"description", participant.description}});
        } else {
            json["missing"].push_back({{"peer", participant.name}, {"reason", participant.missing}});
        }
    }
    json["results"] = nlohmann::ordered_json::array();
    for (const CaseResult& result : report.results) {
        nlohmann::ordered_json entry{
            {"suite", report.suite}, {"case", result.name}, {"size", result.size}, {"device", result.device}};
        entry["ms"] = result.ours.ran() ? nlohmann::ordered_json(result.ours.median_ms) : nullptr;
        entry["metric"] = {{"value", result.ours.ran() ? nlohmann::ordered_json(result.metric) : nullptr},
                           {"unit", result.unit}};
        entry["checked"] = result.checked();
        if (result.ours.ran()) {
            entry["min_ms"] = result.ours.min_ms;
            entry["max_ms"] = result.ours.max_ms;
            entry["samples"] = result.samples;
            entry["repetitions"] = result.ours.repetitions;
        }
        if (!result.ours.error.empty()) entry["error"] = result.ours.error;
        entry["peers"] = nlohmann::ordered_json::array();
        for (const Measured& peer : result.peers)
            entry["peers"].push_back(to_json(peer, result.ours.compares() ? result.ours.median_ms : 0));
        json["results"].push_back(std::move(entry));
    }
    json["summary"] = nlohmann::ordered_json::array();
    for (const Summary& line : report.summary)
        json["summary"].push_back({{"suite", report.suite},
                                   {"device", line.device},
                                   {"peer", line.peer},
                                   {"geomean", line.geometric_mean},
                                   {"min", line.min},
                                   {"min_case", line.min_case},
                                   {"cases", line.cases}});
    return json;
}

std::string to_text(const Report& report, bool colour) {
    std::vector<std::string> devices;
    for (const CaseResult& result : report.results)
        if (std::find(devices.begin(), devices.end(), result.device) == devices.end())
            devices.push_back(result.device);
    std::string text;
    for (const std::string& device : devices) text += device_table(report, device, colour) + "\n";
    if (!report.summary.empty()) {
        Table table({"device", "peer", "geometric mean", "least", "in", "cases"});
        for (const Summary& line : report.summary)
            table.add({line.device, line.peer, fmt::format("{:.2f}x", line.geometric_mean),
                       fmt::format("{:.2f}x", line.min), line.min_case, std::to_string(line.cases)});
        text += "Times faster than the peer (peer's time over ours):\n" + table.text(colour);
    }
    bool all_there = true;
    for (const Participant& participant : report.participants) {
        if (participant.missing.empty()) continue;
        all_there = false;
        text += fmt::format("Missing: {}: {}\n", doubtful(participant.name, colour), participant.missing);
    }
    if (!all_there) text += "`make bench` in Heddle's source tree installs what it measures against.\n";
    return text;
}

}  // namespace heddle::tool::bench
