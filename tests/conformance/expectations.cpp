// The table of expected failures, and matching with '*' for any text.
#include "conformance/expectations.h"

#include <array>

namespace heddle::conformance {

namespace {

// device, case, reason. Sorted by device, then case.
constexpr std::array<Expectation, 0> table{};

bool matches(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*')
        return matches(pattern.substr(1), text) || (!text.empty() && matches(pattern, text.substr(1)));
    return !text.empty() && pattern.front() == text.front() && matches(pattern.substr(1), text.substr(1));
}

}  // namespace

std::span<const Expectation> expectations() {
    return table;
}

const Expectation* expected_failure(const DeviceInfo& device, std::string_view test) {
    for (const Expectation& e : expectations())
        if ((matches(e.device, device.id) || matches(e.device, device.name)) && matches(e.test, test))
            return &e;
    return nullptr;
}

}  // namespace heddle::conformance
