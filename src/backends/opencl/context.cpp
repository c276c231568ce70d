// The list of a device's allocations, and errors from statuses.
#include "backends/opencl/context.h"

namespace heddle::opencl {

namespace {

ErrorCode code_of(Status status) {
    switch (status) {
        case constants::allocation_failure:
        case constants::out_of_resources:
        case constants::out_of_host_memory:
            return ErrorCode::out_of_memory;
        case constants::device_not_available:
        case constants::invalid_command_queue:  // what some drivers say of every call once a kernel has died
        case -9999:
            return ErrorCode::device_lost;
        default:
            return ErrorCode::launch_failed;
    }
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
    std::string reason = call + ": " + status_name(status);
    if (code_of(status) == ErrorCode::out_of_memory)
        reason += "; " + std::to_string(held_bytes()) + " of " + std::to_string(traits_.memory_bytes) +
                  " bytes are in use";
    throw Error(code_of(status), reason, operation, id_);
}

void Context::add(Range range) {
    const std::lock_guard lock(mutex_);
    ranges_.emplace(range.begin, range.bytes);
    held_ += range.bytes;
}

void Context::remove(std::uint64_t begin) noexcept {
    const std::lock_guard lock(mutex_);
    const auto found = ranges_.find(begin);
    if (found == ranges_.end()) return;
    held_ -= found->second;
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
