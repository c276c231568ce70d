// The decorators: device, queue, program and event; allocations and kernels pass through as they are.
#include "fault_injection.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace heddle::runtime {

namespace {

std::string_view name(FaultyCall call) {
    switch (call) {
        case FaultyCall::allocate:
            return "allocate";
        case FaultyCall::allocate_host:
            return "allocate_host";
        case FaultyCall::create_queue:
            return "create_queue";
        case FaultyCall::load:
            return "load";
        case FaultyCall::kernel:
            return "kernel";
        case FaultyCall::launch:
            return "launch";
        case FaultyCall::run:
            return "run";
        case FaultyCall::transfer:
            return "transfer";
        case FaultyCall::record:
            return "record";
        case FaultyCall::synchronize:
            return "synchronize";
    }
    return "?";
}

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
    FaultyEvent(std::shared_ptr<hal::Event> inner, std::optional<Error> failure)
        : inner_(std::move(inner)), failure_(std::move(failure)) {}
    bool ready() const override { return inner_->ready(); }
    void wait() override {
        inner_->wait();
        if (failure_) throw Error(*failure_);
    }
    std::uint64_t timestamp_ns() const override { return inner_->timestamp_ns(); }
    const std::shared_ptr<hal::Event>& inner() const { return inner_; }

  private:
    std::shared_ptr<hal::Event> inner_;
    std::optional<Error> failure_;
};

class FaultyQueue : public hal::Queue {
  public:
    FaultyQueue(std::unique_ptr<hal::Queue> inner, std::shared_ptr<FaultPlan> plan, std::string device)
        : inner_(std::move(inner)), plan_(std::move(plan)), device_(std::move(device)) {}

    void launch(hal::Launch launch) override {
        if (auto fault = plan_->take(FaultyCall::launch, device_)) throw Error(*fault);
        if (auto fault = plan_->take(FaultyCall::run, device_)) failure_.set(std::move(*fault));
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
        if (auto fault = plan_->take(FaultyCall::record, device_)) throw Error(*fault);
        const std::lock_guard lock(failure_.mutex);
        return std::make_shared<FaultyEvent>(inner_->record(), failure_.error);
    }
    void wait(std::shared_ptr<hal::Event> event) override {
        const auto* faulty = dynamic_cast<const FaultyEvent*>(event.get());
        inner_->wait(faulty != nullptr ? faulty->inner() : std::move(event));
    }
    void synchronize() override {
        inner_->synchronize();
        if (auto failure = failure_.take()) throw Error(*failure);
        if (auto fault = plan_->take(FaultyCall::synchronize, device_)) throw Error(*fault);
    }

  private:
    bool may_transfer() {
        if (auto fault = plan_->take(FaultyCall::transfer, device_)) throw Error(*fault);
        return !failure_.is_set();
    }
    std::unique_ptr<hal::Queue> inner_;
    std::shared_ptr<FaultPlan> plan_;
    std::string device_;
    Failure failure_;
};

class FaultyProgram : public hal::Program {
  public:
    FaultyProgram(std::shared_ptr<hal::Program> inner, std::shared_ptr<FaultPlan> plan, std::string device)
        : inner_(std::move(inner)), plan_(std::move(plan)), device_(std::move(device)) {}
    std::shared_ptr<hal::Kernel> kernel(const KernelInfo& info, std::span<const std::byte> code) override {
        if (auto fault = plan_->take(FaultyCall::kernel, device_)) throw Error(*fault);
        return inner_->kernel(info, code);
    }
    std::shared_ptr<hal::Allocation> globals() const noexcept override { return inner_->globals(); }

  private:
    std::shared_ptr<hal::Program> inner_;
    std::shared_ptr<FaultPlan> plan_;
    std::string device_;
};

class FaultyDevice : public hal::Device {
  public:
    FaultyDevice(std::shared_ptr<hal::Device> inner, std::shared_ptr<FaultPlan> plan)
        : inner_(std::move(inner)), plan_(std::move(plan)) {}
    const DeviceInfo& info() const noexcept override { return inner_->info(); }
    hal::CodeTarget code_target() const override { return inner_->code_target(); }
    std::shared_ptr<hal::Allocation> allocate(std::size_t bytes) override {
        if (auto fault = plan_->take(FaultyCall::allocate, info().id)) throw Error(*fault);
        return inner_->allocate(bytes);
    }
    std::shared_ptr<hal::HostMemory> allocate_host(std::size_t bytes) override {
        if (auto fault = plan_->take(FaultyCall::allocate_host, info().id)) throw Error(*fault);
        return inner_->allocate_host(bytes);
    }
    std::unique_ptr<hal::Queue> create_queue() override {
        if (auto fault = plan_->take(FaultyCall::create_queue, info().id)) throw Error(*fault);
        return std::make_unique<FaultyQueue>(inner_->create_queue(), plan_, info().id);
    }
    std::shared_ptr<hal::Program> load(const Package& package, std::span<const std::byte> payload) override {
        if (auto fault = plan_->take(FaultyCall::load, info().id)) throw Error(*fault);
        return std::make_shared<FaultyProgram>(inner_->load(package, payload), plan_, info().id);
    }

  private:
    std::shared_ptr<hal::Device> inner_;
    std::shared_ptr<FaultPlan> plan_;
};

}  // namespace

void FaultPlan::fail(FaultyCall call, std::uint64_t occurrence, ErrorCode code) {
    const std::lock_guard lock(mutex_);
    faults_.push_back({call, occurrence, code});
}

std::optional<Error> FaultPlan::take(FaultyCall call, const std::string& device) {
    const std::lock_guard lock(mutex_);
    std::optional<Error> result;
    for (auto at = faults_.begin(); at != faults_.end();) {
        if (at->call != call || at->remaining-- != 0) {
            ++at;
            continue;
        }
        if (!result) result.emplace(at->code, "injected fault", std::string(name(call)), device);
        at = faults_.erase(at);
    }
    return result;
}

std::size_t FaultPlan::pending() const {
    const std::lock_guard lock(mutex_);
    return faults_.size();
}

std::shared_ptr<hal::Device> with_faults(std::shared_ptr<hal::Device> device,
                                         std::shared_ptr<FaultPlan> plan) {
    return std::make_shared<FaultyDevice>(std::move(device), std::move(plan));
}

}  // namespace heddle::runtime
