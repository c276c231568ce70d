// Every environment variable that Heddle reads, and nowhere else. docs/environment.md has the same table for
// users. Values are read at the call, so that a program may set them before its first use of the library.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <heddle/cpu_limits.h>
#include <heddle/export.h>

namespace heddle::environment {

/// HEDDLE_DEVICES: the only backends or devices that may be looked at; none when unset or empty.
HEDDLE_API std::optional<std::string> devices();
/// HEDDLE_DISABLE: backends or devices that must not be looked at.
HEDDLE_API std::optional<std::string> disable();
/// HEDDLE_CACHE_DIR, else $XDG_CACHE_HOME/heddle, else ~/.cache/heddle; empty when there is no home either.
HEDDLE_API std::filesystem::path cache_directory();
/// False when HEDDLE_CACHE is "off" or "0".
HEDDLE_API bool cache_enabled();
/// HEDDLE_CACHE_MAX_MB: the cache's size limit in bytes, default 1 GiB. Throws invalid_argument when it is no
/// number.
HEDDLE_API std::uint64_t cache_max_bytes();
/// HEDDLE_THREADS: workers of the CPU device, 1 to 4096; none when unset. Throws invalid_argument.
HEDDLE_API std::optional<unsigned> threads();
/// HEDDLE_POWER: "low-power" or "high-performance"; none when unset. Throws invalid_argument.
HEDDLE_API PowerPreference power();
/// HEDDLE_TRACE: the file that a trace is written to, each "%p" in it replaced by the process's number; none
/// when unset.
HEDDLE_API std::optional<std::filesystem::path> trace_file();
/// HEDDLE_TIMEOUT_MS: how long a wait for a GPU's work may last, 1 to 86,400,000; none when unset. Throws
/// invalid_argument.
HEDDLE_API std::optional<std::chrono::milliseconds> timeout();
/// HEDDLE_COMPILER: path of libheddle-compiler.so; none when unset or empty.
HEDDLE_API std::optional<std::string> compiler();
/// HEDDLE_VULKAN_VALIDATION: whether Vulkan's calls are checked by Khronos's validation layer; any value but
/// "0" and "off" says yes.
HEDDLE_API bool vulkan_validation();
/// HEDDLE_FAULTS: calls of drivers that fail on purpose, for tests; none when unset.
HEDDLE_API std::optional<std::string> faults();
/// HEDDLE_LOG: "trace", "debug", "info", "warn", "error"; "off" when unset.
HEDDLE_API std::string log_level();

}  // namespace heddle::environment
