// Error and ErrorCode: composes the one sentence that what() gives.
#include <heddle/error.h>

#include <utility>

namespace heddle {

namespace {

std::string compose(const std::string& device, const std::string& operation, const std::string& reason) {
    std::string sentence;
    if (!device.empty()) sentence += device + ": ";
    if (!operation.empty()) sentence += operation + " failed: ";
    return sentence + reason;
}

}  // namespace

std::string_view name(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::ok:
            return "ok";
        case ErrorCode::invalid_argument:
            return "invalid_argument";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::compile_failed:
            return "compile_failed";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::device_unavailable:
            return "device_unavailable";
        case ErrorCode::out_of_memory:
            return "out_of_memory";
        case ErrorCode::launch_failed:
            return "launch_failed";
        case ErrorCode::device_lost:
            return "device_lost";
        case ErrorCode::timeout:
            return "timeout";
        case ErrorCode::corrupt_package:
            return "corrupt_package";
        case ErrorCode::io:
            return "io";
        case ErrorCode::internal:
            return "internal";
    }
    return "unknown";
}

Error::Error(ErrorCode code, std::string reason, std::string operation, std::string device)
    : std::runtime_error(compose(device, operation, reason)),
      code_(code),
      reason_(std::move(reason)),
      operation_(std::move(operation)),
      device_(std::move(device)) {}

Error::~Error() = default;

}  // namespace heddle
