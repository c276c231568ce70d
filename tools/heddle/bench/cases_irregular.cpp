// Cases in which threads work together or read where data sends them: reduction, histogram, spmv, scan,
// bitonic, bfs, warpsum; and the list of all cases.
#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

#include "../../../bench/native.h"
#include "../random.h"
#include "case_builder.h"
#include "cases.h"

namespace heddle::tool::bench {

Case reduction(Scale scale) {
    const std::uint32_t n = by_scale(scale, 1u << 25, 1u << 27);
    constexpr std::uint32_t blocks = 1024;
    Case it{.name = "reduction", .size = std::to_string(n)};
    it.buffers = {random_floats("input", n, 12), zeros("partial", DType::f32, blocks),
                  zeros("sum", DType::f32, 1)};
    it.steps = {{"block_sums", {blocks}, {256}, {n, 0_buffer, 1_buffer}},
                {"block_sums", {1}, {256}, {blocks, 1_buffer, 2_buffer}}};
    it.work = 4.0 * n / 1e9;
    it.unit = "GB/s";
    it.native_symbol = "bench_reduction";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_reduction)>(function)(n, memory.at<float>(0), memory.at<float>(2));
    };
    const auto input = contents<float>(it, 0);
    it.expected.push_back(
        {.buffer = 2, .values = {std::accumulate(input.begin(), input.end(), 0.0)}, .relative = 1e-4});
    return it;
}

Case histogram(Scale scale) {
    const std::uint32_t n = by_scale(scale, 1u << 26, 1u << 28), blocks = by_scale(scale, 256u, 1024u);
    Case it{.name = "histogram", .size = std::to_string(n)};
    it.buffers = {random_bytes("data", n, 13), zeros("bins", DType::u32, 256)};
    it.steps = {{"clear", {1}, {256}, {1_buffer}},
                {"histogram", {blocks}, {256}, {n / 4, 0_buffer, 1_buffer}}};
    it.work = n / 1e6;
    it.unit = "Melements/s";
    it.native_symbol = "bench_histogram";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_histogram)>(function)(n, memory.at<unsigned char>(0), memory.at<std::uint32_t>(1));
    };
    Expectation expected{.buffer = 1, .values = std::vector<double>(256)};
    for (const unsigned char value : contents<unsigned char>(it, 0)) expected.values[value] += 1;
    it.expected.push_back(std::move(expected));
    return it;
}

Case spmv(Scale scale) {
    const std::uint32_t rows = by_scale(scale, 1u << 17, 1u << 21);
    std::vector<std::uint32_t> start(rows + 1);
    for (std::uint32_t row = 0; row < rows; ++row)  // 4 to 27 elements a row
        start[row + 1] = start[row] + 4 + static_cast<std::uint32_t>(random_word(14, row) % 24);
    const std::uint32_t elements = start[rows];
    Case it{.name = "spmv", .size = fmt::format("{} rows, {} elements", rows, elements)};
    it.buffers = {
        buffer<std::uint32_t>("row_start", DType::u32, start.size(), [&](std::size_t i) { return start[i]; }),
        buffer<std::uint32_t>("column", DType::u32, elements,
                              [=](std::size_t i) { return random_word(15, i) % rows; }),
        random_floats("value", elements, 16), random_floats("x", rows, 17), zeros("y", DType::f32, rows)};
    it.steps = {{"spmv", {rows / 256}, {256}, {rows, 0_buffer, 1_buffer, 2_buffer, 3_buffer, 4_buffer}}};
    it.work = 2.0 * elements / 1e9;
    it.unit = "GFLOP/s";
    it.native_symbol = "bench_spmv";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_spmv)>(function)(rows, memory.at<std::uint32_t>(0), memory.at<std::uint32_t>(1),
                                           memory.at<float>(2), memory.at<float>(3), memory.at<float>(4));
    };
    const auto column = contents<std::uint32_t>(it, 1);
    const auto value = contents<float>(it, 2), x = contents<float>(it, 3);
    Expectation expected{.buffer = 4, .relative = 1e-5};
    for (std::uint32_t row = 0; row < rows; ++row) {
        double sum = 0;
        for (std::uint32_t k = start[row]; k < start[row + 1]; ++k)
            sum += double{value[k]} * double{x[column[k]]};
        expected.values.push_back(sum);
    }
    it.expected.push_back(std::move(expected));
    return it;
}

