// Makes the logical device and keeps what its queues share.
#include "backends/vulkan/context.h"

#include <algorithm>
#include <utility>

#include "backends/vulkan/memory.h"
#include "backends/vulkan/stream.h"
#include "runtime/log.h"

namespace heddle::vulkan {

namespace {

constexpr std::uint32_t most_queues = 8, most_transfer_queues = 4, timestamps_a_pool = 256;
constexpr std::size_t most_idle_streams = 16, most_idle_staging = 16;

ErrorCode code_of(VkResult result) {
    switch (result) {
        case VK_ERROR_OUT_OF_HOST_MEMORY:
        case VK_ERROR_OUT_OF_DEVICE_MEMORY:
        case VK_ERROR_TOO_MANY_OBJECTS:
            return ErrorCode::out_of_memory;
        case VK_ERROR_DEVICE_LOST:
            return ErrorCode::device_lost;
        case VK_ERROR_INVALID_SHADER_NV:
            return ErrorCode::unsupported;
        default:
            return ErrorCode::internal;
    }
}

/// Destroying what is in use by work that makes no end would wait for ever: a lost device and its instance
/// stay, and are not destroyed when the process ends either.
void keep_for_ever(std::shared_ptr<const Instance> instance, VkDevice device) {
    using Kept = std::vector<std::pair<std::shared_ptr<const Instance>, VkDevice>>;
    static std::mutex mutex;
    static Kept* const kept = std::make_unique<Kept>().release();
    const std::lock_guard lock(mutex);
    kept->emplace_back(std::move(instance), device);
}

}  // namespace

Context::Context(std::shared_ptr<const Instance> instance, DeviceTraits traits, std::string id)
    : instance_(std::move(instance)), traits_(std::move(traits)), id_(std::move(id)) {
    try {
        make_device();
        memory_ = std::make_unique<MemoryPool>(*this);
        if (!traits_.warning.empty()) runtime::log().warn("{} ({}): {}", id_, traits_.name, traits_.warning);
    } catch (...) {
        if (device_ != nullptr && api_.destroy_device != nullptr) api_.destroy_device(device_, nullptr);
        throw;
    }
}

Context::~Context() {
    if (is_lost()) {
        keep_for_ever(instance_, device_);
        return;
    }
    api_.device_wait_idle(device_);
    streams_.clear();
    transfer_streams_.clear();
    staging_.clear();
    memory_.reset();
    for (VkQueryPool pool : timestamp_pools_) api_.destroy_query_pool(device_, pool, nullptr);
    api_.destroy_device(device_, nullptr);
}

void Context::make_device() {
    const InstanceApi& instance = instance_->api();
    const auto unavailable = [&](const std::string& why) {
        return Error(ErrorCode::device_unavailable, why, "opening the device", id_);
    };
    FeatureChain features(traits_.version, traits_.extensions);
    instance.features2(traits_.physical, &features.base);
    keep_used(features);
    const std::vector<float> priorities(std::max(most_queues, most_transfer_queues), 1.0F);
    std::vector<VkDeviceQueueCreateInfo> families;
    const auto add_family = [&](std::uint32_t family, std::uint32_t count) {
        auto queue = vulkan::make<VkDeviceQueueCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO);
        queue.queueFamilyIndex = family;
        queue.queueCount = count;
        queue.pQueuePriorities = priorities.data();
        families.push_back(queue);
    };
    const std::uint32_t count = std::min(traits_.compute_queues, most_queues);
    add_family(traits_.compute_family, count);
    const bool has_own_family = traits_.transfer_family != traits_.compute_family;
    const std::uint32_t transfer_count =
        has_own_family ? std::min(traits_.transfer_queues, most_transfer_queues) : 0;
    if (transfer_count != 0) add_family(traits_.transfer_family, transfer_count);
    std::vector<const char*> extensions;
    for (const std::string& extension : traits_.extensions) extensions.push_back(extension.c_str());
    auto create = vulkan::make<VkDeviceCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO);
    create.pNext = &features.base;
    create.queueCreateInfoCount = static_cast<std::uint32_t>(families.size());
    create.pQueueCreateInfos = families.data();
    create.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
    create.ppEnabledExtensionNames = extensions.data();
    const VkResult result = instance.create_device(traits_.physical, &create, nullptr, &device_);
    if (result != VK_SUCCESS) throw unavailable("vkCreateDevice: " + result_name(result));
    if (const char* const missing = api_.load(instance, device_))
        throw unavailable(std::string("the driver has no function ") + missing);
    const auto get_queues = [&](std::uint32_t family, std::uint32_t queues, auto& list) {
        for (std::uint32_t k = 0; k < queues; ++k) {
            auto made = std::make_unique<DriverQueue>();
            api_.get_queue(device_, family, k, &made->queue);
            list.push_back(std::move(made));
        }
    };
    get_queues(traits_.compute_family, count, queues_);
    get_queues(traits_.transfer_family, transfer_count, transfer_queues_);
    check(VK_SUCCESS, "vkCreateDevice", "opening the device");
}

