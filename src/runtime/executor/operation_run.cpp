// The steps of a run, and what is undone when one fails.
#include "runtime/executor/operation_run.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <heddle/error.h>

#include "runtime/hal.h"

namespace heddle::detail {

LockedData::LockedData(const Operation& operation) {
    for (const OperationArgument& argument : operation.arguments)
        if (const Data* data = argument.data()) all_.push_back({data->state()});
    std::sort(all_.begin(), all_.end(),
              [](const UsedData& a, const UsedData& b) { return a.state < b.state; });
    all_.erase(std::unique(all_.begin(), all_.end(),
                           [](const UsedData& a, const UsedData& b) { return a.state == b.state; }),
               all_.end());
    place_.resize(operation.arguments.size());
    for (std::size_t i = 0; i < place_.size(); ++i) {
        const Data* data = operation.arguments[i].data();
        if (data == nullptr) continue;
        place_[i] = static_cast<std::size_t>(
            std::lower_bound(all_.begin(), all_.end(), data->state(),
                             [](const UsedData& a, const auto& b) { return a.state < b; }) -
            all_.begin());
    }
    for (UsedData& each : all_) {
        each.state->mutex.lock();
        each.state->is_in_use = true;
    }
}

LockedData::~LockedData() {
    for (UsedData& each : all_) {
        each.state->is_in_use = false;
        each.state->mutex.unlock();
    }
}

void LockedData::resolve(const Operation& operation, const KernelInfo* info) {
    using Use = OperationArgument::Use;
    for (UsedData& each : all_) each.is_read = each.is_written = false;
    for (std::size_t i = 0; i < place_.size(); ++i) {
        const OperationArgument& argument = operation.arguments[i];
        if (argument.data() == nullptr) continue;
        Use use = argument.use();
        bool is_known = true;
        if (use == Use::as_declared) {
            is_known = info != nullptr && i < info->parameters.size();
            const Access access = is_known ? info->parameters[i].access : Access::read_write;
            use = access == Access::read || access == Access::none ? Use::in : Use::inout;
        }
        UsedData& used = of_argument(i);
        used.is_read |= use != Use::out;
        used.is_written |= use != Use::in;
        if (used.is_written && used.state->kind == DataState::Kind::constant) {
            if (is_known)
                throw Error(ErrorCode::invalid_argument,
                            "'" + used.state->name + "' is constant, and the kernel writes it",
                            "operation '" + operation.kernel + "'");
            used.is_written = false;
        }
    }
}

bool works_in_place(const DeviceSlot& slot, DataState& data) noexcept {
    // Work that is left behind after a time limit must not reach the caller's memory.
    if (!slot.imports() || slot.has_time_limit()) return false;
    constexpr std::uintptr_t alignment = 16;
    return data.kind == DataState::Kind::resident ||
           reinterpret_cast<std::uintptr_t>(data.host()) % alignment == 0;
}

namespace {

/// How one piece of data takes part.
struct Part {
    UsedData* used = nullptr;
    Buffer imported;                            // in place
    DataState::Copy* copy = nullptr;            // else
    std::optional<DeviceSlot::Staging> backup;  // of what is changed in place
    std::optional<DeviceSlot::Staging> result;
    const Buffer& buffer() const noexcept { return copy != nullptr ? copy->buffer : imported; }
};

/// A run under way. Its slot is locked.
class Run {
  public:
    Run(DeviceSlot& slot, const Operation& operation, LockedData& data, const RunSettings& settings,
        RunNotes& notes)
        : slot_(slot), operation_(operation), data_(data), settings_(settings), notes_(notes) {}

    void carry_out() {
        const Clock::time_point start = Clock::now();
        const Kernel& kernel = slot_.kernel(operation_.code.state(), operation_.kernel, notes_.was_cold);
        has_begun_ = true;
        data_.resolve(operation_, &kernel.info());
        parts_.resize(data_.all().size());
        for (std::size_t i = 0; i < parts_.size(); ++i) bring(parts_[i], data_.all()[i]);
        launch(kernel);
        const std::string& name = operation_.kernel;
        // Some drivers wait for the kernel in a copy, without a limit.
        if (slot_.has_time_limit()) slot_.wait(start, name);
        for (Part& part : parts_) ask_back(part);
        slot_.wait(start, name);
        for (Part& part : parts_) settle(part);
    }

    /// Takes back what was done, once nothing of it is under way any more. The slot is lost if `error` says
    /// so.
    void undo(const Error& error) {
        const std::optional<Error> worse = drain(error);
        restore(worse ? *worse : error);
    }

  private:
    static bool is_loss(const Error& error) noexcept {
        return error.code() == ErrorCode::device_lost || error.code() == ErrorCode::timeout;
    }

    /// Waits for what is queued: copies to the caller's memory among it. What goes wrong with that is a loss.
    std::optional<Error> drain(const Error& error) {
        if (is_loss(error) || !has_begun_) return std::nullopt;
        try {
            slot_.wait(Clock::now(), operation_.kernel);
        } catch (const Error& second) {
            // The queue's own memory of the first failure.
            if (!is_loss(second) && !slot_.has_time_limit()) return std::nullopt;
            return Error(is_loss(second) ? second.code() : ErrorCode::device_lost,
                         std::string(error.what()) + "; then: " + second.what(), operation_.kernel,
                         slot_.id());
        }
        return std::nullopt;
    }

