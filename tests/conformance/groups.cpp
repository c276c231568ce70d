// Cases on cooperative groups.
#include <array>
#include <bit>
#include <functional>
#include <numeric>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

void tile(Context& t, unsigned size) {
    const unsigned n = 96;
    const auto in = t.uniform<int>(n, -1000, 1000);
    Buffer out = t.zeros<int>(6 * n);
    t.launch(fmt::format("tile<{}>", size), {1}, {n}, t.upload(in), out);
    std::vector<int> want(6 * n);
    for (unsigned i = 0; i < n; ++i) {
        const unsigned first = i / size * size, rank = i % size;
        int sum = 0;
        unsigned positive = 0;
        bool any = false, all = true;
        for (unsigned k = 0; k < size; ++k) {
            const int v = in[first + k];
            sum += v;
            positive |= static_cast<unsigned>(v > 0) << k;
            any |= v > 500;
            all &= v > -500;
        }
        want[i] = static_cast<int>(rank);
        want[n + i] = static_cast<int>(size * 1000 + i / size);
        want[2 * n + i] = sum;
        want[3 * n + i] =
            in[first + size / 2] * 3 + in[rank + 1 < size ? i + 1 : i] * 5 + in[rank ? i - 1 : i] * 7;
        want[4 * n + i] = static_cast<int>(positive * 4 + any * 2u + all);
        want[5 * n + i] = static_cast<int>(n / size);
    }
    t.equal(t.download<int>(out), want, fmt::format("tiles of {}", size));
}

void tile_reduce(Context& t, unsigned size) {
    const unsigned n = 64;
    const auto in = t.uniform<int>(n, -100000, 100000);
    Buffer out = t.zeros<int>(9 * n);
    t.launch(fmt::format("tile_reduce<{}>", size), {1}, {n}, t.upload(in), out);
    std::vector<int> want(9 * n);
    for (unsigned i = 0; i < n; ++i) {
        const auto first = in.begin() + i / size * size, last = first + size, self = in.begin() + i;
        want[i] = std::accumulate(first, last, 0);
        want[n + i] = *std::min_element(first, last);
        want[2 * n + i] = *std::max_element(first, last);
        want[3 * n + i] = std::accumulate(first, last, -1, std::bit_and<>());
        want[4 * n + i] = std::accumulate(first, last, 0, std::bit_or<>());
        want[5 * n + i] = std::accumulate(first, last, 0, std::bit_xor<>());
        want[6 * n + i] = std::accumulate(first, self + 1, 0);
        want[7 * n + i] = std::accumulate(first, self, 0);
        want[8 * n + i] = *std::max_element(first, self + 1);
    }
    t.equal(t.download<int>(out), want, fmt::format("tiles of {}", size));
}

void block_group(Context& t) {
    for (const Dim3 block : {Dim3{7, 5}, Dim3{64}, Dim3{16, 16}}) {
        const auto n = static_cast<int>(block.count());
        Buffer out = t.zeros<int>(6 * block.count());
        t.launch("block_group", {3, 2}, block, out);
        std::vector<int> want;
        for (int b = 0; b < 6; ++b)
            for (int i = 0; i < n; ++i)
                want.push_back((n - 1 - i) * 3 + b % 3 * 100000 + i / static_cast<int>(block.x) * 10000000);
        t.equal(t.download<int>(out), want, "thread_block");
    }
}

void grid_group(Context& t) {
    Buffer out = t.zeros<unsigned long long>(60 * 6);
    t.launch("grid_group", {3, 2}, {10, 6}, out);
    t.equal(t.download<unsigned long long>(out), t.iota<unsigned long long>(360, 360000), "grid_group");
}

void coalesced(Context& t) {
    const std::size_t n = 80;
    const auto in = t.uniform<int>(n, -1000, 1000);
    Buffer out = t.zeros<int>(4 * n);
    t.launch("coalesced", {1}, {80}, t.upload(in), out);
    std::vector<int> want(4 * n, -1);
    for (std::size_t w = 0; w < n; w += 32) {
        std::vector<std::size_t> members;
        int sum = 0;
        for (std::size_t i = w; i < std::min(n, w + 32); ++i)
            if (in[i] > 0) members.push_back(i), sum += in[i];
        for (std::size_t r = 0; r < members.size(); ++r) {
            want[members[r]] = static_cast<int>(r);
            want[n + members[r]] = static_cast<int>(members.size());
            want[2 * n + members[r]] = sum;
            want[3 * n + members[r]] = in[members[0]];
        }
    }
    t.equal(t.download<int>(out), want, "coalesced_threads");
}

void aggregated_atomic(Context& t) {
    const auto in = t.uniform<int>(2048, 0, 100000);
    Buffer counter = t.zeros<int>(1), out = t.zeros<int>(2048);
    t.launch("aggregated_atomic", {16}, {128}, t.upload(in), counter, out);
    std::vector<int> want;
    std::ranges::copy_if(in, std::back_inserter(want), [](int x) { return x % 5 == 1; });
    auto got = t.download<int>(out);
    got.resize(want.size());
    std::ranges::sort(got);
    std::ranges::sort(want);
    t.equal(got, want, "compacted");
}

