// Tuning: what a device is capable of, measured once and stored for every executor on this machine.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include <heddle/device.h>
#include <heddle/export.h>

namespace heddle {

/// What a device is capable of, as it is measured or as is supposed of its kind.
struct DeviceProfile {
    double launch_us = 0;        ///< from a launch to the return of the wait for it
    double upload_us = 0;        ///< what a copy to it costs beside its bytes
    double download_us = 0;      ///< the same from it
    double upload_gb_s = 1;      ///< of pageable host memory
    double download_gb_s = 1;    ///< 10^9 bytes a second
    double memory_gb_s = 1;      ///< of a kernel that streams
    double arithmetic_gops = 1;  ///< 10^9 single-precision additions and multiplications a second
    bool is_measured = false;
    bool shares_host_memory = false;  ///< works on the caller's memory: there is nothing to copy
};

struct TuneOptions {
    /// A package of tuning_source() with code for the devices; empty: it is compiled.
    std::span<const std::byte> package{};
    /// Is told what is being measured: "cuda:0: copies".
    std::function<void(const std::string&)> progress{};
};

/// The kernels that devices are measured with, as CUDA C++.
HEDDLE_API const char* tuning_source() noexcept;
/// Measures `device`, which takes a second or two. Throws what the device's work throws.
HEDDLE_API DeviceProfile measure(const Device& device, const TuneOptions& options = {});
/// Stores a measurement for this device with its driver. Throws io.
HEDDLE_API void store_profile(const Device& device, const DeviceProfile& profile);
/// What is stored, or else supposed (is_measured tells).
HEDDLE_API DeviceProfile profile_of(const Device& device);
/// Where measurements are stored; empty where nothing can be.
HEDDLE_API std::filesystem::path tuning_file();

}  // namespace heddle