Case scan(Scale scale) {
    constexpr std::uint32_t part = 2048, per_block = 8 * part;
    const std::uint32_t n = by_scale(scale, 1u << 24, 1u << 27);
    const std::uint32_t parts = std::max(n / part, per_block);  // the totals fill blocks, with zeros
    Case it{.name = "scan", .size = std::to_string(n)};
    it.buffers = {random_words("input", n, 18),
                  zeros("output", DType::u32, n),
                  zeros("totals", DType::u32, parts),
                  zeros("scanned_totals", DType::u32, parts),
                  zeros("group_totals", DType::u32, per_block),
                  zeros("scanned_group_totals", DType::u32, per_block),
                  zeros("nothing", DType::u32, per_block)};
    it.steps = {{"sum_parts", {n / per_block}, {256}, {0_buffer, 2_buffer}},
                {"sum_parts", {parts / per_block}, {256}, {2_buffer, 4_buffer}},
                {"scan_parts", {1}, {32}, {4_buffer, 6_buffer, 5_buffer}},
                {"scan_parts", {parts / per_block}, {256}, {2_buffer, 5_buffer, 3_buffer}},
                {"scan_parts", {n / per_block}, {256}, {0_buffer, 3_buffer, 1_buffer}}};
    it.work = n / 1e6;
    it.unit = "Melements/s";
    it.native_symbol = "bench_scan";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_scan)>(function)(n, memory.at<std::uint32_t>(0), memory.at<std::uint32_t>(1));
    };
    Expectation expected{.buffer = 1};
    std::uint32_t sum = 0;
    for (const std::uint32_t value : contents<std::uint32_t>(it, 0)) expected.values.push_back(sum += value);
    it.expected.push_back(std::move(expected));
    return it;
}

Case bitonic(Scale scale) {
    const std::uint32_t n = by_scale(scale, 1u << 18, 1u << 24);
    Case it{.name = "bitonic", .size = std::to_string(n)};
    it.buffers = {random_words("input", n, 19), zeros("keys", DType::u32, n)};
    it.steps = {{"sort_runs", {n / 1024}, {512}, {0_buffer, 1_buffer}}};
    for (std::uint32_t size = 2048; size <= n; size *= 2) {
        for (std::uint32_t distance = size / 2; distance >= 1024; distance /= 2)
            it.steps.push_back({"merge_far", {n / 1024}, {512}, {1_buffer, size, distance}});
        it.steps.push_back({"merge_near", {n / 1024}, {512}, {1_buffer, size}});
    }
    it.work = n / 1e6;
    it.unit = "Melements/s";
    it.native_symbol = "bench_bitonic";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_bitonic)>(function)(n, memory.at<std::uint32_t>(0), memory.at<std::uint32_t>(1));
    };
    const auto input = contents<std::uint32_t>(it, 0);
    Expectation expected{.buffer = 1, .values = {input.begin(), input.end()}};
    std::sort(expected.values.begin(), expected.values.end());
    it.expected.push_back(std::move(expected));
    return it;
}

