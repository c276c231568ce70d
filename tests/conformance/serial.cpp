// Cases on loops of scattered accesses, with other numbers of rounds in every lane: the functions of
// kernels/serial_functions.h run on both sides, and loops that write, count, claim, and compute in halves.
#include <algorithm>
#include <array>
#include <cmath>

#include "conformance/case.h"
#include "conformance/kernels/serial_functions.h"

namespace heddle::conformance {
namespace {

using Function = unsigned (*)(const unsigned*, unsigned);

void same_as_host(Context& t, const std::string& name, Function function) {
    const auto table = t.random_bits<unsigned>(serial::table_size);
    const std::size_t n = t.scaled(3001, 200);
    const auto in = t.random_bits<unsigned>(n);
    Buffer out = t.zeros<unsigned>(n);
    t.over("serial_" + name, n, t.upload(table), t.upload(in), out);
    std::vector<unsigned> want;
    for (const unsigned x : in) want.push_back(function(table.data(), x));
    t.equal(t.download<unsigned>(out), want, name);
    t.over("shared_" + name, n, t.upload(table), t.upload(in), out);
    for (std::size_t i = 0; i < n; ++i)
        if (i % 5 == 2) want[i] = 0;
    t.equal(t.download<unsigned>(out), want, name + " on shared memory");
}

/// Rows of random lengths, some empty, with random columns.
struct Sparse {
    std::vector<int> start{0}, column;
    std::size_t rows;
    Sparse(Context& t, std::size_t row_count, int columns) : rows(row_count) {
        for (const int length : t.uniform<int>(rows, -3, 30))
            start.push_back(start.back() + std::max(length, 0));
        column = t.uniform<int>(static_cast<std::size_t>(start.back()), 0, columns - 1);
    }
    template <class Body>
    void each(Body body) const {
        for (std::size_t row = 0; row < rows; ++row)
            for (int k = start[row]; k < start[row + 1]; ++k) body(row, static_cast<std::size_t>(k));
    }
    std::size_t at(std::size_t k) const { return static_cast<std::size_t>(column[k]); }
};

void sparse_rows(Context& t) {
    const Sparse matrix(t, 1001, 500);
    std::vector<float> value, x;
    for (const int v : t.uniform<int>(matrix.column.size(), -50, 50)) value.push_back(static_cast<float>(v));
    for (const int v : t.uniform<int>(500, -50, 50)) x.push_back(static_cast<float>(v));
    Buffer y = t.zeros<float>(matrix.rows);
    t.over("sparse_rows", matrix.rows, t.upload(matrix.start), t.upload(matrix.column), t.upload(value),
           t.upload(x), y);
    std::vector<float> want(matrix.rows);  // small integers: exact
    matrix.each([&](std::size_t row, std::size_t k) { want[row] += value[k] * x[matrix.at(k)]; });
    t.equal(t.download<float>(y), want, "rows");
}

void writes(Context& t) {
    const Sparse lists(t, 1001, 300);
    const auto map = t.uniform<int>(300, 0, 299);
    Buffer list = t.filled<int>(lists.column.size(), -1), bins = t.zeros<int>(300);
    t.over("writes", lists.rows, t.upload(lists.start), t.upload(lists.column), t.upload(map), list, bins);
    std::vector<int> want(lists.column.size(), -1), counts(300);
    lists.each([&](std::size_t, std::size_t k) {
        const int to = map[lists.at(k)];
        if (to % 3 == 0) return;
        want[k] = to;
        ++counts[static_cast<std::size_t>(map[static_cast<std::size_t>(to)])];
    });
    t.equal(t.download<int>(list), want, "lists");
    t.equal(t.download<int>(bins), counts, "bins");
}

void claims(Context& t) {
    const Sparse lists(t, 1001, 3000);
    const auto map = t.uniform<int>(3000, 0, 2999);
    Buffer owner = t.zeros<int>(3000), won = t.zeros<int>(lists.rows);
    t.over("claims", lists.rows, t.upload(lists.start), t.upload(lists.column), t.upload(map), owner, won);
    std::vector<bool> asked(3000);
    lists.each([&](std::size_t, std::size_t k) {
        const auto once = static_cast<std::size_t>(map[lists.at(k)]);
        asked[static_cast<std::size_t>(map[once])] = true;
    });
    std::vector<int> want(lists.rows);
    const auto owners = t.download<int>(owner);
    for (std::size_t cell = 0; cell < 3000; ++cell) {
        if (asked[cell] != (owners[cell] != 0))
            return t.fail(fmt::format("cell {} is owned by {}", cell, owners[cell]));
        if (owners[cell] != 0) ++want[static_cast<std::size_t>(owners[cell]) - 1];
    }
    t.equal(t.download<int>(won), want, "cells won by each thread");
}

void maths(Context& t) {
    const Sparse lists(t, 1001, 500);
    const auto value = t.uniform<float>(500, -3, 3);
    Buffer y = t.zeros<float>(lists.rows);
    t.over("maths", lists.rows, t.upload(lists.start), t.upload(lists.column), t.upload(value), y);
    std::vector<double> want(lists.rows);
    lists.each([&](std::size_t row, std::size_t k) {
        want[row] += std::sin(double{value[lists.at(k)]}) * double{value[lists.at(k) / 2]};
    });
    const auto got = t.download<float>(y);
    for (std::size_t row = 0; row < lists.rows; ++row)
        if (!(std::fabs(double{got[row]} - want[row]) < 1e-4))
            return t.fail(fmt::format("row {} is {}, wanted {}", row, got[row], want[row]));
}

void halves(Context& t) {
    const Sparse lists(t, 1001, 60);
    // Small integers, exact in a half: as bits, 1, 2, 3 and 4.
    const std::array<unsigned short, 4> bits{0x3c00, 0x4000, 0x4200, 0x4400};
    std::vector<unsigned short> value;
    std::vector<int> number;
    for (const int v : t.uniform<int>(60, 0, 3)) {
        value.push_back(bits[static_cast<std::size_t>(v)]);
        number.push_back(v + 1);
    }
    Buffer y = t.zeros<unsigned short>(lists.rows);
    t.over("halves", lists.rows, t.upload(lists.start), t.upload(lists.column), t.upload(value), y);
    std::vector<int> sum(lists.rows), most(lists.rows);
    lists.each([&](std::size_t row, std::size_t k) {
        const std::size_t v = lists.at(k), w = lists.at(v);
        sum[row] += number[v] * number[w];
        most[row] = std::max(most[row], number[v]);
    });
    const auto got = t.download<unsigned short>(y);
    for (std::size_t row = 0; row < lists.rows; ++row) {
        const int want = sum[row] + most[row];
        // A normal half back to its integer; zero is zero.
        const int exponent = (got[row] >> 10) - 15, mantissa = 1024 + (got[row] & 1023);
        const double number_of_row = got[row] == 0 ? 0 : std::ldexp(mantissa, exponent - 10);
        if (number_of_row != want)
            return t.fail(fmt::format("row {} is {}, wanted {}", row, number_of_row, want));
    }
}

std::vector<Case> cases() {
    std::vector<Case> all;
#define CASE(name) all.push_back({#name, [](Context& t) { same_as_host(t, #name, serial::name); }});
    SERIAL_FUNCTIONS(CASE)
#undef CASE
    const std::vector<Case> more{
        {"sparse_rows", sparse_rows}, {"writes", writes}, {"claims", claims}, {"maths", maths},
        {"halves", halves},
    };
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

const Registration topic({"serial", "serial", cases()});

}  // namespace
}  // namespace heddle::conformance
