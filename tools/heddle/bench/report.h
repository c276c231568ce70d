// What `heddle bench` tells: the JSON document heddle-bench/1, tables for people, and a web page.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "measurement.h"

namespace heddle::tool::bench {

/// A contender that takes part or cannot.
struct Participant {
    std::string name, description;
    std::string missing;  ///< why it takes no part; empty when it does
};

struct Report {
    std::string suite{};
    std::vector<Participant> participants{};
    std::vector<CaseResult> results{};
    std::vector<Summary> summary{};
};

/// The processor, threads, system and date of this run.
nlohmann::ordered_json describe_machine();

nlohmann::ordered_json to_json(const Report& report, const nlohmann::ordered_json& machine);
/// One table a device, worst ratio marked when `colour`; then the summary and what is missing.
std::string to_text(const Report& report, bool colour);
/// One self-contained page.
std::string to_html(const Report& report, const nlohmann::ordered_json& machine);

}  // namespace heddle::tool::bench
