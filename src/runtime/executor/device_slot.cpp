// The slot's bookkeeping: opening, loading, spare memory, waiting, and what becomes of a device that is lost.
#include "runtime/executor/device_slot.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <heddle/error.h>
#include <heddle/event.h>

#include "runtime/executor/cost_model.h"
#include "runtime/executor/data_state.h"
#include "runtime/hal.h"
#include "runtime/log.h"
#include "runtime/polling.h"

namespace heddle::detail {

namespace {

/// Spare buffers of a device: no more than this share of its memory, nor than so many bytes.
constexpr std::uint64_t spare_share = 8, most_spare_bytes = std::uint64_t{1} << 30;
/// A spare buffer does for less than its size, but not for much less.
constexpr std::size_t most_waste = 2;
constexpr std::size_t least_buffer = 4096;
constexpr std::size_t most_staging = 4;
constexpr std::chrono::milliseconds longest_pause = std::chrono::minutes(5);

void keep_for_ever(std::shared_ptr<void> used) {
    static std::mutex mutex;
    static auto& all = *new std::vector<std::shared_ptr<void>>;  // no destructor runs at the process's end
    const std::lock_guard lock(mutex);
    all.push_back(std::move(used));
}

}  // namespace

Program CodeState::load(const Device& device) const {
    return package.empty() ? Program::from_source(device, source, file_name, options)
                           : Program::from_package(device, package, options);
}

const KernelInfo* CodeState::info(std::string_view kernel) {
    const std::lock_guard lock(mutex);
    const auto found = infos.find(kernel);
    return found == infos.end() ? nullptr : &found->second;  // entries stay
}

void CodeState::remember(const KernelInfo& info, std::string_view kernel) {
    const std::lock_guard lock(mutex);
    infos.try_emplace(std::string(kernel), info);
}

DeviceSlot::DeviceSlot(Device device, const ExecutorOptions& options)
    : device_(std::move(device)),
      id_(device_.id()),
      method_(method_of(device_.info())),
      key_(executor::device_key(device_.info())),
      time_limit_(options.time_limit),
      memory_limit_(options.memory_limit),
      first_pause_(options.first_pause) {}

DeviceSlot::~DeviceSlot() = default;

std::optional<std::string> DeviceSlot::obstacle(Clock::time_point now) const {
    if (!is_lost()) return std::nullopt;
    const std::lock_guard lock(health_mutex_);
    if (now >= lost_pause_.until) return std::nullopt;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(lost_pause_.until - now).count();
    return fmt::format("lost ({}); looked at again in {:.1f} s", lost_because_,
                       static_cast<double>(left) / 1e3);
}

void DeviceSlot::open() {
    if (is_lost()) {
        // Until it has worked, the next pause is longer.
        {
            const std::lock_guard lock(health_mutex_);
            lost_pause_.extend(first_pause_);
        }
        if (std::shared_ptr<hal::Device> again = device_.impl().reopened())
            device_ = Device(std::move(again), DeviceInfo(device_.info()));
        queue_.emplace(device_);
        is_lost_.store(false, std::memory_order_release);
        runtime::log().info("{} is used again", id_);
        return;
    }
    if (!queue_) queue_.emplace(device_);
}

const Kernel& DeviceSlot::kernel(const std::shared_ptr<CodeState>& code, const std::string& name,
                                 bool& was_cold) {
    const auto found = kernels_.find({code.get(), name});
    if (found != kernels_.end()) return found->second.second;
    was_cold = true;
    auto program = programs_.find(code.get());
    if (program == programs_.end()) program = programs_.emplace(code.get(), code->load(device_)).first;
    Kernel kernel = program->second.kernel(name);
    code->remember(kernel.info(), name);
    // The code is held as long as its address is a key.
    return kernels_.emplace(std::pair(code.get(), name), std::pair(code, std::move(kernel)))
        .first->second.second;
}

Buffer DeviceSlot::take(std::size_t bytes, bool& was_cold) {
    bytes = std::max(bytes, least_buffer);
    {
        const std::lock_guard lock(spares_mutex_);
        const auto found = spares_.lower_bound(bytes);
        if (found != spares_.end() && found->first / most_waste <= bytes) {
            Buffer buffer = std::move(found->second);
            spare_bytes_ -= found->first;
            spares_.erase(found);
            return buffer;
        }
    }
    was_cold = true;
    const auto is_over = [&] { return memory_limit_ && held_bytes() + bytes > *memory_limit_; };
    if (is_over()) release_spares();
    if (is_over()) evict();
    if (is_over())
        throw Error(ErrorCode::out_of_memory,
                    fmt::format("{} bytes were asked, {} are in use, and the executor's limit is {}", bytes,
                                held_bytes(), *memory_limit_),
                    "allocation", id_);
    Buffer buffer = device_.allocate(bytes);
    held_.fetch_add(buffer.size_bytes(), std::memory_order_relaxed);
    return buffer;
}

void DeviceSlot::give_back(Buffer buffer, std::uint64_t generation) noexcept {
    if (buffer.size_bytes() == 0 || generation != this->generation()) return;
    const std::size_t bytes = buffer.size_bytes();
    const std::lock_guard lock(spares_mutex_);
    const std::uint64_t most = std::min(device_.info().memory_bytes / spare_share, most_spare_bytes);
    if (spare_bytes_ + bytes > most) {
        held_.fetch_sub(bytes, std::memory_order_relaxed);
        return;
    }
    try {
        spares_.emplace(bytes, std::move(buffer));
        spare_bytes_ += bytes;
    } catch (const std::bad_alloc&) {
        held_.fetch_sub(bytes, std::memory_order_relaxed);
    }
}

void DeviceSlot::discard(Buffer buffer) noexcept {
    held_.fetch_sub(buffer.size_bytes(), std::memory_order_relaxed);
}

DeviceSlot::Staging DeviceSlot::take_staging(std::size_t bytes) {
    for (auto at = stagings_.begin(); at != stagings_.end(); ++at) {
        if (at->size_bytes() < bytes) continue;
        Staging staging = std::move(*at);
        stagings_.erase(at);
        return staging;
    }
    Staging staging;
    try {
        staging.pinned = device_.allocate_host(std::max(bytes, least_buffer));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::out_of_memory) throw;
        runtime::log().debug("{}: results go through pageable memory: {}", id_, error.what());
        staging.pageable.resize(std::max(bytes, least_buffer));
    }
    return staging;
}

