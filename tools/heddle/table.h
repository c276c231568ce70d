// Text for people: aligned tables, and quantities in the unit that reads best.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::tool {

/// "81.3 us", "1.20 ms", "2.31 s"
std::string format_milliseconds(double milliseconds);
/// "512 B", "1.5 KiB", "23.0 GiB"
std::string format_bytes(std::uint64_t bytes);

/// Rows of cells, each column as wide as its widest cell.
class Table {
  public:
    explicit Table(std::vector<std::string> headings);
    void add(std::vector<std::string> cells);
    /// Lines with two spaces before and between columns; headings bold when `colour`. Lines do not end in
    /// spaces.
    std::string text(bool colour) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

/// The text in green, red or yellow for terminals that show colour, else as it is.
std::string good(std::string_view text, bool colour);
std::string bad(std::string_view text, bool colour);
std::string doubtful(std::string_view text, bool colour);

}  // namespace heddle::tool
