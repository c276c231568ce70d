// Executor: which device an operation goes to, and which next when that fails.
#include <heddle/executor.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/executor/cost_model.h"
#include "runtime/executor/data_state.h"
#include "runtime/executor/device_slot.h"
#include "runtime/executor/operation_run.h"
#include "runtime/executor/tuning_file.h"
#include "runtime/file_contents.h"
#include "runtime/log.h"
#include "runtime/sha256.h"

namespace heddle {

using detail::Clock;
using detail::CodeState;
using detail::DataState;
using detail::DeviceSlot;
using executor::Basis;
using executor::Prediction;
using executor::Work;

std::string_view name(Method method) noexcept {
    switch (method) {
        case Method::gpu:
            return "gpu";
        case Method::simd:
            return "simd";
        case Method::software:
            return "software";
        case Method::scalar:
            break;
    }
    return "scalar";
}

Method method_of(const DeviceInfo& device) noexcept {
    if (device.backend == "scalar") return Method::scalar;
    if (device.backend == "cpu") return Method::simd;
    return device.kind == DeviceKind::cpu ? Method::software : Method::gpu;
}

// ---- code

Code::Code(std::shared_ptr<CodeState> state) noexcept : state_(std::move(state)) {}

namespace {

std::string key_of(const CodeState& state) {
    std::string text =
        fmt::format("{}\n{}\n{}\n{}\n{}{}\n", state.options.standard, fmt::join(state.options.defines, ";"),
                    fmt::join(state.options.include_directories, ";"),
                    fmt::join(state.options.instantiate, ";"), state.options.fast_math, state.options.check);
    text += state.source;
    text.append(reinterpret_cast<const char*>(state.package.data()), state.package.size());
    return runtime::sha256_hex(std::as_bytes(std::span(text))).substr(0, 16);
}

}  // namespace

Code Code::from_source(std::string source, std::string file_name, CompileOptions options) {
    auto state = std::make_shared<CodeState>();
    state->source = std::move(source);
    state->file_name = std::move(file_name);
    state->options = std::move(options);
    state->key = key_of(*state);
    return Code(std::move(state));
}

Code Code::from_package(std::span<const std::byte> package, CompileOptions options) {
    auto state = std::make_shared<CodeState>();
    state->package.assign(package.begin(), package.end());
    state->options = std::move(options);
    state->key = key_of(*state);
    return Code(std::move(state));
}

Program Code::load(const Device& device) const {
    return state_->load(device);
}

Code Code::from_file(const std::filesystem::path& path, CompileOptions options) {
    const std::vector<std::byte> bytes = runtime::read_file(path);
    constexpr std::string_view package_magic = "PK";
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with(package_magic)) return from_package(bytes, std::move(options));
    return from_source(std::string(text), path.string(), std::move(options));
}

// ---- the record

std::string Execution::why() const {
    const auto expected = [&] {
        std::string text = fmt::format("{:.3g} ms", predicted_ms);
        if (!runner_up.empty()) text += fmt::format("; {} {:.3g} ms", runner_up, runner_up_ms);
        return text;
    };
    switch (reason) {
        case Reason::forced:
            return device + " was asked for";
        case Reason::only:
            return device + " is the only one";
        case Reason::measured:
            return fmt::format("{} was fastest when timed ({})", device, expected());
        case Reason::predicted:
            return fmt::format("{} should be fastest ({})", device, expected());
        case Reason::explored:
            return fmt::format("{} may be fastest and had not been timed ({})", device, expected());
        case Reason::fallback:
            break;
    }
    std::vector<std::string> failed;
    for (const Attempt& attempt : attempts)
        failed.push_back(fmt::format("{}: {}", attempt.device, heddle::name(attempt.error)));
    return fmt::format("{} after {}", device, fmt::join(failed, ", "));
}

// ---- the executor

