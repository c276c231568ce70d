// Tables and quantities for people, see table.h.
#include "table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace heddle::tool {

namespace {

/// Columns that the text takes on a terminal: code points, escape sequences not counted.
std::size_t width(std::string_view text) {
    std::size_t columns = 0;
    bool escape = false;
    for (const char c : text) {
        if (c == '\033') escape = true;
        if (!escape && (static_cast<unsigned char>(c) & 0xc0u) != 0x80u) ++columns;
        if (c == 'm') escape = false;
    }
    return columns;
}

std::string painted(std::string_view text, std::string_view code, bool colour) {
    return colour ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}

}  // namespace

std::string format_milliseconds(double milliseconds) {
    if (!std::isfinite(milliseconds)) return "-";
    const bool seconds = milliseconds >= 999.5;
    const bool micros = milliseconds < 0.9995;
    const double value = seconds ? milliseconds / 1000 : micros ? milliseconds * 1000 : milliseconds;
    const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return fmt::format("{:.{}f} {}", value, decimals, seconds ? "s" : micros ? "us" : "ms");
}

std::string format_bytes(std::uint64_t bytes) {
    static constexpr std::string_view units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < std::size(units)) {
        value /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

Table::Table(std::vector<std::string> headings) {
    rows_.push_back(std::move(headings));
}

void Table::add(std::vector<std::string> cells) {
    rows_.push_back(std::move(cells));
}

std::string Table::text(bool colour) const {
    std::vector<std::size_t> widths(rows_[0].size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        std::size_t missing = 0;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (row[i].empty()) {
                missing += widths[i] + 2;
                continue;
            }
            line += std::string(missing + 2, ' ');
            line += colour && &row == &rows_[0] ? painted(row[i], "1", true) : row[i];
            missing = widths[i] - width(row[i]);
        }
        text += line + "\n";
    }
    return text;
}

std::string good(std::string_view text, bool colour) {
    return painted(text, "32", colour);
}
std::string bad(std::string_view text, bool colour) {
    return painted(text, "1;31", colour);
}
std::string doubtful(std::string_view text, bool colour) {
    return painted(text, "33", colour);
}

}  // namespace heddle::tool
