// Cases on tuples: elements of several parts at addresses of every kind.
#include <algorithm>
#include <array>
#include <numeric>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

template <std::size_t Bytes>
using Element = std::array<unsigned char, Bytes>;

std::string instance(std::string_view base, std::string_view type) {
    return std::string(base) + "<" + std::string(type) + ">";
}

template <std::size_t Bytes>
struct Move {
    static void run(Context& t, std::string_view type) {
        const std::size_t n = t.scaled(2011, 70);
        const auto in = t.random_bits<Element<Bytes>>(n);
        std::vector<int> from(n), to(n);
        std::iota(from.begin(), from.end(), 0);
        std::iota(to.begin(), to.end(), 0);
        for (const bool random : {false, true}) {
            if (random) {
                std::shuffle(from.begin(), from.end(), t.random());
                std::shuffle(to.begin(), to.end(), t.random());
            }
            for (const int every : {1, 3}) {
                Buffer out = t.zeros<Element<Bytes>>(n);
                t.over(instance("move", type), n, t.upload(in), t.upload(from), t.upload(to), out, every);
                std::vector<Element<Bytes>> want(n);
                for (std::size_t i = 0; i < n; i += static_cast<std::size_t>(every))
                    want[static_cast<std::size_t>(to[i])] = in[static_cast<std::size_t>(from[i])];
                t.equal(t.download<Element<Bytes>>(out), want, instance("move", type));
            }
        }
    }
};

template <std::size_t Bytes>
struct Rotate {
    static void run(Context& t, std::string_view type) {
        const std::size_t n = t.scaled(2011, 70);
        const auto in = t.random_bits<Element<Bytes>>(n);
        for (const int by : {0, 1, 32, 45}) {
            for (const int every : {1, 5}) {
                Buffer out = t.zeros<Element<Bytes>>(n);
                t.over(instance("rotate", type), n, t.upload(in), out, by, every);
                std::vector<Element<Bytes>> want(n);
                for (std::size_t i = 0; i < n; i += static_cast<std::size_t>(every)) {
                    const std::size_t source = (i + static_cast<std::size_t>(by)) % n;
                    want[source] = in[source];
                }
                t.equal(t.download<Element<Bytes>>(out), want, instance("rotate", type));
            }
        }
    }
};

template <std::size_t Bytes>
struct Clamp {
    static void run(Context& t, std::string_view type) {
        const std::size_t n = t.scaled(997, 70);
        const auto in = t.random_bits<Element<Bytes>>(n);
        for (const int by : {-40, -1, 0, 7, 64}) {
            Buffer out = t.zeros<Element<Bytes>>(n);
            t.over(instance("clamped", type), n, t.upload(in), out, by);
            std::vector<Element<Bytes>> want(n);
            for (std::size_t i = 0; i < n; ++i)
                want[i] = in[static_cast<std::size_t>(
                    std::clamp(static_cast<int>(i) + by, 0, static_cast<int>(n) - 1))];
            t.equal(t.download<Element<Bytes>>(out), want, instance("clamped", type));
        }
    }
};

template <std::size_t Bytes>
struct RowsAndColumns {
    static void run(Context& t, std::string_view type) {
        const auto row = t.random_bits<Element<Bytes>>(32), column = t.random_bits<Element<Bytes>>(32);
        for (const Dim3 block : {Dim3{32, 4}, Dim3{16, 16}, Dim3{16, 3}, Dim3{8, 8}, Dim3{5, 7}}) {
            const std::size_t threads = std::size_t{block.x} * block.y, n = 2 * threads;
            Buffer from_row = t.zeros<Element<Bytes>>(n), from_column = t.zeros<Element<Bytes>>(n);
            t.launch(instance("rows_and_columns", type), {2}, block, t.upload(row), t.upload(column),
                     from_row, from_column);
            std::vector<Element<Bytes>> by_row(n), by_column(n);
            for (std::size_t i = 0; i < n; ++i) {
                by_row[i] = row[i % threads / block.x];
                by_column[i] = column[i % threads % block.x];
            }
            t.equal(t.download<Element<Bytes>>(from_row), by_row, instance("rows_and_columns", type));
            t.equal(t.download<Element<Bytes>>(from_column), by_column, instance("rows_and_columns", type));
        }
    }
};

