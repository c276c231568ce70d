// Measurement: runs one case on a device and its peers in turns, checks what they computed, and gives their
// times.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "case.h"
#include "contender.h"

namespace heddle::tool::bench {

/// What one contender made of a case.
struct Measured {
    std::string name;
    std::string error;  ///< why there are no times, or what is wrong with the results; empty when all is well
    double median_ms = 0, min_ms = 0, max_ms = 0;
    unsigned repetitions = 0;  ///< of the steps in one sample
    double metric = 0;         ///< in the case's unit, where a peer's is told too; 0: not
    bool ran() const noexcept { return repetitions > 0; }
    bool compares() const noexcept { return ran() && error.empty(); }  ///< right results, and times
};

struct CaseResult {
    std::string name{}, size{}, device{}, unit{};
    double metric = 0;  ///< of the device, in `unit`
    unsigned samples = 0;
    Measured ours{};
    std::vector<Measured> peers{};
    bool checked() const noexcept;  ///< ours and every peer that ran gave the right results
};

/// Medians of `samples` samples, taken in turns: device, first peer, second peer, device... Each is preceded
/// by one run that is not measured, and repeats the steps until it takes 3 ms or more. Contenders that fail
/// are told of in their `error`.
CaseResult measure(const Case& it, Contender& device, std::span<Contender* const> peers, unsigned samples);

/// One line of the summary: how a device did against a peer over all cases that both ran.
struct Summary {
    std::string device{}, peer{};
    double geometric_mean = 0, min = 0;
    std::string min_case{};
    std::size_t cases = 0;
};
std::vector<Summary> summarise(std::span<const CaseResult> results);

}  // namespace heddle::tool::bench
