// Cases over arrays, matrices and images that are read in order: saxpy, nbody, sgemm, stencil, transpose,
// blackscholes, mandelbrot, blur.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "../../../bench/native.h"
#include "case_builder.h"
#include "cases.h"

namespace heddle::tool::bench {

Case saxpy(Scale scale) {
    const std::uint32_t n = by_scale(scale, 1u << 24, 1u << 26);
    constexpr float a = 2.5f;
    Case it{.name = "saxpy", .size = std::to_string(n)};
    it.buffers = {random_floats("x", n, 1), random_floats("y", n, 2)};
    it.steps = {{"saxpy", {blocks_for(n, 256)}, {256}, {n, a, 0_buffer, 1_buffer}}};
    it.work = 12.0 * n / 1e9;
    it.unit = "GB/s";
    it.native_symbol = "bench_saxpy";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_saxpy)>(function)(n, a, memory.at<float>(0), memory.at<float>(1));
    };
    const auto x = contents<float>(it, 0), y = contents<float>(it, 1);
    Expectation expected{.buffer = 1, .relative = 1e-6};
    for (std::size_t i = 0; i < n; ++i) expected.values.push_back(double{a} * double{x[i]} + double{y[i]});
    it.expected.push_back(std::move(expected));
    return it;
}

Case nbody(Scale scale) {
    const std::uint32_t n = by_scale(scale, 4096u, 1u << 16);
    constexpr float softening = 0.01f;
    Case it{.name = "nbody", .size = std::to_string(n)};
    it.buffers = {random_floats("bodies", 4 * n, 3), zeros("accelerations", DType::f32, 4 * n)};
    it.steps = {{"nbody", {n / 256}, {256}, {n, softening, 0_buffer, 1_buffer}}};
    it.work = static_cast<double>(n) * n / 1e9;
    it.unit = "Ginteractions/s";
    it.native_symbol = "bench_nbody";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_nbody)>(function)(n, softening, memory.at<BenchBody>(0), memory.at<BenchBody>(1));
    };
    const auto body = contents<float>(it, 0);
    Expectation expected{.buffer = 1, .relative = 1e-4, .absolute = 1e-4};
    for (const std::size_t i : every(n / 128, n)) {
        double sum[4] = {};
        for (std::size_t k = 0; k < n; ++k) {
            double delta[3], square = double{softening};
            for (std::size_t axis = 0; axis < 3; ++axis) {
                delta[axis] = double{body[4 * k + axis]} - double{body[4 * i + axis]};
                square += delta[axis] * delta[axis];
            }
            const double strength = double{body[4 * k + 3]} / (square * std::sqrt(square));
            for (std::size_t axis = 0; axis < 3; ++axis) sum[axis] += delta[axis] * strength;
        }
        for (std::size_t axis = 0; axis < 4; ++axis) {
            expected.indices.push_back(4 * i + axis);
            expected.values.push_back(sum[axis]);
        }
    }
    it.expected.push_back(std::move(expected));
    return it;
}

Case sgemm(Scale scale) {
    const std::uint32_t n = by_scale(scale, 512u, 2048u);
    Case it{.name = "sgemm", .size = fmt::format("{0} x {0} x {0}", n)};
    it.buffers = {random_floats("a", n * n, 4), random_floats("b", n * n, 5), zeros("c", DType::f32, n * n)};
    it.steps = {{"sgemm", {n / 16, n / 16}, {16, 16}, {n, 0_buffer, 1_buffer, 2_buffer}}};
    it.work = 2.0 * n * n * n / 1e9;
    it.unit = "GFLOP/s";
    it.native_symbol = "bench_sgemm";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_sgemm)>(function)(n, memory.at<float>(0), memory.at<float>(1), memory.at<float>(2));
    };
    const auto a = contents<float>(it, 0), b = contents<float>(it, 1);
    Expectation expected{.buffer = 2, .relative = 1e-4};
    for (const std::size_t row : every(n / 73, n)) {
        std::vector<double> sums(n);
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t j = 0; j < n; ++j) sums[j] += double{a[row * n + k]} * double{b[k * n + j]};
        for (std::size_t j = 0; j < n; ++j) expected.indices.push_back(row * n + j);
        expected.values.insert(expected.values.end(), sums.begin(), sums.end());
    }
    it.expected.push_back(std::move(expected));
    return it;
}

