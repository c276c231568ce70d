// Cases on grids and blocks of every shape.
#include <array>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

struct Place {
    std::array<unsigned, 3> thread, block, block_extent, grid_extent;
    unsigned lane, warp_size;
    friend bool operator==(const Place&, const Place&) = default;
};

std::string text(const Dim3& d) {
    return fmt::format("{}x{}x{}", d.x, d.y, d.z);
}

void places(Context& t, Dim3 grid, Dim3 block) {
    Buffer out = t.zeros<Place>(grid.count() * block.count());
    t.launch("places", grid, block, out);
    const auto got = t.download<Place>(out);
    std::size_t i = 0;
    for (unsigned bz = 0; bz < grid.z; ++bz)
        for (unsigned by = 0; by < grid.y; ++by)
            for (unsigned bx = 0; bx < grid.x; ++bx)
                for (unsigned tz = 0, linear = 0; tz < block.z; ++tz)
                    for (unsigned ty = 0; ty < block.y; ++ty)
                        for (unsigned tx = 0; tx < block.x; ++tx, ++linear, ++i)
                            if (!(got[i] == Place{{tx, ty, tz},
                                                  {bx, by, bz},
                                                  {block.x, block.y, block.z},
                                                  {grid.x, grid.y, grid.z},
                                                  linear % 32,
                                                  32}))
                                return t.fail(fmt::format(
                                    "grid {} block {}: thread {},{},{} of block {},{},{} is wrong",
                                    text(grid), text(block), tx, ty, tz, bx, by, bz));
}

void reverse_block(Context& t, Dim3 grid, Dim3 block) {
    const std::size_t threads = block.count();
    const auto in = t.random_bits<int>(grid.count() * threads);
    Buffer out = t.zeros<int>(in.size());
    t.launch("reverse_block", grid, block, t.upload(in), out);
    std::vector<int> want(in.size());
    for (std::size_t i = 0; i < in.size(); ++i)
        want[i] = in[i / threads * threads + threads - 1 - i % threads];
    t.equal(t.download<int>(out), want, "block " + text(block));
}

// Both on one shape: without and with a barrier.
Case shape(Dim3 grid, Dim3 block) {
    return {fmt::format("block_{}", text(block)), [=](Context& t) {
                places(t, grid, block);
                reverse_block(t, grid, block);
            }};
}

void warp_population(Context& t) {
    for (const Dim3 block : {Dim3{1}, Dim3{31}, Dim3{33}, Dim3{7, 5, 3}, Dim3{48, 3}, Dim3{64}}) {
        Buffer out = t.zeros<unsigned>(block.count());
        t.launch("warp_population", {1}, block, out);
        std::vector<unsigned> want;
        for (std::size_t i = 0; i < block.count(); ++i) {
            const std::size_t in_warp = std::min<std::size_t>(32, block.count() - i / 32 * 32);
            want.push_back(in_warp == 32 ? ~0u : (1u << in_warp) - 1);
        }
        t.equal(t.download<unsigned>(out), want, "active lanes of " + text(block));
    }
}

void big_grid(Context& t) {
    const auto blocks = static_cast<std::uint32_t>(t.scaled(200000, 5000));
    Buffer count = t.zeros<unsigned long long>(1);
    t.launch("count_threads", {blocks}, {33}, count);
    t.equal(t.download<unsigned long long>(count), {blocks * 33ull}, "threads");
}

void grid_over_65535_blocks(Context& t) {
    Buffer out = t.zeros<unsigned char>(70001);
    t.launch("touch_blocks", {70001}, {32}, out, 70001u);
    t.equal(t.download<unsigned char>(out), std::vector<unsigned char>(70001, 1), "blocks");
}

void wide_grid_2d(Context& t) {
    Buffer out = t.zeros<unsigned char>(301 * 203);
    t.launch("touch_blocks", {301, 203}, {1}, out, 301u);
    t.equal(t.download<unsigned char>(out), std::vector<unsigned char>(301 * 203, 1), "blocks");
}

void transpose(Context& t) {
    for (const Dim3 block : {Dim3{16, 16}, Dim3{32, 8}, Dim3{8, 32}, Dim3{5, 7}, Dim3{64, 1}, Dim3{1, 64}}) {
        const unsigned width = 101, height = 67;
        const auto in = t.uniform<float>(width * height, -1, 1);
        Buffer out = t.zeros<float>(in.size());
        t.launch("transpose", {(width + block.x - 1) / block.x, (height + block.y - 1) / block.y}, block,
                 t.upload(in), out, static_cast<int>(width), static_cast<int>(height));
        std::vector<float> want(in.size());
        for (std::size_t y = 0; y < height; ++y)
            for (std::size_t x = 0; x < width; ++x) want[x * height + y] = in[y * width + x];
        t.equal(t.download<float>(out), want, "transpose with " + text(block));
    }
}

void volume(Context& t) {
    for (const Dim3 block : {Dim3{8, 8, 4}, Dim3{32, 2, 2}, Dim3{4, 4, 4}, Dim3{3, 5, 7}}) {
        const int nx = 29, ny = 23, nz = 11;
        const auto in = t.uniform<int>(29 * 23 * 11, -1000, 1000);
        Buffer out = t.zeros<int>(in.size());
        t.launch("volume",
                 {(29 + block.x - 1) / block.x, (23 + block.y - 1) / block.y, (11 + block.z - 1) / block.z},
                 block, t.upload(in), out, nx, ny, nz);
        std::vector<int> want(in);
        std::size_t i = 0;
        for (int z = 0; z < nz; ++z)
            for (int y = 0; y < ny; ++y)
                for (int x = 0; x < nx; ++x) want[i++] += x * 10000 + y * 100 + z;
        t.equal(t.download<int>(out), want, "volume with " + text(block));
    }
}

