// Takes blocks from the driver and gives them back when they have been empty and others are.
#include "backends/vulkan/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "backends/vulkan/context.h"

namespace heddle::vulkan {

namespace {

constexpr std::uint64_t alignment = 256, most_block = std::uint64_t{64} << 20;

constexpr std::uint64_t aligned(std::uint64_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
}

/// The first memory type of `allowed` that has all of `wanted` and none of `unwanted`.
std::optional<std::uint32_t> find_type(const VkPhysicalDeviceMemoryProperties& memory, std::uint32_t allowed,
                                       VkMemoryPropertyFlags wanted, VkMemoryPropertyFlags unwanted) {
    for (std::uint32_t k = 0; k < memory.memoryTypeCount; ++k) {
        const VkMemoryPropertyFlags flags = memory.memoryTypes[k].propertyFlags;
        if ((allowed >> k & 1U) != 0 && (flags & wanted) == wanted && (flags & unwanted) == 0) return k;
    }
    return std::nullopt;
}

struct TypeWish {
    VkMemoryPropertyFlags wanted, unwanted;
};

std::uint32_t choose_type(const Context& context, MemoryUse use, std::uint32_t allowed) {
    constexpr VkMemoryPropertyFlags local = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT,
                                    visible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                              VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
                                    cached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT,
                                    special = VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT |
                                              VK_MEMORY_PROPERTY_PROTECTED_BIT;
    static constexpr TypeWish unified[] = {
        {local | visible | cached, special}, {local, special}, {0, special}};
    static constexpr TypeWish separate[] = {
        {local, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | special}, {local, special}, {0, special}};
    static constexpr TypeWish staging[] = {
        {visible | cached, local | special}, {visible | cached, special}, {visible, special}};
    auto memory =
        make<VkPhysicalDeviceMemoryProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2);
    context.instance().api().memory_properties2(context.traits().physical, &memory);
    const auto& wishes = use == MemoryUse::staging       ? staging
                         : context.traits().is_unified() ? unified
                                                         : separate;
    for (const TypeWish& wish : wishes)
        if (const auto type = find_type(memory.memoryProperties, allowed, wish.wanted, wish.unwanted))
            return *type;
    throw Error(ErrorCode::out_of_memory, "the device has no memory of the kind that is needed", "allocation",
                context.id());
}

}  // namespace

MemoryBlock::MemoryBlock(Context& context, MemoryUse use, std::uint64_t bytes)
    : context_(context), bytes_(bytes) {
    const DeviceApi& api = context_.api();
    auto create = make<VkBufferCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO);
    create.size = bytes;
    create.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                   VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
    const std::uint32_t families[] = {context_.family_of(QueueUse::compute),
                                      context_.family_of(QueueUse::transfer)};
    if (context_.has_transfer_queues() && families[0] != families[1]) {
        create.sharingMode = VK_SHARING_MODE_CONCURRENT;
        create.queueFamilyIndexCount = 2;
        create.pQueueFamilyIndices = families;
    }
    try {
        context_.check(api.create_buffer(context_.device(), &create, nullptr, &buffer_), "vkCreateBuffer",
                       "allocation");
        VkMemoryRequirements needs{};
        api.buffer_requirements(context_.device(), buffer_, &needs);
        auto flags = make<VkMemoryAllocateFlagsInfo>(VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO);
        flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
        auto allocate = make<VkMemoryAllocateInfo>(VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO);
        allocate.pNext = &flags;
        allocate.allocationSize = needs.size;
        allocate.memoryTypeIndex = choose_type(context_, use, needs.memoryTypeBits);
        context_.check(api.allocate_memory(context_.device(), &allocate, nullptr, &memory_),
                       "vkAllocateMemory", "allocation");
        context_.check(api.bind_buffer(context_.device(), buffer_, memory_, 0), "vkBindBufferMemory",
                       "allocation");
        auto memory =
            make<VkPhysicalDeviceMemoryProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2);
        context_.instance().api().memory_properties2(context_.traits().physical, &memory);
        constexpr VkMemoryPropertyFlags visible =
            VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
        const VkMemoryPropertyFlags has =
            memory.memoryProperties.memoryTypes[allocate.memoryTypeIndex].propertyFlags;
        if ((has & visible) == visible && (use == MemoryUse::staging || context_.traits().is_unified())) {
            void* place = nullptr;
            context_.check(api.map_memory(context_.device(), memory_, 0, VK_WHOLE_SIZE, 0, &place),
                           "vkMapMemory", "allocation");
            mapped_ = static_cast<std::byte*>(place);
        }
        auto info = make<VkBufferDeviceAddressInfo>(VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO);
        info.buffer = buffer_;
        address_ = api.buffer_address(context_.device(), &info);
    } catch (...) {
        release();
        throw;
    }
}

