// What failed on one of several devices: whether the others can go on without it. And work on all devices at
// once, one host thread each.
#pragma once

#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <heddle/error.h>

namespace heddle::runtime {

/// Whether an error of this code says something of the device rather than of the call: others may do better.
/// launch_failed is both: a kernel's own fault fails on every device.
inline bool is_of_device(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::device_lost:
        case ErrorCode::device_unavailable:
        case ErrorCode::out_of_memory:
        case ErrorCode::timeout:
        case ErrorCode::launch_failed:
            return true;
        default:
            return false;
    }
}

/// Runs `action`; what it throws, as an Error.
template <class Action>
std::optional<Error> failure_of(const std::string& device, Action&& action) {
    try {
        action();
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    } catch (const std::bad_alloc&) {
        return Error(ErrorCode::out_of_memory, "the host's memory is exhausted", {}, device);
    } catch (const std::exception& error) {
        return Error(ErrorCode::internal, error.what(), {}, device);
    }
}

/// Runs action(index) for each index, side by side; the last one on this thread. `action` must not throw.
template <class Action>
void side_by_side(std::span<const std::size_t> indices, const Action& action) {
    std::vector<std::jthread> threads;
    threads.reserve(indices.size());
    for (std::size_t i = 0; i + 1 < indices.size(); ++i)
        threads.emplace_back([&action, index = indices[i]] { action(index); });
    if (!indices.empty()) action(indices.back());
}

}  // namespace heddle::runtime
