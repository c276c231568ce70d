// Buffer: device memory owned by RAII.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>

#include <heddle/device.h>
#include <heddle/export.h>

namespace heddle {

namespace hal {
class Allocation;
}

/// Memory on one device. Move-only; freed when destroyed, after the work already queued that uses it has
/// ended. An empty Buffer (default constructed) has size 0 and may only be assigned to, moved or asked its
/// size.
class HEDDLE_API Buffer {
  public:
    Buffer() noexcept;
    Buffer(Device device, std::shared_ptr<hal::Allocation> allocation) noexcept;
    Buffer(Buffer&&) noexcept;
    Buffer& operator=(Buffer&&) noexcept;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer();

    std::size_t size_bytes() const noexcept;
    /// Throws invalid_argument when the buffer is empty.
    const Device& device() const;
    /// The address a kernel sees.
    std::uint64_t device_address() const;
    /// The memory as the host sees it; throws unsupported where the host cannot (is_host_visible() says).
    /// The caller synchronises with queued work.
    template <class T>
    std::span<T> view() const {
        static_assert(std::is_trivially_copyable_v<T>);
        return {static_cast<T*>(host_pointer()), size_bytes() / sizeof(T)};
    }
    bool is_host_visible() const noexcept;
    /// Synchronous copies through a private queue: convenient, not fast. Throw invalid_argument when out of
    /// range.
    void write(const void* source, std::size_t bytes, std::size_t offset = 0);
    void read(void* destination, std::size_t bytes, std::size_t offset = 0) const;
    const std::shared_ptr<hal::Allocation>& allocation() const noexcept { return allocation_; }

  private:
    void* host_pointer() const;
    std::optional<Device> device_;  // none in an empty buffer
    std::shared_ptr<hal::Allocation> allocation_;
};

}  // namespace heddle
