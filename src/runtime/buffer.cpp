// Buffer: owns an allocation; checks ranges before its synchronous copies.
#include <heddle/buffer.h>

#include <string>
#include <utility>

#include <heddle/error.h>
#include <heddle/queue.h>

#include "hal.h"

namespace heddle {

Buffer::Buffer() noexcept = default;
Buffer::Buffer(Device device, std::shared_ptr<hal::Allocation> allocation) noexcept
    : device_(std::move(device)), allocation_(std::move(allocation)) {}

Buffer::Buffer(Buffer&& other) noexcept
    : device_(std::exchange(other.device_, std::nullopt)), allocation_(std::move(other.allocation_)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
    if (this != &other) {
        allocation_ = std::move(other.allocation_);
        device_ = std::exchange(other.device_, std::nullopt);
    }
    return *this;
}

Buffer::~Buffer() {
    allocation_.reset();
}  // before the device that it belongs to

std::size_t Buffer::size_bytes() const noexcept {
    return allocation_ ? allocation_->size_bytes() : 0;
}

const Device& Buffer::device() const {
    if (!device_)
        throw Error(ErrorCode::invalid_argument, "the buffer is empty (default constructed or moved from)");
    return *device_;
}

std::uint64_t Buffer::device_address() const {
    (void)device();
    return allocation_->device_address();
}

bool Buffer::is_host_visible() const noexcept {
    return allocation_ && allocation_->host_pointer() != nullptr;
}

void* Buffer::host_pointer() const {
    const Device& owner = device();
    void* pointer = allocation_->host_pointer();
    if (pointer == nullptr && allocation_->size_bytes() != 0) {
        throw Error(ErrorCode::unsupported, "the host cannot see this memory; copy it with read()",
                    "view of a buffer", owner.id());
    }
    return pointer;
}

void Buffer::write(const void* source, std::size_t bytes, std::size_t offset) {
    Queue queue(device());
    queue.write(*this, source, bytes, offset);
    queue.synchronize();
}

void Buffer::read(void* destination, std::size_t bytes, std::size_t offset) const {
    Queue queue(device());
    queue.read(*this, destination, bytes, offset);
    queue.synchronize();
}

}  // namespace heddle