template <int count>
void neighbours(Context& t) {
    const std::size_t n = t.scaled(1000, 70);
    const auto in = t.uniform<int>(n * count, -1000, 1000);
    Buffer out = t.zeros<int>(n);
    t.over("sum_neighbours<" + std::to_string(count) + ">", n, t.upload(in), out);
    std::vector<int> want(n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < count; ++k) want[i] += in[count * i + k] * (static_cast<int>(k) + 1);
    t.equal(t.download<int>(out), want, "sum_neighbours");
}

template <int step>
void every_nth(Context& t) {
    const std::size_t n = t.scaled(1024, 64) / 32 * 32;
    const auto in = t.uniform<float>((n - 1) * step + 1, -1, 1);
    Buffer out = t.zeros<float>(n);
    t.over("every_nth<" + std::to_string(step) + ">", n, t.upload(in), out);
    std::vector<float> want(n);
    for (std::size_t i = 0; i < n; ++i) want[i] = in[step * i];
    t.equal(t.download<float>(out), want, "every_nth");
}

void from_lane(Context& t) {
    constexpr std::size_t n = 500;
    const auto in = t.random_bits<Element<16>>(n);
    for (const int first : {0, 1, 17, 31}) {
        Buffer out = t.zeros<Element<16>>(n);
        t.over("from_lane", n, t.upload(in), out, first);
        std::vector<Element<16>> want(n);
        for (std::size_t i = 0; i < n; ++i)
            if (static_cast<int>(i % 32) >= first) want[i] = in[i];
        t.equal(t.download<Element<16>>(out), want, "from_lane");
    }
}

void colours(Context& t) {
    for (const Dim3 block : {Dim3{32, 4}, Dim3{16, 16}, Dim3{16, 3}, Dim3{8, 8}, Dim3{20, 5}}) {
        const std::size_t pitch = 3 * (std::size_t{block.x} + 8);  // the last byte is the buffer's last
        const auto picture = t.random_bits<unsigned char>(pitch * block.y);
        const std::size_t row = std::size_t{3} * block.x;
        Buffer sums = t.zeros<int>(row * block.y);
        t.launch("colours", {1}, block, t.upload(picture), static_cast<int>(pitch), sums);
        std::vector<int> want(row * block.y);
        for (std::size_t i = 0; i < want.size(); ++i)
            for (std::size_t k = 0; k < 9; ++k)
                want[i] += static_cast<int>(k + 1) * picture[i / row * pitch + i % row + 3 * k];
        t.equal(t.download<int>(sums), want, "colours");
    }
}

// `Test::run` for every type of the kernels' list, by its bytes.
template <template <std::size_t> class Test>
void each_type(Context& t) {
    Test<1>::run(t, "unsigned char");
    Test<2>::run(t, "short");
    Test<4>::run(t, "int");
    Test<8>::run(t, "double");
    Test<2>::run(t, "uchar2");
    Test<4>::run(t, "uchar4");
    Test<8>::run(t, "short4");
    Test<8>::run(t, "float2");
    Test<16>::run(t, "float4");
    Test<16>::run(t, "int4");
    Test<16>::run(t, "double2");
    Test<12>::run(t, "triple");
    Test<8>::run(t, "mixed");
}

const Registration topic({"tuples",
                          "tuples",
                          {
                              {"move", each_type<Move>},
                              {"rotate", each_type<Rotate>},
                              {"clamped", each_type<Clamp>},
                              {"rows_and_columns", each_type<RowsAndColumns>},
                              {"sum_2_neighbours", neighbours<2>},
                              {"sum_3_neighbours", neighbours<3>},
                              {"sum_4_neighbours", neighbours<4>},
                              {"sum_8_neighbours", neighbours<8>},
                              {"sum_16_neighbours", neighbours<16>},
                              {"every_2nd", every_nth<2>},
                              {"every_3rd", every_nth<3>},
                              {"every_4th", every_nth<4>},
                              {"every_5th", every_nth<5>},
                              {"from_lane", from_lane},
                              {"colours", colours},
                          }});

}  // namespace
}  // namespace heddle::conformance