MemoryBlock::~MemoryBlock() {
    release();
}

void MemoryBlock::release() noexcept {
    // Work that makes no end may still use the memory of a device that was given up.
    if (context_.is_lost()) return;
    if (buffer_ != nullptr) context_.api().destroy_buffer(context_.device(), buffer_, nullptr);
    if (memory_ != nullptr) context_.api().free_memory(context_.device(), memory_, nullptr);
}

MemoryPool::MemoryPool(Context& context) : context_(context) {
    const HeapState heap = heap_state(context_.instance(), context_.traits());
    usual_block_ = std::min(most_block, aligned(heap.bytes / 32));
}

MemoryPool::~MemoryPool() = default;

std::uint64_t MemoryPool::free_bytes() const {
    const HeapState heap = heap_state(context_.instance(), context_.traits());
    // Without a budget from the driver all that is known is what this process holds.
    return context_.traits().has_memory_budget ? heap.free_bytes
                                               : heap.bytes - std::min(heap.bytes, held_bytes_);
}

MemoryPool::Block MemoryPool::make_block(std::uint64_t bytes) {
    // Vulkan promises no alignment of addresses.
    auto memory = std::make_unique<MemoryBlock>(context_, MemoryUse::device, bytes + alignment);
    const std::uint64_t begin = aligned(memory->address()) - memory->address();
    return {std::move(memory), FreeRanges(begin, bytes)};
}

std::optional<Slice> MemoryPool::take(Block& block, std::uint64_t bytes, std::uint64_t rounded) {
    const std::optional<std::uint64_t> offset = block.free.take(rounded);
    if (!offset) return std::nullopt;
    const MemoryBlock& memory = *block.memory;
    const Slice slice{memory.buffer(), *offset, bytes, memory.address() + *offset,
                      memory.mapped() == nullptr ? nullptr : memory.mapped() + *offset};
    slices_.emplace(slice.address, bytes);
    return slice;
}

Slice MemoryPool::allocate(std::uint64_t bytes) {
    if (bytes == 0) return {};
    context_.check_alive("allocation");
    const std::uint64_t rounded = aligned(bytes);
    const bool overflows = rounded < bytes;
    const std::lock_guard lock(mutex_);
    if (!overflows)
        for (auto& [address, block] : blocks_)
            if (const std::optional<Slice> slice = take(block, bytes, rounded)) return *slice;
    const std::uint64_t size = rounded > usual_block_ / 2 ? rounded : usual_block_;
    const std::uint64_t free = free_bytes(), most = context_.traits().most_allocation_bytes;
    std::string driver;
    // A budget is an estimate: what is a little over it is tried all the same. So is what is over the limit
    // of one allocation where that says less than drivers can do; software promises what it cannot keep.
    const bool is_over_limit = context_.traits().is_software() && size > most;
    if (!overflows && !is_over_limit && size <= free + free / 16) {
        try {
            Block made = make_block(size);
            const std::uint64_t address = made.memory->address();
            held_bytes_ += made.memory->bytes();
            const auto [place, is_new] = blocks_.emplace(address, std::move(made));
            if (const std::optional<Slice> slice = take(place->second, bytes, rounded)) return *slice;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::out_of_memory) throw;
            driver = "; " + error.reason();
        }
    }
    throw Error(
        ErrorCode::out_of_memory,
        fmt::format("{} bytes were asked for, {} are free{}{}", bytes, free,
                    bytes > most ? fmt::format(", and one allocation may have {}", most) : "", driver),
        "allocation", context_.id());
}

