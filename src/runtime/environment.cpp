// Reads the environment variables; see environment.h.
#include "environment.h"

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

#include <heddle/error.h>

namespace heddle::environment {

namespace {

std::optional<std::string> text(const char* variable) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
}

std::optional<std::uint64_t> number(const char* variable, std::uint64_t least, std::uint64_t most) {
    const auto value = text(variable);
    if (!value) return std::nullopt;
    std::uint64_t result = 0;
    const char* end = value->data() + value->size();
    const auto [stop, code] = std::from_chars(value->data(), end, result);
    if (code != std::errc() || stop != end || result < least || result > most) {
        throw Error(ErrorCode::invalid_argument, std::string("environment variable ") + variable + " is '" +
                                                     *value + "'; it takes a whole number from " +
                                                     std::to_string(least) + " to " + std::to_string(most));
    }
    return result;
}

}  // namespace

std::optional<std::string> devices() {
    return text("HEDDLE_DEVICES");
}

std::optional<std::string> disable() {
    return text("HEDDLE_DISABLE");
}

std::filesystem::path cache_directory() {
    if (const auto directory = text("HEDDLE_CACHE_DIR")) return *directory;
    if (const auto cache = text("XDG_CACHE_HOME")) return std::filesystem::path(*cache) / "heddle";
    if (const auto home = text("HOME")) return std::filesystem::path(*home) / ".cache" / "heddle";
    return {};
}

bool cache_enabled() {
    const auto value = text("HEDDLE_CACHE");
    return !value || (*value != "off" && *value != "0");
}

std::uint64_t cache_max_bytes() {
    return number("HEDDLE_CACHE_MAX_MB", 1, std::uint64_t{1} << 32).value_or(1024) << 20;
}

std::optional<unsigned> threads() {
    const auto value = number("HEDDLE_THREADS", 1, 4096);
    if (!value) return std::nullopt;
    return static_cast<unsigned>(*value);
}

PowerPreference power() {
    const auto value = text("HEDDLE_POWER");
    if (!value) return PowerPreference::none;
    if (*value == "low-power") return PowerPreference::low_power;
    if (*value == "high-performance") return PowerPreference::high_performance;
    throw Error(ErrorCode::invalid_argument, "environment variable HEDDLE_POWER is '" + *value +
                                                 "'; it takes low-power or high-performance");
}

std::optional<std::filesystem::path> trace_file() {
    auto value = text("HEDDLE_TRACE");
    if (!value) return std::nullopt;
    const std::string process = std::to_string(::getpid());
    for (std::size_t at = 0; (at = value->find("%p", at)) != std::string::npos; at += process.size())
        value->replace(at, 2, process);
    return std::filesystem::path(*value);
}

std::optional<std::chrono::milliseconds> timeout() {
    const auto value = number("HEDDLE_TIMEOUT_MS", 1, 86'400'000);
    if (!value) return std::nullopt;
    return std::chrono::milliseconds(*value);
}

std::optional<std::string> compiler() {
    return text("HEDDLE_COMPILER");
}

bool vulkan_validation() {
    const auto value = text("HEDDLE_VULKAN_VALIDATION");
    return value && *value != "off" && *value != "0";
}

std::optional<std::string> faults() {
    return text("HEDDLE_FAULTS");
}

std::string log_level() {
    return text("HEDDLE_LOG").value_or("off");
}

}  // namespace heddle::environment
