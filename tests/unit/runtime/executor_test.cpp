// Executor: what it chooses, what it does when a device fails, and what its records say. Devices are the
// CPU's own, behind the fault injector.
#include <heddle/executor.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "runtime/fault_injection.h"

namespace heddle {
namespace {

using runtime::Fault;
using runtime::FaultPlan;
using runtime::FaultyCall;
using std::chrono::milliseconds;

constexpr const char* source = R"(
__global__ void add(unsigned* y, const unsigned* x, unsigned a, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] += a * x[i];
}
__global__ void copy(unsigned* y, const unsigned* x, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = x[i];
}
__global__ void refuse(unsigned* y) { __trap(); }
)";

/// Looks like a GPU to the executor: it copies to and from memory of its own.
class Remote final : public hal::Device {
  public:
    explicit Remote(std::shared_ptr<hal::Device> inner, std::string id)
        : inner_(std::move(inner)), info_(inner_->info()) {
        info_.id = std::move(id);
        info_.backend = "remote";
        info_.kind = DeviceKind::discrete;
    }
    const DeviceInfo& info() const noexcept override { return info_; }
    hal::CodeTarget code_target() const override { return inner_->code_target(); }
    std::shared_ptr<hal::Allocation> allocate(std::size_t bytes) override { return inner_->allocate(bytes); }
    std::shared_ptr<hal::HostMemory> allocate_host(std::size_t bytes) override {
        return inner_->allocate_host(bytes);
    }
    std::unique_ptr<hal::Queue> create_queue() override { return inner_->create_queue(); }
    std::shared_ptr<hal::Program> load(const Package& package, std::span<const std::byte> payload) override {
        return inner_->load(package, payload);
    }

  private:
    std::shared_ptr<hal::Device> inner_;
    DeviceInfo info_;
};

class ExecutorTest : public testing::Test {
  protected:
    static constexpr unsigned n = 1000;

    ExecutorTest() : code_(Code::from_source(source, "executor_test.cu")) {
        renew();
        x_.resize(n);
        y_.resize(n);
        std::iota(x_.begin(), x_.end(), 1U);
        std::iota(y_.begin(), y_.end(), 100U);
    }

    Executor executor(const std::function<void(ExecutorOptions&)>& change = {}) {
        ExecutorOptions options;
        options.devices = devices_;
        options.first_pause = milliseconds(50);
        if (change) change(options);
        return Executor(std::move(options));
    }
    /// New devices, in place of those that died.
    void renew() {
        plans_.clear();
        devices_.clear();
        const Device cpu = heddle::device("cpu:0"), scalar = heddle::device("scalar:0");
        add(std::make_shared<Remote>(cpu.shared_impl(), "remote:0"));
        add(cpu.shared_impl());
        add(scalar.shared_impl());
    }
    FaultPlan& faults(std::size_t device) { return *plans_[device]; }

    static LaunchConfig config() { return {{(n + 127) / 128}, {128}, 0}; }
    Operation add_operation() {
        return {code_,
                "add",
                config(),
                {Data::of("y", std::span(y_)), Data::of("x", std::span<const unsigned>(x_)), 3U, n}};
    }
    /// `times` additions to y.
    void expect_added(unsigned times) const {
        for (unsigned i = 0; i < n; ++i) ASSERT_EQ(y_[i], 100 + i + times * 3 * (i + 1)) << i;
    }
    static RunOptions first(std::string_view id) {
        RunOptions options;
        options.first = id;
        return options;
    }
    static RunOptions only(std::string_view id) {
        RunOptions options;
        options.device = id;
        return options;
    }

    std::vector<std::shared_ptr<FaultPlan>> plans_;
    std::vector<Device> devices_;
    Code code_;
    std::vector<unsigned> x_, y_;

  private:
    void add(std::shared_ptr<hal::Device> device) {
        plans_.push_back(std::make_shared<FaultPlan>());
        devices_.emplace_back(runtime::with_faults(std::move(device), plans_.back()));
    }
};

TEST_F(ExecutorTest, ForcedDevicesAndMethodsDoTheWorkAndSaySo) {
    Executor it = executor();
    unsigned times = 0;
    for (const char* id : {"remote:0", "cpu:0", "scalar:0"}) {
        const Execution execution = it.run(add_operation(), only(id));
        EXPECT_EQ(execution.device, id);
        EXPECT_EQ(execution.reason, Execution::Reason::forced);
        EXPECT_GT(execution.milliseconds, 0);
        expect_added(++times);
    }
    RunOptions simd;
    simd.method = Method::simd;
    EXPECT_EQ(it.run(add_operation(), simd).device, "cpu:0");
    expect_added(++times);
    EXPECT_THROW(it.run(add_operation(), only("cuda:7")), Error);
    expect_added(times);
}

