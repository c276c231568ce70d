// Cases on warp operations.
#include <array>
#include <bit>
#include <numeric>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

enum Kind { idx, up, down, exclusive };

// The lane of its warp that lane `lane` reads, as CUDA defines it.
unsigned source_lane(Kind kind, unsigned lane, int operand, unsigned width) {
    const unsigned first = lane & ~(width - 1), within = lane & (width - 1),
                   o = static_cast<unsigned>(operand);
    switch (kind) {
        case idx:
            return first + (o & (width - 1));
        case up:
            return within >= o ? lane - o : lane;
        case down:
            return within + o < width ? lane + o : lane;
        default: {
            // reading above the own segment gives the own value; below it is allowed
            const unsigned other = lane ^ o;
            return other < first + width ? other & 31 : lane;
        }
    }
}

template <class T>
void shuffles(Context& t, Kind kind) {
    const auto in = t.random_bits<T>(128);
    Buffer input = t.upload(in), out = t.zeros<T>(128);
    const std::string name = fmt::format("shuffle<{}, {}>", type_name<T>(), static_cast<int>(kind));
    for (const unsigned width : {1u, 2u, 4u, 8u, 16u, 32u})
        for (int operand = 0; operand < 32; operand += operand < 5 ? 1 : 3) {
            t.launch(name, {1}, {128}, input, out, operand, static_cast<int>(width));
            std::vector<T> want(128);
            for (unsigned i = 0; i < 128; ++i)
                want[i] = in[(i & ~31u) + source_lane(kind, i & 31, operand, width)];
            t.equal(t.download<T>(out), want, fmt::format("{} by {} in {}", name, operand, width));
            if (!t.failures().empty()) return;
        }
}

void shuffle_constant_width(Context& t) {
    const auto in = t.uniform<int>(96, -1000, 1000);
    Buffer out = t.zeros<int>(96);
    t.launch("shuffle_constant_width", {1}, {96}, t.upload(in), out);
    std::vector<int> v(in);
    const auto step = [&](Kind kind, int operand, unsigned width) {
        const std::vector<int> old(v);
        for (unsigned i = 0; i < 96; ++i) v[i] += old[(i & ~31u) + source_lane(kind, i & 31, operand, width)];
    };
    step(exclusive, 1, 32);
    step(down, 4, 8);
    step(up, 3, 16);
    step(idx, 2, 4);
    t.equal(t.download<int>(out), v, "shuffles");
}

void shuffle_any(Context& t) {
    for (const int width : {32, 8}) {
        const auto in = t.random_bits<int>(256), from = t.uniform<int>(256, -40, 70);
        Buffer out = t.zeros<int>(256);
        t.launch("shuffle_any", {2}, {128}, t.upload(in), t.upload(from), out, width);
        std::vector<int> want;
        for (unsigned i = 0; i < 256; ++i)
            want.push_back(in[(i & ~31u) + source_lane(idx, i & 31, from[i], static_cast<unsigned>(width))]);
        t.equal(t.download<int>(out), want, "each lane asks another");
    }
}

void shuffle_partial(Context& t) {
    for (const std::uint32_t n : {1u, 5u, 31u, 33u, 50u, 95u}) {
        const auto in = t.uniform<int>(n, -1000, 1000);
        for (const std::uint32_t threads : {n, (n + 31) / 32 * 32}) {
            Buffer out = t.zeros<int>(n);
            t.launch("shuffle_partial", {1}, {threads}, t.upload(in), out, static_cast<int>(n));
            std::vector<int> want;
            for (unsigned i = 0; i < n; ++i) {
                const unsigned there = std::min(32u, n - (i & ~31u));
                want.push_back(in[(i & ~31u) + ((i & 31) + 1) % there] + in[i]);
            }
            t.equal(t.download<int>(out), want, fmt::format("{} of {} threads", n, threads));
        }
    }
}

void shuffle_divergent(Context& t) {
    const auto in = t.uniform<int>(64, -1000, 1000);
    Buffer out = t.zeros<int>(64);
    t.launch("shuffle_divergent", {1}, {64}, t.upload(in), out);
    std::vector<int> want;
    for (unsigned i = 0; i < 64; ++i) want.push_back(i & 1 ? in[i ^ 2] : in[(i & ~31u) + ((i + 4) & 31)] + 1);
    t.equal(t.download<int>(out), want, "both sides");
}

