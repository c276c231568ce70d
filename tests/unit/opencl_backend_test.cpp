// The OpenCL backend on whatever OpenCL device is there: code that its driver's compiler refuses, memory that
// is not there, kernels that make no end. Skipped, with the reason, where there is none.
#include "backends/opencl/backend.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <functional>

#include "backends/opencl/memory.h"

namespace heddle {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

class OpenClBackend : public testing::Test {
  protected:
    void SetUp() override {
        setenv("POCL_WORK_GROUP_METHOD", "loops", 0);
        std::string reason;
        backend_ = opencl::make_backend();
        backend_->enumerate(devices_, reason);
        if (devices_.empty()) GTEST_SKIP() << "no OpenCL device: " << reason;
    }

    hal::Device& device() { return *devices_.front(); }

    /// A kernel of the text, which takes one buffer.
    std::shared_ptr<hal::Kernel> kernel(const std::string& text) {
        KernelInfo info;
        info.name = info.symbol = "probe";
        Parameter parameter;
        parameter.name = "place";
        parameter.kind = ParameterKind::pointer;
        parameter.bytes = 8;
        info.parameters = {parameter};
        Package package;
        package.source = "probe.cu";
        package.kernels = {info};
        return device().load(package, bytes_of(text))->kernel(info, {});
    }

    hal::Launch launch_of(const std::shared_ptr<hal::Kernel>& kernel,
                          const std::shared_ptr<hal::Allocation>& place, std::size_t offset = 0) {
        hal::Launch launch;
        launch.kernel = kernel;
        launch.config = {{1}, {32}, 0};
        const std::uint64_t address = place->device_address() + offset;
        launch.parameters.resize(sizeof address);
        std::memcpy(launch.parameters.data(), &address, sizeof address);
        launch.allocations.push_back(place);
        return launch;
    }

    static void expect_error(ErrorCode code, const std::vector<std::string>& parts,
                             const std::function<void()>& action) {
        try {
            action();
            ADD_FAILURE() << "nothing was thrown";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            for (const std::string& part : parts)
                EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
                    << error.what() << " lacks " << part;
        }
    }

  private:
    std::unique_ptr<hal::Backend> backend_;
    std::vector<std::shared_ptr<hal::Device>> devices_;
};

TEST_F(OpenClBackend, CodeThatTheDriverRefusesComesWithItsLog) {
    expect_error(
        ErrorCode::compile_failed, {device().info().id, "probe", "the driver's compiler says:", "unheard_of"},
        [&] {
            kernel(
                "// heddle: kernel probe probe\nkernel void probe(global int* p) { *p = unheard_of(1); }\n");
        });
    // The device has taken no harm.
    EXPECT_NE(kernel("// heddle: kernel probe probe\nkernel void probe(global int* p) { *p = 1; }\n"),
              nullptr);
}

TEST_F(OpenClBackend, ASymbolThatIsNotThereIsNamed) {
    expect_error(ErrorCode::not_found, {"'probe'"}, [&] {
        kernel("// heddle: kernel other other\nkernel void other(global int* p) { *p = 1; }\n");
    });
}

TEST_F(OpenClBackend, MemoryThatIsNotThereIsSaid) {
    expect_error(ErrorCode::out_of_memory,
                 {device().info().id, std::to_string(std::uint64_t{1} << 50), "are free"},
                 [&] { device().allocate(std::size_t{1} << 50); });
    EXPECT_EQ(device().allocate(64)->size_bytes(), 64U);
}

// An allocation's first address goes to the driver as a buffer object, one inside it as an address.
TEST_F(OpenClBackend, KernelsSeeTheSameMemoryAsABufferAndByItsAddress) {
    const auto increment = kernel(
        "// heddle: kernel probe probe\nkernel void probe(global int* p) { p[get_global_id(0)] += 1; }\n");
    constexpr std::size_t lanes = 32, offset = 256, bytes = offset + lanes * sizeof(int);
    // Where the driver aligns less than Heddle promises, not every allocation begins where the driver's does.
    std::vector<std::shared_ptr<hal::Allocation>> places;
    const auto is_buffer = [](const hal::Allocation& place) {
        return static_cast<const opencl::SharedAllocation&>(place).buffer() != nullptr;
    };
    do places.push_back(device().allocate(bytes));
    while (!is_buffer(*places.back()) && places.size() < 64);
    ASSERT_TRUE(is_buffer(*places.back())) << "the driver makes no buffer of shared virtual memory";
    const auto queue = device().create_queue();
    for (const auto& place : {places.front(), places.back()}) {
        queue->fill(place, 0, 0, bytes);
        for (int k = 0; k < 3; ++k) {
            queue->launch(launch_of(increment, place));
            queue->launch(launch_of(increment, place, offset));
            queue->copy(place, offset, place, 0, sizeof(int));
        }
        std::vector<int> found(bytes / sizeof(int));
        queue->read(place, 0, found.data(), bytes);
        queue->synchronize();
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            EXPECT_EQ(found[lane], 3) << lane;
            EXPECT_EQ(found[offset / sizeof(int) + lane], 3) << lane;
        }
    }
}

// In a process of its own: its device is lost for good.
TEST_F(OpenClBackend, AKernelWithoutEndLosesItsDevice) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_EXIT(
        {
            setenv("HEDDLE_TIMEOUT_MS", "200", 1);
            const auto endless = kernel(
                "// heddle: kernel probe probe\n"
                "kernel void probe(volatile global int* p) { while (*p == 0) {} }\n");
            const auto place = device().allocate(64);
            auto queue = device().create_queue();
            const int zero = 0;
            queue->write(place, 0, &zero, sizeof zero);
            queue->launch(launch_of(endless, place));
            const auto event = queue->record();
            expect_error(ErrorCode::timeout, {"HEDDLE_TIMEOUT_MS"}, [&] { event->wait(); });
            expect_error(ErrorCode::device_lost, {"did not end"}, [&] { queue->synchronize(); });
            expect_error(ErrorCode::device_lost, {"did not end"},
                         [&] { queue->launch(launch_of(endless, place)); });
            expect_error(ErrorCode::device_lost, {"did not end"}, [&] { device().allocate(64); });
            expect_error(ErrorCode::device_lost, {"did not end"}, [&] { device().create_queue(); });
            expect_error(ErrorCode::device_lost, {"did not end"}, [&] { event->wait(); });
            queue.reset();  // waits for nothing
            std::_Exit(testing::Test::HasFailure() ? 1 : 0);
        },
        testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace heddle
