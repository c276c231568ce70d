// Waiting for the GPU within the time limit.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "backends/cuda/context.h"
#include "runtime/environment.h"
#include "runtime/polling.h"

namespace heddle::cuda {

/// Calls `query`, which asks whether work has ended, until it has or the time limit for work that makes no
/// end has run out; then the device is given up. Without a limit `block` waits in the driver.
template <class Query, class Block>
void await(const Context& context, const char* operation, Query query, Block block) {
    const std::optional<std::chrono::milliseconds> limit = environment::timeout();
    if (!limit) {
        context.check(block(), operation);
        return;
    }
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    for (;;) {
        const CUresult result = query();
        if (result != cuda_error_not_ready) {
            context.check(result, operation);
            // Only a wait hands out what kernels have printed.
            context.check(block(), operation);
            return;
        }
        const auto waited = Clock::now() - start;
        if (waited > *limit) {
            const std::string why =
                "work did not end within " + std::to_string(limit->count()) + " ms (HEDDLE_TIMEOUT_MS)";
            context.give_up(why);
            throw Error(ErrorCode::timeout, why, operation, context.id());
        }
        runtime::pause_polling(waited);
    }
}

}  // namespace heddle::cuda
