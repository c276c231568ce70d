// HostBuffer: pinned host memory owned by RAII, which a device copies to and from by itself.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>

#include <heddle/device.h>
#include <heddle/export.h>

namespace heddle {

namespace hal {
class HostMemory;
}

/// Host memory that one device reads and writes directly: Queue::write() and Queue::read() with pointers into
/// it run at the full speed of the way to the device, beside kernels of other queues, and take no time of the
/// host. It is ordinary memory to the program, and to other devices; page-locked memory is scarce, so
/// allocate it once and use it again. Move-only; freed when destroyed, after the copies already queued that
/// use it have run. An empty HostBuffer (default constructed) has size 0 and may only be assigned to, moved
/// or asked its size and data. Made by Device::allocate_host().
class HEDDLE_API HostBuffer {
  public:
    HostBuffer() noexcept;
    HostBuffer(Device device, std::shared_ptr<hal::HostMemory> memory) noexcept;
    HostBuffer(HostBuffer&&) noexcept;
    HostBuffer& operator=(HostBuffer&&) noexcept;
    HostBuffer(const HostBuffer&) = delete;
    HostBuffer& operator=(const HostBuffer&) = delete;
    ~HostBuffer();

    std::size_t size_bytes() const noexcept;
    /// The first byte, aligned to at least 64; null when the buffer is empty or has no bytes.
    void* data() const noexcept;
    /// The memory as elements of `T`. The caller synchronises with queued copies.
    template <class T>
    std::span<T> view() const noexcept {
        static_assert(std::is_trivially_copyable_v<T>);
        return {static_cast<T*>(data()), size_bytes() / sizeof(T)};
    }
    /// Throws invalid_argument when the buffer is empty.
    const Device& device() const;

  private:
    std::optional<Device> device_;  // none in an empty buffer
    std::shared_ptr<hal::HostMemory> memory_;
};

}  // namespace heddle
