// Device: one accelerator through one backend; enumeration, lookup by name, and what could not be used and
// why.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/export.h>
#include <heddle/types.h>

namespace heddle {

namespace hal {
class Device;
}
class Buffer;
class HostBuffer;
class Queue;

enum class DeviceKind { cpu, integrated, discrete, virtual_gpu, other };
HEDDLE_API std::string_view name(
    DeviceKind kind) noexcept;  ///< "cpu", "integrated", "discrete", "virtual", "other"

/// The most a launch may ask of a device.
struct DeviceLimits {
    std::array<std::uint32_t, 3> block{};  ///< threads along x, y, z
    std::uint32_t threads = 0;             ///< threads a block
    std::array<std::uint32_t, 3> grid{};   ///< blocks along x, y, z
    std::uint64_t shared_bytes = 0;        ///< static and dynamic shared memory of one block
    std::uint32_t warp = 32;               ///< lanes a warp, as kernels see it
};

/// One of the reasons for a device's score.
struct ScorePart {
    std::string reason;  ///< "discrete GPU", "132 compute units", "through cuda"
    int points = 0;
};

/// Everything known about a device without using it.
struct DeviceInfo {
    std::string id;       ///< "cpu:0"
    std::string backend;  ///< "cpu"
    std::string name;     ///< the vendor's name of the hardware
    DeviceKind kind = DeviceKind::other;
    std::uint64_t memory_bytes = 0, free_bytes = 0;  ///< total; free at the time of the question
    /// Multiprocessors, compute units, or the processor's threads; 0 where the driver does not tell.
    std::uint32_t compute_units = 0;
    std::string uuid, pci;  ///< identity across backends; empty where unknown
    /// The driver's name and version, in which the first dotted number is the version that
    /// Requirements::driver compares; empty for the processor.
    std::string driver;
    int score = 0;                       ///< higher is preferred by best_device(): the sum of score_parts
    std::vector<ScorePart> score_parts;  ///< how the score came about
    /// Ids of the same hardware through other backends, of those that had been looked at when the handle was
    /// made.
    std::vector<std::string> same_as;
    /// What the device says it has, by the names of docs/reference/devices.md: what kernels may need
    /// (KernelInfo::features), such as "fp64" and "int64_atomics", and more about the hardware, such as
    /// "tensor_cores" and "async_transfers".
    std::vector<std::string> features;
    /// What kernels may need and may use although the device lacks it: Heddle's code does without, more
    /// slowly.
    std::vector<std::string> emulated;
    DeviceLimits limits;
};

/// A handle to a device; copying copies the handle. Safe to use from several threads.
class HEDDLE_API Device {
  public:
    /// Wraps a backend's device. Programs get theirs from devices(), device() or best_device().
    explicit Device(std::shared_ptr<hal::Device> impl);
    /// The same, described by `info`: the backend's facts with what follows from other devices (score,
    /// same_as).
    Device(std::shared_ptr<hal::Device> impl, DeviceInfo info);

    const DeviceInfo& info() const noexcept;
    const std::string& id() const noexcept { return info().id; }
    /// Allocates `bytes` of device memory, aligned to at least 256 bytes, contents undefined.
    /// Throws out_of_memory (says how much was asked and how much is free).
    Buffer allocate(std::size_t bytes) const;
    /// Allocates `bytes` of pinned host memory, contents undefined, for fast copies to and from this device.
    /// Throws out_of_memory: there is less of it than of other memory, and the system may limit it.
    HostBuffer allocate_host(std::size_t bytes) const;
    /// A new in-order queue.
    Queue create_queue() const;
    /// Whether the device itself has it. Bounds, features and identity are fixed; this asks nothing of the
    /// driver.
    bool has_feature(std::string_view feature) const noexcept;
    /// Whether kernels may use it: the device has it, or Heddle emulates it.
    bool can_use(std::string_view feature) const noexcept;
    hal::Device& impl() const noexcept { return *impl_; }
    const std::shared_ptr<hal::Device>& shared_impl() const noexcept { return impl_; }
    friend bool operator==(const Device& a, const Device& b) noexcept { return a.impl_ == b.impl_; }

  private:
    std::shared_ptr<hal::Device> impl_;
    std::shared_ptr<const DeviceInfo> info_;
};

/// A backend that offered no device, and why.
struct UnavailableBackend {
    std::string backend, reason;
};

/// Every device present, best first. Honours HEDDLE_DEVICES and HEDDLE_DISABLE before touching any driver. A
/// driver that is not known to work is first tried in a process of its own (docs/reference/devices.md).
HEDDLE_API std::vector<Device> devices();
/// The backends that were looked at (or switched off) and gave no device.
HEDDLE_API std::vector<UnavailableBackend> unavailable_backends();
/// The device with the highest score. Throws device_unavailable when there is none at all.
HEDDLE_API Device best_device();
/// Resolves one selector as the command line names devices: "cuda:0", "cuda", "gpu", "best". Only the backend
/// that is named is touched; "gpu" and "best" ask all. Only Heddle's own devices and hardware are ever the
/// best: a software device (lavapipe, PoCL) ranks below cpu:0. Throws device_unavailable with the reason,
/// invalid_argument when it is not a selector.
HEDDLE_API Device device(std::string_view selector);
/// Resolves a list: as device(), and "all", and commas. No device twice.
HEDDLE_API std::vector<Device> select_devices(std::string_view selectors);

}  // namespace heddle
