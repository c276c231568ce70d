// Commands go to the driver as they come; it keeps their order. Waiting for a queue is where failures of
// kernels come to light.
#include "backends/cuda/queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "backends/cuda/await.h"
#include "backends/cuda/failure.h"
#include "backends/cuda/memory.h"
#include "backends/cuda/program.h"
#include "runtime/environment.h"
#include "runtime/log.h"

namespace heddle::cuda {

namespace {

/// Why a queue has stopped.
struct Failure {
    std::string reason, operation;
};

class CudaEvent final : public hal::Event {
  public:
    /// `failure` is what stopped the queue before the event.
    CudaEvent(std::shared_ptr<Context> context, std::optional<Failure> failure, CUstream stream)
        : context_(std::move(context)), failure_(std::move(failure)) {
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
        if (failure_)
            throw Error(ErrorCode::launch_failed, failure_->reason, failure_->operation, context_->id());
    }
    const std::optional<Failure>& failure() const noexcept { return failure_; }
    std::uint64_t timestamp_ns() const override { return context_->timestamp_ns(*base_, event_); }
    CUevent get() const noexcept { return event_; }

  private:
    std::shared_ptr<Context> context_;
    std::optional<Failure> failure_;
    std::shared_ptr<const ClockBase> base_;
    CUevent event_ = nullptr;
};

/// What is queued behind a failure must not run. So before a command goes to the driver, an earlier launch
/// that may fail (a kernel with assert or __trap) is waited for; other launches are not.
class CudaQueue final : public hal::Queue {
  public:
    explicit CudaQueue(std::shared_ptr<Context> context)
        : context_(std::move(context)), stream_(std::make_shared<Stream>(context_)), slot_(context_) {}
    /// Waits for the work here, where there may be a time limit: the stream's own end knows of none.
    ~CudaQueue() override {
        if (context_->is_lost()) return;
        try {
            const Current current = context_->make_current();
            const std::lock_guard lock(mutex_);
            finish("the end of a queue");
        } catch (const Error& error) {
            runtime::log().warn("{}", error.what());
        }
    }
    CudaQueue(const CudaQueue&) = delete;
    CudaQueue& operator=(const CudaQueue&) = delete;