void shuffle_in_loop(Context& t) {
    const auto in = t.uniform<int>(64, -100, 100);
    Buffer out = t.zeros<int>(64);
    t.launch("shuffle_in_loop", {1}, {64}, t.upload(in), out);
    std::vector<int> v(64);
    for (std::size_t w = 0; w < 64; w += 32)
        for (std::size_t i = 0; i < 32; ++i) v[w + i] = std::accumulate(&in[w], &in[w] + 32, 0);
    for (int k = 0; k < (in[0] & 3) + 2; ++k) {
        const std::vector<int> old(v);
        for (std::size_t i = 0; i < 64; ++i) {
            const std::size_t other = i ^ static_cast<std::size_t>(k + 1);
            v[i] = static_cast<int>(static_cast<unsigned>(old[i]) * 3u + static_cast<unsigned>(old[other]) +
                                    static_cast<unsigned>(other));
        }
    }
    t.equal(t.download<int>(out), v, "loop");
}

void warp_sum_float(Context& t) {
    std::vector<float> in;
    for (const int v : t.uniform<int>(100, -1000, 1000)) in.push_back(static_cast<float>(v));
    Buffer out = t.zeros<float>(100);
    t.launch("warp_sum_float", {1}, {128}, t.upload(in), out, 100);
    std::vector<float> want(100), padded(in);
    padded.resize(128);
    for (std::size_t i = 0; i < 100; ++i)
        want[i] = std::accumulate(padded.begin() + static_cast<std::ptrdiff_t>(i / 32 * 32),
                                  padded.begin() + static_cast<std::ptrdiff_t>(i / 32 * 32 + 32), 0.0f);
    t.equal(t.download<float>(out), want, "sums");
}

void inclusive_scan(Context& t) {
    const auto in = t.uniform<int>(320, -1000, 1000);
    Buffer out = t.zeros<int>(320);
    t.launch("inclusive_scan", {2}, {160}, t.upload(in), out);
    std::vector<int> want(in);
    for (std::size_t i = 0; i < 320; ++i)
        if (i % 32) want[i] += want[i - 1];
    t.equal(t.download<int>(out), want, "scan");
}

void block_reduction(Context& t) {
    for (const std::uint32_t n : {32u, 256u, 1024u}) {
        const auto in = t.uniform<int>(6 * n, -1000, 1000);
        Buffer out = t.zeros<int>(6);
        t.launch("block_reduction", {6}, {n}, t.upload(in), out);
        std::vector<int> want(6);
        for (std::size_t i = 0; i < in.size(); ++i) want[i / n] += in[i];
        t.equal(t.download<int>(out), want, fmt::format("{} threads", n));
    }
}

void shuffles_between_barriers(Context& t) {
    const auto in = t.uniform<unsigned>(192, 0, 1000);
    for (const unsigned rounds : {1u, 2u, 5u}) {
        Buffer out = t.zeros<unsigned>(192);
        t.launch("shuffles_between_barriers", {1}, {24, 8}, t.upload(in), out, static_cast<int>(rounds));
        std::vector<unsigned> v(in.begin(), in.end());
        // What each lane gets that asks for the value of lane `source` of its warp.
        const auto shuffled = [&](auto&& source) {
            std::vector<unsigned> got(v.size());
            for (std::size_t i = 0; i < v.size(); ++i)
                got[i] = v[i / 32 * 32 + source(static_cast<unsigned>(i % 32))];
            return got;
        };
        const auto each = [&](auto&& change) {
            for (std::size_t i = 0; i < v.size(); ++i) change(i);
        };
        for (unsigned r = 0; r < rounds; ++r) {
            auto got = shuffled([](unsigned lane) { return lane < 5 ? lane : lane - 5; });
            each([&](std::size_t i) { v[i] = v[i] * 3 + got[i]; });
            got = shuffled([](unsigned) { return 17u; });
            if (r % 2 == 1) each([&](std::size_t i) { v[i] ^= got[i]; });
            got = shuffled([](unsigned lane) { return lane + 9 > 31 ? lane : lane + 9; });
            each([&](std::size_t i) { v[i] = v[i] * 5 + got[i]; });
            got = shuffled([](unsigned lane) { return lane ^ 20; });
            each([&](std::size_t i) { v[i] -= got[i]; });
            got = shuffled([&](unsigned lane) { return (lane * 7 + r) % 32; });
            each([&](std::size_t i) { v[i] += got[i] + v[i]; });
            got = shuffled([](unsigned lane) { return lane ^ 1; });
            each([&](std::size_t i) { v[i] += i % 32 < 20 ? got[i] : 0; });
            const std::vector<unsigned> tile(v);
            each([&](std::size_t i) { v[i] += tile[191 - i]; });
        }
        t.equal(t.download<unsigned>(out), v, fmt::format("{} rounds", rounds));
    }
}

