// HostBuffer: owns pinned host memory of a backend's.
#include <heddle/host_buffer.h>

#include <utility>

#include <heddle/error.h>

#include "hal.h"

namespace heddle {

HostBuffer::HostBuffer() noexcept = default;
HostBuffer::HostBuffer(Device device, std::shared_ptr<hal::HostMemory> memory) noexcept
    : device_(std::move(device)), memory_(std::move(memory)) {}

HostBuffer::HostBuffer(HostBuffer&& other) noexcept
    : device_(std::exchange(other.device_, std::nullopt)), memory_(std::move(other.memory_)) {}

HostBuffer& HostBuffer::operator=(HostBuffer&& other) noexcept {
    if (this != &other) {
        memory_ = std::move(other.memory_);
        device_ = std::exchange(other.device_, std::nullopt);
    }
    return *this;
}

HostBuffer::~HostBuffer() {
    memory_.reset();
}  // before the device that it belongs to

std::size_t HostBuffer::size_bytes() const noexcept {
    return memory_ ? memory_->size_bytes() : 0;
}

void* HostBuffer::data() const noexcept {
    return memory_ && memory_->size_bytes() != 0 ? memory_->data() : nullptr;
}

const Device& HostBuffer::device() const {
    if (!device_)
        throw Error(ErrorCode::invalid_argument,
                    "the host buffer is empty (default constructed or moved from)");
    return *device_;
}

}  // namespace heddle
