// Errors, memory and the clock of one GPU.
#include "backends/cuda/context.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <utility>

#include "backends/cuda/await.h"
#include "runtime/log.h"

namespace heddle::cuda {

namespace {

constexpr std::uint64_t base_lifetime_ns = 1'000'000'000;

std::uint64_t host_now_ns() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

// Errors after which the driver refuses everything in this process's context.
bool kills_context(CUresult error) {
    switch (error) {
        case cuda_error_illegal_address:
        case cuda_error_launch_timeout:
        case cuda_error_assert:
        case cuda_error_launch_failed:
        case cuda_error_deinitialized:
        case cuda_error_unknown:
        case 214:  // an uncorrectable memory error
        case 709:  // the context is destroyed
        case 714:  // hardware stack error
        case 715:  // illegal instruction
        case 716:  // misaligned address
        case 717:  // invalid address space
        case 718:  // invalid program counter
            return true;
        default:
            return false;
    }
}

ErrorCode code_of(CUresult error) {
    switch (error) {
        case cuda_error_out_of_memory:
            return ErrorCode::out_of_memory;
        case 1:  // invalid value
        case cuda_error_launch_out_of_resources:
            return ErrorCode::launch_failed;
        case cuda_error_invalid_ptx:
        case cuda_error_unsupported_ptx_version:
        case 200:  // invalid image
        case 209:  // no binary for the GPU
            return ErrorCode::unsupported;
        case cuda_error_no_device:
        case 46:  // the device is in use
            return ErrorCode::device_unavailable;
        default:
            return kills_context(error) ? ErrorCode::launch_failed : ErrorCode::internal;
    }
}

}  // namespace

Context::Context(const Api& api, CUdevice device, std::string id)
    : api_(api), device_(device), id_(std::move(id)) {
    const CUresult result = api_.primary_context_retain(&context_, device_);
    if (result != cuda_success)
        throw Error(ErrorCode::device_unavailable, api_.describe(result), "opening the device", id_);
    const Current current = make_current();
    int has_pools = 0;
    api_.device_attribute(&has_pools, DeviceAttribute::memory_pools_supported, device_);
    if (has_pools != 0) {
        CUmemPoolProps properties{};
        properties.alloc_type = 1;
        properties.location_type = 1;
        properties.location_id = device_;
        if (api_.pool_create(&pool_, &properties) == cuda_success) {
            std::uint64_t keep = ~std::uint64_t{0};  // until memory runs short
            api_.pool_set_attribute(pool_, pool_release_threshold, &keep);
        } else {
            pool_ = nullptr;
        }
    }
    check(api_.stream_create(&memory_stream_, stream_non_blocking), "creating a stream");
}

Context::~Context() {
    base_.reset();
    // What is destroyed or released waits for the device, which does not answer.
    if (is_lost()) return;
    const Current current = make_current();
    // Streams keep this context alive: none is left that could use host memory.
    for (const HostInUse& each : host_in_use_) {
        api_.host_free(each.memory);
        for (CUevent event : each.events) api_.event_destroy(event);
    }
    for (CUevent event : events_) api_.event_destroy(event);
    api_.stream_destroy(memory_stream_);
    // The pool is left to the context: memory that is still being freed belongs to it.
    api_.primary_context_release(device_);
}

void Context::give_up(const std::string& why) const {
    {
        const std::lock_guard lock(reason_mutex_);
        if (reason_.empty()) reason_ = why;
    }
    if (!is_lost_.exchange(true, std::memory_order_acq_rel)) runtime::log().error("{} is lost: {}", id_, why);
}

void Context::prepare_reopening() const {
    constexpr const char* operation = "opening the device again";
    CUresult state = cuda_success;
    {
        const Current current = make_current();
        state = api_.stream_query(memory_stream_);
        const std::lock_guard lock(streams_mutex_);
        for (CUstream stream : streams_)
            if (state == cuda_success) state = api_.stream_query(stream);
    }
    if (state == cuda_success) return;  // the work has ended after all
    if (state == cuda_error_not_ready)
        throw Error(ErrorCode::device_unavailable, "the work that was given up still runs", operation, id_);
    const CUresult result = api_.primary_context_reset(device_);
    if (result != cuda_success)
        throw Error(ErrorCode::device_unavailable, api_.describe(result), operation, id_);
}

void Context::check_alive(const char* operation) const {
    if (!is_lost()) return;
    const std::lock_guard lock(reason_mutex_);
    throw Error(ErrorCode::device_lost, "the device died earlier: " + reason_, operation, id_);
}

void Context::check(CUresult result, const char* operation) const {
    if (result == cuda_success) return;
    check_alive(operation);
    const std::string text = api_.describe(result);
    if (kills_context(result)) give_up(text);
    throw Error(code_of(result), text, operation, id_);
}

bool Context::open_way_from(const Context& source) const {
    if (api_.device_can_access_peer == nullptr || api_.copy_peer_async == nullptr) return false;
    const Current current = make_current();
    int can = 0;
    if (api_.device_can_access_peer(&can, device_, source.device_) != cuda_success || can == 0) return false;
    CUresult result = cuda_success;
    if (source.pool_ != nullptr) {
        // A pool's memory is open to those that it names, whatever contexts have agreed on.
        if (api_.pool_set_access == nullptr) return false;
        const CUmemAccessDesc access{1, device_, 3};
        result = api_.pool_set_access(source.pool_, &access, 1);
    } else if (api_.context_enable_peer != nullptr) {
        result = api_.context_enable_peer(source.context_, 0);
        if (result == cuda_error_peer_access_enabled) result = cuda_success;
    }
    if (result != cuda_success)
        runtime::log().warn("{}: no direct way to the memory of {}: {}", id_, source.id_,
                            api_.describe(result));
    return result == cuda_success;
}

bool Context::reaches(const Context& source) {
    if (&source == this || &source.api_ != &api_ || source.is_lost()) return false;
    const std::lock_guard lock(peers_mutex_);
    const auto [known, is_new] = peers_.try_emplace(source.device_, false);
    if (is_new) known->second = open_way_from(source);
    return known->second;
}

CUresult Context::copy_from(const Context& source, CUdeviceptr from, CUdeviceptr to, std::size_t bytes,
                            CUstream stream) const {
    return api_.copy_peer_async(to, context_, from, source.context_, bytes, stream);
}

CUresult Context::try_allocate(std::size_t bytes, CUdeviceptr& address) {
    if (pool_ == nullptr) return api_.memory_allocate(&address, bytes);
    const CUresult result = api_.pool_allocate(&address, bytes, pool_, memory_stream_);
    if (result != cuda_success) return result;
    // Other streams may use it at once: it has to be there. What is being freed may wait for work without
    // end.
    await(
        *this, "allocating memory", [&] { return api_.stream_query(memory_stream_); },
        [&] { return api_.stream_synchronize(memory_stream_); });
    return cuda_success;
}

CUdeviceptr Context::allocate(std::size_t bytes) {
    check_alive("allocating memory");
    const Current current = make_current();
    CUdeviceptr address = 0;
    CUresult result = try_allocate(bytes, address);
    if (result == cuda_error_out_of_memory && pool_ != nullptr) {
        // What the pool keeps may be in the wrong pieces.
        await(
            *this, "allocating memory", [&] { return api_.stream_query(memory_stream_); },
            [&] { return api_.stream_synchronize(memory_stream_); });
        api_.pool_trim(pool_, 0);
        result = try_allocate(bytes, address);
    }
    if (result == cuda_error_out_of_memory)
        throw Error(ErrorCode::out_of_memory,
                    fmt::format("{} bytes were asked for, {} are free", bytes, free_bytes()), "allocation",
                    id_);
    check(result, "allocating memory");
    return address;
}

void Context::free(CUdeviceptr address, const std::vector<CUstream>& users) noexcept {
    if (is_lost()) return;
    const Current current = make_current();
    if (pool_ == nullptr) {
        api_.memory_free(address);  // waits for the device
        return;
    }
    try {
        for (CUstream user : users) {
            CUevent event = take_event();
            CUresult result = api_.event_record(event, user);
            if (result == cuda_success) result = api_.stream_wait_event(memory_stream_, event, 0);
            return_event(event);
            if (result == cuda_success) continue;
            // Work may be using the memory, and nothing says when it has ended: it stays.
            runtime::log().error("{}: freeing memory: {}", id_, api_.describe(result));
            return;
        }
    } catch (const std::exception& error) {
        runtime::log().error("{}: freeing memory: {}", id_, error.what());
        return;
    }
    const CUresult result = api_.pool_free(address, memory_stream_);
    if (result != cuda_success) runtime::log().error("{}: freeing memory: {}", id_, api_.describe(result));
}

std::size_t Context::free_bytes() const noexcept {
    const Current current = make_current();
    std::size_t free = 0, total = 0;
    return api_.memory_info(&free, &total) == cuda_success ? free : 0;
}

void* Context::allocate_host(std::size_t bytes) {
    constexpr const char* operation = "allocation of pinned host memory";
    check_alive(operation);
    const Current current = make_current();
    free_unused_host();
    void* memory = nullptr;
    const CUresult result = api_.host_allocate(&memory, bytes, host_memory_portable);
    if (result == cuda_error_out_of_memory)
        throw Error(ErrorCode::out_of_memory,
                    fmt::format("{} bytes were asked for: {}", bytes, api_.describe(result)), operation, id_);
    check(result, operation);
    return memory;
}

void Context::free_host(void* memory, const std::vector<CUstream>& users) noexcept {
    if (is_lost()) return;
    const Current current = make_current();
    try {
        HostInUse mine{memory, {}};
        mine.events.reserve(users.size());
        for (CUstream user : users) {
            mine.events.push_back(take_event());
            check(api_.event_record(mine.events.back(), user), "freeing pinned host memory");
        }
        const std::lock_guard lock(host_mutex_);
        host_in_use_.push_back(std::move(mine));
    } catch (const std::exception& error) {
        runtime::log().error("{}: {}", id_, error.what());
        return;
    }
    free_unused_host();
}

void Context::free_unused_host() noexcept {
    const std::lock_guard lock(host_mutex_);
    std::erase_if(host_in_use_, [this](HostInUse& each) {
        std::erase_if(each.events, [this](CUevent event) {
            const bool is_reached = api_.event_query(event) == cuda_success;
            if (is_reached) return_event(event);
            return is_reached;
        });
        if (!each.events.empty()) return false;
        const CUresult result = api_.host_free(each.memory);
        if (result != cuda_success)
            runtime::log().error("{}: freeing pinned host memory: {}", id_, api_.describe(result));
        return true;
    });
}

void Context::add_stream(CUstream stream) {
    const std::lock_guard lock(streams_mutex_);
    streams_.push_back(stream);
}

void Context::remove_stream(CUstream stream) noexcept {
    const std::lock_guard lock(streams_mutex_);
    std::erase(streams_, stream);
}

bool Context::await_streams(const char* operation) {
    const Current current = make_current();
    if (!environment::timeout()) return api_.context_synchronize() == cuda_success;
    const std::lock_guard lock(streams_mutex_);  // none is destroyed meanwhile
    for (CUstream stream : streams_) {
        CUresult state = cuda_success;
        const auto query = [&] {
            state = api_.stream_query(stream);
            return state == cuda_error_not_ready ? state : cuda_success;
        };
        await(*this, operation, query, [] { return cuda_success; });
        if (state != cuda_success) return false;
    }
    return true;
}

CUevent Context::take_event() {
    {
        const std::lock_guard lock(events_mutex_);
        if (!events_.empty()) {
            CUevent event = events_.back();
            events_.pop_back();
            return event;
        }
    }
    CUevent event = nullptr;
    check(api_.event_create(&event, event_default), "creating an event");
    return event;
}

void Context::return_event(CUevent event) noexcept {
    const std::lock_guard lock(events_mutex_);
    events_.push_back(event);
}

std::shared_ptr<const ClockBase> Context::clock_base(CUstream stream) {
    const std::lock_guard lock(clock_mutex_);
    if (base_ != nullptr && host_now_ns() - base_->host_ns < base_lifetime_ns) return base_;
    auto base = std::make_shared<ClockBase>(*this, take_event());
    base->previous = base_;
    base->host_ns = host_now_ns();
    check(api_.event_record(base->event, stream), "recording an event");
    base_ = base;
    return base_;
}

std::uint64_t Context::timestamp_ns(const ClockBase& base, CUevent event) const {
    const Current current = make_current();
    const auto between = [&](CUevent start, CUevent end) {
        float milliseconds = 0;
        check(api_.event_synchronize(start), "reading an event's time");
        check(api_.event_elapsed_ms(&milliseconds, start, end), "reading an event's time");
        return static_cast<std::int64_t>(std::llround(double{milliseconds} * 1e6));
    };
    std::call_once(base.once, [&] {
        constexpr std::uint64_t origin = 1'000'000'000;  // events may lie a little before the first base
        base.offset_ns = base.previous == nullptr ? origin : timestamp_ns(*base.previous, base.event);
        base.previous.reset();
    });
    return base.offset_ns + static_cast<std::uint64_t>(between(base.event, event));
}

}  // namespace heddle::cuda
