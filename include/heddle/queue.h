// Queue: in-order asynchronous work on one device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include <heddle/buffer.h>
#include <heddle/device.h>
#include <heddle/event.h>
#include <heddle/export.h>
#include <heddle/kernel.h>

namespace heddle {

namespace hal {
class Queue;
}

/// Commands run in the order given; several queues run independently. Every call returns at once except
/// synchronize(). A command that fails while running makes the next synchronize() or Event::wait() throw;
/// commands queued after it are dropped until then. Buffers, kernels and events of another device, and ranges
/// outside a buffer, are invalid_argument. Safe to use from several threads. Destroying a queue waits for its
/// work.
class HEDDLE_API Queue {
  public:
    explicit Queue(const Device& device);
    Queue(Queue&&) noexcept;
    Queue& operator=(Queue&&) noexcept;
    ~Queue();

    const Device& device() const noexcept { return device_; }

    /// Runs `kernel` with `arguments`, one for each parameter. Arguments are copied now; buffers are kept
    /// alive until the launch has run. Throws invalid_argument naming the argument that does not fit, and
    /// launch_failed when the configuration is over a limit (says the limit).
    void launch(const Kernel& kernel, const LaunchConfig& config, std::span<const Argument> arguments);
    template <class... Args>
        requires(!(std::is_convertible_v<const Args&, std::span<const Argument>> || ...))
    void launch(const Kernel& kernel, const LaunchConfig& config, const Args&... args) {
        const Argument list[] = {Argument(args)..., Argument()};
        launch(kernel, config, std::span<const Argument>(list, sizeof...(Args)));
    }
    /// Runs a part of `config.grid`: blockIdx and gridDim mean the whole grid, which may be larger than the
    /// device's limit. Needs a kernel compiled with CompileOptions::grid_parts unless the part is all of the
    /// grid; throws unsupported for others, invalid_argument for an empty part or one outside of the grid.
    void launch_part(const Kernel& kernel, const LaunchConfig& config, const GridPart& part,
                     std::span<const Argument> arguments);
    /// Host to device. `source` must stay valid until the command has run, unless it lies in a HostBuffer of
    /// this device, which the command keeps alive; its contents must not change before. Pageable memory may
    /// be read before this returns; what lies in a HostBuffer is copied by the device.
    void write(const Buffer& destination, const void* source, std::size_t bytes, std::size_t offset = 0);
    /// Device to host. `destination` must stay valid until the command has run, unless it lies in a
    /// HostBuffer.
    void read(const Buffer& source, void* destination, std::size_t bytes, std::size_t offset = 0);
    /// Device to device, same device. Ranges must not overlap.
    void copy(const Buffer& destination, std::size_t destination_offset, const Buffer& source,
              std::size_t source_offset, std::size_t bytes);
    void fill(const Buffer& destination, std::uint8_t value, std::size_t bytes, std::size_t offset = 0);
    Event record();  ///< an event that is reached when everything queued so far has run
    void wait(
        const Event& event);  ///< what is queued from now on runs after `event`, of any queue of this device
    void synchronize();       ///< blocks until all has run; throws the first failure since the last call
    hal::Queue& impl() const noexcept { return *impl_; }

  private:
    Device device_;
    std::unique_ptr<hal::Queue> impl_;
};

}  // namespace heddle