void DeviceSlot::give_back(Staging staging) {
    std::uint64_t kept = staging.size_bytes();
    for (const Staging& each : stagings_) kept += each.size_bytes();
    if (stagings_.size() < most_staging && kept <= most_spare_bytes) stagings_.push_back(std::move(staging));
}

void DeviceSlot::release_spares() {
    std::multimap<std::size_t, Buffer> all;
    {
        const std::lock_guard lock(spares_mutex_);
        all.swap(spares_);
        held_.fetch_sub(std::exchange(spare_bytes_, 0), std::memory_order_relaxed);
    }
    stagings_.clear();
}

void DeviceSlot::add_resident(const std::shared_ptr<DataState>& data) {
    std::erase_if(residents, [](const auto& each) { return each.expired(); });
    residents.push_back(data);
}

void DeviceSlot::evict() {
    for (const std::weak_ptr<DataState>& each : residents) {
        const std::shared_ptr<DataState> data = each.lock();
        if (data == nullptr) continue;
        // Data that an operation holds is in use, perhaps by this one; to wait for it could wait for ever.
        if (data->is_in_use) continue;
        const std::unique_lock lock(data->mutex, std::try_to_lock);
        if (lock.owns_lock()) data->evict_from(*this);
    }
}

void DeviceSlot::wait(Clock::time_point start, const std::string& operation) {
    if (!time_limit_) {
        queue_->synchronize();
        return;
    }
    const Event end = queue_->record();
    while (!end.ready()) {
        const auto waited = Clock::now() - start;
        if (waited > *time_limit_)
            throw Error(
                ErrorCode::timeout,
                fmt::format("it did not end within {} ms, the executor's limit", time_limit_->count()),
                operation, id_);
        runtime::pause_polling(waited);
    }
    queue_->synchronize();
}

void DeviceSlot::note_success() noexcept {
    failures_.store(0, std::memory_order_relaxed);
    if (!has_paused_.exchange(false, std::memory_order_relaxed)) return;
    const std::lock_guard lock(health_mutex_);
    lost_pause_ = failure_pause_ = {};
}

void DeviceSlot::note_failure(std::string_view kernel) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    has_paused_.store(true, std::memory_order_relaxed);
    const std::lock_guard lock(health_mutex_);
    if (kernel.empty()) {
        failure_pause_.extend(first_pause_);
    } else {
        kernel_pauses_[std::string(kernel)].extend(first_pause_);
        has_kernel_pauses_.store(true, std::memory_order_relaxed);
    }
}

bool DeviceSlot::is_avoided(std::string_view kernel, Clock::time_point now) const {
    if (!has_paused_.load(std::memory_order_relaxed) && !has_kernel_pauses_.load(std::memory_order_relaxed))
        return false;
    const std::lock_guard lock(health_mutex_);
    if (now < failure_pause_.until) return true;
    const auto found = kernel_pauses_.find(kernel);
    return found != kernel_pauses_.end() && now < found->second.until;
}

void DeviceSlot::Pause::extend(std::chrono::milliseconds first) {
    length = length.count() == 0 ? first : std::min(length * 2, longest_pause);
    until = Clock::now() + length;
}

void DeviceSlot::lose(const Error& why, std::shared_ptr<void> used) {
    std::chrono::milliseconds pause{};
    {
        const std::lock_guard lock(health_mutex_);
        lost_because_ = why.reason();
        has_paused_.store(true, std::memory_order_relaxed);
        lost_pause_.extend(first_pause_);
        pause = lost_pause_.length;
    }
    is_lost_.store(true, std::memory_order_release);
    generation_.fetch_add(1, std::memory_order_acq_rel);
    held_.store(0, std::memory_order_relaxed);
    struct Remains {
        std::optional<Queue> queue;
        std::multimap<std::size_t, Buffer> spares;
        std::vector<Staging> stagings;
        decltype(kernels_) kernels;
        decltype(programs_) programs;
        std::shared_ptr<void> used;
    };
    auto remains = std::make_shared<Remains>();
    remains->queue = std::exchange(queue_, std::nullopt);
    {
        const std::lock_guard lock(spares_mutex_);
        remains->spares.swap(spares_);
        spare_bytes_ = 0;
    }
    remains->stagings.swap(stagings_);
    remains->kernels.swap(kernels_);
    remains->programs.swap(programs_);
    remains->used = std::move(used);
    // Work that hangs on a device that cannot be abandoned goes on; nobody may wait for its queue, and what
    // it uses must stay.
    const bool may_still_run = why.code() == ErrorCode::timeout && !device_.impl().abandon(why.reason());
    if (may_still_run) keep_for_ever(std::move(remains));
    runtime::log().warn("{} is left out for {} ms: {}", id_, pause.count(), why.what());
}

}  // namespace heddle::detail
