// Asks a SPIR-V module for IEEE arithmetic, as far as a device offers it: denormals, signed zeros, infinities
// and NaNs are kept. The compiler cannot know what a device offers, so this is done when a module is loaded.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backends/vulkan/device_traits.h"

namespace heddle::vulkan {

/// `words` with capabilities and execution modes added for its first entry point. What is no well-formed
/// SPIR-V comes back as it is: the driver says what is wrong.
std::vector<std::uint32_t> with_float_controls(std::span<const std::uint32_t> words,
                                               const FloatControls& device);

}  // namespace heddle::vulkan
