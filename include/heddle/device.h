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

/// Everything known about a device without using it.
struct DeviceInfo {
    std::string id;       ///< "cpu:0"
    std::string backend;  ///< "cpu"
    std::string name;     ///< the vendor's name of the hardware
    DeviceKind kind = DeviceKind::other;
    std::uint64_t memory_bytes = 0, free_bytes = 0;  ///< total; free at the time of the question
    std::string uuid, pci, driver;                   ///< identity across backends; empty where unknown
    int score = 0;                                   ///< higher is preferred by best_device()
    std::vector<std::string> same_as;                ///< ids of the same hardware through other backends
    /// What kernels may need (KernelInfo::features): "int64", "fp64", "fp16", "atomics", "int64_atomics",
    /// "float_atomics", "subgroups", "printf", "heap"; and more about the hardware: "bf16", "tensor_cores",
    /// "avx2", ...
    std::vector<std::string> features;
    DeviceLimits limits;
};

/// A handle to a device; copying copies the handle. Safe to use from several threads.
class HEDDLE_API Device {
  public:
    /// Wraps a backend's device. Programs get theirs from devices(), device() or best_device(). `same_as`:
    /// see DeviceInfo.
    explicit Device(std::shared_ptr<hal::Device> impl, std::vector<std::string> same_as = {});

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
    /// Bounds, features and identity are fixed; this asks nothing of the driver.
    bool has_feature(std::string_view feature) const noexcept;
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

/// Every device present, best first. Honours HEDDLE_DEVICES and HEDDLE_DISABLE before touching any driver.
HEDDLE_API std::vector<Device> devices();
/// The backends that were looked at (or switched off) and gave no device.
HEDDLE_API std::vector<UnavailableBackend> unavailable_backends();
/// The device with the highest score. Throws device_unavailable when there is none at all.
HEDDLE_API Device best_device();
/// Resolves one selector as the command line names devices: "cuda:0", "cuda", "gpu", "best".
/// Throws device_unavailable with the reason, invalid_argument when it is not a selector.
HEDDLE_API Device device(std::string_view selector);
/// Resolves a list: as device(), and "all", and commas. No device twice.
HEDDLE_API std::vector<Device> select_devices(std::string_view selectors);

}  // namespace heddle
