// How good a device is: the one place where facts (kind, backend, width, memory) become a score.
#pragma once

#include <span>

#include <heddle/device.h>

namespace heddle::runtime {

/// Whether it is one of Heddle's own devices on the processor: cpu or scalar.
bool is_processor(const DeviceInfo& info);
/// Whether a driver says of itself that it computes on the processor: lavapipe, SwiftShader, PoCL.
bool is_software(const DeviceInfo& info);
bool is_gpu(const DeviceInfo& info);
/// Whether two backends show the same hardware: equal UUID or PCI address.
bool is_same_hardware(const DeviceInfo& a, const DeviceInfo& b);

/// Fills in `same_as`, `score_parts` and `score` of each. Backends tell of different facts: what one backend
/// knows of a GPU counts for the others that show it, so that between them the backend alone decides.
void rate(std::span<DeviceInfo* const> devices);

}  // namespace heddle::runtime
