// PowerPreference: what to prefer where speed and power are at odds, as Vulkan and WebGPU know it.
#pragma once

#include <string_view>

#include <heddle/export.h>

namespace heddle {

/// In the choice of a device, software devices, then scalar:0, come last in each.
enum class PowerPreference {
    none,  ///< of devices: the score decides; of the processor: what HEDDLE_POWER says, else high_performance
    /// Of devices: discrete, integrated, virtual, other, the processor. Of the processor: every one that the
    /// process may use.
    high_performance,
    /// Of devices: integrated, discrete, virtual, other, the processor. Of the processor: fewer threads,
    /// which sleep as soon as they have nothing to do; where it is hybrid the efficient cores alone, if the
    /// system tells them apart, else half of the processors.
    low_power,
};
HEDDLE_API std::string_view name(
    PowerPreference power) noexcept;  ///< "none", "high_performance", "low_power"

}  // namespace heddle
