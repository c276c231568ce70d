// The backends of this build and the devices they found: enumerated once, on first use, after HEDDLE_DEVICES
// and HEDDLE_DISABLE have said which backends may be touched at all.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <heddle/device.h>

#include "hal.h"
#include "selection.h"

namespace heddle::runtime {

/// One backend of this build. `make` must not touch a driver; enumerate() does.
struct BackendEntry {
    std::string_view name;
    std::unique_ptr<hal::Backend> (*make)();
};

/// What there is, best device first, and what there is not, with reasons.
struct Inventory {
    std::vector<std::unique_ptr<hal::Backend>> backends;  // before the devices: destroyed after them
    std::vector<Device> devices;
    std::vector<UnavailableBackend> unavailable;
};

/// Asks the backends that `filter` allows. Devices of one piece of hardware (equal UUID or PCI address) know
/// each other.
Inventory enumerate(std::span<const BackendEntry> backends, const DeviceFilter& filter);

/// This build's backends under this process's environment; made once. Throws invalid_argument when
/// HEDDLE_DEVICES or HEDDLE_DISABLE is malformed.
const Inventory& inventory();

}  // namespace heddle::runtime
