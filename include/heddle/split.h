// SplitSession: one launch over several devices, each of which runs a part of the grid, in shares by measured
// throughput; arrays stay on the devices between launches.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <heddle/device.h>
#include <heddle/export.h>
#include <heddle/kernel.h>
#include <heddle/program_source.h>
#include <heddle/types.h>

namespace heddle {

/// An array of a SplitSession, by its number there.
struct SplitArray {
    std::size_t index = 0;
};

/// One argument of a split launch: a value, or an array and what each device needs of it. A partitioned array
/// has `bytes_per_block` bytes for each index along the split axis: block index b (with all blocks of the
/// other axes) reads and writes bytes [b * bytes_per_block, (b + 1) * bytes_per_block) of it and no others.
/// Kernels get the address of the whole array and index it as if there were one device.
class HEDDLE_API SplitArgument {
  public:
    enum class Place : std::uint8_t { value, whole, input, output, in_out };

    /// A value, as Argument takes it; a structure is referred to until the launch returns. nullptr is a null
    /// pointer.
    template <class T>
        requires(std::constructible_from<Argument, const T&> && !std::same_as<T, Buffer>)
    SplitArgument(const T& value) noexcept : value_(value) {}
    SplitArgument(const Argument& value) noexcept : value_(value) {}
    SplitArgument(const Buffer&) = delete;  // belongs to one device

    /// Every device gets all of it, and only reads it.
    static SplitArgument whole(SplitArray array) noexcept { return {Place::whole, array, 0}; }
    /// Each device gets its blocks' bytes, and only reads them.
    static SplitArgument input(SplitArray array, std::size_t bytes_per_block) noexcept {
        return {Place::input, array, bytes_per_block};
    }
    /// Each block writes all of its bytes.
    static SplitArgument output(SplitArray array, std::size_t bytes_per_block) noexcept {
        return {Place::output, array, bytes_per_block};
    }
    /// Each block reads its bytes and writes all or some of them.
    static SplitArgument in_out(SplitArray array, std::size_t bytes_per_block) noexcept {
        return {Place::in_out, array, bytes_per_block};
    }

    Place place() const noexcept { return place_; }
    const Argument& value() const noexcept { return value_; }
    SplitArray array() const noexcept { return array_; }
    std::size_t bytes_per_block() const noexcept { return bytes_per_block_; }

  private:
    SplitArgument(Place place, SplitArray array, std::size_t bytes_per_block) noexcept
        : array_(array), bytes_per_block_(bytes_per_block), place_(place) {}
    Argument value_;
    SplitArray array_;
    std::size_t bytes_per_block_ = 0;
    Place place_ = Place::value;
};

/// How a split launch runs.
struct SplitLaunch {
    LaunchConfig config;  ///< of the whole grid, which may be larger than a device's limit
    unsigned axis = 0;    ///< along which the grid is split: 0 is x, 1 is y, 2 is z
    /// Forced shares, one for each device of the session in any unit; empty: by measured throughput.
    std::vector<double> shares{};
};

/// What one device did in a split launch.
struct SplitShare {
    struct Range {
        std::uint32_t first = 0, blocks = 0;  ///< indices along the split axis
    };
    std::string device;
    std::uint32_t blocks = 0;        ///< indices along the split axis that it ran
    std::vector<Range> ranges;       ///< which, in the order in which it ran them
    double kernel_ms = 0;            ///< device time of its kernels
    std::uint64_t host_bytes = 0;    ///< given to it from the host's memory
    std::uint64_t peer_bytes = 0;    ///< given to it by other devices directly
    std::uint64_t staged_bytes = 0;  ///< given to it by other devices through the host's memory
    bool has_failed = false;         ///< it takes no part in the session any more
    std::string reason;              ///< why it ran nothing, or how it failed; empty otherwise
};

/// What became of a split launch.
struct SplitRecord {
    std::string kernel;
    double milliseconds = 0;         ///< of the host's clock, with all that was copied
    bool was_calibrated = false;     ///< throughput was measured first, on small parts of this launch
    std::vector<SplitShare> shares;  ///< one for each device of the session, in its order
    std::vector<std::string> notes;  ///< what else the caller may want to know
};

/// How a session keeps its arrays.
struct SplitOptions {
    /// Outputs are copied to the host after every launch, so that nothing is lost with a device.
    bool keeps_host_copies = false;
    /// Devices that reach each other's memory copy directly; false: always through the host.
    bool uses_peer_copies = true;
};

/// Runs kernels over several devices. A session knows where the newest bytes of each array are; before a
/// launch it copies to each device what that lacks, and nothing else. A device that fails (device_lost,
/// out_of_memory, timeout, or a failed launch that works elsewhere) is left out from then on, and its blocks
/// run on the others, provided that what they read is still on the host or on another device. The caller's
/// memory must outlive the session. Every array is allocated in full on each device that uses it. Calls must
/// not overlap in time.
class HEDDLE_API SplitSession {
  public:
    /// Devices in order of preference, none twice. Throws invalid_argument for an empty list or one with the
    /// same device twice. Programs are loaded with the first launch.
    SplitSession(std::vector<Device> devices, ProgramSource program, const SplitOptions& options = {});
    SplitSession(SplitSession&&) noexcept;
    SplitSession& operator=(SplitSession&&) noexcept;
    ~SplitSession();

    /// Adds an array that the host has the newest contents of. Constant elements: launches may not write it.
    template <class T>
    SplitArray add_array(std::span<T> host) {
        static_assert(std::is_trivially_copyable_v<T>);
        return add_array(const_cast<std::remove_const_t<T>*>(host.data()), host.size_bytes(),
                         std::is_const_v<T>);
    }
    SplitArray add_array(void* host, std::size_t bytes, bool is_constant = false);
    /// The host has written the array: what devices hold of it is old. Throws invalid_argument for an array
    /// that is not of this session.
    void host_changed(SplitArray array);
    /// Brings the host's memory up to date. Throws device_lost when the newest bytes were on a failed device
    /// only.
    void fetch(SplitArray array);

    /// Runs `kernel` and waits. Without forced shares the first launch of a kernel measures every device on
    /// small parts of the grid; later ones go on from what the launches before took, and where the fastest
    /// device would be faster without the others, it goes on alone. Devices whose share would be under a 64th
    /// of the grid get nothing. Throws invalid_argument for arguments that do not fit, unsupported for a
    /// kernel compiled to run whole grids, launch_failed when the kernel itself fails, device_lost when bytes
    /// that the launch reads are lost, and what the last device failed with when none is left. What a launch
    /// that throws has written is undefined.
    SplitRecord launch(std::string_view kernel, const SplitLaunch& launch,
                       std::span<const SplitArgument> arguments);
    SplitRecord launch(std::string_view kernel, const SplitLaunch& how,
                       std::initializer_list<SplitArgument> arguments) {
        return launch(kernel, how, std::span<const SplitArgument>(arguments.begin(), arguments.size()));
    }

  private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace heddle
