// ProgramSource: a program that is loaded on several devices, from one source text, file or package.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <heddle/device.h>
#include <heddle/export.h>
#include <heddle/program.h>

namespace heddle {

/// Where the code of several devices comes from. Copying shares the text. load() may be called from several
/// threads.
class HEDDLE_API ProgramSource {
  public:
    /// `file_name` is what diagnostics say.
    static ProgramSource text(std::string source, std::string file_name, CompileOptions options = {});
    /// A .cu source or a .heddle package.
    static ProgramSource file(std::filesystem::path path, CompileOptions options = {});
    /// A package's bytes.
    static ProgramSource package(std::vector<std::byte> bytes, CompileOptions options = {});

    /// Loads it on `device`; `grid_parts` is CompileOptions::grid_parts, where there is something to compile.
    /// Throws as Program's functions do.
    Program load(const Device& device, bool grid_parts) const;

  private:
    using Load = std::function<Program(const Device&, const CompileOptions&)>;
    ProgramSource(Load load, CompileOptions options) : load_(std::move(load)), options_(std::move(options)) {}
    Load load_;
    CompileOptions options_;
};

}  // namespace heddle
