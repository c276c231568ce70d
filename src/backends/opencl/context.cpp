// The list of a device's allocations, errors from statuses, waits with a time limit.
#include "backends/opencl/context.h"

#include <chrono>
#include <optional>

#include "runtime/environment.h"
#include "runtime/log.h"
#include "runtime/polling.h"

namespace heddle::opencl {

namespace {

ErrorCode code_of(Status status, const std::string& call) {
    switch (status) {
        case constants::out_of_resources:
            // Of a wait: what a kernel has done, an access to memory that is not there among others.
            if (call == "clWaitForEvents" || call == "clFinish") return ErrorCode::launch_failed;
            return ErrorCode::out_of_memory;
        case constants::allocation_failure:
        case constants::out_of_host_memory:
            return ErrorCode::out_of_memory;
        case constants::device_not_available:
        case constants::invalid_command_queue:
            return ErrorCode::device_lost;
        default:
            return ErrorCode::launch_failed;
    }
}

// Statuses after which a driver refuses everything.
bool is_fatal(Status status) {
    return status == constants::device_not_available ||
           status == constants::invalid_command_queue ||  // of every call once a kernel has died
           status == constants::illegal_access;
}

}  // namespace

Context::Context(const Api& api, DeviceId device, Handle<ContextId> context, std::string id, Traits traits)
    : api_(api),
      device_(device),
      context_(std::move(context)),
      id_(std::move(id)),
      traits_(std::move(traits)) {}

void Context::check(Status status, const std::string& call, const std::string& operation) const {
    if (status != constants::success) refuse(status, call, operation);
}

void Context::refuse(Status status, const std::string& call, const std::string& operation) const {
    check_alive(operation);
    std::string reason = call + ": " + status_name(status);
    if (code_of(status, call) == ErrorCode::out_of_memory)
        reason += "; " + std::to_string(held_bytes()) + " of " + std::to_string(traits_.memory_bytes) +
                  " bytes are in use";
    if (is_fatal(status)) give_up(reason);
    throw Error(code_of(status, call), reason, operation, id_);
}

void Context::give_up(const std::string& why) const {
    {
        const std::lock_guard lock(mutex_);
        if (lost_because_.empty()) lost_because_ = why;
    }
    if (!is_lost_.exchange(true, std::memory_order_acq_rel)) runtime::log().error("{} is lost: {}", id_, why);
}

void Context::check_alive(std::string_view operation) const {
    if (!is_lost()) return;
    const std::lock_guard lock(mutex_);
    throw Error(ErrorCode::device_lost, "the device died earlier: " + lost_because_, std::string(operation),
                id_);
}

Status Context::await(EventId event, const std::string& operation) const {
    using Clock = std::chrono::steady_clock;
    const std::optional<std::chrono::milliseconds> limit = environment::timeout();
    if (!limit) return api_.wait_for_events(1, &event);
    const auto start = Clock::now();
    for (;;) {
        std::int32_t state = 1;
        const Status status =
            api_.get_event_info(event, constants::event_status, sizeof state, &state, nullptr);
        if (status != constants::success) return status;
        if (state <= constants::event_complete) return state;  // negative: a status
        const auto waited = Clock::now() - start;
        if (waited > *limit) {
            const std::string why =
                "work did not end within " + std::to_string(limit->count()) + " ms (HEDDLE_TIMEOUT_MS)";
            give_up(why);
            throw Error(ErrorCode::timeout, why, operation, id_);
        }
        runtime::pause_polling(waited);
    }
}

void Context::keep_for_ever(std::shared_ptr<void> used) {
    static std::mutex mutex;
    static auto& all = *new std::vector<std::shared_ptr<void>>;  // no destructor runs at the process's end
    const std::lock_guard lock(mutex);
    all.push_back(std::move(used));
}

void Context::add(Range range) {
    const std::lock_guard lock(mutex_);
    ranges_.emplace(range.begin, range.bytes);
    generation_.fetch_add(1, std::memory_order_release);
    held_ += range.bytes;
}

void Context::remove(std::uint64_t begin) noexcept {
    const std::lock_guard lock(mutex_);
    const auto found = ranges_.find(begin);
    if (found == ranges_.end()) return;
    held_ -= found->second;
    generation_.fetch_add(1, std::memory_order_release);
    ranges_.erase(found);
}

std::uint64_t Context::held_bytes() const {
    const std::lock_guard lock(mutex_);
    return held_;
}

std::vector<Range> Context::ranges() const {
    const std::lock_guard lock(mutex_);
    std::vector<Range> all;
    all.reserve(ranges_.size());
    for (const auto& [begin, bytes] : ranges_) all.push_back({begin, bytes});
    return all;
}

Range Context::find(std::uint64_t address) const {
    const std::lock_guard lock(mutex_);
    auto after = ranges_.upper_bound(address);
    if (after == ranges_.begin()) return {};
    --after;
    return address - after->first < after->second ? Range{after->first, after->second} : Range{};
}

}  // namespace heddle::opencl