void shuffle_structures(Context& t) {
    const auto in = t.random_bits<unsigned>(128);
    Buffer out = t.zeros<unsigned>(128);
    t.launch("shuffle_structures", {1}, {64}, t.upload(in), out);
    std::vector<unsigned> want(128);
    for (std::size_t i = 0; i < 64; ++i) {
        want[2 * i] = in[2 * (i ^ 7)];
        want[2 * i + 1] = in[2 * (i % 32 ? i - 1 : i) + 1];
    }
    t.equal(t.download<unsigned>(out), want, "members");
}

unsigned ballot(const std::vector<int>& in, std::size_t warp, const std::function<bool(int)>& truth) {
    unsigned bits = 0;
    for (std::size_t i = warp * 32; i < std::min(in.size(), warp * 32 + 32); ++i)
        bits |= static_cast<unsigned>(truth(in[i])) << i % 32;
    return bits;
}

void votes(Context& t) {
    auto in = t.uniform<int>(160, -1000, 1000);
    for (std::size_t i = 32; i < 64; ++i) in[i] = 5;
    for (std::size_t i = 64; i < 96; ++i) in[i] = -5;
    Buffer out = t.zeros<unsigned>(6 * 160);
    t.launch("votes", {1}, {160}, t.upload(in), out);
    std::vector<unsigned> want(6 * 160);
    for (std::size_t i = 0; i < 160; ++i) {
        const unsigned positive = ballot(in, i / 32, [](int x) { return x > 0; });
        const unsigned odd = ballot(in, i / 32, [](int x) { return x & 1; });
        want[i] = positive;
        want[160 + i] = positive == ~0u;
        want[320 + i] = positive != 0;
        want[480 + i] = 1;
        want[640 + i] = 0;
        want[800 + i] = static_cast<unsigned>(std::popcount(odd & ((1u << i % 32) - 1)));
    }
    t.equal(t.download<unsigned>(out), want, "votes");
}

void votes_partial(Context& t) {
    for (const std::uint32_t n : {1u, 17u, 45u}) {
        const auto in = t.uniform<int>(n, -1000, 1000);
        Buffer out = t.zeros<unsigned>(2 * n);
        t.launch("votes_partial", {1}, {n}, t.upload(in), out, static_cast<int>(n));
        std::vector<unsigned> want;
        for (std::size_t i = 0; i < n; ++i) want.push_back(ballot(in, i / 32, [](int x) { return x > 0; }));
        want.resize(2 * n, 1);
        t.equal(t.download<unsigned>(out), want, fmt::format("{} threads", n));
    }
}

void votes_divergent(Context& t) {
    const auto in = t.uniform<int>(128, -1000, 1000);
    Buffer out = t.zeros<unsigned>(128);
    t.launch("votes_divergent", {1}, {128}, t.upload(in), out);
    std::vector<unsigned> want;
    for (std::size_t i = 0; i < 128; ++i)
        want.push_back(in[i] > 0 ? ballot(in, i / 32, [](int x) { return x > 0 && (x & 1); }) : 0);
    t.equal(t.download<unsigned>(out), want, "ballots");
}

void active(Context& t) {
    const auto in = t.uniform<int>(80, 0, 1000);
    Buffer out = t.zeros<unsigned>(4 * 80);
    t.launch("active", {1}, {80}, t.upload(in), out);
    const auto got = t.download<unsigned>(out);
    std::vector<unsigned> want(3 * 80);
    for (std::size_t i = 0; i < 80; ++i) {
        want[i] = ballot(in, i / 32, [](int) { return true; });
        if (in[i] & 1) want[80 + i] = ballot(in, i / 32, [](int x) { return x & 1; });
        if ((in[i] & 3) == 3) want[160 + i] = ballot(in, i / 32, [](int x) { return (x & 3) == 3; });
        // Where lanes meet again after they parted is left open: a lane counts itself at least, and at most
        // the lanes that come by.
        unsigned most = 0;
        for (int k = 0; k < (in[i] & 7); ++k)
            most +=
                static_cast<unsigned>(std::popcount(ballot(in, i / 32, [=](int x) { return k < (x & 7); })));
        if (got[240 + i] < static_cast<unsigned>(in[i] & 7) || got[240 + i] > most)
            t.fail(fmt::format("lane {} counted {} active lanes in its loop, possible are {} to {}", i,
                               got[240 + i], in[i] & 7, most));
    }
    t.equal(std::vector<unsigned>(got.begin(), got.begin() + 240), want, "active lanes");
}

