// Recording, submission and waiting.
#include "backends/vulkan/stream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/environment.h"

namespace heddle::vulkan {

namespace {

/// What the commands of a stream do: where, and to memory.
struct Effects {
    VkPipelineStageFlags stages;
    VkAccessFlags writes, accesses;
};
constexpr VkAccessFlags transfer_writes = VK_ACCESS_TRANSFER_WRITE_BIT,
                        transfers = transfer_writes | VK_ACCESS_TRANSFER_READ_BIT;
constexpr Effects of_transfers{VK_PIPELINE_STAGE_TRANSFER_BIT, transfer_writes, transfers};
constexpr Effects of_all{VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                         VK_ACCESS_SHADER_WRITE_BIT | transfer_writes,
                         VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_SHADER_READ_BIT | transfers};

constexpr const Effects& effects_of(QueueUse use) {
    return use == QueueUse::transfer ? of_transfers : of_all;
}

}  // namespace

/// What comes after, in `stages` with `access`, sees what all commands before have written.
void Stream::order(VkPipelineStageFlags stages, VkAccessFlags access) const {
    const Effects& effects = effects_of(use_);
    auto barrier = make<VkMemoryBarrier>(VK_STRUCTURE_TYPE_MEMORY_BARRIER);
    barrier.srcAccessMask = effects.writes;
    barrier.dstAccessMask = access;
    context_.api().barrier(open_.commands, effects.stages, stages, 0, 1, &barrier, 0, nullptr, 0, nullptr);
}

Stream::Stream(Context& context, QueueUse use)
    : context_(context), use_(use), queue_(context.take_queue(use)) {
    constexpr const char* operation = "making of a queue";
    try {
        auto pool = make<VkCommandPoolCreateInfo>(VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO);
        pool.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT | VK_COMMAND_POOL_CREATE_TRANSIENT_BIT;
        pool.queueFamilyIndex = context_.family_of(use_);
        context_.check(context_.api().create_command_pool(context_.device(), &pool, nullptr, &pool_),
                       "vkCreateCommandPool", operation);
        auto type = make<VkSemaphoreTypeCreateInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO);
        type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
        auto semaphore = make<VkSemaphoreCreateInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO);
        semaphore.pNext = &type;
        context_.check(context_.api().create_semaphore(context_.device(), &semaphore, nullptr, &semaphore_),
                       "vkCreateSemaphore", operation);
    } catch (...) {
        if (pool_ != nullptr) context_.api().destroy_command_pool(context_.device(), pool_, nullptr);
        context_.return_queue(queue_);
        throw;
    }
}

Stream::~Stream() {
    if (!context_.is_lost()) {
        context_.api().destroy_semaphore(context_.device(), semaphore_, nullptr);
        context_.api().destroy_command_pool(context_.device(), pool_, nullptr);
    }
    context_.return_queue(queue_);
}

void Stream::begin() {
    constexpr const char* operation = "recording of commands";
    Batch batch;
    if (!spare_.empty()) {
        batch = std::move(spare_.back());
        spare_.pop_back();
    } else {
        auto allocate = make<VkCommandBufferAllocateInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO);
        allocate.commandPool = pool_;
        allocate.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
        allocate.commandBufferCount = 1;
        context_.check(context_.api().allocate_commands(context_.device(), &allocate, &batch.commands),
                       "vkAllocateCommandBuffers", operation);
    }
    auto begin = make<VkCommandBufferBeginInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO);
    begin.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
    // Begins anew, also what has been submitted before.
    context_.check(context_.api().begin_commands(batch.commands, &begin), "vkBeginCommandBuffer", operation);
    batch.kept.insert(batch.kept.end(), std::make_move_iterator(open_.kept.begin()),
                      std::make_move_iterator(open_.kept.end()));
    open_ = std::move(batch);
}

VkCommandBuffer Stream::next_command() {
    if (open_.commands == nullptr) begin();
    ++open_commands_;
    // The first barrier of a command buffer orders it after those before it in the driver's queue.
    order(effects_of(use_).stages, effects_of(use_).accesses);
    return open_.commands;
}

void Stream::wait_for(const Stream& other, std::uint64_t value, std::shared_ptr<const void> owner) {
    waits_.push_back(other.semaphore_);
    wait_values_.push_back(value);
    if (owner != nullptr) keep(std::move(owner));
}