void stencil(Context& t) {
    for (const Dim3 block : {Dim3{16, 16}, Dim3{32, 4}, Dim3{128, 1}, Dim3{9, 9}}) {
        const int width = 75, height = 50;
        const auto in = t.uniform<int>(75 * 50, -99, 99);
        Buffer out = t.zeros<int>(in.size());
        t.launch("stencil", {(75 + block.x - 1) / block.x, (50 + block.y - 1) / block.y}, block, t.upload(in),
                 out, width, height);
        std::vector<int> want;
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                int sum = 0;
                for (int dy = -1; dy <= 1; ++dy)
                    for (int dx = -1; dx <= 1; ++dx)
                        sum += in[static_cast<std::size_t>(std::clamp(y + dy, 0, height - 1) * width +
                                                           std::clamp(x + dx, 0, width - 1))] *
                               (dx + 2 * dy + 4);
                want.push_back(sum);
            }
        t.equal(t.download<int>(out), want, "stencil with " + text(block));
    }
}

void dim3_values(Context& t) {
    Buffer out = t.zeros<unsigned>(6);
    t.launch("dim3_values", {1}, {6, 2, 3}, out);
    t.equal(t.download<unsigned>(out), {5, 1, 3, 1, 6, 3}, "dim3");
}

void launch_bounds(Context& t) {
    Buffer out = t.zeros<int>(3 * 96);
    t.launch("bounded", {3}, {96}, out);
    t.equal(t.download<int>(out), std::vector<int>(3 * 96, 96), "bounded");
    t.equal_value(t.kernel("bounded").info().max_threads, 96u, "max_threads");
    t.expect_error(ErrorCode::launch_failed, {"bounded", "96"}, [&] { t.launch("bounded", {1}, {97}, out); });
}

void empty_kernel(Context& t) {
    t.launch("nothing", {1}, {1});
    t.launch("nothing", {1000}, {1024});
    t.launch("nothing", {3, 4, 5}, {7, 5, 3});
}

// What every device has, and what cases that ask for more are skipped by.
void limits(Context& t) {
    const DeviceLimits& has = t.device().info().limits;
    t.check(has.threads >= 128 && has.threads % has.warp == 0,
            fmt::format("{} threads a block", has.threads));
    t.check(has.block[0] >= 128 && has.block[1] >= 128 && has.block[2] >= 64,
            fmt::format("blocks of {} x {} x {}", has.block[0], has.block[1], has.block[2]));
    t.check(has.grid[0] >= 0x7fffffff && has.grid[1] >= 65535 && has.grid[2] >= 65535,
            fmt::format("grids of {} x {} x {}", has.grid[0], has.grid[1], has.grid[2]));
    t.check(has.shared_bytes >= 16384, fmt::format("{} bytes of shared memory", has.shared_bytes));
    t.equal_value(has.warp, 32u, "lanes a warp");
}

// Rows divide for some of their threads only, and never for their first.
void division_by_row(Context& t) {
    for (const Dim3 block : {Dim3{16, 6}, Dim3{16, 4}, Dim3{32, 3}, Dim3{8, 8}, Dim3{16, 3}}) {
        const std::size_t threads = std::size_t{block.x} * block.y;
        const auto in = t.uniform<int>(threads, 0, 1000);
        Buffer out = t.zeros<int>(threads);
        t.launch("division_by_row", {1}, block, t.upload(in), out);
        std::vector<int> want(threads, -1);
        for (std::size_t i = 0; i < threads; ++i) {
            const int x = static_cast<int>(i % block.x), y = static_cast<int>(i / block.x);
            if (in[i] % 3 != 0 && x % 8 != 0)
                want[i] = (1000 / (y + 1) + 1) * 2 + in[static_cast<std::size_t>(5 % ((31 >> y) | 1))];
        }
        t.equal(t.download<int>(out), want, "division_by_row");
    }
}

const Registration topic({"geometry",
                          "geometry",
                          {
                              shape({1}, {1}),
                              shape({5}, {2}),
                              shape({3}, {31}),
                              shape({3}, {32}),
                              shape({3}, {33}),
                              shape({2}, {63}),
                              shape({4}, {256}),
                              shape({2}, {1000}),
                              shape({3}, {1024}),
                              shape({2, 3}, {16, 16}),
                              shape({3, 2}, {33, 1}),
                              shape({2, 2}, {48, 3}),
                              shape({2, 3, 4}, {7, 5, 3}),
                              shape({3, 2, 2}, {8, 8, 4}),
                              shape({1, 3, 2}, {1, 1, 64}),
                              shape({2, 1, 3}, {1, 32, 1}),
                              shape({2, 2, 2}, {3, 1, 11}),
                              shape({2, 2}, {32, 32}),
                              shape({2}, {64, 2}),
                              shape({2}, {16, 3}),
                              shape({1, 2}, {96, 5, 2}),
                              {"limits", limits},
                              {"warp_population", warp_population},
                              {"big_grid", big_grid},
                              {"grid_over_65535_blocks", grid_over_65535_blocks},
                              {"wide_grid_2d", wide_grid_2d},
                              {"transpose", transpose},
                              {"volume", volume},
                              {"stencil", stencil},
                              {"dim3_values", dim3_values},
                              {"launch_bounds", launch_bounds},
                              {"empty_kernel", empty_kernel},
                              {"division_by_row", division_by_row},
                          }});

}  // namespace
}  // namespace heddle::conformance
