// Rows in words.
#include "faults/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace heddle::faults {

namespace {

std::string unusable(const Observation& seen) {
    std::string list;
    for (const Observation::Other& other : seen.others)
        if (!other.problem.empty())
            list += fmt::format("{}{}: {}", list.empty() ? "" : "; ", other.device, other.problem);
    return list;
}

std::string others_of(const Observation& seen) {
    if (seen.others.empty()) return "there is none";
    if (const std::string list = unusable(seen); !list.empty()) return "no: " + list;
    std::string list;
    for (const Observation::Other& other : seen.others) list += (list.empty() ? "" : ", ") + other.device;
    return "yes: " + list;
}

/// One line without bars, not longer than a cell can be.
std::string cell(std::string_view text) {
    constexpr std::size_t most = 400;
    std::string line;
    for (const char letter : text.substr(0, most)) {
        if (letter == '\n' || letter == '\r' || letter == '\t')
            line += line.ends_with(' ') ? "" : " ";
        else
            line += letter == '|' ? "\\|" : std::string(1, letter);
    }
    return text.size() > most ? line + " ..." : line;
}

}  // namespace

bool is_right(const Row& row) {
    if (!row.seen.skipped.empty()) return true;
    return row.seen.problem.empty() && unusable(row.seen).empty() &&
           (row.anew.empty() || row.anew == "usable");
}

std::string described(const Row& row) {
    const std::string head = fmt::format("{} on {}", row.fault.name, row.device);
    if (!row.seen.skipped.empty()) return fmt::format("{}: skipped: {}", head, row.seen.skipped);
    std::string text =
        fmt::format("{}: {}\n    said: {}\n    the device itself: {}\n    others usable: {}", head,
                    is_right(row) ? "ok" : "FAILED", row.seen.said, row.seen.itself, others_of(row.seen));
    if (!row.anew.empty()) text += "\n    in a new process: " + row.anew;
    if (!row.seen.problem.empty()) text += "\n    problem: " + row.seen.problem;
    return text;
}

std::string markdown(const Table& table, const std::vector<Device>& present) {
    std::string page =
        "# Faults\n\nWritten by `heddle-faults --markdown`. Each fault is brought about in a process of its "
        "own, where "
        "all other devices were in use\nbefore, and are used again after it. *Usable*: memory, a queue, a "
        "launch and a "
        "transfer, with right results.\n\n";
    for (const Device& device : present)
        page += fmt::format("- `{}`: {}{}{}\n", device.id(), device.info().name,
                            device.info().driver.empty() ? "" : ", driver ", device.info().driver);
    page +=
        "\n| fault | device | what was said | the device itself, afterwards | other devices usable, in the "
        "same "
        "process | the device in a new process |\n"
        "| --- | --- | --- | --- | --- | --- |\n";
    for (const Row& row : table) {
        const Observation& seen = row.seen;
        if (!seen.skipped.empty()) {
            page += fmt::format("| {} | {} | not tried: {} | | | |\n", row.fault.title, row.device,
                                cell(seen.skipped));
            continue;
        }
        const std::string problem = seen.problem.empty() ? "" : "**" + cell(seen.problem) + "**";
        page += fmt::format("| {} | {} | {}{}{} | {} | {} | {} |\n", row.fault.title, row.device,
                            cell(seen.said), seen.said.empty() || problem.empty() ? "" : "; ", problem,
                            cell(seen.itself), cell(others_of(seen)), row.anew.empty() ? "" : cell(row.anew));
    }
    return page;
}

}  // namespace heddle::faults
