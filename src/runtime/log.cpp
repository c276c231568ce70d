// Makes the logger at HEDDLE_LOG's level.
#include "log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <memory>
#include <string>

#include "environment.h"

namespace heddle::runtime {

spdlog::logger& log() {
    // Never destroyed: threads may log while the process ends.
    static spdlog::logger* const logger = [] {
        auto made =
            std::make_unique<spdlog::logger>("heddle", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        const std::string wanted = environment::log_level();
        const auto level = spdlog::level::from_str(wanted);
        if (level == spdlog::level::off && wanted != "off") {
            made->set_level(spdlog::level::warn);
            made->warn("HEDDLE_LOG is '{}'; it takes trace, debug, info, warn, error or off", wanted);
        }
        made->set_level(level);
        return made.release();
    }();
    return *logger;
}

}  // namespace heddle::runtime
