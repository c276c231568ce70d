// Failures that are known and awaited: which case on which device, and why. A case that passes although it
// stands here fails, so that the table never outlives its reasons.
#pragma once

#include <span>
#include <string_view>

#include <heddle/device.h>

namespace heddle::conformance {

struct Expectation {
    std::string_view
        device;  ///< id, name of the hardware or both: "vulkan:*", "SwiftShader*", "vulkan:* NVIDIA*"
    std::string_view test;  ///< "maths.f64_tgamma", "warps.*"
    std::string_view reason;
    bool is_a_race = false;  ///< whether it fails depends on what is faster: it may pass as well
};

std::span<const Expectation> expectations();
/// The first that names this case on this device, or null.
const Expectation* expected_failure(const DeviceInfo& device, std::string_view test);

}  // namespace heddle::conformance