// Every call that can fail, with every device that is tried: the data is intact, the result right, and the
// record complete.
TEST_F(ExecutorTest, EveryFailureLeadsToTheNextDeviceWithTheDataIntact) {
    struct Case {
        FaultyCall call;
        Fault fault;
    };
    const auto error = [](ErrorCode code) { return Fault{Fault::Kind::error, code, {}}; };
    const std::vector<Case> cases{
        {FaultyCall::allocate, error(ErrorCode::out_of_memory)},
        {FaultyCall::allocate, error(ErrorCode::device_lost)},
        {FaultyCall::create_queue, error(ErrorCode::device_lost)},
        {FaultyCall::load, error(ErrorCode::compile_failed)},
        {FaultyCall::kernel, error(ErrorCode::unsupported)},
        {FaultyCall::launch, error(ErrorCode::launch_failed)},
        {FaultyCall::launch, error(ErrorCode::device_lost)},
        {FaultyCall::run, error(ErrorCode::launch_failed)},
        {FaultyCall::run, error(ErrorCode::timeout)},
        {FaultyCall::transfer, error(ErrorCode::device_lost)},
        {FaultyCall::synchronize, error(ErrorCode::device_lost)},
        {FaultyCall::synchronize, error(ErrorCode::internal)},
    };
    for (const Case& each : cases)
        for (std::size_t device = 0; device < devices_.size(); ++device) {
            renew();
            const std::string id = devices_[device].id();
            const bool copies = device == 0;
            if (!copies && (each.call == FaultyCall::allocate || each.call == FaultyCall::transfer)) continue;
            SCOPED_TRACE(std::string(runtime::name(each.call)) + " " + std::string(name(each.fault.code)) +
                         " on " + id);
            Executor it = executor();
            std::iota(y_.begin(), y_.end(), 100U);
            // As often as it is tried: memory is asked for twice.
            for (int k = 0; k < 2; ++k) faults(device).fail(each.call, 0, each.fault);
            const Execution execution = it.run(add_operation(), first(id));
            faults(device).clear();
            EXPECT_NE(execution.device, id);
            EXPECT_EQ(execution.reason, Execution::Reason::fallback);
            ASSERT_FALSE(execution.attempts.empty());
            EXPECT_EQ(execution.attempts[0].device, id);
            EXPECT_EQ(execution.attempts[0].error, each.fault.code);
            EXPECT_NE(execution.attempts[0].message.find("injected fault"), std::string::npos);
            EXPECT_NE(execution.why().find(id), std::string::npos);
            expect_added(1);
        }
}

TEST_F(ExecutorTest, WorkThatHangsIsLeftBehindAtTheTimeLimit) {
    for (std::size_t device = 0; device < devices_.size(); ++device) {
        renew();
        const std::string id = devices_[device].id();
        SCOPED_TRACE(id);
        Executor it = executor([](ExecutorOptions& options) { options.time_limit = milliseconds(100); });
        std::iota(y_.begin(), y_.end(), 100U);
        it.run(add_operation(), only(id));  // compiled, so that the time is the work's
        faults(device).fail(FaultyCall::run, 0, {Fault::Kind::hang, ErrorCode::timeout, milliseconds(3000)});
        const Execution execution = it.run(add_operation(), first(id));
        ASSERT_EQ(execution.attempts.size(), 1U);
        EXPECT_EQ(execution.attempts[0].error, ErrorCode::timeout);
        EXPECT_NE(execution.attempts[0].message.find("100 ms"), std::string::npos)
            << execution.attempts[0].message;
        EXPECT_LT(execution.milliseconds, 2500);
        expect_added(2);
    }
}

TEST_F(ExecutorTest, ALostDeviceIsUsedAgainAfterAPauseThatDoubles) {
    Executor it = executor();
    faults(0).fail(FaultyCall::launch, 0, ErrorCode::device_lost);
    it.run(add_operation(), first("remote:0"));
    EXPECT_TRUE(it.devices()[0].is_lost);
    const Execution meanwhile = it.run(add_operation(), first("remote:0"));
    EXPECT_NE(meanwhile.device, "remote:0");
    ASSERT_EQ(meanwhile.notes.size(), 1U);
    EXPECT_NE(meanwhile.notes[0].find("remote:0: lost"), std::string::npos) << meanwhile.notes[0];
    std::this_thread::sleep_for(milliseconds(60));
    // It cannot be opened yet: the next pause is twice as long.
    faults(0).fail(FaultyCall::reopen, 0, ErrorCode::device_unavailable);
    const Execution again = it.run(add_operation(), first("remote:0"));
    ASSERT_FALSE(again.attempts.empty());
    EXPECT_EQ(again.attempts[0].error, ErrorCode::device_unavailable);
    std::this_thread::sleep_for(milliseconds(60));
    EXPECT_NE(it.run(add_operation(), first("remote:0")).device, "remote:0");
    std::this_thread::sleep_for(milliseconds(60));
    EXPECT_EQ(it.run(add_operation(), first("remote:0")).device, "remote:0");
    EXPECT_FALSE(it.devices()[0].is_lost);
    expect_added(5);
}