namespace detail {

namespace {

/// A device in the choice for one operation.
struct Candidate {
    DeviceSlot* slot = nullptr;
    Work work;
    Prediction prediction;
    int rank = 1;             ///< 0 is tried first, 2 last
    double elsewhere_ms = 0;  ///< to fetch what is only on other devices
    double ms() const noexcept { return prediction.ms + elsewhere_ms; }
};

/// The best must have been timed so often, and what is nearly as good so often.
constexpr unsigned samples_of_certainty = 3, samples_to_tell_apart = 25;
/// After so many runs of one kind the choice is made anew, and so often one is timed.
constexpr unsigned runs_a_choice = 256, runs_a_sample = 16;

bool is_callers_fault(ErrorCode code) {
    return code == ErrorCode::invalid_argument || code == ErrorCode::not_found ||
           code == ErrorCode::corrupt_package || code == ErrorCode::io;
}

void mix(std::uint64_t& hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 29;
}

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

}  // namespace

class ExecutorState {
  public:
    explicit ExecutorState(ExecutorOptions options) : options_(std::move(options)) {
        if (options_.devices.empty()) options_.devices = heddle::devices();
        if (options_.devices.empty())
            throw Error(ErrorCode::device_unavailable, "there is no device", "making an executor");
        const executor::Tuning tuning = executor::load_tuning();
        for (const Device& device : options_.devices) {
            slots_.push_back(std::make_shared<DeviceSlot>(device, options_));
            const std::string& key = slots_.back()->key();
            const auto known = tuning.profiles.find(key);
            is_tuned_.push_back(known != tuning.profiles.end());
            model_.set_profile(key,
                               is_tuned_.back() ? known->second : executor::supposed_profile(device.info()));
        }
        for (const executor::CostModel::Stored& each : tuning.timings) model_.restore(each);
    }

    Execution run(const Operation& operation, const RunOptions& options) {
        LockedData data(operation);
        Course course{operation, data, {}, {}, {}, Clock::now()};
        Execution& execution = course.execution;
        const std::uint64_t signature = signature_of(operation, data, options);
        Choice choice;
        const bool is_settled = recall(signature, choice);
        if (!is_settled) choice = choose(operation, data, options, options_.learns, execution.notes);
        execution.reason = choice.reason;
        execution.runner_up = choice.runner_up;
        execution.runner_up_ms = choice.runner_up_ms;
        course.is_timed = options_.learns && (!is_settled || choice.is_sample);
        for (const Candidate& candidate : choice.order)
            if (try_on(candidate, course)) {
                if (!execution.attempts.empty())
                    forget(signature);
                else if (!is_settled)
                    remember(signature, choice);
                return std::move(execution);
            }
        forget(signature);
        // Nothing is left but devices that are lost: rather one of them before its time than none.
        for (const Method method : {Method::simd, Method::scalar, Method::software, Method::gpu})
            for (const std::shared_ptr<DeviceSlot>& slot : slots_) {
                if (slot->method() != method || !slot->is_lost() || !is_allowed(*slot, options)) continue;
                Candidate candidate;
                candidate.slot = slot.get();
                if (try_on(candidate, course)) return std::move(execution);
            }
        refuse(operation,
               course.first_error ? *course.first_error
                                  : Error(ErrorCode::device_unavailable, "no device can be used"),
               execution);
    }

    Execution choose_only(const Operation& operation, const RunOptions& options) {
        LockedData data(operation);
        Execution execution;
        const Choice choice = choose(operation, data, options, false, execution.notes);
        if (choice.order.empty())
            refuse(operation, Error(ErrorCode::device_unavailable, "no device can be used now"), execution);
        const Candidate& first = choice.order.front();
        execution.device = first.slot->id();
        execution.method = first.slot->method();
        execution.reason = choice.reason;
        execution.predicted_ms = first.ms();
        execution.runner_up = choice.runner_up;
        execution.runner_up_ms = choice.runner_up_ms;
        return execution;
    }

    void save() const {
        executor::Tuning tuning;
        tuning.timings = model_.stored();
        executor::store_tuning(tuning);
    }

    std::vector<Executor::DeviceState> devices() const {
        std::vector<Executor::DeviceState> all;
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            const DeviceSlot& slot = *slots_[i];
            all.push_back(
                {slot.id(), slot.method(), slot.is_lost(), is_tuned_[i], slot.held_bytes(), slot.failures()});
        }
        return all;
    }

  private:
    /// One run, on its way from device to device.
    struct Course {
        const Operation& operation;
        LockedData& data;
        Execution execution;
        std::optional<Error> first_error;
        std::string kernel_failure;  ///< why it failed while running, the last time
        Clock::time_point start;
        bool is_timed = false;
    };

