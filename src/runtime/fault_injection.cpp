// The decorators: device, queue, program and event; allocations and kernels pass through as they are.
#include "fault_injection.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <map>
#include <thread>
#include <utility>

#include "environment.h"

namespace heddle::runtime {

namespace {

constexpr std::array<std::pair<FaultyCall, std::string_view>, 12> call_names{{
    {FaultyCall::probe, "probe"},
    {FaultyCall::allocate, "allocate"},
    {FaultyCall::allocate_host, "allocate_host"},
    {FaultyCall::create_queue, "create_queue"},
    {FaultyCall::load, "load"},
    {FaultyCall::kernel, "kernel"},
    {FaultyCall::launch, "launch"},
    {FaultyCall::run, "run"},
    {FaultyCall::transfer, "transfer"},
    {FaultyCall::record, "record"},
    {FaultyCall::synchronize, "synchronize"},
    {FaultyCall::reopen, "reopen"},
}};

[[noreturn]] void crash() {
    std::raise(SIGSEGV);
    std::abort();  // where somebody has taken that signal
}

/// What the parts of a faulty device have in common.
class FaultyState {
  public:
    FaultyState(std::shared_ptr<FaultPlan> plan, std::string device)
        : plan_(std::move(plan)), device_(std::move(device)) {}

    /// Counts a call, and throws, hangs or crashes if that is planned.
    void meet(FaultyCall call) {
        check_alive(call);
        const std::optional<Fault> fault = plan_->take(call);
        if (!fault) return;
        switch (fault->kind) {
            case Fault::Kind::error:
                throw error(call, fault->code);
            case Fault::Kind::hang:
                sleep_until(hang_for(fault->duration));
                return check_alive(call);
            case Fault::Kind::crash:
                crash();
        }
    }
    /// The error of a call; device_lost takes the device down.
    Error error(FaultyCall call, ErrorCode code) {
        if (code == ErrorCode::device_lost) is_lost_ = true;
        return {code, "injected fault in " + std::string(name(call)) + " of " + device_,
                std::string(name(call)), device_};
    }
    void check_alive(FaultyCall call) const {
        if (is_lost_)
            throw Error(ErrorCode::device_lost, "the device died earlier: injected fault",
                        std::string(name(call)), device_);
    }
    std::chrono::steady_clock::time_point hang_for(std::chrono::milliseconds duration) {
        const auto end = std::chrono::steady_clock::now() + duration;
        hangs_until_ = end;
        return end;
    }
    bool is_hanging() const noexcept { return std::chrono::steady_clock::now() < hangs_until_.load(); }
    /// Ends early when the device is abandoned.
    void sleep_until(std::chrono::steady_clock::time_point end) const {
        while (!is_lost_ && std::chrono::steady_clock::now() < end)
            std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    void lose() noexcept { is_lost_ = true; }
    bool is_lost() const noexcept { return is_lost_; }
    FaultPlan& plan() const noexcept { return *plan_; }
    const std::shared_ptr<FaultPlan>& shared_plan() const noexcept { return plan_; }

  private:
    std::shared_ptr<FaultPlan> plan_;
    std::string device_;
    std::atomic<bool> is_lost_{false};
    std::atomic<std::chrono::steady_clock::time_point> hangs_until_{};
};

// What a queue that has failed remembers until it is told to the caller.
struct Failure {
    std::mutex mutex;
    std::optional<Error> error;

    bool is_set() {
        const std::lock_guard lock(mutex);
        return error.has_value();
    }
    void set(Error what) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::move(what);
    }
    std::optional<Error> take() {
        const std::lock_guard lock(mutex);
        return std::exchange(error, std::nullopt);
    }
};

class FaultyEvent : public hal::Event {
  public:
    FaultyEvent(std::shared_ptr<hal::Event> inner, std::optional<Error> failure,
                std::shared_ptr<FaultyState> state, std::chrono::steady_clock::time_point not_before)
        : inner_(std::move(inner)),
          failure_(std::move(failure)),
          state_(std::move(state)),
          not_before_(not_before) {}
    bool ready() const override { return std::chrono::steady_clock::now() >= not_before_ && inner_->ready(); }
    void wait() override {
        state_->sleep_until(not_before_);
        state_->check_alive(FaultyCall::synchronize);
        inner_->wait();
        if (failure_) throw Error(*failure_);
    }
    std::uint64_t timestamp_ns() const override { return inner_->timestamp_ns(); }
    const std::shared_ptr<hal::Event>& inner() const { return inner_; }

  private:
    std::shared_ptr<hal::Event> inner_;
    std::optional<Error> failure_;
    std::shared_ptr<FaultyState> state_;
    std::chrono::steady_clock::time_point not_before_;
};

class FaultyQueue : public hal::Queue {
  public:
    FaultyQueue(std::unique_ptr<hal::Queue> inner, std::shared_ptr<FaultyState> state)
        : inner_(std::move(inner)), state_(std::move(state)) {}