TEST_F(ExecutorTest, WhatLivedOnlyOnALostDeviceIsNamedAndWhatIsMirroredLives) {
    Executor it = executor();
    for (const Data::Copies copies : {Data::Copies::where_written, Data::Copies::mirrored}) {
        SCOPED_TRACE(static_cast<int>(copies));
        std::this_thread::sleep_for(milliseconds(60));
        Data kept = Data::resident("kept", n * sizeof(unsigned), copies);
        const Operation fill{
            code_, "copy", config(), {out(kept), Data::of("x", std::span<const unsigned>(x_)), n}};
        ASSERT_EQ(it.run(fill, only("remote:0")).device, "remote:0");
        const bool is_mirrored = copies == Data::Copies::mirrored;
        EXPECT_EQ(kept.places(), is_mirrored ? (std::vector<std::string>{"host", "remote:0"})
                                             : std::vector<std::string>{"remote:0"});
        // The device dies under another operation.
        faults(0).fail(FaultyCall::launch, 0, ErrorCode::device_lost);
        const Execution execution = it.run(add_operation(), first("remote:0"));
        EXPECT_EQ(execution.lost,
                  is_mirrored ? std::vector<std::string>{} : std::vector<std::string>{"kept"});
        std::vector<unsigned> found(n);
        const Operation use{code_, "copy", config(), {out(Data::of("found", std::span(found))), in(kept), n}};
        if (is_mirrored) {
            EXPECT_NE(it.run(use).device, "remote:0");
            EXPECT_EQ(found, x_);
        } else {
            EXPECT_TRUE(kept.places().empty());
            try {
                it.run(use);
                ADD_FAILURE() << "lost data was used";
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::device_lost);
                EXPECT_NE(std::string(error.what()).find("'kept'"), std::string::npos) << error.what();
            }
            kept.write(x_.data(), n * sizeof(unsigned));  // whole again
            it.run(use);
            EXPECT_EQ(found, x_);
        }
    }
}

TEST_F(ExecutorTest, ResidentDataStaysAndCountsInTheChoice) {
    Executor it = executor();
    const std::size_t bytes = n * sizeof(unsigned);
    Data y = Data::resident("y", bytes), x = Data::resident("x", bytes);
    y.write(y_.data(), bytes);
    x.write(x_.data(), bytes);
    const Operation operation{code_, "add", config(), {inout(y), in(x), 3U, n}};
    const Execution there = it.run(operation, only("remote:0"));
    EXPECT_EQ(there.bytes_to_device, 2 * bytes);
    EXPECT_EQ(there.bytes_to_host, 0U);
    const Execution again = it.run(operation, only("remote:0"));
    EXPECT_EQ(again.bytes_to_device, 0U);
    EXPECT_EQ(y.places(), std::vector<std::string>{"remote:0"});
    // Where it is not, it has to be fetched from where it is.
    EXPECT_EQ(it.run(operation, only("scalar:0")).bytes_to_host, bytes);
    EXPECT_EQ(y.places(), std::vector<std::string>{"host"});
    std::vector<unsigned> found(n);
    y.read(found.data(), bytes);
    y_ = found;
    expect_added(3);
    EXPECT_THROW(y.read(found.data(), bytes, 1), Error);
    EXPECT_THROW(Data::of("y", std::span(y_)).read(found.data(), bytes), Error);
}

TEST_F(ExecutorTest, TheMemoryLimitEvictsWhatIsElsewhereAndThenPassesOver) {
    const std::size_t bytes = 64 * 1024;
    Executor it = executor([&](ExecutorOptions& options) {
        options.memory_limit = 3 * bytes;
        options.devices = {devices_[0], devices_[2]};
    });
    std::vector<Data> all;
    const unsigned count = bytes / sizeof(unsigned);
    for (int k = 0; k < 6; ++k) {
        // Mirrored data can be evicted at any time.
        all.push_back(Data::resident("d" + std::to_string(k), bytes, Data::Copies::mirrored));
        const Operation copy{
            code_, "copy", {{count / 128}, {128}, 0}, {out(all.back()), in(all.front()), count}};
        if (k > 0) EXPECT_EQ(it.run(copy, first("remote:0")).device, "remote:0") << k;
        EXPECT_LE(it.devices()[0].held_bytes, 3 * bytes);
    }
    // More than the limit at once is for another device.
    Data large = Data::resident("large", 4 * bytes);
    const Operation too_large{code_, "copy", {{count / 128}, {128}, 0}, {out(large), in(all.front()), count}};
    const Execution execution = it.run(too_large, first("remote:0"));
    EXPECT_EQ(execution.device, "scalar:0");
    ASSERT_FALSE(execution.attempts.empty());
    EXPECT_EQ(execution.attempts[0].error, ErrorCode::out_of_memory);
    EXPECT_NE(execution.attempts[0].message.find("limit"), std::string::npos);
}