void Stream::submit(std::string_view operation) {
    if (!is_recording()) return;
    context_.check_alive(operation);
    const DeviceApi& api = context_.api();
    if (open_.commands == nullptr) begin();
    // What the device has written is there for the host to read.
    order(VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
    const VkResult ended = api.end_commands(open_.commands);
    const std::uint64_t value = submitted_ + 1;
    auto times = make<VkTimelineSemaphoreSubmitInfo>(VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO);
    times.waitSemaphoreValueCount = static_cast<std::uint32_t>(wait_values_.size());
    times.pWaitSemaphoreValues = wait_values_.data();
    times.signalSemaphoreValueCount = 1;
    times.pSignalSemaphoreValues = &value;
    const std::vector<VkPipelineStageFlags> stages(waits_.size(), VK_PIPELINE_STAGE_ALL_COMMANDS_BIT);
    auto info = make<VkSubmitInfo>(VK_STRUCTURE_TYPE_SUBMIT_INFO);
    info.pNext = &times;
    info.waitSemaphoreCount = static_cast<std::uint32_t>(waits_.size());
    info.pWaitSemaphores = waits_.data();
    info.pWaitDstStageMask = stages.data();
    info.commandBufferCount = 1;
    info.pCommandBuffers = &open_.commands;
    info.signalSemaphoreCount = 1;
    info.pSignalSemaphores = &semaphore_;
    VkResult result = ended;
    if (ended == VK_SUCCESS) {
        const std::lock_guard lock(queue_.mutex);
        result = api.queue_submit(queue_.queue, 1, &info, nullptr);
    }
    waits_.clear();
    wait_values_.clear();
    open_commands_ = 0;
    if (result == VK_SUCCESS) {
        open_.value = submitted_ = value;
        running_.push_back(std::exchange(open_, {}));
    } else {
        // Nothing of it runs; the command buffer may be begun anew.
        open_.kept.clear();
        spare_.push_back(std::exchange(open_, {}));
    }
    context_.check(result, ended != VK_SUCCESS ? "vkEndCommandBuffer" : "vkQueueSubmit", operation);
}

bool Stream::reached(std::uint64_t value) const {
    if (reached_.load(std::memory_order_acquire) >= value) return true;
    std::uint64_t now = 0;
    context_.check(context_.api().semaphore_value(context_.device(), semaphore_, &now),
                   "vkGetSemaphoreCounterValue", "asking how far the device has come");
    std::uint64_t before = reached_.load(std::memory_order_relaxed);
    while (before < now && !reached_.compare_exchange_weak(before, now, std::memory_order_acq_rel)) {
    }
    return now >= value;
}

void Stream::await(std::uint64_t value, std::string_view operation) const {
    context_.check_alive(operation);
    if (reached(value)) return;
    const std::optional<std::chrono::milliseconds> limit = environment::timeout();
    auto wait = make<VkSemaphoreWaitInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO);
    wait.semaphoreCount = 1;
    wait.pSemaphores = &semaphore_;
    wait.pValues = &value;
    const std::uint64_t most_ns =
        limit ? static_cast<std::uint64_t>(std::chrono::nanoseconds(*limit).count()) : ~std::uint64_t{0};
    const VkResult result = context_.api().wait_semaphores(context_.device(), &wait, most_ns);
    if (result == VK_TIMEOUT && limit) {
        const std::string why =
            "work did not end within " + std::to_string(limit->count()) + " ms (HEDDLE_TIMEOUT_MS)";
        context_.give_up(why);
        throw Error(ErrorCode::timeout, why, std::string(operation), context_.id());
    }
    context_.check(result, "vkWaitSemaphores", operation);
    (void)reached(value);
}

bool Stream::is_pending_after(std::uint64_t value, std::uint64_t most_ns) const noexcept {
    auto wait = make<VkSemaphoreWaitInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO);
    wait.semaphoreCount = 1;
    wait.pSemaphores = &semaphore_;
    wait.pValues = &value;
    return context_.api().wait_semaphores(context_.device(), &wait, most_ns) == VK_TIMEOUT;
}

void Stream::reap() {
    while (!running_.empty() && reached(running_.front().value)) {
        Batch batch = std::move(running_.front());
        running_.pop_front();
        batch.kept.clear();
        spare_.push_back(std::move(batch));
    }
}

}  // namespace heddle::vulkan