    /// Whether it went well there. Throws where no other device can help.
    bool try_on(const Candidate& candidate, Course& course) {
        const Operation& operation = course.operation;
        Execution& execution = course.execution;
        DeviceSlot& slot = *candidate.slot;
        for (int attempt = 0;; ++attempt) {
            RunNotes notes;
            const auto keep = [&] {
                execution.bytes_to_device += notes.bytes_to_device;
                execution.bytes_to_host += notes.bytes_to_host;
                std::move(notes.failures.begin(), notes.failures.end(), std::back_inserter(execution.notes));
            };
            const Clock::time_point began = Clock::now();
            try {
                run_operation(slot, operation, course.data, {options_.keeps_inputs}, notes);
            } catch (const Error& error) {
                keep();
                if (is_callers_fault(error.code())) throw;
                note_failure(slot, operation, error, course.data, execution);
                if (!course.first_error) course.first_error = error;
                // Nothing is left of what other devices would need.
                bool is_anything_lost = false;
                for (const UsedData& used : course.data.all())
                    if (used.is_read && used.state->is_lost()) {
                        add_lost(execution, used.state->name);
                        is_anything_lost = true;
                    }
                if (is_anything_lost) refuse(operation, *course.first_error, execution);
                // The same failure while running on two devices: it is the kernel's own.
                if (error.code() == ErrorCode::launch_failed && notes.was_launched) {
                    if (error.reason() == course.kernel_failure)
                        refuse(operation, *course.first_error, execution);
                    course.kernel_failure = error.reason();
                }
                if (error.code() == ErrorCode::out_of_memory && attempt == 0 && make_room(slot)) continue;
                return false;
            }
            slot.note_success();
            keep();
            execution.device = slot.id();
            execution.method = slot.method();
            execution.predicted_ms = candidate.ms();
            execution.milliseconds = milliseconds_since(course.start);
            if (!execution.attempts.empty()) execution.reason = Execution::Reason::fallback;
            if (course.is_timed && !notes.was_cold && candidate.work.bytes > 0)
                model_.learn(operation_key(operation), slot.key(), candidate.work, milliseconds_since(began));
            return true;
        }
    }

    struct Choice {
        std::vector<Candidate> order;  ///< in which they are tried
        Execution::Reason reason = Execution::Reason::predicted;
        std::string runner_up;
        double runner_up_ms = 0;
        bool is_sample = false;   ///< of a settled choice: this run is timed
        bool is_settled = false;  ///< nothing is left to explore
    };

    static bool is_allowed(const DeviceSlot& slot, const RunOptions& options) {
        return (options.device.empty() || slot.id() == options.device) &&
               (!options.method || slot.method() == *options.method);
    }

    static std::string operation_key(const Operation& operation) {
        return operation.code.state()->key + ":" + operation.kernel;
    }

    Work work_on(DeviceSlot& slot, const Operation& operation, const LockedData& data, double& elsewhere_ms) {
        Work work;
        work.threads = static_cast<double>(operation.config.grid.count()) *
                       static_cast<double>(operation.config.block.count());
        elsewhere_ms = 0;
        for (const UsedData& used : data.all()) {
            DataState& state = *used.state;
            const auto bytes = static_cast<double>(state.bytes);
            work.bytes += bytes;
            const bool in_place = works_in_place(slot, state);
            const DataState::Copy* const copy = state.find(slot);
            const bool is_there = copy != nullptr && copy->is_good && !in_place;
            if (used.is_read && !is_there && !state.is_blank()) {
                if (!state.is_host_good())
                    if (const DataState::Copy* const good = state.find_good()) {
                        const DeviceProfile theirs = model_.profile(good->slot->key());
                        elsewhere_ms += theirs.download_us / 1e3 + bytes / (theirs.download_gb_s * 1e6);
                    }
                if (!in_place) {
                    work.to_device += bytes;
                    ++work.copies_to_device;
                }
            }
            if (used.is_written && !in_place &&
                (state.kind == DataState::Kind::callers || state.is_mirrored)) {
                work.to_host += bytes;
                ++work.copies_to_host;
            }
        }
        return work;
    }

