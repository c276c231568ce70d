// Queue, Event and Kernel: check at the public edge, then hand on to the backend.
#include <heddle/queue.h>

#include <string>
#include <utility>

#include <heddle/error.h>

#include "arguments.h"
#include "hal.h"

namespace heddle {

namespace {

void check_owner(const Device& mine, const Device& other, const char* what, const std::string& operation) {
    if (mine == other) return;
    throw Error(ErrorCode::invalid_argument, std::string("the ") + what + " belongs to " + other.id(),
                operation, mine.id());
}

void check_range(const Device& device, const Buffer& buffer, std::size_t offset, std::size_t bytes,
                 const char* operation) {
    if (!buffer.allocation()) {
        throw Error(ErrorCode::invalid_argument, "the buffer is empty (default constructed or moved from)",
                    operation, device.id());
    }
    check_owner(device, buffer.device(), "buffer", operation);
    const std::size_t size = buffer.size_bytes();
    if (offset > size || bytes > size - offset) {
        throw Error(ErrorCode::invalid_argument,
                    std::to_string(bytes) + " bytes from offset " + std::to_string(offset) +
                        " reach past the buffer's " + std::to_string(size),
                    operation, device.id());
    }
}

void check_host(const Device& device, const void* pointer, const char* operation) {
    if (pointer == nullptr) {
        throw Error(ErrorCode::invalid_argument, "the host pointer is null", operation, device.id());
    }
}

}  // namespace

Kernel::Kernel(Device device, std::shared_ptr<hal::Kernel> impl) noexcept
    : device_(std::move(device)), impl_(std::move(impl)) {}

const KernelInfo& Kernel::info() const noexcept {
    return impl_->info();
}

Event::Event(Device device, std::shared_ptr<hal::Event> impl) noexcept
    : device_(std::move(device)), impl_(std::move(impl)) {}

bool Event::ready() const {
    return impl_->ready();
}

void Event::wait() const {
    impl_->wait();
}

double Event::elapsed_ms(const Event& start, const Event& end) {
    check_owner(start.device_, end.device_, "second event", "elapsed time between events");
    if (!start.ready() || !end.ready()) {
        throw Error(ErrorCode::invalid_argument, "an event is not reached yet; wait for it first",
                    "elapsed time between events", start.device_.id());
    }
    const auto difference =
        static_cast<std::int64_t>(end.impl_->timestamp_ns() - start.impl_->timestamp_ns());
    return static_cast<double>(difference) * 1e-6;
}

Queue::Queue(const Device& device) : device_(device), impl_(device.impl().create_queue()) {}
Queue::Queue(Queue&&) noexcept = default;
Queue& Queue::operator=(Queue&& other) noexcept {
    if (this != &other) {
        impl_ = std::move(other.impl_);
        device_ = other.device_;
    }
    return *this;
}
Queue::~Queue() = default;

void Queue::launch(const Kernel& kernel, const LaunchConfig& config, std::span<const Argument> arguments) {
    const KernelInfo& info = kernel.info();
    if (kernel.device() != device_) {
        check_owner(device_, kernel.device(), "kernel", "launch of '" + info.name + "'");
    }
    runtime::check_configuration(device_, info, config);
    hal::Launch launch;
    launch.kernel = kernel.impl();
    launch.config = config;
    runtime::pack_arguments(device_, info, arguments, launch);
    impl_->launch(std::move(launch));
}

void Queue::launch_part(const Kernel& kernel, const LaunchConfig& config, const GridPart& part,
                        std::span<const Argument> arguments) {
    const KernelInfo& info = kernel.info();
    check_owner(device_, kernel.device(), "kernel", "launch of '" + info.name + "'");
    const LaunchConfig own{part.blocks, config.block, config.shared_bytes};
    runtime::check_configuration(device_, info, own);
    runtime::check_grid_part(device_, info, config.grid, part);
    hal::Launch launch;
    launch.kernel = kernel.impl();
    launch.config = own;
    runtime::pack_arguments(device_, info, arguments, launch);
    runtime::pack_grid_part(info, config.grid, part.first, launch);
    impl_->launch(std::move(launch));
}

void Queue::write(const Buffer& destination, const void* source, std::size_t bytes, std::size_t offset) {
    check_range(device_, destination, offset, bytes, "write to a buffer");
    if (bytes == 0) return;
    check_host(device_, source, "write to a buffer");
    impl_->write(destination.allocation(), offset, source, bytes);
}

void Queue::read(const Buffer& source, void* destination, std::size_t bytes, std::size_t offset) {
    check_range(device_, source, offset, bytes, "read of a buffer");
    if (bytes == 0) return;
    check_host(device_, destination, "read of a buffer");
    impl_->read(source.allocation(), offset, destination, bytes);
}

void Queue::copy(const Buffer& destination, std::size_t destination_offset, const Buffer& source,
                 std::size_t source_offset, std::size_t bytes) {
    constexpr const char* kOperation = "copy between buffers";
    check_range(device_, destination, destination_offset, bytes, kOperation);
    check_range(device_, source, source_offset, bytes, kOperation);
    if (bytes == 0) return;
    if (destination.allocation() == source.allocation() && destination_offset < source_offset + bytes &&
        source_offset < destination_offset + bytes) {
        throw Error(ErrorCode::invalid_argument, "the two ranges overlap", kOperation, device_.id());
    }
    impl_->copy(destination.allocation(), destination_offset, source.allocation(), source_offset, bytes);
}

void Queue::fill(const Buffer& destination, std::uint8_t value, std::size_t bytes, std::size_t offset) {
    check_range(device_, destination, offset, bytes, "fill of a buffer");
    if (bytes == 0) return;
    impl_->fill(destination.allocation(), offset, value, bytes);
}

Event Queue::record() {
    return Event(device_, impl_->record());
}

void Queue::wait(const Event& event) {
    check_owner(device_, event.device(), "event", "wait for an event");
    impl_->wait(event.impl());
}

void Queue::synchronize() {
    impl_->synchronize();
}

}  // namespace heddle
