// Reads small files of the system; see system_files.h.
#include "system_files.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <utility>

namespace heddle::runtime {

namespace fs = std::filesystem;

namespace {

std::optional<std::uint64_t> number_in(std::string_view text) {
    const std::size_t start = text.find_first_of("0123456789-");
    if (start == std::string_view::npos || text[start] == '-') return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text.data() + start, text.data() + text.size(), value);
    if (code != std::errc()) return std::nullopt;
    return value;
}

constexpr unsigned most_processors = 1U << 18;

}  // namespace

std::string_view without_spaces(std::string_view text) {
    constexpr std::string_view spaces(" \t\r\n\0", 5);
    const std::size_t first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

SystemFiles::SystemFiles(fs::path root) : root_(std::move(root)) {}

fs::path SystemFiles::real(std::string_view path) const {
    return root_ / fs::path(path).relative_path();
}

std::optional<std::string> SystemFiles::text(std::string_view path) const {
    if (is_directory(path)) return std::nullopt;
    std::ifstream file(real(path));
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::optional<std::string> SystemFiles::line(std::string_view path) const {
    const auto whole = text(path);
    if (!whole) return std::nullopt;
    const std::string_view first = without_spaces(std::string_view(*whole).substr(0, whole->find('\n')));
    if (first.empty()) return std::nullopt;
    return std::string(first);
}

std::optional<std::uint64_t> SystemFiles::number(std::string_view path) const {
    const auto whole = text(path);
    return whole ? number_in(*whole) : std::nullopt;
}

std::vector<std::string> SystemFiles::names(std::string_view path) const {
    std::vector<std::string> found;
    std::error_code code;
    for (fs::directory_iterator at(real(path), code), end; !code && at != end; at.increment(code))
        found.push_back(at->path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
}

bool SystemFiles::exists(std::string_view path) const {
    std::error_code code;
    return fs::exists(real(path), code);
}

bool SystemFiles::is_directory(std::string_view path) const {
    std::error_code code;
    return fs::is_directory(real(path), code);
}

std::optional<std::string> SystemFiles::link(std::string_view path) const {
    std::error_code code;
    const fs::path target = fs::read_symlink(real(path), code);
    if (code) return std::nullopt;
    return target.string();
}

std::optional<std::uint64_t> table_number(std::string_view table, std::string_view key) {
    for (std::size_t at = 0; at < table.size();) {
        const std::size_t end = std::min(table.find('\n', at), table.size());
        const std::string_view line = table.substr(at, end - at);
        if (line.starts_with(key) && line.size() > key.size() &&
            (line[key.size()] == ':' || line[key.size()] == ' '))
            return number_in(line.substr(key.size()));
        at = end + 1;
    }
    return std::nullopt;
}

std::vector<unsigned> processor_list(std::string_view text) {
    std::vector<unsigned> processors;
    text = without_spaces(text);
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view item = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        unsigned first = 0, last = 0;
        const char* const end = item.data() + item.size();
        const auto begin = std::from_chars(item.data(), end, first);
        if (begin.ec != std::errc()) continue;
        last = first;
        if (begin.ptr != end &&
            (*begin.ptr != '-' || std::from_chars(begin.ptr + 1, end, last).ec != std::errc()))
            continue;
        for (unsigned each = first; each <= last && each < most_processors; ++each)
            processors.push_back(each);
    }
    std::sort(processors.begin(), processors.end());
    processors.erase(std::unique(processors.begin(), processors.end()), processors.end());
    return processors;
}

}  // namespace heddle::runtime