Case stencil(Scale scale) {
    // Rows no power of two apart: they would share cache sets.
    const std::uint32_t width = by_scale(scale, 4352u, 8704u), height = by_scale(scale, 4000u, 8000u);
    Case it{.name = "stencil", .size = fmt::format("{} x {}", width, height)};
    it.buffers = {random_floats("input", width * height, 6), zeros("output", DType::f32, width * height)};
    it.steps = {{"stencil", {width / 256, height}, {256, 1}, {width, height, 0_buffer, 1_buffer}}};
    it.work = 8.0 * width * height / 1e9;
    it.unit = "GB/s";
    it.native_symbol = "bench_stencil";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_stencil)>(function)(width, height, memory.at<float>(0), memory.at<float>(1));
    };
    const auto in = contents<float>(it, 0);
    Expectation expected{.buffer = 1, .relative = 1e-5};
    for (std::size_t i = 0; i < in.size(); ++i) {
        const std::size_t x = i % width, y = i / width;
        const bool border = x == 0 || y == 0 || x == width - 1 || y == height - 1;
        expected.values.push_back(border ? double{in[i]}
                                         : 0.5 * double{in[i]} +
                                               0.125 * (double{in[i - 1]} + double{in[i + 1]} +
                                                        double{in[i - width]} + double{in[i + width]}));
    }
    it.expected.push_back(std::move(expected));
    return it;
}

Case transpose(Scale scale) {
    // Rows no power of two apart: they would share cache sets.
    const std::uint32_t width = by_scale(scale, 4128u, 8256u), height = by_scale(scale, 4064u, 8096u);
    Case it{.name = "transpose", .size = fmt::format("{} x {}", width, height)};
    it.buffers = {random_floats("input", width * height, 7), zeros("output", DType::f32, width * height)};
    it.steps = {{"transpose", {width / 32, height / 32}, {32, 8}, {width, height, 0_buffer, 1_buffer}}};
    it.work = 8.0 * width * height / 1e9;
    it.unit = "GB/s";
    it.native_symbol = "bench_transpose";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_transpose)>(function)(width, height, memory.at<float>(0), memory.at<float>(1));
    };
    const auto in = contents<float>(it, 0);
    Expectation expected{.buffer = 1};
    for (std::size_t x = 0; x < width; ++x)
        for (std::size_t y = 0; y < height; ++y) expected.values.push_back(double{in[y * width + x]});
    it.expected.push_back(std::move(expected));
    return it;
}

Case blackscholes(Scale scale) {
    const std::uint32_t n = by_scale(scale, 1u << 19, 1u << 24);
    constexpr float rate = 0.02f, volatility = 0.3f;
    Case it{.name = "blackscholes", .size = std::to_string(n)};
    it.buffers = {random_floats("price", n, 8, 5, 30), random_floats("strike", n, 9, 1, 100),
                  random_floats("years", n, 10, 0.25, 10), zeros("call", DType::f32, n),
                  zeros("put", DType::f32, n)};
    it.steps = {{"blackscholes",
                 {blocks_for(n, 256)},
                 {256},
                 {n, rate, volatility, 0_buffer, 1_buffer, 2_buffer, 3_buffer, 4_buffer}}};
    it.work = n / 1e6;
    it.unit = "Melements/s";
    it.native_symbol = "bench_blackscholes";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_blackscholes)>(function)(n, rate, volatility, memory.at<float>(0),
                                                   memory.at<float>(1), memory.at<float>(2),
                                                   memory.at<float>(3), memory.at<float>(4));
    };
    const auto price = contents<float>(it, 0), strike = contents<float>(it, 1),
               years = contents<float>(it, 2);
    Expectation calls{.buffer = 3, .relative = 1e-4, .absolute = 1e-6};
    Expectation puts{.buffer = 4, .relative = 1e-4, .absolute = 1e-6};
    const auto normal = [](double d) { return 0.5 * std::erfc(-d * std::sqrt(0.5)); };
    for (std::size_t i = 0; i < n; ++i) {
        const double s{price[i]}, k{strike[i]}, t{years[i]}, r{rate}, v{volatility};
        const double spread = v * std::sqrt(t), d1 = (std::log(s / k) + (r + 0.5 * v * v) * t) / spread;
        const double d2 = d1 - spread, discounted = k * std::exp(-r * t);
        calls.values.push_back(s * normal(d1) - discounted * normal(d2));
        puts.values.push_back(discounted * normal(-d2) - s * normal(-d1));
    }
    it.expected = {std::move(calls), std::move(puts)};
    return it;
}

