// Commands go to the driver as they come; it keeps their order. Waiting for a queue is where failures of
// kernels come to light.
#include "backends/cuda/queue.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "backends/cuda/failure.h"
#include "backends/cuda/memory.h"
#include "backends/cuda/program.h"
#include "runtime/environment.h"

namespace heddle::cuda {

namespace {

using Clock = std::chrono::steady_clock;

/// Calls `query`, which asks whether work has ended, until it has or the time limit for work that makes no
/// end has run out; then the device is given up. Without a limit `block` waits in the driver.
template <class Query, class Block>
void await(const Context& context, const char* operation, Query query, Block block) {
    const std::optional<std::chrono::milliseconds> limit = environment::timeout();
    if (!limit) {
        context.check(block(), operation);
        return;
    }
    const auto start = Clock::now();
    auto pause = std::chrono::microseconds(0);
    for (;;) {
        const CUresult result = query();
        if (result != cuda_error_not_ready) {
            context.check(result, operation);
            return;
        }
        const auto waited = Clock::now() - start;
        if (waited > *limit) {
            const std::string why =
                "work did not end within " + std::to_string(limit->count()) + " ms (HEDDLE_TIMEOUT_MS)";
            context.give_up(why);
            throw Error(ErrorCode::timeout, why, operation, context.id());
        }
        // Short work is waited for without giving up the processor.
        if (waited > std::chrono::microseconds(100)) {
            pause =
                std::min(std::max(pause * 2, std::chrono::microseconds(20)), std::chrono::microseconds(1000));
            std::this_thread::sleep_for(pause);
        }
    }
}

/// What a queue's kernels have reported, shared with its events.
class Failures {
  public:
    explicit Failures(std::shared_ptr<Context> context) : context_(std::move(context)), slot_(context_) {}

    std::uint64_t device_address() const noexcept { return slot_.device_address(); }
    void expect(const std::shared_ptr<const GlobalsText>& program, const std::string& kernel) {
        const std::lock_guard lock(mutex_);
        if (program == last_ && kernel == kernel_) return;
        last_ = program;
        kernel_ = kernel;
        const bool is_known = std::any_of(programs_.begin(), programs_.end(),
                                          [&](const auto& other) { return other.lock() == program; });
        if (!is_known) {
            std::erase_if(programs_, [](const auto& other) { return other.expired(); });
            programs_.push_back(program);
        }
    }
    /// After the queue's work: throws what a kernel reported; once.
    void raise() {
        const std::lock_guard lock(mutex_);
        if (const std::optional<std::string> failure = slot_.take(programs_))
            throw Error(ErrorCode::launch_failed, *failure, "launch", context_->id());
    }

  private:
    std::shared_ptr<Context> context_;
    FailureSlot slot_;
    std::mutex mutex_;
    std::shared_ptr<const GlobalsText> last_;
    std::string kernel_;
    std::vector<std::weak_ptr<const GlobalsText>> programs_;
};

class CudaEvent final : public hal::Event {
  public:
    CudaEvent(std::shared_ptr<Context> context, std::shared_ptr<Failures> failures, CUstream stream)
        : context_(std::move(context)), failures_(std::move(failures)) {
        base_ = context_->clock_base(stream);
        event_ = context_->take_event();
        context_->check(context_->api().event_record(event_, stream), "recording an event");
    }
    ~CudaEvent() override { context_->return_event(event_); }

    bool ready() const override {
        context_->check_alive("asking for an event");
        const Current current = context_->make_current();
        const CUresult result = context_->api().event_query(event_);
        if (result == cuda_error_not_ready) return false;
        context_->check(result, "asking for an event");
        return true;
    }
    void wait() override {
        context_->check_alive("waiting for an event");
        {
            const Current current = context_->make_current();
            await(
                *context_, "waiting for an event", [&] { return context_->api().event_query(event_); },
                [&] { return context_->api().event_synchronize(event_); });
        }
        failures_->raise();
    }
    std::uint64_t timestamp_ns() const override { return context_->timestamp_ns(*base_, event_); }
    CUevent get() const noexcept { return event_; }

  private:
    std::shared_ptr<Context> context_;
    std::shared_ptr<Failures> failures_;
    std::shared_ptr<const ClockBase> base_;
    CUevent event_ = nullptr;
};

class CudaQueue final : public hal::Queue {
  public:
    explicit CudaQueue(std::shared_ptr<Context> context)
        : context_(std::move(context)),
          stream_(std::make_shared<Stream>(context_)),
          failures_(std::make_shared<Failures>(context_)) {}

