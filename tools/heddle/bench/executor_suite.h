// The suite `executor`: whether the executor takes the method that turns out to be the fastest, for ten
// operations of sizes from one element to millions, and what it costs beside a launch.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/device.h>

#include "report.h"

namespace heddle::tool::bench {

/// The names of its cases: operations, and `overhead`.
std::vector<std::string_view> executor_cases();

struct ExecutorSuiteOptions {
    std::span<const std::string> cases{};  ///< none: all
    std::string packages{};  ///< a folder with executor.heddle, or empty: the source is compiled
    unsigned samples = 11;
    unsigned largest = 26;  ///< sizes are powers of two up to this
    std::function<void(std::string)> progress{};
};

/// Adds a result for each operation and size: `ours` is the device that the executor takes once it has
/// learned, peers are all devices, each forced, all measured in turns. Returns a sentence: how many choices
/// were within a tenth of the best, after learning and at first sight.
std::string measure_executor(Report& report, std::span<const Device> devices,
                             const ExecutorSuiteOptions& options);

}  // namespace heddle::tool::bench
