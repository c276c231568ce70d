// Cases on control flow: the functions of kernels/control_functions.h run on both sides, and control flow
// around barriers, memory and atomics.
#include <array>
#include <bit>

#include "conformance/case.h"
#include "conformance/kernels/control_functions.h"

namespace heddle::conformance {
namespace {

void same_as_host(Context& t, std::string_view name, unsigned (*function)(unsigned)) {
    auto in = t.random_bits<unsigned>(t.scaled(4001, 200));
    for (std::size_t i = 0; i < in.size(); i += 2) in[i] = static_cast<unsigned>(i);  // small ones too
    for (std::size_t i = 64; i < 128; ++i) in[i] = in[64];                            // a warp that agrees
    t.map<unsigned>("control_" + std::string(name), in, function);
}

void barrier_in_loop(Context& t) {
    for (const std::uint32_t n : {1u, 32u, 45u, 256u})
        for (const int rounds : {0, 1, 5}) {
            const auto in = t.uniform<int>(3 * n, -9, 9);
            Buffer out = t.zeros<int>(in.size());
            t.launch("barrier_in_loop", {3}, {n}, t.upload(in), out, rounds);
            std::vector<int> want(in);
            for (std::size_t b = 0; b < 3; ++b)
                for (int r = 0; r < rounds; ++r) {
                    const std::vector<int> old(want);
                    for (std::size_t i = 0; i < n; ++i)
                        want[b * n + i] = old[b * n + i] * 3 + old[b * n + (i + 1) % n];
                }
            t.equal(t.download<int>(out), want, fmt::format("{} threads, {} rounds", n, rounds));
        }
}

void barrier_in_uniform_branch(Context& t) {
    for (const std::uint32_t n : {64u, 100u})
        for (const int mode : {0, 1}) {
            const auto in = t.random_bits<int>(n);
            Buffer out = t.zeros<int>(n);
            t.launch("barrier_in_uniform_branch", {1}, {n}, t.upload(in), out, mode);
            std::vector<int> want(n);
            for (std::size_t i = 0; i < n; ++i)
                want[i] =
                    mode ? in[n - 1 - i] : static_cast<int>(static_cast<unsigned>(in[(i + 7) % n]) + 1u);
            t.equal(t.download<int>(out), want, fmt::format("mode {}", mode));
        }
}

void barrier_between_divergence(Context& t) {
    const std::size_t n = 192;
    const auto in = t.uniform<int>(n, 0, 1000);
    Buffer out = t.zeros<int>(n);
    t.launch("barrier_between_divergence", {1}, {192}, t.upload(in), out);
    std::vector<int> tile(n), sums(n), want(n);
    for (std::size_t i = 0; i < n; ++i) {
        int v = in[i];
        if (v % 3 == 0) {
            for (int k = 0, trips = 0; k < v % 10 && trips < 1000; ++k, ++trips) v += k;
            tile[i] = v;
        } else {
            tile[i] = -v;
        }
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < (i & 7); ++k) sums[i] += tile[(i + k) % n];
    for (std::size_t i = 1; i < n; i += 2) tile[i] = sums[i];
    for (std::size_t i = 0; i < n; ++i) want[i] = tile[i ^ 1] + sums[i];
    t.equal(t.download<int>(out), want, "barriers between divergent code");
}

void tree_reduction(Context& t) {
    for (const std::uint32_t threads : {1u, 2u, 64u, 512u}) {
        const auto in = t.uniform<int>(10007, -1000, 1000);
        Buffer out = t.zeros<int>(7);
        t.launch("tree_reduction", {7}, {threads}, t.upload(in), out, 10007);
        std::vector<int> want(7);
        for (std::size_t i = 0; i < in.size(); ++i) want[i / threads % 7] += in[i];
        t.equal(t.download<int>(out), want, fmt::format("{} threads", threads));
    }
}

void barrier_count(Context& t) {
    for (const std::uint32_t n : {1u, 33u, 150u, 512u}) {
        const auto in = t.uniform<int>(n, -1000, 1000);
        Buffer out = t.zeros<int>(3 * n);
        t.launch("barrier_count", {1}, {n}, t.upload(in), out);
        const auto count = [&](int above) {
            return static_cast<int>(std::ranges::count_if(in, [=](int x) { return x > above; }));
        };
        std::vector<int> want(n, count(0));
        want.resize(2 * n, count(-900) == static_cast<int>(n));
        want.resize(3 * n, count(900) > 0);
        auto got = t.download<int>(out);
        for (std::size_t i = n; i < got.size(); ++i) got[i] = got[i] != 0;
        t.equal(got, want, fmt::format("{} threads", n));
    }
}

void early_exit_before_barrier(Context& t) {
    Buffer out = t.filled<int>(256, -1);
    t.launch("early_exit_before_barrier", {1}, {256}, out);
    std::vector<int> want(256, -1);
    for (int i = 0; i < 160; ++i) want[static_cast<std::size_t>(i)] = (159 - i) * 5;
    t.equal(t.download<int>(out), want, "exited threads");
}

void barrier_keeps_arrays(Context& t) {
    for (const std::uint32_t n : {1u, 32u, 77u, 256u})
        for (const int rounds : {0, 1, 6}) {
            const auto in = t.random_bits<unsigned>(n);
            Buffer out = t.zeros<unsigned>(n);
            t.launch("barrier_keeps_arrays", {1}, {n}, t.upload(in), out, rounds);
            std::vector<unsigned> a(in), b(n, 1), want(n);
            std::vector<std::array<unsigned, 8>> history(n);
            for (int r = 0; r < rounds; ++r) {
                const std::vector<unsigned> tile(a);
                for (std::size_t i = 0; i < n; ++i) {
                    const unsigned c = tile[(i + static_cast<std::size_t>(r) + 1) % n];
                    history[i][c & 7] += static_cast<unsigned>(r) + 1;
                    a[i] = b[i] + c;
                    b[i] = tile[i];
                    if ((a[i] & 3) == 0) history[i][static_cast<std::size_t>(r) & 7] ^= a[i];
                }
            }
            for (std::size_t i = 0; i < n; ++i) {
                want[i] = a[i] * 31 + b[i];
                for (std::size_t k = 0; k < 8; ++k) want[i] = want[i] * 5 + history[i][(k + i) & 7];
            }
            t.equal(t.download<unsigned>(out), want, fmt::format("{} threads, {} rounds", n, rounds));
        }
}

void barriers_by_warp(Context& t) {
    Buffer out = t.filled<int>(160, -1);
    t.launch("barriers_by_warp", {1}, {160}, out);
    const auto ended = [](int i) { return i / 32 == 2 && i % 5 == 4; };
    std::vector<int> first(160, -1);
    for (int i = 0; i < 160; ++i) {
        if (ended(i)) continue;
        const int next = (i + 32) % 160, factor = (next / 32) % 2 != 0 ? 3 : 7;
        first[static_cast<std::size_t>(i)] = (ended(next) ? 0 : next * factor) + ((i / 32) % 2 != 0 ? 0 : 1);
    }
    std::vector<int> want(first);
    for (int i = 0; i < 128; ++i)
        if (!ended(i))
            want[static_cast<std::size_t>(i)] += ended(i ^ 64) ? 0 : first[static_cast<std::size_t>(i ^ 64)];
    t.equal(t.download<int>(out), want, "barriers in different places");
}

void barriers_and_shuffles(Context& t) {
    const auto in = t.uniform<int>(192, -1000, 1000);
    Buffer out = t.filled<int>(192, -1);
    t.launch("barriers_and_shuffles", {1}, {192}, t.upload(in), out);
    std::vector<int> v(in.begin(), in.begin() + 170);
    for (int r = 0; r < 3; ++r) {
        const std::vector<int> before(v);
        for (std::size_t i = 0; i < 170; ++i) v[i] += before[i ^ 1];
        const std::vector<int> pairs(v);
        for (std::size_t i = 0; i < 170; ++i)
            if (i % 32 < 8) v[i] ^= i % 8 == 7 ? pairs[i] : pairs[i + 1];
        const std::vector<int> tile(v);
        const auto odd = static_cast<int>(std::ranges::count_if(v, [](int x) { return (x & 1) != 0; }));
        for (std::size_t i = 0; i < 170; ++i) v[i] += odd + tile[169 - i];
    }
    v.resize(192, -1);
    t.equal(t.download<int>(out), v, "barriers, votes and shuffles");
}

void stores_in_divergent_loop(Context& t) {
    const auto trips = t.uniform<int>(300, 0, 12);
    Buffer out = t.filled<int>(300 * 12, -1);
    t.launch("stores_in_divergent_loop", {3}, {128}, t.upload(trips), out, 12, 300);
    std::vector<int> want(300 * 12, -1);
    for (int i = 0; i < 300; ++i)
        for (int k = 0; k < trips[static_cast<std::size_t>(i)]; ++k)
            if (k != 5) want[static_cast<std::size_t>(i * 12 + k)] = i + k;
    t.equal(t.download<int>(out), want, "stores");
}

void atomics_in_divergence(Context& t) {
    const auto in = t.random_bits<int>(2000);
    Buffer counts = t.zeros<int>(32);
    t.over("atomics_in_divergence", 2000, t.upload(in), counts);
    std::vector<int> want(32);
    for (const int x : in)
        for (int v = x & 1023; v; v >>= 1)
            if (v & 1) ++want[static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(v)) - 1)];
    t.equal(t.download<int>(counts), want, "counts");
}

