// Requirements: what a program needs of a device and what it prefers; the devices that fit, best first, and
// for every other one the reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/device.h>
#include <heddle/export.h>
#include <heddle/power.h>

namespace heddle {

/// Everything empty or zero asks for nothing. The first part must hold of a device, the second orders those
/// of which it does.
struct Requirements {
    /// By the names of DeviceInfo::features (docs/reference/devices.md). One that Heddle emulates counts,
    /// unless `native_features`.
    std::vector<std::string> features;
    bool native_features = false;    ///< emulated features do not count
    std::uint64_t memory_bytes = 0;  ///< at least so much in total
    std::uint64_t free_bytes = 0;    ///< at least so much free, as DeviceInfo::free_bytes knows it
    /// The least version of the driver, e.g. "535.129": compared number by number with the first version in
    /// DeviceInfo::driver. Asked of no device without a driver (the processor).
    std::string driver;
    std::vector<DeviceKind> kinds;      ///< one of these; empty: any
    std::vector<std::string> backends;  ///< one of these; empty: any. No other backend is touched
    /// False: neither cpu:0 nor scalar:0.
    bool allow_cpu = true;

    /// Backends that come before all others, in this order.
    std::vector<std::string> backend_order;
    PowerPreference power = PowerPreference::none;
    /// The explicit order: selectors ("cuda:1", "vulkan", "gpu", "best", "all"), of which the first that fits
    /// is the best. A backend or a group stands for all of its devices, best first. Nothing else is touched
    /// or chosen, but for cpu:0 and scalar:0 at the end of device_chain().
    std::vector<std::string> chain;
};

/// A device or backend that was left out, and everything that it lacks.
struct Refusal {
    std::string id;  ///< "vulkan:0", a backend's name or a selector's text
    std::string reason;
};

/// The devices of one backend, best first; no other backend is touched. Empty when it has none:
/// unavailable_backends() then tells why.
HEDDLE_API std::vector<Device> devices(std::string_view backend);

/// The best device that meets all requirements. A software device (a driver that computes on the processor)
/// is chosen only when `backends` or `chain` names its backend. Throws device_unavailable that says of every
/// device and backend what it lacks; invalid_argument for a malformed selector or version.
HEDDLE_API Device best_device(const Requirements& requirements);

/// Every device that meets the requirements, best first: the next is what to use when one is lost. With
/// `allow_cpu`, cpu:0 and scalar:0 end it even where `kinds`, `backends`, `driver` or `chain` leave them out,
/// if they have the features and the memory: then it is never empty. `refusals`, if not null, receives the
/// others with their reasons. Throws invalid_argument as best_device() does.
HEDDLE_API std::vector<Device> device_chain(const Requirements& requirements,
                                            std::vector<Refusal>* refusals = nullptr);

}  // namespace heddle