void Context::give_up(const std::string& why) const {
    {
        const std::lock_guard lock(reason_mutex_);
        if (reason_.empty()) reason_ = why;
    }
    if (!is_lost_.exchange(true, std::memory_order_acq_rel)) runtime::log().error("{} is lost: {}", id_, why);
}

void Context::check_alive(std::string_view operation) const {
    if (!is_lost()) return;
    const std::lock_guard lock(reason_mutex_);
    throw Error(ErrorCode::device_lost, "the device died earlier: " + reason_, std::string(operation), id_);
}

void Context::check(VkResult result, const char* call, std::string_view operation) const {
    if (instance_->is_validated()) {
        const std::string said = take_validation_errors();
        if (!said.empty())
            throw Error(ErrorCode::internal, "Vulkan's validation layer: " + said, std::string(operation),
                        id_);
    }
    if (result == VK_SUCCESS) return;
    check_alive(operation);
    const std::string text = std::string(call) + ": " + result_name(result);
    if (result == VK_ERROR_DEVICE_LOST) give_up(text + " in " + std::string(operation));
    throw Error(code_of(result), text, std::string(operation), id_);
}

DriverQueue& Context::take_queue(QueueUse use) {
    const std::lock_guard lock(mutex_);
    auto& queues = use == QueueUse::transfer && !transfer_queues_.empty() ? transfer_queues_ : queues_;
    DriverQueue& least = **std::min_element(queues.begin(), queues.end(),
                                            [](const auto& a, const auto& b) { return a->users < b->users; });
    ++least.users;
    return least;
}

void Context::return_queue(DriverQueue& queue) noexcept {
    const std::lock_guard lock(mutex_);
    --queue.users;
}

std::unique_ptr<Stream> Context::take_stream(QueueUse use) {
    {
        const std::lock_guard lock(mutex_);
        auto& streams = use == QueueUse::transfer ? transfer_streams_ : streams_;
        if (!streams.empty()) {
            std::unique_ptr<Stream> stream = std::move(streams.back());
            streams.pop_back();
            return stream;
        }
    }
    return std::make_unique<Stream>(*this, use);
}

void Context::return_stream(std::unique_ptr<Stream> stream) noexcept {
    // The work of a lost device never ends: what its streams keep alive would keep this context alive.
    if (is_lost()) return;
    const std::lock_guard lock(mutex_);
    auto& streams = stream->use() == QueueUse::transfer ? transfer_streams_ : streams_;
    if (streams.size() < most_idle_streams) streams.push_back(std::move(stream));
}

std::unique_ptr<MemoryBlock> Context::take_staging() {
    {
        const std::lock_guard lock(mutex_);
        if (!staging_.empty()) {
            std::unique_ptr<MemoryBlock> block = std::move(staging_.back());
            staging_.pop_back();
            return block;
        }
    }
    return std::make_unique<MemoryBlock>(*this, MemoryUse::staging, staging_bytes);
}

void Context::return_staging(std::unique_ptr<MemoryBlock> block) noexcept {
    const std::lock_guard lock(mutex_);
    if (staging_.size() < most_idle_staging) staging_.push_back(std::move(block));
}

TimestampSlot Context::take_timestamp() {
    const std::lock_guard lock(mutex_);
    if (timestamps_.empty()) {
        auto create = vulkan::make<VkQueryPoolCreateInfo>(VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO);
        create.queryType = VK_QUERY_TYPE_TIMESTAMP;
        create.queryCount = timestamps_a_pool;
        VkQueryPool pool = nullptr;
        check(api_.create_query_pool(device_, &create, nullptr, &pool), "vkCreateQueryPool",
              "recording of an event");
        timestamp_pools_.push_back(pool);
        for (std::uint32_t k = timestamps_a_pool; k-- > 0;) timestamps_.push_back({pool, k});
    }
    const TimestampSlot slot = timestamps_.back();
    timestamps_.pop_back();
    return slot;
}

void Context::return_timestamp(TimestampSlot slot) noexcept {
    const std::lock_guard lock(mutex_);
    timestamps_.push_back(slot);
}

Timestamp::Timestamp(Context& context) : context_(context), slot_(context.take_timestamp()) {}

Timestamp::~Timestamp() {
    context_.return_timestamp(slot_);
}

}  // namespace heddle::vulkan
