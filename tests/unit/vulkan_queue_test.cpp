// Queues, memory and kernels of the Vulkan backend on whatever devices there are (lavapipe on a machine
// without a GPU), under the validation layer.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <numeric>
#include <thread>

#include "unit/vulkan_kernels.h"

namespace heddle::vulkan::testing {
namespace {

const std::string scale_body = R"(
layout(push_constant) uniform P { Words result; Words source; uint count; uint factor; } p;
void main() {
    const uint t = gl_LocalInvocationID.x;
    const uint x = t % block_x, y = t / block_x % block_y, z = t / (block_x * block_y);
    const uint i = gl_WorkGroupID.x * block_x * block_y * block_z + (z * block_y + y) * block_x + x;
    if (i < p.count) p.result.at[i] = p.source.at[i] * p.factor + i;
}
)";

TestKernel scale() {
    return kernel_of("scale", 24, scale_body);
}

std::vector<std::uint32_t> counted(std::size_t count, std::uint32_t start = 0) {
    std::vector<std::uint32_t> values(count);
    std::iota(values.begin(), values.end(), start);
    return values;
}

void expect_error(ErrorCode code, const std::vector<std::string>& words, const std::function<void()>& run) {
    try {
        run();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        for (const std::string& word : words)
            EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
        return;
    }
    ADD_FAILURE() << "nothing was thrown";
}

class VulkanQueue : public VulkanDevices {};

TEST_F(VulkanQueue, LaunchesComputeForEveryShapeOfBlock) {
    each([](const std::shared_ptr<Context>& context) {
        const auto kernel = load(context, scale());
        const auto queue = make_queue(context);
        constexpr std::size_t count = 1000;
        const auto source = allocate(context, count * 4), result = allocate(context, count * 4);
        const std::vector<std::uint32_t> values = counted(count, 7);
        queue->write(source, 0, values.data(), count * 4);
        for (const Dim3 block :
             {Dim3{1, 1, 1}, Dim3{100, 1, 1}, Dim3{4, 8, 2}, Dim3{1, 1, 64}, Dim3{256, 1, 1}}) {
            const auto threads = block.x * block.y * block.z;
            queue->fill(result, 0, 0xff, count * 4);
            queue->launch(launch_of(kernel,
                                    Dim3{(static_cast<unsigned>(count) + threads - 1) / threads, 1, 1}, block,
                                    {source, result}, result->device_address(), source->device_address(),
                                    static_cast<std::uint32_t>(count), 3U));
            const std::vector<std::uint32_t> got = download(*queue, result, count);
            for (std::uint32_t k = 0; k < count; ++k) ASSERT_EQ(got[k], (k + 7) * 3 + k) << threads;
        }
    });
}

TEST_F(VulkanQueue, CommandsRunInOrder) {
    each([](const std::shared_ptr<Context>& context) {
        const auto kernel = load(context, scale());
        const auto queue = make_queue(context);
        constexpr std::uint32_t count = 512;
        const auto a = allocate(context, count * 4), b = allocate(context, count * 4);
        std::vector<std::uint32_t> expected(count, 1);
        queue->write(a, 0, expected.data(), count * 4);
        for (int round = 0; round < 50; ++round) {
            queue->launch(launch_of(kernel, {4}, {128}, {a, b}, b->device_address(), a->device_address(),
                                    count, round % 3 + 1U));
            for (std::uint32_t k = 0; k < count; ++k) expected[k] = expected[k] * (round % 3 + 1U) + k;
            if (round % 5 == 4) {
                // A write between launches: consumed when the call returns.
                std::vector<std::uint32_t> few(3, static_cast<std::uint32_t>(round));
                queue->write(b, 40, few.data(), 12);
                std::fill_n(expected.begin() + 10, 3, static_cast<std::uint32_t>(round));
                std::fill(few.begin(), few.end(), 0xdeadU);
            }
            queue->copy(a, 0, b, 0, count * 4);
        }
        EXPECT_EQ(download(*queue, a, count), expected);
    });
}

TEST_F(VulkanQueue, CommandsHeldBackRunWithoutAFurtherCall) {
    each([](const std::shared_ptr<Context>& context) {
        const auto kernel = load(context, scale());
        const auto queue = make_queue(context);
        constexpr std::uint32_t count = 1 << 16;
        const auto a = allocate(context, count * 4), last = allocate(context, 4);
        if (last->host_pointer() == nullptr) return;  // what the host cannot see it cannot watch
        queue->fill(a, 0, 0, count * 4);
        queue->fill(last, 0, 0, 4);
        for (int k = 0; k < 150; ++k)
            queue->launch(launch_of(kernel, {count / 128}, {128}, {a}, a->device_address(),
                                    a->device_address(), count, 1U));
        queue->copy(last, 0, a, 4, 4);
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        const std::atomic_ref<std::uint32_t> value(*static_cast<std::uint32_t*>(last->host_pointer()));
        while (value.load() != 150 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        EXPECT_EQ(value.load(), 150U);
    });
}

TEST_F(VulkanQueue, ReadsSeeWhatWasThereWhenTheyWereQueued) {
    each([](const std::shared_ptr<Context>& context) {
        const auto queue = make_queue(context);
        const auto memory = allocate(context, 1 << 20);
        std::vector<std::vector<std::uint8_t>> got(20, std::vector<std::uint8_t>(100'000));
        for (std::size_t k = 0; k < got.size(); ++k) {
            queue->fill(memory, 0, static_cast<std::uint8_t>(k), 1 << 20);
            queue->read(memory, 17 * k, got[k].data(), got[k].size());
        }
        const auto event = queue->record();
        event->wait();
        EXPECT_TRUE(event->ready());
        for (std::size_t k = 0; k < got.size(); ++k)
            EXPECT_EQ(got[k], std::vector<std::uint8_t>(100'000, static_cast<std::uint8_t>(k)));
    });
}

TEST_F(VulkanQueue, FillsHaveOddEnds) {
    each([](const std::shared_ptr<Context>& context) {
        const auto queue = make_queue(context);
        const auto memory = allocate(context, 200'000);
        std::vector<std::uint8_t> expected(200'000, 0);
        queue->fill(memory, 0, 0, expected.size());
        std::uint8_t value = 1;
        for (const std::size_t bytes : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 13U, 70'003U})
            for (std::size_t offset = 0; offset < 6; ++offset) {
                queue->fill(memory, offset + 3 * value, value, bytes);
                std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(offset + 3 * value), bytes, value);
                ++value;
            }
        std::vector<std::uint8_t> got(expected.size());
        queue->read(memory, 0, got.data(), got.size());
        queue->synchronize();
        EXPECT_EQ(got, expected);
    });
}

TEST_F(VulkanQueue, LargeTransfersAndPartsOfThem) {
    each([](const std::shared_ptr<Context>& context) {
        const auto queue = make_queue(context);
        constexpr std::size_t bytes = (std::size_t{30} << 20) + 3;
        const auto a = allocate(context, bytes), b = allocate(context, bytes);
        std::vector<std::uint8_t> source(bytes), got(bytes);
        for (std::size_t k = 0; k < bytes; ++k) source[k] = static_cast<std::uint8_t>(k * 2654435761U >> 13U);
        queue->fill(a, 0, 9, bytes);  // so that something is under way
        queue->write(a, 0, source.data(), bytes);
        queue->copy(b, 5, a, 1, bytes - 9);
        queue->read(b, 5, got.data(), bytes - 9);
        queue->synchronize();
        EXPECT_TRUE(std::equal(got.begin(), got.end() - 9, source.begin() + 1));
        std::uint8_t one = 0;
        queue->read(a, bytes - 1, &one, 1);
        queue->synchronize();
        EXPECT_EQ(one, source.back());
        EXPECT_EQ(a->device_address() % 256, 0U);
        EXPECT_EQ(context->traits().is_unified(), a->host_pointer() != nullptr);
        const auto none = allocate(context, 0);
        EXPECT_EQ(none->size_bytes(), 0U);
    });
}

std::shared_ptr<VulkanHostMemory> pinned(const std::shared_ptr<Context>& context, std::size_t bytes) {
    auto memory = std::make_shared<VulkanHostMemory>(context, bytes);
    context->host_ranges().add(memory);
    return memory;
}

TEST_F(VulkanQueue, PinnedMemoryIsCopiedByTheDevice) {
    each([](const std::shared_ptr<Context>& context) {
        const auto kernel = load(context, scale());
        constexpr std::uint32_t count = (9 << 20) / 4 + 5;  // large enough for queues that only copy
        const std::size_t bytes = std::size_t{count} * 4;
        const auto a = allocate(context, bytes), b = allocate(context, bytes);
        auto in = pinned(context, bytes + 64);
        const auto out = pinned(context, bytes);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(in->data()) % 64, 0U);
        auto* const source = static_cast<std::uint32_t*>(in->data()) + 16;
        const auto* const got = static_cast<const std::uint32_t*>(out->data());
        const auto queue = make_queue(context), other = make_queue(context);
        for (std::uint32_t round = 1; round < 5; ++round) {
            for (std::uint32_t k = 0; k < count; ++k) source[k] = k * round;
            queue->fill(a, 0, 0xee, bytes);
            queue->write(a, 0, source, bytes);
            queue->launch(launch_of(kernel, {(count + 127) / 128}, {128}, {a, b}, b->device_address(),
                                    a->device_address(), count, 3U));
            other->wait(queue->record());
            other->read(b, 0, out->data(), bytes);
            const auto arrived = other->record();
            queue->wait(arrived);
            queue->fill(b, 0, 0, bytes);
            arrived->wait();
            for (std::uint32_t k = 0; k < count; ++k) ASSERT_EQ(got[k], k * round * 3 + k) << round;
            queue->synchronize();
        }
        // Reads to the same place by both ways: the last one counts. Small and pageable ones between them.
        std::vector<std::uint32_t> page(count);
        queue->fill(a, 0, 1, bytes);
        queue->read(a, 0, page.data(), 400);
        queue->read(a, 0, page.data(), bytes);
        queue->fill(a, 0, 2, bytes);
        queue->read(a, 0, page.data(), 400);
        queue->fill(a, 0, 3, bytes);
        queue->read(a, 4, page.data() + 1, bytes - 4);
        queue->synchronize();
        EXPECT_EQ(page[0], 0x02020202U);
        EXPECT_EQ(page[1], 0x03030303U);
        EXPECT_EQ(page.back(), 0x03030303U);
        // Let go of while copies are queued.
        std::fill_n(source, count, 77U);
        queue->fill(a, 0, 9, bytes);
        queue->write(a, 0, source, bytes);
        const std::weak_ptr<VulkanHostMemory> watched = in;
        in.reset();
        EXPECT_EQ(download(*queue, a, 1, bytes - 4)[0], 77U);
        queue->fill(a, 0, 9, 4);  // lets go of what has run
        queue->synchronize();
        EXPECT_TRUE(watched.expired());
        EXPECT_EQ(pinned(context, 0)->data(), nullptr);
    });
}

TEST_F(VulkanQueue, EventsOrderQueuesAndOutliveThem) {
    each([](const std::shared_ptr<Context>& context) {
        const auto kernel = load(context, scale());
        constexpr std::uint32_t count = 4096;
        const auto a = allocate(context, count * 4), b = allocate(context, count * 4);
        std::shared_ptr<hal::Event> first, second, last;
        auto one = make_queue(context), two = make_queue(context);
        std::vector<std::uint32_t> expected = counted(count);
        one->write(a, 0, expected.data(), count * 4);
        first = one->record();
        for (int round = 0; round < 10; ++round) {
            one->launch(launch_of(kernel, {count / 64}, {64}, {a, b}, b->device_address(),
                                  a->device_address(), count, 5U));
            second = one->record();
            two->wait(second);
            two->launch(launch_of(kernel, {count / 64}, {64}, {a, b}, a->device_address(),
                                  b->device_address(), count, 3U));
            last = two->record();
            one->wait(last);
            for (std::uint32_t k = 0; k < count; ++k) expected[k] = (expected[k] * 5 + k) * 3 + k;
        }
        EXPECT_EQ(download(*one, a, count), expected);
        one.reset();
        two.reset();
        last->wait();
        EXPECT_TRUE(first->ready() && second->ready() && last->ready());
        EXPECT_LE(first->timestamp_ns(), second->timestamp_ns());
        EXPECT_LE(second->timestamp_ns(), last->timestamp_ns());
        EXPECT_LT(last->timestamp_ns() - first->timestamp_ns(), 60'000'000'000U);
    });
}

TEST_F(VulkanQueue, ManyQueuesAndThreads) {
    each([](const std::shared_ptr<Context>& context) {
        const auto kernel = load(context, scale());
        const auto shared_queue = make_queue(context);
        constexpr std::uint32_t count = 700;
        std::vector<std::thread> threads;
        std::vector<std::string> problems(6);
        for (std::size_t t = 0; t < problems.size(); ++t)
            threads.emplace_back([&, t] {
                try {
                    for (std::uint32_t round = 0; round < 15; ++round) {
                        std::unique_ptr<hal::Queue> own;
                        if (t % 2 == 0) own = make_queue(context);
                        hal::Queue& queue = own != nullptr ? *own : *shared_queue;
                        const auto a = allocate(context, count * 4), b = allocate(context, count * 4);
                        const std::vector<std::uint32_t> values = counted(count, round);
                        queue.write(a, 0, values.data(), count * 4);
                        queue.launch(launch_of(kernel, {7}, {100}, {a, b}, b->device_address(),
                                               a->device_address(), count, 2U + static_cast<unsigned>(t)));
                        const std::vector<std::uint32_t> got = download(queue, b, count);
                        for (std::uint32_t k = 0; k < count; ++k)
                            if (got[k] != (k + round) * (2 + t) + k)
                                problems[t] = "wrong at " + std::to_string(k);
                    }
                } catch (const std::exception& error) {
                    problems[t] = error.what();
                }
            });
        for (std::thread& thread : threads) thread.join();
        for (const std::string& problem : problems) EXPECT_EQ(problem, "");
    });
}

TEST_F(VulkanQueue, MemoryLivesUntilItsWorkHasRun) {
    each([](const std::shared_ptr<Context>& context) {
        const auto kernel = load(context, scale());
        const auto queue = make_queue(context);
        constexpr std::uint32_t count = 1 << 18;
        const auto result = allocate(context, count * 4);
        for (int round = 0; round < 20; ++round) {
            const auto source = allocate(context, count * 4);
            queue->fill(source, 0, 1, count * 4);
            queue->launch(launch_of(kernel, {count / 128}, {128}, {source, result}, result->device_address(),
                                    source->device_address(), count, 1U));
        }
        const auto got = download(*queue, result, count);
        for (std::uint32_t k = 0; k < count; ++k) ASSERT_EQ(got[k], 0x01010101U + k);
    });
}

TEST_F(VulkanQueue, HiddenParametersFollowTheKernels) {
    each([](const std::shared_ptr<Context>& context) {
        TestKernel kernel = kernel_of("hidden", 12, R"(
layout(push_constant) uniform P { Words result; uint own; uint gap; Words globals; uint shared_bytes; } p;
shared uint dynamic_memory[shared_words];
void main() {
    const uint t = gl_LocalInvocationID.x, n = p.shared_bytes / 4;
    if (t < n) dynamic_memory[t] = p.globals.at[0] + t;
    barrier();
    if (t < n) p.result.at[t] = dynamic_memory[n - 1 - t] + p.own;
    // The second word pair of the globals holds the address of the first.
    if (t == 0) { p.result.at[n] = p.globals.at[2]; p.result.at[n + 1] = p.globals.at[3]; }
}
)");
        kernel.code.hidden = {true, false, true};
        kernel.code.parameter_bytes = 28;
        GlobalsInfo globals;
        globals.bytes = 16;
        globals.initial.resize(16);
        globals.initial[1] = std::byte{2};
        globals.relocations.push_back({8, 0});
        const auto program = load(context, std::span(&kernel, 1), globals);
        const auto loaded = program->kernel(kernel.info, {});
        const auto queue = make_queue(context);
        for (const std::uint32_t words : {8U, 100U}) {
            const auto result = allocate(context, (words + 2) * 4);
            hal::Launch launch =
                launch_of(loaded, {1}, {128}, {result, program->globals()}, result->device_address(), 1000U);
            launch.config.shared_bytes = words * 4;
            queue->launch(std::move(launch));
            const auto got = download(*queue, result, words + 2);
            for (std::uint32_t k = 0; k < words; ++k) EXPECT_EQ(got[k], 512 + words - 1 - k + 1000);
            EXPECT_EQ(got[words] | std::uint64_t{got[words + 1]} << 32U,
                      program->globals()->device_address());
        }
        hal::Launch large = launch_of(loaded, {1}, {128}, {}, std::uint64_t{0}, 0U);
        large.config.shared_bytes = context->traits().shared_bytes + 4;
        expect_error(ErrorCode::launch_failed, {"launch of 'hidden'", "shared memory"},
                     [&] { queue->launch(std::move(large)); });
        globals.relocations.push_back({12, 0});
        expect_error(ErrorCode::corrupt_package, {"byte 12"},
                     [&] { load(context, std::span(&kernel, 1), globals); });
    });
}

/// Counts how often each block runs, by its number and the grid's extents.
TestKernel touch(bool has_parameters_in_buffer) {
    const std::string in_buffer = R"(
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Parameters { Words result; uint grid[3], first[3]; };
layout(push_constant) uniform P { Parameters p; } place;
#define PARAMETERS place.p
)";
    const std::string pushed = R"(
layout(push_constant) uniform P { Words result; uint grid[3], first[3]; } p;
#define PARAMETERS p
)";
    TestKernel kernel = kernel_of("touch", 8, (has_parameters_in_buffer ? in_buffer : pushed) + R"(
void main() {
    const uint x = gl_WorkGroupID.x + PARAMETERS.first[0], y = gl_WorkGroupID.y + PARAMETERS.first[1],
               z = gl_WorkGroupID.z + PARAMETERS.first[2];
    atomicAdd(PARAMETERS.result.at[(z * PARAMETERS.grid[1] + y) * PARAMETERS.grid[0] + x], 1);
}
)");
    kernel.code.hidden.grid = kernel.code.hidden.first_block = true;
    kernel.code.parameter_bytes = 32;
    kernel.code.parameters_in_buffer = has_parameters_in_buffer;
    return kernel;
}

TEST_F(VulkanQueue, GridsAreDividedWhereTheDeviceTakesLess) {
    each([&](const std::shared_ptr<Context>& whole) {
        DeviceTraits traits = whole->traits();
        traits.most_blocks[0] = 7;
        traits.most_blocks[1] = 3;
        traits.most_blocks[2] = 2;
        const auto small = std::make_shared<Context>(instance_, traits, whole->id());
        for (const bool has_parameters_in_buffer : {false, true}) {
            const TestKernel kernel = touch(has_parameters_in_buffer);
            for (const auto& [context, grid] :
                 {std::pair(small, Dim3{20, 7, 5}), std::pair(small, Dim3{7, 3, 2}),
                  std::pair(small, Dim3{600}), std::pair(whole, Dim3{70'001, 2}),
                  std::pair(whole, Dim3{65'535})}) {
                const auto loaded = load(context, kernel);
                const auto queue = make_queue(context);
                const std::size_t blocks = std::size_t{grid.x} * grid.y * grid.z;
                const auto result = allocate(context, blocks * 4);
                queue->fill(result, 0, 0, blocks * 4);
                queue->launch(launch_of(loaded, grid, {1}, {result}, result->device_address()));
                queue->launch(launch_of(loaded, grid, {1}, {result}, result->device_address()));
                EXPECT_EQ(download(*queue, result, blocks), std::vector<std::uint32_t>(blocks, 2)) << grid.x;
            }
        }
        const auto undivided = load(small, scale());
        expect_error(ErrorCode::launch_failed, {"launch of 'scale'", "8 x 1 x 1 blocks", "7 x 3 x 2 at once"},
                     [&] {
                         make_queue(small)->launch(
                             launch_of(undivided, {8}, {1}, {}, std::uint64_t{0}, std::uint64_t{0}, 0U, 0U));
                     });
    });
}

TEST_F(VulkanQueue, ManyParametersLieInABuffer) {
    each([](const std::shared_ptr<Context>& context) {
        TestKernel kernel = kernel_of("many", 200, R"(
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Parameters { Words result; uint values[48]; };
layout(push_constant) uniform P { Parameters all; } p;
void main() { const uint t = gl_LocalInvocationID.x; p.all.result.at[t] = p.all.values[t]; }
)");
        kernel.code.parameters_in_buffer = true;
        const auto loaded = load(context, kernel);
        const auto queue = make_queue(context);
        std::vector<std::shared_ptr<hal::Allocation>> results;
        for (std::uint32_t round = 0; round < 30; ++round) {
            results.push_back(allocate(context, 48 * 4));
            hal::Launch launch =
                launch_of(loaded, {1}, {48}, {results.back()}, results.back()->device_address());
            launch.parameters.resize(200);
            for (std::uint32_t k = 0; k < 48; ++k) {
                const std::uint32_t value = 100 * round + k;
                std::memcpy(launch.parameters.data() + 8 + 4 * std::size_t{k}, &value, 4);
            }
            queue->launch(std::move(launch));
        }
        for (std::uint32_t round = 0; round < 30; ++round)
            EXPECT_EQ(download(*queue, results[round], 48), counted(48, 100 * round));
    });
}

TestKernel speaking_kernel() {
    // Thread 3 fails with __trap(); thread 0 prints the string that the format of globals begins with.
    TestKernel kernel = kernel_of("speaking", 8, R"(
layout(push_constant) uniform P { Words flags; Words globals; Words messages; } p;
void main() {
    const uint t = gl_LocalInvocationID.x;
    if (t == 3 && p.flags.at[0] != 0) { p.messages.at[8] = gl_WorkGroupID.x; p.messages.at[11] = t; p.messages.at[0] = 1; }
    if (t == 0) {
        const uint at = atomicAdd(p.messages.at[14], 24) / 4 + 16;
        p.messages.at[at] = 24; p.messages.at[at + 1] = 4;
        p.messages.at[at + 2] = p.globals.at[4]; p.messages.at[at + 3] = p.globals.at[5];
        p.messages.at[at + 4] = 42;
    }
}
)");
    kernel.code.hidden = {true, true, false};
    kernel.code.parameter_bytes = 24;
    return kernel;
}

GlobalsInfo text_globals() {
    GlobalsInfo globals;
    globals.bytes = 24;
    const char text[] = "value %d\n";
    globals.initial.resize(24);
    std::memcpy(globals.initial.data(), text, sizeof text);
    globals.relocations.push_back({16, 0});
    return globals;
}

TEST_F(VulkanQueue, FailuresStopAQueueAndTextIsPrinted) {
    each([](const std::shared_ptr<Context>& context) {
        const TestKernel kernel = speaking_kernel();
        const auto program = load(context, std::span(&kernel, 1), text_globals());
        const auto loaded = program->kernel(kernel.info, {});
        const auto queue = make_queue(context);
        const auto flags = allocate(context, 4);
        queue->fill(flags, 0, 0, 4);
        ::testing::internal::CaptureStdout();
        queue->launch(launch_of(loaded, {2}, {32}, {flags}, flags->device_address()));
        queue->synchronize();
        EXPECT_EQ(::testing::internal::GetCapturedStdout(), "value 42\nvalue 42\n");
        queue->fill(flags, 0, 1, 4);
        ::testing::internal::CaptureStdout();
        queue->launch(launch_of(loaded, {1}, {32}, {flags}, flags->device_address()));
        queue->fill(flags, 0, 7, 4);  // dropped
        const auto event = queue->record();
        expect_error(ErrorCode::launch_failed, {"launch of 'speaking'", "__trap()", "thread [3,0,0]"},
                     [&] { event->wait(); });
        expect_error(ErrorCode::launch_failed, {"__trap()"}, [&] { queue->synchronize(); });
        EXPECT_EQ(::testing::internal::GetCapturedStdout(), "value 42\n");
        EXPECT_EQ(download(*queue, flags, 1)[0], 0x01010101U);
        const auto other = make_queue(context);
        other->wait(event);
        expect_error(ErrorCode::launch_failed, {"__trap()"}, [&] { other->synchronize(); });
    });
}

TEST_F(VulkanQueue, WhatADeviceLacksIsNamed) {
    each([](const std::shared_ptr<Context>& context) {
        TestKernel kernel = scale();
        kernel.code.features = 1U << 31U;
        expect_error(ErrorCode::unsupported, {"scale", "does not know"}, [&] { load(context, kernel); });
        for (std::uint32_t feature = 1; feature <= 1U << 14U; feature <<= 1U) {
            kernel.code.features = feature;
            if ((context->traits().module_features & feature) != 0)
                load(context, kernel);
            else
                expect_error(ErrorCode::unsupported, {"scale", names_of_features(feature)},
                             [&] { load(context, kernel); });
        }
        kernel = scale();
        kernel.info.symbol = "elsewhere";
        expect_error(ErrorCode::not_found, {"elsewhere"}, [&] { load(context, kernel); });
    });
}

TEST_F(VulkanQueue, MemoryThatIsNotThereIsRefused) {
    each([](const std::shared_ptr<Context>& context) {
        expect_error(ErrorCode::out_of_memory, {"1099511627776 bytes were asked for", "are free"},
                     [&] { allocate(context, std::size_t{1} << 40U); });
        const auto some = allocate(context, 16);  // a block that has room
        for (const std::size_t bytes : {~std::size_t{0}, ~std::size_t{0} - 100, ~std::size_t{0} - 1000})
            expect_error(ErrorCode::out_of_memory,
                         {std::to_string(bytes) + " bytes were asked for", "are free"},
                         [&] { allocate(context, bytes); });
        std::vector<std::shared_ptr<hal::Allocation>> many;
        for (std::size_t k = 1; k < 400; ++k) many.push_back(allocate(context, 977 * k));
        for (std::size_t k = 0; k < many.size(); k += 2) many[k].reset();
        for (std::size_t k = 1; k < 200; ++k) many.push_back(allocate(context, 1951 * k));
        std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
        for (const auto& each : many)
            if (each) ranges.emplace_back(each->device_address(), each->size_bytes());
        std::sort(ranges.begin(), ranges.end());
        for (std::size_t k = 1; k < ranges.size(); ++k)
            EXPECT_LE(ranges[k - 1].first + ranges[k - 1].second, ranges[k].first);
    });
}

TEST_F(VulkanQueue, TheValidationLayerIsHeard) {
    each([](const std::shared_ptr<Context>& context) {
        auto create = vulkan::make<VkBufferCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO);
        create.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT;
        VkBuffer made = nullptr;
        expect_error(ErrorCode::internal, {"validation layer", "VUID-VkBufferCreateInfo-size"}, [&] {
            context->check(context->api().create_buffer(context->device(), &create, nullptr, &made),
                           "vkCreateBuffer", "making of nothing");
        });
        if (made != nullptr) context->api().destroy_buffer(context->device(), made, nullptr);
    });
}

TEST_F(VulkanQueue, WorkWithoutEndIsGivenUp) {
    each([](const std::shared_ptr<Context>& context) {
        TestKernel slow = kernel_of("slow", 12, R"(
layout(push_constant) uniform P { Words result; uint count; } p;
void main() {
    uint x = gl_LocalInvocationID.x;
    for (uint k = 0; k < p.count; ++k) x = x * 1664525 + 1013904223 + p.result.at[x & 1];
    p.result.at[0] = x;
}
)");
        const auto kernel = load(context, slow);
        const auto queue = make_queue(context);
        const auto a = allocate(context, 16);
        queue->launch(launch_of(kernel, {64}, {64}, {a}, a->device_address(), 3'000'000U));
        ::setenv("HEDDLE_TIMEOUT_MS", "20", 1);
        expect_error(ErrorCode::timeout, {"20 ms", "HEDDLE_TIMEOUT_MS"}, [&] { queue->synchronize(); });
        ::unsetenv("HEDDLE_TIMEOUT_MS");
        expect_error(ErrorCode::device_lost, {"died earlier", "20 ms"}, [&] { queue->fill(a, 0, 0, 4); });
        expect_error(ErrorCode::device_lost, {"allocation"}, [&] { allocate(context, 16); });
    });
}

VKAPI_ATTR VkResult VKAPI_CALL lose_device(VkQueue, std::uint32_t, const VkSubmitInfo*, VkFence) {
    return VK_ERROR_DEVICE_LOST;
}

TEST_F(VulkanQueue, ALostDeviceIsAnErrorForEver) {
    each([](const std::shared_ptr<Context>& context) {
        const auto kernel = load(context, scale());
        const auto queue = make_queue(context);
        const auto a = allocate(context, 16);
        context->changeable_api().queue_submit = lose_device;
        expect_error(ErrorCode::device_lost, {"launch of 'scale'", "VK_ERROR_DEVICE_LOST"}, [&] {
            queue->launch(launch_of(kernel, {1}, {1}, {a}, a->device_address(), a->device_address(), 0U, 0U));
        });
        for (int k = 0; k < 2; ++k)
            expect_error(ErrorCode::device_lost, {"died earlier", "launch of 'scale'"},
                         [&] { queue->synchronize(); });
    });
}

TEST(VulkanApi, AMissingOrBrokenLoaderIsAReason) {
    LoaderApi loader;
    std::string reason;
    EXPECT_FALSE(loader.load("libvulkan-that-is-not-there.so.1", reason));
    EXPECT_NE(reason.find("libvulkan-that-is-not-there.so.1"), std::string::npos);
    EXPECT_FALSE(loader.load("libc.so.6", reason));
    EXPECT_EQ(reason, "libc.so.6 has no function vkGetInstanceProcAddr");
    EXPECT_EQ(result_name(VK_ERROR_DEVICE_LOST), "VK_ERROR_DEVICE_LOST");
    EXPECT_EQ(result_name(static_cast<VkResult>(-77)), "VkResult -77");
}

TEST_F(VulkanQueue, DevicesAreDescribed) {
    each([](const std::shared_ptr<Context>& context) {
        const DeviceInfo info = info_of(context->instance(), context->traits(), 3);
        EXPECT_EQ(info.id, "vulkan:3");
        EXPECT_FALSE(info.name.empty() || info.driver.empty() || info.uuid.empty());
        EXPECT_GE(info.limits.threads, 128U);
        EXPECT_GE(info.limits.grid[0], 65535U);
        EXPECT_GE(info.limits.shared_bytes, 16384U);
        EXPECT_GE(info.memory_bytes, info.free_bytes);
        EXPECT_EQ(context->traits().variants.back(), "basic");
    });
}

}  // namespace
}  // namespace heddle::vulkan::testing
