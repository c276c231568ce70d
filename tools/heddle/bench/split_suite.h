// The suite `split`: what several devices do together, beside each of them alone.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/device.h>

#include "report.h"

namespace heddle::tool::bench {

/// The names of its cases.
std::vector<std::string_view> split_cases();

struct SplitSuiteOptions {
    std::span<const std::string> cases{};  ///< none: all
    std::string packages{};                ///< kernels come from split.heddle here; empty: compiled
    bool is_large = false;                 ///< sizes for GPUs
    unsigned samples = 11;
    std::function<void(std::string)> progress{};  ///< is told what is being measured
};

/// Measures `devices` together, with each alone as a peer, samples in turns, and adds participants and
/// results. What they compute is compared.
void measure_split(Report& report, std::span<const Device> devices, const SplitSuiteOptions& options);

}  // namespace heddle::tool::bench
