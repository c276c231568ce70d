// The web page of `heddle bench`: a bar for every ratio, no scripts and nothing to load.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "../table.h"
#include "report.h"

namespace heddle::tool::bench {

namespace {

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--ink:#1d2126;--paper:#fff;--faint:#6b7480;--rule:#e3e7ec;--good:#2f7d5b;--poor:#c2662d}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#15181c;--faint:#98a2ae;--rule:#2b3138;--good:#4fb286;--poor:#e08a52}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .4rem}p{margin:.3rem 0;color:var(--faint)}
table{border-collapse:collapse;width:100%}th,td{padding:.25rem .6rem .25rem 0;text-align:left;border-bottom:1px solid var(--rule)}
th{font-weight:600;color:var(--faint)}td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.b{width:45%}.t{position:relative;height:1rem}.t i{position:absolute;top:.15rem;height:.7rem;border-radius:2px}
.t u{position:absolute;top:-.1rem;bottom:-.1rem;width:1px;background:var(--faint)}.s{color:var(--faint);font-size:.85em}
)";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

/// A bar on a logarithmic scale from 1/`reach` to `reach`, from the line of equality to the ratio.
std::string bar(double ratio, double reach) {
    const double place = 50 + 50 * std::log(ratio) / std::log(reach);
    return fmt::format(
        R"HTML(<div class="t"><i style="left:{:.1f}%;width:{:.1f}%;background:var(--{})"></i><u style="left:50%"></u></div>)HTML",
        std::min(place, 50.0), std::abs(place - 50), ratio >= 1 ? "good" : "poor");
}

std::string section(const Report& report, const std::string& device, const std::string& peer, double reach) {
    std::string rows;
    for (const CaseResult& result : report.results) {
        if (result.device != device) continue;
        for (const Measured& measured : result.peers) {
            if (measured.name != peer) continue;
            const std::string name = fmt::format(R"(<td>{} <span class="s">{}</span></td>)",
                                                 escaped(result.name), escaped(result.size));
            if (!result.ours.compares() || !measured.compares()) {
                const std::string& error = result.ours.compares() ? measured.error : result.ours.error;
                rows += fmt::format("<tr>{}<td colspan=\"4\">{}</td></tr>\n", name, escaped(error));
                continue;
            }
            const double ratio = measured.median_ms / result.ours.median_ms;
            rows += fmt::format(
                R"(<tr>{}<td class="n">{}</td><td class="n">{}</td><td class="n">{:.2f}&times;</td><td class="b">{}</td></tr>)"
                "\n",
                name, format_milliseconds(result.ours.median_ms), format_milliseconds(measured.median_ms),
                ratio, bar(ratio, reach));
        }
    }
    return fmt::format(
        "<table><tr><th>case</th><th>{}</th><th>{}</th><th>ratio</th><th></th></tr>\n{}</table>\n",
        escaped(device), escaped(peer), rows);
}

/// The times of the cases that no peer ran; nothing when there are none.
std::string alone(const Report& report) {
    std::string rows;
    for (const CaseResult& result : report.results) {
        if (std::any_of(result.peers.begin(), result.peers.end(),
                        [](const Measured& peer) { return peer.compares(); }))
            continue;
        rows += fmt::format(R"(<tr><td>{} <span class="s">{}</span></td><td>{}</td>)", escaped(result.name),
                            escaped(result.size), escaped(result.device));
        rows +=
            result.ours.compares()
                ? fmt::format(R"(<td class="n">{}</td><td class="n">{:.4g} {}</td></tr>)",
                              format_milliseconds(result.ours.median_ms), result.metric, escaped(result.unit))
                : fmt::format(R"(<td colspan="2">{}</td></tr>)", escaped(result.ours.error));
        rows += "\n";
    }
    if (rows.empty()) return {};
    return fmt::format(
        "<h2>Without a peer</h2>\n<table><tr><th>case</th><th>device</th><th>time</th><th>rate</th></tr>\n"
        "{}</table>\n",
        rows);
}

}  // namespace

std::string to_html(const Report& report, const nlohmann::ordered_json& machine) {
    double reach = 2;
    for (const CaseResult& result : report.results)
        for (const Measured& peer : result.peers)
            if (result.ours.compares() && peer.compares())
                reach = std::max(
                    {reach, peer.median_ms / result.ours.median_ms, result.ours.median_ms / peer.median_ms});
    std::string body =
        fmt::format("<h1>heddle bench: {}</h1>\n<p>{}, {} threads, {}, Heddle {}, {}</p>\n",
                    escaped(report.suite), escaped(machine.at("cpu").get<std::string>()),
                    machine.at("threads").get<unsigned>(), escaped(machine.at("system").get<std::string>()),
                    machine.at("heddle").get<std::string>(), machine.at("date").get<std::string>());
    body +=
        "<p>Medians, measured in turns. Ratio: the peer's time over ours; bars to the right are cases in "
        "which "
        "Heddle is faster (logarithmic scale).</p>\n";
    for (const Participant& participant : report.participants)
        body +=
            participant.missing.empty()
                ? fmt::format("<p>{}: {}</p>\n", escaped(participant.name), escaped(participant.description))
                : fmt::format("<p>{} is missing: {}</p>\n", escaped(participant.name),
                              escaped(participant.missing));
    for (const Summary& line : report.summary)
        body += fmt::format(
            "<h2>{} against {}</h2>\n<p>geometric mean {:.2f}&times;, least {:.2f}&times; ({}), {} "
            "cases</p>\n{}",
            escaped(line.device), escaped(line.peer), line.geometric_mean, line.min, escaped(line.min_case),
            line.cases, section(report, line.device, line.peer, reach));
    body += alone(report);
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\">\n<title>heddle bench</title>\n<style>{}</style>\n{}</html>\n",
        kStyle, body);
}

}  // namespace heddle::tool::bench
