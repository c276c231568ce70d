// Which devices meet requirements, best first, and what the others lack: decides over descriptions alone and
// touches no driver.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/requirements.h>

namespace heddle::runtime {

struct Choice {
    std::vector<std::size_t>
        devices;              ///< indices: those that fit, best first, then the processor's as a fallback
    std::size_t fitting = 0;  ///< how many of them meet all requirements
    std::vector<Refusal> refusals;
};

/// `present` is best first and rated (scoring.h). Throws invalid_argument for a malformed selector or
/// version.
Choice choose(const Requirements& requirements, std::span<const DeviceInfo* const> present,
              std::span<const UnavailableBackend> unavailable);

/// The backends that `requirements` may choose from; none: all. Throws as choose() does.
std::optional<std::vector<std::string>> backends_of(const Requirements& requirements);

/// The numbers of the first version in `text`: "NVIDIA 535.129.03" is {535, 129, 3}. A dotted number goes
/// before one without dots; empty when there is none.
std::vector<unsigned long> version_of(std::string_view text);

}  // namespace heddle::runtime
