// Reads failure records.
#include "backends/cuda/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace heddle::cuda {

std::string GlobalsText::at(std::uint64_t address) const {
    if (address < base || address - base >= bytes.size()) return "?";
    const auto* const begin = reinterpret_cast<const char*>(bytes.data()) + (address - base);
    return {begin, ::strnlen(begin, bytes.size() - (address - base))};
}

FailureSlot::FailureSlot(std::shared_ptr<Context> context) : context_(std::move(context)) {
    const Current current = context_->make_current();
    void* memory = nullptr;
    context_->check(context_->api().host_allocate(&memory, sizeof(FailureRecord),
                                                  host_memory_portable | host_memory_device_map),
                    "allocating pinned memory");
    record_ = static_cast<FailureRecord*>(memory);
    std::memset(memory, 0, sizeof(FailureRecord));
    context_->check(context_->api().host_device_pointer(&address_, memory, 0), "mapping pinned memory");
}

FailureSlot::~FailureSlot() {
    if (context_->is_lost()) return;
    const Current current = context_->make_current();
    context_->api().host_free(record_);
}

std::optional<std::string> FailureSlot::take(const GlobalsText& program) {
    if (std::atomic_ref(record_->state).load(std::memory_order_acquire) == 0) return std::nullopt;
    const FailureRecord record = *record_;
    std::memset(record_, 0, sizeof *record_);
    const auto place = [](const std::uint32_t(&at)[3]) {
        return fmt::format("[{},{},{}]", at[0], at[1], at[2]);
    };
    if (record.kind != 1) return fmt::format("the kernel executed a trap in block {}", place(record.block));
    return fmt::format("{}:{}: {}: block: {}, thread: {} Assertion `{}` failed.", program.at(record.file),
                       record.line, program.at(record.function), place(record.block), place(record.thread),
                       program.at(record.message));
}

}  // namespace heddle::cuda
