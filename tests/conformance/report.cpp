// Prints what a run found: a matrix of topics and devices, the accuracy table, Markdown pages and JSON.
#include "conformance/report.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heddle::conformance {

namespace {

using Counts = std::array<int, 4>;

struct Matrix {
    std::vector<std::string> devices;
    std::map<std::string, std::map<std::string, Counts>> topics;  // topic, device
};

Matrix count(const std::vector<CaseResult>& cases) {
    Matrix m;
    for (const CaseResult& c : cases) {
        if (std::ranges::find(m.devices, c.device) == m.devices.end()) m.devices.push_back(c.device);
        ++m.topics[c.topic][c.device][static_cast<std::size_t>(c.outcome)];
    }
    return m;
}

Counts total(const Matrix& m, const std::string& device) {
    Counts sum{};
    for (const auto& [topic, columns] : m.topics)
        if (const auto found = columns.find(device); found != columns.end())
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += found->second[i];
    return sum;
}

std::string cell(const Counts& c) {
    return fmt::format("{} / {} / {} / {}", c[0], c[1], c[2], c[3]);
}

// One row a function and type, one column a device.
struct AccuracyRow {
    double bound = 0;
    std::string unit;
    std::map<std::string, const Accuracy*> devices;
};
using AccuracyRows = std::map<std::pair<std::string, std::string>, AccuracyRow>;

AccuracyRows rows_of(const std::vector<Accuracy>& accuracies, std::vector<std::string>& devices) {
    AccuracyRows rows;
    for (const Accuracy& a : accuracies) {
        if (std::ranges::find(devices, a.device) == devices.end()) devices.push_back(a.device);
        AccuracyRow& row = rows[{a.type, a.function}];
        row.bound = a.bound;
        row.unit = a.unit;
        row.devices[a.device] = &a;
    }
    return rows;
}

std::string number(double value) {
    return value != 0 && value < 0.001 ? fmt::format("{:.2e}", value) : fmt::format("{:.3f}", value);
}

}  // namespace

std::string_view name(Outcome outcome) {
    constexpr std::array<std::string_view, 4> names{"passed", "failed", "expected", "skipped"};
    return names[static_cast<std::size_t>(outcome)];
}

std::string Report::matrix() const {
    const Matrix m = count(cases_);
    std::string text = fmt::format("{:<16}", "topic");
    for (const std::string& d : m.devices) text += fmt::format("{:>24}", d);
    text += "   (passed / failed / expected failures / skipped)\n";
    for (const auto& [topic, columns] : m.topics) {
        text += fmt::format("{:<16}", topic);
        for (const std::string& d : m.devices) {
            const auto found = columns.find(d);
            text += fmt::format("{:>24}", found == columns.end() ? "-" : cell(found->second));
        }
        text += '\n';
    }
    text += fmt::format("{:<16}", "total");
    for (const std::string& d : m.devices) text += fmt::format("{:>24}", cell(total(m, d)));
    text += '\n';
    for (const CaseResult& c : cases_)
        if (c.outcome == Outcome::skipped || c.outcome == Outcome::expected)
            text += fmt::format("{} {} {}.{}: {}\n",
                                c.outcome == Outcome::skipped ? "skipped" : "expected failure", c.device,
                                c.topic, c.test, c.message);
    return text;
}

std::string Report::accuracy_table() const {
    std::vector<std::string> devices;
    const AccuracyRows rows = rows_of(accuracies_, devices);
    if (rows.empty()) return {};
    std::string text = fmt::format("{:<6}{:<18}{:>12}", "type", "function", "bound");
    for (const std::string& d : devices) text += fmt::format("{:>14}", d);
    text += "   worst input\n";
    for (const auto& [key, row] : rows) {
        text += fmt::format("{:<6}{:<18}{:>12}", key.first, key.second, number(row.bound));
        const Accuracy* worst = nullptr;
        for (const std::string& d : devices) {
            const auto found = row.devices.find(d);
            text += fmt::format("{:>14}", found == row.devices.end() ? "-" : number(found->second->worst));
            if (found != row.devices.end() && (!worst || found->second->worst > worst->worst))
                worst = found->second;
        }
        text += fmt::format("   {}{}\n", worst ? worst->worst_input : "",
                            row.unit == "ULP" ? "" : " (" + row.unit + ")");
    }
    return text;
}

