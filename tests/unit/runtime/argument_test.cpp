// Launch configuration and arguments, as a backend receives them or as the caller is refused.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "fake_device.h"

namespace heddle {
namespace {

using heddle::testing::add_parameter;
using heddle::testing::error_of;
using heddle::testing::FakeDevice;
using heddle::testing::FakeKernel;

struct Point {
    float x, y, z;
};

class Launch : public ::testing::Test {
  protected:
    Launch()
        : fake(std::make_shared<FakeDevice>("cpu:0")), device(fake), queue(device), x(device.allocate(64)) {
        saxpy.name = "saxpy";
        saxpy.symbol = "_Z5saxpy";
        add_parameter(saxpy, "n", ParameterKind::scalar, DType::i32, 4, 4);
        add_parameter(saxpy, "x", ParameterKind::pointer, DType::f32, 8, 8);
        add_parameter(saxpy, "y", ParameterKind::pointer, DType::f32, 8, 8);
        add_parameter(saxpy, "p", ParameterKind::structure, std::nullopt, 12, 4);
    }
    Kernel kernel(const KernelInfo& info) const {
        return Kernel(device, std::make_shared<FakeKernel>(info, std::span<const std::byte>()));
    }
    Kernel one(DType type) const {
        KernelInfo info;
        info.name = "k";
        info.symbol = "k";
        add_parameter(info, "a", ParameterKind::scalar, type, size_of(type), size_of(type));
        return kernel(info);
    }
    // The parameter that a kernel with one parameter of `type` gets from `value`.
    template <class To, class From>
    To passed(DType type, const From& value) {
        queue.launch(one(type), {{1, 1, 1}, {1, 1, 1}, 0}, value);
        To result{};
        EXPECT_EQ(fake->log->parameters.back().size(), sizeof(To));
        std::memcpy(&result, fake->log->parameters.back().data(), sizeof(To));
        return result;
    }
    template <class From>
    std::string refusal(DType type, const From& value) {
        const Error error = error_of([&] { queue.launch(one(type), {{1, 1, 1}, {1, 1, 1}, 0}, value); });
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        return error.reason();
    }