    void launch(hal::Launch launch) override {
        state_->meet(FaultyCall::launch);
        if (const auto fault = state_->plan().take(FaultyCall::run)) {
            if (fault->kind == Fault::Kind::crash) crash();
            if (fault->kind == Fault::Kind::hang)
                busy_until_ = state_->hang_for(fault->duration);
            else
                failure_.set(state_->error(FaultyCall::run, fault->code));
        }
        if (!failure_.is_set()) inner_->launch(std::move(launch));
    }
    void write(std::shared_ptr<hal::Allocation> destination, std::size_t offset, const void* source,
               std::size_t bytes) override {
        if (may_transfer()) inner_->write(std::move(destination), offset, source, bytes);
    }
    void read(std::shared_ptr<hal::Allocation> source, std::size_t offset, void* destination,
              std::size_t bytes) override {
        if (may_transfer()) inner_->read(std::move(source), offset, destination, bytes);
    }
    void copy(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
              std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
              std::size_t bytes) override {
        if (!may_transfer()) return;
        inner_->copy(std::move(destination), destination_offset, std::move(source), source_offset, bytes);
    }
    bool copy_from_peer(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
                        std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
                        std::size_t bytes) override {
        if (!may_transfer()) return true;  // dropped, like every command after a failure
        return inner_->copy_from_peer(std::move(destination), destination_offset, std::move(source),
                                      source_offset, bytes);
    }
    void fill(std::shared_ptr<hal::Allocation> destination, std::size_t offset, std::uint8_t value,
              std::size_t bytes) override {
        if (may_transfer()) inner_->fill(std::move(destination), offset, value, bytes);
    }
    std::shared_ptr<hal::Event> record() override {
        state_->meet(FaultyCall::record);
        const std::lock_guard lock(failure_.mutex);
        return std::make_shared<FaultyEvent>(inner_->record(), failure_.error, state_, busy_until_.load());
    }
    void wait(std::shared_ptr<hal::Event> event) override {
        const auto* faulty = dynamic_cast<const FaultyEvent*>(event.get());
        inner_->wait(faulty != nullptr ? faulty->inner() : std::move(event));
    }
    void synchronize() override {
        state_->sleep_until(busy_until_);
        inner_->synchronize();
        if (auto failure = failure_.take()) throw Error(*failure);
        state_->meet(FaultyCall::synchronize);
    }

  private:
    bool may_transfer() {
        state_->meet(FaultyCall::transfer);
        return !failure_.is_set();
    }
    std::unique_ptr<hal::Queue> inner_;
    std::shared_ptr<FaultyState> state_;
    Failure failure_;
    std::atomic<std::chrono::steady_clock::time_point> busy_until_{};
};

class FaultyProgram : public hal::Program {
  public:
    FaultyProgram(std::shared_ptr<hal::Program> inner, std::shared_ptr<FaultyState> state)
        : inner_(std::move(inner)), state_(std::move(state)) {}
    std::shared_ptr<hal::Kernel> kernel(const KernelInfo& info, std::span<const std::byte> code) override {
        state_->meet(FaultyCall::kernel);
        return inner_->kernel(info, code);
    }
    std::shared_ptr<hal::Allocation> globals() const noexcept override { return inner_->globals(); }

  private:
    std::shared_ptr<hal::Program> inner_;
    std::shared_ptr<FaultyState> state_;
};

class FaultyDevice : public hal::Device {
  public:
    FaultyDevice(std::shared_ptr<hal::Device> inner, const std::shared_ptr<FaultPlan>& plan)
        : inner_(std::move(inner)), state_(std::make_shared<FaultyState>(plan, inner_->info().id)) {}
    const DeviceInfo& info() const noexcept override { return inner_->info(); }
    hal::CodeTarget code_target() const override { return inner_->code_target(); }
    std::shared_ptr<hal::Allocation> allocate(std::size_t bytes) override {
        state_->meet(FaultyCall::allocate);
        return inner_->allocate(bytes);
    }
    std::shared_ptr<hal::HostMemory> allocate_host(std::size_t bytes) override {
        state_->meet(FaultyCall::allocate_host);
        return inner_->allocate_host(bytes);
    }
    std::unique_ptr<hal::Queue> create_queue() override {
        state_->meet(FaultyCall::create_queue);
        return std::make_unique<FaultyQueue>(inner_->create_queue(), state_);
    }
    std::shared_ptr<hal::Allocation> import_host(void* memory, std::size_t bytes) override {
        return inner_->import_host(memory, bytes);
    }
    bool abandon(const std::string& why) noexcept override {
        // What hangs by plan ends with this; else it is the device beneath.
        const bool is_planned = state_->is_hanging();
        state_->lose();
        return is_planned || inner_->abandon(why);
    }
    std::shared_ptr<hal::Device> reopened() override {
        if (const auto fault = state_->plan().take(FaultyCall::reopen))
            throw state_->error(FaultyCall::reopen, fault->code);
        std::shared_ptr<hal::Device> again = inner_->reopened();
        return with_faults(again != nullptr ? std::move(again) : inner_, state_->shared_plan());
    }
    std::shared_ptr<hal::Program> load(const Package& package, std::span<const std::byte> payload) override {
        state_->meet(FaultyCall::load);
        return std::make_shared<FaultyProgram>(inner_->load(package, payload), state_);
    }

