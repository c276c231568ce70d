// The suites `launch` and `transfers`: what a launch and a copy cost through Heddle and through the vendor's
// own API on the same device.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/device.h>

#include "report.h"

namespace heddle::tool::bench {

/// Whether `suite` is one of them.
bool is_direct_suite(std::string_view suite) noexcept;
/// The names of its cases.
std::vector<std::string_view> direct_cases(std::string_view suite);

struct DirectOptions {
    std::span<const std::string> cases{};  ///< none: all
    std::string packages{};                ///< see make_heddle_direct
    unsigned samples = 11;
    std::function<void(std::string)> progress{};  ///< is told what is being measured
};

/// Measures report.suite on each device, samples in turns with the device's own API (`raw`), and adds
/// participants and results. Copied bytes are compared, and so is what a launch has stored.
void measure_direct(Report& report, std::span<const Device> devices, const DirectOptions& options);

}  // namespace heddle::tool::bench
