// The cache first; then the program heddle-probe for what is unknown, and the cache learns what it finds.
#include "probing.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cache.h"
#include "code_location.h"
#include "environment.h"
#include "log.h"
#include "probe_process.h"
#include "probe_record.h"

namespace heddle::runtime {

namespace {

namespace fs = std::filesystem;

constexpr const char* program_name = "heddle-probe";

/// Empty when it is nowhere.
fs::path find_program() {
    const fs::path folder = file_that_holds(reinterpret_cast<const void*>(&examine_drivers)).parent_path();
    if (folder.empty()) return {};
    std::error_code code;
    // Installed; in a build tree; beside a program that holds the library itself.
    for (const char* const place : {HEDDLE_PROBE_FROM_LIBRARY, "../bin", "."}) {
        fs::path program = (folder / place / program_name).lexically_normal();
        if (fs::exists(program, code)) return program;
    }
    return {};
}

std::int64_t seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// "10 min", "1 h", "40 s".
std::string duration_text(std::int64_t seconds) {
    if (seconds >= 2 * 3600) return fmt::format("{} h", seconds / 3600);
    if (seconds >= 120) return fmt::format("{} min", seconds / 60);
    return fmt::format("{} s", seconds);
}

std::optional<std::string> refusal_of(const ProbeRecord& record, std::int64_t now_s, bool is_kept) {
    if (record.is_fine) return std::nullopt;
    if (!is_kept) return record.reason;
    const std::int64_t left = record.when_s + record.wait().count() - now_s;
    return fmt::format("{}; it is tried again in {}, or when its files change", record.reason,
                       duration_text(left));
}

std::optional<ProbeRecord> find_record(const Cache& cache, const Sha256Digest& key) {
    const auto bytes = cache.find(key);
    if (!bytes) return std::nullopt;
    return ProbeRecord::from({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
}

void store_record(const Cache& cache, const Sha256Digest& key, const ProbeRecord& record) {
    const std::string text = record.text();
    cache.store(key, {}, std::as_bytes(std::span(text.data(), text.size())));
}

}  // namespace

std::vector<std::optional<std::string>> examine_drivers(std::span<const std::string> backends) {
    std::vector<std::optional<std::string>> reasons(backends.size());
    const auto asked = environment::probe();
    if (asked && (*asked == "off" || *asked == "0")) {
        log().debug("HEDDLE_PROBE is off: drivers are asked in this process");
        return reasons;
    }
    const std::chrono::milliseconds timeout = environment::probe_timeout();
    const fs::path program = asked ? fs::path(*asked) : find_program();
    if (program.empty()) {
        log().warn(
            "{} is not installed beside the library: drivers are asked in this process, where one that "
            "crashes ends it",
            program_name);
        return reasons;
    }
    const Cache cache = Cache::from_environment(true);
    const DriverVariables variables = environment::driver_variables();
    struct Unknown {
        std::size_t index;
        Sha256Digest key;
        std::vector<fs::path> places;
        std::optional<ProbeRecord> earlier;
    };
    std::vector<Unknown> unknown;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < backends.size(); ++i) {
        const Sha256Digest key = probe_key(backends[i], variables, program);
        std::optional<ProbeRecord> record = find_record(cache, key);
        if (record && !record->is_due(seconds_now())) {
            reasons[i] = refusal_of(*record, seconds_now(), true);
            continue;
        }
        unknown.push_back({i, key, driver_places(backends[i], variables), std::move(record)});
        names.push_back(backends[i]);
    }
    if (unknown.empty()) return reasons;
    const std::vector<ProbeOutcome> outcomes = run_probes(program, names, timeout);
    for (std::size_t k = 0; k < unknown.size(); ++k) {
        const Unknown& each = unknown[k];
        if (outcomes[k].kind == ProbeOutcome::Kind::not_started) {
            log().warn("backend {}: {}: its driver is asked in this process, where it ends it if it crashes",
                       names[k], outcomes[k].reason);
            continue;
        }
        const ProbeRecord record = record_of(outcomes[k], each.places, seconds_now(), each.earlier);
        store_record(cache, each.key, record);
        reasons[each.index] = refusal_of(record, seconds_now(), cache.is_enabled());
    }
    return reasons;
}

}  // namespace heddle::runtime