    Choice choose(const Operation& operation, LockedData& data, const RunOptions& options, bool explores,
                  std::vector<std::string>& notes) {
        data.resolve(operation, operation.code.state()->info(operation.kernel));
        Choice choice;
        const std::string key = operation_key(operation);
        const Clock::time_point now = Clock::now();
        bool is_named = false;
        for (const std::shared_ptr<DeviceSlot>& slot : slots_) {
            is_named |= options.device.empty() || slot->id() == options.device;
            if (!is_allowed(*slot, options)) continue;
            if (const std::optional<std::string> obstacle = slot->obstacle(now)) {
                notes.push_back(slot->id() + ": " + *obstacle);
                continue;
            }
            Candidate candidate;
            candidate.slot = slot.get();
            candidate.work = work_on(*slot, operation, data, candidate.elsewhere_ms);
            candidate.prediction = model_.predict(key, slot->key(), candidate.work);
            candidate.rank = slot->id() == options.first ? 0 : slot->is_avoided(key, now) ? 2 : 1;
            choice.order.push_back(std::move(candidate));
        }
        if (!is_named)
            throw Error(ErrorCode::invalid_argument,
                        "the executor has no device '" + std::string(options.device) + "'",
                        "operation '" + operation.kernel + "'");
        // A device that has just failed comes after those that have not.
        std::stable_sort(choice.order.begin(), choice.order.end(),
                         [](const Candidate& a, const Candidate& b) {
                             return std::pair(a.rank, a.ms()) < std::pair(b.rank, b.ms());
                         });
        if (choice.order.empty()) return choice;
        const Candidate& best = choice.order.front();
        if (!options.device.empty() || options.method || best.rank == 0)
            choice.reason = Execution::Reason::forced;
        else if (choice.order.size() == 1)
            choice.reason = Execution::Reason::only;
        else
            choice.reason = best.prediction.basis == Basis::timed ? Execution::Reason::measured
                                                                  : Execution::Reason::predicted;
        choice.is_settled = is_certain(best);
        if (explores && choice.order.size() > 1 && best.rank != 0) {
            // What may be faster than the best, for all that is known, and is not known well.
            const double to_beat = best.ms();
            const auto tempting =
                std::find_if(choice.order.begin() + 1, choice.order.end(), [&](const Candidate& candidate) {
                    return candidate.rank == 1 &&
                           !(candidate.prediction.basis == Basis::timed &&
                             candidate.prediction.samples >= samples_to_tell_apart) &&
                           candidate.ms() / candidate.prediction.uncertainty() < to_beat;
                });
            if (tempting != choice.order.end()) {
                choice.is_settled = false;
                if (is_certain(best)) {
                    std::rotate(choice.order.begin(), tempting, tempting + 1);
                    choice.reason = Execution::Reason::explored;
                }
            }
        }
        if (choice.order.size() > 1) {
            choice.runner_up = choice.order[1].slot->id();
            choice.runner_up_ms = choice.order[1].ms();
        }
        return choice;
    }

    static bool is_certain(const Candidate& candidate) {
        return candidate.prediction.basis == Basis::timed &&
               candidate.prediction.samples >= samples_of_certainty;
    }

    // ---- choices that need not be made again for a while

    std::uint64_t signature_of(const Operation& operation, const LockedData& data,
                               const RunOptions& options) {
        std::uint64_t hash = reinterpret_cast<std::uintptr_t>(operation.code.state().get());
        mix(hash, std::hash<std::string_view>{}(operation.kernel));
        mix(hash, std::hash<std::string_view>{}(options.device));
        mix(hash, std::hash<std::string_view>{}(options.first));
        mix(hash, options.method ? static_cast<std::uint64_t>(*options.method) + 1 : 0);
        mix(hash, operation.config.grid.count());
        mix(hash, operation.config.block.count());
        for (std::size_t i = 0; i < operation.arguments.size(); ++i)
            if (operation.arguments[i].data() != nullptr)
                mix(hash, i << 8 | static_cast<std::uint64_t>(operation.arguments[i].use()));
        for (const UsedData& used : data.all()) {
            DataState& state = *used.state;
            mix(hash, state.bytes);
            std::uint64_t places = (state.is_host_good() ? 1U : 0U) | (state.is_blank() ? 2U : 0U);
            for (std::size_t k = 0; k < slots_.size(); ++k)
                if (const DataState::Copy* const copy = state.find(*slots_[k]);
                    copy != nullptr && copy->is_good)
                    places |= std::uint64_t{4} << k;
            mix(hash, places);
        }
        return hash;
    }

    struct Settled {
        Choice choice;
        std::uint64_t losses = 0;
        unsigned runs_left = 0;
    };

