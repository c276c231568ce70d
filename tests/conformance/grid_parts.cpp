// Cases of kernels that run a part of a larger grid (CompileOptions::grid_parts, Queue::launch_part).
#include <array>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

struct Place {
    std::array<unsigned, 3> block, grid_extent;
    friend bool operator==(const Place&, const Place&) = default;
};

void launch_part(Context& t, std::string_view kernel, const LaunchConfig& config, const GridPart& part,
                 const std::vector<Argument>& arguments) {
    t.queue().launch_part(t.kernel(kernel), config, part, arguments);
    t.queue().synchronize();
}

std::vector<Place> places_of(const Dim3& grid, const GridPart& part) {
    std::vector<Place> want(grid.count(), Place{{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}});
    for (unsigned z = part.first.z; z < part.first.z + part.blocks.z; ++z)
        for (unsigned y = part.first.y; y < part.first.y + part.blocks.y; ++y)
            for (unsigned x = part.first.x; x < part.first.x + part.blocks.x; ++x)
                want[x + grid.x * (y + std::size_t{grid.y} * z)] = {{x, y, z}, {grid.x, grid.y, grid.z}};
    return want;
}

// Only the part's blocks run, and they know their place.
void places(Context& t) {
    const Dim3 grid{7, 5, 3};
    for (const GridPart& part :
         {GridPart{{0, 0, 0}, {7, 5, 3}}, GridPart{{0, 0, 0}, {1, 5, 3}}, GridPart{{6, 0, 0}, {1, 5, 3}},
          GridPart{{2, 0, 0}, {3, 5, 3}}, GridPart{{0, 4, 0}, {7, 1, 3}}, GridPart{{0, 1, 0}, {7, 3, 3}},
          GridPart{{0, 0, 1}, {7, 5, 2}}, GridPart{{3, 2, 1}, {2, 2, 1}}, GridPart{{6, 4, 2}, {1, 1, 1}}}) {
        Buffer out = t.filled(grid.count(), Place{{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}});
        launch_part(t, "places", {grid, {33}, 0}, part, {out});
        t.check(t.download<Place>(out) == places_of(grid, part),
                fmt::format("wrong places from block {},{},{}", part.first.x, part.first.y, part.first.z));
    }
}

void ordinary_launch(Context& t) {
    const Dim3 grid{3, 4, 2};
    Buffer out = t.zeros<Place>(grid.count());
    t.launch("places", grid, {32}, out);
    t.check(t.download<Place>(out) == places_of(grid, {{0, 0, 0}, grid}), "wrong places of a whole grid");
    t.launch("no_parameters", {5}, {64});
}

// Parts of odd sizes, one after the other, do what one launch does.
void parts_make_a_whole(Context& t) {
    const unsigned n = 10'007, block = 64, blocks = (n + block - 1) / block;
    const auto in = t.uniform<int>(n, -1000, 1000);
    Buffer from = t.upload(in), out = t.filled(n, -1);
    unsigned first = 0;
    for (const unsigned count : {1U, 2U, 31U, 50U, blocks - 84U}) {
        launch_part(t, "add_index", {{blocks}, {block}, 0}, {{first, 0, 0}, {count}}, {n, from, out});
        first += count;
    }
    std::vector<int> want(in);
    for (unsigned i = 0; i < n; ++i) want[i] += static_cast<int>(i);
    t.equal(t.download<int>(out), want, "add_index");
}

void grid_stride(Context& t) {
    const unsigned n = 20'000, block = 128, blocks = 9, threads = block * blocks;
    const auto in = t.uniform<int>(n, -1000, 1000);
    Buffer from = t.upload(in), out = t.zeros<int>(threads);
    launch_part(t, "strided_sums", {{blocks}, {block}, 0}, {{0, 0, 0}, {4}}, {n, from, out});
    launch_part(t, "strided_sums", {{blocks}, {block}, 0}, {{4, 0, 0}, {5}}, {n, from, out});
    std::vector<int> want(threads);
    for (unsigned i = 0; i < n; ++i) want[i % threads] += in[i];
    t.equal(t.download<int>(out), want, "strided_sums");
}

void everything_beside(Context& t) {
    struct Pair {
        short first;
        long long second;
    };
    const unsigned block = 64, blocks = 12;
    const auto in = t.uniform<int>(std::size_t{block} * blocks, -1000, 1000);
    Buffer from = t.upload(in), out = t.zeros<int>(in.size());
    const Pair pair{-7, 40};
    for (const auto& [first, count] : {std::pair{5U, 7U}, std::pair{0U, 5U}})
        launch_part(t, "everything", {{blocks}, {block}, block * sizeof(int)}, {{first, 0, 0}, {count}},
                    {3, pair, from, -20, out, 5});
    std::vector<int> want(in.size());
    for (unsigned i = 0; i < want.size(); ++i)
        want[i] = in[i / block * block + block - 1 - i % block] + static_cast<int>(i / block) + 3 - 7 + 40 -
                  20 + 5 + 1000;
    t.equal(t.download<int>(out), want, "everything");
}

// The whole grid may be larger than what the device takes at once.
void larger_than_limits(Context& t) {
    const Dim3 grid{1, 1, 200'000};
    Buffer out = t.zeros<Place>(grid.z);
    const GridPart part{{0, 0, 123'456}, {1, 1, 1000}};
    launch_part(t, "places", {grid, {1}, 0}, part, {out});
    const auto got = t.download<Place>(out);
    t.check(got[123'456] == Place{{0, 0, 123'456}, {1, 1, 200'000}}, "first block");
    t.check(got[124'455] == Place{{0, 0, 124'455}, {1, 1, 200'000}}, "last block");
    t.check(got[123'455] == Place{} && got[124'456] == Place{}, "blocks beside the part");
}

void refusals(Context& t) {
    Buffer out = t.zeros<Place>(64);
    const LaunchConfig config{{8, 4, 2}, {32}, 0};
    t.expect_error(ErrorCode::invalid_argument, {"places", "not inside of the grid", "8 x 4 x 2"},
                   [&] { launch_part(t, "places", config, {{5, 0, 0}, {4, 4, 2}}, {out}); });
    t.expect_error(ErrorCode::invalid_argument, {"not inside"},
                   [&] { launch_part(t, "places", config, {{~0U, 0, 0}, {2, 4, 2}}, {out}); });
    t.expect_error(ErrorCode::invalid_argument, {"empty"},
                   [&] { launch_part(t, "places", config, {{0, 0, 0}, {0, 4, 2}}, {out}); });
}

CompileOptions of_grid_parts() {
    CompileOptions options;
    options.grid_parts = true;
    return options;
}

const Registration topic({"grid_parts",
                          "grid_parts",
                          {
                              {"places", places},
                              {"ordinary_launch", ordinary_launch},
                              {"parts_make_a_whole", parts_make_a_whole},
                              {"grid_stride", grid_stride},
                              {"everything_beside", everything_beside},
                              {"larger_than_limits", larger_than_limits},
                              {"refusals", refusals},
                          },
                          of_grid_parts()});

}  // namespace
}  // namespace heddle::conformance