void branch_by_block(Context& t) {
    const auto mode = t.uniform<int>(40, 0, 3);
    const auto in = t.uniform<int>(40 * 64, -999, 999);
    Buffer out = t.filled<int>(in.size(), -5);
    t.launch("branch_by_block", {40}, {64}, t.upload(mode), t.upload(in), out);
    std::vector<int> want;
    for (std::size_t i = 0; i < in.size(); ++i) {
        const int m = mode[i / 64];
        want.push_back(m == 0 ? in[i] : m == 1 ? -in[i] : m == 2 ? (i % 64 < 10 ? -5 : in[i] * 2) : 9);
    }
    t.equal(t.download<int>(out), want, "by block");
}

void lane_ladder(Context& t) {
    Buffer out = t.zeros<int>(2 * 96);
    t.launch("lane_ladder", {2}, {96}, out);
    std::vector<int> want;
    for (int i = 0; i < 2 * 96; ++i) {
        const int lane = i % 32;
        want.push_back(1000 * (i % 96 / 32) + lane * lane - (31 - lane));
    }
    t.equal(t.download<int>(out), want, "ladder");
}

void dynamically_uniform(Context& t) {
    auto in = t.uniform<int>(1000, 0, 1 << 20);
    for (std::size_t i = 0; i < 512; ++i) in[i] = in[i / 32 * 32];
    t.map<int>("dynamically_uniform", in, [](int v) {
        int r = 0;
        while (v > 0) {
            if (v & 1)
                r += v;
            else
                r ^= v;
            v = v / 2 - 1;
        }
        return r;
    });
}

