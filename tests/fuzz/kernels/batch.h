// One batch of random kernels: compiled together, run on every device, compared with plain C++.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

namespace heddle::fuzz {

struct Settings {
    std::uint64_t seed = 1, count = 200, batch = 50;
    unsigned jobs = 1;
    bool endless = false, all_forms = false;
    std::string compiler = "g++", findings = "fuzz-findings", devices = "cpu,scalar";
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
    std::atomic<std::uint64_t> devices = 0;
    char where[160] = {};  ///< what is being done, for the report of a crash
};

/// Keeps the kernel of a seed in the folder of findings, with `problem` as its first line; tells where.
void keep_finding(const Settings& settings, std::uint64_t seed, const std::string& problem);

/// Runs a batch in this process; `folder` is for what it builds. Disagreements are kept and counted; what
/// makes a comparison impossible is thrown.
void run_batch(const Settings& settings, const Batch& batch, const std::filesystem::path& folder,
               Progress& progress);

}  // namespace heddle::fuzz
