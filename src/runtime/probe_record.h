// What is known of a driver from earlier probes, and whether it still holds: a record is of one environment,
// and stands for as long as the files that were there then are the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache.h"
#include "probe_process.h"

namespace heddle::runtime {

/// A file, or a folder, or that there is none of that name.
struct Witness {
    std::filesystem::path path;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;  ///< since the epoch; -1: there is none

    static Witness of(std::filesystem::path path);
    bool still_holds() const;
    friend bool operator==(const Witness&, const Witness&) = default;
};

struct ProbeRecord {
    bool is_fine = false;
    std::string reason;       ///< why it is not
    std::int64_t when_s = 0;  ///< of the probe, since the epoch
    unsigned failures = 0;    ///< in a row
    std::vector<Witness> witnesses;

    std::string text() const;
    /// None when the text is no record.
    static std::optional<ProbeRecord> from(std::string_view text);
    /// How long a failure stands: 10 minutes, doubling to a day.
    std::chrono::seconds wait() const;
    /// Whether a driver that failed is to be asked again, as files change or the wait is over.
    bool is_due(std::int64_t now_s) const;
};

/// The variables that choose drivers, as environment::driver_variables() gives them.
using DriverVariables = std::vector<std::pair<std::string, std::string>>;

/// What stands for the driver before it is loaded: places where loaders look for `backend`'s library and for
/// the files that register drivers, whether they are there or not.
std::vector<std::filesystem::path> driver_places(std::string_view backend, const DriverVariables& variables);

/// Under which the record of `backend` in this environment, on this machine since it was started, stands in
/// the cache.
Sha256Digest probe_key(std::string_view backend, const DriverVariables& variables,
                       const std::filesystem::path& program);

/// The record that the outcome of a probe makes. `earlier`: the one before, which may have failed too.
ProbeRecord record_of(const ProbeOutcome& outcome, const std::vector<std::filesystem::path>& places,
                      std::int64_t now_s, const std::optional<ProbeRecord>& earlier);

}  // namespace heddle::runtime
