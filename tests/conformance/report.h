// What a run of the suite found: outcomes of cases, accuracy of functions; printed as tables, Markdown or
// JSON.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::conformance {

enum class Outcome { passed, failed, expected, skipped };
std::string_view name(Outcome outcome);

struct CaseResult {
    std::string device, topic, test;
    Outcome outcome = Outcome::passed;
    std::string message;  ///< failures, or the reason of a skip or an expected failure
};

/// One function's worst error on one device.
struct Accuracy {
    std::string device, function, type;
    double worst = 0, bound = 0;  ///< in `unit`s
    std::string unit;             ///< "ULP", or "absolute"
    std::string worst_input;
};

class Report {
  public:
    void add(CaseResult result) { cases_.push_back(std::move(result)); }
    void add(Accuracy accuracy) { accuracies_.push_back(std::move(accuracy)); }
    const std::vector<CaseResult>& cases() const noexcept { return cases_; }

    /// Topics × devices, then every skip and expected failure with its reason.
    std::string matrix() const;
    std::string accuracy_table() const;
    std::string markdown() const;
    std::string accuracy_markdown() const;
    std::string json() const;

  private:
    std::vector<CaseResult> cases_;
    std::vector<Accuracy> accuracies_;
};

/// The report of this process.
Report& report();

}  // namespace heddle::conformance