    std::shared_ptr<FakeDevice> fake;
    Device device;
    Queue queue;
    Buffer x;
    KernelInfo saxpy;
    const LaunchConfig small{{1, 1, 1}, {32, 1, 1}, 0};
};

TEST_F(Launch, PacksEveryKind) {
    queue.launch(kernel(saxpy), small, 7, x, nullptr, Point{1, 2, 3});
    const std::vector<std::byte>& bytes = fake->log->parameters.back();
    ASSERT_EQ(bytes.size(), 36U);
    std::int32_t n = 0;
    std::uint64_t address = 0, null = 1;
    Point point{};
    std::memcpy(&n, bytes.data(), 4);
    std::memcpy(&address, bytes.data() + 8, 8);
    std::memcpy(&null, bytes.data() + 16, 8);
    std::memcpy(&point, bytes.data() + 24, 12);
    EXPECT_EQ(n, 7);
    EXPECT_EQ(address, x.device_address());
    EXPECT_EQ(null, 0U);
    EXPECT_EQ(point.z, 3.0F);
    EXPECT_EQ(fake->log->allocations_kept, 1U);
}

TEST_F(Launch, TakesOffsetsRawBytesAndLists) {
    const std::uint64_t address = 0x1234;
    const std::vector<Argument> list = {7, Argument::at(x, 16), Argument::raw(&address, 8),
                                        Argument::raw("abcdefghijkl", 12)};
    queue.launch(kernel(saxpy), small, list);
    std::uint64_t got[2];
    std::memcpy(got, fake->log->parameters.back().data() + 8, 16);
    EXPECT_EQ(got[0], x.device_address() + 16);
    EXPECT_EQ(got[1], address);
    const Error error =
        error_of([&] { queue.launch(kernel(saxpy), small, 7, Argument::at(x, 65), x, Point{}); });
    EXPECT_EQ(error.reason(), "argument 2 'x' starts 65 bytes into a buffer of 64");
}

TEST_F(Launch, NamesTheArgumentThatDoesNotFit) {
    const auto refusal_of = [&](auto... arguments) {
        return std::string(error_of([&] { queue.launch(kernel(saxpy), small, arguments...); }).what());
    };
    EXPECT_EQ(std::string(error_of([&] { queue.launch(kernel(saxpy), small, 1, x, 2.0F, Point{}); }).what()),
              "cpu:0: launch of 'saxpy' failed: argument 3 'y' is a pointer, got a value (f32)");
    EXPECT_EQ(std::string(error_of([&] { queue.launch(kernel(saxpy), small, x, x, x, Point{}); }).what()),
              "cpu:0: launch of 'saxpy' failed: argument 1 'n' is a scalar of type i32, got a buffer");
    EXPECT_EQ(refusal_of(1, nullptr),
              "cpu:0: launch of 'saxpy' failed: it takes 4 arguments (n, x, y, p), got 2");
    EXPECT_EQ(
        refusal_of(1, nullptr, nullptr, 5),
        "cpu:0: launch of 'saxpy' failed: argument 4 'p' is a structure of 12 bytes, got a value (i32)");
    EXPECT_EQ(refusal_of(1, nullptr, nullptr, std::array<float, 4>{}),
              "cpu:0: launch of 'saxpy' failed: argument 4 'p' is a structure of 12 bytes (12 bytes), got a "
              "structure of 16 "
              "bytes");
    EXPECT_EQ(refusal_of(nullptr, nullptr, nullptr, Point{}),
              "cpu:0: launch of 'saxpy' failed: argument 1 'n' is a scalar of type i32, got nullptr");
    EXPECT_EQ(refusal_of(Argument(), nullptr, nullptr, Point{}),
              "cpu:0: launch of 'saxpy' failed: argument 1 'n' is a scalar of type i32, got nothing");
    const Buffer empty;
    EXPECT_EQ(std::string(error_of([&] { queue.launch(kernel(saxpy), small, 1, empty, x, Point{}); }).what()),
              "cpu:0: launch of 'saxpy' failed: argument 2 'x' is a pointer, got an empty buffer (for a null "
              "pointer, pass "
              "nullptr)");
    EXPECT_TRUE(fake->log->parameters.empty());
}

TEST_F(Launch, ObjectsOfAnotherDeviceAreRefused) {
    const Device other(std::make_shared<FakeDevice>("scalar:0"));
    const Buffer theirs = other.allocate(16);
    EXPECT_STREQ(error_of([&] { queue.launch(kernel(saxpy), small, 1, theirs, x, Point{}); }).what(),
                 "cpu:0: launch of 'saxpy' failed: argument 2 'x' is a buffer of scalar:0");
    Queue their_queue(other);
    EXPECT_STREQ(error_of([&] { their_queue.launch(kernel(saxpy), small, 1, x, x, Point{}); }).what(),
                 "scalar:0: launch of 'saxpy' failed: the kernel belongs to cpu:0");
    EXPECT_EQ(error_of([&] { their_queue.wait(queue.record()); }).code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error_of([&] { their_queue.fill(x, 0, 1); }).code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error_of([&] { (void)Event::elapsed_ms(queue.record(), their_queue.record()); }).code(),
              ErrorCode::invalid_argument);
}

TEST_F(Launch, ConvertsArithmeticValues) {
    EXPECT_EQ((passed<float>(DType::f32, 3)), 3.0F);
    EXPECT_EQ((passed<float>(DType::f32, 0.1)), 0.1F);
    EXPECT_EQ((passed<double>(DType::f64, 2.5F)), 2.5);
    EXPECT_EQ((passed<double>(DType::f64, 1.25L)), 1.25);
    EXPECT_EQ((passed<std::int32_t>(DType::i32, std::int64_t{-5})), -5);
    EXPECT_EQ((passed<std::int32_t>(DType::i32, 4.0)), 4);
    EXPECT_EQ((passed<std::uint8_t>(DType::u8, true)), 1);
    EXPECT_EQ((passed<std::uint64_t>(DType::u64, std::numeric_limits<std::uint64_t>::max())),
              std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ((passed<std::int64_t>(DType::i64, -0x1p63)), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ((passed<std::uint16_t>(DType::f16, 1.0F)), 0x3c00);
    EXPECT_EQ((passed<std::uint16_t>(DType::f16, 3)), 0x4200);
    EXPECT_EQ((passed<std::uint16_t>(DType::bf16, -2.0)), 0xc000);
    EXPECT_TRUE(std::isnan(passed<float>(DType::f32, std::nan(""))));
    EXPECT_TRUE(std::isinf(passed<float>(DType::f32, HUGE_VAL)));
    enum class Mode : std::uint8_t { fast = 3 };
    EXPECT_EQ((passed<std::int32_t>(DType::i32, Mode::fast)), 3);
}

TEST_F(Launch, RefusesValuesThatDoNotFit) {
    EXPECT_EQ(refusal(DType::i32, 2.5), "argument 1 'a' is a scalar of type i32, which cannot hold 2.500000");
    EXPECT_EQ(refusal(DType::u32, -1), "argument 1 'a' is a scalar of type u32, which cannot hold -1");
    EXPECT_EQ(refusal(DType::i32, 3000000000U),
              "argument 1 'a' is a scalar of type i32, which cannot hold 3000000000");
    EXPECT_EQ(refusal(DType::i8, 128), "argument 1 'a' is a scalar of type i8, which cannot hold 128");
    EXPECT_FALSE(refusal(DType::i64, 0x1p63).empty());
    EXPECT_FALSE(refusal(DType::u64, -1.0).empty());
    EXPECT_FALSE(refusal(DType::i32, std::nan("")).empty());
    EXPECT_FALSE(refusal(DType::i32, HUGE_VAL).empty());
    EXPECT_FALSE(refusal(DType::f32, 1e300).empty());
    EXPECT_FALSE(refusal(DType::f16, 70000).empty());
    EXPECT_FALSE(refusal(DType::bf16, 3.4e38).empty());
    EXPECT_FALSE(refusal(DType::f32, Point{}).empty());
    const std::int32_t three_bytes = 0;
    EXPECT_FALSE(
        refusal(DType::i32, Argument::typed(Argument::Kind::signed_integer, &three_bytes, 3)).empty());
    EXPECT_FALSE(refusal(DType::f32, Argument::typed(Argument::Kind::floating, &three_bytes, 3)).empty());
    EXPECT_FALSE(refusal(DType::i32, Argument::raw(nullptr, 4)).empty());
}

TEST_F(Launch, LimitsAreNamed) {
    KernelInfo plain;
    plain.name = "nbody";
    plain.symbol = "nbody";
    KernelInfo bounded = plain;
    bounded.max_threads = 256;
    KernelInfo shared = plain;
    shared.static_shared_bytes = 40001;
    const auto refusal_of = [&](const KernelInfo& info, const LaunchConfig& config, ErrorCode code) {
        const Error error = error_of([&] { queue.launch(kernel(info), config); });
        EXPECT_EQ(error.code(), code);
        return std::string(error.what());
    };
    const std::string prefix = "cpu:0: launch of 'nbody' failed: ";
    EXPECT_EQ(refusal_of(plain, {{1, 1, 1}, {2048, 1, 1}, 0}, ErrorCode::launch_failed),
              prefix + "block of 2048 threads is over this device's limit of 1024");
    EXPECT_EQ(refusal_of(plain, {{1, 1, 1}, {32, 32, 2}, 0}, ErrorCode::launch_failed),
              prefix + "block of 2048 threads (32 x 32 x 2) is over this device's limit of 1024");
    EXPECT_EQ(refusal_of(bounded, {{1, 1, 1}, {512, 1, 1}, 0}, ErrorCode::launch_failed),
              prefix + "block of 512 threads is over the kernel's __launch_bounds__ of 256");
    EXPECT_EQ(refusal_of(plain, {{1, 1, 1}, {1, 1, 65}, 0}, ErrorCode::launch_failed),
              prefix + "block extent z of 65 is over this device's limit of 64");
    EXPECT_EQ(refusal_of(plain, {{1, 65536, 1}, {1, 1, 1}, 0}, ErrorCode::launch_failed),
              prefix + "grid extent y of 65536 is over this device's limit of 65535");
    EXPECT_EQ(refusal_of(plain, {{0, 1, 1}, {1, 1, 1}, 0}, ErrorCode::invalid_argument),
              prefix + "the grid, 0 x 1 x 1, is empty");
    EXPECT_EQ(refusal_of(plain, {{1, 1, 1}, {1, 0, 1}, 0}, ErrorCode::invalid_argument),
              prefix + "the block, 1 x 0 x 1, is empty");
    EXPECT_EQ(
        refusal_of(shared, {{1, 1, 1}, {1, 1, 1}, 9200}, ErrorCode::launch_failed),
        prefix +
            "shared memory of 40016 bytes (static) and 9200 bytes (dynamic) is over this device's limit of "
            "49152");
    queue.launch(kernel(shared), {{1, 1, 1}, {1, 1, 1}, 9136});  // 40016 + 9136 = 49152
    // Extents whose product overflows 64 bits.
    EXPECT_EQ(
        refusal_of(plain, {{1, 1, 1}, {0xffffffff, 0xffffffff, 0xffffffff}, 0}, ErrorCode::launch_failed)
            .find(prefix + "block of 2^64 or more threads"),
        0U);
    EXPECT_EQ(refusal_of(shared, {{1, 1, 1}, {1, 1, 1}, SIZE_MAX}, ErrorCode::launch_failed)
                  .find(prefix + "shared memory of 40016"),
              0U);
}

TEST_F(Launch, TransfersAreChecked) {
    std::byte host[64]{};
    EXPECT_STREQ(error_of([&] { queue.write(x, host, 65); }).what(),
                 "cpu:0: write to a buffer failed: 65 bytes from offset 0 reach past the buffer's 64");
    EXPECT_EQ(error_of([&] { queue.read(x, host, 1, SIZE_MAX); }).code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error_of([&] { queue.read(x, nullptr, 1); }).code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error_of([&] { queue.copy(x, 0, x, 8, 16); }).reason(), "the two ranges overlap");
    EXPECT_EQ(error_of([&] { queue.fill(Buffer(), 0, 1); }).code(), ErrorCode::invalid_argument);
    queue.copy(x, 0, x, 32, 32);
    queue.write(x, nullptr, 0);
    queue.fill(x, 9, 64);
    x.read(host, 64);
    EXPECT_EQ(host[63], std::byte{9});
    const Event start = queue.record(), end = queue.record();
    EXPECT_DOUBLE_EQ(Event::elapsed_ms(start, end), 1.0);
    EXPECT_DOUBLE_EQ(Event::elapsed_ms(end, start), -1.0);
}

TEST_F(Launch, EmptyAndMovedBuffers) {
    Buffer moved = std::move(x);
    EXPECT_EQ(x.size_bytes(), 0U);  // NOLINT(bugprone-use-after-move): what a moved-from buffer promises
    EXPECT_EQ(error_of([&] { (void)x.device(); }).code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error_of([&] { (void)x.device_address(); }).code(), ErrorCode::invalid_argument);
    EXPECT_EQ(moved.view<float>().size(), 16U);
    EXPECT_EQ(device.allocate(0).size_bytes(), 0U);
    EXPECT_EQ(device.allocate(0).view<int>().size(), 0U);
}

}  // namespace
}  // namespace heddle