  private:
    std::shared_ptr<hal::Device> inner_;
    std::shared_ptr<FaultyState> state_;
};

// ---- the text of HEDDLE_FAULTS

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(separators), text.size());
        if (end != 0) parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

[[noreturn]] void refuse(std::string_view entry, const std::string& why) {
    throw Error(ErrorCode::invalid_argument,
                "HEDDLE_FAULTS: '" + std::string(entry) + "' " + why +
                    "; an entry is DEVICE CALL OCCURRENCE FAULT, for example 'cuda:0 launch 3 device_lost'");
}

std::uint64_t number(std::string_view text, std::string_view entry) {
    std::uint64_t value = 0;
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || stop != text.data() + text.size())
        refuse(entry, "has '" + std::string(text) + "' for a number");
    return value;
}

Fault parse_fault(std::string_view text, std::string_view entry) {
    if (text == "crash") return {Fault::Kind::crash, ErrorCode::internal, {}};
    if (text.starts_with("hang:"))
        return {Fault::Kind::hang, ErrorCode::timeout,
                std::chrono::milliseconds(number(text.substr(5), entry))};
    for (int code = 1; code <= static_cast<int>(ErrorCode::internal); ++code)
        if (heddle::name(static_cast<ErrorCode>(code)) == text)
            return {Fault::Kind::error, static_cast<ErrorCode>(code), {}};
    refuse(entry,
           "has the fault '" + std::string(text) + "', which is neither an error nor crash nor hang:MS");
}

}  // namespace

std::string_view name(FaultyCall call) noexcept {
    for (const auto& [each, text] : call_names)
        if (each == call) return text;
    return "?";
}

void FaultPlan::fail(FaultyCall call, std::uint64_t occurrence, Fault fault) {
    const std::lock_guard lock(mutex_);
    planned_.push_back({call, occurrence, fault});
}

std::optional<Fault> FaultPlan::take(FaultyCall call) {
    const std::lock_guard lock(mutex_);
    std::optional<Fault> result;
    for (auto at = planned_.begin(); at != planned_.end();) {
        if (at->call != call || at->remaining-- != 0) {
            ++at;
            continue;
        }
        if (!result) {
            result = at->fault;
            ++happened_;
        }
        at = planned_.erase(at);
    }
    return result;
}

std::size_t FaultPlan::pending() const {
    const std::lock_guard lock(mutex_);
    return planned_.size();
}

std::size_t FaultPlan::happened() const {
    const std::lock_guard lock(mutex_);
    return happened_;
}

void FaultPlan::clear() {
    const std::lock_guard lock(mutex_);
    planned_.clear();
}

std::shared_ptr<hal::Device> with_faults(std::shared_ptr<hal::Device> device,
                                         std::shared_ptr<FaultPlan> plan) {
    return std::make_shared<FaultyDevice>(std::move(device), std::move(plan));
}

std::shared_ptr<FaultPlan> parse_faults(std::string_view text, const std::string& target) {
    std::shared_ptr<FaultPlan> plan;
    for (const std::string_view entry : split(text, ";\n")) {
        const std::vector<std::string_view> words = split(entry, " \t");
        if (words.empty()) continue;
        if (words.size() != 4) refuse(entry, "has " + std::to_string(words.size()) + " words");
        const auto* call = std::find_if(call_names.begin(), call_names.end(),
                                        [&](const auto& each) { return each.second == words[1]; });
        if (call == call_names.end()) refuse(entry, "names no call '" + std::string(words[1]) + "'");
        const std::uint64_t occurrence = number(words[2], entry);
        const Fault fault = parse_fault(words[3], entry);
        if (words[0] != target) continue;
        if (plan == nullptr) plan = std::make_shared<FaultPlan>();
        plan->fail(call->first, occurrence, fault);
    }
    return plan;
}

std::shared_ptr<FaultPlan> planned_faults(const std::string& target) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<FaultPlan>> plans;
    const std::lock_guard lock(mutex);
    const auto known = plans.find(target);
    if (known != plans.end()) return known->second;
    const std::optional<std::string> text = environment::faults();
    return plans.emplace(target, text ? parse_faults(*text, target) : nullptr).first->second;
}

void meet_probe_fault(const std::string& backend) {
    if (const std::shared_ptr<FaultPlan> plan = planned_faults(backend))
        FaultyState(plan, backend).meet(FaultyCall::probe);
}

}  // namespace heddle::runtime