    void launch(hal::Launch launch) override {
        const auto& kernel = static_cast<const CudaKernel&>(*launch.kernel);
        run("launch", [&] {
            for (const std::shared_ptr<hal::Allocation>& used : launch.allocations) use(*used);
            kernel.allow_shared(*context_, launch.config.shared_bytes);
            std::size_t bytes = launch.parameters.size();
            if (kernel.may_fail()) {
                const std::uint64_t address = slot_.device_address();
                const std::size_t at = (bytes + 7) / 8 * 8;
                bytes = at + sizeof address;
                launch.parameters.resize(bytes);
                std::memcpy(launch.parameters.data() + at, &address, sizeof address);
            }
            void* extra[] = {launch_buffer_pointer, launch.parameters.data(), launch_buffer_bytes, &bytes,
                             launch_buffer_end};
            const Dim3 grid = launch.config.grid, block = launch.config.block;
            const CUresult result = context_->api().launch(
                kernel.function(), grid.x, grid.y, grid.z, block.x, block.y, block.z,
                static_cast<unsigned>(launch.config.shared_bytes), stream_->get(), nullptr, extra);
            if (result != cuda_success) refuse(kernel, launch.config, result);
            if (kernel.may_fail()) pending_ = std::move(launch.kernel);
            return cuda_success;
        });
    }
    void write(std::shared_ptr<hal::Allocation> destination, std::size_t offset, const void* source,
               std::size_t bytes) override {
        run("write", [&] {
            use(*destination);
            use_host(source, bytes, "write");
            return context_->api().copy_to_device_async(destination->device_address() + offset, source, bytes,
                                                        stream_->get());
        });
    }
    void read(std::shared_ptr<hal::Allocation> source, std::size_t offset, void* destination,
              std::size_t bytes) override {
        run("read", [&] {
            use(*source);
            use_host(destination, bytes, "read");
            return context_->api().copy_to_host_async(destination, source->device_address() + offset, bytes,
                                                      stream_->get());
        });
    }
    void copy(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
              std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
              std::size_t bytes) override {
        run("copy", [&] {
            use(*destination);
            use(*source);
            return context_->api().copy_on_device_async(destination->device_address() + destination_offset,
                                                        source->device_address() + source_offset, bytes,
                                                        stream_->get());
        });
    }
    bool copy_from_peer(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
                        std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
                        std::size_t bytes) override {
        const auto* const peer = dynamic_cast<const CudaAllocation*>(source.get());
        if (peer == nullptr || !context_->reaches(peer->context())) return false;
        run("copy from another device", [&] {
            use(*destination);
            return context_->copy_from(peer->context(), source->device_address() + source_offset,
                                       destination->device_address() + destination_offset, bytes,
                                       stream_->get());
        });
        return true;
    }
    void fill(std::shared_ptr<hal::Allocation> destination, std::size_t offset, std::uint8_t value,
              std::size_t bytes) override {
        run("fill", [&] {
            use(*destination);
            return context_->api().fill_async(destination->device_address() + offset, value, bytes,
                                              stream_->get());
        });
    }
    std::shared_ptr<hal::Event> record() override {
        context_->check_alive("recording an event");
        const Current current = context_->make_current();
        const std::lock_guard lock(mutex_);
        settle();
        return std::make_shared<CudaEvent>(context_, failure_, stream_->get());
    }
    void wait(std::shared_ptr<hal::Event> event) override {
        const auto& other = static_cast<const CudaEvent&>(*event);
        run("waiting for an event", [&] {
            failure_ = other.failure();
            return context_->api().stream_wait_event(stream_->get(), other.get(), 0);
        });
    }
    void synchronize() override {
        context_->check_alive("synchronize");
        const Current current = context_->make_current();
        const std::lock_guard lock(mutex_);
        settle();
        finish("synchronize");
        if (const std::optional<Failure> failure = std::exchange(failure_, std::nullopt))
            throw Error(ErrorCode::launch_failed, failure->reason, failure->operation, context_->id());
    }

  private:
    std::shared_ptr<Context> context_;
    std::shared_ptr<Stream> stream_;
    std::mutex mutex_;
    FailureSlot slot_;
    std::shared_ptr<hal::Kernel> pending_;  // the last launch that may fail, while nobody has looked
    std::optional<Failure> failure_;        // since the last synchronize()

    void use(hal::Allocation& allocation) { static_cast<CudaAllocation&>(allocation).used_by(stream_); }

    void use_host(const void* pointer, std::size_t bytes, const char* operation) {
        if (const std::shared_ptr<hal::HostMemory> memory = context_->host_ranges().find(pointer, bytes))
            static_cast<CudaHostMemory&>(*memory).used_by(stream_);
        else if (environment::timeout())
            finish(operation);  // the driver would wait for the work before, without a limit
    }

    void finish(const char* operation) {
        await(
            *context_, operation, [&] { return context_->api().stream_query(stream_->get()); },
            [&] { return context_->api().stream_synchronize(stream_->get()); });
    }
    void settle() {
        if (pending_ == nullptr) return;
        const std::shared_ptr<hal::Kernel> kernel = std::exchange(pending_, nullptr);
        finish("launch");
        if (std::optional<std::string> reason =
                slot_.take(*static_cast<const CudaKernel&>(*kernel).program().texts()))
            failure_ = {std::move(*reason), "launch of '" + kernel->info().name + "'"};
    }
    template <class Command>
    void run(const char* operation, Command command) {
        context_->check_alive(operation);
        const Current current = context_->make_current();
        const std::lock_guard lock(mutex_);
        settle();
        if (failure_) return;
        context_->check(command(), operation);
    }

    [[noreturn]] void refuse(const CudaKernel& kernel, const LaunchConfig& config, CUresult result) const {
        const Dim3 &grid = config.grid, &block = config.block;
        const std::string operation = fmt::format(
            "launch of '{}' (grid {}x{}x{}, block {}x{}x{}, {} bytes of shared memory)", kernel.info().name,
            grid.x, grid.y, grid.z, block.x, block.y, block.z, config.shared_bytes);
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
