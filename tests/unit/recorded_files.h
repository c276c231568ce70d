// The recorded files of another machine, in a directory of a test's own.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/system_files.h"
#include "unit/runtime/temporary_directory.h"

namespace heddle::testing {

class RecordedFiles {
  public:
    /// `path` as on the machine, e.g. "/proc/meminfo".
    void add(std::string_view path, std::string_view text) { std::ofstream(prepare(path)) << text; }
    void add_link(std::string_view path, const std::string& target) {
        std::filesystem::create_symlink(target, prepare(path));
    }
    runtime::SystemFiles files() const { return runtime::SystemFiles(directory_->path()); }

  private:
    std::filesystem::path prepare(std::string_view path) {
        const std::filesystem::path real = directory_->path() / std::filesystem::path(path).relative_path();
        std::filesystem::create_directories(real.parent_path());
        return real;
    }
    std::unique_ptr<TemporaryDirectory> directory_ = std::make_unique<TemporaryDirectory>();
};

}  // namespace heddle::testing
