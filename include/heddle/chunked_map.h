// chunked_map(): a kernel over element ranges of host arrays that need not fit any device's memory, in
// chunks, over one or several devices.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/device.h>
#include <heddle/export.h>
#include <heddle/kernel.h>
#include <heddle/program_source.h>
#include <heddle/types.h>

namespace heddle {

/// One argument of a chunked map. A kernel sees its chunk as if it were everything: pointers to the chunk's
/// first element, and the chunk's place where the caller asks for it.
class HEDDLE_API MapArgument {
  public:
    enum class Place : std::uint8_t { value, input, output, in_out, whole, count, first_element };

    /// A value, as Argument takes it; a structure is referred to until chunked_map() returns.
    template <class T>
        requires(std::constructible_from<Argument, const T&> && !std::same_as<T, Buffer>)
    MapArgument(const T& value) noexcept : value_(value) {}
    MapArgument(const Argument& value) noexcept : value_(value) {}
    MapArgument(const Buffer&) = delete;  // belongs to one device

    /// Read by the kernel: `bytes_per_element` bytes at `host` for each element.
    static MapArgument input(const void* host, std::size_t bytes_per_element) noexcept {
        return {Place::input, const_cast<void*>(host), bytes_per_element};
    }
    /// Written by the kernel, every byte.
    static MapArgument output(void* host, std::size_t bytes_per_element) noexcept {
        return {Place::output, host, bytes_per_element};
    }
    /// Read and written.
    static MapArgument in_out(void* host, std::size_t bytes_per_element) noexcept {
        return {Place::in_out, host, bytes_per_element};
    }
    /// Read by the kernel, all `bytes` of it in every chunk: given to each device once.
    static MapArgument whole(const void* host, std::size_t bytes) noexcept {
        return {Place::whole, const_cast<void*>(host), bytes};
    }
    /// How many elements the chunk has, converted to the parameter's type.
    static MapArgument count() noexcept { return {Place::count, nullptr, 0}; }
    /// The place of the chunk's first element among all, converted to the parameter's type.
    static MapArgument first_element() noexcept { return {Place::first_element, nullptr, 0}; }

    Place place() const noexcept { return place_; }
    const Argument& value() const noexcept { return value_; }
    void* host() const noexcept { return host_; }
    std::size_t bytes() const noexcept { return bytes_; }  ///< for each element; of whole arrays: all

  private:
    MapArgument(Place place, void* host, std::size_t bytes) noexcept
        : host_(host), bytes_(bytes), place_(place) {}
    Argument value_;
    void* host_ = nullptr;
    std::size_t bytes_ = 0;
    Place place_ = Place::value;
};

struct MapOptions {
    std::uint32_t threads = 256;           ///< threads a block
    std::uint32_t elements_per_block = 0;  ///< 0: one for each thread
    std::size_t shared_bytes = 0;          ///< of the `extern __shared__` array
    std::uint64_t memory_limit = 0;        ///< bytes of each device's memory to use; 0: half of what is free
    std::uint64_t chunk_elements = 0;      ///< the most elements of a chunk; 0: what fits, and copies well
    unsigned queues = 3;  ///< of each device: one chunk is copied in while others run and are copied out
    /// The host's arrays are pinned memory (HostBuffer): copied from and to without another copy.
    bool host_is_pinned = false;
    /// Called after every chunk, by one thread at a time, with the elements done and all there are; false
    /// ends the map after the chunks under way. What it throws leaves chunked_map().
    std::function<bool(std::uint64_t done, std::uint64_t total)> progress{};
};

/// What one device did.
struct MapShare {
    std::string device;
    std::uint64_t elements = 0, chunks = 0;
    double milliseconds = 0;  ///< of the host's clock, from its first chunk to its last
    bool has_failed = false;
    std::string reason;  ///< how it failed, or why it stopped before the others or did nothing
};

struct MapRecord {
    std::uint64_t elements = 0;  ///< done; all of them, unless it was cancelled
    bool was_cancelled = false;
    double milliseconds = 0;
    std::vector<MapShare> shares;  ///< one for each device, in order
    std::vector<std::string> notes;
};

/// Applies `kernel` to elements [0, elements) of the arguments' arrays. Chunks are whole blocks, but for the
/// last; devices take one after the other, the faster ones more, and a device whose next chunk would take
/// longer than the others need for all that is left stops taking. A device that fails is left out, and its
/// chunks are computed by the others from the host's data. Blocks until all is done. Throws invalid_argument
/// for arguments that do not fit, launch_failed when the kernel itself fails, and what the last device failed
/// with when none is left. Pinned arrays that are both read and written do not survive a device's failure
/// (device_lost).
HEDDLE_API MapRecord chunked_map(std::span<const Device> devices, const ProgramSource& program,
                                 std::string_view kernel, std::uint64_t elements,
                                 std::span<const MapArgument> arguments, const MapOptions& options = {});
inline MapRecord chunked_map(std::span<const Device> devices, const ProgramSource& program,
                             std::string_view kernel, std::uint64_t elements,
                             std::initializer_list<MapArgument> arguments, const MapOptions& options = {}) {
    return chunked_map(devices, program, kernel, elements,
                       std::span<const MapArgument>(arguments.begin(), arguments.size()), options);
}

}  // namespace heddle
