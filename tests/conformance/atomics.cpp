// Cases on atomics. Final values must equal those of the operations in any order; returned values must be
// those of one order: for contended adds of one, a permutation of 0 .. n - 1.
#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

enum Operation { add, sub, exchange, least, greatest, bit_and, bit_or, bit_xor };

constexpr int cells = 64;

template <class T>
T applied(Operation o, T a, T b) {
    if constexpr (std::is_integral_v<T>) {
        using U = std::make_unsigned_t<T>;
        switch (o) {
            case add:
                return static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
            case sub:
                return static_cast<T>(static_cast<U>(a) - static_cast<U>(b));
            case bit_and:
                return static_cast<T>(a & b);
            case bit_or:
                return static_cast<T>(a | b);
            case bit_xor:
                return static_cast<T>(a ^ b);
            default:
                break;
        }
    }
    switch (o) {
        case add:
            return a + b;
        case least:
            return std::min(a, b);
        case greatest:
            return std::max(a, b);
        default:
            return b;
    }
}

// Can the values `old`, returned by operations `values` on one cell, come from some order that takes `first`
// to `last`? Every state but the last is returned exactly once: as multisets, {old} + {last} == {first} +
// {result of each operation}.
template <class T>
bool is_one_order(Operation o, T first, T last, const std::vector<T>& old, const std::vector<T>& values) {
    std::vector<T> before(old), after{first};
    before.push_back(last);
    for (std::size_t i = 0; i < old.size(); ++i) after.push_back(applied(o, old[i], values[i]));
    std::ranges::sort(before);
    std::ranges::sort(after);
    return before == after;
}

template <class T, Operation O>
void operation(Context& t, bool shared, bool contended) {
    const std::size_t n = contended ? 1500 : 3000;
    std::vector<int> at(n, 17);
    if (!contended) at = t.uniform<int>(n, 0, cells - 1);
    std::vector<T> initial(cells), values(n);
    if constexpr (std::is_floating_point_v<T>) {
        for (T& v : initial) v = static_cast<T>(t.uniform<int>(1, -100, 100)[0]);
        for (T& v : values) v = static_cast<T>(t.uniform<int>(1, 1, 100)[0]) / 4;  // exact in any order
    } else {
        initial = t.random_bits<T>(cells);
        values = t.random_bits<T>(n);
        if (O == bit_and)
            for (T& v : values) v |= static_cast<T>(t.random()() | t.random()() | t.random()());
        if (O == bit_or)
            for (T& v : values) v &= static_cast<T>(t.random()() & t.random()() & t.random()());
    }
    Buffer target = t.upload(initial), old = t.zeros<T>(n);
    const std::string name =
        fmt::format("{}<{}, {}>", shared ? "on_shared" : "on_global", type_name<T>(), static_cast<int>(O));
    if (shared)
        t.launch(name, {1}, {256}, target, t.upload(at), t.upload(values), old, static_cast<int>(n));
    else
        t.over(name, n, target, t.upload(at), t.upload(values), old);
    const auto last = t.download<T>(target), returned = t.download<T>(old);
    for (std::size_t c = 0; c < cells; ++c) {
        std::vector<T> mine, its_values;
        T want = initial[c];
        for (std::size_t i = 0; i < n; ++i) {
            if (at[i] != static_cast<int>(c)) continue;
            mine.push_back(returned[i]);
            its_values.push_back(values[i]);
            want = applied(O, want, values[i]);
        }
        if (O != exchange && !same(last[c], want))
            return t.fail(
                fmt::format("{}: cell {} ends as {}, wanted {}", name, c, shown(last[c]), shown(want)));
        if (!is_one_order<T>(O, initial[c], last[c], mine, its_values))
            return t.fail(fmt::format("{}: the values returned for cell {} are those of no order", name, c));
    }
}

template <class T, Operation O>
void everywhere(Context& t) {
    for (const bool shared : {false, true})
        for (const bool contended : {false, true}) operation<T, O>(t, shared, contended);
}

// Who takes part: whole warps, no lane of a warp, and every mixture.
std::vector<int> some_of(Context& t, std::size_t n) {
    auto takes_part = t.uniform<int>(n, 0, 1);
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t warp = i / 32;
        if (warp % 4 == 0) takes_part[i] = 1;
        if (warp % 4 == 1) takes_part[i] = warp % 8 == 1 ? 0 : i % 32 == warp % 32;
    }
    return takes_part;
}

