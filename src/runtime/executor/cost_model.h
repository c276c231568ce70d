// How long an operation should take on a device: from what was timed of it, else from the device's speeds.
// Pure arithmetic over remembered times; devices are keys here.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <heddle/device.h>
#include <heddle/tuning.h>

namespace heddle::executor {

/// What is supposed of a device that nobody has measured.
DeviceProfile supposed_profile(const DeviceInfo& device);

/// The size of an operation, for a device where `to_device` and `to_host` bytes have to be copied.
struct Work {
    double threads = 1;
    double bytes = 0;  ///< of all its data
    double to_device = 0, to_host = 0;
    unsigned copies_to_device = 0, copies_to_host = 0;
};

enum class Basis : std::uint8_t {
    timed,     ///< operations of this size, with as much to copy
    scaled,    ///< this operation on this device at another size, or with other copies
    other,     ///< this operation on another device, by the devices' speeds
    supposed,  ///< nothing: the operation streams through its data
};

struct Prediction {
    double ms = 0;
    Basis basis = Basis::supposed;
    unsigned samples = 0;  ///< of exactly this size
    double octaves = 0;    ///< to the nearest size that was timed
    /// The factor by which it may be wrong, to either side.
    double uncertainty() const noexcept;
};

/// Times of one operation on one device. Sizes are grouped by powers of two of threads, of bytes of data
/// (small sizes have the same threads: those of one block) and of bytes to copy.
class Timings {
  public:
    void add(const Work& work, double ms);
    struct Sample {
        double threads = 0, copied = 0, bytes = 0,
               ms = 0;  ///< of the group: latest size, lower quartile of the times
        unsigned count = 0;
    };
    /// The group that `work` belongs to; none when it is empty.
    std::optional<Sample> find(const Work& work) const;
    std::vector<Sample> all() const;
    /// As it was stored.
    void restore(const Sample& sample);

  private:
    static constexpr std::size_t kept = 15;
    struct Group {
        double threads = 0, copied = 0, bytes = 0;
        std::array<float, kept> latest{};
        unsigned count = 0;
        /// The lower one: what disturbs a run makes it longer, never shorter.
        double quartile() const;
    };
    std::map<std::uint32_t, Group> groups_;
    static std::uint32_t group_of(double threads, double copied, double bytes);
};

/// What is known of all operations on all devices. Safe to use from several threads.
class CostModel {
  public:
    /// `device` is a key that outlives the process: see device_key().
    void set_profile(const std::string& device, const DeviceProfile& profile);
    DeviceProfile profile(const std::string& device) const;

    Prediction predict(const std::string& operation, const std::string& device, const Work& work) const;
    void learn(const std::string& operation, const std::string& device, const Work& work, double ms);

    struct Stored {
        std::string operation, device;
        Timings::Sample sample;
    };
    std::vector<Stored> stored() const;
    void restore(const Stored& stored);

  private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, DeviceProfile> profiles_;
    std::unordered_map<std::string, std::map<std::string, Timings>> timings_;  // operation, then device

    Prediction predict_locked(const std::string& operation, const std::string& device,
                              const Work& work) const;
};

/// What copies of `work` should take.
double copying_ms(const DeviceProfile& profile, const Work& work);
/// What the kernel should take if it streams through its data once and does little arithmetic.
double streaming_ms(const DeviceProfile& profile, const Work& work);

/// Identifies a device with its driver for what is stored: hardware, driver, backend, and the version of what
/// is measured.
std::string device_key(const DeviceInfo& device);

}  // namespace heddle::executor
