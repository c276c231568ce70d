// chunked_map(): every element once, whatever the chunks, the devices and their failures.
#include <heddle/chunked_map.h>

#include <array>
#include <numeric>
#include <stdexcept>

#include "runtime/split/chunk_dispenser.h"
#include "unit/runtime/split_devices.h"

namespace heddle::testing {
namespace {

using runtime::FaultyCall;

/// Kernel `map` over arrays of the host.
struct Mapping {
    explicit Mapping(std::size_t count) : in(count), sum(count), out(count), start(count) {
        std::iota(in.begin(), in.end(), 3U);
        std::iota(start.begin(), start.end(), 1000U);
        sum = start;
    }
    MapRecord run(const std::vector<Device>& devices, const MapOptions& options) {
        return chunked_map(devices, split_program(), "map", in.size(),
                           {MapArgument::count(), MapArgument::first_element(),
                            MapArgument::whole(table.data(), sizeof table), MapArgument::input(in.data(), 4),
                            MapArgument::in_out(sum.data(), 4), MapArgument::output(out.data(), 2)},
                           options);
    }
    void expect_right() const {
        for (std::size_t i = 0; i < in.size(); ++i) {
            const unsigned want = start[i] + in[i] * table[i % 7];
            ASSERT_EQ(sum[i], want) << i;
            ASSERT_EQ(out[i], static_cast<std::uint16_t>(want + i)) << i;
        }
    }
    std::array<unsigned, 7> table{1, 2, 3, 5, 7, 11, 13};
    std::vector<unsigned> in, sum;
    std::vector<std::uint16_t> out;
    std::vector<unsigned> start;
};

std::uint64_t elements_of(const MapRecord& record) {
    std::uint64_t sum = 0;
    for (const MapShare& share : record.shares) {
        EXPECT_EQ(share.elements == 0, share.chunks == 0);
        sum += share.elements;
    }
    return sum;
}

TEST(ChunkedMap, DoesEveryElementOnce) {
    for (const std::vector<Device>& devices : {present({"cpu:0"}), present({"opencl:0"}), all_kinds()}) {
        if (devices.empty()) continue;
        for (const std::size_t count : {std::size_t{1}, std::size_t{1000}, std::size_t{300'007}}) {
            Mapping mapping(count);
            std::uint64_t last = 0;
            MapOptions options;
            options.chunk_elements = 20'480;
            options.progress = [&](std::uint64_t done, std::uint64_t total) {
                EXPECT_GT(done, last);
                EXPECT_EQ(total, count);
                last = done;
                return true;
            };
            const MapRecord record = mapping.run(devices, options);
            EXPECT_EQ(record.elements, count);
            EXPECT_EQ(elements_of(record), count);
            EXPECT_EQ(last, count);
            EXPECT_FALSE(record.was_cancelled);
            mapping.expect_right();
        }
    }
}

TEST(ChunkedMap, KeepsToTheMemoryItMayUse) {
    Mapping mapping(100'000);
    MapOptions options;
    options.memory_limit = 60'028;  // and 28 bytes for the table
    options.queues = 2;
    const MapRecord record = mapping.run({device("cpu:0")}, options);
    // 30,000 bytes for each queue hold 2816 elements of 10 bytes in whole blocks of 256.
    EXPECT_EQ(record.shares[0].chunks, (100'000U + 2815) / 2816);
    mapping.expect_right();
    options.memory_limit = 1000;
    try {
        mapping.run({device("cpu:0")}, options);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::out_of_memory) << error.what();
    }
}

TEST(ChunkedMap, TakesPinnedArraysAsTheyAre) {
    const Device on = device("cpu:0");
    const std::size_t count = 50'000;
    HostBuffer pinned = on.allocate_host(count * 4);
    Mapping mapping(count);
    const std::span<unsigned> sum = pinned.view<unsigned>();
    std::copy(mapping.start.begin(), mapping.start.end(), sum.begin());
    MapOptions options;
    options.host_is_pinned = true;
    options.chunk_elements = 4096;
    const Device devices[] = {on};
    chunked_map(devices, split_program(), "map", count,
                {MapArgument::count(), MapArgument::first_element(),
                 MapArgument::whole(mapping.table.data(), sizeof mapping.table),
                 MapArgument::input(mapping.in.data(), 4), MapArgument::in_out(sum.data(), 4),
                 MapArgument::output(mapping.out.data(), 2)},
                options);
    std::copy(sum.begin(), sum.end(), mapping.sum.begin());
    mapping.expect_right();
}

TEST(ChunkedMap, EndsWhenProgressSaysSo) {
    Mapping mapping(1'000'000);
    MapOptions options;
    options.chunk_elements = 1024;
    options.progress = [](std::uint64_t done, std::uint64_t) { return done < 10'000; };
    const MapRecord record = mapping.run({device("cpu:0"), device("scalar:0")}, options);
    EXPECT_TRUE(record.was_cancelled);
    EXPECT_GE(record.elements, 10'000U);
    EXPECT_LT(record.elements, 100'000U);
    EXPECT_EQ(elements_of(record), record.elements);
    options.progress = [](std::uint64_t, std::uint64_t) -> bool { throw std::runtime_error("enough"); };
    EXPECT_THROW(mapping.run({device("cpu:0")}, options), std::runtime_error);
}

class MapFailure : public ::testing::TestWithParam<std::pair<FaultyCall, ErrorCode>> {};

TEST_P(MapFailure, OthersTakeOver) {
    const auto [call, code] = GetParam();
    FaultyDevice faulty("cpu:0");
    faulty.plan->fail(call, call == FaultyCall::run || call == FaultyCall::transfer ? 1 : 0, code);
    Mapping mapping(200'000);
    MapOptions options;
    options.chunk_elements = 4096;
    const MapRecord record = mapping.run({faulty.device, device("scalar:0")}, options);
    EXPECT_EQ(record.elements, 200'000U);
    mapping.expect_right();
    if (faulty.plan->pending() == 0) {
        EXPECT_TRUE(record.shares[0].has_failed);
        EXPECT_NE(record.shares[0].reason.find("injected fault"), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(Calls, MapFailure,
                         ::testing::Values(std::pair{FaultyCall::run, ErrorCode::device_lost},
                                           std::pair{FaultyCall::launch, ErrorCode::timeout},
                                           std::pair{FaultyCall::run, ErrorCode::launch_failed},
                                           std::pair{FaultyCall::load, ErrorCode::device_lost}));

TEST(ChunkedMap, TriesSmallerChunksWhenMemoryIsShort) {
    FaultyDevice faulty("cpu:0");
    faulty.plan->fail(FaultyCall::allocate, 2, ErrorCode::out_of_memory);  // of the first slot
    Mapping mapping(50'000);
    const MapRecord record = mapping.run({faulty.device}, {});
    ASSERT_EQ(record.notes.size(), 1U);
    EXPECT_NE(record.notes[0].find("trying half"), std::string::npos) << record.notes[0];
    mapping.expect_right();
}

TEST(ChunkedMap, AKernelsOwnFaultIsThrown) {
    std::vector<unsigned> out(10'000);
    const Device devices[] = {device("cpu:0"), device("scalar:0")};
    try {
        chunked_map(devices, split_program(), "map_breaks", out.size(),
                    {MapArgument::count(), MapArgument::output(out.data(), 4)});
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::launch_failed) << error.what();
    }
}

TEST(ChunkedMap, RefusesWhatDoesNotFit) {
    std::vector<unsigned> out(100);
    const Device devices[] = {device("cpu:0")};
    const auto refused = [&](std::span<const Device> on, const MapArgument& argument) {
        try {
            chunked_map(on, split_program(), "map_breaks", out.size(), {MapArgument::count(), argument});
            ADD_FAILURE() << "nothing was thrown";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
        }
    };
    refused({}, MapArgument::output(out.data(), 4));
    refused(devices, MapArgument::output(out.data(), 0));
    refused(devices, MapArgument::output(nullptr, 4));
    refused(devices, MapArgument::input(out.data(), 4));
    EXPECT_EQ(chunked_map(devices, split_program(), "map_breaks", 0, {}).elements, 0U);
}

TEST(ChunkDispenser, GivesSlowDevicesLessAndNothingAtTheEnd) {
    runtime::ChunkDispenser dispenser(100'000, 10, 2, {});
    const auto first = dispenser.take(0, 10'000, false), second = dispenser.take(1, 10'000, false);
    ASSERT_TRUE(first && second);
    dispenser.finished(0, *first, 1);      // 2500 a millisecond
    dispenser.finished(1, *second, 1000);  // 2.5
    const auto fast = dispenser.take(0, 10'000, false), slow = dispenser.take(1, 10'000, false);
    ASSERT_TRUE(fast);
    EXPECT_EQ(fast->count, 10'000U);
    // The least chunk would take it longer than the other needs for all the rest.
    EXPECT_FALSE(slow);
    EXPECT_NE(dispenser.reason(1).find("would not pay"), std::string::npos);
    // Unless it is the only one left.
    dispenser.failed(0, {*fast}, Error(ErrorCode::device_lost, "gone"), false);
    const auto taken_over = dispenser.take(1, 10'000, false);
    ASSERT_TRUE(taken_over);
    EXPECT_EQ(taken_over->first, fast->first);
    EXPECT_TRUE(dispenser.reason(1).empty());
}

}  // namespace
}  // namespace heddle::testing
