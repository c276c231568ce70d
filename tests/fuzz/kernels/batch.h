// One batch of random kernels: compiled together, run on every device, compared with plain C++; or written
// into a package, or read from one and compared with a device of the CPU.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "generator.h"

namespace heddle::fuzz {

struct Settings {
    std::uint64_t seed = 1, count = 200, batch = 50;
    unsigned jobs = 1;
    bool endless = false, all_forms = false;
    std::uint64_t shapes = ~std::uint64_t{0};  ///< of each kernel, at most
    std::string compiler = "g++", findings = "fuzz-findings", devices = "cpu,scalar";
    Dialect dialect;
    /// Packages are written to the first for the targets, or read from the second and compared with what the
    /// device `reference` computes.
    std::string write_packages, packages, targets = "ptx:sm_90,spirv:warp32,opencl,scalar:x86-64-v2",
                                          reference = "scalar:0";
};

struct Batch {
    std::uint64_t first = 0, count = 0;
};

/// How far a batch is. It lies in memory that the process which started the batch sees, and outlives a crash.
struct Progress {
    enum class Stage : std::uint32_t { starting, compiling, running, finished };
    std::atomic<Stage> stage = Stage::starting;
    std::atomic<std::uint64_t> steps = 0;          ///< grows while anything happens
    std::atomic<std::uint64_t> seed = 0;           ///< running: whose kernel
    std::atomic<std::uint64_t> kernels = 0;        ///< compared
    std::atomic<std::uint64_t> disagreements = 0;  ///< of those
    std::atomic<std::uint64_t> unsupported = 0;    ///< kernels that a device cannot have
    std::atomic<std::uint64_t> devices = 0;
    char where[160] = {};  ///< what is being done, for the report of a crash

    void at(Stage the_stage, const std::string& what) {
        const std::size_t length = what.copy(where, sizeof where - 1);
        where[length] = 0;
        ++steps;
        stage = the_stage;
    }
};

/// Keeps the kernel of a seed in the folder of findings, with `problem` as its first line; tells where.
void keep_finding(const Settings& settings, std::uint64_t seed, const std::string& problem);

/// Runs a batch in this process; `folder` is for what it builds. Disagreements are kept and counted; what
/// makes a comparison impossible is thrown.
void run_batch(const Settings& settings, const Batch& batch, const std::filesystem::path& folder,
               Progress& progress);

}  // namespace heddle::fuzz
