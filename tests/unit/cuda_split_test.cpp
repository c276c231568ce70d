// A split session over two CUDA devices of the stand-in: what travels directly between them, and what happens
// where they do not reach each other.
#include <atomic>
#include <numeric>

#include <heddle/split.h>

#include "unit/cuda_standin.h"

namespace heddle::cuda::testing {
namespace {

constexpr unsigned threads = 4, blocks = 10, elements = threads * blocks;

class CudaSplit : public CudaStandin {
  protected:
    void SetUp() override {
        CudaStandin::SetUp();
        control().device_count = 2;
        // step(all, next): next[i] = all[(i + 5) % n] + 1, for the blocks of the part.
        control().kernels["step"].run = [](const CudaLaunch& launch) {
            const auto* all = reinterpret_cast<const int*>(parameter<std::uint64_t>(launch, 0));
            auto* next = reinterpret_cast<int*>(parameter<std::uint64_t>(launch, 8));
            const auto first = parameter<unsigned>(launch, 16);
            EXPECT_EQ(parameter<unsigned>(launch, 28), blocks);
            for (unsigned b = first; b < first + launch.grid[0]; ++b)
                for (unsigned i = b * threads; i < (b + 1) * threads; ++i)
                    next[i] = all[(i + 5) % elements] + 1;
            return 0;
        };
    }
    static ProgramSource program() {
        Package package;
        package.source = "step.cu";
        KernelInfo info;
        info.name = info.symbol = "step";
        for (const auto& [name, access] :
             {std::pair{"all", Access::read}, std::pair{"next", Access::write}}) {
            Parameter pointer;
            pointer.name = name;
            pointer.kind = ParameterKind::pointer;
            pointer.bytes = 8;
            pointer.offset = info.parameters.size() * 8;
            pointer.access = access;
            info.parameters.push_back(pointer);
        }
        info.grid_part_offset = 16;
        info.parameter_bytes = 40;
        package.kernels = {info};
        const std::string text = "kernel step\n";
        const auto code = bytes_of(text);
        package.payloads = {{"ptx", "sm_90", {code.begin(), code.end()}}};
        return ProgramSource::package(package.write());
    }
    /// Three steps, and whether they are right.
    std::vector<SplitRecord> steps(const SplitOptions& options) {
        std::vector<int> values(elements), next(elements);
        std::iota(values.begin(), values.end(), 0);
        std::vector<int> expected = values;
        std::vector<SplitRecord> records;
        SplitSession session({Device(devices().at(0)), Device(devices().at(1))}, program(), options);
        SplitArray from = session.add_array(std::span(values)), to = session.add_array(std::span(next));
        for (int step = 0; step < 3; ++step) {
            records.push_back(session.launch(
                "step", {{{blocks}, {threads}, 0}, 0, {3, 2}},
                {SplitArgument::whole(from), SplitArgument::output(to, threads * sizeof(int))}));
            std::swap(from, to);
            std::vector<int> after(elements);
            for (unsigned i = 0; i < elements; ++i) after[i] = expected[(i + 5) % elements] + 1;
            expected = after;
        }
        session.fetch(from);
        EXPECT_EQ(from.index == 0 ? values : next, expected);
        return records;
    }
    static constexpr std::size_t first_bytes = 6 * threads * sizeof(int),
                                 second_bytes = 4 * threads * sizeof(int);
};

TEST_F(CudaSplit, CopiesDirectlyBetweenDevices) {
    control().has_peers = true;
    for (const SplitRecord& record : steps({})) {
        EXPECT_EQ(record.shares[0].blocks, 6U);
        EXPECT_EQ(record.shares[1].blocks, 4U);
        EXPECT_EQ(record.shares[0].staged_bytes + record.shares[1].staged_bytes, 0U);
        if (record.shares[0].host_bytes != 0) continue;  // the first, which the host fed
        EXPECT_EQ(record.shares[0].peer_bytes, second_bytes);
        EXPECT_EQ(record.shares[1].peer_bytes, first_bytes);
    }
    EXPECT_EQ(control().calls("cuMemcpyPeerAsync"), 4U);
}

TEST_F(CudaSplit, CopiesThroughTheHostElsewhere) {
    const auto expect_staged = [](const std::vector<SplitRecord>& records) {
        EXPECT_EQ(records.back().shares[0].staged_bytes, second_bytes);
        EXPECT_EQ(records.back().shares[1].staged_bytes, first_bytes);
        EXPECT_EQ(records.back().shares[0].peer_bytes, 0U);
    };
    expect_staged(steps({}));
    control().has_peers = true;
    drop_devices();
    expect_staged(steps({.uses_peer_copies = false}));
    EXPECT_EQ(control().calls("cuMemcpyPeerAsync"), 0U);
}

TEST_F(CudaSplit, SaysWhenPinnedMemoryIsShort) {
    control().fail("cuMemHostAlloc", 2, 2);  // after those of the two queues
    bool is_told = false;
    for (const SplitRecord& record : steps({}))
        for (const std::string& note : record.notes)
            is_told |= note.find("pageable memory") != std::string::npos;
    EXPECT_TRUE(is_told);
}

TEST_F(CudaSplit, GoesOnWithOneOfTwo) {
    const auto healthy = control().kernels["step"].run;
    std::atomic<bool> has_failed{false};
    control().kernels["step"].run = [&](const CudaLaunch& launch) {
        // One of the two dies of an illegal address, the other one works on.
        return has_failed.exchange(true) ? healthy(launch) : 700;
    };
    std::vector<int> values(elements, 7), next(elements);
    {
        SplitSession session({Device(devices().at(0)), Device(devices().at(1))}, program());
        const SplitArray in = session.add_array(std::span(values)), out = session.add_array(std::span(next));
        const SplitRecord record =
            session.launch("step", {{{blocks}, {threads}, 0}, 0, {1, 1}},
                           {SplitArgument::whole(in), SplitArgument::output(out, threads * sizeof(int))});
        EXPECT_NE(record.shares[0].has_failed, record.shares[1].has_failed);
        EXPECT_EQ(record.shares[0].blocks + record.shares[1].blocks, blocks);
        session.fetch(out);
    }
    EXPECT_EQ(next, std::vector<int>(elements, 8));
}

}  // namespace
}  // namespace heddle::cuda::testing
