// HostBuffer over a fake device, and the ranges by which queues know pinned memory.
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include <heddle/error.h>
#include <heddle/host_buffer.h>

#include "fake_device.h"
#include "runtime/fault_injection.h"
#include "runtime/host_ranges.h"

namespace heddle::runtime {
namespace {

using heddle::testing::error_of;
using heddle::testing::FakeDevice;
using heddle::testing::FakeHostMemory;

TEST(HostBuffer, OwnsItsMemory) {
    const Device device(std::make_shared<FakeDevice>("cuda:0"));
    HostBuffer buffer = device.allocate_host(64);
    EXPECT_EQ(buffer.size_bytes(), 64U);
    EXPECT_EQ(buffer.view<double>().size(), 8U);
    EXPECT_EQ(buffer.view<double>().data(), buffer.data());
    EXPECT_EQ(buffer.device().id(), "cuda:0");
    void* const place = buffer.data();
    HostBuffer other = std::move(buffer);
    EXPECT_EQ(other.data(), place);
    EXPECT_EQ(buffer.data(), nullptr);  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(buffer.size_bytes(), 0U);
    EXPECT_TRUE(buffer.view<int>().empty());
    EXPECT_EQ(error_of([&] { (void)buffer.device(); }).code(), ErrorCode::invalid_argument);
    buffer = std::move(other);
    EXPECT_EQ(buffer.data(), place);
    EXPECT_EQ(device.allocate_host(0).data(), nullptr);
}

TEST(HostBuffer, FailuresOfTheBackendComeThrough) {
    const auto plan = std::make_shared<FaultPlan>();
    const Device device(with_faults(std::make_shared<FakeDevice>("cuda:0"), plan));
    plan->fail(FaultyCall::allocate_host, 1, ErrorCode::out_of_memory);
    EXPECT_EQ(device.allocate_host(8).size_bytes(), 8U);
    const Error error = error_of([&] { (void)device.allocate_host(8); });
    EXPECT_EQ(error.code(), ErrorCode::out_of_memory);
    EXPECT_NE(std::string(error.what()).find("allocate_host"), std::string::npos);
    EXPECT_EQ(plan->pending(), 0U);
}

TEST(HostRanges, FindWhatHoldsAWholeRange) {
    HostRanges ranges;
    auto first = std::make_shared<FakeHostMemory>(100), second = std::make_shared<FakeHostMemory>(50);
    ranges.add(first);
    ranges.add(second);
    ranges.add(std::make_shared<FakeHostMemory>(0));
    auto* const begin = static_cast<std::byte*>(first->data());
    EXPECT_EQ(ranges.find(begin, 100), first);
    EXPECT_EQ(ranges.find(begin + 99, 1), first);
    EXPECT_EQ(ranges.find(begin + 30, 70), first);
    EXPECT_EQ(ranges.find(second->data(), 50), second);
    EXPECT_EQ(ranges.find(begin, 101), nullptr);
    EXPECT_EQ(ranges.find(begin + 30, 71), nullptr);
    EXPECT_EQ(ranges.find(begin + 100, 1), nullptr);
    EXPECT_EQ(ranges.find(begin + 1, ~std::size_t{0}), nullptr);
    EXPECT_EQ(ranges.find(&ranges, 1), nullptr);
    EXPECT_EQ(ranges.find(nullptr, 1), nullptr);
}

TEST(HostRanges, ForgetWhatIsGone) {
    HostRanges ranges;
    auto memory = std::make_shared<FakeHostMemory>(100);
    void* const begin = memory->data();
    ranges.add(memory);
    const auto kept = ranges.find(begin, 1);
    ranges.remove(begin);
    EXPECT_EQ(ranges.find(begin, 1), nullptr);
    ranges.remove(begin);
    EXPECT_EQ(kept, memory);
    // Memory whose last owner lets go counts as gone, also before it takes itself out.
    auto other = std::make_shared<FakeHostMemory>(100);
    void* const place = other->data();
    ranges.add(other);
    other.reset();
    EXPECT_EQ(ranges.find(place, 1), nullptr);
}

}  // namespace
}  // namespace heddle::runtime
