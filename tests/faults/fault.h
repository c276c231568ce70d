// The faults: what is done to a device, which error that must give, and what must work afterwards.
#pragma once

#include <heddle/device.h>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "faults/observation.h"

namespace heddle::faults {

/// What a fault is to break.
enum class Kind {
    device,   ///< the device itself, while it is used
    library,  ///< its backend's library: the device cannot be there
};

struct Fault {
    std::string_view name, title;
    Kind kind;
    bool needs_validation = false;  ///< Vulkan: under Khronos's layer, for drivers check nothing themselves
};

const std::vector<Fault>& faults();
const Fault& find_fault(std::string_view name);

/// Why a device can never have this fault; empty: it can.
std::string reason_against(const Fault& fault, const DeviceInfo& device);

struct Request {
    const Fault& fault;
    std::string device;
    std::vector<std::string> others;  ///< what must work before (unless a library is broken) and after
    std::span<const std::byte> package;
    unsigned timeout_ms;  ///< of the kernel without end
};

/// Brings the fault about in this process and looks at what is left. Never throws for what a device does.
Observation observe(const Request& request);

}  // namespace heddle::faults