template <class T, Operation O>
void on_one(Context& t) {
    const std::size_t n = 1000;
    const auto takes_part = some_of(t, n);
    auto values = t.random_bits<T>(n);
    if constexpr (std::is_floating_point_v<T>)
        for (T& v : values) v = static_cast<T>(t.uniform<int>(1, 1, 100)[0]) / 4;  // exact in any order
    if constexpr (O == bit_and)
        for (T& v : values) v |= static_cast<T>(t.random()() | t.random()() | t.random()());
    if constexpr (O == bit_or)
        for (T& v : values) v &= static_cast<T>(t.random()() & t.random()() & t.random()());
    for (const bool of_block : {false, true}) {
        const std::string name = fmt::format("{}<{}, {}>", of_block ? "on_one_of_block" : "on_one",
                                             type_name<T>(), static_cast<int>(O));
        Buffer target = t.filled<T>(8, static_cast<T>(77)), old = t.zeros<T>(n);
        if (of_block)
            t.launch(name, {1}, {160}, target, t.upload(takes_part), t.upload(values), old,
                     static_cast<int>(n));
        else
            t.over(name, n, target, t.upload(takes_part), t.upload(values), old);
        const auto returned = t.download<T>(old);
        std::vector<T> got, applied_values;
        for (std::size_t i = 0; i < n; ++i) {
            if (!takes_part[i]) {
                if (returned[i] != T{})
                    return t.fail(fmt::format("{}: thread {}, which does not take part, wrote", name, i));
                continue;
            }
            got.push_back(returned[i]);
            applied_values.push_back(values[i]);
        }
        const auto last = t.download<T>(target);
        if (!is_one_order<T>(O, static_cast<T>(77), last[5], got, applied_values))
            return t.fail(name + ": the returned values are those of no order");
        t.equal_value(last[4], static_cast<T>(77), "the cell before");
    }
}

template <class T, Operation O>
void same_from_all(Context& t) {
    const std::size_t n = 1000;
    const auto takes_part = some_of(t, n);
    Buffer target = t.filled<T>(8, static_cast<T>(9)), old = t.zeros<T>(n);
    const std::string name = fmt::format("same_from_all<{}, {}>", type_name<T>(), static_cast<int>(O));
    const T value = static_cast<T>(0x123456789abcdef);
    t.over(name, n, target, t.upload(takes_part), value, old);
    const auto returned = t.download<T>(old);
    std::vector<T> got, want;
    T state = 9;
    for (std::size_t i = 0; i < n; ++i) {
        if (!takes_part[i]) continue;
        got.push_back(returned[i]);
        want.push_back(state);
        state = applied(O, state, value);
    }
    std::ranges::sort(got);
    std::ranges::sort(want);
    t.equal(got, want, name + ": returned values, sorted");
    t.equal_value(t.download<T>(target)[5], state, name + ": sum");
}

template <class I>
void bins(Context& t) {
    const std::size_t n = 3001;
    const auto at = t.random_bits<I>(n);
    const auto takes_part = some_of(t, n);
    Buffer counts = t.zeros<int>(256), tickets = t.filled<int>(n, -1), weights = t.zeros<float>(256);
    t.launch(fmt::format("bins<{}>", type_name<I>()), {1}, {256}, t.upload(at), t.upload(takes_part), counts,
             tickets, weights, static_cast<int>(n));
    std::vector<int> want(256), all(256);
    std::vector<std::set<int>> given(256);
    const auto ticket = t.download<int>(tickets);
    for (std::size_t i = 0; i < n; ++i) {
        const auto bin = static_cast<std::size_t>(at[i] & 255);
        ++all[bin];
        if (takes_part[i]) {
            ++want[bin];
            given[bin].insert(ticket[i]);
        } else if (ticket[i] != -1) {
            return t.fail(fmt::format("thread {}, which does not take part, has ticket {}", i, ticket[i]));
        }
    }
    t.equal(t.download<int>(counts), want, "counts");
    std::vector<float> halves;
    for (const int count : all) halves.push_back(0.5f * static_cast<float>(count));
    t.equal(t.download<float>(weights), halves, "weights");
    for (std::size_t bin = 0; bin < 256; ++bin) {
        std::set<int> wanted;
        for (int i = 0; i < want[bin]; ++i) wanted.insert(i);
        if (given[bin] != wanted) return t.fail(fmt::format("the tickets of bin {} are not 0, 1, ...", bin));
    }
}