    void restore(const Error& error) {
        for (Part& part : parts_) {
            if (part.used == nullptr) continue;
            DataState& state = *part.used->state;
            if (part.backup) {
                std::memcpy(state.host(), part.backup->data(), state.bytes);
                slot_.give_back(std::move(*part.backup));
            }
            // What the kernel may have changed half-way is no copy any more.
            if (part.copy != nullptr && part.used->is_written && notes_.was_launched)
                part.copy->is_good = false;
        }
        if (!is_loss(error)) return;
        auto used = std::make_shared<Used>();
        for (Part& part : parts_) {
            if (part.used == nullptr) continue;
            for (Buffer& buffer : part.used->state->take_copies(slot_))
                used->buffers.push_back(std::move(buffer));
            if (part.result) used->stagings.push_back(std::move(*part.result));
        }
        slot_.lose(error, std::move(used));
    }

    struct Used {
        std::vector<Buffer> buffers;
        std::vector<DeviceSlot::Staging> stagings;
    };

    void bring(Part& part, UsedData& used) {
        part.used = &used;
        DataState& state = *used.state;
        if (works_in_place(slot_, state)) {
            std::byte* const memory = state.host();
            if (auto imported = slot_.device().impl().import_host(memory, state.bytes)) {
                part.imported = Buffer(slot_.device(), std::move(imported));
                if (used.is_written && used.is_read && settings_.keeps_inputs && state.bytes != 0) {
                    part.backup = slot_.take_staging(state.bytes);
                    std::memcpy(part.backup->data(), memory, state.bytes);
                }
                return;
            }
        }
        part.copy = state.find(slot_);
        if (part.copy == nullptr) {
            part.copy = &state.add(slot_.shared_from_this(), slot_.take(state.bytes, notes_.was_cold));
            slot_.add_resident(used.state);
        }
        if (!used.is_read || part.copy->is_good || state.bytes == 0) return;
        if (state.is_blank()) {
            slot_.queue().fill(part.copy->buffer, 0, state.bytes);
            return;
        }
        slot_.queue().write(part.copy->buffer, state.host(), state.bytes);
        notes_.bytes_to_device += state.bytes;
    }

    void launch(const Kernel& kernel) {
        arguments_.reserve(operation_.arguments.size());
        for (std::size_t i = 0; i < operation_.arguments.size(); ++i) {
            const OperationArgument& argument = operation_.arguments[i];
            if (argument.data() == nullptr) {
                arguments_.push_back(argument.value());
                continue;
            }
            const UsedData& used = data_.of_argument(i);
            const Part& part = parts_[static_cast<std::size_t>(&used - data_.all().data())];
            arguments_.emplace_back(part.buffer());
        }
        notes_.was_launched = true;
        slot_.queue().launch(kernel, operation_.config, std::span<const Argument>(arguments_));
    }

    bool goes_to_host(const Part& part) const noexcept {
        const DataState& state = *part.used->state;
        return part.copy != nullptr && part.used->is_written && state.bytes != 0 &&
               (state.kind == DataState::Kind::callers || state.is_mirrored);
    }

    void ask_back(Part& part) {
        if (!goes_to_host(part)) return;
        DataState& state = *part.used->state;
        std::byte* destination = state.host();
        // What another device would need again must not be overwritten half-way.
        if (part.used->is_read || state.is_mirrored) {
            part.result = slot_.take_staging(state.bytes);
            destination = part.result->data();
        }
        slot_.queue().read(part.copy->buffer, destination, state.bytes);
        notes_.bytes_to_host += state.bytes;
    }

    void settle(Part& part) {
        DataState& state = *part.used->state;
        if (part.backup) slot_.give_back(std::move(*part.backup));
        if (part.result) {
            std::memcpy(state.host(), part.result->data(), state.bytes);
            slot_.give_back(std::move(*part.result));
        }
        const bool is_callers = state.kind != DataState::Kind::resident;
        if (part.used->is_written) {
            if (part.copy == nullptr || is_callers)
                state.set_good(nullptr, true);
            else
                state.set_good(part.copy, state.is_mirrored);
        } else if (part.copy != nullptr) {
            // The caller may change its memory at any time, so that no copy of that stays good.
            part.copy->is_good = !is_callers;
        }
    }

    DeviceSlot& slot_;
    const Operation& operation_;
    LockedData& data_;
    const RunSettings& settings_;
    RunNotes& notes_;
    std::vector<Part> parts_;
    std::vector<Argument> arguments_;
    bool has_begun_ = false;  // something may be queued
};

}  // namespace

void run_operation(DeviceSlot& slot, const Operation& operation, LockedData& data,
                   const RunSettings& settings, RunNotes& notes) {
    // From other devices first: two slots are never locked together.
    for (UsedData& used : data.all()) {
        DataState& state = *used.state;
        if (!used.is_read || state.is_blank() || state.is_host_good()) continue;
        const DataState::Copy* const copy = state.find(slot);
        if (copy != nullptr && copy->is_good && !works_in_place(slot, state)) continue;
        state.fetch(&notes.failures);
        notes.bytes_to_host += state.bytes;
    }
    const std::lock_guard lock(slot.mutex);
    Run run(slot, operation, data, settings, notes);
    try {
        slot.open();
        run.carry_out();
    } catch (const Error& error) {
        run.undo(error);
        throw;
    } catch (const std::bad_alloc&) {
        const Error error(ErrorCode::out_of_memory, "the host has no memory left", operation.kernel,
                          slot.id());
        run.undo(error);
        throw Error(error);
    }
}

}  // namespace heddle::detail
