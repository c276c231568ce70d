// Allocation and stream-ordered freeing.
#include "backends/cuda/memory.h"

#include <utility>

namespace heddle::cuda {

namespace {

std::vector<CUstream> streams_of(const std::vector<std::shared_ptr<Stream>>& users) {
    std::vector<CUstream> streams;
    for (const std::shared_ptr<Stream>& user : users) streams.push_back(user->get());
    return streams;
}

}  // namespace

Stream::Stream(std::shared_ptr<Context> context) : context_(std::move(context)) {
    context_->check_alive("creating a queue");
    const Current current = context_->make_current();
    context_->check(context_->api().stream_create(&stream_, stream_non_blocking), "creating a queue");
    context_->add_stream(stream_);
}

Stream::~Stream() {
    context_->remove_stream(stream_);
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
    const std::vector<std::shared_ptr<Stream>> alive = users_.alive();
    context_->free(address_, streams_of(alive));
}

CudaHostMemory::CudaHostMemory(std::shared_ptr<Context> context, std::size_t bytes)
    : context_(std::move(context)), bytes_(bytes) {
    if (bytes != 0) memory_ = context_->allocate_host(bytes);
}

CudaHostMemory::~CudaHostMemory() {
    if (memory_ == nullptr) return;
    context_->host_ranges().remove(memory_);
    const std::vector<std::shared_ptr<Stream>> alive = users_.alive();
    context_->free_host(memory_, streams_of(alive));
}

void StreamUsers::add(const std::shared_ptr<Stream>& stream) {
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

std::vector<std::shared_ptr<Stream>> StreamUsers::alive() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Stream>> found;
    for (const std::weak_ptr<Stream>& user : users_)
        if (std::shared_ptr<Stream> stream = user.lock()) found.push_back(std::move(stream));
    return found;
}

}  // namespace heddle::cuda
