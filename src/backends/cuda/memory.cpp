// Allocation and stream-ordered freeing.
#include "backends/cuda/memory.h"

#include <utility>

namespace heddle::cuda {

Stream::Stream(std::shared_ptr<Context> context) : context_(std::move(context)) {
    context_->check_alive("creating a queue");
    const Current current = context_->make_current();
    context_->check(context_->api().stream_create(&stream_, stream_non_blocking), "creating a queue");
}

Stream::~Stream() {
    if (context_->is_lost()) return;  // destroying it would wait for ever
    const Current current = context_->make_current();
    context_->api().stream_synchronize(stream_);
    context_->api().stream_destroy(stream_);
}

CudaAllocation::CudaAllocation(std::shared_ptr<Context> context, std::size_t bytes)
    : context_(std::move(context)), bytes_(bytes) {
    if (bytes != 0) address_ = context_->allocate(bytes);
}

CudaAllocation::~CudaAllocation() {
    if (address_ == 0) return;
    std::vector<std::shared_ptr<Stream>> alive;  // a stream that has ended has run all its work
    for (const std::weak_ptr<Stream>& user : users_)
        if (std::shared_ptr<Stream> stream = user.lock()) alive.push_back(std::move(stream));
    std::vector<CUstream> users;
    for (const std::shared_ptr<Stream>& stream : alive) users.push_back(stream->get());
    context_->free(address_, users);
}

void CudaAllocation::used_by(const std::shared_ptr<Stream>& stream) {
    if (last_user_.load(std::memory_order_acquire) == stream.get()) return;
    const std::lock_guard lock(mutex_);
    bool is_known = false;
    std::erase_if(users_, [&](const std::weak_ptr<Stream>& user) {
        const std::shared_ptr<Stream> other = user.lock();
        is_known = is_known || other == stream;
        return other == nullptr;
    });
    if (!is_known) users_.push_back(stream);
    last_user_.store(stream.get(), std::memory_order_release);
}

}  // namespace heddle::cuda
