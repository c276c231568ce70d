// Allocates shared virtual memory, or says how much there is.
#include "backends/opencl/memory.h"

#include <algorithm>

namespace heddle::opencl {

namespace {

constexpr std::uintptr_t alignment = 256;

}  // namespace

SharedAllocation::SharedAllocation(std::shared_ptr<Context> context, std::size_t bytes)
    : context_(std::move(context)), bytes_(bytes), is_visible_(context_->traits().is_fine_grained) {
    context_->check_alive("allocation");
    const Bits flags = constants::memory_read_write | (is_visible_ ? constants::memory_fine_grain : 0);
    const std::uint64_t total = context_->traits().memory_bytes, held = context_->held_bytes();
    const std::uint64_t free = total - std::min(total, held);
    if (bytes <= context_->traits().allocation_bytes && bytes <= free) {
        // OpenCL promises no alignment beyond that of its largest type, 128 bytes.
        const std::lock_guard lock(context_->allocating());
        base_ = context_->api().allocate_svm(context_->get(), flags, bytes + alignment, 0);
        const auto start = reinterpret_cast<std::uintptr_t>(base_);
        if (base_ != nullptr)
            memory_ = reinterpret_cast<void*>((start + alignment - 1) / alignment * alignment);
    }
    if (memory_ == nullptr)
        throw Error(ErrorCode::out_of_memory,
                    std::to_string(bytes) + " bytes were asked, " + std::to_string(free) +
                        " bytes are free, and one allocation may have " +
                        std::to_string(context_->traits().allocation_bytes),
                    "allocation", context_->id());
    // The standard has the buffer share the memory, if it is of an address that clSVMAlloc gave.
    Status status = constants::success;
    if (memory_ == base_)
        buffer_ = context_->api().create_buffer(context_->get(),
                                                constants::memory_read_write | constants::memory_use_host,
                                                bytes, memory_, &status);
    context_->add({device_address(), bytes_});
}

SharedAllocation::~SharedAllocation() {
    context_->remove(device_address());
    if (context_->is_lost()) return;
    if (buffer_ != nullptr) context_->api().release_memory(buffer_);
    const std::lock_guard lock(context_->allocating());
    context_->api().free_svm(context_->get(), base_);
}

PinnedMemory::PinnedMemory(std::shared_ptr<Context> context, std::size_t bytes)
    : context_(std::move(context)), bytes_(bytes) {
    constexpr const char* operation = "allocation of pinned host memory";
    context_->check_alive(operation);
    if (bytes == 0) return;
    const Api& api = context_->api();
    Status status = constants::success;
    const char* call = "clCreateCommandQueue";
    queue_ = api.create_queue(context_->get(), context_->device(), 0, &status);
    if (status == constants::success) {
        call = "clCreateBuffer";
        buffer_ =
            api.create_buffer(context_->get(), constants::memory_read_write | constants::memory_allocate_host,
                              bytes, nullptr, &status);
    }
    if (status == constants::success) {
        call = "clEnqueueMapBuffer";
        memory_ = api.map_buffer(queue_, buffer_, 1, constants::map_read | constants::map_write, 0, bytes, 0,
                                 nullptr, nullptr, &status);
    }
    if (status == constants::success) return;
    memory_ = nullptr;
    release();
    throw Error(ErrorCode::out_of_memory,
                std::to_string(bytes) + " bytes were asked: " + call + ": " + status_name(status), operation,
                context_->id());
}

PinnedMemory::~PinnedMemory() {
    if (memory_ != nullptr) context_->host_ranges().remove(memory_);
    release();
}

void PinnedMemory::release() noexcept {
    if (context_->is_lost()) return;
    const Api& api = context_->api();
    if (memory_ != nullptr && api.unmap(queue_, buffer_, memory_, 0, nullptr, nullptr) == constants::success)
        api.finish(queue_);
    if (buffer_ != nullptr) api.release_memory(buffer_);
    if (queue_ != nullptr) api.release_queue(queue_);
}

std::shared_ptr<SharedAllocation> allocate(const std::shared_ptr<Context>& context, std::size_t bytes) {
    return std::make_shared<SharedAllocation>(context, bytes);
}

}  // namespace heddle::opencl