template <class T>
void tickets(Context& t) {
    const std::size_t n = 3001;
    Buffer target = t.zeros<T>(cells), old = t.zeros<T>(n);
    t.over(fmt::format("on_global<{}, 0>", type_name<T>()), n, target, t.upload(std::vector<int>(n, 3)),
           t.upload(std::vector<T>(n, T(1))), old);
    auto got = t.download<T>(old);
    std::ranges::sort(got);
    t.equal(got, t.iota<T>(n), "returned values, sorted");
    t.equal_value(t.download<T>(target)[3], static_cast<T>(n), "sum");
}

void wrapping(Context& t) {
    const std::size_t n = 1000;
    for (const unsigned limit : {0u, 6u, 999u, 0xffffffffu}) {
        const unsigned long long period = static_cast<unsigned long long>(limit) + 1;
        Buffer target = t.zeros<unsigned>(1), old = t.zeros<unsigned>(n);
        t.over("increment_wrapping", n, target, limit, old);
        std::vector<unsigned> want;
        for (std::size_t i = 0; i < n; ++i) want.push_back(static_cast<unsigned>(i % period));
        std::ranges::sort(want);
        auto got = t.download<unsigned>(old);
        std::ranges::sort(got);
        t.equal(got, want, fmt::format("atomicInc with limit {}", limit));
        t.equal(t.download<unsigned>(target), {static_cast<unsigned>(n % period)}, "after atomicInc");
        target = t.filled<unsigned>(1, limit);
        t.over("decrement_wrapping", n, target, limit, old);
        want.clear();
        for (std::size_t i = 0; i < n; ++i) want.push_back(static_cast<unsigned>(limit - i % period));
        std::ranges::sort(want);
        got = t.download<unsigned>(old);
        std::ranges::sort(got);
        t.equal(got, want, fmt::format("atomicDec with limit {}", limit));
    }
    // above the limit: inc gives 0, dec gives the limit
    Buffer target = t.filled<unsigned>(1, 50), old = t.zeros<unsigned>(1);
    t.over("increment_wrapping", 1, target, 10u, old);
    t.equal(t.download<unsigned>(target), {0}, "atomicInc above the limit");
    target = t.filled<unsigned>(1, 50);
    t.over("decrement_wrapping", 1, target, 10u, old);
    t.equal(t.download<unsigned>(target), {10}, "atomicDec above the limit");
}

void wrapping_shared(Context& t) {
    Buffer out = t.zeros<unsigned>(2);
    t.launch("shared_increment_wrapping", {1}, {150}, out, 6u, 3);
    t.equal(t.download<unsigned>(out), {450 % 7, 6 - 450 % 7}, "shared atomicInc and atomicDec");
}

template <class T>
void claim(Context& t) {
    const std::size_t n = 2000;
    const auto at = t.uniform<int>(n, 0, 299);
    Buffer taken = t.zeros<T>(301),
           winners = t.zeros<int>(301);  // an odd count: halves of a word in the 16-bit case
    t.over(kernel_name<T>("claim"), n, taken, t.upload(at), winners);
    const auto cell = t.download<T>(taken);
    const auto winner = t.download<int>(winners);
    const std::set<int> wanted(at.begin(), at.end());
    for (std::size_t c = 0; c < 301; ++c) {
        const bool asked = wanted.contains(static_cast<int>(c));
        if (asked != (cell[c] != 0) || static_cast<int>(cell[c]) != winner[c])
            return t.fail(fmt::format("cell {} holds {}, its winner is {}", c, shown(cell[c]), winner[c]));
        if (asked && at[static_cast<std::size_t>(winner[c]) - 1] != static_cast<int>(c))
            return t.fail(fmt::format("cell {} was won by a thread that never asked for it", c));
    }
}

