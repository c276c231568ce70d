// Program: kernels loaded on one device, from CUDA C++ source or from a package.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/device.h>
#include <heddle/export.h>
#include <heddle/kernel.h>

namespace heddle {

namespace detail {
struct ProgramState;
}

/// What the compiler is told beside the source.
struct CompileOptions {
    std::vector<std::string> defines;              ///< "NAME" or "NAME=VALUE"
    std::vector<std::string> include_directories;  ///< searched before Heddle's own headers' directory
    std::string standard = "c++20";
    bool fast_math = false;
    bool grid_parts = false;               ///< kernels can run a part of a larger grid: Queue::launch_part()
    bool check = false;                    ///< instrument for --check; scalar device only
    bool use_cache = true;                 ///< read and write the cache on disk
    std::vector<std::string> instantiate;  ///< template kernels to instantiate, e.g. "scale<float>"
    /// compile_package() only: a kernel that a target named explicitly cannot express is left out of it and
    /// noted in Package::diagnostics, as for "all", rather than an error.
    bool allow_missing_kernels = false;
};

/// Where the code of a program came from, and what it cost.
struct CompileStatistics {
    enum class Origin { compiled, cache, package };
    Origin origin = Origin::compiled;
    double milliseconds = 0;
};

/// A loaded program; copying copies the handle. Globals (__device__, __constant__) belong to the program.
class HEDDLE_API Program {
  public:
    /// `path` is a .cu source or a .heddle package (told by content); the options are for sources, and
    /// `check` and `use_cache` also for the Kernel IR of a package. Throws not_found, io, compile_failed
    /// (message: the compiler's diagnostics), corrupt_package, unsupported (no payload for this device).
    static Program from_file(const Device& device, const std::filesystem::path& path,
                             const CompileOptions& = {});
    /// `file_name` is what diagnostics and __FILE__ say.
    static Program from_source(const Device& device, std::string_view source, std::string_view file_name,
                               const CompileOptions& = {});
    static Program from_package(const Device& device, std::span<const std::byte> package,
                                const CompileOptions& = {});

    const Device& device() const noexcept;
    std::vector<std::string> kernel_names() const;
    /// What is known of a kernel without generating its code. Throws not_found listing what there is.
    const KernelInfo& kernel_info(std::string_view name) const;
    /// Looks a kernel up by name; code is generated now if it was not yet. Throws not_found listing what
    /// there is, and unsupported when this device's target cannot express it. Safe to call from several
    /// threads.
    Kernel kernel(std::string_view name) const;
    /// Sets or reads a __device__ or __constant__ global by name, synchronously, on an idle program. Throws
    /// not_found and invalid_argument (range).
    void write_global(std::string_view name, const void* source, std::size_t bytes, std::size_t offset = 0);
    void read_global(std::string_view name, void* destination, std::size_t bytes,
                     std::size_t offset = 0) const;
    std::size_t global_bytes(std::string_view name) const;
    /// Warnings of the compiler, empty when there were none or the code came from the cache or a package.
    const std::string& diagnostics() const noexcept;
    /// Of everything compiled so far: `compiled` as soon as one step was not in the cache.
    CompileStatistics statistics() const noexcept;

  private:
    explicit Program(std::shared_ptr<detail::ProgramState> state) noexcept;
    std::shared_ptr<detail::ProgramState> state_;
};

}  // namespace heddle
