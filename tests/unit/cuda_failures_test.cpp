// The CUDA backend against a stand-in for its driver that fails: memory runs out, kernels go wrong or make no
// end, code is refused, and each of the driver's functions gives an error at a time.
#include "unit/cuda_standin.h"

namespace heddle::cuda::testing {
namespace {

class CudaFailures : public CudaStandin {};

TEST_F(CudaFailures, MemoryThatIsNotThereIsSaid) {
    control().memory_bytes = 1 << 20;
    const auto held = device().allocate(600 << 10);
    expect_error(ErrorCode::out_of_memory,
                 {"cuda:0", std::to_string(500 << 10), std::to_string(424 << 10) + " are free"},
                 [&] { device().allocate(500 << 10); });
    control().has_pools = false;
    expect_usable(device());
}

TEST_F(CudaFailures, WhatThePoolKeepsIsGivenBackBeforeMemoryIsSaidToBeOut) {
    control().memory_bytes = 1 << 20;
    {
        const auto first = device().allocate(300 << 10), second = device().allocate(300 << 10);
    }
    const auto large = device().allocate(900 << 10);
    EXPECT_GE(control().calls("cuMemPoolTrimTo"), 1U);
    EXPECT_EQ(large->size_bytes(), std::size_t{900} << 10);
}

TEST_F(CudaFailures, AnIllegalAddressLosesItsDeviceAndNoOther) {
    control().device_count = 2;
    const auto queue = device().create_queue();
    const auto memory = upload(device(), *queue, {1});
    queue->launch(launch_of(kernel("stray"), memory, 1, {{1}, {1}, 0}));
    expect_error(ErrorCode::launch_failed,
                 {"cuda:0", "CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered"},
                 [&] { queue->synchronize(); });
    const std::vector<std::string> parts = {"cuda:0", "the device died earlier: CUDA_ERROR_ILLEGAL_ADDRESS"};
    expect_error(ErrorCode::device_lost, parts, [&] { queue->synchronize(); });
    expect_error(ErrorCode::device_lost, parts, [&] { device().allocate(4); });
    expect_error(ErrorCode::device_lost, parts, [&] { device().create_queue(); });
    expect_error(ErrorCode::device_lost, parts,
                 [&] { device().load(package_of("scale"), bytes_of("kernel scale\n")); });
    expect_error(ErrorCode::device_lost, parts, [&] { device().allocate_host(4); });
    expect_usable(*devices()[1]);
}

TEST_F(CudaFailures, AKernelWithoutEndIsGivenUp) {
    control().device_count = 2;
    ::setenv("HEDDLE_TIMEOUT_MS", "50", 1);
    auto queue = device().create_queue();
    auto memory = upload(device(), *queue, {1});
    const auto endless = kernel("endless");
    queue->launch(launch_of(endless, memory, 1, {{1}, {1}, 0}));
    const auto event = queue->record();
    EXPECT_FALSE(event->ready());
    expect_error(ErrorCode::timeout, {"cuda:0", "did not end within 50 ms (HEDDLE_TIMEOUT_MS)"},
                 [&] { event->wait(); });
    const std::vector<std::string> parts = {"the device died earlier: work did not end within 50 ms"};
    expect_error(ErrorCode::device_lost, parts, [&] { queue->synchronize(); });
    expect_error(ErrorCode::device_lost, parts, [&] { queue->fill(memory, 0, 0, 4); });
    expect_error(ErrorCode::device_lost, parts, [&] { (void)event->ready(); });
    memory.reset();  // none of these waits
    queue.reset();
    expect_usable(*devices()[1]);
    drop_devices();
}

TEST_F(CudaFailures, NothingWaitsForAKernelWithoutEndBeyondTheLimit) {
    using Action = std::function<void(hal::Queue&, const std::shared_ptr<hal::Allocation>&)>;
    const std::vector<std::pair<const char*, Action>> actions = {
        {"synchronize", [](hal::Queue& queue, const auto&) { queue.synchronize(); }},
        {"read",
         [](hal::Queue& queue, const auto& memory) {
             int value = 0;
             queue.read(memory, 0, &value, sizeof value);
         }},
        {"write",
         [](hal::Queue& queue, const auto& memory) {
             const int value = 0;
             queue.write(memory, 0, &value, sizeof value);
         }},
    };
    for (const auto& [name, action] : actions) {
        SetUp();
        ::setenv("HEDDLE_TIMEOUT_MS", "50", 1);
        auto queue = device().create_queue();
        const auto memory = upload(device(), *queue, {1});
        const auto endless = kernel("endless");
        queue->launch(launch_of(endless, memory, 1, {{1}, {1}, 0}));
        expect_error(ErrorCode::timeout, {name, "did not end within 50 ms"}, [&] { action(*queue, memory); });
        queue.reset();
        TearDown();
    }
}

TEST_F(CudaFailures, TheEndOfAQueueKeepsToTheLimit) {
    ::setenv("HEDDLE_TIMEOUT_MS", "50", 1);
    auto queue = device().create_queue();
    const auto memory = upload(device(), *queue, {1});
    const auto endless = kernel("endless");
    queue->launch(launch_of(endless, memory, 1, {{1}, {1}, 0}));
    queue.reset();
    expect_error(ErrorCode::device_lost, {"did not end within 50 ms"}, [&] { device().allocate(4); });
}

TEST_F(CudaFailures, MemoryThatIsFreedBehindAKernelWithoutEndIsNotWaitedForForEver) {
    ::setenv("HEDDLE_TIMEOUT_MS", "50", 1);
    const auto queue = device().create_queue();
    auto memory = upload(device(), *queue, {1});
    const auto endless = kernel("endless");
    queue->launch(launch_of(endless, memory, 1, {{1}, {1}, 0}));
    memory.reset();
    expect_error(ErrorCode::timeout, {"allocating memory", "did not end within 50 ms"},
                 [&] { device().allocate(4); });
}

TEST_F(CudaFailures, CodeThatRunsWithoutEndIsNotUnloaded) {
    ::setenv("HEDDLE_TIMEOUT_MS", "50", 1);
    const auto queue = device().create_queue();
    const auto memory = upload(device(), *queue, {1});
    queue->launch(
        launch_of(kernel("endless"), memory, 1, {{1}, {1}, 0}));  // nobody holds the kernel any more
    EXPECT_EQ(control().calls("cuModuleUnload"), 0U);
    expect_error(ErrorCode::device_lost, {"did not end within 50 ms"}, [&] { queue->synchronize(); });
}

TEST_F(CudaFailures, ATimeLimitDoesNoHarm) {
    ::setenv("HEDDLE_TIMEOUT_MS", "60000", 1);
    expect_usable(device());
}

TEST_F(CudaFailures, LaunchesThatAreRefusedSayWhatWasAsked) {
    const auto queue = device().create_queue();
    const auto memory = upload(device(), *queue, {1});
    control().kernels["greedy"] = {[](const CudaLaunch&) { return 0; }, 96};
    expect_error(ErrorCode::launch_failed,
                 {"cuda:0", "launch of 'scale'", "grid 3x1x1", "block 2048x1x1", "16 bytes",
                  "CUDA_ERROR_INVALID_VALUE"},
                 [&] { queue->launch(launch_of(kernel("scale"), memory, 1, {{3}, {2048}, 16})); });
    expect_error(ErrorCode::launch_failed, {"launch of 'greedy'", "may have 96 threads", "__launch_bounds__"},
                 [&] { queue->launch(launch_of(kernel("greedy"), memory, 1, {{1}, {128}, 0})); });
    expect_error(ErrorCode::launch_failed, {"asking for shared memory", "CUDA_ERROR_INVALID_VALUE"},
                 [&] { queue->launch(launch_of(kernel("scale"), memory, 1, {{1}, {1}, 300 << 10})); });
    expect_usable(device());
}

TEST_F(CudaFailures, CodeThatIsRefusedComesWithTheDriversLog) {
    const auto load = [&](const std::string& text) { device().load(package_of("scale"), bytes_of(text)); };
    expect_error(ErrorCode::unsupported,
                 {"cuda:0", "compiling 'probe.cu'", "CUDA_ERROR_INVALID_PTX", "ptxas: line 7; syntax error"},
                 [&] { load("refuse 218 ptxas: line 7; syntax error\n"); });
    // The driver is older than the code.
    expect_error(ErrorCode::unsupported, {"222", "Unsupported .version 8.4"},
                 [&] { load("refuse 222 Unsupported .version 8.4\n"); });
    expect_error(ErrorCode::unsupported, {"loading a program", "209"}, [&] { load("refuse 209\n"); });
    expect_error(ErrorCode::internal, {"301", "strange"}, [&] { load("refuse 301 strange\n"); });
    expect_error(ErrorCode::out_of_memory, {"CUDA_ERROR_OUT_OF_MEMORY"}, [&] { load("refuse 2\n"); });
    expect_error(ErrorCode::not_found, {"cuda:0", "no kernel of symbol 'scale'"}, [&] {
        device().load(package_of("scale"), bytes_of("kernel other\n"))->kernel(info_of("scale"), {});
    });
    expect_error(ErrorCode::not_found, {"no kernel of symbol 'scale'"},
                 [&] { device().load(package_of("scale"), {})->kernel(info_of("scale"), {}); });
    expect_usable(device());
}

/// What a program does, all in all; whichever call fails, it fails with an Error.
TEST_F(CudaFailures, EachOfTheDriversFunctionsMayFail) {
    const std::vector<const char*> functions = {"cuDevicePrimaryCtxRetain",
                                                "cuMemPoolCreate",
                                                "cuMemPoolSetAttribute",
                                                "cuStreamCreate",
                                                "cuMemHostAlloc",
                                                "cuMemHostGetDevicePointer_v2",
                                                "cuMemAllocFromPoolAsync",
                                                "cuStreamSynchronize",
                                                "cuMemFreeAsync",
                                                "cuMemcpyHtoDAsync_v2",
                                                "cuMemcpyDtoHAsync_v2",
                                                "cuMemcpyDtoDAsync_v2",
                                                "cuMemsetD8Async",
                                                "cuModuleLoadDataEx",
                                                "cuModuleGetFunction",
                                                "cuModuleGetGlobal_v2",
                                                "cuLaunchKernel",
                                                "cuEventCreate",
                                                "cuEventRecord",
                                                "cuEventQuery",
                                                "cuEventSynchronize",
                                                "cuEventElapsedTime",
                                                "cuStreamWaitEvent",
                                                "cuFuncSetAttribute",
                                                "cuMemFreeHost",
                                                "cuModuleUnload",
                                                "cuCtxSynchronize",
                                                "cuMemcpyHtoD_v2",
                                                "cuMemGetInfo_v2",
                                                "cuStreamDestroy_v2",
                                                "cuMemPoolTrimTo",
                                                "cuStreamQuery"};
    // Silent: what only gives something back, or is asked for a message.
    const std::vector<std::string> silent = {"cuMemPoolCreate", "cuMemPoolSetAttribute", "cuMemFreeAsync",
                                             "cuMemFreeHost",   "cuModuleUnload",        "cuCtxSynchronize",
                                             "cuMemGetInfo_v2", "cuStreamDestroy_v2",    "cuMemPoolTrimTo",
                                             "cuStreamQuery"};
    for (const char* function : functions) {
        bool was_told = false;
        for (unsigned after = 0; after < 4; ++after) {
            for (const int result : {2, 400, 999}) {
                SetUp();
                ASSERT_EQ(devices().size(), 1U);
                control().fail(function, result, after);
                try {
                    Package package = package_of("scale");
                    package.globals.bytes = 16;
                    const auto program = device().load(package, bytes_of("kernel scale\n"));
                    const auto scale = program->kernel(package.kernels[0], {});
                    const auto queue = device().create_queue(), second = device().create_queue();
                    const auto memory = upload(device(), *queue, {1, 2}), other = device().allocate(8);
                    const auto pinned = device().allocate_host(8);
                    queue->fill(other, 0, 0, 8);
                    queue->launch(launch_of(scale, memory, 2, {{1}, {2}, 100 << 10}));
                    queue->copy(other, 0, memory, 0, 8);
                    const auto start = queue->record();
                    second->wait(start);
                    second->read(other, 0, pinned->data(), 8);
                    const auto end = second->record();
                    second->synchronize();
                    end->wait();
                    (void)end->ready();
                    (void)end->timestamp_ns();
                    EXPECT_EQ(download(*queue, other), (std::vector<int>{2, 4}));
                } catch (const Error& error) {
                    was_told = true;
                    EXPECT_NE(std::string(error.what()).find("cuda:0"), std::string::npos) << error.what();
                }
                control().mend(function);
                TearDown();
            }
        }
        const bool is_silent = std::find(silent.begin(), silent.end(), function) != silent.end();
        EXPECT_EQ(was_told, !is_silent) << function;
    }
}

}  // namespace
}  // namespace heddle::cuda::testing