void cas_loops(Context& t) {
    auto odd = t.random_bits<unsigned>(700);
    unsigned product = 1;
    for (unsigned& v : odd) product *= v |= 1;
    Buffer target = t.filled<unsigned>(1, 1);
    t.over("cas_multiply", 700, target, t.upload(odd));
    t.equal(t.download<unsigned>(target), {product}, "product");

    const auto values = t.uniform<float>(2000, -1000, 1000);
    Buffer maximum = t.filled<float>(1, -1e30f);
    t.over("cas_float_max", 2000, maximum, t.upload(values));
    t.equal(t.download<float>(maximum), {*std::ranges::max_element(values)}, "maximum");

    std::vector<double> halves;
    for (const int v : t.uniform<int>(900, -1000, 1000)) halves.push_back(v * 0.5);
    Buffer sum = t.zeros<double>(1);
    t.over("cas_double_add", 900, sum, t.upload(halves));
    t.equal(t.download<double>(sum), {std::accumulate(halves.begin(), halves.end(), 0.0)}, "sum");

    Buffer out = t.zeros<unsigned>(20);
    t.launch("cas_shared", {20}, {200}, out);
    t.equal(t.download<unsigned>(out), std::vector<unsigned>(20, 199 * 200), "shared");
}

void try_lock(Context& t) {
    Buffer lock = t.zeros<int>(1), guarded = t.zeros<int>(1);
    t.over("try_lock", 300, lock, guarded);
    t.equal(t.download<int>(guarded), {300}, "guarded counter");
}

void scoped(Context& t) {
    Buffer target = t.zeros<int>(3), sum = t.zeros<double>(1);
    t.launch("scoped", {10}, {70}, target, sum);
    t.equal(t.download<int>(target), {1400, 69, -1}, "scoped");
    t.equal(t.download<double>(sum), {350}, "double");
}

void unused_result(Context& t) {
    Buffer sum = t.zeros<int>(1), fsum = t.zeros<float>(1), bits = t.zeros<unsigned>(1);
    t.launch("unused_result", {30}, {100}, sum, fsum, bits);
    t.equal(t.download<int>(sum), {4500}, "int");
    t.equal(t.download<float>(fsum), {750}, "float");
    unsigned want = 0;
    for (unsigned i = 0; i < 3000; ++i) want ^= i;
    t.equal(t.download<unsigned>(bits), {want}, "xor");
}

void work_queue(Context& t) {
    Buffer next = t.zeros<int>(1), taken = t.zeros<int>(5000);
    t.launch("work_queue", {7}, {90}, next, taken, 5000);
    t.equal(t.download<int>(taken), std::vector<int>(5000, 1), "items");
    t.equal(t.download<int>(next), {5000 + 630}, "counter");
}

void compact(Context& t) {
    const auto in = t.uniform<int>(5000, -1000, 1000);
    Buffer out = t.zeros<int>(5000), count = t.zeros<int>(1);
    t.over("compact", 5000, t.upload(in), out, count);
    std::vector<int> want;
    std::ranges::copy_if(in, std::back_inserter(want), [](int x) { return x > 0; });
    auto got = t.download<int>(out);
    got.resize(static_cast<std::size_t>(t.download<int>(count)[0]));
    std::ranges::sort(got);
    std::ranges::sort(want);
    t.equal(got, want, "positive values");
}

void last_block(Context& t) {
    const auto in = t.uniform<int>(5001, -1000, 1000);
    Buffer partial = t.zeros<int>(40), finished = t.zeros<unsigned>(1), out = t.zeros<int>(1);
    t.launch("last_block_sums", {40}, {128}, t.upload(in), partial, finished, out, 5001);
    t.equal(t.download<int>(out), {std::accumulate(in.begin(), in.end(), 0)}, "sum by the last block");
}

using u32 = unsigned;
using u64 = unsigned long long;

void by_condition(Context& t) {
    const auto in = t.uniform<int>(t.scaled(5003, 70), -1000, 1000);
    Buffer sums = t.zeros<int>(40), seen = t.zeros<int>(40);
    t.over("by_condition", in.size(), t.upload(in), sums, seen);
    std::vector<int> want(40), want_seen(40);
    for (const int x : in) {
        if (x % 3 == 0) continue;
        want[x < 0 ? 1 : 0] += x;
        ++want[x % 2 == 0 ? 3 : 2];
        want_seen[x > 500 ? 1 : 0] = 1;
    }
    t.equal(t.download<int>(sums), want, "sums");
    t.equal(t.download<int>(seen), want_seen, "seen");
}