void fences(Context& t) {
    Buffer flags = t.zeros<int>(1), out = t.zeros<int>(50);
    t.launch("fences", {50}, {64}, flags, out);
    t.equal(t.download<int>(out), std::vector<int>(50, 1), "blocks");
    t.equal(t.download<int>(flags), {1}, "flag");
}

std::vector<Case> cases() {
    std::vector<Case> all;
#define CASE(name) all.push_back({#name, [](Context& t) { same_as_host(t, #name, control::name); }});
    CONTROL_FUNCTIONS(CASE)
#undef CASE
    const std::vector<Case> more{
        {"barrier_in_loop", barrier_in_loop},
        {"barrier_in_uniform_branch", barrier_in_uniform_branch},
        {"barrier_between_divergence", barrier_between_divergence},
        {"tree_reduction", tree_reduction},
        {"barrier_count", barrier_count},
        {"barrier_keeps_arrays", barrier_keeps_arrays},
        {"barriers_by_warp", barriers_by_warp},
        {"barriers_and_shuffles", barriers_and_shuffles},
        {"early_exit_before_barrier", early_exit_before_barrier},
        {"stores_in_divergent_loop", stores_in_divergent_loop},
        {"atomics_in_divergence", atomics_in_divergence},
        {"branch_by_block", branch_by_block},
        {"lane_ladder", lane_ladder},
        {"dynamically_uniform", dynamically_uniform},
        {"fences", fences},
    };
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

const Registration topic({"control", "control", cases()});

}  // namespace
}  // namespace heddle::conformance