void dynamic_tiles(Context& t) {
    for (const unsigned size : {1u, 2u, 4u, 8u, 16u, 32u}) {
        const unsigned n = 128;
        const auto in = t.uniform<int>(n, -1000, 1000);
        Buffer out = t.zeros<int>(2 * n);
        t.launch("dynamic_tiles", {1}, {n}, t.upload(in), out, static_cast<int>(size));
        std::vector<int> want(2 * n);
        for (unsigned i = 0; i < n; ++i) {
            want[i] = std::accumulate(in.begin() + i / size * size, in.begin() + i / size * size + size, 0);
            want[n + i] = static_cast<int>(i % size);
        }
        t.equal(t.download<int>(out), want, fmt::format("run-time tiles of {}", size));
    }
}

void partitions(Context& t, std::string_view kernel, int (*label)(int), bool ranks) {
    const std::size_t n = 128;
    const auto in = t.uniform<int>(n, -1000, 1000);
    Buffer out = t.zeros<int>(2 * n);
    t.launch(kernel, {1}, {128}, t.upload(in), out);
    std::vector<int> want(2 * n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = i / 32 * 32; k < i / 32 * 32 + 32; ++k)
            if (label(in[k]) == label(in[i])) {
                want[i] += in[k];
                want[n + i] += !ranks || k < i;
            }
    t.equal(t.download<int>(out), want, kernel);
}

void sub_tiles(Context& t) {
    const auto in = t.random_bits<int>(64);
    Buffer out = t.zeros<int>(128);
    t.launch("sub_tiles", {1}, {64}, t.upload(in), out);
    std::vector<int> want;
    for (int i = 0; i < 64; ++i) want.push_back(i % 8 + 100 * (i % 32 / 8));
    for (std::size_t i = 0; i < 64; ++i) want.push_back(in[i | 7]);
    t.equal(t.download<int>(out), want, "tiles of tiles");
}

void tile_match(Context& t) {
    const auto in = t.uniform<int>(64, 0, 1000);
    Buffer out = t.zeros<unsigned>(64);
    t.launch("tile_match", {1}, {64}, t.upload(in), out);
    std::vector<unsigned> want(64);
    for (std::size_t i = 0; i < 64; ++i)
        for (std::size_t k = 0; k < 16; ++k)
            want[i] |= static_cast<unsigned>((in[i / 16 * 16 + k] & 3) == (in[i] & 3)) << k;
    t.equal(t.download<unsigned>(out), want, "match_any");
}

void reduce_float(Context& t) {
    std::vector<float> in;
    for (const int v : t.uniform<int>(64, -1000, 1000)) in.push_back(static_cast<float>(v) * 0.5f);
    Buffer out = t.zeros<float>(128);
    t.launch("reduce_float", {1}, {64}, t.upload(in), out);
    std::vector<float> want(128);
    for (std::size_t i = 0; i < 64; ++i) {
        const auto first = in.begin() + static_cast<std::ptrdiff_t>(i / 32 * 32);
        want[i] = std::accumulate(first, first + 32, 0.0f);
        want[64 + i] = *std::max_element(first, first + 32);
    }
    t.equal(t.download<float>(out), want, "floats");
}

void reduce_lambda(Context& t) {
    const auto in = t.uniform<int>(64, 1, 1008);
    Buffer out = t.zeros<int>(64);
    t.launch("reduce_lambda", {1}, {64}, t.upload(in), out);
    std::vector<int> want;
    for (std::size_t i = 0; i < 64; ++i) {
        int product = 1;
        for (std::size_t k = 0; k < 32; ++k) product = product * in[i / 32 * 32 + k] % 1009;
        want.push_back(product);
    }
    t.equal(t.download<int>(out), want, "products modulo 1009");
}

void copy_to_shared(Context& t) {
    const auto in = t.random_bits<int>(1024);
    Buffer out = t.zeros<int>(1024);
    t.launch("copy_to_shared", {4}, {256}, t.upload(in), out);
    std::vector<int> want(1024);
    for (std::size_t i = 0; i < 1024; ++i) want[i] = in[i ^ 255];
    t.equal(t.download<int>(out), want, "memcpy_async");
}

void tile_scan(Context& t) {
    const auto in = t.uniform<int>(96, -1000, 1000);
    Buffer out = t.zeros<int>(96);
    t.launch("tile_scan", {1}, {96}, t.upload(in), out);
    std::vector<int> want;
    for (int i = 0; i < 96; ++i)
        want.push_back(std::accumulate(in.begin() + i + 1, in.begin() + i / 32 * 32 + 32, 0));
    t.equal(t.download<int>(out), want, "suffix sums");
}

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const unsigned size : {1u, 2u, 4u, 8u, 16u, 32u})
        all.push_back({fmt::format("tile_{}", size), [=](Context& t) { tile(t, size); }});
    for (const unsigned size : {4u, 8u, 16u, 32u})
        all.push_back({fmt::format("reduce_scan_{}", size), [=](Context& t) { tile_reduce(t, size); }});
    const std::vector<Case> more{
        {"thread_block", block_group},
        {"grid_group", grid_group},
        {"coalesced_threads", coalesced},
        {"aggregated_atomic", aggregated_atomic},
        {"dynamic_tiles", dynamic_tiles},
        {"binary_partition",
         [](Context& t) { partitions(t, "binary_partition", [](int x) { return int{x > 0}; }, false); }},
        {"labeled_partition",
         [](Context& t) { partitions(t, "labeled_partition", [](int x) { return x & 3; }, true); }},
        {"sub_tiles", sub_tiles},
        {"tile_match", tile_match},
        {"reduce_float", reduce_float},
        {"reduce_lambda", reduce_lambda},
        {"memcpy_async", copy_to_shared},
        {"tile_scan", tile_scan},
    };
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

const Registration topic({"groups", "groups", cases()});

}  // namespace
}  // namespace heddle::conformance