Case bfs(Scale scale) {
    const std::uint32_t vertices = by_scale(scale, 1u << 18, 1u << 22), blocks = by_scale(scale, 64u, 1024u);
    constexpr std::uint32_t degree = 8, unreached = 0xffffffffu;
    std::vector<std::uint32_t> start(vertices + 1), edge(std::size_t{vertices} * degree);
    for (std::uint32_t v = 0; v <= vertices; ++v) start[v] = v * degree;
    for (std::size_t i = 0; i < edge.size(); ++i)  // one edge to the next vertex, so that all are reached
        edge[i] = i % degree == 0 ? static_cast<std::uint32_t>(i / degree + 1) % vertices
                                  : static_cast<std::uint32_t>(random_word(20, i) % vertices);
    std::vector<std::uint32_t> distance(vertices, unreached), frontier{0};
    distance[0] = 0;
    std::uint32_t levels = 0;
    while (!frontier.empty()) {
        std::vector<std::uint32_t> next;
        ++levels;
        for (const std::uint32_t from : frontier)
            for (std::uint32_t k = start[from]; k < start[from + 1]; ++k)
                if (distance[edge[k]] == unreached) {
                    distance[edge[k]] = levels;
                    next.push_back(edge[k]);
                }
        frontier = std::move(next);
    }
    Case it{.name = "bfs", .size = fmt::format("{} vertices, {} edges", vertices, edge.size())};
    it.buffers = {
        buffer<std::uint32_t>("edge_start", DType::u32, start.size(),
                              [&](std::size_t i) { return start[i]; }),
        buffer<std::uint32_t>("edge", DType::u32, edge.size(), [&](std::size_t i) { return edge[i]; }),
        zeros("distance", DType::u32, vertices),
        zeros("frontier", DType::u32, vertices),
        zeros("next", DType::u32, vertices),
        zeros("counts", DType::u32, levels + 1)};
    it.steps = {{"begin", {blocks}, {256}, {vertices, levels, 2_buffer, 3_buffer, 5_buffer}}};
    for (std::uint32_t level = 0; level < levels; ++level) {
        const auto from = static_cast<BufferIndex>(3 + level % 2),
                   to = static_cast<BufferIndex>(4 - level % 2);
        it.steps.push_back(
            {"expand", {blocks}, {256}, {level, 0_buffer, 1_buffer, 2_buffer, from, to, 5_buffer}});
    }
    it.work = static_cast<double>(edge.size()) / 1e6;
    it.unit = "Medges/s";
    it.native_symbol = "bench_bfs";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_bfs)>(function)(vertices, memory.at<std::uint32_t>(0), memory.at<std::uint32_t>(1),
                                          memory.at<std::uint32_t>(2), memory.at<std::uint32_t>(3),
                                          memory.at<std::uint32_t>(4));
    };
    it.expected.push_back({.buffer = 2, .values = {distance.begin(), distance.end()}});
    return it;
}

Case warpsum(Scale scale) {
    const std::uint32_t rows = by_scale(scale, 32768u, 131072u);
    constexpr std::uint32_t columns = 1024;
    Case it{.name = "warpsum", .size = fmt::format("{} x {}", rows, columns)};
    it.buffers = {random_floats("matrix", std::size_t{rows} * columns, 21), zeros("sums", DType::f32, rows)};
    it.steps = {{"warpsum", {rows / 8}, {256}, {columns, 0_buffer, 1_buffer}}};
    it.work = 4.0 * rows * columns / 1e9;
    it.unit = "GB/s";
    it.native_symbol = "bench_warpsum";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_warpsum)>(function)(rows, columns, memory.at<float>(0), memory.at<float>(1));
    };
    const auto matrix = contents<float>(it, 0);
    Expectation expected{.buffer = 1, .relative = 1e-5};
    for (std::size_t row = 0; row < rows; ++row) {
        const auto values = matrix.subspan(row * columns, columns);
        expected.values.push_back(std::accumulate(values.begin(), values.end(), 0.0));
    }
    it.expected.push_back(std::move(expected));
    return it;
}

std::span<const CaseEntry> kernel_cases() {
    static constexpr std::array cases{
        CaseEntry{"saxpy", saxpy},
        CaseEntry{"reduction", reduction},
        CaseEntry{"nbody", nbody},
        CaseEntry{"sgemm", sgemm},
        CaseEntry{"stencil", stencil},
        CaseEntry{"transpose", transpose},
        CaseEntry{"histogram", histogram},
        CaseEntry{"blackscholes", blackscholes},
        CaseEntry{"mandelbrot", mandelbrot},
        CaseEntry{"spmv", spmv},
        CaseEntry{"scan", scan},
        CaseEntry{"bitonic", bitonic},
        CaseEntry{"bfs", bfs},
        CaseEntry{"blur", blur},
        CaseEntry{"warpsum", warpsum},
    };
    return cases;
}

}  // namespace heddle::tool::bench