    void launch(hal::Launch launch) override {
        context_->check_alive("launch");
        const auto& kernel = static_cast<const CudaKernel&>(*launch.kernel);
        const Current current = context_->make_current();
        for (const std::shared_ptr<hal::Allocation>& used : launch.allocations) use(*used);
        kernel.allow_shared(*context_, launch.config.shared_bytes);
        std::size_t bytes = launch.parameters.size();
        const std::byte* parameters = launch.parameters.data();
        if (kernel.may_fail()) {
            failures_->expect(kernel.program().texts(), kernel.info().name);
            const std::uint64_t address = failures_->device_address();
            const std::size_t at = (bytes + 7) / 8 * 8;
            launch.parameters.resize(at + sizeof address);
            parameters = launch.parameters.data();
            std::memcpy(launch.parameters.data() + at, &address, sizeof address);
            bytes = launch.parameters.size();
        }
        void* extra[] = {launch_buffer_pointer, const_cast<std::byte*>(parameters), launch_buffer_bytes,
                         &bytes, launch_buffer_end};
        const Dim3 grid = launch.config.grid, block = launch.config.block;
        const CUresult result = context_->api().launch(
            kernel.function(), grid.x, grid.y, grid.z, block.x, block.y, block.z,
            static_cast<unsigned>(launch.config.shared_bytes), stream_->get(), nullptr, extra);
        if (result != cuda_success) refuse(kernel, result);
    }
    void write(std::shared_ptr<hal::Allocation> destination, std::size_t offset, const void* source,
               std::size_t bytes) override {
        run("write", {destination.get()}, [&](CUstream stream) {
            return context_->api().copy_to_device_async(destination->device_address() + offset, source, bytes,
                                                        stream);
        });
    }
    void read(std::shared_ptr<hal::Allocation> source, std::size_t offset, void* destination,
              std::size_t bytes) override {
        run("read", {source.get()}, [&](CUstream stream) {
            return context_->api().copy_to_host_async(destination, source->device_address() + offset, bytes,
                                                      stream);
        });
    }
    void copy(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
              std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
              std::size_t bytes) override {
        run("copy", {destination.get(), source.get()}, [&](CUstream stream) {
            return context_->api().copy_on_device_async(destination->device_address() + destination_offset,
                                                        source->device_address() + source_offset, bytes,
                                                        stream);
        });
    }
    void fill(std::shared_ptr<hal::Allocation> destination, std::size_t offset, std::uint8_t value,
              std::size_t bytes) override {
        run("fill", {destination.get()}, [&](CUstream stream) {
            return context_->api().fill_async(destination->device_address() + offset, value, bytes, stream);
        });
    }
    std::shared_ptr<hal::Event> record() override {
        context_->check_alive("recording an event");
        const Current current = context_->make_current();
        return std::make_shared<CudaEvent>(context_, failures_, stream_->get());
    }
    void wait(std::shared_ptr<hal::Event> event) override {
        context_->check_alive("waiting for an event");
        const Current current = context_->make_current();
        context_->check(
            context_->api().stream_wait_event(stream_->get(), static_cast<CudaEvent&>(*event).get(), 0),
            "waiting for an event");
    }
    void synchronize() override {
        context_->check_alive("synchronize");
        {
            const Current current = context_->make_current();
            await(
                *context_, "synchronize", [&] { return context_->api().stream_query(stream_->get()); },
                [&] { return context_->api().stream_synchronize(stream_->get()); });
        }
        failures_->raise();
    }

  private:
    std::shared_ptr<Context> context_;
    std::shared_ptr<Stream> stream_;
    std::shared_ptr<Failures> failures_;

    void use(hal::Allocation& allocation) { static_cast<CudaAllocation&>(allocation).used_by(stream_); }

    template <class Command>
    void run(const char* operation, std::initializer_list<hal::Allocation*> used, Command command) {
        context_->check_alive(operation);
        const Current current = context_->make_current();
        for (hal::Allocation* each : used) use(*each);
        context_->check(command(stream_->get()), operation);
    }

    [[noreturn]] void refuse(const CudaKernel& kernel, CUresult result) const {
        const std::string operation = "launch of '" + kernel.info().name + "'";
        if (result == cuda_error_launch_out_of_resources) {
            int most = 0;
            context_->api().function_attribute(&most, FunctionAttribute::max_threads_per_block,
                                               kernel.function());
            throw Error(ErrorCode::launch_failed,
                        "the kernel needs so many registers that a block may have " + std::to_string(most) +
                            " threads; give it __launch_bounds__",
                        operation, context_->id());
        }
        context_->check(result, operation.c_str());
        throw Error(ErrorCode::internal, "a launch that succeeded was taken for refused", operation,
                    context_->id());
    }
};

}  // namespace

std::unique_ptr<hal::Queue> make_queue(std::shared_ptr<Context> context) {
    return std::make_unique<CudaQueue>(std::move(context));
}

}  // namespace heddle::cuda
