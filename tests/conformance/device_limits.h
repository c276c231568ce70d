// Tells errors that say what a device can never do, which are no failures of Heddle, from all others.
#pragma once

#include <heddle/device.h>
#include <heddle/error.h>

namespace heddle::conformance {

/// Whether `error` names a limit of the device that is below CUDA's (blocks of 1024 threads with 48 KiB of
/// shared memory, which cases may count on), or a feature that the device does not have.
bool is_beyond(const DeviceInfo& device, const Error& error);

}  // namespace heddle::conformance