const Registration topic({"atomics",
                          "atomics",
                          {
                              {"add_i32", everywhere<int, add>},
                              {"add_u32", everywhere<u32, add>},
                              {"add_u64", everywhere<u64, add>},
                              {"add_f32", everywhere<float, add>},
                              {"add_f64", everywhere<double, add>},
                              {"sub_i32", everywhere<int, sub>},
                              {"sub_u32", everywhere<u32, sub>},
                              {"exchange_i32", everywhere<int, exchange>},
                              {"exchange_u32", everywhere<u32, exchange>},
                              {"exchange_u64", everywhere<u64, exchange>},
                              {"exchange_f32", everywhere<float, exchange>},
                              {"min_i32", everywhere<int, least>},
                              {"min_u32", everywhere<u32, least>},
                              {"min_i64", everywhere<long long, least>},
                              {"min_u64", everywhere<u64, least>},
                              {"max_i32", everywhere<int, greatest>},
                              {"max_u32", everywhere<u32, greatest>},
                              {"max_i64", everywhere<long long, greatest>},
                              {"max_u64", everywhere<u64, greatest>},
                              {"and_i32", everywhere<int, bit_and>},
                              {"and_u32", everywhere<u32, bit_and>},
                              {"and_u64", everywhere<u64, bit_and>},
                              {"or_i32", everywhere<int, bit_or>},
                              {"or_u32", everywhere<u32, bit_or>},
                              {"or_u64", everywhere<u64, bit_or>},
                              {"xor_i32", everywhere<int, bit_xor>},
                              {"xor_u32", everywhere<u32, bit_xor>},
                              {"xor_u64", everywhere<u64, bit_xor>},
                              {"tickets",
                               [](Context& t) {
                                   tickets<int>(t);
                                   tickets<u32>(t);
                                   tickets<u64>(t);
                                   tickets<float>(t);
                                   tickets<double>(t);
                               }},
                              {"one_address_i32",
                               [](Context& t) {
                                   on_one<int, add>(t);
                                   on_one<int, sub>(t);
                                   on_one<int, exchange>(t);
                                   on_one<int, least>(t);
                                   on_one<int, greatest>(t);
                                   on_one<int, bit_and>(t);
                                   on_one<int, bit_or>(t);
                                   on_one<int, bit_xor>(t);
                               }},
                              {"one_address_u32",
                               [](Context& t) {
                                   on_one<u32, add>(t);
                                   on_one<u32, sub>(t);
                                   on_one<u32, least>(t);
                                   on_one<u32, greatest>(t);
                               }},
                              {"one_address_u64",
                               [](Context& t) {
                                   on_one<u64, add>(t);
                                   on_one<u64, least>(t);
                                   on_one<u64, greatest>(t);
                                   on_one<u64, bit_and>(t);
                                   on_one<u64, bit_or>(t);
                                   on_one<u64, bit_xor>(t);
                               }},
                              {"one_address_f32", on_one<float, add>},
                              {"one_address_same_value",
                               [](Context& t) {
                                   same_from_all<int, add>(t);
                                   same_from_all<int, sub>(t);
                                   same_from_all<u64, add>(t);
                               }},
                              {"bins_u8", bins<unsigned char>},
                              {"bins_i16", bins<short>},
                              {"bins_i32", bins<int>},
                              {"bins_u64", bins<u64>},
                              {"inc_dec", wrapping},
                              {"inc_dec_shared", wrapping_shared},
                              {"cas_i32", claim<int>},
                              {"cas_u32", claim<u32>},
                              {"cas_u64", claim<u64>},
                              {"cas_u16", claim<unsigned short>},
                              {"cas_loops", cas_loops},
                              {"try_lock", try_lock},
                              {"scopes", scoped},
                              {"unused_result", unused_result},
                              {"work_queue", work_queue},
                              {"compact", compact},
                              {"last_block", last_block},
                              {"by_condition", by_condition},
                          }});

}  // namespace
}  // namespace heddle::conformance
