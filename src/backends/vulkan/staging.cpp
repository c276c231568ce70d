// Hands out staging memory.
#include "backends/vulkan/staging.h"

#include <utility>

namespace heddle::vulkan {

namespace {

constexpr std::size_t most_blocks = 4;  // of one queue at a time
constexpr std::uint64_t alignment = 256;

}  // namespace

Staging::~Staging() {
    give_back();
}

void Staging::give_back() noexcept {
    // The queue has waited for its work, or the device is lost and the blocks stay where they are.
    if (current_ != nullptr) context_.return_staging(std::move(current_));
    for (Used& used : used_) context_.return_staging(std::move(used.block));
    used_.clear();
}

Slice Staging::take(Stream& stream, std::size_t bytes, std::string_view operation) {
    if (current_ == nullptr || user_ != &stream || offset_ + bytes > current_->bytes()) {
        if (current_ != nullptr) used_.push_back({std::move(current_), user_, user_->value_of_all()});
        offset_ = 0;
        if (used_.size() >= most_blocks) {
            stream.submit(operation);
            used_.front().stream->await(used_.front().value, operation);
            settle();
        }
        current_ = context_.take_staging();
        user_ = &stream;
    }
    const Slice piece{current_->buffer(), offset_, bytes, current_->address() + offset_,
                      current_->mapped() + offset_};
    offset_ = (offset_ + bytes + alignment - 1) / alignment * alignment;
    return piece;
}

void Staging::deliver(const Stream& stream, const Slice& piece, void* destination) {
    deliveries_.push_back({&stream, stream.value_of_all(), piece.mapped, destination, piece.bytes});
}

void Staging::settle() {
    // In the order of the queue's commands, whichever stream they went to.
    while (!deliveries_.empty() && deliveries_.front().stream->reached(deliveries_.front().value)) {
        const Delivery& delivery = deliveries_.front();
        context_.copier().copy(delivery.destination, delivery.source, delivery.bytes);
        deliveries_.pop_front();
    }
    while (!used_.empty() && used_.front().stream->reached(used_.front().value)) {
        context_.return_staging(std::move(used_.front().block));
        used_.pop_front();
    }
    // What has arrived since the loop above asked is still to be delivered: the memory is not free then.
    if (offset_ != 0 && deliveries_.empty() && user_->is_idle()) offset_ = 0;
}

}  // namespace heddle::vulkan