    bool recall(std::uint64_t signature, Choice& choice) {
        const std::lock_guard lock(settled_mutex_);
        const auto found = settled_.find(signature);
        if (found == settled_.end()) return false;
        Settled& settled = found->second;
        if (settled.runs_left == 0 || settled.losses != losses_.load(std::memory_order_relaxed)) {
            settled_.erase(found);
            return false;
        }
        --settled.runs_left;
        choice = settled.choice;
        choice.is_sample = settled.runs_left % runs_a_sample == 0;
        return true;
    }
    void remember(std::uint64_t signature, const Choice& choice) {
        constexpr std::size_t most = 4096;
        if (!choice.is_settled && options_.learns) return;
        const std::lock_guard lock(settled_mutex_);
        if (settled_.size() >= most) settled_.clear();
        settled_[signature] = {choice, losses_.load(std::memory_order_relaxed), runs_a_choice};
    }
    void forget(std::uint64_t signature) {
        const std::lock_guard lock(settled_mutex_);
        settled_.erase(signature);
    }

    // ---- failures

    void note_failure(DeviceSlot& slot, const Operation& operation, const Error& error, LockedData& data,
                      Execution& execution) {
        const bool is_of_kernel =
            error.code() == ErrorCode::compile_failed || error.code() == ErrorCode::unsupported;
        slot.note_failure(is_of_kernel ? operation_key(operation) : std::string());
        losses_.fetch_add(1, std::memory_order_relaxed);
        execution.attempts.push_back({slot.id(), error.code(), error.what()});
        if (!slot.is_lost()) return;
        for (const UsedData& used : data.all())
            if (used.state->is_lost()) add_lost(execution, used.state->name);
        std::vector<std::weak_ptr<DataState>> residents;
        {
            const std::lock_guard lock(slot.mutex);
            residents.swap(slot.residents);
        }
        for (const std::weak_ptr<DataState>& each : residents) {
            const std::shared_ptr<DataState> state = each.lock();
            if (state == nullptr || state->is_in_use) continue;  // whoever uses it finds out
            const std::unique_lock lock(state->mutex, std::try_to_lock);
            if (lock.owns_lock() && state->is_lost()) add_lost(execution, state->name);
        }
    }
    static void add_lost(Execution& execution, const std::string& name) {
        if (std::find(execution.lost.begin(), execution.lost.end(), name) == execution.lost.end())
            execution.lost.push_back(name);
    }

    /// Whether another try on the device may find memory.
    static bool make_room(DeviceSlot& slot) {
        if (slot.is_lost()) return false;
        const std::uint64_t before = slot.held_bytes();
        const std::lock_guard lock(slot.mutex);
        slot.release_spares();
        slot.evict();
        return slot.held_bytes() < before;
    }

    [[noreturn]] static void refuse(const Operation& operation, const Error& first,
                                    const Execution& execution) {
        std::string reason = first.reason();
        ErrorCode code = first.code();
        if (execution.attempts.size() > 1) {
            reason += "; then:";
            for (std::size_t i = 1; i < execution.attempts.size(); ++i)
                reason += " " + execution.attempts[i].message + ";";
            reason.pop_back();
        }
        for (const std::string& note : execution.notes) reason += "; " + note;
        if (!execution.lost.empty()) {
            code = ErrorCode::device_lost;
            reason += fmt::format("; lost with it: {}", fmt::join(execution.lost, ", "));
        }
        throw Error(code, reason,
                    first.operation().empty() ? "operation '" + operation.kernel + "'" : first.operation(),
                    first.device());
    }

    ExecutorOptions options_;
    std::vector<std::shared_ptr<DeviceSlot>> slots_;
    std::vector<bool> is_tuned_;
    executor::CostModel model_;
    std::mutex settled_mutex_;
    std::unordered_map<std::uint64_t, Settled> settled_;
    std::atomic<std::uint64_t> losses_{0};
};

}  // namespace detail

Executor::Executor(ExecutorOptions options)
    : state_(std::make_unique<detail::ExecutorState>(std::move(options))) {}
Executor::Executor(Executor&&) noexcept = default;
Executor& Executor::operator=(Executor&&) noexcept = default;
Executor::~Executor() = default;

Execution Executor::run(const Operation& operation, const RunOptions& options) {
    return state_->run(operation, options);
}

Execution Executor::choose(const Operation& operation, const RunOptions& options) const {
    return state_->choose_only(operation, options);
}

void Executor::save() const {
    state_->save();
}

std::vector<Executor::DeviceState> Executor::devices() const {
    return state_->devices();
}

}  // namespace heddle