TEST_F(ExecutorTest, TheCallersMistakesAreErrorsAtOnce) {
    Executor it = executor();
    Operation few = add_operation();
    few.arguments.pop_back();
    EXPECT_THROW(it.run(few), Error);
    Operation missing = add_operation();
    missing.kernel = "ad";
    try {
        it.run(missing);
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
    }
    const Operation constant{
        code_,
        "add",
        config(),
        {Data::of("y", std::span<const unsigned>(y_)), Data::of("x", std::span(x_)), 3U, n}};
    try {
        it.run(constant);
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        EXPECT_NE(std::string(error.what()).find("'y' is constant"), std::string::npos) << error.what();
    }
    for (const Executor::DeviceState& state : it.devices()) EXPECT_EQ(state.failures, 0U) << state.device;
    expect_added(0);
    it.run(add_operation());
    expect_added(1);
}

TEST_F(ExecutorTest, WhenAllFailTheErrorTellsOfAll) {
    Executor it = executor();
    for (std::size_t device = 0; device < devices_.size(); ++device)
        faults(device).fail(FaultyCall::launch, 0, ErrorCode::launch_failed);
    try {
        it.run(add_operation());
        ADD_FAILURE();
    } catch (const Error& error) {
        const std::string text = error.what();
        for (const Device& device : devices_) EXPECT_NE(text.find(device.id()), std::string::npos) << text;
    }
    expect_added(0);
}

TEST_F(ExecutorTest, AKernelThatFailsByItselfIsNotTriedOnEveryDevice) {
    Executor it = executor();
    EXPECT_THROW(it.run({code_, "refuse", {{1}, {1}, 0}, {Data::of("y", std::span(y_))}}), Error);
    expect_added(0);
}

TEST_F(ExecutorTest, LearnsWhatIsFastestAndSettlesOnIt) {
    Executor it = executor();
    // Far more work than the scalar device likes.
    constexpr unsigned many = 1U << 18;
    x_.assign(many, 1);
    y_.assign(many, 1);
    const Operation operation{
        code_,
        "add",
        {{many / 128}, {128}, 0},
        {Data::of("y", std::span(y_)), Data::of("x", std::span<const unsigned>(x_)), 0U, many}};
    for (int k = 0; k < 40; ++k) it.run(operation);
    const Execution choice = it.choose(operation);
    EXPECT_NE(choice.device, "scalar:0");
    EXPECT_EQ(choice.reason, Execution::Reason::measured);
    EXPECT_GT(choice.predicted_ms, 0);
    EXPECT_FALSE(choice.runner_up.empty());
    EXPECT_NE(choice.why().find("fastest when timed"), std::string::npos) << choice.why();
}

TEST_F(ExecutorTest, RunsFromSeveralThreads) {
    Executor it = executor();
    std::vector<std::thread> threads;
    const Data y = Data::of("y", std::span(y_)), x = Data::of("x", std::span<const unsigned>(x_));
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            const Operation operation{code_, "add", config(), {inout(y), in(x), 3U, n}};
            for (int k = 0; k < 20; ++k) it.run(operation, first(devices_[(t + k) % 3].id()));
        });
    for (std::thread& thread : threads) thread.join();
    expect_added(80);
}

TEST(FaultText, SaysWhatFailsWhere) {
    const auto plan = runtime::parse_faults(
        "cuda:0 launch 1 device_lost; cpu:0 run 0 hang:20;cuda:0 load 0 crash", "cuda:0");
    ASSERT_NE(plan, nullptr);
    EXPECT_EQ(plan->pending(), 2U);
    EXPECT_FALSE(plan->take(FaultyCall::launch));
    const auto second = plan->take(FaultyCall::launch);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->code, ErrorCode::device_lost);
    EXPECT_EQ(plan->take(FaultyCall::load)->kind, Fault::Kind::crash);
    EXPECT_EQ(plan->happened(), 2U);
    EXPECT_EQ(runtime::parse_faults("cpu:0 run 0 hang:20", "cuda:0"), nullptr);
    for (const char* text : {"cuda:0 launch 1", "cuda:0 jump 0 timeout", "cuda:0 launch x timeout",
                             "cuda:0 launch 0 tired", "cuda:0 run 0 hang:", "cuda:0 run 0 hang:ms"})
        EXPECT_THROW(runtime::parse_faults(text, "cpu:0"), Error) << text;
}

}  // namespace
}  // namespace heddle