void elected_leader(Context& t) {
    const auto in = t.uniform<int>(1024, 0, 100000);
    Buffer counter = t.zeros<int>(1), out = t.zeros<int>(1024);
    t.launch("elected_leader", {8}, {128}, t.upload(in), counter, out);
    std::vector<int> want;
    std::ranges::copy_if(in, std::back_inserter(want), [](int x) { return x % 3 == 0; });
    auto got = t.download<int>(out);
    got.resize(want.size());
    std::ranges::sort(got);
    std::ranges::sort(want);
    t.equal(got, want, "compacted");
    t.equal(t.download<int>(counter), {static_cast<int>(want.size())}, "counter");
}

void syncwarp_subsets(Context& t) {
    Buffer out = t.zeros<int>(64);
    t.launch("syncwarp_subsets", {1}, {64}, out);
    std::vector<int> cells(64), want(64);
    std::iota(cells.begin(), cells.end(), 0);
    for (std::size_t w = 0; w < 64; w += 32) {
        for (std::size_t i = 0; i < 16; ++i) cells[w + i] += cells[w + i + 16];
        for (std::size_t i = 0; i < 8; ++i) cells[w + i] += cells[w + i + 8];
    }
    for (std::size_t i = 0; i < 64; ++i) want[i] = cells[i & ~std::size_t{31}] + cells[i];
    t.equal(t.download<int>(out), want, "partial sums");
}

template <class T>
void match(Context& t) {
    std::vector<T> in;
    for (const int v : t.uniform<int>(128, 0, 5)) in.push_back(static_cast<T>(v) * static_cast<T>(1.5));
    if constexpr (sizeof(T) == 8 && std::is_integral_v<T>)
        for (std::size_t i = 0; i < 32; i += 3) in[i] |= T{1} << 40;  // differ in the high half alone
    std::fill(in.begin() + 32, in.begin() + 64, in[32]);
    Buffer any = t.zeros<unsigned>(128), all = t.zeros<unsigned>(128), pred = t.zeros<int>(128);
    t.launch(kernel_name<T>("match"), {1}, {128}, t.upload(in), any, all, pred);
    std::vector<unsigned> want_any(128), want_all(128);
    std::vector<int> want_pred(128);
    for (std::size_t i = 0; i < 128; ++i) {
        for (std::size_t k = 0; k < 32; ++k)
            want_any[i] |= static_cast<unsigned>(in[i / 32 * 32 + k] == in[i]) << k;
        want_pred[i] = want_any[i] == ~0u;
        want_all[i] = want_pred[i] ? ~0u : 0;
    }
    t.equal(t.download<unsigned>(any), want_any, "match_any");
    t.equal(t.download<unsigned>(all), want_all, "match_all");
    t.equal(t.download<int>(pred), want_pred, "match_all's predicate");
}

void match_divergent(Context& t) {
    const auto in = t.uniform<int>(64, 0, 7);
    Buffer out = t.zeros<unsigned>(64);
    t.launch("match_divergent", {1}, {64}, t.upload(in), out);
    std::vector<unsigned> want;
    for (std::size_t i = 0; i < 64; ++i)
        want.push_back(in[i] & 1 ? ballot(in, i / 32, [&](int x) { return x == in[i]; }) : 0);
    t.equal(t.download<unsigned>(out), want, "matches");
}

void reduce(Context& t) {
    const auto in = t.uniform<int>(96, -1000000, 1000000);
    Buffer out = t.zeros<int>(9 * 96);
    t.launch("reduce", {1}, {96}, t.upload(in), out);
    std::vector<int> want(9 * 96);
    for (std::size_t i = 0; i < 96; ++i) {
        const int* first = &in[i / 32 * 32];
        unsigned sum = 0, umin = ~0u, umax = 0, all = ~0u, any = 0, parity = 0;
        for (int k = 0; k < 32; ++k) {
            const auto u = static_cast<unsigned>(first[k]);
            sum += u, umin = std::min(umin, u), umax = std::max(umax, u), all &= u, any |= u, parity ^= u;
        }
        const std::array<unsigned, 9> results{sum,
                                              static_cast<unsigned>(*std::min_element(first, first + 32)),
                                              static_cast<unsigned>(*std::max_element(first, first + 32)),
                                              umin,
                                              umax,
                                              all,
                                              any,
                                              parity,
                                              sum};
        for (std::size_t r = 0; r < 9; ++r) want[r * 96 + i] = static_cast<int>(results[r]);
    }
    t.equal(t.download<int>(out), want, "reductions");
}

