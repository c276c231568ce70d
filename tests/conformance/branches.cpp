// Cases on branches that some warps take with all their lanes, and on loads shared with the next lane: the
// functions of kernels/branches_functions.h run on both sides.
#include <limits>

#include "conformance/case.h"
#include "conformance/kernels/branches_functions.h"

namespace heddle::conformance {
namespace {

/// Places where an index of type T may start, around the ends of its range, and bounds near each of them.
template <class T, class Body>
void each_range(Body body) {
    using Limits = std::numeric_limits<T>;
    using Unsigned = typename branches::AsUnsigned<T>::type;
    const auto moved = [](T from, int by) {
        return static_cast<T>(static_cast<Unsigned>(from) + static_cast<Unsigned>(by));
    };
    for (const T first : {T{0}, T{5}, moved(0, -10), moved(0, -150), moved(Limits::max(), -200),
                          moved(Limits::max(), -40), Limits::min()})
        for (const int above : {-1, 0, 1, 31, 32, 45, 63, 64, 96, 1000}) body(first, moved(first, above));
    for (const T bound : {Limits::min(), T{0}, Limits::max()}) body(moved(Limits::max(), -70), bound);
}

template <class T, int step>
void comparisons(Context& t) {
    const std::string name = fmt::format("comparisons<{}, {}>", type_name<T>(), step);
    for (const int block : {64, 50}) {
        const int n = 3 * block;
        const auto in = t.uniform<int>(static_cast<std::size_t>(n), -1000, 1000);
        const Buffer uploaded = t.upload(in);
        const std::size_t outputs = std::size_t{branches::comparison_outputs} * in.size();
        each_range<T>([&](T first, T bound) {
            for (const bool flag : {false, true}) {
                Buffer out = t.zeros<int>(outputs);
                t.launch(name, {3}, {static_cast<std::uint32_t>(block)}, first, bound, flag, uploaded, out,
                         n);
                std::vector<int> want(outputs);
                for (int i = 0; i < n; ++i)
                    branches::comparisons<T, step>(first, bound, flag, in.data(), want.data(), i, n);
                t.equal(t.download<int>(out), want,
                        fmt::format("{} from {} against {}, blocks of {}", name, first, bound, block));
            }
        });
    }
}

template <class T>
void strides(Context& t) {
    const std::string name = fmt::format("strides<{}>", type_name<T>());
    constexpr int n = 150;
    const auto in = t.uniform<int>(n, -100, 1000);
    const Buffer uploaded = t.upload(in);
    each_range<T>([&](T first, T bound) {
        Buffer out = t.zeros<int>(2 * n);
        t.launch(name, {3}, {64}, first, bound, uploaded, out, n);
        std::vector<int> want(2 * n);
        for (int i = 0; i < n; ++i) branches::strides<T>(first, bound, in.data(), want.data(), i, n);
        t.equal(t.download<int>(out), want, fmt::format("{} from {} to {}", name, first, bound));
    });
}

void borders(Context& t) {
    for (const auto& [width, height] :
         {std::pair{1u, 1u}, {3u, 3u}, {64u, 5u}, {96u, 9u}, {100u, 7u}, {161u, 4u}})
        for (const Dim3 block : {Dim3{32, 2}, Dim3{64, 1}, Dim3{16, 4}, Dim3{20, 3}}) {
            const auto in = t.uniform<int>(std::size_t{width} * height, -1000, 1000);
            Buffer out = t.zeros<int>(in.size());
            t.launch("borders", {(width + block.x - 1) / block.x, (height + block.y - 1) / block.y}, block,
                     t.upload(in), out, width, height);
            std::vector<int> want(in.size());
            for (unsigned y = 0; y < height; ++y)
                for (unsigned x = 0; x < width; ++x)
                    branches::borders(in.data(), want.data(), x, y, width, height);
            t.equal(t.download<int>(out), want, fmt::format("{} x {}", width, height));
        }
}

void ways_out(Context& t) {
    constexpr int n = 517;
    auto in = t.uniform<int>(n, -500, 1000);
    for (std::size_t i = 64; i < 128; ++i) in[i] = 100;  // warps that agree
    for (std::size_t i = 256; i < 320; ++i) in[i] = 67;
    for (const int middle : {0, 20, 64, 200, 320, n})
        for (const bool flag : {false, true}) {
            Buffer out = t.zeros<int>(2 * n);
            t.over("ways_out", n, t.upload(in), out, middle, flag);
            std::vector<int> want(2 * n);
            for (int i = 0; i < n; ++i) branches::ways_out(in.data(), want.data(), i, n, middle, flag);
            t.equal(t.download<int>(out), want, fmt::format("middle {}", middle));
        }
}

template <class T, std::size_t count, std::size_t step>
void windows(Context& t) {
    const std::string name = fmt::format("windows<{}, {}, {}>", type_name<T>(), count, step);
    for (const std::size_t n : {std::size_t{256}, std::size_t{77}})
        for (const std::uint32_t block : {128u, 44u}) {
            std::vector<T> in;
            for (const int v : t.uniform<int>(step * (n - 1) + count, 0, 200))
                in.push_back(static_cast<T>(v));
            Buffer up = t.zeros<T>(n), down = t.zeros<T>(n);
            t.launch(name, {(static_cast<std::uint32_t>(n) + block - 1) / block}, {block}, t.upload(in), up,
                     down, static_cast<int>(n));
            std::vector<T> rising(n), falling(n);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t k = 0; k < count; ++k) {
                    rising[i] = static_cast<T>(rising[i] + in[step * i + k] * static_cast<T>(k + 1));
                    falling[i] =
                        static_cast<T>(falling[i] + in[step * (n - 1 - i) + k] * static_cast<T>(k + 2));
                }
            t.equal(t.download<T>(up), rising, name);
            t.equal(t.download<T>(down), falling, name + " downwards");
        }
}

template <class T>
void each_window(Context& t) {
    windows<T, 2, 1>(t);
    windows<T, 3, 1>(t);
    windows<T, 4, 1>(t);
    windows<T, 4, 2>(t);
    windows<T, 8, 3>(t);
}

template <class T>
void each_step(Context& t) {
    comparisons<T, 1>(t);
    comparisons<T, 3>(t);
    comparisons<T, -1>(t);
}

const Registration topic({"branches",
                          "branches",
                          {
                              {"comparisons_i32", each_step<int>},
                              {"comparisons_u32", each_step<unsigned>},
                              {"comparisons_i64", each_step<long long>},
                              {"comparisons_u64", each_step<unsigned long long>},
                              {"strides_i32", strides<int>},
                              {"strides_u32", strides<unsigned>},
                              {"strides_i64", strides<long long>},
                              {"strides_u64", strides<unsigned long long>},
                              {"borders", borders},
                              {"ways_out", ways_out},
                              {"windows_u8", each_window<unsigned char>},
                              {"windows_u16", each_window<unsigned short>},
                              {"windows_u32", each_window<unsigned>},
                              {"windows_u64", each_window<unsigned long long>},
                              {"windows_f32", each_window<float>},
                          }});

}  // namespace
}  // namespace heddle::conformance
