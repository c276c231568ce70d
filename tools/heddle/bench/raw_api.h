// What the suites `launch` and `transfers` have a device do, through one interface: Heddle, and beside it
// each vendor's own API, used directly in the plainest way that a good programmer would.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <heddle/device.h>

namespace heddle::tool::bench {

enum class Direction : std::uint8_t { to_device, to_host };
enum class HostKind : std::uint8_t { pageable, pinned };

/// One device. Every function returns when the device has done what it asks for.
class DirectDevice {
  public:
    // Sizes of the launches (bench/kernels/launch.cu).
    static constexpr std::uint32_t probe_threads = 32, busy_blocks = 16, busy_threads = 256;
    static constexpr std::size_t kernel_words = std::size_t{busy_blocks} * busy_threads;

    virtual ~DirectDevice() = default;
    virtual const std::string& name() const noexcept = 0;  ///< "cuda:0", "raw"
    /// What it is, for the report.
    virtual const std::string& description() const noexcept = 0;

    /// `probe` `count` times in one queue, each after the one before, with `value`.
    virtual void launch(unsigned count, std::uint32_t value) = 0;
    /// The first word of the memory that kernels work on.
    virtual std::uint32_t first_word() = 0;
    /// `busy` `count` times.
    virtual void busy(std::uint32_t rounds, unsigned count) = 0;

    /// Memory for copies of `bytes`: one piece of the device's, and one of each kind of the host's. Replaces
    /// what was there.
    virtual void allocate(std::size_t bytes) = 0;
    virtual std::span<std::byte> host(HostKind kind) = 0;
    /// Copies all bytes.
    virtual void copy(Direction direction, HostKind kind) = 0;
    /// Copies all bytes of pinned memory in one queue while another runs `busy`.
    virtual void copy_beside_busy(Direction direction, std::uint32_t rounds, unsigned count) = 0;
};

/// A device of Heddle's. `packages` is a folder with launch.heddle, or empty: then the source is compiled.
std::unique_ptr<DirectDevice> make_heddle_direct(const Device& device, const std::string& packages);

/// The same hardware through its vendor's API; null for the CPU devices, which have none. Throws
/// heddle::Error (device_unavailable) when it cannot be found there.
std::unique_ptr<DirectDevice> make_raw_direct(const DeviceInfo& device);

// One for each API.
std::unique_ptr<DirectDevice> make_raw_cuda(const DeviceInfo& device);
std::unique_ptr<DirectDevice> make_raw_opencl(const DeviceInfo& device);
std::unique_ptr<DirectDevice> make_raw_vulkan(const DeviceInfo& device);

/// Which of an API's devices is Heddle's `device`: the one at its index if it has its name, else the first of
/// that name. Throws heddle::Error (device_unavailable) when there is none.
std::size_t find_by_name(const DeviceInfo& device, std::span<const std::string> names);

}  // namespace heddle::tool::bench