Case mandelbrot(Scale scale) {
    const std::uint32_t width = by_scale(scale, 768u, 4608u), height = by_scale(scale, 640u, 3840u);
    constexpr std::uint32_t limit = 256;
    Case it{.name = "mandelbrot", .size = fmt::format("{} x {}, {} steps", width, height, limit)};
    it.buffers = {zeros("steps", DType::u32, width * height)};
    it.steps = {{"mandelbrot", {width / 16, height / 16}, {16, 16}, {width, height, limit, 0_buffer}}};
    it.unit = "Gsteps/s";
    it.native_symbol = "bench_mandelbrot";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_mandelbrot)>(function)(width, height, limit, memory.at<std::uint32_t>(0));
    };
    // Points near the border of the set escape sooner or later by any rounding.
    Expectation expected{.buffer = 0, .mismatches = 0.02};
    for (std::uint32_t y = 0; y < height; ++y) {
        for (std::uint32_t x = 0; x < width; ++x) {
            const double cx = -2.25 + 3.0 * x / width, cy = -1.25 + 2.5 * y / height;
            double zx = 0, zy = 0;
            std::uint32_t step = 0;
            for (; step < limit && zx * zx + zy * zy < 4.0; ++step) {
                const double next = zx * zx - zy * zy + cx;
                zy = 2 * zx * zy + cy;
                zx = next;
            }
            expected.values.push_back(step);
        }
    }
    it.work = std::accumulate(expected.values.begin(), expected.values.end(), 0.0) / 1e9;
    it.expected.push_back(std::move(expected));
    return it;
}

Case blur(Scale scale) {
    const std::int32_t width = by_scale(scale, 1024, 4096), height = width;
    Case it{.name = "blur", .size = fmt::format("{} x {} RGBA", width, height)};
    // Rings around the middle, and a sum of 1: a smoothing kernel that is no product of two vectors.
    constexpr double ring[3] = {1.0, 0.5, 0.2};
    const auto weight = [&](int i) { return ring[std::max(std::abs(i % 5 - 2), std::abs(i / 5 - 2))]; };
    double sum = 0;
    for (int i = 0; i < 25; ++i) sum += weight(i);
    const std::size_t bytes =
        std::size_t{4} * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    it.buffers = {buffer<float>("weights", DType::f32, 25,
                                [&](std::size_t i) { return weight(static_cast<int>(i)) / sum; }),
                  random_bytes("input", bytes, 11), zeros("output", DType::u8, bytes)};
    it.steps = {{"blur",
                 {static_cast<std::uint32_t>(width / 16), static_cast<std::uint32_t>(height / 16)},
                 {16, 16},
                 {width, height, 0_buffer, 1_buffer, 2_buffer}}};
    it.work = static_cast<double>(width) * height / 1e6;
    it.unit = "Melements/s";
    it.native_symbol = "bench_blur";
    it.native = [=](void* function, const Memory& memory) {
        as<decltype(bench_blur)>(function)(width, height, memory.at<float>(0), memory.at<BenchPixel>(1),
                                           memory.at<BenchPixel>(2));
    };
    const auto weights = contents<float>(it, 0);
    const auto in = contents<unsigned char>(it, 1);
    // A sum that lies on a half may be rounded either way: one level, of a greatest expected one of 100 or
    // more.
    Expectation expected{.buffer = 2, .absolute = 0.01};
    for (const std::size_t row : every(by_scale(scale, 9u, 37u), static_cast<std::size_t>(height))) {
        for (std::int32_t x = 0; x < width; ++x) {
            double value[4] = {0.5, 0.5, 0.5, 0.5};
            for (std::int32_t j = 0; j < 5; ++j) {
                for (std::int32_t i = 0; i < 5; ++i) {
                    const std::int32_t from_y =
                        std::clamp(static_cast<std::int32_t>(row) + j - 2, 0, height - 1);
                    const std::int32_t from_x = std::clamp(x + i - 2, 0, width - 1);
                    const std::size_t from = 4 * static_cast<std::size_t>(from_y * width + from_x);
                    for (std::size_t channel = 0; channel < 4; ++channel)
                        value[channel] +=
                            double{weights[static_cast<std::size_t>(j * 5 + i)]} * in[from + channel];
                }
            }
            for (std::size_t channel = 0; channel < 4; ++channel) {
                expected.indices.push_back(
                    4 * (row * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) + channel);
                expected.values.push_back(std::floor(value[channel]));
            }
        }
    }
    it.expected.push_back(std::move(expected));
    return it;
}

}  // namespace heddle::tool::bench
