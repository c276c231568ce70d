// What the system says about itself in files (/proc, /sys, /etc), read below a root directory, so that tests
// read the recorded files of other machines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/export.h>

namespace heddle::runtime {

/// Paths are absolute, as the system names them; the root is put before them. A file that is missing or
/// cannot be read gives nothing. Safe to use from several threads.
class HEDDLE_API SystemFiles {
  public:
    explicit SystemFiles(std::filesystem::path root = "/");

    /// The whole file.
    std::optional<std::string> text(std::string_view path) const;
    /// The file's first line without the spaces around it; none when that is empty.
    std::optional<std::string> line(std::string_view path) const;
    /// The first number in the file; none when it has a minus sign or there is none ("max").
    std::optional<std::uint64_t> number(std::string_view path) const;
    /// Names in a directory, sorted; none when it is no directory.
    std::vector<std::string> names(std::string_view path) const;
    bool exists(std::string_view path) const;
    bool is_directory(std::string_view path) const;
    /// What a symbolic link says, unresolved.
    std::optional<std::string> link(std::string_view path) const;
    /// Where the file really stands.
    std::filesystem::path real(std::string_view path) const;

  private:
    std::filesystem::path root_;
};

/// The value of the line "key: 123 ..." or "key 123 ..." of a table such as /proc/meminfo.
HEDDLE_API std::optional<std::uint64_t> table_number(std::string_view table, std::string_view key);

/// The numbers of a kernel's list of processors: "0-2,5" is 0, 1, 2 and 5. What is malformed is left out.
HEDDLE_API std::vector<unsigned> processor_list(std::string_view text);

/// `text` without the spaces and line ends around it.
HEDDLE_API std::string_view without_spaces(std::string_view text);

}  // namespace heddle::runtime
