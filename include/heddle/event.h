// Event: a point in a queue that can be waited for and that knows when the device reached it.
#pragma once

#include <memory>

#include <heddle/device.h>
#include <heddle/export.h>

namespace heddle {

namespace hal {
class Event;
}

/// Made by Queue::record(). Copying copies the handle.
class HEDDLE_API Event {
  public:
    Event(Device device, std::shared_ptr<hal::Event> impl) noexcept;
    const Device& device() const noexcept { return device_; }
    bool ready() const;  ///< the queue has reached it; rethrows nothing
    void wait() const;   ///< blocks until ready(); throws what failed before it in its queue
    /// Device time between two ready events, in milliseconds. Throws invalid_argument when one is not ready
    /// or when they are of different devices.
    static double elapsed_ms(const Event& start, const Event& end);
    const std::shared_ptr<hal::Event>& impl() const noexcept { return impl_; }

  private:
    Device device_;
    std::shared_ptr<hal::Event> impl_;
};

}  // namespace heddle
