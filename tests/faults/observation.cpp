// Observations as JSON.
#include "faults/observation.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include <heddle/error.h>

namespace heddle::faults {

void write(const Observation& observation, const std::filesystem::path& file) {
    nlohmann::json others = nlohmann::json::array();
    for (const Observation::Other& other : observation.others)
        others.push_back({{"device", other.device}, {"problem", other.problem}});
    const nlohmann::json document{{"said", observation.said},
                                  {"problem", observation.problem},
                                  {"skipped", observation.skipped},
                                  {"itself", observation.itself},
                                  {"others", std::move(others)}};
    std::ofstream out(file);
    // What drivers say is not always UTF-8.
    out << document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    if (!out.flush()) throw Error(ErrorCode::io, "cannot write " + file.string());
}

Observation read(const std::filesystem::path& file) {
    try {
        std::ifstream in(file);
        const nlohmann::json document = nlohmann::json::parse(in);
        Observation observation{
            document.at("said"), document.at("problem"), document.at("skipped"), document.at("itself"), {}};
        for (const nlohmann::json& other : document.at("others"))
            observation.others.push_back({other.at("device"), other.at("problem")});
        return observation;
    } catch (const nlohmann::json::exception& error) {
        throw Error(ErrorCode::io, file.string() + ": " + error.what());
    }
}

}  // namespace heddle::faults