void MemoryPool::free(const Slice& slice) noexcept {
    if (slice.bytes == 0) return;
    const std::lock_guard lock(mutex_);
    slices_.erase(slice.address);
    const auto after = blocks_.upper_bound(slice.address);
    if (after == blocks_.begin()) return;
    const auto block = std::prev(after);
    block->second.free.give_back(slice.offset, aligned(slice.bytes));
    if (!block->second.free.is_all_free()) return;
    // One empty block of the usual size stays: programs often free and allocate by turns.
    const std::uint64_t size = block->second.memory->bytes();
    const bool is_usual = size == usual_block_ + alignment;
    const bool is_only = std::none_of(blocks_.begin(), blocks_.end(), [&](const auto& other) {
        return other.first != block->first && other.second.free.is_all_free();
    });
    if (is_usual && is_only) return;
    held_bytes_ -= size;
    blocks_.erase(block);
}

std::optional<Slice> MemoryPool::find(std::uint64_t address) const {
    const std::lock_guard lock(mutex_);
    auto slice = slices_.upper_bound(address);
    auto block = blocks_.upper_bound(address);
    if (slice == slices_.begin() || block == blocks_.begin()) return std::nullopt;
    --slice;
    --block;
    const std::uint64_t within = address - slice->first;
    if (within >= slice->second) return std::nullopt;
    const MemoryBlock& memory = *block->second.memory;
    const std::uint64_t offset = address - memory.address();
    return Slice{memory.buffer(), offset, slice->second - within, address,
                 memory.mapped() == nullptr ? nullptr : memory.mapped() + offset};
}

VulkanAllocation::VulkanAllocation(std::shared_ptr<Context> context, std::size_t bytes)
    : context_(std::move(context)), slice_(context_->memory().allocate(bytes)) {}

VulkanAllocation::~VulkanAllocation() {
    context_->memory().free(slice_);
}

VulkanHostMemory::VulkanHostMemory(std::shared_ptr<Context> context, std::size_t bytes)
    : context_(std::move(context)), bytes_(bytes) {
    constexpr const char* operation = "allocation of pinned host memory";
    context_->check_alive(operation);
    if (bytes == 0) return;
    const std::string asked = std::to_string(bytes) + " bytes were asked for";
    // Software promises what it cannot keep.
    const DeviceTraits& traits = context_->traits();
    const std::uint64_t heap = heap_state(context_->instance(), traits).bytes;
    if (traits.is_software() && bytes > std::min(traits.most_allocation_bytes, heap))
        throw Error(ErrorCode::out_of_memory,
                    fmt::format("{}, and one allocation may have {}", asked,
                                std::min(traits.most_allocation_bytes, heap)),
                    operation, context_->id());
    try {
        block_ = std::make_unique<MemoryBlock>(*context_, MemoryUse::staging, bytes);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::out_of_memory) throw;
        throw Error(ErrorCode::out_of_memory, asked + ": " + error.reason(), operation, context_->id());
    }
    if (block_->mapped() == nullptr)
        throw Error(ErrorCode::out_of_memory, asked + ", and the device has no memory that the host sees",
                    operation, context_->id());
}

VulkanHostMemory::~VulkanHostMemory() {
    if (block_ != nullptr) context_->host_ranges().remove(block_->mapped());
}

Slice VulkanHostMemory::slice() const noexcept {
    return {block_->buffer(), 0, bytes_, block_->address(), block_->mapped()};
}

}  // namespace heddle::vulkan
