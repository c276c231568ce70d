// SplitSession: the same results as on one device, whatever the shares, and without devices that fail.
#include <heddle/split.h>

#include <functional>
#include <numeric>

#include "runtime/split/byte_ranges.h"
#include "runtime/split/shares.h"
#include "unit/runtime/split_devices.h"

namespace heddle::testing {
namespace {

using runtime::ByteRange;
using runtime::ByteRanges;
using runtime::FaultyCall;

constexpr unsigned threads = 64, blocks = 37, elements = threads * blocks - 11;
constexpr std::size_t block_bytes = threads * sizeof(unsigned);

/// The system of kernel `step`, and what the host makes of it.
struct System {
    std::vector<unsigned> values = std::vector<unsigned>(elements), state = std::vector<unsigned>(elements),
                          next = std::vector<unsigned>(elements);
    System() {
        std::iota(values.begin(), values.end(), 17U);
        std::iota(state.begin(), state.end(), 4711U);
    }
    void step_on_host() {
        for (unsigned i = 0; i < elements; ++i) {
            unsigned sum = state[i];
            for (unsigned k = 0; k < 16; ++k) sum = sum * 1664525U + values[(i * 7 + k * 31) % elements];
            state[i] = sum;
            next[i] = sum ^ values[i] ^ blocks;
        }
        std::swap(values, next);
    }
};

/// The same over devices.
struct SplitSystem {
    SplitSystem(std::vector<Device> devices, const SplitOptions& options = {})
        : session(std::move(devices), split_program(), options) {
        values = session.add_array(std::span(host.values));
        state = session.add_array(std::span(host.state));
        next = session.add_array(std::span(host.next));
    }
    SplitRecord step(std::vector<double> shares = {}) {
        SplitRecord record =
            session.launch("step", {{{blocks}, {threads}, 0}, 0, std::move(shares)},
                           {elements, SplitArgument::whole(values), SplitArgument::in_out(state, block_bytes),
                            SplitArgument::output(next, block_bytes)});
        std::swap(values, next);
        expected.step_on_host();
        return record;
    }
    void expect_right() {
        session.fetch(values);
        session.fetch(state);
        EXPECT_EQ(values.index == 0 ? host.values : host.next, expected.values);
        EXPECT_EQ(host.state, expected.state);
    }
    System host, expected;
    SplitSession session;
    SplitArray values, state, next;
};

std::uint32_t blocks_of(const SplitRecord& record) {
    std::uint32_t sum = 0;
    for (const SplitShare& share : record.shares) {
        std::uint32_t in_ranges = 0;
        for (const SplitShare::Range& range : share.ranges) in_ranges += range.blocks;
        EXPECT_EQ(in_ranges, share.blocks);
        EXPECT_EQ(share.blocks == 0 && !share.has_failed, share.blocks == 0 && !share.reason.empty())
            << share.device;
        sum += share.blocks;
    }
    return sum;
}

void expect_error(ErrorCode code, const std::string& part, const std::function<void()>& action) {
    try {
        action();
        ADD_FAILURE() << "nothing was thrown; expected " << part;
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
}

TEST(ByteRanges, KeepWhatIsAddedAndNotRemoved) {
    ByteRanges ranges;
    ranges.add({10, 20});
    ranges.add({30, 40});
    ranges.add({20, 25});
    EXPECT_EQ(ranges.ranges(), (std::vector<ByteRange>{{10, 25}, {30, 40}}));
    EXPECT_EQ(ranges.missing({0, 50}), (std::vector<ByteRange>{{0, 10}, {25, 30}, {40, 50}}));
    EXPECT_EQ(ranges.within({15, 35}), (std::vector<ByteRange>{{15, 25}, {30, 35}}));
    ranges.add({24, 31});
    EXPECT_EQ(ranges.ranges(), (std::vector<ByteRange>{{10, 40}}));
    ranges.remove({12, 14});
    ranges.remove({39, 50});
    EXPECT_EQ(ranges.ranges(), (std::vector<ByteRange>{{10, 12}, {14, 39}}));
    ranges.remove({0, 100});
    EXPECT_TRUE(ranges.empty());
    EXPECT_EQ(ranges.missing({3, 5}), (std::vector<ByteRange>{{3, 5}}));
    EXPECT_TRUE(ranges.missing({5, 5}).empty());
}

TEST(Shares, AddUp) {
    using runtime::proportional;
    EXPECT_EQ(proportional(10, std::vector<double>{1, 1, 1}), (std::vector<std::uint32_t>{4, 3, 3}));
    EXPECT_EQ(proportional(1, std::vector<double>{0, 1, 5}), (std::vector<std::uint32_t>{0, 0, 1}));
    EXPECT_EQ(proportional(7, std::vector<double>{0, 0}), (std::vector<std::uint32_t>{0, 0}));
    const auto many = proportional(4'294'967'295U, std::vector<double>{0.1, 0.2, 0.3});
    EXPECT_EQ(std::uint64_t{many[0]} + many[1] + many[2], 4'294'967'295U);
}

TEST(Shares, LeaveOutWhatWouldNotPay) {
    const auto shares = runtime::shares_by_rate(1000, std::vector<double>{100, 1, 0, 50}, 15);
    EXPECT_EQ(shares.blocks, (std::vector<std::uint32_t>{667, 0, 0, 333}));
    EXPECT_NE(shares.reasons[1].find("would not pay"), std::string::npos) << shares.reasons[1];
    EXPECT_TRUE(shares.reasons[0].empty() && shares.reasons[2].empty() && shares.reasons[3].empty());
    // One is always left, however slow.
    EXPECT_EQ(runtime::shares_by_rate(10, std::vector<double>{0.001, 0}, 5).blocks,
              (std::vector<std::uint32_t>{10, 0}));
}

TEST(SplitSession, ForcedSharesGiveTheSameResults) {
    const std::vector<Device> devices = all_kinds();
    SplitSystem system(devices);
    for (const std::vector<double>& all :
         {std::vector<double>{1, 2, 3, 4}, std::vector<double>{0, 5, 1, 7}, std::vector<double>{9, 0, 0, 1},
          std::vector<double>{1, 1, 1, 1}}) {
        const std::vector<double> shares(all.begin(), all.begin() + std::ssize(devices));
        const SplitRecord record = system.step(shares);
        EXPECT_FALSE(record.was_calibrated);
        EXPECT_EQ(blocks_of(record), blocks);
        for (std::size_t i = 0; i < devices.size(); ++i) {
            EXPECT_EQ(record.shares[i].device, devices[i].id());
            EXPECT_EQ(record.shares[i].blocks == 0, shares[i] == 0) << record.shares[i].device;
        }
    }
    system.expect_right();
}

TEST(SplitSession, MeasuresAndGoesOn) {
    SplitSystem system(present({"cpu:0", "opencl:0", "scalar:0"}));
    for (int step = 0; step < 6; ++step) {
        const SplitRecord record = system.step();
        EXPECT_EQ(record.was_calibrated, step == 0);
        EXPECT_EQ(blocks_of(record), blocks);
        EXPECT_GT(record.milliseconds, 0);
    }
    system.expect_right();
}

TEST(SplitSession, ArraysStayOnTheDevices) {
    SplitSystem system({device("cpu:0"), device("scalar:0")});
    system.step({1, 1});
    const SplitRecord second = system.step({1, 1});
    // Of the new values each device lacks what the other has made; its own state is there.
    EXPECT_EQ(second.shares[0].host_bytes + second.shares[1].host_bytes, 0U);
    EXPECT_EQ(second.shares[0].staged_bytes + second.shares[1].staged_bytes, elements * sizeof(unsigned));
    system.expect_right();
    // What the host changes is given anew.
    for (unsigned& value : system.host.state) value += 5;
    for (unsigned& value : system.expected.state) value += 5;
    system.session.host_changed(system.state);
    const SplitRecord third = system.step({3, 1});
    EXPECT_GE(third.shares[0].host_bytes + third.shares[1].host_bytes, elements * sizeof(unsigned));
    system.expect_right();
}

TEST(SplitSession, FewBlocksAndManyDevices) {
    const std::vector<Device> devices = all_kinds();
    for (const unsigned height : {1U, 2U, 3U}) {
        const unsigned width = 70;
        std::vector<int> in(std::size_t{width} * height), out(in.size(), -1);
        std::iota(in.begin(), in.end(), -20);
        SplitSession session(devices, split_program());
        const SplitArray from = session.add_array(std::span<const int>(in)),
                         to = session.add_array(std::span(out));
        const SplitRecord record = session.launch(
            "rows", {{{3, height}, {32}, 0}, 1, {}},
            {width, SplitArgument::input(from, width * 4), SplitArgument::output(to, width * 4)});
        EXPECT_EQ(blocks_of(record), height);
        session.fetch(to);
        for (unsigned i = 0; i < in.size(); ++i)
            EXPECT_EQ(out[i], in[i] * 3 + static_cast<int>(i / width)) << i;
    }
}

class SplitFailure : public ::testing::TestWithParam<std::pair<FaultyCall, ErrorCode>> {};

TEST_P(SplitFailure, OthersTakeOver) {
    const auto [call, code] = GetParam();
    FaultyDevice faulty("cpu:0");
    SplitSystem system({faulty.device, device("scalar:0")}, {.keeps_host_copies = true});
    system.step({2, 1});
    const bool happens_later = call == FaultyCall::run || call == FaultyCall::transfer;
    if (!happens_later) {
        SplitSystem fresh({faulty.device, device("scalar:0")});
        faulty.plan->fail(call, 0, code);
        const SplitRecord record = fresh.step({2, 1});
        EXPECT_TRUE(record.shares[0].has_failed);
        EXPECT_NE(record.shares[0].reason.find("injected fault"), std::string::npos);
        EXPECT_EQ(record.shares[1].blocks, blocks);
        fresh.expect_right();
        return;
    }
    faulty.plan->fail(call, 0, code);
    const SplitRecord record = system.step({2, 1});
    EXPECT_TRUE(record.shares[0].has_failed);
    EXPECT_NE(record.shares[0].reason.find("injected fault"), std::string::npos) << record.shares[0].reason;
    EXPECT_EQ(record.shares[1].blocks, blocks);
    // From now on it is left out.
    const SplitRecord later = system.step();
    EXPECT_TRUE(later.shares[0].has_failed);
    EXPECT_EQ(later.shares[0].blocks, 0U);
    EXPECT_EQ(later.shares[1].blocks, blocks);
    system.expect_right();
    EXPECT_EQ(faulty.plan->pending(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Calls, SplitFailure,
                         ::testing::Values(std::pair{FaultyCall::run, ErrorCode::device_lost},
                                           std::pair{FaultyCall::run, ErrorCode::timeout},
                                           std::pair{FaultyCall::run, ErrorCode::launch_failed},
                                           std::pair{FaultyCall::transfer, ErrorCode::device_lost},
                                           std::pair{FaultyCall::allocate, ErrorCode::out_of_memory},
                                           std::pair{FaultyCall::load, ErrorCode::device_lost},
                                           std::pair{FaultyCall::create_queue, ErrorCode::device_lost}));

TEST(SplitSession, SaysWhatIsLostWithADevice) {
    FaultyDevice faulty("cpu:0");
    SplitSystem system({faulty.device, device("scalar:0")});
    system.step({1, 1});
    faulty.plan->fail(FaultyCall::run, 0, ErrorCode::device_lost);
    expect_error(ErrorCode::device_lost, "keeps_host_copies", [&] { system.step({1, 1}); });
    expect_error(ErrorCode::device_lost, "injected fault", [&] { system.session.fetch(system.state); });
}

TEST(SplitSession, WithoutADeviceLeftThrows) {
    FaultyDevice first("cpu:0"), second("scalar:0");
    SplitSystem system({first.device, second.device});
    first.plan->fail(FaultyCall::run, 0, ErrorCode::timeout);
    second.plan->fail(FaultyCall::run, 0, ErrorCode::device_lost);
    expect_error(ErrorCode::device_lost, "no device is left", [&] { system.step({1, 1}); });
}

TEST(SplitSession, AKernelsOwnFaultIsNotTheDevices) {
    SplitSession session({device("cpu:0"), device("scalar:0")}, split_program());
    std::vector<int> out(64);
    const SplitArray array = session.add_array(std::span(out));
    for (int time = 0; time < 2; ++time)
        expect_error(ErrorCode::launch_failed, "trap", [&] {
            session.launch("breaks", {{{64}, {32}, 0}, 0, {1, 1}}, {SplitArgument::output(array, 4)});
        });
}

TEST(SplitSession, RefusesWhatDoesNotFit) {
    SplitSession session({device("cpu:0"), device("scalar:0")}, split_program());
    std::vector<unsigned> values(elements);
    const SplitArray a = session.add_array(std::span(values)), b = session.add_array(std::span(values));
    const SplitArray constant = session.add_array(std::span<const unsigned>(values));
    const SplitLaunch how{{{blocks}, {threads}, 0}, 0, {}};
    const auto launch = [&](const SplitLaunch& with, const SplitArgument& state, const SplitArgument& next) {
        session.launch("step", with, {elements, SplitArgument::whole(a), state, next});
    };
    const SplitArgument fine = SplitArgument::in_out(b, block_bytes);
    const auto refused = [&](const std::string& part, const SplitLaunch& with, const SplitArgument& state,
                             const SplitArgument& next) {
        expect_error(ErrorCode::invalid_argument, part, [&] { launch(with, state, next); });
    };
    refused("is written by the kernel", how, SplitArgument::whole(b), nullptr);
    refused("same array", how, SplitArgument::in_out(a, block_bytes), nullptr);
    refused("constant", how, SplitArgument::in_out(constant, block_bytes), nullptr);
    refused("0 bytes", how, SplitArgument::in_out(b, 0), nullptr);
    refused("no array 7", how, SplitArgument::in_out(SplitArray{7}, 4), nullptr);
    refused("axis 3", {how.config, 3, {}}, fine, nullptr);
    refused("1 shares for 2 devices", {how.config, 0, {1}}, fine, nullptr);
    refused("shares are numbers", {how.config, 0, {0, 0}}, fine, nullptr);
    expect_error(ErrorCode::invalid_argument, "twice",
                 [] { SplitSession({device("cpu:0"), device("cpu:0")}, split_program()); });
    expect_error(ErrorCode::not_found, "nothing", [&] { session.launch("nothing", how, {}); });
}

}  // namespace
}  // namespace heddle::testing