std::string Report::markdown() const {
    const Matrix m = count(cases_);
    std::string text =
        "# Conformance\n\n"
        "Written by `heddle-conformance --markdown`. Every case is written once and runs on every device. A "
        "cell says:\n"
        "passed / failed / expected failures / skipped because the device lacks a feature for ever.\n\n| "
        "topic |";
    std::string rule = "| --- |";
    for (const std::string& d : m.devices) {
        text += fmt::format(" {} |", d);
        rule += " --- |";
    }
    text += '\n' + rule + '\n';
    for (const auto& [topic, columns] : m.topics) {
        text += fmt::format("| {} |", topic);
        for (const std::string& d : m.devices) {
            const auto found = columns.find(d);
            text += fmt::format(" {} |", found == columns.end() ? "-" : cell(found->second));
        }
        text += '\n';
    }
    text += "| **total** |";
    for (const std::string& d : m.devices) text += fmt::format(" {} |", cell(total(m, d)));
    text += '\n';
    for (const Outcome kind : {Outcome::failed, Outcome::expected, Outcome::skipped}) {
        bool first = true;
        for (const CaseResult& c : cases_) {
            if (c.outcome != kind) continue;
            if (first)
                text += kind == Outcome::failed     ? "\n## Failed\n\n"
                        : kind == Outcome::expected ? "\n## Expected failures\n\n"
                                                    : "\n## Skipped\n\n";
            first = false;
            text += fmt::format("- `{}` {}.{}: {}\n", c.device, c.topic, c.test,
                                c.message.substr(0, c.message.find('\n')));
        }
    }
    return text;
}

std::string Report::accuracy_markdown() const {
    std::vector<std::string> devices;
    const AccuracyRows rows = rows_of(accuracies_, devices);
    std::string text =
        "# Accuracy of the maths functions\n\n"
        "Written by `heddle-conformance --maths-markdown`. The worst error seen over random and special "
        "arguments,\n"
        "against references in extended precision. The bound is CUDA's documented one, in units in the last "
        "place (ULP)\n"
        "of the exact result, or an absolute error where CUDA documents that.\n\n| type | function | bound |";
    std::string rule = "| --- | --- | --- |";
    for (const std::string& d : devices) {
        text += fmt::format(" {} | worst input |", d);
        rule += " --- | --- |";
    }
    text += '\n' + rule + '\n';
    for (const auto& [key, row] : rows) {
        text += fmt::format("| {} | `{}` | {}{} |", key.first, key.second, number(row.bound),
                            row.unit == "ULP" ? "" : " " + row.unit);
        for (const std::string& d : devices) {
            const auto found = row.devices.find(d);
            if (found == row.devices.end())
                text += " - | |";
            else
                text += fmt::format(" {} | {} |", number(found->second->worst), found->second->worst_input);
        }
        text += '\n';
    }
    return text;
}

std::string Report::json() const {
    nlohmann::json document;
    document["schema"] = "heddle-conformance/1";
    document["cases"] = nlohmann::json::array();
    for (const CaseResult& c : cases_)
        document["cases"].push_back({{"device", c.device},
                                     {"topic", c.topic},
                                     {"case", c.test},
                                     {"outcome", name(c.outcome)},
                                     {"message", c.message}});
    document["accuracy"] = nlohmann::json::array();
    for (const Accuracy& a : accuracies_)
        document["accuracy"].push_back({{"device", a.device},
                                        {"function", a.function},
                                        {"type", a.type},
                                        {"worst", a.worst},
                                        {"bound", a.bound},
                                        {"unit", a.unit},
                                        {"worst_input", a.worst_input}});
    return document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Report& report() {
    static Report the_report;
    return the_report;
}

}  // namespace heddle::conformance
