// Knows such errors by their code and by what run time, compiler and backends say in that case.
#include "conformance/device_limits.h"

#include <string_view>

namespace heddle::conformance {

namespace {

constexpr std::uint32_t usual_threads = 1024;
constexpr std::uint64_t usual_shared_bytes = 48 << 10;

}  // namespace

bool is_beyond(const DeviceInfo& device, const Error& error) {
    const std::string_view text = error.what();
    const auto says = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
    const bool is_small =
        device.limits.threads < usual_threads || device.limits.shared_bytes < usual_shared_bytes;
    if (error.code() == ErrorCode::launch_failed) return is_small && says("is over this device's limit of ");
    return error.code() == ErrorCode::unsupported &&
           (says("which this device lacks") || says("which this device does not have") ||
            says("which the device lacks"));
}

}  // namespace heddle::conformance