void reduce_partial(Context& t) {
    for (const std::uint32_t n : {1u, 13u, 40u}) {
        const auto in = t.uniform<int>(n, -1000, 1000);
        Buffer out = t.zeros<int>(n);
        t.launch("reduce_partial", {1}, {n}, t.upload(in), out, static_cast<int>(n));
        std::vector<int> want;
        for (std::size_t i = 0; i < n; ++i) {
            const auto first = in.begin() + static_cast<std::ptrdiff_t>(i / 32 * 32);
            const auto last =
                in.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(n, i / 32 * 32 + 32));
            want.push_back(std::accumulate(first, last, 0) * 2 + *std::max_element(first, last));
        }
        t.equal(t.download<int>(out), want, fmt::format("{} threads", n));
    }
}

void reduce_divergent(Context& t) {
    const auto in = t.uniform<int>(64, -1000, 1000);
    Buffer out = t.zeros<int>(64);
    t.launch("reduce_divergent", {1}, {64}, t.upload(in), out);
    std::vector<int> want;
    for (std::size_t i = 0; i < 64; ++i) {
        int sum = 0, low = 1 << 30;
        for (std::size_t k = i / 32 * 32; k < i / 32 * 32 + 32; ++k) {
            if (k & 4)
                sum += in[k];
            else
                low = std::min(low, in[k]);
        }
        want.push_back(i & 4 ? sum : -low);
    }
    t.equal(t.download<int>(out), want, "both sides");
}

void lane_numbers(Context& t) {
    Buffer out = t.zeros<unsigned>(160);
    t.launch("lane_numbers", {1}, {80}, out);
    std::vector<unsigned> want;
    for (unsigned i = 0; i < 80; ++i) want.push_back(i % 32);
    for (unsigned i = 0; i < 80; ++i) want.push_back(i % 32 + 3200);
    t.equal(t.download<unsigned>(out), want, "lanes");
}

template <class T>
std::vector<Case> shuffle_cases() {
    return {{"shuffle_index_" + short_name<T>(), [](Context& t) { shuffles<T>(t, idx); }},
            {"shuffle_up_" + short_name<T>(), [](Context& t) { shuffles<T>(t, up); }},
            {"shuffle_down_" + short_name<T>(), [](Context& t) { shuffles<T>(t, down); }},
            {"shuffle_xor_" + short_name<T>(), [](Context& t) { shuffles<T>(t, exclusive); }}};
}

std::vector<Case> cases() {
    std::vector<Case> all{
        {"shuffle_constant_width", shuffle_constant_width},
        {"shuffle_any", shuffle_any},
        {"shuffle_partial", shuffle_partial},
        {"shuffle_divergent", shuffle_divergent},
        {"shuffle_in_loop", shuffle_in_loop},
        {"shuffle_members", shuffle_structures},
        {"warp_sum", warp_sum_float},
        {"inclusive_scan", inclusive_scan},
        {"block_reduction", block_reduction},
        {"shuffles_between_barriers", shuffles_between_barriers},
        {"votes", votes},
        {"votes_partial", votes_partial},
        {"votes_divergent", votes_divergent},
        {"active_mask", active},
        {"elected_leader", elected_leader},
        {"syncwarp_subsets", syncwarp_subsets},
        {"match_32",
         [](Context& t) {
             match<int>(t);
             match<unsigned>(t);
             match<float>(t);
         }},
        {"match_64",
         [](Context& t) {
             match<long long>(t);
             match<unsigned long long>(t);
             match<double>(t);
         }},
        {"match_divergent", match_divergent},
        {"reduce", reduce},
        {"reduce_partial", reduce_partial},
        {"reduce_divergent", reduce_divergent},
        {"lane_numbers", lane_numbers},
    };
    for (const auto& more :
         {shuffle_cases<int>(), shuffle_cases<unsigned>(), shuffle_cases<long long>(),
          shuffle_cases<unsigned long long>(), shuffle_cases<float>(), shuffle_cases<double>()})
        all.insert(all.end(), more.begin(), more.end());
    return all;
}

const Registration topic({"warps", "warps", cases()});

}  // namespace
}  // namespace heddle::conformance
